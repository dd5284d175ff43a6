"""Of each event of a case in the claim pool: who is told, how urgently, and what the alert offers."""

from __future__ import annotations

from dataclasses import replace

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.alert import alerts_for
from shaoyin.domain.header import header
from tests.domain.affairs import AREA, claimed, of, posted, told, volunteers


def test_an_order_asks_every_eligible_member_to_claim_it() -> None:
    story = posted()
    (event,) = story.all(ev.OrderPosted)
    heard = of(story, event)

    assert event.eligible
    assert heard == {f"person:{each}": ("order_posted", "act", "claim") for each in event.eligible}


def test_a_claim_is_told_to_the_community_without_a_name() -> None:
    story = claimed()
    claim = story.only(ev.OrderClaimed)
    (alert,) = alerts_for(claim, header(story.open_case, [claim]), story.pack)

    assert (alert.kind, alert.post, alert.level) == ("order_claimed", "duty", "info")
    assert alert.facts == (("count", "1"), ("places", "2"))
    assert of(story, story.only(ev.CaseSigned)) == {}


def test_of_a_further_claim_the_claimant_hears_and_the_lead_that_there_are_more() -> None:
    story = claimed()
    first, second = volunteers(story)[:2]

    events = story.give((second, None), cmd.Claim)

    assert told(story, events) == {
        f"person:{first}": ("order_places", "info", None), f"person:{second}": ("order_joined", "info", None),
    }  # fmt: skip


def test_a_further_place_given_up_is_told_to_the_lead_and_the_community() -> None:
    story = claimed()
    first, second = volunteers(story)[:2]
    story.give((second, None), cmd.Claim)

    assert told(story, story.give((second, None), cmd.GiveBack)) == {
        "duty": ("order_places", "info", None), f"person:{first}": ("order_places", "info", None),
    }  # fmt: skip


def test_an_order_that_was_given_back_in_time_is_asked_of_the_others_again() -> None:
    story = claimed()
    first, *others = volunteers(story)

    heard = told(story, story.give((first, None), cmd.GiveBack))

    assert heard.pop("duty") == ("order_given_back", "info", None)
    assert heard == {f"person:{each}": ("order_posted", "act", "claim") for each in others}


def test_an_order_given_back_too_late_for_others_is_the_communitys_to_assign() -> None:
    story = claimed()
    first = volunteers(story)[0]
    story.wait(hours=25)

    assert told(story, story.give((first, None), cmd.GiveBack)) == {"duty": ("order_unclaimed", "act", "dispatch")}


def test_an_order_that_nobody_claimed_is_the_communitys_to_assign_or_decline() -> None:
    story = posted()

    unclaimed = [each for each in story.wait(days=2) if isinstance(each, ev.OrderUnclaimed)]

    assert told(story, unclaimed) == {"duty": ("order_unclaimed", "act", "dispatch")}


def test_an_order_taken_back_is_told_to_the_claimant_without_blame() -> None:
    story = claimed()
    first = volunteers(story)[0]
    event = ev.OrderTakenBack(
        at=story.now,
        claimant=first,
        to="accepted",
        owner=ev.Party("duty", None, "south-committee", AREA),
        reason="没来",
    )

    assert of(story, event) == {
        f"person:{first}": ("order_taken_back", "info", None), "duty": ("order_unclaimed", "act", "dispatch"),
    }  # fmt: skip


def test_a_volunteer_whose_date_passed_hears_it_with_the_community_and_nobody_above() -> None:
    story = claimed()
    late = [each for each in story.wait(days=30) if isinstance(each, ev.CaseOverdue) and each.clock == "result"]

    assert set(told(story, late)) == {f"person:{volunteers(story)[0]}", "duty"}


def test_a_header_of_an_older_writer_still_tells_everybody() -> None:
    story = claimed()
    claim = story.only(ev.OrderClaimed)
    older = replace(header(story.open_case, [claim]), order=None, parts=(), supervisor=None)

    assert [alert.recipient for alert in alerts_for(claim, older, story.pack)][:1] == ["duty"]
