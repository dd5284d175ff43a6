"""Standing whistles: every Friday a unit is due, holidays skip or move it, and no make-up Saturday is a Friday."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from shaoyin.domain.calendar import Calendar, CalendarMissing
from shaoyin.domain.pack import Pack
from shaoyin.domain.standing import Holiday, Standing, occurrences
from tests.packs.conftest import Copy

PAGE = "wulibao/standing.yaml"
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def calendar(wulibao: Pack) -> Calendar:
    return wulibao.calendar


def fridays(
    *, holiday: Holiday = "skip", every_weeks: int = 1, since: date = SEPTEMBER, weekdays: tuple[int, ...] = (4,)
) -> Standing:
    return Standing(
        "fridays", {"zh-CN": "周五", "en": "Fridays"}, "SAN.dead_corner", "partner_unit_whistle", "wls-grid-1",
        ("municipal-duty", "school-duty", "hospital-duty"), weekdays, since, time(15), "清理", every_weeks, holiday,
    )  # fmt: skip


def days(rule: Standing, calendar: Calendar, first: date, last: date) -> list[str]:
    return [f"{each.day:%m-%d}" for each in occurrences(rule, calendar, first, last)]


def test_a_unit_is_due_every_friday(calendar: Calendar) -> None:
    assert days(fridays(), calendar, date(2026, 9, 1), date(2026, 9, 18)) == ["09-04", "09-11", "09-18"]


def test_a_friday_on_a_holiday_is_skipped(calendar: Calendar) -> None:
    """25 September is the Mid-Autumn holiday, 2 October the national one."""
    assert days(fridays(), calendar, date(2026, 9, 14), date(2026, 10, 17)) == ["09-18", "10-09", "10-16"]


def test_a_friday_on_a_holiday_may_move_to_the_next_working_day(calendar: Calendar) -> None:
    found = list(occurrences(fridays(holiday="move"), calendar, date(2026, 9, 25), date(2026, 10, 9)))

    assert [(each.planned, each.day) for each in found] == [
        (date(2026, 9, 25), date(2026, 9, 28)),
        (date(2026, 10, 2), date(2026, 10, 8)),
        (date(2026, 10, 9), date(2026, 10, 9)),
    ]


def test_a_date_that_moved_is_found_in_the_span_it_moved_into_and_only_there(calendar: Calendar) -> None:
    rule = fridays(holiday="move")

    assert days(rule, calendar, date(2026, 10, 5), date(2026, 10, 8)) == ["10-08"]
    assert days(rule, calendar, date(2026, 10, 1), date(2026, 10, 7)) == []
    assert days(rule, calendar, date(2026, 9, 21), date(2026, 9, 27)) == []


def test_a_date_moves_over_a_make_up_sunday_as_over_any_working_day(calendar: Calendar) -> None:
    """1 January 2026 is a Thursday; the Friday after it is a holiday, and Sunday the 4th is worked."""
    rule = fridays(holiday="move", since=date(2026, 1, 1))

    assert days(rule, calendar, date(2026, 1, 1), date(2026, 1, 9)) == ["01-04", "01-09"]


def test_a_make_up_saturday_is_no_friday(calendar: Calendar) -> None:
    """Saturday 10 October 2026 is worked, and nobody is called for it."""
    assert days(fridays(), calendar, date(2026, 10, 10), date(2026, 10, 15)) == []


def test_a_saturday_of_the_community_is_a_saturday_holiday_or_not(calendar: Calendar) -> None:
    saturdays = fridays(weekdays=(5,))

    assert days(saturdays, calendar, date(2026, 9, 12), date(2026, 10, 10)) == ["09-12", "09-19", "10-10"]


def test_the_units_take_turns_and_a_holiday_costs_whoever_had_it_the_turn(calendar: Calendar) -> None:
    found = occurrences(fridays(), calendar, date(2026, 9, 4), date(2026, 10, 9))

    assert [(f"{each.day:%m-%d}", each.responsible) for each in found] == [
        ("09-04", "municipal-duty"),
        ("09-11", "school-duty"),
        ("09-18", "hospital-duty"),
        ("10-09", "hospital-duty"),
    ]


def test_whose_turn_it_is_does_not_hang_on_where_one_begins_to_ask(calendar: Calendar) -> None:
    whole = list(occurrences(fridays(holiday="move"), calendar, SEPTEMBER, date(2026, 12, 31)))
    parts = [
        each
        for month in (9, 10, 11, 12)
        for each in occurrences(
            fridays(holiday="move"), calendar, date(2026, month, 1), date(2026, month, 30 if month in (9, 11) else 31)
        )
    ]

    assert len(whole) == 17
    assert parts == whole


def test_every_second_week_counts_from_the_week_of_its_beginning(calendar: Calendar) -> None:
    rule = fridays(every_weeks=2, since=date(2026, 9, 9))

    assert days(rule, calendar, SEPTEMBER, date(2026, 10, 31)) == ["09-11", "10-09", "10-23"]


def test_nothing_is_due_before_the_rule_begins(calendar: Calendar) -> None:
    assert days(fridays(since=date(2026, 9, 12)), calendar, date(2026, 1, 1), date(2026, 9, 18)) == ["09-18"]


def test_two_days_a_week_come_in_the_order_of_the_week(calendar: Calendar) -> None:
    rule = fridays(weekdays=(4, 1))

    assert days(rule, calendar, date(2026, 9, 1), date(2026, 9, 8)) == ["09-01", "09-04", "09-08"]


def test_a_year_the_calendar_does_not_have_is_named(calendar: Calendar) -> None:
    with pytest.raises(CalendarMissing) as missing:
        list(occurrences(fridays(), calendar, date(2027, 12, 1), date(2028, 1, 31)))

    assert missing.value.year == 2028


def test_the_whistle_is_blown_the_working_day_before_when_duty_starts(calendar: Calendar) -> None:
    friday, moved = occurrences(fridays(holiday="move"), calendar, date(2026, 9, 18), date(2026, 9, 28))

    assert friday.starts_at(calendar) == datetime(2026, 9, 18, 7, tzinfo=UTC)
    assert friday.blown_at(calendar) == datetime(2026, 9, 17, 1, tzinfo=UTC)
    assert moved.blown_at(calendar) == datetime(2026, 9, 24, 1, tzinfo=UTC)


def test_wulibao_calls_three_units_in_turn_every_friday_at_three(wulibao: Pack) -> None:
    (rule,) = wulibao.standing

    assert (rule.weekdays, rule.at, rule.holiday, rule.every_weeks) == ((4,), time(15), "skip", 1)
    assert rule.responsible == ("municipal-duty", "school-duty", "hospital-duty")
    found = list(occurrences(rule, wulibao.calendar, date(2026, 11, 1), date(2026, 11, 30)))
    assert [(each.day.day, each.responsible) for each in found] == [
        (6, "municipal-duty"),
        (13, "school-duty"),
        (20, "hospital-duty"),
        (27, "municipal-duty"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("area: wls-grid-1", "area: wls-grid-9", "unknown_area", "wls-grid-9"),
        ("category: SAN.dead_corner", "category: SAN.corner", "unknown_category", "SAN.corner"),
        ("type: partner_unit_whistle", "type: friday_whistle", "unknown_whistle_type", "friday_whistle"),
        ("type: partner_unit_whistle", "type: quick_whistle", "tier_mismatch", "quick_whistle"),
        ("[municipal-duty, school-duty,", "[municipal-duty, school,", "unknown_post", "school"),
        ("[municipal-duty, school-duty,", "[municipal-duty, chief-63,", "cannot_respond", "chief-63"),
        ("[municipal-duty, school-duty,", "[municipal-duty, municipal-duty,", "said_twice", "responsible: "),
        ("time: 15:00", "time: 3 pm", "not_a_time", "3 pm"),
        ("time: 15:00", "time: 25:00", "not_a_time", "25:00"),
        ("weekdays: [fri]", "weekdays: [friday]", "not_one_of", "friday"),
        ("weekdays: [fri]", "weekdays: []", "empty_text", "weekdays: "),
        (", since: 2026-11-06", "", "field_missing", "cadence: "),
        (", since: 2026-11-06", ", since: 2026-11-06, every_weeks: 0", "too_small", "0}"),
        ("holiday: skip", "holiday: maybe", "not_one_of", "maybe"),
    ],
)
def test_a_standing_rule_that_cannot_be_kept_is_shown_where_it_stands(
    packs: Copy, old: str, new: str, code: str, at: str
) -> None:
    found = packs.change(PAGE, old, new).problem()
    line = (packs.folder / PAGE).read_text(encoding="utf-8").splitlines()[found.row - 1]

    assert found.code == code
    assert line[found.column - 1 :].startswith(at)


def test_a_single_unit_needs_no_list(packs: Copy) -> None:
    (rule,) = packs.change(PAGE, "[municipal-duty, school-duty, hospital-duty]", "school-duty").pack().standing

    assert rule.responsible == ("school-duty",)


def test_nobody_need_have_standing_whistles(packs: Copy) -> None:
    (packs.folder / PAGE).unlink()

    assert packs.pack().standing == ()
