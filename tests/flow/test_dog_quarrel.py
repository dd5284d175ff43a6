"""X4: two neighbours quarrel about a dog while the grid worker visits; it is settled before she leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.story import DUTY, Json, Town
from tests.flow.told import clocks, events, granted, in_state, opened_by, reported

pytestmark = pytest.mark.engines
WORKER = "p-yi-4"
QUARREL: Json = {
    "description": "两家为遛狗不拴绳吵了起来", "place": {"building": "courtyard-51-b1"}, "category": "ORD.dog",
    "answers": {"dog": "quarrel"},
}  # fmt: skip
SETTLED = {"result": "养狗的一家答应拴绳、避开早晚高峰", "public_reply": "两家当场说好:遛狗拴绳,早晚错开。"}


def test_a_quarrel_met_on_a_visit_is_opened_and_settled_within_half_an_hour(here: Town) -> None:
    """Row 10.

    Decision 1.43.
    """
    here.next_working_morning()
    case = opened_by(here, WORKER, **QUARREL, to_triage=True, **{"as": "grid-1-worker"})
    name = case["case_id"]
    assert (case["state"], case["origin"], case["reporters"]) == ("reported", "discovered", [])
    would = here._ok(here.http.post("/api/explain", json={"community": "wulibao", **QUARREL}, headers=here._as(WORKER)))
    assert (would["row"], would["main"]) == (62, "micro-51-1-lead")

    here.pass_time(timedelta(minutes=28))
    closed = here.command(WORKER, name, "solve_on_spot", **SETTLED, **{"as": "grid-1-worker"})

    assert (closed["state"], closed["outcome"]) == ("closed", "solved_on_spot")
    assert events(closed) == ["case.reported", "case.closed"]
    assert not {"call_back", "check"} & set(clocks(closed))
    assert clocks(closed)["result"]["met_at"] == closed["timeline"][-1]["at"], "shown as met at once"


def test_a_quarrel_told_during_the_visit_is_settled_told_and_not_called_back(here: Town) -> None:
    """Row 10."""
    here.next_working_morning()
    told = {name: said for name, said in QUARREL.items() if name != "category"}
    code = reported(here, WORKER, **told, channel="home_visit", on_behalf=True)
    case_id = "c" + here.progress(code)["report_id"].removeprefix("r")
    here.soon("the case", lambda: here.alerts(DUTY, case_id, "triage"))
    here.pass_time(timedelta(minutes=25))
    here.command(WORKER, case_id, "solve_on_spot", **SETTLED, **{"as": "grid-1-worker"})

    progress = in_state(here, code, "closed")
    assert any("遛狗拴绳" in each["text"] for each in progress["replies"])
    assert {"reopen", "rating"} <= set(progress["may"]), "settled on the spot may still be said to be unsettled"
    assert "call_back" not in clocks(here.case(DUTY, case_id))
    granted(here, code, "reopen", reason="第二天又没拴绳")
    assert in_state(here, code, "accepted")["responsible"] == {"unit": "五里堡南社区居委会"}
    granted(here, code, "withdraw")
