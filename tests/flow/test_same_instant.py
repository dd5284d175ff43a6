"""Two people give commands that exclude each other at the same instant: one wins, the other reads why, nothing half."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial

import httpx
import pytest

from deploy.story import CENTRE, DEPUTY, DUTY, HEAD, Json, Town
from shaoyin.domain.calendar import Within
from tests.flow.told import at_triage, clocks, events, granted, together

pytestmark = pytest.mark.engines


def give(
    here: Town, person: str, name: str, command: str, body: Json, version: int | None, http: httpx.AsyncClient
) -> object:
    headers = here._as(person) | ({} if version is None else {"If-Match": f'"{version}"'})
    return http.post(f"/api/cases/{name}/commands/{command}", json=body, headers=headers)


@pytest.mark.parametrize("said", [False, True], ids=["by the rule", "by the version"])
def test_two_dispatch_the_same_case_and_it_is_dispatched_once(here: Town, said: bool) -> None:
    """Row 14."""
    here.next_working_morning()
    code = here.report(description="哪里办证明", place={"building": "kangning-b6"})["query_code"]
    name = at_triage(here, code)["case_id"]
    case = here.command(DUTY, name, "accept", category="CON.consult", area="kangning-b6", urgency="normal")
    version = case["version"] if said else None
    answers = asyncio.run(
        together(
            here, partial(give, here, DUTY, name, "dispatch", {}, version),
            partial(give, here, CENTRE, name, "dispatch", {"main": "centre"}, version),
        )
    )  # fmt: skip

    assert sorted(each.status_code for each in answers) in ([200, 409], [200, 412]), [each.text for each in answers]
    won = answers[0] if answers[0].status_code == 200 else answers[1]
    after = here.case(DUTY, name)
    assert events(after).count("case.dispatched") == 1
    assert (after["version"], after["owner"]) == (won.json()["version"], won.json()["owner"])
    assert after["owner"]["post"] == ("duty" if won is answers[0] else "centre")
    granted(here, code, "withdraw")


def test_an_extension_approved_and_declined_at_once_has_one_answer(here: Town) -> None:
    """Rows 26, a7, a8."""
    here.next_working_morning()
    code = here.report(description="怎么换锁", category="CON.consult", place={"building": "road-47"})["query_code"]
    name = here.opened(code)["case_id"]
    here.command(DUTY, name, "sign_for")
    here.command(DUTY, name, "start")
    due = clocks(here.case(DUTY, name))["result"]["due_at"]
    until = here.pack.due(datetime.fromisoformat(due), Within(5, "wd")).due_at.isoformat()
    here.command(DUTY, name, "request_extension", until=until, reason="要问派出所", public_reason="要向派出所核实")
    answers = asyncio.run(
        together(
            here, partial(give, here, DEPUTY, name, "approve_extension", {}, None),
            partial(give, here, HEAD, name, "decline_extension", {"reason": "当天能问到"}, None),
        )
    )  # fmt: skip

    assert sorted(each.status_code for each in answers) in ([200, 409], [200, 412]), [each.text for each in answers]
    approved, declined = (each.status_code == 200 for each in answers)
    after = here.case(DUTY, name)
    told = [each for each in events(after) if each in ("case.extension_approved", "case.extension_declined")]
    assert told == (["case.extension_approved"] if approved else ["case.extension_declined"])
    assert (clocks(after)["result"]["due_at"] != due) == approved != declined
    assert after["extension"] is None
    granted(here, code, "withdraw")
