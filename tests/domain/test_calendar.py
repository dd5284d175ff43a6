"""Time is counted as the specification says, and the shipped years are the State Council's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from shaoyin.domain.calendar import Calendar, CalendarMissing, Due, Step, Unit, Within, Year

BASE = Path(__file__).parents[2] / "packs" / "base" / "calendar.yaml"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def days(written: object) -> Iterator[date]:
    first, _, last = str(written).partition("..")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    assert day <= end, written
    while day <= end:
        yield day
        day += timedelta(days=1)


def shipped() -> Calendar:
    page = YAML(typ="safe").load(BASE)
    years = {
        entry["year"]: Year(
            entry["year"],
            entry["status"],
            entry["source"],
            frozenset(day for written in entry["holidays"].values() for day in days(written)),
            frozenset(day for written in entry["workdays"] for day in days(written)),
        )
        for entry in page["years"]
    }
    spans = [[time.fromisoformat(edge) for edge in span.split("-")] for span in page["duty"]]
    return Calendar(page["zone"], years, tuple((start, end) for start, end in spans))


CALENDAR = shipped()
ALL_DAYS = [date(2025, 1, 1) + timedelta(n) for n in range(365 * 3)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, within: str) -> datetime:
    return CALENDAR.due(at(start), Within.parse(within)).due_at


# The table of domain 3.4


@pytest.mark.parametrize(
    ("start", "within", "end"),
    [
        ("2026-11-16T10:00", "1 wd", "2026-11-17T18:00"),
        ("2026-09-30T15:00", "3 wd", "2026-10-10T18:00"),
        ("2026-11-20T16:30", "4 wh", "2026-11-23T11:30"),
        ("2026-09-28T11:00", "7 d", "2026-10-08T18:00"),
        ("2026-10-01T23:10", "24 h", "2026-10-02T23:10"),
        ("2026-10-01T23:55", "10 min", "2026-10-02T00:05"),
    ],
)
def test_every_example_of_the_specification_comes_out(start: str, within: str, end: str) -> None:
    assert due(start, within) == at(end)


def test_calendar_days_end_at_midnight_when_the_last_one_is_worked() -> None:
    assert due("2026-11-16T10:00", "2 d") == at("2026-11-19T00:00")


def test_calendar_days_ending_on_a_saturday_run_to_monday_evening() -> None:
    assert due("2026-11-19T10:00", "2 d") == at("2026-11-23T18:00")


def test_calendar_days_ending_on_a_makeup_saturday_end_there_at_midnight() -> None:
    assert due("2026-10-03T10:00", "7 d") == at("2026-10-11T00:00")


def test_the_first_working_day_after_a_start_before_dawn_is_the_next_one() -> None:
    assert due("2026-11-17T07:30", "1 wd") == at("2026-11-18T18:00")


def test_a_start_on_a_sunday_counts_monday_as_the_first_working_day() -> None:
    assert due("2026-11-22T12:00", "1 wd") == at("2026-11-23T18:00")


@pytest.mark.parametrize("start", ["2026-11-20T18:00", "2026-11-20T23:59", "2026-11-21T10:00", "2026-11-23T08:59"])
def test_duty_hours_asked_for_off_duty_begin_at_the_next_start(start: str) -> None:
    assert due(start, "1 wh") == at("2026-11-23T10:00")


def test_lunch_stops_the_duty_clock() -> None:
    assert due("2026-11-23T11:30", "1 wh") == at("2026-11-23T14:30")
    assert due("2026-11-23T12:40", "1 wh") == at("2026-11-23T15:00")


def test_duty_hours_that_fill_the_day_end_with_it_and_not_the_next_morning() -> None:
    assert due("2026-11-20T14:00", "4 wh") == at("2026-11-20T18:00")
    assert due("2026-11-20T11:00", "1 wh") == at("2026-11-20T12:00")


def test_the_seconds_of_the_start_are_kept() -> None:
    assert due("2026-11-20T16:30:20.000005", "4 wh") == at("2026-11-23T11:30:20.000005")
    assert due("2026-11-20T16:30:20.000005", "24 h") == at("2026-11-21T16:30:20.000005")


def test_the_offset_of_the_start_does_not_matter_and_the_deadline_is_in_utc() -> None:
    start = at("2026-09-30T15:00")
    for unit in ("3 wd", "4 wh", "7 d", "24 h", "30 min"):
        mine = CALENDAR.due(start, Within.parse(unit))
        assert mine == CALENDAR.due(start.astimezone(ZoneInfo("America/New_York")), Within.parse(unit))
        assert mine.due_at.tzinfo is UTC


def test_a_start_early_in_the_day_in_shanghai_is_not_taken_for_the_day_before_in_utc() -> None:
    assert due("2026-11-17T00:30", "1 wd") == at("2026-11-18T18:00")


# Weeks in which days are swapped


def test_national_day_week_is_off_and_the_saturday_after_it_is_worked() -> None:
    worked = [day.day for day in ALL_DAYS if (day.year, day.month) == (2026, 10) and CALENDAR.is_workday(day)]
    assert worked[:5] == [8, 9, 10, 12, 13]


def test_the_duty_clock_stands_still_over_national_day_week() -> None:
    assert due("2026-09-30T17:30", "1 wh") == at("2026-10-08T09:30")


def test_spring_festival_lasts_nine_days_with_a_worked_saturday_on_either_side() -> None:
    assert CALENDAR.is_workday(date(2026, 2, 14))
    assert CALENDAR.is_workday(date(2026, 2, 28))
    assert due("2026-02-13T16:00", "1 wd") == at("2026-02-14T18:00")
    assert due("2026-02-14T16:00", "1 wd") == at("2026-02-24T18:00")
    assert due("2026-02-24T09:00", "4 wd") == at("2026-02-28T18:00")


def test_wall_clock_hours_run_through_the_spring_festival_night() -> None:
    assert due("2026-02-16T23:30", "2 h") == at("2026-02-17T01:30")


# Years


def test_a_deadline_that_crosses_into_2027_is_flagged_provisional() -> None:
    flagged = CALENDAR.due(at("2026-12-30T10:00"), Within(3, "wd"))
    assert flagged == Due(at("2027-01-05T18:00"), True, "2026 official, 2027 provisional")
    assert CALENDAR.due(at("2026-12-30T10:00"), Within(1, "wd")) == Due(at("2026-12-31T18:00"), False, "2026 official")
    assert CALENDAR.due(at("2026-12-31T10:00"), Within(1, "wd")) == Due(
        at("2027-01-04T18:00"), True, "2027 provisional"
    )


def test_duty_hours_and_calendar_days_over_new_year_are_flagged_too() -> None:
    assert CALENDAR.due(at("2026-12-31T17:00"), Within(2, "wh")) == Due(
        at("2027-01-04T10:00"), True, "2026 official, 2027 provisional"
    )
    assert CALENDAR.due(at("2026-12-30T10:00"), Within(2, "d")) == Due(at("2027-01-04T18:00"), True, "2027 provisional")
    assert CALENDAR.due(at("2026-12-30T10:00"), Within(1, "d")) == Due(at("2027-01-01T00:00"), False, "2026 official")


def test_a_wall_clock_deadline_is_never_provisional_and_needs_no_year() -> None:
    assert CALENDAR.due(at("2026-12-31T20:00"), Within(24, "h")) == Due(at("2027-01-01T20:00"), False, "")
    assert CALENDAR.due(at("2031-05-01T20:00"), Within(30, "min")).due_at == at("2031-05-01T20:30")


@pytest.mark.parametrize(
    ("start", "within", "year"),
    [
        ("2027-12-30T10:00", "2 wd", 2028),
        ("2027-12-31T10:00", "1 wd", 2028),
        ("2027-12-31T17:00", "2 wh", 2028),
        ("2027-12-30T10:00", "7 d", 2028),
        ("2027-12-30T10:00", "99999 d", 2301),
        ("2024-12-31T10:00", "1 wd", 2024),
        ("2029-03-01T10:00", "1 wh", 2029),
    ],
)
def test_a_missing_year_is_named_and_not_guessed(start: str, within: str, year: int) -> None:
    with pytest.raises(CalendarMissing, match=f"no year {year}") as missing:
        due(start, within)
    assert missing.value.year == year


def test_a_year_left_out_in_the_middle_is_missing_at_once() -> None:
    with pytest.raises(CalendarMissing, match="2026"):
        Calendar("Asia/Shanghai", {2025: CALENDAR.years[2025], 2027: CALENDAR.years[2027]})


def test_an_assumed_year_lets_a_late_december_report_in_but_flags_it() -> None:
    longer = replace(CALENDAR, years={**CALENDAR.years, 2028: Year.assumed(2028)})
    assert longer.due(at("2027-12-28T10:00"), Within(5, "wd")) == Due(
        at("2028-01-04T18:00"), True, "2027 provisional, 2028 provisional"
    )


def test_the_official_notice_moves_a_provisional_deadline_and_takes_the_flag_away() -> None:
    notice = Year(2027, "official", "notice", frozenset(days("2027-01-01..2027-01-05")), frozenset({date(2027, 1, 9)}))
    known = replace(CALENDAR, years={**CALENDAR.years, 2027: notice})
    assert known.due(at("2026-12-30T10:00"), Within(5, "wd")) == Due(
        at("2027-01-09T18:00"), False, "2026 official, 2027 official"
    )


@pytest.mark.parametrize(
    ("off", "on", "wrong"),
    [
        ("2027-01-01", "2026-01-04", "2027-01-01 is not a day of 2026"),
        ("2026-01-01", "2025-01-04", "2025-01-04 is not a day of 2026"),
        ("2026-01-03", "2026-01-03", "2026-01-03 cannot be a make-up workday"),
        ("2026-01-01", "2026-01-05", "2026-01-05 cannot be a make-up workday"),
    ],
)
def test_a_slip_of_the_pen_in_a_year_is_named(off: str, on: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Year(2026, "official", "", frozenset(days(off)), frozenset(days(on)))


# The shipped data


def test_the_shipped_years_are_two_official_ones_and_a_provisional_one_each_with_its_source() -> None:
    assert {year.year: year.status for year in CALENDAR.years.values()} == {
        2025: "official",
        2026: "official",
        2027: "provisional",
    }
    assert "国办发明电〔2024〕12号" in CALENDAR.years[2025].source
    assert "国办发明电〔2025〕7号" in CALENDAR.years[2026].source
    assert all(year.source for year in CALENDAR.years.values())


@pytest.mark.parametrize("year", [2025, 2026])
def test_each_official_day_agrees_with_two_independent_libraries(year: int) -> None:
    china = holidays.country_holidays("CN", years=year)
    ours = [CALENDAR.is_workday(day) for day in ALL_DAYS if day.year == year]
    theirs = chinese_calendar.is_workday
    assert ours == [theirs(day) for day in ALL_DAYS if day.year == year]  # type: ignore[no-untyped-call]  # has no types
    assert ours == [china.is_working_day(day) for day in ALL_DAYS if day.year == year]


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_named_days_off_agree_with_the_notice_as_another_library_holds_it(year: int) -> None:
    assert CALENDAR.years[year].holidays == {day for day in chinese_calendar.holidays if day.year == year}
    assert CALENDAR.years[year].workdays == {day for day in chinese_calendar.workdays if day.year == year}


def test_the_provisional_year_holds_the_thirteen_statutory_days_and_no_swaps() -> None:
    china = holidays.country_holidays("CN", years=2027, language="en_US")
    statutory = {day for day, name in china.items() if "observed" not in name and "substituted" not in name}
    assert len(CALENDAR.years[2027].holidays) == 13
    assert CALENDAR.years[2027].holidays == statutory
    assert CALENDAR.years[2027].workdays == frozenset()


def test_the_base_duty_is_nine_to_twelve_and_two_to_six_in_shanghai() -> None:
    assert CALENDAR.duty == ((time(9), time(12)), (time(14), time(18)))
    assert CALENDAR.zone == "Asia/Shanghai"
    assert Calendar(CALENDAR.zone, CALENDAR.years) == CALENDAR
    assert hash(Calendar(CALENDAR.zone, CALENDAR.years)) == hash(CALENDAR)


# On and off duty


@pytest.mark.parametrize(
    ("when", "on_duty", "within_span"),
    [
        ("2026-11-23T08:59:59.999999", False, False),
        ("2026-11-23T09:00", True, True),
        ("2026-11-23T11:59:59", True, True),
        ("2026-11-23T12:00", False, True),
        ("2026-11-23T13:59", False, True),
        ("2026-11-23T14:00", True, True),
        ("2026-11-23T18:00", False, False),
        ("2026-11-22T10:00", False, False),
        ("2026-10-05T10:00", False, False),
        ("2026-10-10T10:00", True, True),
    ],
)
def test_lunch_is_off_the_clock_but_not_off_duty(when: str, on_duty: bool, within_span: bool) -> None:
    assert CALENDAR.on_duty(at(when)) is on_duty
    assert CALENDAR.within_duty_span(at(when)) is within_span


@pytest.mark.parametrize(
    ("when", "start"),
    [
        ("2026-11-23T10:10:10", "2026-11-23T10:10:10"),
        ("2026-11-23T07:00", "2026-11-23T09:00"),
        ("2026-11-23T12:00", "2026-11-23T14:00"),
        ("2026-11-20T18:00", "2026-11-23T09:00"),
        ("2026-09-30T20:00", "2026-10-08T09:00"),
        ("2025-01-01T00:00", "2025-01-02T09:00"),
    ],
)
def test_off_duty_the_next_start_is_the_next_minute_of_duty_and_on_duty_it_is_now(when: str, start: str) -> None:
    assert CALENDAR.next_start(at(when)) == at(start)


def test_the_end_of_duty_of_a_day_off_is_that_of_the_next_working_day() -> None:
    assert CALENDAR.end_of_duty(date(2026, 11, 23)) == at("2026-11-23T18:00")
    assert CALENDAR.end_of_duty(date(2026, 10, 3)) == at("2026-10-08T18:00")


def test_another_area_keeps_its_own_duty_time() -> None:
    wenshan = Calendar("Asia/Shanghai", CALENDAR.years, ((time(8, 30), time(11, 30)), (time(14, 30), time(17, 30))))
    assert wenshan.due(at("2026-11-16T10:00"), Within(1, "wd")).due_at == at("2026-11-17T17:30")
    assert wenshan.due(at("2026-11-20T16:30"), Within(4, "wh")).due_at == at("2026-11-23T11:30")
    assert wenshan.next_start(at("2026-11-20T12:00")) == at("2026-11-20T14:30")


def test_a_zone_that_changes_its_clocks_at_night_still_ends_duty_at_its_own_six_o_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = Calendar("Europe/Berlin", {2026: Year.assumed(2026)})
    friday = datetime(2026, 3, 27, 16, 30, tzinfo=berlin)
    assert calendar.due(friday, Within(4, "wh")).due_at == datetime(2026, 3, 30, 11, 30, tzinfo=berlin)
    assert calendar.due(friday, Within(1, "wd")).due_at == datetime(2026, 3, 30, 18, tzinfo=berlin)


@pytest.mark.parametrize(
    "duty",
    [
        (),
        ((time(12), time(9)),),
        ((time(9), time(9)),),
        ((time(14), time(18)), (time(9), time(12))),
        ((time(9), time(12)), (time(11), time(18))),
        ((time(9), time(12, 0, 30)),),
    ],
)
def test_a_duty_time_that_makes_no_sense_is_refused(duty: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="duty"):
        Calendar("Asia/Shanghai", CALENDAR.years, duty)


def test_a_calendar_without_years_or_with_a_misfiled_year_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a year"):
        Calendar("Asia/Shanghai", {})
    with pytest.raises(ValueError, match="the data of 2026 stand under 2025"):
        Calendar("Asia/Shanghai", {2025: CALENDAR.years[2026]})


def test_a_time_without_an_offset_is_refused() -> None:
    naive = datetime(2026, 11, 23, 10)  # noqa: DTZ001  the point of the test
    for within in ("1 wd", "1 wh", "1 d", "1 h"):
        with pytest.raises(ValueError, match="no offset"):
            CALENDAR.due(naive, Within.parse(within))


# Shares, suspensions, reworks


def test_four_fifths_of_two_working_days_are_counted_in_duty_time() -> None:
    start, end = at("2026-11-16T10:00"), at("2026-11-17T18:00")
    assert CALENDAR.minutes_between(start, end, "wd") == 13 * 60
    assert CALENDAR.share(start, end, "wd", 4, 5) == at("2026-11-17T15:24")


def test_fifty_per_cent_past_the_deadline_goes_on_in_the_same_way_of_counting() -> None:
    monday, tuesday = at("2026-11-16T10:00"), at("2026-11-17T18:00")
    assert CALENDAR.share(monday, tuesday, "wd", 3, 2) == at("2026-11-18T17:30")
    assert CALENDAR.share(monday, tuesday, "h", 3, 2) == at("2026-11-18T10:00")
    assert CALENDAR.share(monday, monday + timedelta(hours=24), "h", 4, 5) == monday + timedelta(hours=19.2)


def test_a_suspension_gives_back_what_was_left() -> None:
    assert CALENDAR.after(at("2026-11-23T10:00"), 90, "wh").due_at == at("2026-11-23T11:30")
    assert CALENDAR.after(at("2026-11-23T10:00"), 90, "h").due_at == at("2026-11-23T11:30")
    assert CALENDAR.after(at("2026-11-23T10:00"), 3 * 1440, "d").due_at == at("2026-11-26T10:00")
    assert CALENDAR.after(at("2026-11-23T10:00"), 20 * 60, "wd").due_at == at("2026-11-25T18:00")


def test_after_a_suspension_working_days_never_end_before_the_next_working_evening() -> None:
    assert CALENDAR.after(at("2026-11-20T10:00"), 90, "wd").due_at == at("2026-11-23T18:00")
    assert CALENDAR.after(at("2026-09-30T10:00"), 0, "wd").due_at == at("2026-10-08T18:00")


def test_resuming_counts_to_the_second_what_the_suspension_left() -> None:
    resumed = CALENDAR.resume(
        at("2026-11-23T11:30:20"), at("2026-11-20T17:30:50"), at("2026-11-30T09:00"), "wh"
    )  # 29:10 on Friday and 2:30:20 on Monday were left
    assert resumed.due_at == at("2026-11-30T11:59:30")


def test_a_deadline_missed_before_the_suspension_stays_missed_by_as_much() -> None:
    missed = CALENDAR.resume(at("2026-11-17T18:00"), at("2026-11-18T11:00"), at("2026-11-30T10:00"), "wd")
    assert missed.due_at == at("2026-11-27T17:00")
    overnight = CALENDAR.resume(at("2026-11-20T18:00"), at("2026-11-21T10:00"), at("2026-12-01T10:00"), "wd")
    assert overnight.due_at == at("2026-12-01T10:00")
    assert CALENDAR.after(at("2026-11-30T10:00"), -120, "wd").due_at == at("2026-11-27T17:00")


def test_a_resumed_deadline_in_the_new_year_is_flagged() -> None:
    assert CALENDAR.after(at("2026-12-31T10:00"), 60, "wd") == Due(
        at("2027-01-04T18:00"), True, "2026 official, 2027 provisional"
    )
    assert CALENDAR.after(at("2026-12-31T17:00"), 120, "wh") == Due(
        at("2027-01-04T10:00"), True, "2026 official, 2027 provisional"
    )
    assert CALENDAR.after(at("2026-12-29T10:00"), 30 * 60, "wd") == Due(
        at("2027-01-05T12:00"), True, "2026 official, 2027 provisional"
    )
    assert CALENDAR.after(at("2026-12-31T10:00"), 3000, "h") == Due(at("2027-01-02T12:00"), False, "")


@pytest.mark.parametrize(
    ("unit", "first_due", "end"),
    [
        ("wd", "2026-11-16T15:00", "2026-11-23T18:00"),
        ("d", "2026-11-16T15:00", "2026-11-23T18:00"),
        ("wh", "2026-11-16T15:00", "2026-11-20T11:30"),
        ("h", "2026-11-16T22:00", "2026-11-20T16:00"),
    ],
)
def test_a_rework_gets_half_the_first_time_and_at_least_a_working_day_where_days_were_given(
    unit: Unit, first_due: str, end: str
) -> None:
    rework = CALENDAR.half(at("2026-11-20T10:00"), at("2026-11-16T10:00"), at(first_due), unit)
    assert rework.due_at == at(end)


def test_half_of_five_working_days_is_counted_in_duty_time() -> None:
    start = at("2026-11-16T10:00")
    first = CALENDAR.due(start, Within(5, "wd")).due_at
    assert CALENDAR.minutes_between(start, first, "wd") == 41 * 60
    assert CALENDAR.half(at("2026-11-24T10:00"), start, first, "wd").due_at == at("2026-11-27T09:30")


def test_half_of_thirty_calendar_days_is_fifteen_on_the_wall_clock() -> None:
    start = at("2026-10-20T10:00")
    rework = CALENDAR.half(at("2026-11-24T10:00"), start, start + timedelta(days=30), "d")
    assert rework == Due(at("2026-12-09T10:00"), False, "2026 official")


def test_half_of_sixty_calendar_days_needs_the_calendar_only_for_the_least_it_gives() -> None:
    start = at("2027-09-20T10:00")
    rework = CALENDAR.half(at("2027-12-20T10:00"), start, start + timedelta(days=60), "d")
    assert rework == Due(at("2028-01-19T10:00"), True, "2027 provisional")


def test_adding_nothing_moves_nothing_off_duty_either() -> None:
    assert CALENDAR.add_minutes(at("2026-11-22T10:00"), 0, "wh") == at("2026-11-22T10:00")


def test_counting_back_past_the_first_year_names_the_year_before_it() -> None:
    with pytest.raises(CalendarMissing, match="no year 2024"):
        CALENDAR.add_minutes(at("2025-01-02T09:30"), -60, "wh")


# The arithmetic shown to people


def test_the_arithmetic_of_three_working_days_over_national_day_names_each_day() -> None:
    steps = CALENDAR.arithmetic(at("2026-09-30T15:00"), Within(3, "wd"))
    assert steps[0] == Step(date(2026, 9, 30), 0, "start")
    assert [step.why for step in steps[1:8]] == ["holiday"] * 7
    assert steps[8:] == (
        Step(date(2026, 10, 8), 1, "workday"),
        Step(date(2026, 10, 9), 1, "workday"),
        Step(date(2026, 10, 10), 1, "makeup"),
    )


def test_the_arithmetic_of_calendar_days_shows_why_it_runs_on() -> None:
    steps = CALENDAR.arithmetic(at("2026-09-28T10:00"), Within(7, "d"))
    assert [step.counted for step in steps] == [0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    assert [step.why for step in steps[-4:]] == ["holiday", "holiday", "holiday", "workday"]


def test_the_arithmetic_of_duty_hours_gives_the_minutes_of_each_day() -> None:
    assert CALENDAR.arithmetic(at("2026-11-20T16:30:20"), Within(4, "wh")) == (
        Step(date(2026, 11, 20), 89, "workday"),
        Step(date(2026, 11, 21), 0, "weekend"),
        Step(date(2026, 11, 22), 0, "weekend"),
        Step(date(2026, 11, 23), 151, "workday"),
    )


def test_the_arithmetic_of_hours_splits_at_midnight_and_stops_there_when_it_ends_there() -> None:
    assert CALENDAR.arithmetic(at("2026-10-01T20:00"), Within(24, "h")) == (
        Step(date(2026, 10, 1), 240, "clock"),
        Step(date(2026, 10, 2), 1200, "clock"),
    )
    assert CALENDAR.arithmetic(at("2026-10-01T23:00"), Within(60, "min")) == (Step(date(2026, 10, 1), 60, "clock"),)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-20T09:00", "2026-11-20T18:00"), ("2026-11-20T17:59", "2026-11-20T18:00"),
        ("2026-11-20T03:00", "2026-11-20T18:00"), ("2026-11-20T18:00", "2026-11-23T18:00"),
        ("2026-11-21T10:00", "2026-11-23T18:00"), ("2026-10-10T10:00", "2026-10-10T18:00"),
        ("2026-09-30T19:00", "2026-10-08T18:00"),
    ],
)  # fmt: skip
def test_the_same_day_ends_with_duty_and_off_duty_it_is_the_next_working_day(start: str, end: str) -> None:
    assert CALENDAR.due(at(start), Within(0, "wd")).due_at == at(end)
    assert sum(step.counted for step in CALENDAR.arithmetic(at(start), Within(0, "wd"))) == 0


def test_the_same_day_is_missing_where_the_calendar_ends() -> None:
    with pytest.raises(CalendarMissing, match="no year 2028"):
        CALENDAR.due(at("2027-12-31T18:00"), Within(0, "wd"))


# How a clerk writes a length of time


@pytest.mark.parametrize("text", ["0 wd", "1 wd", "4 wh", "7 d", "24 h", "30 min"])
def test_a_length_of_time_reads_back_as_it_was_written(text: str) -> None:
    assert str(Within.parse(text)) == text
    assert Within.parse(text.replace(" ", "")) == Within.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 h",
        "0 wh",
        "0 d",
        "00 wd",
        "-1 h",
        "1.5 h",
        "3 days",
        "wd",
        "24  h",
        " 24 h",
        "24 H",
        "２４ h",
        "123456 h",
    ],
)
def test_what_is_no_length_of_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time such as 3 wd"):
        Within.parse(text)


# What must hold for any instant

instants = st.datetimes(datetime(2025, 2, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001  the zone follows
ordinary = st.one_of(
    instants,
    st.builds(  # edges of duty, where mistakes live
        lambda day, edge, slip: datetime.combine(day, edge, SHANGHAI) + timedelta(microseconds=slip),
        st.sampled_from(ALL_DAYS[31:870]),
        st.sampled_from([time(0), time(9), time(12), time(14), time(18)]),
        st.sampled_from([-1, 0, 1]),
    ),
)
units = st.sampled_from(["wd", "wh", "d", "h", "min"])
lengths = st.builds(Within, st.integers(1, 60), units)
or_the_same_day = lengths | st.just(Within(0, "wd"))
duty_units = st.sampled_from(["wd", "wh"])


def duty_minutes_by_hand(start: datetime, end: datetime) -> int:
    """Walks minute by minute on the local clock."""
    minutes = (start + timedelta(minutes=n) for n in range((end - start) // timedelta(minutes=1)))
    return sum(
        any(first <= minute.time() < last for first, last in CALENDAR.duty) and CALENDAR.is_workday(minute)
        for minute in minutes
    )


@given(ordinary, or_the_same_day)
def test_a_deadline_is_never_before_its_start(start: datetime, within: Within) -> None:
    event(within.unit)
    assert CALENDAR.due(start, within).due_at > start


@given(ordinary, ordinary, or_the_same_day)
def test_who_starts_later_is_never_due_earlier(one: datetime, other: datetime, within: Within) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.due(earlier, within).due_at <= CALENDAR.due(later, within).due_at


@given(ordinary)
def test_the_same_day_is_never_due_later_than_one_working_day(start: datetime) -> None:
    assert CALENDAR.due(start, Within(0, "wd")).due_at <= CALENDAR.due(start, Within(1, "wd")).due_at


@given(ordinary, st.integers(1, 59), units)
def test_a_longer_time_is_never_due_earlier(start: datetime, amount: int, unit: Unit) -> None:
    shorter, longer = (CALENDAR.due(start, Within(n, unit)).due_at for n in (amount, amount + 1))
    event("same evening" if shorter == longer else "later")
    assert shorter < longer or (unit == "d" and shorter == longer)


@given(ordinary, st.integers(1, 60))
def test_working_days_end_with_duty_after_as_many_working_days_as_were_given(start: datetime, amount: int) -> None:
    end = CALENDAR.due(start, Within(amount, "wd")).due_at.astimezone(SHANGHAI)
    assert end.time() == time(18)
    assert CALENDAR.is_workday(end.date())
    first = start.astimezone(SHANGHAI).date()
    assert sum(CALENDAR.is_workday(day) for day in ALL_DAYS if first < day <= end.date()) == amount


@given(ordinary, st.integers(1, 60))
def test_calendar_days_end_at_midnight_or_with_duty_on_a_working_day(start: datetime, amount: int) -> None:
    end = CALENDAR.due(start, Within(amount, "d")).due_at.astimezone(SHANGHAI)
    last = start.astimezone(SHANGHAI).date() + timedelta(days=amount)
    event("worked" if CALENDAR.is_workday(last) else "off")
    if CALENDAR.is_workday(last):
        assert (end.date(), end.time()) == (last + timedelta(days=1), time(0))
    else:
        assert end.time() == time(18)
        assert CALENDAR.is_workday(end.date())
        assert not any(CALENDAR.is_workday(day) for day in ALL_DAYS if last <= day < end.date())


@given(ordinary, st.integers(1, 60))
def test_duty_hours_end_when_as_much_duty_has_passed_and_not_a_moment_later(start: datetime, amount: int) -> None:
    end = CALENDAR.due(start, Within(amount, "wh")).due_at
    assert CALENDAR.minutes_between(start, end, "wh") == amount * 60
    assert CALENDAR.minutes_between(start, end - timedelta(microseconds=1), "wh") == amount * 60 - 1


@given(ordinary, st.integers(-7_000, 20_000), units)
def test_adding_minutes_is_the_inverse_of_counting_them(start: datetime, minutes: int, unit: Unit) -> None:
    assert CALENDAR.minutes_between(start, CALENDAR.add_minutes(start, minutes, unit), unit) == minutes


@given(st.sampled_from(ALL_DAYS[31:870]), st.integers(0, 1439), st.integers(0, 3000))
def test_duty_minutes_are_those_counted_one_by_one(day: date, minute: int, length: int) -> None:
    start = datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute)
    end = start + timedelta(minutes=length)
    counted = duty_minutes_by_hand(start, end)
    event("some duty" if counted else "no duty")
    assert CALENDAR.minutes_between(start, end, "wh") == counted
    assert CALENDAR.minutes_between(end, start, "wd") == -counted


@given(ordinary, lengths)
def test_the_whole_share_of_a_deadline_is_the_deadline_and_parts_come_in_order(start: datetime, within: Within) -> None:
    end = CALENDAR.due(start, within).due_at
    marks = [CALENDAR.share(start, end, within.unit, *part) for part in ((1, 2), (4, 5), (1, 1), (3, 2), (2, 1))]
    assert marks[2] == end
    assert start <= marks[0] < marks[1] < end < marks[3] < marks[4]


@given(ordinary)
def test_the_next_start_is_on_duty_and_no_duty_lies_before_it(when: datetime) -> None:
    start = CALENDAR.next_start(when)
    event("on duty" if start == when else "off duty")
    assert CALENDAR.on_duty(start)
    assert start >= when
    assert CALENDAR.minutes_between(when, start, "wh") == 0
    assert (start == when) is CALENDAR.on_duty(when)


@given(ordinary, lengths, st.integers(0, 40_000), st.integers(0, 60_000))
def test_a_suspension_never_costs_time_and_never_makes_up_lateness(
    start: datetime, within: Within, worked: int, waited: int
) -> None:
    end = CALENDAR.due(start, within).due_at
    stopped = start + timedelta(minutes=worked)
    resumed = stopped + timedelta(minutes=waited)
    new = CALENDAR.resume(end, stopped, resumed, within.unit).due_at
    event("late" if end < stopped else "in time")
    if end < stopped:
        assert new <= resumed
        assert CALENDAR.minutes_between(new, resumed, within.unit) == CALENDAR.minutes_between(
            end, stopped, within.unit
        )
    else:
        assert new >= resumed
        assert CALENDAR.minutes_between(resumed, new, within.unit) >= CALENDAR.minutes_between(
            stopped, end, within.unit
        )


@given(ordinary, lengths)
def test_the_arithmetic_adds_up_to_the_time_given_and_ends_on_the_last_day(start: datetime, within: Within) -> None:
    steps = CALENDAR.arithmetic(start, within)
    minutes = 60 if within.unit in ("wh", "h") else 1
    assert sum(step.counted for step in steps) == within.amount * minutes
    assert [step.day for step in steps] == [steps[0].day + timedelta(n) for n in range(len(steps))]
    ended = CALENDAR.due(start, within).due_at - timedelta(microseconds=1)
    assert steps[-1].day == CALENDAR.local_day(ended)
