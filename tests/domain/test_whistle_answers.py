"""Those who are called answer, come, plan, work and hand in; who is too many waits in line: rows W5, W8 to W11, a27
to a30."""

from __future__ import annotations

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.clocks import runs
from shaoyin.domain.evolve import replay
from shaoyin.domain.flow import may_on_whistle
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, SECRETARY, Story, a_blocked_drain, at, enrolled, types
from tests.domain.whistling import (
    AFTERNOON,
    FOUR,
    GRID_WORKER,
    HOSPITAL,
    ONE,
    STREET_DEPUTY,
    STREET_HEAD,
    SYSTEM,
    THREE,
    TWO,
    URBAN,
    WATER,
    answer,
    ask,
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

BRANCH = ("p-xin-1", "branch-secretary")


def test_the_units_duty_post_answers_and_its_clock_is_met() -> None:
    """Row W5."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")

    happened = story.give(MUNICIPAL, cmd.Acknowledge, whistle_id="w1")

    assert types(happened) == ["whistle.acknowledged"]
    assert responder(story, "municipal-duty").state == "acknowledged"
    assert clock(story, "acknowledge", "municipal-duty").met_at == story.now
    assert the_whistle(story).state == "blown"


def test_whistle_and_responder_are_two_machines() -> None:
    """Decision 2.1."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    answer(story, MUNICIPAL)
    come(story, MUNICIPAL)

    assert the_whistle(story).state == "blown"
    assert [each.state for each in the_whistle(story).responders.values()] == ["on_site", "called"]

    plan(story)

    assert the_whistle(story).state == "working"
    assert [each.state for each in the_whistle(story).responders.values()] == ["working", "called"]


def test_nobody_answers_for_a_unit_but_its_own_duty_post() -> None:
    """Row W5. Decision 2.33."""
    story = units_called()

    assert (
        story.refused(DUTY, cmd.Acknowledge, whistle_id="w1", responder="municipal-duty", on_behalf=True)
        == "not_your_response"
    )
    assert story.refused(HOSPITAL, cmd.Acknowledge, whistle_id="w1", responder="municipal-duty") == "not_permitted"


def test_for_a_person_the_blower_may_answer_and_it_is_recorded_as_on_behalf() -> None:
    """Row W5. Decision 2.33."""
    story = members_called()

    (happened,) = story.give(DUTY, cmd.Acknowledge, whistle_id="w1", responder="p-gui-1", on_behalf=True)

    assert isinstance(happened, ev.WhistleAcknowledged)
    assert (happened.responder, happened.on_behalf, happened.by.post) == ("p-gui-1", True, "duty")


def test_the_blower_says_for_whom_she_answers() -> None:
    """Row W5. Decision 2.33."""
    story = members_called()

    assert story.refused(DUTY, cmd.Acknowledge, whistle_id="w1") == "place_free"
    assert story.refused(DUTY, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="site") == "not_now"


def test_a_post_on_site_checks_a_person_in_but_a_person_on_site_does_not() -> None:
    """Row W9. Decision 2.33."""
    story = a_mixed_call()
    come(story, MUNICIPAL, ONE)
    for_two = {"whistle_id": "w1", "responder": "p-gui-2", "on_behalf": True, "arrived_at": story.now, "where": "site"}

    assert story.refused(ONE, cmd.Arrive, **for_two) == "not_your_response"
    story.give(MUNICIPAL, cmd.Arrive, **for_two)

    assert responder(story, "p-gui-2").state == "on_site"


def a_mixed_call() -> Story:
    """One unit and all members, to one place."""
    story = members_called(places=12, responders=("municipal-duty",))
    assert not responder(story, "municipal-duty").is_person
    return story


def test_who_was_called_may_not_answer_any_more_once_his_enrolment_is_paused_or_ended() -> None:
    """Row W5. Decision 2.32."""
    story = members_called()
    somebody_else = enrolled(story.pack)[1]

    assert story.refused(ONE, cmd.Acknowledge, whistle_id="w1", enrolled=somebody_else) == "not_active"


def test_the_thirteenth_of_twelve_is_wait_listed_without_clock_or_duty() -> None:
    """Row W5. Decision 2.16."""
    story = members_called(places=2)
    answer(story, ONE, TWO)

    happened = story.give(THREE, cmd.Acknowledge, whistle_id="w1")

    assert types(happened) == ["whistle.wait_listed"]
    assert isinstance(happened[0], ev.WhistleWaitListed)
    assert happened[0].position == 1
    assert all(each.watch_at is None for each in responder(story, "p-gui-3").clocks.values())
    assert story.refused(THREE, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="site") == "not_now"


def test_the_wait_list_tells_each_the_own_position() -> None:
    """Row W5. Decision 2.16."""
    story = members_called(places=1)

    answer(story, ONE, TWO, THREE)

    assert [event.position for event in story.all(ev.WhistleWaitListed)] == [1, 2]


def test_whoever_answered_has_one_answer() -> None:
    """Row W5. Decision 2.16."""
    story = members_called()
    answer(story, ONE)

    assert story.refused(ONE, cmd.Acknowledge, whistle_id="w1") == "not_now"


def test_a_unit_called_by_name_takes_no_place() -> None:
    """Decision 2.16."""
    story = members_called(places=1, responders=("municipal-duty",))

    answer(story, MUNICIPAL, ONE)

    assert responder(story, "municipal-duty").state == "acknowledged"
    assert responder(story, "p-gui-1").state == "acknowledged"


def test_who_enrolled_after_the_blow_is_not_called_but_sees_it_and_answers() -> None:
    """Row W5. Decision 2.31."""
    story = members_called(places=1)
    newcomer = {"whistle_id": "w1", "enrolled": cmd.Enrolled("p-new")}
    assert "p-new" not in the_whistle(story).responders

    story.give(("p-new", None), cmd.Acknowledge, **newcomer)

    assert responder(story, "p-new").state == "acknowledged"
    assert clock(story, "arrive", "p-new").deadline.due_at == AFTERNOON
    assert clock(story, "arrive", "p-new").watch_at is None
    late = {"whistle_id": "w1", "enrolled": cmd.Enrolled("p-newer")}
    assert types(story.give(("p-newer", None), cmd.Acknowledge, **late)) == ["whistle.wait_listed"]


def test_only_an_active_enrolment_of_ones_own_opens_the_call() -> None:
    """Row W5. Decision 2.32."""
    story = members_called()

    assert story.refused(("p-new", None), cmd.Acknowledge, whistle_id="w1") == "not_active"
    other = {"whistle_id": "w1", "responder": "p-other", "enrolled": cmd.Enrolled("p-other")}
    assert story.refused(("p-new", None), cmd.Acknowledge, **other) == "not_active"


def test_a_call_to_units_is_not_open_to_the_enrolled() -> None:
    """Row W5. Decision 2.31."""
    story = units_called()

    assert story.refused(ONE, cmd.Acknowledge, whistle_id="w1") == "not_active"
    assert may_on_whistle(story.open_case, "w1", ONE[0], story.pack) == []


def test_while_a_place_is_free_nobody_is_wait_listed_for_another() -> None:
    """Row W5."""
    story = members_called()
    newcomer = {"whistle_id": "w1", "responder": "p-new", "on_behalf": True, "enrolled": cmd.Enrolled("p-new")}

    assert story.refused(DUTY, cmd.Acknowledge, **newcomer) == "place_free"
    answer(story, ONE, TWO)
    (waits,) = story.give(DUTY, cmd.Acknowledge, **newcomer)
    assert isinstance(waits, ev.WhistleWaitListed)
    assert (waits.responder, waits.on_behalf) == ("p-new", True)
    assert story.refused(DUTY, cmd.Acknowledge, whistle_id="w1", responder="p-unknown") == "not_active"


def test_the_blower_hears_when_the_last_place_is_taken_or_the_last_unit_has_answered() -> None:
    """Decision 2.25."""
    group = members_called(places=2)
    answer(group, ONE, TWO)
    assert [event.all_have for event in group.all(ev.WhistleAcknowledged)] == [False, True]

    units = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    answer(units, MUNICIPAL, HOSPITAL)
    assert [event.all_have for event in units.all(ev.WhistleAcknowledged)] == [False, True]


def test_who_gives_up_a_place_is_not_asked_why_and_the_first_in_line_moves_up() -> None:
    """Row a28. Decision 2.16."""
    story = members_called(places=1)
    answer(story, ONE, TWO, THREE)

    happened = story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    assert types(happened) == ["whistle.response_withdrawn", "whistle.promoted"]
    assert [responder(story, f"p-gui-{number}").state for number in (1, 2, 3)] == [
        "withdrawn", "acknowledged", "wait_listed",
    ]  # fmt: skip
    assert clock(story, "arrive", "p-gui-2").deadline.due_at == AFTERNOON


def test_the_line_keeps_its_order_when_one_leaves_it() -> None:
    """Row a28."""
    story = members_called(places=1)
    answer(story, ONE, TWO, THREE)
    story.give(TWO, cmd.WithdrawResponse, whistle_id="w1")
    answer(story, FOUR)
    assert [event.position for event in story.all(ev.WhistleWaitListed)] == [1, 2, 2]

    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    assert story.only(ev.ResponderPromoted).responder == "p-gui-3"


def test_while_others_are_coming_nobody_need_be_found() -> None:
    """Row a29."""
    story = members_called(places=2)
    answer(story, ONE, TWO)

    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    assert not runs(the_whistle(story).clocks, "staffing")


def test_from_the_stated_start_on_nobody_moves_up_any_more() -> None:
    """Row a28. Decision 2.16."""
    story = members_called(places=1)
    answer(story, ONE, TWO)
    story.wait_until(AFTERNOON)

    happened = story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    assert types(happened) == ["whistle.response_withdrawn"]


def test_who_only_waited_leaves_without_moving_anybody_up() -> None:
    """Row a29."""
    story = members_called(places=1)
    answer(story, ONE, TWO, THREE)

    assert types(story.give(TWO, cmd.WithdrawResponse, whistle_id="w1")) == ["whistle.response_withdrawn"]
    assert responder(story, "p-gui-3").state == "wait_listed"


def test_when_an_enrolment_ends_the_system_frees_the_place() -> None:
    """Row a29. Decision 2.32."""
    story = members_called(places=1)
    answer(story, ONE, TWO)

    happened = story.give(SYSTEM, cmd.WithdrawResponse, whistle_id="w1", responder="p-gui-1")

    assert types(happened) == ["whistle.response_withdrawn", "whistle.promoted"]


def test_nobody_withdraws_for_another_and_units_object_instead() -> None:
    """Row a29."""
    story = a_mixed_call()
    answer(story, MUNICIPAL, ONE, TWO)

    assert story.refused(ONE, cmd.WithdrawResponse, whistle_id="w1", responder="p-gui-2") == "not_your_response"
    assert (
        story.refused(("p-wu-1", None), cmd.WithdrawResponse, whistle_id="w1", responder="municipal-duty")
        == "units_object_instead"
    )


def test_who_has_arrived_hands_in_and_does_not_withdraw() -> None:
    """Row a29."""
    story = members_called()
    come(story, ONE)

    assert story.refused(ONE, cmd.WithdrawResponse, whistle_id="w1") == "not_now"


def test_when_the_last_steps_back_the_blower_has_four_hours_to_add_or_cancel() -> None:
    """Row a29. Decision 2.31."""
    story = a_call_to_one()
    answer(story, ONE)

    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    assert the_whistle(story).state == "blown"
    assert clock(story, "staffing").deadline.due_at == at("2026-09-14 15:30")


def a_call_to_one() -> Story:
    story = units_called("p-gui-1")
    assert list(the_whistle(story).responders) == ["p-gui-1"]
    return story


def test_a_responder_added_later_has_its_clocks_from_that_instant_and_the_blower_is_helped() -> None:
    """Row a27. Decision 2.31."""
    story = a_call_to_one()
    answer(story, ONE)
    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")
    story.wait(hours=1)

    happened = story.give(DUTY, cmd.AddResponder, whistle_id="w1", responder="municipal-duty")

    assert types(happened) == ["whistle.responder_added"]
    added = responder(story, "municipal-duty")
    assert added.state == "called"
    assert {each.deadline.from_at for each in added.clocks.values()} == {story.now}
    assert clock(story, "staffing").watch_at is None


def test_whoever_answers_while_nobody_is_left_ends_the_wait_too() -> None:
    """Decision 2.31."""
    story = a_call_to_one()
    answer(story, ONE)
    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    answer(story, TWO)

    assert clock(story, "staffing").watch_at is None


def test_in_the_department_tier_the_approver_adds_and_names_the_blower() -> None:
    """Row a27. Decision 2.31."""
    story = department_called()
    add = {"whistle_id": "w1", "responder": "water-duty"}

    assert story.refused(DUTY, cmd.AddResponder, **add) == "second_post_needed"
    assert story.refused(STREET_DEPUTY, cmd.AddResponder, **add) == "second_post_needed"
    happened = story.give(STREET_DEPUTY, cmd.AddResponder, **add, proposed_by="duty")

    assert isinstance(happened[0], ev.ResponderAdded)
    assert happened[0].proposed_by == "duty"


def test_what_is_called_already_is_not_added_and_nobody_is_added_before_the_blow() -> None:
    """Row a27."""
    story = units_called()

    assert story.refused(DUTY, cmd.AddResponder, whistle_id="w1", responder="municipal-head") == "already_called"
    assert story.refused(STREET_HEAD, cmd.AddResponder, whistle_id="w1", responder="school-duty") == (
        "second_post_needed"
    )
    assert story.refused(DUTY, cmd.AddResponder, whistle_id="w1", responder="nobody") == "nobody_to_call"
    assert story.refused(DUTY, cmd.AddResponder, whistle_id="no-such", responder="school-duty") == "not_permitted"
    ask(story, whistle_id="w2", responders=("hospital-duty",))
    assert story.refused(DUTY, cmd.AddResponder, whistle_id="w2", responder="school-duty") == "not_now"


def test_an_enrolled_person_is_added_but_not_to_dangerous_work() -> None:
    """Row a27. Decision 2.40."""
    story = members_called(places=12)
    newcomer = {"whistle_id": "w1", "responder": "p-new", "enrolled": cmd.Enrolled("p-new")}
    story.give(DUTY, cmd.AddResponder, **newcomer)
    assert responder(story, "p-new").state == "called"
    assert clock(story, "arrive", "p-new").watch_at is None

    risky = units_called(dangerous=True)
    assert risky.refused(DUTY, cmd.AddResponder, **newcomer) == "unsafe_whistle"
    assert risky.refused(ONE, cmd.Acknowledge, whistle_id="w1") == "not_active"


def test_a_stated_time_that_is_past_binds_nobody_who_is_added() -> None:
    """Row a27."""
    story = department_called(starts_at=at("2026-09-14 11:00"))
    story.wait_until(at("2026-09-14 14:00"))

    story.give(STREET_DEPUTY, cmd.AddResponder, whistle_id="w1", responder="water-duty", proposed_by="duty")

    assert clock(story, "arrive", "water-duty").deadline.due_at == at("2026-09-17 18:00")


def test_who_is_added_after_the_plan_works_to_its_last_date() -> None:
    """Row a27."""
    story = units_called()
    come(story, MUNICIPAL)
    plan(story, due="2026-09-16 12:00")

    story.give(DUTY, cmd.AddResponder, whistle_id="w1", responder="hospital-duty")

    assert clock(story, "finish", "hospital-duty").deadline.due_at == at("2026-09-16 18:00")


def test_a_unit_that_got_in_touch_has_met_its_contact_clock() -> None:
    """Row W8."""
    story = units_called()
    answer(story, MUNICIPAL)

    happened = story.give(MUNICIPAL, cmd.Contact, whistle_id="w1", contacted_at=story.now, note="说好带车")

    assert types(happened) == ["whistle.contacted"]
    assert clock(story, "contact", "municipal-duty").met_at == story.now
    assert responder(story, "municipal-duty").state == "acknowledged"


def test_on_site_in_an_emergency_a_contact_is_the_report_that_starts_the_next_two_hours() -> None:
    """Row W8. Decision 2.22."""
    story = emergency()
    come(story, MUNICIPAL)
    story.wait(hours=1)

    happened = story.give(MUNICIPAL, cmd.Contact, whistle_id="w1", contacted_at=story.now, note="水已关")

    assert types(happened) == ["whistle.situation_reported"]
    assert clock(story, "situation").deadline.due_at == at("2026-09-14 12:30")
    assert clock(story, "situation").announced == 0


def test_on_site_of_any_other_whistle_there_is_nothing_to_report_until_the_result() -> None:
    """Row W8."""
    story = members_called()
    come(story, ONE)

    assert story.refused(ONE, cmd.Contact, whistle_id="w1", contacted_at=story.now, note="") == "not_an_emergency"


def test_arriving_unanswered_acknowledges_in_the_same_instant_and_meets_the_contact() -> None:
    """Row W9. Decision 2.21."""
    story = units_called()

    happened = story.give(MUNICIPAL, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="meeting", headcount=4)

    assert types(happened) == ["whistle.acknowledged", "whistle.arrived"]
    clocks = responder(story, "municipal-duty").clocks
    assert {clocks[name].met_at for name in ("acknowledge", "contact", "arrive")} == {story.now}


def test_without_a_plan_the_first_arrival_makes_the_whistle_working_and_results_come_from_the_site() -> None:
    """Row W9. Decision 2.4."""
    story = members_called()
    answer(story, ONE, TWO)

    come(story, ONE, TWO)

    assert the_whistle(story).state == "working"
    assert [(event.first, event.starts_work) for event in story.all(ev.WhistleArrived)] == [
        (True, True), (False, False),
    ]  # fmt: skip
    done(story, ONE)
    assert responder(story, "p-gui-1").state == "result_in"


def test_with_a_plan_the_first_arrival_leaves_the_whistle_blown_and_no_result_is_taken_before_it() -> None:
    """Row W11. Decision 2.4."""
    story = units_called()
    come(story, MUNICIPAL)

    assert the_whistle(story).state == "blown"
    assert story.refused(MUNICIPAL, cmd.SubmitResponse, whistle_id="w1", text="做完了") == "plan_needed"


def test_who_arrives_after_the_plan_works_at_once() -> None:
    """Row W9. Decision 2.4."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    come(story, MUNICIPAL)
    plan(story)

    come(story, HOSPITAL)

    assert responder(story, "hospital-duty").state == "working"
    assert clock(story, "finish", "hospital-duty").deadline.due_at == at("2026-09-16 18:00")


def test_without_a_free_place_nobody_arrives_unanswered() -> None:
    """Row W9."""
    story = members_called(places=1)
    answer(story, ONE)
    here = {"whistle_id": "w1", "arrived_at": story.now, "where": "site"}

    assert story.refused(TWO, cmd.Arrive, **here) == "no_place_free"
    come(story, ONE)


def test_an_arrival_says_where_and_when_and_not_ahead_of_time() -> None:
    """Row W9."""
    story = units_called()
    here = {"whistle_id": "w1", "where": "site"}

    assert story.refused(MUNICIPAL, cmd.Arrive, **here, arrived_at=at("2026-09-14 10:00")) == "arrival_incomplete"
    assert story.refused(MUNICIPAL, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="") == "arrival_incomplete"


def test_the_lead_agrees_the_plan_and_everybody_on_site_works_to_its_last_date() -> None:
    """Row W10. Decision 2.22."""
    story = units_called("municipal-duty", "hospital-duty", "school-duty", lead="municipal-duty")
    come(story, MUNICIPAL, HOSPITAL)
    assert story.refused(HOSPITAL, cmd.AgreePlan, whistle_id="w1", tasks=()) == "not_the_lead"

    plan(story, due="2026-09-16 12:00")

    states = {name: each.state for name, each in the_whistle(story).responders.items()}
    assert states == {"municipal-duty": "working", "hospital-duty": "working", "school-duty": "called"}
    for name in states:
        assert clock(story, "finish", name).deadline.due_at == at("2026-09-16 18:00")


@pytest.mark.parametrize(
    "tasks",
    [
        (),
        (cmd.Task(text=" ", due=at("2026-09-16 12:00"), owner="班组"),),
        (cmd.Task(text="清淤", due=at("2026-09-16 12:00"), owner=""),),
        (cmd.Task(text="清淤", due=at("2026-09-14 09:00"), owner="班组"),),
    ],
)
def test_a_plan_has_tasks_with_a_date_ahead_and_an_owner(tasks: tuple[cmd.Task, ...]) -> None:
    """Row W10."""
    story = units_called()
    come(story, MUNICIPAL)

    assert story.refused(MUNICIPAL, cmd.AgreePlan, whistle_id="w1", tasks=tasks) == "plan_incomplete"


def test_a_type_without_plan_has_none_to_agree() -> None:
    """Row W10. Decision 2.4."""
    story = emergency()
    come(story, MUNICIPAL)

    assert story.refused(MUNICIPAL, cmd.AgreePlan, whistle_id="w1", tasks=()) == "no_plan_for_type"


def test_once_the_lead_is_out_whoever_is_on_site_agrees_the_plan() -> None:
    """Row W10. Decision 2.4."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    come(story, HOSPITAL)
    story.wait_until(at("2026-09-14 17:00"))
    story.give(DUTY, cmd.MarkAbsent, whistle_id="w1", responder="municipal-duty", reason="没有来")

    plan(story, HOSPITAL)

    assert the_whistle(story).state == "working"


def test_an_agreed_plan_meets_the_cases_first_step_where_the_category_says_a_plan_does() -> None:
    """Row W10."""
    story = Story()
    story.report(a_blocked_drain(category="LIG.no_lamp"))
    assert story.open_case.clocks["first_step"].watch_at is not None
    story.give(BRANCH, cmd.SignFor)
    story.give(BRANCH, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="看过了")
    ask(story, starts_at=AFTERNOON)
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    come(story, MUNICIPAL)

    plan(story)

    assert story.only(ev.PlanAgreed).meets_first_step
    assert story.open_case.clocks["first_step"].met_at == story.now


def test_a_plan_agreed_before_the_look_leaves_nothing_to_do_after_it() -> None:
    """Row W10. Rule 42 wants a look and then a plan."""
    story = Story()
    story.report(a_blocked_drain(category="LIG.no_lamp"))
    ask(story, starts_at=AFTERNOON)
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    come(story, MUNICIPAL)
    plan(story)
    assert not story.only(ev.PlanAgreed).meets_first_step

    story.give(BRANCH, cmd.SignFor)
    story.give(BRANCH, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="看过了")

    assert story.only(ev.CaseContacted).deadlines == ()
    assert story.open_case.clocks["first_step"].met_at == story.now


def test_elsewhere_a_plan_meets_no_first_step() -> None:
    """Row W10."""
    story = units_called()
    come(story, MUNICIPAL)

    plan(story)

    assert not story.only(ev.PlanAgreed).meets_first_step


def test_the_last_result_ends_the_work_and_starts_the_rating_clock() -> None:
    """Row W11. Decision 2.1."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    come(story, MUNICIPAL, HOSPITAL)
    plan(story)
    done(story, MUNICIPAL)
    assert the_whistle(story).state == "working"

    happened = story.give(HOSPITAL, cmd.SubmitResponse, whistle_id="w1", text="做完了", tasks_done=(0,))

    assert isinstance(happened[0], ev.ResponseSubmitted)
    assert happened[0].all_in
    assert happened[0].minutes is None
    assert the_whistle(story).state == "result_in"
    assert clock(story, "rating").deadline.due_at == at("2026-09-17 18:00")
    assert clock(story, "finish", "hospital-duty").met_at == story.now


def test_a_result_needs_words_and_names_only_tasks_there_are() -> None:
    """Row W11."""
    story = units_called()
    come(story, MUNICIPAL)
    plan(story)
    result = {"whistle_id": "w1", "text": "做完了"}

    assert story.refused(MUNICIPAL, cmd.SubmitResponse, **{**result, "text": " "}) == "evidence_missing"
    assert story.refused(MUNICIPAL, cmd.SubmitResponse, **result, tasks_done=(1,)) == "evidence_missing"
    assert story.refused(HOSPITAL, cmd.SubmitResponse, **result) == "not_permitted"
    assert story.refused(DUTY, cmd.SubmitResponse, **result, responder="municipal-duty") == "not_your_response"


def test_a_group_without_places_takes_everybody() -> None:
    """Decision 2.16."""
    story = members_called(places=None)

    answer(story, ONE, TWO, THREE, FOUR)

    assert story.all(ev.WhistleWaitListed) == []


def test_a_persons_minutes_run_from_his_arrival_to_the_result_once() -> None:
    """Decision 2.38."""
    story = members_called(places=12)
    story.wait_until(at("2026-09-14 13:55"))
    come(story, ONE)
    story.wait_until(at("2026-09-14 18:05"))

    done(story, ONE)

    assert story.only(ev.ResponseSubmitted).minutes == 250


def test_nobody_serves_before_the_whistle_was_blown() -> None:
    """Decision 2.38."""
    story = members_called(places=12)
    story.give(ONE, cmd.Arrive, whistle_id="w1", arrived_at=at("2026-09-13 09:30"), where="site")
    story.wait(minutes=30)

    done(story, ONE)

    assert story.only(ev.ResponseSubmitted).minutes == 30


def test_a_call_that_a_person_never_answered_lapses_at_the_stated_start() -> None:
    """Row W11."""
    story = members_called(places=12)
    come(story, ONE)
    story.wait_until(AFTERNOON)

    done(story, ONE)

    assert the_whistle(story).state == "result_in"
    assert responder(story, "p-gui-2").state == "called"


def test_who_never_came_is_marked_absent_by_somebody_with_a_reason_and_never_early() -> None:
    """Row a30. Decision 2.3."""
    story = units_called()
    answer(story, MUNICIPAL)
    gone = {"whistle_id": "w1", "responder": "municipal-duty"}
    assert story.refused(DUTY, cmd.MarkAbsent, **gone, reason="没有来") == "not_late_yet"
    story.wait_until(AFTERNOON)
    assert story.refused(DUTY, cmd.MarkAbsent, **gone, reason="没有来") == "not_late_yet"
    story.wait(minutes=1)
    assert story.refused(DUTY, cmd.MarkAbsent, **gone, reason=" ") == "reason_missing"
    assert story.refused(MUNICIPAL, cmd.MarkAbsent, **gone, reason="x") == "not_permitted"

    happened = story.give(CENTRE, cmd.MarkAbsent, **gone, reason="没有来")

    assert types(happened) == ["whistle.responder_absent"]
    assert the_whistle(story).state == "result_in"
    assert clock(story, "rating").watch_at is not None


def test_who_has_come_is_late_only_when_the_work_is() -> None:
    """Row a30. Decision 2.3."""
    story = units_called()
    come(story, MUNICIPAL)
    plan(story, due="2026-09-16 12:00")
    story.wait_until(at("2026-09-15 12:00"))
    gone = {"whistle_id": "w1", "responder": "municipal-duty", "reason": "没有做完就走了"}
    assert story.refused(DUTY, cmd.MarkAbsent, **gone) == "not_late_yet"

    story.wait_until(at("2026-09-16 18:01"))

    assert types(story.give(DUTY, cmd.MarkAbsent, **gone)) == ["whistle.responder_absent"]


def test_a_unit_called_by_plan_alone_is_late_once_its_last_date_is_past() -> None:
    """Decision 2.3."""
    story = units_called(starts_at=None)
    gone = {"whistle_id": "w1", "responder": "municipal-duty", "reason": "没有来"}
    assert "arrive" not in responder(story, "municipal-duty").clocks
    assert story.refused(DUTY, cmd.MarkAbsent, **gone) == "not_late_yet"

    story.wait_until(at("2026-09-16 18:01"))

    assert types(story.give(DUTY, cmd.MarkAbsent, **gone)) == ["whistle.responder_absent"]


def test_marking_the_last_one_absent_ends_the_work_of_those_who_handed_in() -> None:
    """Row W11. Decision 2.3."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    come(story, MUNICIPAL)
    plan(story, due="2026-09-14 17:00")
    done(story, MUNICIPAL)
    story.wait_until(at("2026-09-14 18:01"))

    story.give(DUTY, cmd.MarkAbsent, whistle_id="w1", responder="hospital-duty", reason="没有来")

    assert story.only(ev.ResponderAbsent).all_in
    assert the_whistle(story).state == "result_in"


def test_the_last_one_stepping_back_after_results_came_in_ends_the_work_too() -> None:
    """Row W11. Decision 2.31."""
    story = members_called(places=12)
    answer(story, TWO)
    come(story, ONE)
    done(story, ONE)
    story.wait_until(AFTERNOON)
    assert the_whistle(story).state == "working"

    story.give(TWO, cmd.WithdrawResponse, whistle_id="w1")

    assert story.only(ev.ResponseWithdrawn).all_in
    assert the_whistle(story).state == "result_in"
    assert not runs(the_whistle(story).clocks, "staffing")


def test_a_command_names_its_whistle_since_a_case_has_several() -> None:
    """Decision 2.20."""
    story = units_called()
    ask(story, whistle_id="w2", responders=("hospital-duty",), starts_at=AFTERNOON)
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w2")

    assert story.refused(MUNICIPAL, cmd.Acknowledge, whistle_id="w2") == "not_permitted"
    answer(story, MUNICIPAL)
    assert the_whistle(story, "w2").responders["hospital-duty"].state == "called"


def test_two_departments_work_under_one_lead_to_the_end() -> None:
    """Row W11. Decision 2.4."""
    story = department_called("urban-duty", "water-duty", lead="water-duty")
    come(story, URBAN, WATER)
    assert story.refused(URBAN, cmd.AgreePlan, whistle_id="w1", tasks=()) == "not_the_lead"
    plan(story, WATER)
    done(story, URBAN, WATER)

    assert the_whistle(story).state == "result_in"
    assert replay(story.history) == story.case


def test_the_grid_worker_who_blew_may_check_people_in_but_no_unit() -> None:
    """Row W9. Decision 2.33."""
    story = emergency("municipal-duty", "p-gui-1")
    here = {"whistle_id": "w1", "arrived_at": story.now, "where": "site"}

    story.give(GRID_WORKER, cmd.Arrive, **here, responder="p-gui-1", on_behalf=True)

    assert story.refused(GRID_WORKER, cmd.Arrive, **here, responder="municipal-duty") == "not_your_response"
    assert story.all(ev.WhistleArrived)[0].on_behalf
