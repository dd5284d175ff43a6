"""The claim pool over HTTP: posted by level, seen by the vetted, claimed by one of two, done, rated by the orderer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import httpx
import pytest

from deploy.story import DUTY, Json, Town
from tests.flow.told import at_triage, clocks, events, granted, in_state, opened_by, together

pytestmark = pytest.mark.engines
ONE, OTHER, UNVETTED, NOBODY = "p-gui-3", "p-gui-12", "p-ren-1", "p-gui-14"
WEEDS: Json = {"description": "院角堆了枯枝和旧木板,老人搬不动", "category": "SAN.dead_corner"}


def posted(here: Town, building: str, category: str = "SAN.dead_corner", **order: object) -> tuple[str, str]:
    """An order in the pool: the report had no category, so triage looked first and chose the pool."""
    code = here.report(description=WEEDS["description"], place={"building": building})["query_code"]
    name = at_triage(here, code)["case_id"]
    here.command(DUTY, name, "accept", category=category, area=building, urgency="normal")
    here.command(DUTY, name, "post_for_claim", task="清理院角,半天", **order)
    return code, name


def pool(here: Town, person: str) -> dict[str, Json]:
    listed = here._ok(here.http.get("/api/orders", headers=here._as(person)))["items"]
    return {each["case_id"]: each for each in listed}


def claim(here: Town, person: str, name: str, http: httpx.AsyncClient) -> object:
    return http.post(f"/api/cases/{name}/commands/claim", json={}, headers=here._as(person))


def test_an_order_shows_before_the_claim_no_more_than_its_orderer_agreed_to(here: Town) -> None:
    """Row 15.

    Decision 2.34.
    """
    here.next_working_morning()
    found = {
        level: posted(here, f"kangning-b{number}", publication=level)
        for number, level in enumerate(("category_only", "short", "full"), 1)
    }
    seen = pool(here, ONE)

    shown = {level: seen[name] for level, (_code, name) in found.items()}
    assert {level: each["area"] for level, each in shown.items()} == {
        "category_only": "wls-micro-kn-1", "short": "kangning-b2", "full": "kangning-b3"
    }  # fmt: skip
    assert {level: each.get("task") for level, each in shown.items()} == {
        "category_only": None, "short": "清理院角,半天", "full": "清理院角,半天"
    }  # fmt: skip
    assert all(each["may"] == ["claim"] and each["places_left"] == 1 for each in shown.values())
    assert all("description" not in each and "place" not in each for each in shown.values())
    assert not set(pool(here, NOBODY)) & {name for _code, name in found.values()}, "his enrolment has ended"
    for code, _name in found.values():
        granted(here, code, "withdraw")


def test_an_order_for_an_elder_is_seen_and_claimed_by_the_vetted_alone(here: Town) -> None:
    """Decision 2.27."""
    here.next_working_morning()
    code, name = posted(here, "xinghua-b1", "CAR.elder", publication="short")

    assert name in pool(here, ONE)
    assert name not in pool(here, UNVETTED)
    assert here.try_command(UNVETTED, name, "claim").status_code == 404
    granted(here, code, "withdraw")
    assert name not in pool(here, ONE)


def test_two_claim_one_place_at_the_same_instant_and_one_of_them_has_it(here: Town) -> None:
    """Rows 16, 22, 32, a10.

    Decisions 1.25, 2.28.
    """
    here.next_working_morning()
    code, name = posted(here, "xinghua-b2", publication="short")
    here.soon("the members' alerts", lambda: here.alerts(ONE, name, "order_posted"))
    answers = asyncio.run(together(here, partial(claim, here, ONE, name), partial(claim, here, OTHER, name)))

    assert sorted(each.status_code for each in answers) == [200, 409], [each.text for each in answers]
    won, lost = sorted(answers, key=lambda each: each.status_code)
    assert (won.json()["state"], lost.json()["rule"]) == ("signed", "no_place_free")
    winner = ONE if answers[0] is won else OTHER
    loser = OTHER if winner == ONE else ONE
    signed = here.case(DUTY, name)
    assert events(signed).count("order.claimed") == events(signed).count("case.signed") == 1
    assert clocks(signed)["sign"]["met_at"] == signed["timeline"][-1]["at"]
    done_by(here, winner, loser, code, name)


def done_by(here: Town, winner: str, loser: str, code: str, name: str) -> None:
    """The claimant sees the address now, works and says what was done; the orderer's rating closes it."""
    mine = pool(here, winner)[name]
    assert (mine["claimed"], mine["area"], mine["description"]) == (True, "xinghua-b2", WEEDS["description"])
    assert name not in pool(here, loser)
    assert here.http.get(f"/api/cases/{name}", headers=here._as(loser)).status_code == 404
    seen = here.case(DUTY, name)
    assert winner not in str(seen["order"]), "other helpers' names are not shown"
    here.command(winner, name, "start")
    here.pass_time(timedelta(hours=2))
    here.command(
        winner, name, "submit_result", demand_true=True, solved="solved", work_done="枯枝捆好搬到清运点",
        public_reply="院角已经清干净。", why_no_photo="屋主不愿拍照",
    )  # fmt: skip
    in_state(here, code, "calling_back")
    granted(here, code, "rating", solved="solved", satisfaction="satisfied")
    in_state(here, code, "closed")
    assert here.case(DUTY, name)["outcome"] == "solved"


def test_what_was_found_by_staff_themselves_is_posted_too_and_ends_without_a_call_back(here: Town) -> None:
    """Rows 15, 16, a3, 32.

    Decision 2.13.
    """
    here.next_working_morning()
    found = opened_by(here, DUTY, **WEEDS, place={"building": "hospital-block"}, to_triage=True)
    name = found["case_id"]
    here.command(DUTY, name, "accept", category="SAN.dead_corner", area="hospital-block", urgency="normal")
    here.command(DUTY, name, "post_for_claim", task="清理院角", publication="full")
    here.command(ONE, name, "claim")
    back = here.command(ONE, name, "give_back", reason="临时有事")
    assert back["state"] == "open_for_claim"
    here.command(OTHER, name, "claim")
    here.command(OTHER, name, "start")
    here.command(
        OTHER, name, "submit_result", demand_true=True, solved="solved", work_done="清完了", public_reply="清完了",
        why_no_photo="手机没电",
    )  # fmt: skip
    assert here.case(DUTY, name)["outcome"] == "no_reporter"
