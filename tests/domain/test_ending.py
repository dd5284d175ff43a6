"""Ends that are no result: settled on the spot, refused and disputed, handed on to others: rows 10, 12, a2 and 40."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.flow import may_reporter
from tests.domain.affairs import (
    ADJUDICATOR,
    AREA,
    DEPUTY,
    GRID_WORKER,
    HEAD,
    MEDIATOR,
    accepted,
    given_to_unit,
    told,
    unclear,
    unit_at_work,
)
from tests.domain.clocked import (
    FIFTEEN_DAYS_ON,
    SYSTEM,
    called_out,
    due,
    heard,
    met_at,
    no,
    on_site,
    owner,
    running,
    said,
    stopped_at,
    words,
)
from tests.domain.town import (
    CENTRE,
    DUTY,
    GRID_LEAD,
    MUNICIPAL,
    REPORTER,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    types,
)

TRIAGE_LEAD = ("p-bing-6", "triage-lead")
MICRO_LEAD = ("p-gui-1", "micro-51-1-lead")
SETTLED: dict[str, object] = {"result": "当场疏通", "public_reply": "已经通了"}
NOT_OURS: dict[str, object] = {
    "ground": "not_ours", "public_reply": "不归我们管", "where_instead": "请找供水公司 96303",
}  # fmt: skip
HANDED_ON: dict[str, object] = {
    "receiver": "郑州自来水", "receipt_number": "GS-17", "how_to_follow": "96303 凭号查询", "public_reply": "已转",
}  # fmt: skip
WHY_BACK = {"ground": "wrong_duty", "basis": "三定方案", "suggested": "centre"}


def returned() -> Story:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, **WHY_BACK)
    return story


def refused() -> Story:
    """The duty post refused it on Monday at 09:30."""
    story = unclear()
    story.give(DUTY, cmd.Refuse, **NOT_OURS)
    return story


def disputed() -> Story:
    story = refused()
    story.now = at("2026-09-14 11:00")
    story.ask(cmd.DisputeRefusal, text="就是归你们")
    return story


def adjudicated() -> Story:
    story = returned()
    story.give(DUTY, cmd.Reassign, main="municipal-duty", reason="就是市政")
    story.give(MUNICIPAL, cmd.ReturnCase, **WHY_BACK)
    story.give(ADJUDICATOR, cmd.Adjudicate, main="centre", reasons="归街道")
    return story


def elsewhere(**fields: object) -> dict[str, object]:
    return {"area": "kangning-b1", "public_reply": "由康宁苑那边负责", **fields}


# ---- Row 10: settled on the spot ----


@pytest.mark.parametrize("who", [GRID_WORKER, GRID_LEAD, MICRO_LEAD, MEDIATOR])
def test_what_is_settled_on_the_spot_is_told_done_and_closed_at_once(who: tuple[str, str]) -> None:
    """Row 10.

    Decision 1.43.
    """
    story = unclear()

    ended = story.give(who, cmd.SolveOnSpot, **SETTLED)

    assert types(ended) == ["case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "solved_on_spot")
    assert (met_at(story, "reply"), met_at(story, "result")) == (story.now, story.now)
    assert running(story) == {"archive"}
    assert due(story, "archive") == FIFTEEN_DAYS_ON
    assert "call_back" not in story.open_case.clocks
    assert (words(ended), said(ended)) == ([("reply.solved_on_spot", None)], "已经通了")
    assert may_reporter(story.open_case, REPORTER, story.pack) == ["rate", "reopen", "secrecy"]


def test_on_the_spot_result_and_reply_are_written_down() -> None:
    """Row 10.

    Decision 1.43.
    """
    story = unclear()

    assert story.refused(GRID_WORKER, cmd.SolveOnSpot, result=" ", public_reply="已经通了") == "result_missing"
    assert story.refused(GRID_WORKER, cmd.SolveOnSpot, result="当场疏通", public_reply="") == "reply_missing"


def test_neither_a_hazard_nor_a_complaint_about_a_worker_is_settled_on_the_spot() -> None:
    """Row 10.

    Decision 1.43.
    """
    hazard, conduct = Story(), unclear("CON.conduct")
    hazard.report(a_blocked_drain(category="GRE.tree_danger"), duplicates=("c0",))

    assert hazard.refused(GRID_WORKER, cmd.SolveOnSpot, **SETTLED) == "hazard"
    assert conduct.refused(GRID_WORKER, cmd.SolveOnSpot, **SETTLED) == "not_on_the_spot"


def test_while_called_people_are_on_site_nothing_is_settled_by_somebody_else() -> None:
    """Row 10."""
    assert on_site(unclear()).refused(GRID_WORKER, cmd.SolveOnSpot, **SETTLED) == "responder_on_site"


@pytest.mark.parametrize("who", [DUTY, CENTRE, SECRETARY, ("p-yi-5", "grid-2-worker"), SYSTEM])
def test_only_the_lowest_level_settles_on_the_spot(who: tuple[str, str | None]) -> None:
    """Row 10."""
    assert unclear().refused(who, cmd.SolveOnSpot, **SETTLED) == "not_permitted"


def test_what_is_accepted_is_not_settled_on_the_spot() -> None:
    """Row 10."""
    assert accepted().refused(GRID_WORKER, cmd.SolveOnSpot, **SETTLED) == "not_now"


# ---- Row 12: refuse ----


def test_a_refusal_says_why_where_to_go_and_that_one_may_disagree() -> None:
    """Row 12."""
    story = unclear()

    ended = story.give(DUTY, cmd.Refuse, **NOT_OURS)

    assert types(ended) == ["case.not_accepted"]
    assert (story.open_case.state, running(story)) == ("not_accepted", set())
    assert (met_at(story, "reply"), story.open_case.ended_at) == (story.now, story.now)
    event = story.only(ev.CaseNotAccepted)
    assert (event.ground, event.where_instead, event.by.post) == ("not_ours", "请找供水公司 96303", "duty")
    assert (words(ended), said(ended)) == ([("reply.not_accepted", None)], "不归我们管 请找供水公司 96303")
    assert "有异议" in story.pack.text("reply.not_accepted", "zh-CN")
    assert may_reporter(story.open_case, REPORTER, story.pack) == ["dispute"]


@pytest.mark.parametrize("who", [DUTY, CENTRE, TRIAGE_LEAD, DEPUTY, HEAD])
def test_triage_and_its_superiors_may_refuse(who: tuple[str, str]) -> None:
    """Row 12."""
    assert unclear().refused(who, cmd.Refuse, **NOT_OURS) == "allowed"


@pytest.mark.parametrize(
    ("missing", "code"),
    [("ground", "ground_missing"), ("public_reply", "reply_missing"), ("where_instead", "reply_missing")],
)
def test_a_refusal_has_a_ground_a_reply_and_another_way(missing: str, code: str) -> None:
    """Row 12."""
    assert unclear().refused(DUTY, cmd.Refuse, **{**NOT_OURS, missing: " "}) == code
    approved = {**NOT_OURS, "proposed_by": "duty", missing: ""}
    assert accepted().refused(CENTRE, cmd.Refuse, **approved) == code


@pytest.mark.parametrize("who", [SECRETARY, GRID_LEAD, MUNICIPAL, ADJUDICATOR, SYSTEM])
def test_nobody_else_refuses(who: tuple[str, str | None]) -> None:
    """Row 12."""
    assert unclear().refused(who, cmd.Refuse, **NOT_OURS) == "not_permitted"
    assert returned().refused(who, cmd.Refuse, **NOT_OURS, proposed_by="duty") == "not_permitted"


def test_what_somebody_works_on_is_not_refused() -> None:
    """Row 12."""
    assert unit_at_work().refused(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by="duty") == "not_now"


@pytest.mark.parametrize("start", [accepted, returned])
def test_once_accepted_a_second_post_refuses_what_triage_proposes(start: Callable[[], Story]) -> None:
    """Row 12.

    Decision 1.7.
    """
    story = start()

    ended = story.give(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by="duty")

    assert types(ended) == ["case.not_accepted"]
    assert (story.open_case.state, running(story)) == ("not_accepted", set())
    assert (story.only(ev.CaseNotAccepted).proposed_by, story.only(ev.CaseNotAccepted).by.post) == ("duty", "centre")
    assert words(ended) == [("reply.not_accepted", None)]


def test_the_unit_that_returned_it_hears_of_the_refusal() -> None:
    """Row 12."""
    story = returned()

    assert told(story, story.give(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by="duty")) == {
        "municipal-duty": ("not_accepted", "info", None)
    }


@pytest.mark.parametrize("proposer", [None, "no-such-post", "centre", "secretary", "grid-1-lead"])
def test_the_second_post_names_another_post_of_triage_that_proposed_it(proposer: str | None) -> None:
    """Row 12.

    Decision 1.7.
    """
    assert accepted().refused(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by=proposer) == "second_post_needed"
    assert returned().refused(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by=proposer) == "second_post_needed"


def test_the_post_that_refused_it_does_not_refuse_it_again() -> None:
    """Row 12.

    Decision 1.30.
    """
    story = unclear()
    story.give(DEPUTY, cmd.Refuse, **NOT_OURS)
    story.ask(cmd.DisputeRefusal, text="就是归你们")
    assert story.refused(DEPUTY, cmd.Refuse, **NOT_OURS) == "refused_before"

    story.give(DUTY, cmd.Accept, category="WAT.sewer_blocked", area=AREA, urgency="normal", number="N1")
    assert story.refused(DEPUTY, cmd.Refuse, **NOT_OURS, proposed_by="duty") == "refused_before"
    assert story.refused(HEAD, cmd.Refuse, **NOT_OURS, proposed_by="duty") == "allowed"


def test_a_disputed_case_is_refused_only_by_triages_superior() -> None:
    """Row 12.

    Decision 1.30.
    """
    story = disputed()

    assert story.refused(CENTRE, cmd.Refuse, **NOT_OURS) == "dispute_needs_superior"
    assert story.refused(DEPUTY, cmd.Refuse, **NOT_OURS) == "allowed"


def test_while_called_people_are_on_site_nothing_is_refused() -> None:
    """Row 12."""
    assert on_site(unclear()).refused(DUTY, cmd.Refuse, **NOT_OURS) == "responder_on_site"
    assert on_site(accepted()).refused(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by="duty") == "responder_on_site"


def test_people_who_were_called_and_have_not_come_are_called_off_with_the_refusal() -> None:
    """Row 12."""
    ended = called_out(accepted()).give(CENTRE, cmd.Refuse, **NOT_OURS, proposed_by="duty")

    assert types(ended) == ["case.not_accepted", "whistle.cancelled"]


# ---- Row a2: dispute the refusal ----


def test_a_dispute_brings_it_to_triages_superior_with_a_new_reply_clock() -> None:
    """Row a2.

    Decision 1.30.
    """
    story = refused()
    story.now = at("2026-09-14 11:00")

    asked = story.ask(cmd.DisputeRefusal, text="就是归你们")

    assert types(asked) == ["case.refusal_disputed", "case.request_accepted"]
    assert (story.open_case.state, owner(story), running(story)) == ("reported", "street-deputy", {"reply"})
    assert (due(story, "reply"), story.open_case.ended_at) == (at("2026-09-15 18:00"), None)
    assert words(asked)[0] == ("reply.disputed", REPORTER)
    assert told(story, asked) == {"street-deputy": ("refusal_disputed", "act", None)}


def test_a_reporter_disputes_once() -> None:
    """Row a2."""
    story = disputed()
    story.give(DEPUTY, cmd.Refuse, **NOT_OURS)

    assert no(story.ask(cmd.DisputeRefusal, request_id="q2", text="还是不服")) == ["already_disputed"]
    assert story.refused(DUTY, cmd.DisputeRefusal, text="还是不服", on_behalf=True) == "already_disputed"


def test_a_dispute_may_be_raised_for_fifteen_days_to_the_last_instant() -> None:
    """Row a2."""
    story = refused()
    story.wait_until(FIFTEEN_DAYS_ON + timedelta(minutes=5))

    late = heard(story, cmd.DisputeRefusal, FIFTEEN_DAYS_ON + timedelta(minutes=1), text="不服")
    in_time = heard(story, cmd.DisputeRefusal, FIFTEEN_DAYS_ON, text="不服")

    assert no(late) == ["too_late"]
    assert types(in_time) == ["case.refusal_disputed", "case.request_accepted"]


def test_only_a_reporter_of_the_case_disputes_or_a_desk_on_his_behalf() -> None:
    """Row a2.

    Decision 1.45.
    """
    story = refused()

    assert no(story.ask(cmd.DisputeRefusal, "somebody-else", text="不服")) == ["not_a_reporter"]
    assert story.refused(DUTY, cmd.DisputeRefusal, text="不服") == "not_a_reporter"
    assert story.refused(SECRETARY, cmd.DisputeRefusal, text="不服", on_behalf=True) == "not_permitted"
    story.give(GRID_WORKER, cmd.DisputeRefusal, text="不服", on_behalf=True)
    assert story.only(ev.RefusalDisputed).on_behalf


def test_what_was_not_refused_is_not_disputed() -> None:
    """Row a2."""
    assert no(unclear().ask(cmd.DisputeRefusal, text="不服")) == ["not_now"]


def test_once_a_disputed_case_is_accepted_triage_owns_it_again() -> None:
    """Decision 1.30.

    The superior decided; who hands it on is triage, as of any accepted case.
    """
    story = disputed()

    story.give(CENTRE, cmd.Accept, category="WAT.sewer_blocked", area=AREA, urgency="normal", number="N1")

    assert (story.open_case.state, owner(story), story.open_case.disputed) == ("accepted", "duty", False)


# ---- Row 40: transfer out ----

OPEN_AFFAIRS = {
    "reported": unclear, "accepted": accepted, "dispatched": given_to_unit, "returned": returned,
    "in_progress": unit_at_work,
}  # fmt: skip


@pytest.mark.parametrize("state", OPEN_AFFAIRS)
def test_an_outside_body_takes_it_over_and_the_reporter_hears_how_to_follow_it(state: str) -> None:
    """Row 40.

    Decision 1.32.
    """
    story = OPEN_AFFAIRS[state]()

    ended = story.give(DUTY, cmd.TransferOut, **HANDED_ON)

    assert types(ended) == ["case.transferred_out"]
    assert (story.open_case.state, running(story), met_at(story, "reply")) == ("transferred_out", set(), story.now)
    assert words(ended) == [("reply.transferred_out", None)]
    assert all(text in said(ended) for text in ("郑州自来水", "GS-17", "96303 凭号查询"))
    handler = {"municipal-duty": ("transferred_out", "info", None)}
    assert told(story, ended) == (handler if story.open_case.main else {})


@pytest.mark.parametrize("missing", ["receiver", "receipt_number", "how_to_follow"])
def test_without_receiver_receipt_and_a_way_to_follow_it_is_handed_to_nobody(missing: str) -> None:
    """Row 40."""
    assert unclear().refused(DUTY, cmd.TransferOut, **{**HANDED_ON, missing: None}) == "receipt_missing"
    assert unclear().refused(DUTY, cmd.TransferOut, public_reply="已转") == "receipt_missing"


@pytest.mark.parametrize("fields", [HANDED_ON, elsewhere()], ids=["outside", "inside"])
def test_after_adjudication_only_the_adjudicator_hands_it_on(fields: dict[str, object]) -> None:
    """Row 40."""
    story = adjudicated()

    assert story.refused(CENTRE, cmd.TransferOut, **fields) == "locked"
    assert story.refused(ADJUDICATOR, cmd.TransferOut, **fields) == "allowed"


@pytest.mark.parametrize("fields", [HANDED_ON, elsewhere()], ids=["outside", "inside"])
def test_while_called_people_are_on_site_it_is_not_handed_on(fields: dict[str, object]) -> None:
    """Row 40."""
    assert on_site(unit_at_work()).refused(DUTY, cmd.TransferOut, **fields) == "responder_on_site"

    cancelled = called_out(unit_at_work()).give(DUTY, cmd.TransferOut, **fields)
    assert types(cancelled)[1:] == ["whistle.cancelled"]


@pytest.mark.parametrize("who", [MUNICIPAL, SECRETARY, GRID_LEAD, DEPUTY, SYSTEM])
def test_only_triage_and_the_adjudicator_hand_it_on(who: tuple[str, str | None]) -> None:
    """Row 40."""
    assert given_to_unit().refused(who, cmd.TransferOut, **HANDED_ON) == "not_permitted"
    assert given_to_unit().refused(who, cmd.TransferOut, **elsewhere()) == "not_permitted"


def test_what_has_ended_is_not_handed_on() -> None:
    """Row 40."""
    assert refused().refused(DUTY, cmd.TransferOut, **HANDED_ON) == "not_now"


def test_within_the_installation_it_is_reported_anew_under_the_same_number_and_reply_clock() -> None:
    """Row 40.

    Decision 1.32.
    """
    story = unclear()
    story.now = at("2026-09-14 11:00")

    moved = story.give(CENTRE, cmd.TransferOut, **elsewhere())

    assert types(moved) == ["case.area_changed"]
    assert (story.open_case.state, story.open_case.area, owner(story)) == ("reported", "kangning-b1", "duty")
    assert (running(story), due(story, "reply")) == ({"reply"}, at("2026-09-15 18:00"))
    assert (words(moved), said(moved)) == ([("reply.area_changed", None)], "由康宁苑那边负责")
    assert told(story, moved) == {"duty": ("area_changed", "act", "accept")}


def test_where_the_reply_was_given_the_new_triage_has_the_dispatch_timer() -> None:
    """Row 40.

    Decision 1.32.
    """
    story = unit_at_work()
    story.now = at("2026-09-14 15:00")

    moved = story.give(DUTY, cmd.TransferOut, **elsewhere())

    assert (story.open_case.state, story.open_case.number, story.open_case.main) == ("reported", "N1", None)
    assert (running(story), due(story, "dispatch")) == ({"dispatch"}, at("2026-09-15 10:00"))
    assert stopped_at(story, "result") == story.now
    assert told(story, moved) == {
        "duty": ("area_changed", "act", "accept"), "municipal-duty": ("reassigned", "info", None)
    }  # fmt: skip


def test_a_reply_that_waited_for_the_reporter_goes_on_with_what_was_left() -> None:
    """Row 40.

    Decision 1.32.

    13 and a half duty hours were left on Monday at 09:30; they run again from Wednesday 09:30.
    """
    story = unclear()
    story.give(DUTY, cmd.AskInfo, question="是哪一栋?")
    story.now = at("2026-09-16 09:30")

    story.give(DUTY, cmd.TransferOut, **elsewhere())

    assert (running(story), due(story, "reply")) == ({"reply"}, at("2026-09-17 18:00"))


@pytest.mark.parametrize("area", ["atlantis", "erqi", AREA])
def test_an_area_of_nobody_here_or_its_own_is_no_other_area(area: str) -> None:
    """Row 40."""
    assert unclear().refused(DUTY, cmd.TransferOut, **elsewhere(area=area)) == "outside_body"


# ---- Decision 1.44: what is open ----

TWELVE = {
    "reported", "needs_info", "verifying", "accepted", "open_for_claim", "dispatched", "returned", "signed",
    "in_progress", "suspended", "result_submitted", "calling_back",
}  # fmt: skip


def test_a_case_is_open_from_reported_to_calling_back_and_there_is_no_draft() -> None:
    """Decision 1.44."""
    assert TWELVE == ev.OPEN
    assert unclear().open_case.open
    assert not refused().open_case.open


def test_whatever_is_open_has_an_owner_and_a_clock_that_somebody_looks_at() -> None:
    """Decision 1.44."""
    for start in OPEN_AFFAIRS.values():
        story = start()
        assert owner(story) is not None
        assert story.open_case.next_due_at is not None


def test_what_is_closed_waits_for_the_archive_and_is_not_urged() -> None:
    """Decision 1.44."""
    story = unclear()
    story.give(GRID_WORKER, cmd.SolveOnSpot, **SETTLED)

    assert not story.open_case.open
    assert no(story.ask(cmd.Urge)) == ["not_now"]
    assert types(story.wait_until(FIFTEEN_DAYS_ON + timedelta(minutes=1))) == ["case.archived"]


# ---- Decision 1.7: no ping-pong after a return ----


@pytest.mark.parametrize("start", [accepted, returned])
def test_after_acceptance_and_after_a_return_triage_may_still_refuse_merge_or_find_it_fixed(
    start: Callable[[], Story],
) -> None:
    """Decision 1.7."""
    lead = cmd.Lead("c9", "N9", open=True, category="WAT.sewer_blocked", area=AREA)
    ways: list[tuple[type[cmd.Command], dict[str, object], str]] = [
        (cmd.Refuse, {**NOT_OURS, "proposed_by": "triage-lead"}, "reply.not_accepted"),
        (cmd.MergeInto, {"lead": "c9", "found": lead}, "reply.merged"),
        (
            cmd.NotFound, {"outcome": "already_fixed", "finding_by": "grid-1-worker", "public_reply": "已经通了"},
            "reply.already_fixed",
        ),
    ]  # fmt: skip
    for kind, fields, reply in ways:
        assert words(start().give(DUTY, kind, **fields)) == [(reply, None)]
