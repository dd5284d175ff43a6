"""A small wish is posted, claimed, given back or taken back, and nobody is punished: rows 15 to 17 and a3 to a5."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.case import Refused
from shaoyin.domain.flow import row_for
from shaoyin.domain.header import header
from tests.domain.affairs import accepted, claimed, posted, result, told
from tests.domain.lamp import (
    NOBODY,
    due,
    lamp_accepted,
    lamp_in_work,
    met,
    owner,
    passed_over,
    running,
    said,
    stopped,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, SECRETARY, Story, at, enrolled, gathered, types

ONE, TWO, THREE, FOUR = ((f"p-gui-{number}", None) for number in range(1, 5))
WISH: dict[str, object] = {"publication": "short", "task": "陪老人去配眼镜"}
WINDOW = at("2026-09-15 09:30")
"""Posted on Monday at 09:30, claimable for 24 hours."""


def elders_wish() -> Story:
    return accepted("CAR.elder", "elevated")


def with_a_child() -> Story:
    story = accepted("CAR.minor", "elevated")
    story.give(DUTY, cmd.PostForClaim, **WISH, consent=True)
    return story


def for_the_afternoon(places: int = 2) -> Story:
    """Agreed for Monday 16:00, so it can be taken back while its window is still open."""
    story = accepted("CAR.elder")
    story.give(DUTY, cmd.PostForClaim, **WISH, places=places, agreed_time=at("2026-09-14 16:00"))
    return story


def window_over() -> Story:
    """Claimed on Tuesday at 09:00, half an hour before the window ends; it is Tuesday 10:00."""
    story = posted()
    story.wait_until(at("2026-09-15 09:00"))
    story.give(ONE, cmd.Claim)
    story.wait_until(at("2026-09-15 10:00"))
    return story


def claimed_by(story: Story) -> list[str]:
    assert story.open_case.order is not None
    return [each.person for each in story.open_case.order.claims]


def test_an_order_is_posted_to_the_vetted_members_for_a_day() -> None:
    """Row 15."""
    story = elders_wish()

    happened = story.give(DUTY, cmd.PostForClaim, **WISH)

    assert types(happened) == ["order.posted"]
    assert (story.open_case.state, owner(story)) == ("open_for_claim", "duty")
    assert met(story) == {"reply", "dispatch"}
    assert running(story) == {"claim"}
    assert due(story, "claim") == WINDOW
    assert said(story) == ["reply.order_posted"]
    alerts = told(story, happened)
    vetted = {f"person:{each.person}" for each in enrolled(story.pack) if each.vetting != "none"}
    assert set(alerts) == vetted
    assert set(alerts.values()) == {("order_posted", "act", "claim")}


def test_only_a_category_for_orders_is_posted() -> None:
    """Row 15."""
    assert lamp_accepted().refused(DUTY, cmd.PostForClaim, **WISH) == "category_not_for_orders"


def test_without_the_orderers_word_on_publication_nothing_is_posted() -> None:
    """Row 15. Decision 2.34."""
    assert elders_wish().refused(DUTY, cmd.PostForClaim, task="陪诊") == "publication_not_agreed"


def test_a_childs_guardian_agrees_first() -> None:
    """Row 15. Decision 2.27."""
    story = accepted("CAR.minor", "elevated")

    assert story.refused(DUTY, cmd.PostForClaim, **WISH) == "consent_missing"

    story.give(DUTY, cmd.PostForClaim, **WISH, consent=True)
    assert story.only(ev.OrderPosted).vetting == "minors"


def test_a_critical_matter_is_not_posted() -> None:
    """Row 15. Decision 1.35."""
    story = accepted("CAR.elder", "critical")

    assert story.refused(DUTY, cmd.PostForClaim, **WISH) == "critical_not_claimable"


def test_an_order_is_posted_once_in_a_case() -> None:
    """Row 15. Decision 2.14."""
    story = posted()
    story.wait_until(at("2026-09-15 09:31"))

    assert story.open_case.state == "accepted"
    assert story.refused(DUTY, cmd.PostForClaim, **WISH) == "already_posted"


@pytest.mark.parametrize(
    ("agreed", "places", "said_no"),
    [
        ("2026-09-14 21:59", 1, "allowed"), ("2026-09-14 22:00", 1, "unsafe_order"),
        ("2026-09-15 06:59", 1, "unsafe_order"), ("2026-09-15 07:00", 1, "allowed"), ("2026-09-14 23:00", 2, "allowed"),
    ],
)  # fmt: skip
def test_nobody_works_alone_at_night(agreed: str, places: int, said_no: str) -> None:
    """Row 15. Decision 2.40."""
    order = {**WISH, "agreed_time": at(agreed), "places": places}

    assert elders_wish().refused(DUTY, cmd.PostForClaim, **order) == said_no


def test_dangerous_work_is_no_volunteers_order() -> None:
    """Row 15. Decision 2.40."""
    assert elders_wish().refused(DUTY, cmd.PostForClaim, **WISH, dangerous=True, places=5) == "unsafe_order"


def test_only_the_communitys_duty_post_posts_an_order_and_only_an_accepted_one() -> None:
    """Row 15."""
    for who in (CENTRE, SECRETARY, GRID_LEAD):
        assert elders_wish().refused(who, cmd.PostForClaim, **WISH) == "not_permitted"
    assert posted().refused(DUTY, cmd.PostForClaim, **WISH) == "not_now"


def test_the_first_claim_signs_and_starts_contact_and_result() -> None:
    """Row 16. Decision 1.25. Claimed on Monday 10:30: 1 wd is Tuesday 18:00, 24 h Tuesday 10:30; T1 shows as met."""
    story = posted()
    story.wait(hours=1)

    happened = story.give(ONE, cmd.Claim)

    assert types(happened) == ["order.claimed", "case.signed"]
    assert (story.open_case.state, owner(story)) == ("signed", "p-gui-1")
    assert met(story) == {"reply", "dispatch", "claim", "sign"}
    assert running(story) == {"contact", "result"}
    assert due(story, "contact") == at("2026-09-15 18:00")
    assert due(story, "result") == at("2026-09-15 10:30")
    assert said(story) == ["reply.order_claimed"]
    assert told(story, happened) == {"duty": ("order_claimed", "info", None)}


def test_only_members_with_the_vetting_of_the_order_claim_it() -> None:
    """Row 16. Decision 2.27."""
    story = posted()

    assert story.refused(("p-ren-1", None), cmd.Claim) == "not_eligible"
    assert story.refused(("p-gui-13", None), cmd.Claim) == "not_eligible"
    assert story.refused(("p-geng-1", None), cmd.Claim) == "not_eligible"
    assert story.refused(DUTY, cmd.Claim) == "not_permitted"
    assert with_a_child().refused(ONE, cmd.Claim) == "not_eligible"


def test_nobody_claims_the_order_of_his_own_household_or_his_own() -> None:
    """Row 16. Decision 2.27."""
    story = elders_wish()
    happened = story.give(DUTY, cmd.PostForClaim, **WISH, household="hh-51-2")
    story.case = replace(story.open_case, opened_by="p-gui-3")

    assert story.refused(ONE, cmd.Claim) == "own_matter"
    assert story.refused(TWO, cmd.Claim) == "own_matter"
    assert story.refused(THREE, cmd.Claim) == "own_matter"
    assert not {"person:p-gui-1", "person:p-gui-2"} & set(told(story, happened))
    assert types(story.give(FOUR, cmd.Claim)) == ["order.claimed", "case.signed"]


def test_a_claim_at_the_windows_last_instant_is_in_time_and_a_later_one_is_not() -> None:
    """Row 16. Decision 2.35. Whether or not the timer has run; where it has, there is nothing to claim any more."""
    story = posted()
    story.now = at("2026-09-15 09:30:01")
    late = gathered(cmd.Claim(at=story.now, person="p-gui-1"), story.pack)

    with pytest.raises(Refused) as refused:
        row_for(story.open_case, late, story.pack)
    assert refused.value.code == "claim_window_over"
    assert story.refused(ONE, cmd.Claim) == "not_now"

    story.now = WINDOW
    assert types(story.give(ONE, cmd.Claim)) == ["order.claimed", "case.signed"]


def test_an_order_for_one_has_no_further_place() -> None:
    """Row 16. Decision 2.15. One place unless the order says more."""
    story = elders_wish()
    story.give(DUTY, cmd.PostForClaim, **WISH)
    story.give(ONE, cmd.Claim)

    assert story.refused(TWO, cmd.Claim) == "no_place_free"


def test_work_with_a_child_begins_with_the_second_claim() -> None:
    """Row 16. Decision 2.15. The first claim leads, but signs nothing: exactly two are needed."""
    story = with_a_child()
    window = due(story, "claim")
    story.wait(minutes=30)

    first = story.give(THREE, cmd.Claim)

    assert types(first) == ["order.claimed"]
    assert (story.open_case.state, owner(story), running(story)) == ("open_for_claim", "duty", {"claim"})
    assert due(story, "claim") == window
    assert told(story, first) == {"person:p-gui-3": ("order_joined", "info", None)}
    assert story.refused(THREE, cmd.Claim) == "already_claimed"

    story.wait(minutes=30)
    second = story.give(FOUR, cmd.Claim)

    assert types(second) == ["order.claimed", "case.signed"]
    assert (story.open_case.state, owner(story)) == ("signed", "p-gui-3")
    assert [each.person for each in story.open_case.co] == ["p-gui-4"]
    assert due(story, "result") == at("2026-09-15 10:30")
    assert story.refused(("p-gui-5", None), cmd.Claim) == "no_place_free"


def test_a_further_place_makes_a_co_handler_whose_date_is_the_whole_order_s() -> None:
    """Row 16. Decision 2.15. Voluntary: nobody watches his date."""
    story = claimed()
    story.give(ONE, cmd.Start)
    story.wait(hours=2)

    happened = story.give(TWO, cmd.Claim)

    assert types(happened) == ["order.claimed"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "p-gui-1")
    assert [each.person for each in story.open_case.co] == ["p-gui-2"]
    part = story.open_case.parts["p-gui-2"]
    assert (part.deadline.due_at, part.look_at) == (due(story, "result"), None)
    assert happened[0].replies == ()
    assert told(story, happened) == {
        "person:p-gui-1": ("order_places", "info", None), "person:p-gui-2": ("order_joined", "info", None),
    }  # fmt: skip
    assert story.refused(TWO, cmd.Claim) == "already_claimed"
    assert story.refused(THREE, cmd.Claim) == "no_place_free"


def test_a_further_place_is_free_until_the_start_or_the_windows_end() -> None:
    """Row 16. Decisions 2.15, 2.35."""
    story = for_the_afternoon(places=3)
    story.give(ONE, cmd.Claim)
    story.now = at("2026-09-14 16:00")
    story.give(TWO, cmd.Claim)
    story.now = at("2026-09-14 16:00:01")
    assert story.refused(THREE, cmd.Claim) == "claim_window_over"

    story = claimed(places=3)
    story.now = WINDOW
    story.give(TWO, cmd.Claim)
    story.now = at("2026-09-15 09:30:01")
    assert story.refused(THREE, cmd.Claim) == "claim_window_over"
    assert story.refused(("p-ren-1", None), cmd.Claim) == "claim_window_over"


def test_a_further_claimant_is_asked_for_the_same_as_the_first() -> None:
    """Row 16."""
    story = elders_wish()
    story.give(DUTY, cmd.PostForClaim, **WISH, household="hh-51-2", places=3)
    story.give(THREE, cmd.Claim)

    assert story.refused(("p-ren-1", None), cmd.Claim) == "not_eligible"
    assert story.refused(ONE, cmd.Claim) == "own_matter"
    assert story.refused(DUTY, cmd.Claim) == "not_permitted"


def test_an_order_nobody_claims_is_the_communitys_to_assign_or_decline() -> None:
    """Row 17. Decision 1.25. From Tuesday 09:30 one working day: Wednesday 18:00."""
    story = posted()
    assert story.wait_until(WINDOW) == []
    assert story.look() == []

    happened = story.wait(minutes=1)

    assert types(happened) == ["order.unclaimed"]
    assert (story.open_case.state, owner(story)) == ("accepted", "duty")
    assert stopped(story) == {"claim"}
    assert running(story) == {"assign"}
    assert due(story, "assign") == at("2026-09-16 18:00")
    assert happened[0].replies == ()
    assert told(story, happened) == {"duty": ("order_unclaimed", "act", "dispatch")}
    assert types(story.give(DUTY, cmd.Dispatch, main="social-worker")) == ["case.dispatched"]
    assert {"assign", "dispatch"} <= met(story)


def test_one_of_two_is_no_claim_of_work_with_a_child() -> None:
    """Row 17."""
    story = with_a_child()
    story.give(THREE, cmd.Claim)

    happened = story.wait_until(at("2026-09-15 09:31"))

    assert types(happened) == ["order.unclaimed"]
    assert claimed_by(story) == []


def test_nobody_assigned_it_in_time_so_the_street_is_told() -> None:
    """Decision 2.14. One working day, late: the street."""
    story = posted()

    late = [each for each in story.wait(days=4) if isinstance(each, ev.CaseOverdue)]

    assert [(each.clock, each.at, each.told) for each in late] == [
        ("assign", at("2026-09-16 18:00:01"), ("duty", "centre"))
    ]


def test_a_claimant_gives_back_and_the_window_runs_on() -> None:
    """Row a3. Decision 2.13. Nothing is left of his dates; the next claim starts its own, from 14:00 after lunch."""
    story = claimed()
    story.give(ONE, cmd.Start)
    story.wait(hours=3)

    happened = story.give(ONE, cmd.GiveBack, reason="家里有事")

    assert types(happened) == ["order.given_back"]
    assert (story.open_case.state, owner(story), claimed_by(story)) == ("open_for_claim", "duty", [])
    assert {"contact", "result"} <= stopped(story)
    assert running(story) == {"claim"}
    assert due(story, "claim") == WINDOW
    assert happened[0].replies == ()
    alerts = told(story, happened)
    assert alerts.pop("duty") == ("order_given_back", "info", None)
    assert "person:p-gui-1" not in alerts
    assert set(alerts.values()) == {("order_posted", "act", "claim")}

    story.wait(hours=1)
    story.give(TWO, cmd.Claim)
    assert (owner(story), due(story, "result")) == ("p-gui-2", at("2026-09-15 14:00"))


def test_after_the_window_what_is_given_back_is_assigned_or_declined() -> None:
    """Row a3. Decision 2.13. Tuesday 10:00 and one working day: Wednesday 18:00."""
    story = window_over()

    happened = story.give(ONE, cmd.GiveBack)

    assert types(happened) == ["order.given_back"]
    assert (story.open_case.state, owner(story)) == ("accepted", "duty")
    assert {"contact", "result"} <= stopped(story)
    assert running(story) == {"assign"}
    assert due(story, "assign") == at("2026-09-16 18:00")
    assert told(story, happened) == {"duty": ("order_unclaimed", "act", "dispatch")}


def test_a_further_claimant_frees_his_place_and_the_order_goes_on() -> None:
    """Row a3."""
    story = claimed()
    story.give(TWO, cmd.Claim)

    happened = story.give(TWO, cmd.GiveBack)

    assert types(happened) == ["order.place_given_up"]
    assert (story.open_case.state, owner(story), claimed_by(story)) == ("signed", "p-gui-1", ["p-gui-1"])
    assert story.open_case.co == ()
    assert story.open_case.parts["p-gui-2"].stopped_at == story.now
    assert told(story, happened) == {
        "duty": ("order_places", "info", None), "person:p-gui-1": ("order_places", "info", None),
    }  # fmt: skip
    assert types(story.give(TWO, cmd.Claim)) == ["order.claimed"]


def test_whoever_claimed_before_the_order_was_complete_may_step_back() -> None:
    """Row a3."""
    story = with_a_child()
    story.give(THREE, cmd.Claim)

    happened = story.give(THREE, cmd.GiveBack)

    assert types(happened) == ["order.place_given_up"]
    assert (story.open_case.state, claimed_by(story)) == ("open_for_claim", [])
    assert running(story) == {"claim"}


def test_the_system_gives_back_for_a_claimant_whose_registration_ended() -> None:
    """Row a3."""
    story = claimed()
    happened = story.give(NOBODY, cmd.GiveBack, claimant="p-gui-1", reason="registration_ended")
    assert types(happened) == ["order.given_back"]
    assert story.only(ev.OrderGivenBack).claimant == "p-gui-1"

    story = claimed()
    story.give(TWO, cmd.Claim)
    happened = story.give(NOBODY, cmd.GiveBack, claimant="p-gui-2")
    assert types(happened) == ["order.place_given_up"]


def test_only_a_claimant_gives_back_and_only_before_his_result() -> None:
    """Row a3."""
    story = claimed()
    assert story.refused(TWO, cmd.GiveBack) == "not_the_claimant"
    assert story.refused(DUTY, cmd.GiveBack) == "not_permitted"
    assert lamp_in_work().refused(ONE, cmd.GiveBack) == "not_the_claimant"

    story.give(ONE, cmd.Start)
    story.give(ONE, cmd.SubmitResult, **result())

    assert story.refused(ONE, cmd.GiveBack) == "not_now"


def test_after_the_agreed_time_the_community_takes_it_back_and_others_may_claim() -> None:
    """Row a4. Decision 2.13."""
    story = for_the_afternoon()
    story.give(ONE, cmd.Claim)
    story.now = at("2026-09-14 16:00")
    assert story.refused(DUTY, cmd.TakeBack, reason="没有来") == "too_early"
    story.now = at("2026-09-14 16:00:01")
    assert story.refused(DUTY, cmd.TakeBack, reason=" ") == "reason_missing"

    happened = story.give(DUTY, cmd.TakeBack, reason="没有来")

    assert types(happened) == ["order.taken_back"]
    assert (story.open_case.state, owner(story), claimed_by(story)) == ("open_for_claim", "duty", [])
    assert {"contact", "result"} <= stopped(story)
    assert running(story) == {"claim"}
    assert due(story, "claim") == WINDOW
    alerts = told(story, happened)
    assert alerts["person:p-gui-1"] == ("order_taken_back", "info", None)
    assert alerts["person:p-gui-2"] == ("order_posted", "act", "claim")


def test_after_t3_and_the_window_what_is_taken_back_is_assigned_or_declined() -> None:
    """Row a4. Decision 2.13. Claimed on Tuesday 09:00, due on Wednesday 09:00."""
    story = window_over()
    story.wait_until(at("2026-09-16 09:00"))
    assert story.refused(DUTY, cmd.TakeBack, reason="没有来") == "too_early"
    story.wait(minutes=5)

    happened = story.give(DUTY, cmd.TakeBack, reason="没有来")

    assert types(happened) == ["order.taken_back"]
    assert (story.open_case.state, owner(story)) == ("accepted", "duty")
    assert running(story) == {"assign"}
    assert due(story, "assign") == at("2026-09-17 18:00")
    assert told(story, happened) == {
        "duty": ("order_unclaimed", "act", "dispatch"), "person:p-gui-1": ("order_taken_back", "info", None),
    }  # fmt: skip


def test_only_a_claimed_order_is_taken_back_and_only_by_the_community() -> None:
    """Row a4."""
    assert lamp_in_work().refused(DUTY, cmd.TakeBack, reason="慢") == "not_claimed"
    assert posted().refused(DUTY, cmd.TakeBack, reason="慢") == "not_now"
    for who in (CENTRE, SECRETARY, ONE):
        assert claimed().refused(who, cmd.TakeBack, reason="慢") == "not_permitted"


def test_a_volunteer_is_late_before_nobody_but_himself_and_the_community() -> None:
    """Decision 2.13. No ladder climbs over him, however long it lasts."""
    story = claimed()
    story.alerts.clear()

    happened = story.wait(days=30)

    late = [each for each in happened if isinstance(each, ev.CaseOverdue) and each.clock == "result"]
    assert len(late) > 1
    assert {each.told for each in late} == {("duty",)}
    assert not [each for each in happened if isinstance(each, ev.CaseSupervised | ev.CaseMarkedHard)]
    assert {each.recipient for each in story.alerts if each.kind == "result_overdue"} == {"duty", "person:p-gui-1"}


def test_an_order_nobody_can_take_is_declined_with_a_reason() -> None:
    """Row a5. Decision 2.14."""
    story = posted()
    story.wait_until(at("2026-09-15 10:00"))
    assert story.refused(DUTY, cmd.DeclineOrder, ground=" ", public_reply="办不了") == "reply_missing"
    assert story.refused(DUTY, cmd.DeclineOrder, ground="no_helper", public_reply="") == "reply_missing"

    happened = story.give(DUTY, cmd.DeclineOrder, ground="no_helper", public_reply="暂时没有人手,请联系服务站")

    assert types(happened) == ["case.not_accepted"]
    assert story.open_case.state == "not_accepted"
    assert running(story) == set()
    assert [(each.key, each.words, each.to) for each in happened[0].replies] == [
        ("reply.not_accepted", "暂时没有人手,请联系服务站", None)
    ]


def test_what_was_given_back_may_be_declined_too_and_nothing_that_was_never_an_order() -> None:
    """Row a5."""
    no: dict[str, object] = {"ground": "no_helper", "public_reply": "办不了"}
    story = window_over()
    story.give(ONE, cmd.GiveBack)
    assert types(story.give(CENTRE, cmd.DeclineOrder, **no)) == ["case.not_accepted"]

    assert lamp_accepted().refused(DUTY, cmd.DeclineOrder, **no) == "not_an_order"
    assert posted().refused(DUTY, cmd.DeclineOrder, **no) == "not_now"
    for who in (SECRETARY, MUNICIPAL, ONE):
        assert lamp_accepted().refused(who, cmd.DeclineOrder, **no) == "not_permitted"


def test_the_orderers_rating_is_the_call_back_of_an_order() -> None:
    """Decision 2.28. Solved closes it, unsolved is a rework; the call-back post is not troubled."""

    def done() -> Story:
        story = claimed()
        story.give(ONE, cmd.Start)
        story.give(ONE, cmd.SubmitResult, **result())
        return story

    story = done()
    assert story.open_case.state == "calling_back"
    assert [each.key for each in story.only(ev.CheckSkipped).replies] == ["reply.please_rate"]
    assert "call_back_wanted" not in {each.kind for each in story.alerts}
    assert types(story.rate("solved")) == ["case.rated", "case.closed", "case.request_accepted"]

    story = done()
    assert types(story.rate("unsolved")) == ["case.rated", "case.rework_ordered", "case.request_accepted"]
    assert owner(story) == "p-gui-1"


def test_an_orderer_who_does_not_rate_is_called_by_the_call_back_post_and_never_by_the_volunteer() -> None:
    """Decision 2.28. T4 of a normal matter from Monday: three working days, Thursday 18:00."""
    story = claimed()
    story.give(ONE, cmd.Start)
    story.give(ONE, cmd.SubmitResult, **result())
    story.alerts.clear()

    late = [each for each in story.wait_until(at("2026-09-18 09:00")) if isinstance(each, ev.CaseOverdue)]

    assert [(each.clock, each.due_at, each.told) for each in late] == [
        ("call_back", at("2026-09-17 18:00"), ("centre",))
    ]
    assert {each.recipient for each in story.alerts} == {"centre"}
    said_so: dict[str, object] = {"reporter_ref": "reporter-1", "outcome": "solved", "note": "电话"}
    assert story.refused(ONE, cmd.RecordCallBack, **said_so) == "not_permitted"
    assert types(story.give(CENTRE, cmd.RecordCallBack, **said_so)) == ["case.called_back", "case.closed"]


def test_what_is_shown_before_a_claim_is_what_the_orderer_agreed_to() -> None:
    """Decision 2.34. The kind alone, or the task too; never who the claimants are to anybody but notify."""
    story = elders_wish()
    story.give(DUTY, cmd.PostForClaim, **{**WISH, "publication": "category_only"})
    seen = header(story.open_case, []).order
    assert seen is not None
    assert (seen.task, seen.places, seen.free) == (None, 1, 1)

    story = posted()
    seen = header(story.open_case, []).order
    assert seen is not None
    assert (seen.task, seen.places, seen.free) == ("陪老人去配眼镜", 2, 2)


def test_of_two_lines_the_one_that_does_not_hold_says_why() -> None:
    """Rows 16, a3, a4. The claim that completes nothing takes the other line; so does what comes after the window."""
    assert passed_over(with_a_child(), THREE, cmd.Claim) == ["place_not_completed"]
    assert passed_over(posted(), ONE, cmd.Claim) == []

    back: dict[str, object] = {"reason": "没有来"}
    story = for_the_afternoon()
    story.give(ONE, cmd.Claim)
    story.now = at("2026-09-14 17:00")
    assert passed_over(story, ONE, cmd.GiveBack) == ["claim_window_open"]
    assert passed_over(story, DUTY, cmd.TakeBack, **back) == ["claim_window_open"]
    story.now = at("2026-09-15 09:30:01")
    assert passed_over(story, ONE, cmd.GiveBack) == ["claim_window_over"]
    assert passed_over(story, DUTY, cmd.TakeBack, **back) == ["claim_window_over"]


def test_the_window_is_not_over_before_its_time() -> None:
    """Row 17."""
    story = posted()
    story.now = WINDOW
    assert passed_over(story, NOBODY, cmd.TimePassed, clock="claim") == ["not_due"]
    story.now = at("2026-09-15 09:30:01")
    assert passed_over(story, NOBODY, cmd.TimePassed, clock="claim") == []
