"""A case is given to one main handler, who signs for it and starts: rows 14, 18 and 22."""

from __future__ import annotations

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.org import Post
from tests.domain.affairs import (
    ADJUDICATOR,
    DEPUTY,
    GRID_WORKER,
    MEDIATOR,
    accepted,
    claimed,
    posted,
    result,
    told,
    unclear,
)
from tests.domain.lamp import (
    due,
    lamp_accepted,
    lamp_called,
    lamp_given,
    lamp_in_work,
    lamp_signed,
    lamp_without_reporter,
    met,
    owner,
    running,
    said,
    with_posts,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, SECRETARY, Story, a_blocked_drain, at, types

STAND_IN = ("p-wu-2", "municipal-duty")


def test_triage_gives_a_case_to_one_main_handler_and_its_clocks_start_at_once() -> None:
    """Row 14."""
    story = lamp_accepted()
    story.wait(minutes=30)

    happened = story.give(
        DUTY, cmd.Dispatch, main="municipal-duty", co=("mediator",), informed=("grid-1-lead", "chief-51-east")
    )

    case = story.open_case
    assert types(happened) == ["case.dispatched"]
    assert (case.state, owner(story), case.row, case.mode) == ("dispatched", "municipal-duty", 25, "D")
    assert [each.post for each in case.co] == ["mediator"]
    assert [each.post for each in case.informed] == ["grid-1-lead", "chief-51-east"]
    assert case.clocks["dispatch"].met_at == at("2026-09-14 10:00")
    assert running(story) == {"sign", "contact", "result"}
    assert due(story, "sign") == due(story, "contact") == at("2026-09-15 18:00")
    assert due(story, "result") == at("2026-09-17 18:00")
    assert case.clocks["result"].deadline.from_at == at("2026-09-14 10:00")
    assert story.only(ev.CaseDispatched).chosen_by_person


def test_the_reporter_hears_who_is_responsible_and_each_handler_his_part() -> None:
    """Row 14."""
    story = lamp_accepted()

    happened = story.give(DUTY, cmd.Dispatch, main="municipal-duty", co=("mediator",), informed=("grid-1-lead",))

    assert said(story) == ["reply.dispatched"]
    assert [each.to for each in happened[0].replies] == [None]
    assert told(story, happened) == {
        "municipal-duty": ("new_case", "act", "sign_for"),
        "mediator": ("co_handler", "act", None),
        "grid-1-lead": ("informed", "info", None),
    }


@pytest.mark.parametrize(
    ("urgency", "sign", "contact", "result_due"),
    [
        ("normal", "2026-09-15 18:00", "2026-09-15 18:00", "2026-09-17 18:00"),
        ("elevated", "2026-09-14 15:30", "2026-09-14 15:30", "2026-09-17 18:00"),
        ("urgent", "2026-09-14 10:30", "2026-09-14 11:30", "2026-09-15 09:30"),
        ("critical", "2026-09-14 09:40", "2026-09-14 10:00", "2026-09-14 11:30"),
    ],
)
def test_the_more_urgent_a_case_the_sooner_it_is_to_be_signed_for(
    urgency: str, sign: str, contact: str, result_due: str
) -> None:
    """Row 14. Handed over on Monday at 09:30; 4 wh run to 12:00 and from 14:00; T3 is the shorter of two."""
    story = lamp_given(urgency)

    assert (due(story, "sign"), due(story, "contact"), due(story, "result")) == (
        at(sign), at(contact), at(result_due),
    )  # fmt: skip


def test_a_category_with_a_first_step_starts_its_clock_too() -> None:
    """Row 14. The row's own two working days; thirty days end on a Wednesday at midnight."""
    story = accepted("LIG.no_lamp", "elevated")

    story.give(DUTY, cmd.Dispatch)

    assert owner(story) == "branch-secretary"
    assert running(story) == {"sign", "contact", "result", "first_step"}
    assert due(story, "first_step") == at("2026-09-16 18:00")
    assert due(story, "result") == at("2026-10-15 00:00")


def test_the_rules_hand_over_what_they_accepted_themselves() -> None:
    """Row 14."""
    story = Story()
    story.report()

    handed = story.only(ev.CaseDispatched)

    assert handed.by == ev.By()
    assert (handed.main.post, handed.row, handed.chosen_by_person) == ("duty", 36, False)


def test_a_case_has_exactly_one_main_handler_whom_somebody_fills() -> None:
    """Row 14."""
    story = lamp_accepted()
    story.pack = with_posts(Post("empty", "unit_duty", "municipal-facilities", "wulibao-south"))

    for named in ({"main": "nobody"}, {"main": "empty"}, {"main": "duty", "co": ("duty",)}, {"co": ("empty",)},
                  {"main": "duty", "informed": ("nobody",)}):  # fmt: skip
        assert story.refused(DUTY, cmd.Dispatch, **named) == "one_main_handler"


def test_a_complaint_about_a_worker_is_not_admissible_for_the_grid_he_works_in() -> None:
    """Row 14."""
    story = accepted("CON.conduct", "elevated")

    for post in ("grid-1-lead", "grid-1-worker", "micro-51-1-lead", "chief-51-east"):
        assert story.refused(DUTY, cmd.Dispatch, main=post) == "not_admissible"
    assert types(story.give(DUTY, cmd.Dispatch, main="centre")) == ["case.dispatched"]


def test_what_was_never_classified_is_classified_before_it_is_handed_over() -> None:
    """Row 14. Settled on the spot and taken up again, it has no category yet."""
    story = unclear()
    story.give(GRID_WORKER, cmd.SolveOnSpot, result="拧紧了灯泡", public_reply="已修好")
    story.ask(cmd.Reopen, reason="又灭了")
    assert story.refused(DUTY, cmd.Dispatch, main="municipal-duty") == "not_admissible"

    story.give(DUTY, cmd.Reclassify, category="LIG.lamp_out", reason="是路灯")

    assert types(story.give(DUTY, cmd.Dispatch, main="municipal-duty")) == ["case.dispatched"]


def test_only_triage_hands_over_and_only_what_was_accepted() -> None:
    """Row 14."""
    story = lamp_accepted()
    for who in (SECRETARY, MUNICIPAL, GRID_LEAD, DEPUTY):
        assert story.refused(who, cmd.Dispatch, main="municipal-duty") == "not_permitted"
    assert unclear().refused(DUTY, cmd.Dispatch, main="municipal-duty") == "not_now"

    story.give(CENTRE, cmd.Dispatch, main="municipal-duty")

    assert story.refused(DUTY, cmd.Dispatch, main="duty") == "not_now"


@pytest.mark.parametrize("who", [MUNICIPAL, STAND_IN])
def test_the_holder_or_a_stand_in_signs_for_the_post(who: tuple[str, str]) -> None:
    """Row 18."""
    story = lamp_given()
    story.wait(hours=1)

    happened = story.give(who, cmd.SignFor)

    assert types(happened) == ["case.signed"]
    assert (story.open_case.state, owner(story)) == ("signed", "municipal-duty")
    assert story.open_case.clocks["sign"].met_at == story.now
    assert running(story) == {"contact", "result"}
    assert happened[0].replies == ()
    assert told(story, happened) == {"duty": ("signed", "info", None)}


def test_out_of_hours_the_units_duty_roster_signs() -> None:
    """Row 18."""
    story = lamp_given()
    rota = Post("municipal-rota", "duty_roster", "municipal-facilities", "wulibao-south", ("p-rota",))
    elsewhere = Post("hospital-rota", "duty_roster", "example-hospital", "wulibao-south", ("p-rota",))
    story.pack = with_posts(rota, elsewhere)
    story.wait_until(at("2026-09-14 20:00"))

    assert story.refused(("p-rota", "hospital-rota"), cmd.SignFor) == "not_permitted"
    assert types(story.give(("p-rota", "municipal-rota"), cmd.SignFor)) == ["case.signed"]


def test_nobody_signs_for_somebody_else() -> None:
    """Row 18."""
    story = lamp_given(co=("mediator",))

    for who in (DUTY, MEDIATOR, SECRETARY, ("p-wu-3", "municipal-head"), (DUTY[0], "municipal-duty")):
        assert story.refused(who, cmd.SignFor) == "not_permitted"
    story.give(MUNICIPAL, cmd.SignFor)
    assert story.refused(MUNICIPAL, cmd.SignFor) == "not_now"


def test_whoever_signed_starts_and_the_clocks_run_on() -> None:
    """Row 22."""
    story = lamp_signed()
    before = dict(story.open_case.clocks)

    happened = story.give(MUNICIPAL, cmd.Start)

    assert types(happened) == ["case.started"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert story.open_case.clocks == before
    assert happened[0].replies == ()
    assert told(story, happened) == {}


def test_only_the_main_handler_starts_and_only_after_signing() -> None:
    """Row 22."""
    story = lamp_given(co=("mediator",))
    assert story.refused(MUNICIPAL, cmd.Start) == "not_now"
    story.give(MUNICIPAL, cmd.SignFor)

    for who in (DUTY, MEDIATOR, SECRETARY):
        assert story.refused(who, cmd.Start) == "not_permitted"


def test_without_a_reporter_nobody_is_answered_contacted_or_called_back() -> None:
    """Decision 1.2. The dispatch timer runs from the report: 4 wh from 09:30 end at 15:30."""
    story = Story()
    story.report(a_blocked_drain(category=None, reporter=None))

    assert owner(story) == "duty"
    assert running(story) == {"dispatch"}
    assert due(story, "dispatch") == at("2026-09-14 15:30")

    story = lamp_without_reporter()
    assert running(story) == {"result"}
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    assert running(story) == {"check"}
    ended = story.give(GRID_LEAD, cmd.PassCheck)
    assert types(ended) == ["case.check_passed", "case.closed"]
    assert story.open_case.outcome == "no_reporter"
    assert not {"reply", "contact", "call_back"} & set(story.open_case.clocks)
    assert [reply for event in story.history for reply in event.replies] == []


def test_an_anonymous_reporter_is_answered_through_the_query_code() -> None:
    """Decision 1.2."""
    story = Story()
    story.report(a_blocked_drain(secrecy="anonymous"))
    assert "reply" in met(story)

    story.give(DUTY, cmd.SignFor)
    assert "contact" in running(story)
    story.give(DUTY, cmd.ContactReporter, outcome="message", contacted_at=story.now, note="留言", message="明天上门")

    assert "contact" in met(story)


def test_the_accountable_one_stays_whoever_must_act_next() -> None:
    """Decision 1.4."""
    story = unclear()
    owners = [(story.open_case.state, owner(story))]

    def then(who: tuple[str, str | None], kind: type[cmd.Command], **fields: object) -> None:
        story.give(who, kind, **fields)
        owners.append((story.open_case.state, owner(story)))

    returned = {"ground": "wrong_duty", "basis": "三定方案", "suggested": "duty"}
    then(DUTY, cmd.Accept, category="LIG.lamp_out", area="courtyard-51-b1", urgency="normal", number="N1")
    then(DUTY, cmd.Dispatch, main="municipal-duty")
    then(MUNICIPAL, cmd.ReturnCase, **returned)
    then(DUTY, cmd.Reassign, main="mediator", reason="先看看")
    then(MEDIATOR, cmd.ReturnCase, **returned)
    then(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="设施归它")
    then(MUNICIPAL, cmd.SignFor)
    then(MUNICIPAL, cmd.Start)
    then(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"), note_to_reporter="等天气")
    then(MUNICIPAL, cmd.Resume)
    then(MUNICIPAL, cmd.SubmitResult, **result())
    then(GRID_LEAD, cmd.PassCheck)

    assert owners == [
        ("reported", "duty"), ("accepted", "duty"), ("dispatched", "municipal-duty"), ("returned", "duty"),
        ("dispatched", "mediator"), ("returned", "adjudicator"), ("dispatched", "municipal-duty"),
        ("signed", "municipal-duty"), ("in_progress", "municipal-duty"), ("suspended", "municipal-duty"),
        ("in_progress", "municipal-duty"), ("result_submitted", "municipal-duty"),
        ("calling_back", "municipal-duty"),
    ]  # fmt: skip


def test_an_order_is_the_communitys_until_somebody_claims_it() -> None:
    """Decision 1.4."""
    assert owner(posted()) == "duty"

    story = claimed()

    assert owner(story) == "p-gui-1"


def test_a_hard_case_stays_with_its_handler() -> None:
    """Decision 1.4."""
    story = lamp_in_work()
    story.wait(days=9)

    assert story.open_case.hard
    assert owner(story) == "municipal-duty"


def test_in_every_state_a_clock_runs_until_it_is_met_or_stopped() -> None:
    """Decision 1.5. Overdue or not; after the check only T4, and it runs on past its due instant."""
    assert running(lamp_accepted()) == {"dispatch"}
    assert running(lamp_given()) == {"sign", "contact", "result"}
    assert running(lamp_signed()) == {"contact", "result"}
    assert running(posted()) == {"claim"}
    story = lamp_called()
    assert running(story) == {"call_back"}

    story.wait(days=8)

    assert story.open_case.clocks["call_back"].announced == 1
    assert running(story) == {"call_back"}


def test_the_rules_may_ask_for_whistles_with_the_handover_and_a_person_says_which() -> None:
    """Decision 1.26."""
    story = Story()
    assert types(story.report())[2:] == ["case.dispatched", "whistle.requested", "whistle.requested"]

    story = accepted()
    assert types(story.give(DUTY, cmd.Dispatch, main="duty")) == ["case.dispatched"]

    story = accepted()
    happened = story.give(DUTY, cmd.Dispatch, main="duty", whistles=("partner_unit_whistle",))
    assert types(happened) == ["case.dispatched", "whistle.requested"]


def test_people_ask_for_a_whistle_from_the_acceptance_on_and_an_emergency_never_waits() -> None:
    """Decision 1.26."""
    asked: dict[str, object] = {
        "whistle_id": "w1", "type": "partner_unit_whistle", "tier": "member", "task": "看看",
        "responders": ("municipal-duty",),
    }  # fmt: skip
    story = unclear()
    assert story.refused(DUTY, cmd.RequestWhistle, **asked) == "wrong_state"
    blown = story.give(GRID_LEAD, cmd.BlowEmergencyWhistle, **{**asked, "type": "emergency_whistle"})
    assert types(blown) == ["whistle.blown"]

    story = lamp_accepted()
    assert types(story.give(DUTY, cmd.RequestWhistle, **asked)) == ["whistle.requested"]
    story = lamp_given()
    assert types(story.give(MUNICIPAL, cmd.RequestWhistle, **asked)) == ["whistle.requested"]


def test_a_report_before_duty_counts_from_its_receipt_and_the_day_itself_never() -> None:
    """Decision 1.38. Monday 07:30: one working day is Tuesday's end of duty."""
    story = Story(now=at("2026-09-14 07:30"))
    story.report(a_blocked_drain(category="CON.consult", received_at=story.now))

    assert story.open_case.state == "dispatched"
    assert story.open_case.clocks["reply"].deadline.due_at == at("2026-09-15 18:00")
    assert due(story, "sign") == due(story, "contact") == at("2026-09-15 18:00")


def test_hours_of_what_can_wait_begin_at_the_next_start_of_duty() -> None:
    """Decision 1.38. Saturday the 19th is free, Sunday the 20th is worked: 24 h from Sunday 09:00."""
    story = Story(now=at("2026-09-19 10:00"))
    story.report(a_blocked_drain(category="ORD.noise_business", received_at=story.now))

    assert story.open_case.state == "dispatched"
    assert story.open_case.clocks["result"].deadline.from_at == at("2026-09-19 10:00")
    assert due(story, "result") == at("2026-09-21 09:00")
    assert due(story, "sign") == at("2026-09-20 15:00")
    assert story.open_case.clocks["reply"].deadline.due_at == at("2026-09-20 15:00")


def test_an_urgent_matter_does_not_wait_for_duty() -> None:
    """Decision 1.38."""
    story = Story(now=at("2026-09-19 22:00"))
    story.report(a_blocked_drain(received_at=story.now))

    assert due(story, "result") == at("2026-09-20 22:00")
    assert due(story, "sign") == at("2026-09-19 23:00")
