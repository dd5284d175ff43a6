"""Of each event of a whistle: who is told, how urgently, and what the alert offers; never who else helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.alert import alerts_for
from shaoyin.domain.header import header
from tests.domain.affairs import (
    MEMBERS,
    UNIT,
    URGENT,
    emergency_blown,
    of,
    result,
    signed,
    told,
    unit_on_site,
    whistles_answered,
    whistles_blown,
    work_done,
)
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, SECRETARY, Story, at, members

AFTERNOON = at("2026-09-14 14:00")
CALL = {"type": "member_service_whistle", "tier": "member", "task": "扫楼道", "responder_type": "members", "places": 5}


def requested_by_its_approver(story: Story) -> list[ev.Event]:
    return story.give(
        SECRETARY, cmd.RequestWhistle, whistle_id="c1-w3", place="51号院", starts_at=AFTERNOON, source="case",
        linked_to=None, **CALL,
    )  # fmt: skip


def test_a_requested_whistle_asks_every_approver_of_its_tier() -> None:
    story = signed()
    asked = story.all(ev.WhistleRequested)[0]

    assert of(story, asked) == {
        "secretary": ("whistle_approval", "urgent", "approve_whistle"),
        "deputy": ("whistle_approval", "urgent", "approve_whistle"),
    }


def test_of_a_whistle_that_its_asker_may_approve_the_other_approvers_only_hear() -> None:
    story = signed()
    story.give(SECRETARY, cmd.DeclineWhistle, whistle_id=MEMBERS, reason="另外吹", instead="另外吹")

    events = requested_by_its_approver(story)

    assert [event.type for event in events] == ["whistle.requested", "whistle.blown"]
    assert of_one(story, events, 0) == {"deputy": ("whistle_blown", "info", None)}
    assert {each for each, *_ in of_one(story, events, 1).values()} == {"member_called"}


def of_one(story: Story, events: list[ev.Event], number: int) -> dict[str, tuple[str, str, str | None]]:
    """What one event of a decision tells, with the facts after the whole of it."""
    found = alerts_for(events[number], header(story.open_case, events), story.pack)
    return {each.recipient: (each.kind, each.level, each.offer.command if each.offer else None) for each in found}


def test_a_blown_whistle_calls_units_and_members() -> None:
    story = whistles_blown()
    unit, group = story.all(ev.WhistleBlown)

    assert of(story, unit) == {"municipal-duty": ("whistle_called", "urgent", "acknowledge")}
    assert of(story, group) == {
        f"person:{each}": ("member_called", "urgent", "acknowledge") for each in members(story.pack)
    }


def test_who_approves_in_the_quiet_hours_is_warned() -> None:
    story = whistles_blown()
    blown = story.all(ev.WhistleBlown)[0]

    assert of(story, replace(blown, warned=("secretary",)))["secretary"] == ("quiet_hours", "info", None)


def test_an_emergency_rings_whatever_the_case_says_and_is_approved_afterwards() -> None:
    story = emergency_blown()
    (blown,) = story.all(ev.WhistleBlown)

    assert of(story, blown) == {
        "municipal-duty": ("whistle_called", "critical", "acknowledge"),
        "secretary": ("emergency_to_approve", "urgent", "approve_afterwards"),
        "deputy": ("emergency_to_approve", "urgent", "approve_afterwards"),
        "centre": ("emergency_blown", "critical", None),
    }


def test_the_blower_of_an_emergency_hears_every_answer_and_arrival_at_once() -> None:
    story = emergency_blown()
    answer = story.give(MUNICIPAL, cmd.Acknowledge, whistle_id=URGENT)
    arrival = story.give(MUNICIPAL, cmd.Arrive, whistle_id=URGENT, arrived_at=story.now, where="site")

    assert of(story, replace(answer[0], all_have=False)) == {"grid-1-lead": ("whistle_answer", "info", None)}  # type: ignore[arg-type]  # an acknowledgement
    assert of(story, replace(arrival[0], first=False)) == {"grid-1-lead": ("whistle_answer", "info", None)}  # type: ignore[arg-type]  # an arrival


def test_the_latest_from_the_site_reaches_the_blower_and_the_street() -> None:
    story = emergency_blown()
    story.give(MUNICIPAL, cmd.Arrive, whistle_id=URGENT, arrived_at=story.now, where="site")

    events = story.give(MUNICIPAL, cmd.Contact, whistle_id=URGENT, contacted_at=story.now, note="水已关")

    assert told(story, events) == {"grid-1-lead": ("situation", "info", None), "centre": ("situation", "info", None)}


@pytest.mark.parametrize(
    ("approved", "expected"),
    [(True, ("emergency_approved", "info", None)), (False, ("emergency_disapproved", "act", "cancel_whistle"))],
)
def test_the_approval_afterwards_is_told_to_the_blower_who_decides_what_follows(
    approved: bool, expected: tuple[str, str, str | None]
) -> None:
    story = emergency_blown()

    events = story.give(SECRETARY, cmd.ApproveAfterwards, whistle_id=URGENT, approved=approved, reason="看过了")

    assert told(story, events) == {"grid-1-lead": expected}


def test_a_declined_whistle_is_told_to_the_blower() -> None:
    story = signed()

    events = story.give(SECRETARY, cmd.DeclineWhistle, whistle_id=UNIT, reason="人手够", instead="自己疏通")

    assert told(story, events) == {"duty": ("whistle_declined", "act", None)}


def test_a_whistle_the_case_need_not_wait_for_is_told_to_its_blower() -> None:
    story = whistles_blown()

    events = story.give(SECRETARY, cmd.LiftBlocking, whistle_id=UNIT, reason="不影响")

    assert told(story, events) == {"duty": ("blocking_lifted", "info", None)}


def test_an_added_responder_is_called() -> None:
    story = whistles_blown()

    events = story.give(DUTY, cmd.AddResponder, whistle_id=UNIT, responder="hospital-duty")

    assert told(story, events) == {"hospital-duty": ("whistle_called", "urgent", "acknowledge")}


def test_a_plan_is_told_to_all_who_are_called_and_to_the_blower() -> None:
    story = work_done()
    plan = story.only(ev.PlanAgreed)

    assert of(story, plan) == {"duty": ("plan_agreed", "info", None)}
    assert of(story, replace(plan, by=ev.SYSTEM))["municipal-duty"] == ("plan_agreed", "info", None)


def test_who_comes_from_the_waiting_list_is_told_that_he_has_a_place() -> None:
    story = whistles_answered()
    first, waiting = members(story.pack)[0], members(story.pack)[10]
    story.give((waiting, None), cmd.Acknowledge, whistle_id=MEMBERS)

    events = story.give((first, None), cmd.WithdrawResponse, whistle_id=MEMBERS)

    assert told(story, events) == {
        "duty": ("whistle_places", "info", None), f"person:{waiting}": ("promoted", "act", None),
    }  # fmt: skip


def test_the_blower_learns_of_a_helper_who_was_not_called_at_once() -> None:
    story = whistles_blown()
    deadlines = (ev.Deadline("arrive", story.now, "stated", AFTERNOON, None, ""),)
    event = ev.WhistleAcknowledged(
        at=story.now, whistle_id=MEMBERS, responder=members(story.pack)[0], deadlines=deadlines
    )

    assert of(story, event) == {"duty": ("whistle_answer", "info", None)}


def objected() -> tuple[Story, list[ev.Event]]:
    story = whistles_blown()
    return story, story.give(MUNICIPAL, cmd.Object, whistle_id=UNIT, ground="wrong_duty", basis="三定方案")


def test_an_objection_asks_a_decider_about_that_unit_and_the_blower_hears() -> None:
    story, events = objected()
    alerts = alerts_for(events[0], header(story.open_case, events), story.pack)
    (asked,) = [each for each in alerts if each.offer is not None]

    assert told(story, events) == {
        "duty": ("whistle_objected", "info", None), "centre": ("objection_to_decide", "urgent", "decide_objection"),
    }  # fmt: skip
    assert asked.offer is not None
    assert (asked.offer.whistle_id, asked.offer.responder) == (UNIT, "municipal-duty")


def test_an_objection_in_an_emergency_is_only_known_and_asks_nobody() -> None:
    story = emergency_blown()

    events = story.give(MUNICIPAL, cmd.Object, whistle_id=URGENT, ground="wrong_duty", basis="三定方案")

    assert set(told(story, events).values()) == {("whistle_objected", "info", None)}


def test_an_objection_that_does_not_hold_sends_the_unit_on_its_way() -> None:
    story, _ = objected()

    events = story.give(
        CENTRE, cmd.DecideObjection, whistle_id=UNIT, responder="municipal-duty", decision="overrule", reason="归你们"
    )

    assert told(story, events) == {
        "municipal-duty": ("objection_overruled", "act", None), "duty": ("objection_overruled", "info", None),
    }  # fmt: skip


def test_an_objection_that_holds_and_leaves_nobody_asks_the_blower_to_call_others() -> None:
    story, _ = objected()

    events = story.give(
        CENTRE, cmd.DecideObjection, whistle_id=UNIT, responder="municipal-duty", decision="uphold", reason="不归它"
    )

    assert told(story, events) == {
        "municipal-duty": ("objection_upheld", "info", None), "duty": ("staffing", "urgent", "add_responder"),
    }  # fmt: skip


def test_who_did_not_come_hears_it_with_his_head_and_a_volunteer_without_one() -> None:
    story = whistles_answered()
    first = members(story.pack)[0]
    story.wait(days=5)
    unit = story.give(DUTY, cmd.MarkAbsent, whistle_id=UNIT, responder="municipal-duty", reason="没有人来")
    person = story.give(DUTY, cmd.MarkAbsent, whistle_id=MEMBERS, responder=first, reason="没有来")

    heard = told(story, unit)
    assert heard["municipal-duty"] == heard["municipal-head"] == ("marked_absent", "info", None)
    assert told(story, person) == {f"person:{first}": ("marked_absent", "info", None)}


def test_when_all_results_are_in_the_blower_rates() -> None:
    story = work_done()
    (last, *_) = [event for event in story.all(ev.ResponseSubmitted) if event.whistle_id == UNIT]

    assert of(story, last) == {"duty": ("whistle_all_in", "act", "rate_whistle")}


def test_an_upgraded_whistle_is_told_to_those_who_worked_on_it_and_asks_the_level_above() -> None:
    story = unit_on_site()
    event = ev.WhistleUpgraded(
        at=story.now, by=ev.By("secretary", "p-jia-3"), whistle_id=UNIT, reason="beyond_power", new_whistle="c1-w5"
    )

    assert of(story, event) == {
        "duty": ("whistle_upgraded", "act", None), "municipal-duty": ("whistle_upgraded", "info", None),
    }  # fmt: skip


def test_a_matter_taken_back_over_an_open_whistle_tells_all_who_were_called() -> None:
    story = whistles_answered()

    cancelled = [event for event in story.ask(cmd.Withdraw) if isinstance(event, ev.WhistleCancelled)]
    heard = told(story, cancelled)

    assert heard["municipal-duty"] == ("whistle_cancelled", "info", None)
    assert heard[f"person:{members(story.pack)[0]}"] == ("whistle_cancelled", "info", None)


def test_a_late_situation_report_is_told_to_whoever_is_on_site_its_head_and_the_blower() -> None:
    story = emergency_blown()
    story.give(MUNICIPAL, cmd.Arrive, whistle_id=URGENT, arrived_at=story.now, where="site")

    late = [each for each in story.wait(hours=3) if isinstance(each, ev.WhistleOverdue) and each.clock == "situation"]

    assert told(story, late) == dict.fromkeys(
        ("municipal-duty", "municipal-head", "grid-1-lead"), ("whistle_overdue", "critical", None)
    )


def test_a_result_is_not_asked_for_twice_by_the_whistle_and_by_the_case() -> None:
    story = work_done()
    for name, who in ((UNIT, "municipal-duty"), (MEMBERS, "members")):
        mark = cmd.Score(responder=who, promptness=5, attendance=5, quality=4)
        story.give(DUTY, cmd.RateWhistle, whistle_id=name, ratings=(mark,))
        story.give(DUTY, cmd.CloseWhistle, whistle_id=name)
    story.now += timedelta(minutes=1)

    events = story.give(DUTY, cmd.SubmitResult, **result())

    assert {kind for kind, *_ in told(story, events).values()} == {"check_wanted"}
