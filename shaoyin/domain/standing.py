"""Standing whistles: which unit is due on which day, without anybody asking (WS-18, decisions 2.30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shaoyin.domain.calendar import DAY, Calendar
from shaoyin.domain.frozen import dataclass

Holiday = Literal["skip", "move"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule such as "every Friday at 15:00"; publishing the pack approves all its dates at once.

    It begins on `since`; with `every_weeks` 2 the week of that day is the first. The posts of `responsible` take
    turns from then on. `weekdays` count from 0 for Monday.
    """

    rule: str
    name: Mapping[str, str]
    category: str
    type: str
    area: str
    responsible: tuple[str, ...]
    weekdays: tuple[int, ...]
    since: date
    at: time
    task: str
    every_weeks: int = 1
    holiday: Holiday = "skip"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a rule. `planned` names it for ever; `day` is when it is, after a move away from a holiday."""

    rule: Standing
    planned: date
    day: date
    responsible: str

    def starts_at(self, calendar: Calendar) -> datetime:
        """The stated time, in UTC."""
        return _instant(self.day, self.rule.at, calendar)

    def blown_at(self, calendar: Calendar) -> datetime:
        """One working day before, at the start of duty (decisions 2.30)."""
        day = self.day - DAY
        while not calendar.is_workday(day):
            day -= DAY
        return _instant(day, calendar.duty[0][0], calendar)


def occurrences(rule: Standing, calendar: Calendar, from_day: date, to_day: date) -> Iterator[Occurrence]:
    """The dates of a rule from `from_day` to `to_day`, both included, in the order in which they were planned.

    On a public holiday there is none, or it moves to the next working day. A make-up Saturday is no Friday. Whose
    turn falls on a holiday has had it: so no turn changes when a provisional year becomes official. Raises
    CalendarMissing where the calendar does not reach.
    """
    first = from_day
    while first > rule.since and not calendar.is_workday(first - DAY):
        first -= DAY  # what was planned for these days may have moved into the span
    for turn, planned in _planned(rule, to_day):
        if planned < first:
            continue
        day = _held_on(rule, calendar, planned)
        if day is not None and from_day <= day <= to_day:
            yield Occurrence(rule, planned, day, rule.responsible[turn % len(rule.responsible)])


def _planned(rule: Standing, to_day: date) -> Iterator[tuple[int, date]]:
    """The days of the cadence since its beginning, each with the number of its turn, holidays or not."""
    week = rule.since - timedelta(days=rule.since.weekday())
    turn = 0
    while week <= to_day:
        for weekday in sorted(rule.weekdays):
            day = week + weekday * DAY
            if rule.since <= day <= to_day:
                yield turn, day
                turn += 1
        week += timedelta(weeks=rule.every_weeks)


def _held_on(rule: Standing, calendar: Calendar, planned: date) -> date | None:
    if calendar.is_workday(planned) or calendar.years[planned.year].kind(planned) != "holiday":
        return planned
    if rule.holiday == "skip":
        return None
    day = planned + DAY
    while not calendar.is_workday(day):
        day += DAY
    return day


def _instant(day: date, at: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, at, ZoneInfo(calendar.zone)).astimezone(UTC)
