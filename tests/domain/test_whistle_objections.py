"""A responder objects, and a post that did not approve decides: rows W6, W7, a32."""

from __future__ import annotations

from datetime import timedelta

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.clocks import runs
from shaoyin.domain.evolve import replay
from shaoyin.domain.flow import may_on_whistle
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, Story, at, types
from tests.domain.whistling import (
    DISTRICT,
    HOSPITAL,
    ONE,
    STREET_DEPUTY,
    STREET_HEAD,
    URBAN,
    answer,
    clock,
    come,
    department_called,
    done,
    emergency,
    members_called,
    plan,
    responder,
    the_whistle,
    units_called,
)

WHY: dict[str, object] = {"whistle_id": "w1", "ground": "wrong_duty", "basis": "三定方案第五条"}
UPHOLD: dict[str, object] = {
    "whistle_id": "w1", "responder": "municipal-duty", "decision": "uphold", "reason": "不归他们管",
}  # fmt: skip
OVERRULE = {**UPHOLD, "decision": "overrule", "reason": "归他们管"}


def test_an_objection_answers_the_call_and_stops_what_else_runs_for_that_responder_alone() -> None:
    """Row W6. Decision 2.17."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")

    happened = story.give(MUNICIPAL, cmd.Object, **WHY)

    assert types(happened) == ["whistle.objected"]
    assert responder(story, "municipal-duty").state == "objected"
    assert clock(story, "acknowledge", "municipal-duty").met_at == story.now
    assert [clock(story, name, "municipal-duty").watch_at for name in ("contact", "arrive")] == [None, None]
    assert clock(story, "objection", "municipal-duty").deadline.due_at == at("2026-09-15 18:00")
    assert clock(story, "arrive", "hospital-duty").watch_at is not None
    assert isinstance(happened[0], ev.WhistleObjected)
    assert happened[0].deciders == ("centre",)


def test_an_objection_has_a_ground_and_a_basis_and_there_is_one_per_whistle() -> None:
    """Row W6."""
    story = units_called()
    assert story.refused(MUNICIPAL, cmd.Object, **{**WHY, "basis": " "}) == "objection_incomplete"
    story.give(MUNICIPAL, cmd.Object, **WHY)
    story.give(CENTRE, cmd.DecideObjection, **OVERRULE)

    assert story.refused(MUNICIPAL, cmd.Object, **WHY) == "already_objected"
    assert "object" not in may_on_whistle(story.open_case, "w1", MUNICIPAL[0], story.pack)


def test_who_has_arrived_does_not_object_any_more() -> None:
    """Row W6. Decision 2.17."""
    story = units_called()
    come(story, MUNICIPAL)

    assert story.refused(MUNICIPAL, cmd.Object, **WHY) == "not_now"


def test_nobody_objects_for_another() -> None:
    """Row W6."""
    story = members_called(places=12)
    come(story, ONE)

    assert story.refused(ONE, cmd.Object, **WHY, responder="p-gui-2") == "not_your_response"
    assert story.refused(HOSPITAL, cmd.Object, **WHY) == "not_permitted"


def test_in_an_emergency_an_objection_is_recorded_and_nothing_stops() -> None:
    """Row W6. Decision 2.17."""
    story = emergency()

    happened = story.give(MUNICIPAL, cmd.Object, **WHY)

    assert isinstance(happened[0], ev.WhistleObjected)
    assert (happened[0].stops, happened[0].deadlines) == (False, ())
    assert responder(story, "municipal-duty").state == "called"
    assert clock(story, "arrive", "municipal-duty").watch_at == at("2026-09-14 10:00")
    assert story.refused(MUNICIPAL, cmd.Object, **WHY) == "already_objected"
    come(story, MUNICIPAL)


def test_upheld_the_responder_is_out_and_when_nobody_is_left_the_blower_has_four_hours() -> None:
    """Row W7. Decision 2.31."""
    story = units_called()
    story.give(MUNICIPAL, cmd.Object, **WHY)

    happened = story.give(CENTRE, cmd.DecideObjection, **UPHOLD)

    assert types(happened) == ["whistle.objection_decided"]
    assert responder(story, "municipal-duty").state == "removed"
    assert all(each.watch_at is None for each in responder(story, "municipal-duty").clocks.values())
    assert the_whistle(story).state == "blown"
    assert clock(story, "staffing").deadline.due_at == at("2026-09-14 15:30")


def test_upheld_while_others_are_still_called_it_needs_nobody_new() -> None:
    """Row W7."""
    story = units_called("municipal-duty", "hospital-duty", lead="hospital-duty")
    story.give(MUNICIPAL, cmd.Object, **WHY)

    story.give(CENTRE, cmd.DecideObjection, **UPHOLD)

    assert not runs(the_whistle(story).clocks, "staffing")


def test_upheld_as_the_last_one_after_results_came_in_it_ends_the_work() -> None:
    """Row W11. Decision 2.31."""
    story = units_called("municipal-duty", "hospital-duty", lead="hospital-duty")
    story.give(MUNICIPAL, cmd.Object, **WHY)
    come(story, HOSPITAL)
    plan(story, HOSPITAL)
    done(story, HOSPITAL)
    assert the_whistle(story).state == "working"

    story.give(CENTRE, cmd.DecideObjection, **UPHOLD)

    assert story.only(ev.ObjectionDecided).all_in
    assert the_whistle(story).state == "result_in"
    assert clock(story, "rating").watch_at is not None


def test_overruled_its_clocks_go_on_with_what_was_left() -> None:
    """Row W7. Decision 2.17."""
    story = department_called()
    story.wait(minutes=30)
    story.give(URBAN, cmd.Object, **WHY)
    story.wait(hours=2)

    story.give(STREET_HEAD, cmd.DecideObjection, **{**OVERRULE, "responder": "urban-duty"})

    assert responder(story, "urban-duty").state == "acknowledged"
    assert clock(story, "contact", "urban-duty").deadline.due_at == at("2026-09-15 11:30")
    assert clock(story, "contact", "urban-duty").watch_at == at("2026-09-15 11:30")
    assert clock(story, "arrive", "urban-duty").deadline.due_at == at("2026-09-18 11:00")
    assert clock(story, "objection", "urban-duty").met_at == story.now


def test_overruled_its_work_is_due_as_much_later_as_it_waited() -> None:
    """Row W7. Decision 2.17."""
    story = department_called(kind="quick_whistle")
    due_at = clock(story, "finish", "urban-duty").deadline.due_at
    story.give(URBAN, cmd.Object, **WHY)
    story.wait(hours=2)

    story.give(STREET_HEAD, cmd.DecideObjection, **{**OVERRULE, "responder": "urban-duty"})

    assert clock(story, "finish", "urban-duty").watch_at == due_at + timedelta(hours=2)


def test_overruled_after_the_others_agreed_a_plan_it_works_to_the_plans_date() -> None:
    """Row W7."""
    story = units_called("municipal-duty", "hospital-duty", lead="hospital-duty")
    story.give(MUNICIPAL, cmd.Object, **WHY)
    come(story, HOSPITAL)
    plan(story, HOSPITAL, due="2026-09-16 12:00")
    assert "finish" not in responder(story, "municipal-duty").clocks

    story.give(CENTRE, cmd.DecideObjection, **OVERRULE)

    assert clock(story, "finish", "municipal-duty").deadline.due_at == at("2026-09-16 18:00")


def test_a_decision_gives_its_reason() -> None:
    """Row W7."""
    story = units_called()
    story.give(MUNICIPAL, cmd.Object, **WHY)

    assert story.refused(CENTRE, cmd.DecideObjection, **{**UPHOLD, "reason": ""}) == "reason_missing"
    assert story.refused(CENTRE, cmd.DecideObjection, **{**OVERRULE, "reason": ""}) == "reason_missing"
    assert story.refused(DUTY, cmd.DecideObjection, **UPHOLD) == "not_permitted"


def test_the_post_that_approved_does_not_judge_the_objection() -> None:
    """Row W7. Decision 2.17."""
    story = department_called(approver=STREET_HEAD)
    story.give(URBAN, cmd.Object, **WHY)
    urban = {**UPHOLD, "responder": "urban-duty"}

    assert story.only(ev.WhistleObjected).deciders == ("district-joint",)
    assert story.refused(STREET_HEAD, cmd.DecideObjection, **urban) == "approver_may_not_decide"
    assert story.refused(CENTRE, cmd.DecideObjection, **urban) == "approver_may_not_decide"
    assert story.refused(STREET_DEPUTY, cmd.DecideObjection, **urban) == "not_permitted"
    assert types(story.give(DISTRICT, cmd.DecideObjection, **urban)) == ["whistle.objection_decided"]


def test_in_the_member_tier_the_street_centre_judges_and_not_the_street_head() -> None:
    """Row W7."""
    story = units_called()
    story.give(MUNICIPAL, cmd.Object, **WHY)

    assert story.refused(STREET_HEAD, cmd.DecideObjection, **UPHOLD) == "approver_may_not_decide"


def test_a_late_decision_is_told_to_the_deciders_head() -> None:
    """Row a32. Decision 2.2."""
    story = units_called()
    story.give(MUNICIPAL, cmd.Object, **WHY)

    late = [event for event in story.wait(days=4) if isinstance(event, ev.WhistleOverdue)]

    assert [(event.clock, event.responder, event.step) for event in late] == [("objection", "municipal-duty", 1)]
    assert late[0].at == at("2026-09-15 18:00") + timedelta(seconds=1)
    assert late[0].told == ("centre", "street-head", "duty")


def test_while_an_objection_waits_the_objector_is_late_with_nothing_else() -> None:
    """Decision 2.17."""
    story = department_called(kind="quick_whistle")
    story.give(URBAN, cmd.Object, **WHY)

    late = [event.clock for event in story.wait(days=10) if isinstance(event, ev.WhistleOverdue)]

    assert late == ["objection"]
    assert replay(story.history) == story.case


def test_an_objector_keeps_his_place_until_it_is_decided() -> None:
    """Decision 2.16."""
    story = members_called(places=1)
    answer(story, ONE)
    story.give(ONE, cmd.Object, **WHY)

    answer(story, ("p-gui-2", None))

    assert responder(story, "p-gui-2").state == "wait_listed"


def a_story_of_an_objection() -> Story:
    story = units_called()
    story.give(MUNICIPAL, cmd.Object, **WHY)
    return story


def test_marking_an_objector_absent_waits_for_the_date_that_was_running() -> None:
    """Row a30."""
    story = a_story_of_an_objection()
    story.wait_until(at("2026-09-15 12:00"))

    gone = {"whistle_id": "w1", "responder": "municipal-duty", "reason": "没有来"}
    assert story.refused(DUTY, cmd.MarkAbsent, **gone) == "not_late_yet"
