"""The week of National Day 2026 walked through: what the calendar does to every date, and who is told in the meantime.

Written by hand from the State Council's arrangement for 2026 (国办发明电〔2025〕7号): 1 to 7 October are off, Sunday
20 September and Saturday 10 October are worked; Mid-Autumn is off from 25 to 27 September. Duty is 9-12 and 14-18.
"""

from __future__ import annotations

from functools import partial

import pytest

from deploy.story import CENTRE, DEPUTY, DISTRICT, DUTY, GRID_LEAD, HEAD, Json, Town, result
from tests.flow.told import events, granted, in_state, local, on_day, replied, told_dates

pytestmark = pytest.mark.engines
HOLIDAY = [(f"2026-10-0{day}", 0, "holiday") for day in range(1, 8)]
"""How the seven days stand in a count of working time."""
Day = tuple[str, int, str]

DATES: list[tuple[str, str, str, str, str, list[Day]]] = [
    # category, clock, from, due, within, the days with what counted and why
    (
        "LIG.lamp_out", "result", "2026-09-30 15:00", "2026-10-10 18:00", "3 wd",
        [("2026-09-30", 0, "start"), *HOLIDAY, ("2026-10-08", 1, "workday"), ("2026-10-09", 1, "workday"),
         ("2026-10-10", 1, "makeup")],
    ),
    (
        "LIG.lamp_out", "result", "2026-09-18 10:00", "2026-09-22 18:00", "3 wd",
        [("2026-09-18", 0, "start"), ("2026-09-19", 0, "weekend"), ("2026-09-20", 1, "makeup"),
         ("2026-09-21", 1, "workday"), ("2026-09-22", 1, "workday")],
    ),
    (
        "LIG.lamp_out", "result", "2026-09-23 10:00", "2026-09-29 18:00", "3 wd",
        [("2026-09-23", 0, "start"), ("2026-09-24", 1, "workday"), ("2026-09-25", 0, "holiday"),
         ("2026-09-26", 0, "holiday"), ("2026-09-27", 0, "holiday"), ("2026-09-28", 1, "workday"),
         ("2026-09-29", 1, "workday")],
    ),
    (
        "CON.suggestion", "result", "2026-09-28 11:00", "2026-10-08 18:00", "7 d",
        [("2026-09-28", 0, "start"), ("2026-09-29", 1, "workday"), ("2026-09-30", 1, "workday"),
         *((day, 1, why) for day, _counted, why in HOLIDAY[:5]), *HOLIDAY[5:], ("2026-10-08", 0, "workday")],
    ),
    (
        "WAT.ponding", "result", "2026-09-30 17:30", "2026-10-08 14:30", "4 wh",
        [("2026-09-30", 30, "workday"), *HOLIDAY, ("2026-10-08", 210, "workday")],
    ),
    (
        "SAN.exposed_waste", "reply", "2026-10-10 17:00", "2026-10-12 12:00", "4 wh",
        [("2026-10-10", 60, "makeup"), ("2026-10-11", 0, "weekend"), ("2026-10-12", 180, "workday")],
    ),
    (
        "WAT.sewer_blocked", "result", "2026-10-01 08:00", "2026-10-02 08:00", "24 h",
        [("2026-10-01", 960, "clock"), ("2026-10-02", 480, "clock")],
    ),
    (
        "ORD.noise_business", "result", "2026-09-30 20:00", "2026-10-09 09:00", "24 h",
        [("2026-09-30", 0, "workday"), *HOLIDAY, ("2026-10-08", 900, "clock"), ("2026-10-09", 540, "clock")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "clock", "start", "due", "within", "days"), DATES, ids=[f"{each[4]} from {each[2]}" for each in DATES]
)
def test_every_unit_is_counted_over_the_holiday_as_the_published_calendar_says(
    here: Town, category: str, clock: str, start: str, due: str, within: str, days: list[Day]
) -> None:
    """Decision 1.38."""
    body = {"community": "wulibao", "category": category, "place": {"building": "courtyard-51-b1"}}
    asked = {**body, "at": start.replace(" ", "T") + ":00+08:00"}
    told = here._ok(here.http.post("/api/explain", json=asked, headers=here._as(DUTY)))

    found = next(each for each in told["clocks"] if each["clock"] == clock)
    assert (found["within"], local(here, found["due_at"])) == (within, due)
    assert by_day(found) == days
    assert found["provisional"] is False


def by_day(clock: Json) -> list[Day]:
    return [(each["day"], each["counted"], each["why"]) for each in clock["days"]]


def lamp(here: Town, building: str) -> tuple[str, str]:
    """A lamp that is out: three working days, an answer within one; the community is responsible."""
    body = {"description": "院里路灯不亮", "category": "LIG.lamp_out", "place": {"building": building}}
    code = here.report(**body)["query_code"]
    return code, here.opened(code)["case_id"]


def dates(here: Town, name: str) -> dict[str, str]:
    return {each["clock"]: local(here, each["due_at"]) for each in here.explanation(DUTY, name)["clocks"]}


def test_four_matters_live_through_the_week_of_national_day(here: Town) -> None:
    """Rows 26, a7, 27, 28, 29, 30, 44, 45, 46.

    Decisions 1.8, 1.12, 1.16.
    """
    on_day(here, "2026-09-29", "09:30")
    extended, rested = lamp(here, "courtyard-51-b1"), lamp(here, "courtyard-51-b2")
    for _code, name in (extended, rested):
        begun(here, name)
    on_day(here, "2026-09-30", "11:00")
    more_time(here, *extended)
    put_to_rest(here, *rested)
    on_day(here, "2026-09-30", "16:00")
    silent = lamp(here, "courtyard-51-b3")
    assert dates(here, silent[1]) == {
        "reply": "2026-10-08 18:00", "dispatch": "2026-10-08 11:00", "sign": "2026-10-08 18:00",
        "contact": "2026-10-08 18:00", "result": "2026-10-10 18:00",
    }  # fmt: skip

    urgent = here.report(**BLOCKED, place={"building": "courtyard-63-b3"})["query_code"]
    climbed_over_the_holiday(here, urgent)
    on_day(here, "2026-10-08", "10:00")
    for code, name in (extended, rested, silent):
        assert "case.overdue" not in events(here.case(DUTY, name)), "seven days off are nobody's delay"
        assert here.progress(code)["state"] != "closed"
    taken_up_again(here, *rested)
    nobody_answers(here, *silent)
    finished(here, extended, rested)


BLOCKED: Json = {"description": "下水道堵死", "category": "WAT.sewer_blocked"}
URGENT = [
    ("2026-09-30 17:00", "sign"), ("2026-09-30 18:00", "contact"), ("2026-10-01 16:00", "result"),
    ("2026-10-02 04:00", "result"), ("2026-10-02 16:00", "result"),
]  # fmt: skip
"""Signing in 1 h, contact in 2 h, the result in 24 h, then twice half as long again: by the wall clock, off or not."""


def climbed_over_the_holiday(here: Town, code: str) -> None:
    """What is urgent does not wait for the 8th: nobody answers, so the street and the district hear of it."""
    name = here.opened(code)["case_id"]
    on_day(here, "2026-10-03", "09:00")
    seen = here.case(DUTY, name)
    late = [each for each in seen["timeline"] if each["event"] == "case.overdue"]
    assert [local(here, each["at"]) for each in late] == [at for at, _clock in URGENT]
    assert [local(here, each["due_at"]) for each in told_dates(here, DUTY, name, "result")] == ["2026-10-01 16:00"]
    here.soon("hop 1", lambda: here.alerts(CENTRE, name, "result_overdue"))
    here.soon("hop 2", lambda: here.alerts(DISTRICT, name, "result_overdue"))
    assert (seen["supervision"], seen["hard_case"]) == ("red_card", True)
    granted(here, code, "withdraw")


def begun(here: Town, name: str) -> None:
    """29 September 09:30, three working days: the 30th, then the 8th and the 9th of October."""
    told = dates(here, name)
    assert (told["result"], told["sign"], told["contact"]) == (
        "2026-10-09 18:00", "2026-09-30 18:00", "2026-09-30 18:00"
    )  # fmt: skip
    result_days = by_day(told_dates(here, DUTY, name, "result")[0])
    assert result_days == [
        ("2026-09-29", 0, "start"), ("2026-09-30", 1, "workday"), *HOLIDAY, ("2026-10-08", 1, "workday"),
        ("2026-10-09", 1, "workday"),
    ]  # fmt: skip
    here.command(DUTY, name, "sign_for")
    here.command(DUTY, name, "start")
    here.command(DUTY, name, "contact_reporter", outcome="reached", at=here.now().isoformat(), note="说明了安排")


def more_time(here: Town, code: str, name: str) -> None:
    """Asked for on 30 September until 13 October 18:00; ten working days after the 9th would be the 22nd."""
    ask = {"reason": "灯杆要换", "public_reason": "灯杆要从厂里订"}
    refused = here.try_command(DUTY, name, "request_extension", until="2026-10-23T18:00:00+08:00", **ask)
    assert refused.json()["rule"] == "extension_too_long"
    here.command(DUTY, name, "request_extension", until="2026-10-13T18:00:00+08:00", **ask)
    assert dates(here, name)["result"] == "2026-10-09 18:00", "asking moves nothing"
    here.command(DEPUTY, name, "approve_extension")

    first, longer = told_dates(here, DUTY, name, "result")
    assert local(here, first["from"]) == local(here, longer["from"]) == "2026-09-29 09:30"
    assert (local(here, longer["due_at"]), longer["left_minutes"]) == ("2026-10-13 18:00", 2910)
    assert by_day(longer) == [
        ("2026-09-29", 390, "workday"), ("2026-09-30", 420, "workday"), *HOLIDAY, ("2026-10-08", 420, "workday"),
        ("2026-10-09", 420, "workday"), ("2026-10-10", 420, "makeup"), ("2026-10-11", 0, "weekend"),
        ("2026-10-12", 420, "workday"), ("2026-10-13", 420, "workday"),
    ]  # fmt: skip
    assert any("2026-10-13 18:00" in each or "10月13日" in each for each in replied(here, code, "灯杆要从厂里订"))


def put_to_rest(here: Town, code: str, name: str) -> None:
    """From 30 September 11:00; 19 hours of duty are left: 5 of that day, 7 of the 8th and 7 of the 9th of October."""
    note = "等业主表决动用维修资金,节后第一天接着办。"
    too_far = {"reason": "awaiting_funds_vote", "note_to_reporter": note}
    refused = here.try_command(DEPUTY, name, "suspend", review_at="2026-10-31T18:00:00+08:00", **too_far)
    assert refused.json()["rule"] == "review_too_far"
    here.command(
        DEPUTY, name, "suspend", reason="awaiting_funds_vote", review_at="2026-10-12T18:00:00+08:00",
        note_to_reporter=note,
    )  # fmt: skip
    assert replied(here, code, "节后第一天接着办")


def taken_up_again(here: Town, code: str, name: str) -> None:
    """On 8 October at 10:00: 6 hours that day, 7 on the 9th, the last 6 on the worked Saturday, at 17:00."""
    again = here.command(DUTY, name, "resume")
    assert again["state"] == "in_progress"
    resumed = told_dates(here, DUTY, name, "result")[-1]
    assert (local(here, resumed["from"]), resumed["left_minutes"]) == ("2026-10-08 10:00", 19 * 60)
    assert local(here, resumed["due_at"]) == "2026-10-10 17:00"
    assert by_day(resumed) == [
        ("2026-10-08", 360, "workday"), ("2026-10-09", 420, "workday"), ("2026-10-10", 360, "makeup")
    ]  # fmt: skip
    assert in_state(here, code, "in_progress")["due_at"] == "2026-10-10T17:00:00+08:00"


SILENCE = [
    # when, what, who is told
    ("2026-10-08 18:00", "case.overdue", "contact", DUTY, "clock_overdue"),
    ("2026-10-08 18:00", "case.overdue", "sign", DUTY, "sign_overdue"),
    ("2026-10-10 11:24", "case.due_soon", "result", DUTY, "due_soon"),
    ("2026-10-10 18:00", "case.overdue", "result", CENTRE, "result_overdue"),
    ("2026-10-13 15:30", "case.overdue", "result", DISTRICT, "result_overdue"),
    ("2026-10-15 11:00", "case.overdue", "result", HEAD, "result_overdue"),
]
"""23 hours of duty from 30 September 16:00 to 10 October 18:00; four fifths, then half as long again, twice."""


def nobody_answers(here: Town, code: str, name: str) -> None:
    on_day(here, "2026-10-15", "12:00")
    seen = here.case(DUTY, name)
    climbed = [
        (local(here, each["at"]), each["event"])
        for each in seen["timeline"]
        if each["event"] in ("case.overdue", "case.due_soon")
    ]
    assert sorted(climbed) == sorted((at, event) for at, event, _clock, _who, _kind in SILENCE)
    for _at, _event, _clock, who, kind in SILENCE:
        here.soon(f"{kind} to {who}", partial(here.alerts, who, name, kind))
    grades = [local(here, each["at"]) for each in seen["timeline"] if each["event"] == "case.supervised"]
    assert grades == ["2026-10-10 18:00", "2026-10-13 15:30", "2026-10-15 11:00"]
    assert (seen["supervision"], seen["hard_case"]) == ("red_card", True)
    assert len(here.alerts(CENTRE, name, "result_overdue")) == 2, "as the first body, and in the joint meeting"
    granted(here, code, "withdraw")


def finished(here: Town, extended: tuple[str, str], rested: tuple[str, str]) -> None:
    """Both are late by now and mended; the check and the call-back are somebody else's."""
    for code, name in (extended, rested):
        here.command(DUTY, name, "submit_result", **result())
        here.command(GRID_LEAD, name, "pass_check")
        in_state(here, code, "calling_back")
        granted(here, code, "rating", solved="solved")
        in_state(here, code, "closed")
    late = [each for each in here.case(DUTY, extended[1])["timeline"] if each["event"] == "case.overdue"]
    assert [local(here, each["at"]) for each in late] == ["2026-10-13 18:00"]
    late = [each for each in here.case(DUTY, rested[1])["timeline"] if each["event"] == "case.overdue"]
    assert local(here, late[0]["at"]) == "2026-10-10 17:00"
