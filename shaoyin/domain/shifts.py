"""The shifts of a post: who is due on which days, from when to when, over midnight too (NM-22, DX-20).

They say who is told first, never who may act: every holder and stand-in may, on duty or off (decisions 2.25).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from shaoyin.domain.calendar import DAY, Calendar, Year
from shaoyin.domain.frozen import dataclass

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHILE = 14
"""Days. Beyond the calendar shifts repeat themselves by the week, so whatever overlaps does so within two."""


@dataclass(frozen=True, slots=True)
class Shift:
    """`days` are those on which it begins; none means every day. It ends on the next day where `end` is not after
    `begin`: equal ones are the whole 24 hours. `since` and `until` are the first and the last day on which it begins.
    """

    who: tuple[str, ...]
    begin: time
    end: time
    days: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def over_midnight(self) -> bool:
        return self.end <= self.begin

    def runs_at(self, local: datetime, calendar: Calendar) -> bool:
        """By the clock on the wall: its first minute belongs to it and its last does not."""
        day, clock = local.date(), local.time()
        if not self.over_midnight:
            return self.begin <= clock < self.end and self.begins_on(day, calendar)
        if clock >= self.begin and self.begins_on(day, calendar):
            return True
        return clock < self.end and self.begins_on(day - DAY, calendar)

    def begins_on(self, day: date, calendar: Calendar) -> bool:
        if (self.since is not None and day < self.since) or (self.until is not None and day > self.until):
            return False
        return not self.days or not {DAYS[day.weekday()], _kind(day, calendar)}.isdisjoint(self.days)


class Overlap(NamedTuple):
    """Two shifts of a post, by their places in the list, that both run on a day."""

    first: int
    second: int
    day: date


def _kind(day: date, calendar: Calendar) -> str:
    """`workdays` and `holidays` as the calendar has them, make-up days and weekends included. A year that it lacks is
    taken to be worked from Monday to Friday (decision 1.42): a roster is asked at any time and never fails.
    """
    year = calendar.years.get(day.year) or Year.assumed(day.year)
    return "workdays" if year.kind(day) in ("workday", "makeup") else "holidays"


def overlaps(shifts: Sequence[Shift], calendar: Calendar) -> Iterator[Overlap]:
    """The first overlap of each shift with one that began before it."""
    days = _looked_at(shifts, calendar)
    running = sorted(span for index, each in enumerate(shifts) for span in _spans(index, each, days, calendar))
    seen: set[int] = set()
    last = None
    for begin, end, index, day in running:
        if last is not None and begin < last[0] and (later := max(index, last[1])) not in seen:
            seen.add(later)
            yield Overlap(min(index, last[1]), later, day)
        if last is None or end > last[0]:
            last = end, index


def never_begins(shift: Shift, calendar: Calendar) -> bool:
    return not any(shift.begins_on(day, calendar) for day in _looked_at([shift], calendar))


def _looked_at(shifts: Sequence[Shift], calendar: Calendar) -> Sequence[date]:
    """The calendar's days and a while beyond; of a shift that begins later yet, so long a while."""
    last = date(max(calendar.years), 12, 31).toordinal() + WHILE
    days = set(range(date(min(calendar.years), 1, 1).toordinal(), last))
    for each in shifts:
        if each.since is not None and (since := each.since.toordinal()) > last - WHILE:
            days.update(range(since, min(since + WHILE, date.max.toordinal())))
    return [date.fromordinal(day) for day in sorted(days)]


def _spans(
    index: int, shift: Shift, days: Sequence[date], calendar: Calendar
) -> Iterator[tuple[datetime, datetime, int, date]]:
    """When it runs, by the clock on the wall."""
    for day in days:
        if shift.begins_on(day, calendar):
            end = datetime.combine(day + DAY if shift.over_midnight else day, shift.end)
            yield datetime.combine(day, shift.begin), end, index, day
