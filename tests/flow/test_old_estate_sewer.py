"""X3: an old estate without a firm, its sewer full of debris; it waits for the council's money, then is cleaned out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.story import CENTRE, DEPUTY, DUTY, Json, Town, result
from tests.flow.told import clocks, in_state, local, replied, told_dates, wish

pytestmark = pytest.mark.engines
GRID_LEAD_3, HOME = "p-yi-3", "courtyard-63-b2"
HOURS_3, HOURS_21 = timedelta(hours=3), timedelta(hours=21)
DAYS_4, DAYS_7 = timedelta(days=4), timedelta(days=7)


def test_a_sewer_waits_for_the_council_and_gets_back_the_hours_that_were_left(here: Town) -> None:
    """Rows 27, 28, 29, 30, 33.

    Decisions 1.14, 1.16, 1.29.
    """
    morning = here.next_working_morning()
    code = here.report(
        description="整栋楼下水道被建筑垃圾堵死", category="WAT.sewer_blocked", place={"building": HOME},
        answers={"inside_flat": False, "public_main": False},
    )["query_code"]  # fmt: skip
    case = here.opened(code)
    name = case["case_id"]
    rows = {each["row"]: each["matched"] for each in here.explanation(DUTY, name)["rows"]}
    assert rows[25], "whose thing it is: nobody manages the courtyard"
    assert rows[36], "what it is: the more exact row decides"
    assert here.explanation(DUTY, name)["row"] == 36
    begun(here, case)

    here.pass_time(HOURS_3)
    rest = here.command(
        DEPUTY, name, "suspend", reason="awaiting_deliberation", review_at=(morning + DAYS_7).isoformat(),
        note_to_reporter="议事会下周二表决清掏经费,表决后当天复工。",
    )  # fmt: skip
    assert rest["state"] == "suspended"
    assert "下周二表决" in " ".join(replied(here, code, "下周二表决"))
    assert in_state(here, code, "suspended")["responsible"] == {"unit": "五里堡南社区居委会"}
    assert here.try_command(DUTY, name, "submit_result", **result()).json()["code"] == "not_now"

    here.pass_time(DAYS_4)
    again = here.command(DUTY, name, "resume", reason="议事会同意动用公共收益")
    assert again["state"] == "in_progress"
    first, resumed = told_dates(here, DUTY, name, "result")
    assert first["within"] == resumed["within"] == "24 h"
    assert (resumed["from"], resumed["left_minutes"]) == (again["timeline"][-1]["at"], 21 * 60)
    assert local(here, resumed["due_at"]) == local(here, (morning + HOURS_3 + DAYS_4 + HOURS_21).isoformat())
    cleaned_out(here, case, code)


def begun(here: Town, case: Json) -> None:
    """The whistles of row 36 are called off: before there is money there is nothing to flush."""
    name = case["case_id"]
    for each in case["whistles"]:
        here.command(DUTY, name, "cancel_whistle", whistle_id=each["whistle_id"], reason="先等议事会定经费")
    here.command(DUTY, name, "sign_for")
    here.command(DUTY, name, "start")
    here.command(DUTY, name, "contact_reporter", outcome="reached", at=here.now().isoformat(), note="说明要先议事")


def cleaned_out(here: Town, case: Json, code: str) -> None:
    name = case["case_id"]
    here.pass_time(HOURS_21 / 3)
    here.command(DUTY, name, "submit_result", **{**result(), "work_done": "检查井和横管全部清掏,建筑垃圾外运"})
    assert clocks(here.case(DUTY, name))["result"]["met_at"] is not None
    assert here.try_command(DUTY, name, "pass_check").json()["rule"] == "own_work"
    here.command(GRID_LEAD_3, name, "pass_check", note="逐户放水试过")
    call = {"reporter_ref": case["reporters"][0]["reporter_ref"], "outcome": "solved", "note": "回访:水下得很快"}
    assert here.try_command(DUTY, name, "record_call_back", **call).json()["rule"] == "own_work"
    closed = here.command(CENTRE, name, "record_call_back", **call, satisfaction="fairly_satisfied")
    assert (closed["state"], closed["outcome"]) == ("closed", "solved")
    in_state(here, code, "closed")
    assert wish(here, code, "urge").status_code == 409
