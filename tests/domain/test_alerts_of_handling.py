"""Of each event of a case that somebody handles: who is told, how urgently, and what the alert offers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.domain.affairs import (
    ADJUDICATOR,
    DEPUTY,
    GRID_WORKER,
    HEAD,
    MEDIATOR,
    accepted,
    given_to_unit,
    of,
    result,
    told,
    unclear,
    unit_at_work,
)
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, REPORTER, SECRETARY, Story


def test_a_first_return_goes_to_triage_to_reassign() -> None:
    story = given_to_unit()

    events = story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested="duty")

    assert told(story, events) == {"duty": ("returned", "act", "reassign")}


def returned_twice() -> tuple[Story, list[ev.Event]]:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested="mediator")
    story.give(DUTY, cmd.Reassign, main="mediator", reason="调解员合适")
    return story, story.give(MEDIATOR, cmd.ReturnCase, ground="wrong_duty", basis="条例", suggested="municipal-duty")


def test_of_a_second_return_the_adjudicator_decides_and_the_other_unit_hears() -> None:
    story, events = returned_twice()

    assert told(story, events) == {
        "adjudicator": ("returned_twice", "act", "adjudicate"),
        "municipal-duty": ("before_adjudicator", "info", None),
    }


def test_an_adjudicated_case_is_the_named_units_to_sign_and_the_other_hears() -> None:
    story, _ = returned_twice()

    events = story.give(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="管网归它")

    assert told(story, events) == {
        "municipal-duty": ("new_case", "act", "sign_for"), "mediator": ("adjudicated", "info", None),
    }  # fmt: skip


def test_a_reassigned_case_is_the_new_handlers_and_the_old_one_and_his_head_hear() -> None:
    story = given_to_unit()
    story.wait(days=3)

    events = story.give(DUTY, cmd.Reassign, main="mediator", reason="一直没有签收")
    heard = told(story, events)

    assert heard["mediator"] == ("new_case", "act", "sign_for")
    assert heard["municipal-duty"] == heard["municipal-head"] == ("reassigned", "info", None)


def test_an_added_co_handler_is_asked_and_the_main_handler_hears_of_him() -> None:
    story = unit_at_work()

    events = story.give(DUTY, cmd.AddHandler, to_post="grid-1-worker", reason="帮忙围挡")

    assert told(story, events) == {
        "grid-1-worker": ("co_handler", "act", None), "municipal-duty": ("handler_added", "info", None),
    }  # fmt: skip


def test_a_word_to_another_post_reaches_it() -> None:
    story = unit_at_work()

    events = story.give(MUNICIPAL, cmd.NotifyParty, to_post="street-deputy", text="需要等材料,想暂停")

    assert told(story, events) == {"street-deputy": ("party_notified", "act", None)}


def test_a_part_that_is_in_and_one_that_is_late_are_the_main_handlers_to_know() -> None:
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="grid-1-worker", reason="围挡", due=story.now + timedelta(hours=4))
    late = [each for each in story.wait(hours=5) if isinstance(each, ev.CaseOverdue) and each.clock == "part"]
    done = story.give(GRID_WORKER, cmd.SubmitPart, text="围好了")

    assert set(told(story, late)) == {"grid-1-worker", "municipal-duty"}
    assert told(story, done) == {"municipal-duty": ("part_submitted", "info", None)}


def test_a_temporary_measure_is_told_to_the_handler_and_to_triage() -> None:
    story = accepted("ROA.manhole", urgency="critical")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")

    events = story.give(GRID_WORKER, cmd.RecordTemporaryMeasure, text="已围挡")

    assert told(story, events) == {
        "municipal-duty": ("measure_recorded", "info", None), "duty": ("measure_recorded", "info", None),
    }  # fmt: skip


def test_more_time_is_asked_of_the_deputy_and_the_answer_told_to_the_handler() -> None:
    story = unit_at_work()
    due_at = story.open_case.clocks["result"].deadline.due_at
    wish = {"until": due_at + timedelta(days=3), "reason": "等材料", "public_reason": "等材料"}
    asked = story.give(MUNICIPAL, cmd.RequestExtension, **wish)
    declined = story.give(DEPUTY, cmd.DeclineExtension, reason="不必")
    story.give(MUNICIPAL, cmd.RequestExtension, **wish)
    approved = story.give(DEPUTY, cmd.ApproveExtension)

    assert told(story, asked) == {"street-deputy": ("extension_wanted", "act", "approve_extension")}
    assert told(story, declined) == {"municipal-duty": ("extension_declined", "act", None)}
    assert told(story, approved) == {"municipal-duty": ("extension_approved", "info", None)}


def test_a_wish_that_nobody_answered_is_told_to_both() -> None:
    story = unit_at_work()
    due_at = story.open_case.clocks["result"].deadline.due_at
    story.give(
        MUNICIPAL, cmd.RequestExtension, until=due_at + timedelta(days=3), reason="等材料", public_reason="等材料"
    )

    lapsed = [each for each in story.wait_until(due_at + timedelta(hours=1)) if each.type == "case.extension_declined"]

    assert told(story, lapsed) == {
        "municipal-duty": ("extension_declined", "act", None), "street-deputy": ("extension_declined", "info", None),
    }  # fmt: skip


def suspended() -> Story:
    story = unit_at_work()
    story.give(
        DEPUTY, cmd.Suspend, reason="evidence_pending", review_at=story.now + timedelta(days=5),
        note_to_reporter="等检测报告",
    )  # fmt: skip
    return story


def test_a_rest_and_its_end_are_told_to_the_handler() -> None:
    story = suspended()
    rested = [story.history[-1]]
    again = story.give(SECRETARY, cmd.Resume)

    assert told(story, rested) == {"municipal-duty": ("suspended", "info", None)}
    assert told(story, again) == {"municipal-duty": ("resumed", "act", None)}


def test_a_rest_that_ends_by_its_review_date_is_told_to_the_deputy_too() -> None:
    story = suspended()

    again = [each for each in story.wait(days=6) if isinstance(each, ev.CaseResumed)]

    assert told(story, again) == {
        "municipal-duty": ("resumed", "act", None), "street-deputy": ("resumed", "info", None),
    }  # fmt: skip


def test_another_urgency_or_category_is_told_to_the_handler() -> None:
    story = given_to_unit()
    higher = story.give(DUTY, cmd.ChangeUrgency, urgency="urgent", reason="有老人")
    lower = story.give(CENTRE, cmd.ChangeUrgency, urgency="normal", reason="误会", proposed_by="duty")
    other = story.give(DUTY, cmd.Reclassify, category="SAN.dead_corner", reason="其实是垃圾")

    assert of(story, higher[0])["municipal-duty"] == ("urgency_changed", "act", None)
    assert of(story, lower[0])["municipal-duty"] == ("urgency_changed", "info", None)
    assert told(story, other) == {"municipal-duty": ("reclassified", "info", None)}


def test_an_urge_reaches_the_owner_and_a_quiet_one_does_not_press() -> None:
    story = given_to_unit()

    (urged, *_) = story.ask(cmd.Urge)
    assert isinstance(urged, ev.CaseUrged)

    assert of(story, urged) == {"municipal-duty": ("urged", "act", None)}
    assert of(story, replace(urged, quiet=True)) == {"municipal-duty": ("urged", "info", None)}


def checked() -> Story:
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(("p-yi-1", "grid-1-lead"), cmd.PassCheck)
    return story


def test_a_rework_the_reporter_asked_for_is_told_to_the_handler_and_to_triage() -> None:
    story = checked()

    events = [each for each in story.rate("unsolved") if isinstance(each, ev.ReworkOrdered)]

    assert told(story, events) == {
        "municipal-duty": ("rework", "act", "submit_result"), "duty": ("rework_again", "info", None),
    }  # fmt: skip


def test_a_rework_after_a_check_is_the_handlers_alone() -> None:
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    events = story.give(("p-yi-1", "grid-1-lead"), cmd.FailCheck, reason="还在漏")

    assert of(story, replace(events[0], replies=())) == {"municipal-duty": ("rework", "act", "submit_result")}


def test_the_fourth_rework_is_laid_before_the_level_above() -> None:
    story = checked()
    event = ev.ReworkOrdered(at=story.now, reason="又漏", rework=4, deadlines=(), raised=("district-joint",))

    assert of(story, event)["district-joint"] == ("raised", "urgent", None)


def test_a_rating_of_partly_asks_the_call_back_post_for_the_plan() -> None:
    story = checked()

    events = [each for each in story.rate("partly_solved") if isinstance(each, ev.CaseRated)]

    assert told(story, events) == {"centre": ("rated", "act", "record_call_back")}


def test_a_reopened_case_goes_to_its_last_handler_and_triage_hears() -> None:
    story = checked()
    story.give(CENTRE, cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note="", satisfaction="satisfied")

    events = [each for each in story.ask(cmd.Reopen, reason="又堵了") if isinstance(each, ev.CaseReopened)]

    assert told(story, events) == {
        "municipal-duty": ("reopened", "act", "submit_result"), "duty": ("reopened", "info", None),
    }  # fmt: skip


def test_a_reopened_case_that_nobody_handled_is_triages_to_dispatch() -> None:
    story = unclear()
    story.give(("p-yi-1", "grid-1-lead"), cmd.SolveOnSpot, result="换了灯泡", public_reply="换好了")

    events = [each for each in story.ask(cmd.Reopen, reason="又坏了") if isinstance(each, ev.CaseReopened)]

    assert told(story, events) == {"duty": ("to_dispatch", "act", "dispatch")}


def test_more_secrecy_is_told_to_the_post_that_calls_back() -> None:
    story = unit_at_work()

    events = story.ask(cmd.RaiseSecrecy, secrecy="anonymous")

    assert told(story, events) == {"centre": ("secrecy_raised", "info", None)}


def test_dates_that_were_counted_again_are_told_to_the_owner() -> None:
    story = given_to_unit()

    assert of(story, ev.ClocksRecomputed(at=story.now, calendar="cn-2027", deadlines=())) == {
        "municipal-duty": ("clocks_recomputed", "info", None)
    }


def test_an_archived_case_is_nobodys_news() -> None:
    story = given_to_unit()

    assert of(story, ev.CaseArchived(at=story.now)) == {}


def test_what_was_not_signed_in_time_the_handler_may_sign_and_triage_reassign() -> None:
    story = given_to_unit()
    late = [each for each in story.wait(days=2) if isinstance(each, ev.CaseOverdue) and each.clock == "sign"]
    heard = told(story, late)

    assert heard["municipal-duty"] == ("sign_overdue", "act", "sign_for")
    assert heard["municipal-head"] == ("sign_overdue", "act", None)
    assert heard["duty"] == ("sign_overdue", "act", "reassign")


def test_a_hand_given_grade_is_told_to_the_owner_and_its_head_and_not_to_who_gave_it() -> None:
    story = given_to_unit()

    heard = told(story, story.give(HEAD, cmd.Supervise, grade="yellow_card", reason="拖延"))

    assert heard == {
        "municipal-duty": ("supervised", "urgent", None), "municipal-head": ("supervised", "urgent", None),
    }  # fmt: skip
