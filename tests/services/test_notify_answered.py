"""An alert that somebody answered asks nobody any more: a claim, a decision, a judgement frees the others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.notify.answered import answers
from shaoyin.adapters.bus import Message
from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.header import Header
from tests.contracts.examples import invented
from tests.domain.affairs import AREA, DEPUTY
from tests.domain.town import CENTRE, DUTY, MORNING, MUNICIPAL, SECRETARY, a_blocked_drain
from tests.services.notify_setup import Office, Sending, a_story, office

UNIT = "c1-w1"
ADDED_TO_HEADER = (
    "order", "parts", "merged_into", "opened_from", "disputed", "hazard", "supervisor", "emergency",
)  # fmt: skip


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path) as found:
        yield found


def a_wish(places: int) -> Sending:
    """Somebody needs company, and the members are asked."""
    story = Sending()
    story.report(a_blocked_drain(category=None, description="想找人陪着去看病"))
    story.give(DUTY, cmd.Accept, category="CAR.elder", area=AREA, urgency="normal", number="N1")
    story.give(DUTY, cmd.PostForClaim, publication="short", task="陪老人看病", places=places)
    return story


def at_work() -> Sending:
    story = Sending()
    story.report(a_blocked_drain(category=None))
    story.give(DUTY, cmd.Accept, category="WAT.sewer_blocked", area=AREA, urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


async def raised(here: Office, story: Sending) -> None:
    await story.send(here.bus)
    await here.all_raised()


async def test_a_wish_is_offered_to_each_member_in_his_own_inbox(here: Office) -> None:
    story = a_wish(places=1)
    await raised(here, story)
    one = story.only(ev.OrderPosted).eligible[0]

    alert = await here.alert(one, "order_posted")

    assert alert["act"] == {"command": "claim", "fields": {}}
    assert alert["due_at"] == (MORNING + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert "陪老人看病" not in f"{alert['title']}{alert['body']}"


async def test_the_claim_that_fills_the_last_place_frees_all_who_were_asked(here: Office) -> None:
    story = a_wish(places=1)
    first, second, *_ = story.only(ev.OrderPosted).eligible
    story.give((first, None), cmd.Claim)
    await raised(here, story)

    assert (await here.alert(second, "order_posted"))["act"] is None
    assert (await here.alert("p-jia-1", "to_post"))["act"] is None
    assert "order_claimed" in await here.kinds("p-jia-1")


async def test_while_a_place_is_free_the_others_are_still_asked(here: Office) -> None:
    story = a_wish(places=2)
    first, second, *_ = story.only(ev.OrderPosted).eligible
    story.give((first, None), cmd.Claim)
    await raised(here, story)

    assert (await here.alert(first, "order_posted"))["act"] is None
    assert (await here.alert(second, "order_posted"))["act"] is not None


async def test_an_order_that_came_back_asks_each_member_once_and_not_twice(here: Office) -> None:
    story = a_wish(places=2)
    first, second, *_ = story.only(ev.OrderPosted).eligible
    story.give((first, None), cmd.Claim)
    story.give((first, None), cmd.GiveBack)
    await raised(here, story)

    asked = [each["act"] for each in await here.inbox(second) if each["kind"] == "order_posted"]
    assert len(asked) == 2
    assert [each for each in asked if each is not None] == [{"command": "claim", "fields": {}}]


async def test_more_time_that_was_decided_asks_the_deputy_no_more(here: Office) -> None:
    story = at_work()
    until = story.open_case.clocks["result"].deadline.due_at + timedelta(days=3)
    story.give(MUNICIPAL, cmd.RequestExtension, until=until, reason="等材料", public_reason="等材料")
    await raised(here, story)
    wanted = await here.alert("p-bing-3", "extension_wanted")
    assert wanted["act"] == {"command": "approve_extension", "fields": {}}

    story.give(DEPUTY, cmd.DeclineExtension, reason="不必")
    await raised(here, story)

    assert (await here.alert("p-bing-3", "extension_wanted"))["act"] is None
    assert (await here.alert("p-wu-1", "extension_declined"))["act"] is None


async def test_a_case_that_went_to_somebody_else_asks_the_old_handler_no_more(here: Office) -> None:
    story = Sending()
    story.report(a_blocked_drain(category=None))
    story.give(DUTY, cmd.Accept, category="WAT.sewer_blocked", area=AREA, urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested="mediator")
    story.give(DUTY, cmd.Reassign, main="mediator", reason="调解员合适")
    await raised(here, story)

    assert (await here.alert("p-wu-1", "new_case"))["act"] is None
    assert (await here.alert("p-jia-1", "returned"))["act"] is None
    assert (await here.alert("p-jia-5", "new_case"))["act"] == {"command": "sign_for", "fields": {}}


def objected() -> Sending:
    """Two units are called, and both say that it is not theirs."""
    story = a_story()
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=UNIT, starts_at=MORNING + timedelta(hours=5))
    story.give(DUTY, cmd.AddResponder, whistle_id=UNIT, responder="hospital-duty")
    for who in (MUNICIPAL, ("p-ji-2", "hospital-duty")):
        story.give(who, cmd.Object, whistle_id=UNIT, ground="wrong_duty", basis="三定方案")
    return story


async def test_the_judgement_on_one_objection_leaves_the_other_to_be_judged(here: Office) -> None:
    story = objected()
    story.give(
        CENTRE, cmd.DecideObjection, whistle_id=UNIT, responder="municipal-duty", decision="overrule", reason="归你们"
    )
    await raised(here, story)

    asked = [each["act"] for each in await here.inbox("p-bing-1") if each["kind"] == "objection_to_decide"]

    assert len(asked) == 2
    assert [each for each in asked if each is not None] == [
        {"command": "decide_objection", "fields": {"whistle_id": UNIT, "responder": "hospital-duty"}}
    ]


async def test_the_news_of_an_older_writer_are_told_like_any_other(here: Office) -> None:
    story = a_wish(places=1)
    first, second, *_ = story.only(ev.OrderPosted).eligible
    story.give((first, None), cmd.Claim)

    await here.bus.send([of_older_writer(each) for each in story.fresh])
    await here.all_raised()

    assert (await here.alert(second, "order_posted"))["act"] is None
    assert "order_claimed" in await here.kinds("p-jia-1")


def of_older_writer(message: Message) -> Message:
    body = json.loads(message.value)
    header = {name: value for name, value in body["header"].items() if name not in ADDED_TO_HEADER}
    header["reporters"] = [
        {name: value for name, value in each.items() if name != "from_case"} for each in header["reporters"]
    ]
    return replace(message, value=json.dumps({**body, "header": header}).encode())


def test_a_whistle_that_nobody_requested_answers_nobody() -> None:
    blown = invented(ev.WhistleBlown)
    asked, unasked = (
        answers(CaseNews("c1:5", 5, invented(Header), replace(blown, opened=opened))) for opened in (None, blown.opened)
    )

    assert blown.opened is not None
    assert unasked is None
    assert asked is not None
    assert asked.kinds == ("whistle_approval",)
