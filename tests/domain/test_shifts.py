"""The shifts of a post: over midnight, on days of the working calendar, within dates; and those that make no sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from shaoyin.domain.calendar import Calendar, Year
from shaoyin.domain.shifts import Overlap, Shift, never_begins, overlaps

CALENDAR = Calendar(
    "Asia/Shanghai",
    {
        2026: Year(2026, "official", "a notice", frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
                   frozenset({date(2026, 10, 10)})),
    },
)  # fmt: skip
DAY = Shift(("p-day",), time(8), time(20))
NIGHT = Shift(("p-night",), time(20), time(8))


def runs(shift: Shift, when: str) -> bool:
    return shift.runs_at(datetime.fromisoformat(when), CALENDAR)


@pytest.mark.parametrize(
    ("when", "day", "night"),
    [
        ("2026-09-14T07:59:59.999999", False, True),
        ("2026-09-14T08:00", True, False),
        ("2026-09-14T19:59:59.999999", True, False),
        ("2026-09-14T20:00", False, True),
        ("2026-09-14T23:10", False, True),
        ("2026-09-15T00:00", False, True),
    ],
)
def test_nm_22_each_minute_belongs_to_the_day_shift_or_to_the_night_shift(when: str, day: bool, night: bool) -> None:
    assert (runs(DAY, when), runs(NIGHT, when)) == (day, night)


def test_the_morning_after_belongs_to_the_day_on_which_the_night_began() -> None:
    friday = replace(NIGHT, days=("fri",))

    assert runs(friday, "2026-09-18T21:00")
    assert runs(friday, "2026-09-19T07:00"), "Saturday morning"
    assert not runs(friday, "2026-09-18T07:00")
    assert not runs(friday, "2026-09-19T21:00")


def test_a_shift_that_ends_when_it_begins_is_the_whole_24_hours() -> None:
    whole = Shift(("p-a",), time(8), time(8), days=("sat",))

    assert [runs(whole, f"2026-09-{day}T{clock}") for day, clock in ((19, "07:59"), (19, "08:00"), (20, "07:59"))] == [
        False, True, True,
    ]  # fmt: skip
    assert not runs(whole, "2026-09-20T08:00")


@pytest.mark.parametrize(
    ("day", "days"),
    [
        ("2026-09-30", "workdays"),
        ("2026-10-01", "holidays"),
        ("2026-10-03", "holidays"),
        ("2026-10-10", "workdays"),
    ],
)
def test_workdays_and_holidays_are_those_of_the_calendar(day: str, days: str) -> None:
    """A Wednesday, a public holiday, a Saturday, and a Saturday that is worked instead."""
    found = [each for each in ("workdays", "holidays") if runs(replace(DAY, days=(each,)), f"{day}T12:00")]

    assert found == [days]


def test_in_a_year_that_the_calendar_lacks_monday_to_friday_are_worked() -> None:
    """Decision 1.42."""
    assert runs(replace(DAY, days=("workdays",)), "2031-09-12T12:00")
    assert runs(replace(DAY, days=("holidays",)), "2031-09-13T12:00")


def test_its_dates_are_those_on_which_it_begins() -> None:
    dated = replace(NIGHT, since=date(2026, 9, 14), until=date(2026, 9, 15))

    seen = [
        f"{day}T{clock}" for day in range(14, 17) for clock in ("07", "21") if runs(dated, f"2026-09-{day}T{clock}")
    ]
    assert seen == ["14T21", "15T07", "15T21", "16T07"]


def test_shifts_that_follow_one_another_do_not_overlap() -> None:
    workdays, holidays = replace(DAY, days=("workdays",)), replace(DAY, days=("holidays",), end=time(18))
    old, new = replace(NIGHT, until=date(2026, 10, 31)), replace(NIGHT, since=date(2026, 11, 1))

    assert list(overlaps([workdays, holidays, old, new], CALENDAR)) == []


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        (DAY, replace(DAY, begin=time(19), end=time(21)), date(2026, 1, 1)),
        (NIGHT, replace(DAY, begin=time(7)), date(2026, 1, 2)),
        (replace(NIGHT, days=("fri",)), replace(DAY, begin=time(7), days=("sat",)), date(2026, 1, 3)),
        (replace(DAY, days=("thu",)), replace(DAY, days=("holidays",)), date(2026, 10, 1)),
        (replace(DAY, until=date(2026, 10, 31)), replace(DAY, since=date(2026, 10, 31)), date(2026, 10, 31)),
        (replace(DAY, since=date(2031, 1, 1)), replace(DAY, since=date(2031, 3, 1)), date(2031, 3, 1)),
    ],
)
def test_two_that_run_at_the_same_time_are_found_whichever_stands_first(first: Shift, second: Shift, day: date) -> None:
    assert list(overlaps([first, second], CALENDAR)) == [Overlap(0, 1, day)]
    assert list(overlaps([second, first], CALENDAR)) == [Overlap(0, 1, day)]


def test_a_long_shift_overlaps_with_each_that_runs_within_it() -> None:
    whole = Shift(("p-a",), time(0), time(0))
    morning, evening = replace(DAY, begin=time(6), end=time(7)), replace(DAY, begin=time(18), end=time(19))

    assert {(each.first, each.second) for each in overlaps([whole, morning, evening], CALENDAR)} == {(0, 1), (0, 2)}


def test_a_shift_whose_days_do_not_lie_between_its_dates_never_begins() -> None:
    sunday = replace(DAY, days=("sun",), since=date(2026, 9, 14), until=date(2026, 9, 19))

    assert never_begins(sunday, CALENDAR)
    assert not never_begins(replace(sunday, until=date(2026, 9, 20)), CALENDAR)
    assert not never_begins(replace(DAY, since=date(2040, 1, 1)), CALENDAR)
    assert never_begins(replace(DAY, since=date.max), CALENDAR), "the last day that there is has no end"
