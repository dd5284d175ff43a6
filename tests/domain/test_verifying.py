"""Somebody goes to look: who is sent, what is found, and what happens when nothing is there: rows 7, 8 and 9."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.domain.affairs import (
    ADJUDICATOR,
    AREA,
    GRID_WORKER,
    MEDIATOR,
    accepted,
    given_to_unit,
    result,
    told,
    unclear,
)
from tests.domain.clocked import (
    FIFTEEN_DAYS_ON,
    SYSTEM,
    called_out,
    due,
    met_at,
    on_site,
    owner,
    running,
    said,
    stopped_at,
    words,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, SECRETARY, Story, a_blocked_drain, at, types

MICRO_LEAD = ("p-gui-1", "micro-51-1-lead")
OTHER_GRID = ("p-yi-5", "grid-2-worker")


def sent(category: str | None = None, to_post: str = "grid-1-worker") -> Story:
    """Somebody of the grid was sent to look."""
    story = Story()
    story.report(a_blocked_drain(category=category), duplicates=("c0",))
    story.give(DUTY, cmd.SendVerify, to_post=to_post)
    return story


def returned() -> Story:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, ground="already_fixed", basis="现场已通", suggested="duty")
    return story


def gone(**fields: object) -> dict[str, object]:
    """Triage says that the grid worker found nothing."""
    found = {"outcome": "not_accepted", "finding_by": "grid-1-worker", "ground": "nothing_there"}
    return {**found, "public_reply": "去看过,没有发现", **fields}


def fixed(**fields: object) -> dict[str, object]:
    return {"outcome": "already_fixed", "finding_by": "grid-1-worker", "public_reply": "已经通了", **fields}


# ---- Row 7: send to verify ----


def test_a_grid_post_is_sent_to_look_while_the_reply_runs_on() -> None:
    """Row 7.

    Decision 1.20.
    """
    story = unclear()

    asked = story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker", question="是公共管道吗?")

    assert types(asked) == ["case.verify_requested"]
    assert (story.open_case.state, owner(story), running(story)) == ("verifying", "duty", {"reply", "verify"})
    assert due(story, "verify") == at("2026-09-15 18:00")
    assert due(story, "reply") == at("2026-09-15 18:00")
    assert words(asked) == []
    assert told(story, asked) == {"grid-1-worker": ("verify_wanted", "act", "verified")}


@pytest.mark.parametrize(
    ("category", "until"),
    [
        ("CON.consult", "2026-09-15 18:00"), ("ORD.noise_business", "2026-09-15 18:00"),
        ("WAT.ponding", "2026-09-14 11:30"), ("HAZ.dangerous_house", "2026-09-14 10:00"),
    ],
)  # fmt: skip
def test_the_more_urgent_the_sooner_somebody_must_look(category: str, until: str) -> None:
    """Row 7.

    Decision 1.35.
    """
    assert due(sent(category), "verify") == at(until)


@pytest.mark.parametrize("post", ["grid-1-worker", "grid-1-lead", "micro-51-1-lead"])
def test_worker_lead_and_micro_grid_lead_of_the_place_may_be_sent(post: str) -> None:
    """Row 7."""
    assert sent(to_post=post).open_case.verifier == ev.Party.of(unclear().pack.directory.posts[post])


@pytest.mark.parametrize("post", ["no-such-post", "grid-2-worker", "micro-kn-1-lead", "duty", "municipal-duty"])
def test_nobody_is_sent_who_is_not_of_the_grid_there(post: str) -> None:
    """Row 7."""
    assert unclear().refused(DUTY, cmd.SendVerify, to_post=post) == "no_verifier"


@pytest.mark.parametrize("who", [SECRETARY, GRID_LEAD, SYSTEM, ("p-gui-3", None)])
def test_only_triage_sends_somebody_to_look(who: tuple[str, str | None]) -> None:
    """Row 7."""
    assert unclear().refused(who, cmd.SendVerify, to_post="grid-1-worker") == "not_permitted"


def test_what_is_accepted_is_not_verified_any_more() -> None:
    """Row 7."""
    assert accepted().refused(DUTY, cmd.SendVerify, to_post="grid-1-worker") == "not_now"


# ---- Row 8: what was found ----


@pytest.mark.parametrize("who", [GRID_WORKER, GRID_LEAD, MICRO_LEAD])
def test_the_grid_confirms_and_triage_goes_on(who: tuple[str, str]) -> None:
    """Row 8."""
    story = sent()
    story.now = at("2026-09-14 11:00")

    found = story.give(who, cmd.Verified, finding="confirmed", text="确实堵了")

    assert types(found) == ["case.verified"]
    assert (story.open_case.state, owner(story), running(story)) == ("reported", "duty", {"reply"})
    assert stopped_at(story, "verify") == story.now
    assert due(story, "reply") == at("2026-09-15 18:00")
    assert words(found) == []
    assert told(story, found) == {"duty": ("verified", "act", "accept")}


@pytest.mark.parametrize("evidence", [{"text": "没人在家"}, {"photos": ("sha256-1",)}, {"why_none": "夜里看不清"}])
def test_a_word_a_photo_or_the_reason_why_there_is_none_will_do(evidence: dict[str, object]) -> None:
    """Row 8."""
    story = sent()

    assert story.refused(GRID_WORKER, cmd.Verified, finding="could_not_be_verified", **evidence) == "allowed"


def test_a_finding_needs_evidence() -> None:
    """Row 8."""
    assert sent().refused(GRID_WORKER, cmd.Verified, finding="confirmed") == "evidence_missing"


@pytest.mark.parametrize("who", [DUTY, CENTRE])
def test_triage_saw_nothing_itself_and_may_only_say_that_it_could_not_be_verified(who: tuple[str, str]) -> None:
    """Row 8.

    Decision 1.20.
    """
    story = sent()
    assert story.refused(who, cmd.Verified, finding="confirmed", text="应该是的") == "finding_not_yours"

    story.give(who, cmd.Verified, finding="could_not_be_verified", text="网格员今天没能去")

    assert story.open_case.state == "reported"


@pytest.mark.parametrize("who", [SECRETARY, MEDIATOR, OTHER_GRID, MUNICIPAL, SYSTEM])
def test_nobody_else_says_what_was_found(who: tuple[str, str | None]) -> None:
    """Row 8."""
    assert sent().refused(who, cmd.Verified, finding="confirmed", text="确实堵了") == "not_permitted"


def test_nothing_is_found_where_nobody_was_sent() -> None:
    """Row 8."""
    assert unclear().refused(GRID_WORKER, cmd.Verified, finding="confirmed", text="确实堵了") == "not_now"


def test_when_nobody_has_looked_in_time_the_grid_post_and_its_lead_are_told() -> None:
    """Decision 1.20."""
    story = sent("WAT.ponding")

    late = story.wait_until(at("2026-09-14 11:31"))

    looked = [event for event in late if isinstance(event, ev.CaseOverdue) and event.clock == "verify"]
    assert [event.told for event in looked] == [("grid-1-worker", "grid-1-lead")]
    assert {event.clock for event in late if isinstance(event, ev.CaseOverdue)} == {"reply", "verify"}
    assert (story.open_case.state, owner(story)) == ("verifying", "duty")


# ---- Row 9: not there, or already put right ----


def test_what_the_grid_did_not_find_is_not_accepted_and_the_reporter_hears_why() -> None:
    """Row 9.

    Decision 1.20.
    """
    story = sent()

    ended = story.give(DUTY, cmd.NotFound, **gone())

    assert types(ended) == ["case.not_accepted"]
    assert (story.open_case.state, running(story)) == ("not_accepted", set())
    assert (met_at(story, "reply"), stopped_at(story, "verify")) == (story.now, story.now)
    event = story.only(ev.CaseNotAccepted)
    assert (event.ground, event.finding_by, event.by.post) == ("nothing_there", "grid-1-worker", "duty")
    assert words(ended) == [("reply.not_accepted", None)]
    assert said(ended) == "去看过,没有发现"


@pytest.mark.parametrize("finding_by", ["duty", "municipal-duty", "no-such-post"])
def test_triage_names_the_grid_post_whose_finding_it_is(finding_by: str) -> None:
    """Row 9.

    Decision 1.20.
    """
    story = sent()

    assert story.refused(DUTY, cmd.NotFound, **gone(finding_by=finding_by)) == "finding_missing"
    assert story.refused(DUTY, cmd.NotFound, **fixed(finding_by=finding_by)) == "finding_missing"


def test_what_is_not_accepted_needs_a_ground() -> None:
    """Row 9."""
    assert sent().refused(DUTY, cmd.NotFound, **gone(ground=None)) == "finding_missing"


@pytest.mark.parametrize("found", [gone(public_reply=" "), fixed(public_reply=" ")])
def test_a_finding_that_ends_the_case_is_told_to_the_reporter(found: dict[str, object]) -> None:
    """Row 9.

    Decision 1.7.
    """
    assert sent().refused(DUTY, cmd.NotFound, **found) == "reply_missing"


@pytest.mark.parametrize("start", [sent, accepted, returned])
def test_what_was_put_right_meanwhile_is_closed(start: Callable[[], Story]) -> None:
    """Row 9.

    Decision 1.7.
    """
    story = start()

    ended = story.give(DUTY, cmd.NotFound, **fixed())

    assert types(ended) == ["case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "already_fixed")
    assert running(story) == {"archive"}
    assert due(story, "archive") == FIFTEEN_DAYS_ON
    assert met_at(story, "reply") == story.now
    assert words(ended) == [("reply.already_fixed", None)]
    assert said(ended) == "已经通了"


def test_the_last_handler_hears_that_it_was_put_right() -> None:
    """Row 9."""
    story = returned()

    assert told(story, story.give(DUTY, cmd.NotFound, **fixed())) == {"municipal-duty": ("closed", "info", None)}


def test_once_accepted_it_can_only_be_already_fixed() -> None:
    """Row 9."""
    for story in (accepted(), returned()):
        assert story.refused(DUTY, cmd.NotFound, **gone()) == "finding_missing"


@pytest.mark.parametrize("who", [GRID_WORKER, GRID_LEAD, SECRETARY, ADJUDICATOR, SYSTEM])
def test_triage_gives_the_finding_and_nobody_else(who: tuple[str, str | None]) -> None:
    """Row 9."""
    story = sent()

    assert story.refused(who, cmd.NotFound, **gone()) == "not_permitted"
    assert story.refused(who, cmd.NotFound, **fixed()) == "not_permitted"


def test_nothing_is_not_found_where_nobody_was_sent() -> None:
    """Row 9."""
    assert unclear().refused(DUTY, cmd.NotFound, **gone()) == "not_now"


def test_while_called_people_are_at_work_nothing_is_fixed_already_or_not_there() -> None:
    """Row 9."""
    assert on_site(accepted()).refused(DUTY, cmd.NotFound, **fixed()) == "responder_on_site"
    assert on_site(sent()).refused(DUTY, cmd.NotFound, **fixed()) == "responder_on_site"
    assert on_site(sent()).refused(DUTY, cmd.NotFound, **gone()) == "responder_on_site"


def test_people_who_were_called_and_have_not_come_are_told_that_it_is_over() -> None:
    """Row 9."""
    story = called_out(accepted())

    ended = story.give(DUTY, cmd.NotFound, **fixed())

    assert types(ended) == ["case.closed", "whistle.cancelled"]
    assert story.open_case.whistles["e1"].state == "cancelled"


# ---- Decision 1.35: nothing critical waits for a working day ----


def critical(category: str = "ROA.surface_broken") -> Story:
    story = accepted(category, "critical")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    return story


def test_a_critical_result_is_checked_within_two_hours_and_reworked_in_half_its_time() -> None:
    """Decision 1.35.

    T3 is two hours from 09:30; of the rework there is one, and no least of a day.
    """
    story = critical()
    for kind in (cmd.SignFor, cmd.Start):
        story.give(MUNICIPAL, kind)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    assert due(story, "check") == at("2026-09-14 11:30")
    story.give(GRID_LEAD, cmd.FailCheck, reason="没有铺平")
    assert due(story, "result") == at("2026-09-14 10:30")


def test_a_critical_return_is_reassigned_in_ten_minutes_and_adjudicated_in_an_hour() -> None:
    """Decision 1.35."""
    story = critical()
    why = {"ground": "wrong_duty", "basis": "三定方案", "suggested": "centre"}

    story.give(MUNICIPAL, cmd.ReturnCase, **why)
    assert due(story, "reassign") == at("2026-09-14 09:40")
    story.give(DUTY, cmd.Reassign, main="municipal-duty", reason="就是市政")
    story.give(MUNICIPAL, cmd.ReturnCase, **why)

    assert due(story, "adjudicate") == at("2026-09-14 10:30")


def test_a_critical_matter_is_not_put_up_for_claim() -> None:
    """Decision 1.35."""
    story = accepted("CAR.elder", "critical")

    assert story.refused(DUTY, cmd.PostForClaim, publication="short", task="陪老人就医") == "critical_not_claimable"


def test_on_the_eve_of_the_feast_a_critical_matter_is_called_back_within_a_day() -> None:
    """Decision 1.35.

    Three working days from 30 September would be ten days of gas.
    """
    story = Story(now=at("2026-09-30 16:00"))
    story.report(a_blocked_drain(category=None, received_at=story.now))
    story.give(DUTY, cmd.Accept, category="HAZ.dangerous_house", area=AREA, urgency="critical", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty", whistles=())
    for kind in (cmd.SignFor, cmd.Start):
        story.give(MUNICIPAL, kind)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    assert due(story, "check") == at("2026-09-30 18:00")

    story.give(GRID_LEAD, cmd.PassCheck)

    assert due(story, "call_back") == at("2026-10-01 16:00")
