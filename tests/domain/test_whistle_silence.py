"""Silence around a whistle: rows W15, a23 to a26, a31; the two steps of decision 2.2."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.events import Event
from tests.domain.town import DUTY, MUNICIPAL, SECRETARY, at
from tests.domain.whistling import (
    FRIDAY,
    ONE,
    SYSTEM,
    URBAN,
    a_case,
    answer,
    ask,
    clock,
    come,
    department_called,
    done,
    emergency,
    members_called,
    plan,
    standing,
    the_whistle,
    units_called,
)

A_SECOND = timedelta(seconds=1)


def late(events: Iterable[Event], clock_name: str) -> list[ev.WhistleOverdue]:
    return [each for each in events if isinstance(each, ev.WhistleOverdue) and each.clock == clock_name]


def test_an_unanswered_unit_is_told_to_its_head_and_after_the_same_span_to_the_street_centre() -> None:
    """Row W15. Decision 2.10."""
    story = units_called(case={"category": "PRO.lift_fault"})

    first, second = late(story.wait(days=2), "acknowledge")

    assert (first.step, first.responder, first.told) == (1, "municipal-duty", ("municipal-head", "duty"))
    assert first.at == at("2026-09-14 10:30") + A_SECOND
    assert (second.step, second.told, second.look_at) == (2, ("centre", "duty"), None)
    assert second.at == at("2026-09-14 11:30") + A_SECOND


def test_in_the_department_tier_the_second_step_is_the_districts_joint_office() -> None:
    """Row W15. Decision 2.10."""
    story = department_called()

    first, second = late(story.wait(days=1), "acknowledge")

    assert "urban-head" in first.told
    assert "district-joint" in second.told


def test_a_unit_without_a_head_goes_to_the_joint_office_at_once() -> None:
    """Row W15."""
    story = units_called("school-duty", case={"category": "PRO.lift_fault"})

    (only,) = late(story.wait(days=2), "acknowledge")

    assert only.told == ("centre", "duty")


def test_at_the_due_instant_itself_an_answer_is_in_time() -> None:
    """Decision 2.35."""
    story = units_called(case={"category": "PRO.lift_fault"})
    story.now = at("2026-09-14 10:30")

    answer(story, MUNICIPAL)

    assert late(story.history, "acknowledge") == []


def test_an_answer_after_the_due_instant_says_first_that_it_was_late() -> None:
    """Decision 2.35."""
    story = units_called(case={"category": "PRO.lift_fault"})
    story.now = at("2026-09-14 10:31")

    happened = story.give(MUNICIPAL, cmd.Acknowledge, whistle_id="w1")

    assert [event.type for event in happened][-2:] == ["whistle.overdue", "whistle.acknowledged"]


def test_contact_arrival_and_finish_climb_the_same_two_steps_and_the_blower_hears() -> None:
    """Row a31. Decision 2.2."""
    story = units_called(starts_at=at("2026-09-15 10:00"))
    answer(story, MUNICIPAL)
    happened = story.wait_until(at("2026-09-18 09:00"))

    assert [event.step for event in late(happened, "contact")] == [1]
    arrive = late(happened, "arrive")
    assert [event.step for event in arrive] == [1, 2]
    assert arrive[0].told == ("municipal-head", "duty")
    assert arrive[1].at - arrive[0].at == at("2026-09-15 10:00") - at("2026-09-14 09:30")

    come(story, MUNICIPAL)
    plan(story, due="2026-09-18 12:00")
    finish = late(story.wait(days=4), "finish")
    assert finish[0].at == at("2026-09-18 18:00") + A_SECOND


def test_persons_are_never_late() -> None:
    """Row a31. Decision 2.10."""
    story = members_called()
    answer(story, ONE)

    assert [each for each in story.wait(days=10) if isinstance(each, ev.WhistleOverdue)] == []


def test_nobody_hears_silence_as_approval() -> None:
    """Row a23. Decision 2.23."""
    story = a_case()
    ask(story)

    (only,) = late(story.wait(days=5), "approval")

    assert only.told == ("secretary", "street-head")
    assert the_whistle(story).state == "requested"
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    assert the_whistle(story).state == "blown"


def test_a_late_approval_of_an_emergency_is_told_even_after_its_end() -> None:
    """Row a23. Decision 2.12."""
    story = emergency()
    come(story, MUNICIPAL)
    done(story, MUNICIPAL)
    mark = cmd.Score(responder="municipal-duty", promptness=5, attendance=5, quality=5)
    worker = ("p-yi-5", "grid-2-worker")
    story.give(worker, cmd.RateWhistle, whistle_id="w1", ratings=(mark,))
    story.give(worker, cmd.CloseWhistle, whistle_id="w1")
    assert the_whistle(story).state == "closed"

    happened = late(story.wait(days=3), "approval")

    assert [event.due_at for event in happened] == [at("2026-09-15 09:30")]
    story.give(SECRETARY, cmd.ApproveAfterwards, whistle_id="w1", approved=True)
    assert clock(story, "approval").met_at == story.now


def test_rating_and_closing_have_three_days_each_then_the_head_then_the_joint_office() -> None:
    """Row a24. Decision 2.2."""
    story = units_called()
    come(story, MUNICIPAL)
    plan(story, due="2026-09-15 12:00")
    done(story, MUNICIPAL)

    first, second = late(story.wait_until(at("2026-09-24 09:30")), "rating")

    assert (first.at, first.told) == (at("2026-09-17 18:00") + A_SECOND, ("duty", "secretary"))
    assert second.told == ("centre", "duty")
    mark = cmd.Score(responder="municipal-duty", promptness=5, attendance=5, quality=5)
    story.give(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=(mark,))
    first, second = late(story.wait(days=25), "closing")
    assert (first.told, second.told) == (("duty", "secretary"), ("centre", "duty"))


def test_when_nobody_is_left_and_nothing_is_done_blower_and_head_hear_once() -> None:
    """Row a25. Decision 2.31."""
    story = units_called("p-gui-1")
    answer(story, ONE)
    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")

    (only,) = late(story.wait(days=4), "staffing")

    assert only.told == ("duty", "secretary")
    assert only.at == at("2026-09-14 15:30") + A_SECOND
    story.give(DUTY, cmd.CancelWhistle, whistle_id="w1", reason="没有人了")
    assert the_whistle(story).state == "cancelled"


def test_an_emergency_without_a_report_for_two_hours_is_asked_for_again_and_again() -> None:
    """Row a26. Decision 2.22."""
    story = emergency()
    come(story, MUNICIPAL)

    happened = late(story.wait(hours=5), "situation")

    assert [(event.step, event.told) for event in happened] == [
        (1, ("municipal-duty", "municipal-head", "grid-2-worker")),
        (2, ("municipal-duty", "municipal-head", "grid-2-worker")),
    ]
    assert happened[1].due_at == happened[0].at + timedelta(hours=2)
    done(story, MUNICIPAL)
    assert late(story.wait(days=1), "situation") == []


def test_a_late_unit_of_a_standing_whistle_is_reminded_by_the_community_and_by_nobody_above() -> None:
    """Row a31. Decision 2.30."""
    story = standing()
    story.give(SYSTEM, cmd.BlowStanding, **FRIDAY)

    (only,) = late(story.wait(days=7), "arrive")

    assert (only.told, only.look_at) == (("duty",), None)
    come(story, MUNICIPAL)
    assert the_whistle(story).state == "working"
    done(story, MUNICIPAL)
    assert the_whistle(story).state == "result_in"


def test_after_an_outage_one_step_is_made_and_the_next_is_counted_from_now() -> None:
    """Decision 2.2."""
    story = department_called()
    story.now = at("2026-09-16 09:00")

    first = late(story.look(), "acknowledge")

    assert [event.step for event in first] == [1]
    assert first[0].look_at == at("2026-09-16 10:00")
    answer(story, URBAN)


def test_every_late_clock_of_a_whistle_tells_somebody() -> None:
    """Decision 2.2."""
    for story in (units_called(), department_called(), emergency(), members_called()):
        for event in story.wait(days=20):
            if isinstance(event, ev.WhistleOverdue):
                assert event.told, event
