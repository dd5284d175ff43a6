"""Counts time as the field does: working days, duty hours, calendar days and the wall clock.

Specification: domain 3.4 "How time is counted"; decisions 1.15 to 1.18, 1.36, 1.38, 1.42; mechanics 24.
Instants come in with any offset and go out in UTC. Inside, a position in duty time is the microseconds of
duty since the first day of the calendar, so that counting, sharing and resuming are plain sums. No zone is
expected to change its clocks between the first start and the last end of duty; at night it may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, compress, pairwise
from typing import Literal, NamedTuple, assert_never
from zoneinfo import ZoneInfo

from shaoyin.domain.frozen import dataclass

Unit = Literal["wd", "wh", "d", "h", "min"]
Status = Literal["official", "provisional"]
Why = Literal["start", "workday", "makeup", "weekend", "holiday", "clock"]

DUTY = ((time(9), time(12)), (time(14), time(18)))
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
MINUTE = 60_000_000
WITHIN = re.compile(r"(0(?= ?wd)|[1-9][0-9]{0,4}) ?(wd|wh|d|h|min)")
"""`0 wd` is the same day: until the end of duty of the day of the start (domain 4.4)."""


class CalendarMissing(LookupError):  # noqa: N818  the missing year is the news, as in the specification
    """A day of a year was asked for that the calendar does not hold; `year` names it."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year

    def __str__(self) -> str:
        return f"the working calendar has no year {self.year}"


@dataclass(frozen=True, slots=True)
class Within:
    """A length of time as a clerk writes it; the unit decides the way of counting."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Within:
        """`24 h`, `3 wd`: a number from 1 to 99999, of `wd` from 0, and a unit. Raises ValueError for anything else."""
        found = WITHIN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a length of time such as 3 wd, 4 wh, 7 d, 24 h or 30 min")
        unit: Unit = found[2]  # type: ignore[assignment]  # the pattern lets only units through
        return cls(int(found[1]), unit)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the State Council's arrangement: the days off and the weekend days worked instead."""

    year: int
    status: Status
    source: str
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        for day in sorted(self.holidays | self.workdays):
            if day.year != self.year:
                raise ValueError(f"{day} is not a day of {self.year}")
        for day in sorted(self.workdays):
            if day in self.holidays or day.weekday() < 5:
                raise ValueError(f"{day} cannot be a make-up workday: it is a holiday or no weekend day")

    @classmethod
    def assumed(cls, year: int) -> Year:
        """A year nobody has announced: Monday to Friday, flagged (decision 1.42)."""
        return cls(year, "provisional", "Monday to Friday assumed, no notice yet")

    def kind(self, day: date) -> Why:
        if day in self.holidays:
            return "holiday"
        if day.weekday() < 5:
            return "workday"
        return "makeup" if day in self.workdays else "weekend"


class Due(NamedTuple):
    """A deadline and the years it rests on (`2026 official, 2027 provisional`); wall-clock ones rest on none."""

    due_at: datetime
    provisional: bool
    calendar: str


class Step(NamedTuple):
    """One day of a count, to check by hand: days counted for `wd` and `d`, minutes for the other units."""

    day: date
    counted: int
    why: Why


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working time of an area. Raises CalendarMissing where the years leave a gap, ValueError where duty does.

    The years are laid out once, so that a deadline costs a look-up; a changed year is a new calendar.
    """

    zone: str
    years: Mapping[int, Year] = field(hash=False)
    duty: tuple[tuple[time, time], ...] = DUTY
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _spans: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)  # from the first start
    _full: int = field(init=False, repr=False, compare=False)  # duty of one working day
    _first: int = field(init=False, repr=False, compare=False)  # ordinal of the first day
    _before: list[int] = field(init=False, repr=False, compare=False)  # working days before each day
    _starts: list[datetime] = field(init=False, repr=False, compare=False)  # first start of each working day
    _ends: list[datetime] = field(init=False, repr=False, compare=False)  # last end of each working day
    _names: dict[tuple[int, int], tuple[bool, str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone, spans = ZoneInfo(self.zone), tuple(_spans(self.duty))
        days = [date.fromordinal(n) for n in _ordinals(self.years)]
        works = [self.years[day.year].kind(day) in ("workday", "makeup") for day in days]
        workdays = list(compress(days, works))
        derived = {
            "_zone": zone,
            "_spans": spans,
            "_full": sum(end - start for start, end in spans),
            "_first": days[0].toordinal(),
            "_before": list(accumulate(works, initial=0)),
            "_starts": [datetime.combine(day, self.duty[0][0], zone).astimezone(UTC) for day in workdays],
            "_ends": [datetime.combine(day, self.duty[-1][1], zone).astimezone(UTC) for day in workdays],
            "_names": dict(_names(self.years)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def local_day(self, at: datetime) -> date:
        return self._local(at).date()

    def is_workday(self, day: date) -> bool:
        number = self._number(day)
        return self._before[number + 1] > self._before[number]

    def on_duty(self, at: datetime) -> bool:
        """Whether duty minutes run at `at`; lunch is off duty, and so is the very end of duty."""
        local = self._local(at)
        return self.is_workday(local) and any(start <= local.time() < end for start, end in self.duty)

    def within_duty_span(self, at: datetime) -> bool:
        """Between the first start and the last end of a working day; lunch is inside (routing rows 74 and 75)."""
        local = self._local(at)
        return self.is_workday(local) and self.duty[0][0] <= local.time() < self.duty[-1][1]

    def next_start(self, at: datetime) -> datetime:
        """`at` itself on duty, else the next start of duty."""
        return self._instant(self._position(at), ending=0)

    def end_of_duty(self, day: date) -> datetime:
        """The end of duty on `day`, or of the next working day where `day` is none."""
        return self._ends[self._held(self._before[self._number(day)])]

    def due(self, start: datetime, within: Within) -> Due:
        """When `within` from `start` has run out (domain 3.4). Only `wd`, `wh` and `d` ask the calendar."""
        match within.unit:
            case "h" | "min":
                return Due(_utc(start) + _clock(within.amount, within.unit), False, "")
            case "wd" if within.amount == 0:
                return self._due_the_same_day(self._local(start))
            case "wd":
                return self._due_in_workdays(self._local(start), within.amount)
            case "wh":
                due_at = self._instant(self._position(start) + within.amount * 60 * MINUTE, ending=1)
                return Due(due_at, *self._names[self._local(start).year, self._local(due_at).year])
            case "d":
                return self._due_in_days(self._local(start) + within.amount * DAY)
            case _:
                assert_never(within.unit)

    def minutes_between(self, start: datetime, end: datetime, unit: Unit) -> int:
        """Whole minutes, rounded down, negative backwards: of duty for `wd` and `wh`, else of the wall clock."""
        return self._length(start, end, unit) // MINUTE

    def add_minutes(self, start: datetime, minutes: int, unit: Unit) -> datetime:
        """The instant `minutes` after `start`, or before it when negative; inverse of `minutes_between`."""
        return self._moved(start, minutes * MINUTE, unit)

    def share(self, start: datetime, due_at: datetime, unit: Unit, numerator: int, denominator: int) -> datetime:
        """The instant at which that share of the time to `due_at` is used up: 4/5 to remind, 3/2 for due + 50 %."""
        return self._moved(start, self._length(start, due_at, unit) * numerator // denominator, unit)

    def after(self, at: datetime, minutes_left: int, unit: Unit) -> Due:
        """The new deadline when a suspension ends at `at` (decision 1.16).

        Never before the end of duty of the next working day for `wd`. Negative minutes are lateness and stay so.
        """
        return self._granted(at, minutes_left * MINUTE, unit, least=unit == "wd" and minutes_left >= 0)

    def resume(self, due_at: datetime, stopped_at: datetime, resumed_at: datetime, unit: Unit) -> Due:
        """`after`, to the second, from the three instants; a deadline already missed keeps its lateness (1.16)."""
        left = self._length(stopped_at, due_at, unit)
        return self._granted(resumed_at, left, unit, least=unit == "wd" and due_at >= stopped_at)

    def half(self, at: datetime, first_start: datetime, first_due: datetime, unit: Unit) -> Due:
        """The rework deadline from the order at `at`: half the time of the cycle's first T3 (decision 1.17).

        Never before the end of duty of the next working day for `wd` and `d`.
        """
        half = self._length(first_start, first_due, unit) // 2
        return self._granted(at, half, unit, least=unit in ("wd", "d"))

    def arithmetic(self, start: datetime, within: Within) -> tuple[Step, ...]:
        """How `due` counted, day by day; the counts add up to `within`. Days without a count say why."""
        due_at = self.due(start, within).due_at
        first, last = self.local_day(start).toordinal(), self.local_day(due_at - MICROSECOND).toordinal()
        count = self._days_counted if within.unit in ("wd", "d") else self._minutes_counted
        return tuple(count(start, due_at, within, date.fromordinal(n)) for n in range(first, last + 1))

    def minutes_by_day(self, start: datetime, end: datetime, unit: Unit) -> tuple[Step, ...]:
        """The minutes between two instants, day by day, for a count that was paused or halved (decision 1.16)."""
        counted: Unit = "wh" if unit in ("wd", "wh") else "h"
        first, last = self.local_day(start).toordinal(), self.local_day(max(start, end - MICROSECOND)).toordinal()
        days = (date.fromordinal(n) for n in range(first, last + 1))
        return tuple(self._minutes_counted(start, end, Within(1, counted), day) for day in days)

    def _days_counted(self, start: datetime, _due_at: datetime, within: Within, day: date) -> Step:
        passed = (day - self.local_day(start)).days
        if passed == 0:
            return Step(day, 0, "start")
        counts = within.amount > 0 and self.is_workday(day) if within.unit == "wd" else passed <= within.amount
        return Step(day, int(counts), self.years[day.year].kind(day))

    def _minutes_counted(self, start: datetime, due_at: datetime, within: Within, day: date) -> Step:
        began, ended = (min(max(self._midnight(date), start), due_at) for date in (day, day + DAY))
        counted = self.minutes_between(start, ended, within.unit) - self.minutes_between(start, began, within.unit)
        return Step(day, counted, self.years[day.year].kind(day) if within.unit == "wh" else "clock")

    def _due_in_workdays(self, start: datetime, amount: int) -> Due:
        nth = self._held(self._before[self._number(start) + 1] + amount - 1)
        return Due(self._ends[nth], *self._names[(start + DAY).year, self._local(self._ends[nth]).year])

    def _due_the_same_day(self, start: datetime) -> Due:
        """Of a start that is no day of duty, or after its end, the next working day."""
        nth = self._held(self._before[self._number(start)])
        nth = nth if self._ends[nth] > start else self._held(nth + 1)
        return Due(self._ends[nth], *self._names[start.year, self._local(self._ends[nth]).year])

    def _due_in_days(self, last: datetime) -> Due:
        if self.is_workday(last):
            return Due(self._midnight(last + DAY), *self._names[last.year, last.year])
        due_at = self.end_of_duty(last)
        return Due(due_at, *self._names[last.year, self._local(due_at).year])

    def _granted(self, at: datetime, length: int, unit: Unit, *, least: bool) -> Due:
        """`length` from `at`, at `least` until the end of duty of the next working day."""
        due_at = self._moved(at, length, unit)
        if unit not in ("wd", "wh") and not least:
            return Due(due_at, False, "")
        end = self._due_in_workdays(self._local(at), 1).due_at if least else due_at
        asked = (self._local(instant).year for instant in (at, end if unit == "d" else max(due_at, end)))
        first, last = sorted(asked)
        return Due(max(due_at, end), *self._names[first, last])

    def _length(self, start: datetime, end: datetime, unit: Unit) -> int:
        if unit in ("wd", "wh"):
            return self._position(end) - self._position(start)
        return (_utc(end) - _utc(start)) // MICROSECOND

    def _moved(self, start: datetime, length: int, unit: Unit) -> datetime:
        if unit in ("wd", "wh") and length:
            return self._instant(self._position(start) + length, ending=1)
        return _utc(start) + length * MICROSECOND

    def _position(self, at: datetime) -> int:
        nth = self._before[self._number(self._local(at)) + 1] - 1
        if nth < 0:
            return 0
        position = nth * self._full
        passed = (at - self._starts[nth]) // MICROSECOND
        for start, end in self._spans:
            if passed > start:
                position += min(passed, end) - start
        return position

    def _instant(self, position: int, *, ending: Literal[0, 1]) -> datetime:
        """Where two instants share a position (12:00 and 14:00, 18:00 and 09:00): the first if `ending`."""
        nth, rest = divmod(position - ending, self._full)
        for start, end in self._spans:
            if rest < end - start:
                break
            rest -= end - start
        return self._starts[self._held(nth)] + (start + rest + ending) * MICROSECOND

    def _held(self, nth: int) -> int:
        """The number of a working day, if the calendar reaches it."""
        if 0 <= nth < len(self._ends):
            return nth
        raise CalendarMissing(min(self.years) - 1 if nth < 0 else max(self.years) + 1)

    def _number(self, day: date) -> int:
        if day.year not in self.years:
            raise CalendarMissing(day.year)
        return day.toordinal() - self._first

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError(f"{at} has no offset, so it is no instant")
        return at.astimezone(self._zone)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no offset, so it is no instant")
    return at.astimezone(UTC)


@lru_cache(maxsize=1024)
def _clock(amount: int, unit: Literal["h", "min"]) -> timedelta:
    return timedelta(hours=amount) if unit == "h" else timedelta(minutes=amount)


def _spans(duty: tuple[tuple[time, time], ...]) -> Iterator[tuple[int, int]]:
    """Duty in microseconds from its first start; it goes forward, in whole minutes, and never over midnight."""
    if not duty:
        raise ValueError("duty needs a start and an end")
    edges = [edge.hour * 60 + edge.minute for span in duty for edge in span]
    if any(earlier >= later for earlier, later in pairwise(edges)):
        raise ValueError("duty runs backwards, overlaps or stands still")
    if any(edge != time(edge.hour, edge.minute) for span in duty for edge in span):
        raise ValueError("duty starts and ends on a minute, without an offset")
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield (start - edges[0]) * MINUTE, (end - edges[0]) * MINUTE


def _ordinals(years: Mapping[int, Year]) -> range:
    if not years:
        raise ValueError("a calendar needs a year")
    first, last = min(years), max(years)
    for number in range(first, last + 1):
        if number not in years:
            raise CalendarMissing(number)
        if years[number].year != number:
            raise ValueError(f"the data of {years[number].year} stand under {number}")
    return range(date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal())


def _names(years: Mapping[int, Year]) -> Iterator[tuple[tuple[int, int], tuple[bool, str]]]:
    """For each first and last year of a count: whether one is provisional, and all of them by name."""
    for first in years:
        for last in range(first, max(years) + 1):
            used = [years[number] for number in range(first, last + 1)]
            provisional = any(year.status == "provisional" for year in used)
            yield (first, last), (provisional, ", ".join(f"{year.year} {year.status}" for year in used))
