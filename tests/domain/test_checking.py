"""Somebody else checks the result: passed, or worked on again. Rows 30 and 31."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.org import Post
from tests.domain.affairs import DEPUTY, accepted, result, told
from tests.domain.lamp import (
    due,
    lamp_called,
    lamp_checked,
    lamp_given,
    lamp_in_work,
    lamp_without_reporter,
    met,
    owner,
    running,
    said,
    with_posts,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, SECRETARY, Story, at, types


def lamp_of_the_community() -> Story:
    """The community itself did the work."""
    story = lamp_given(main="duty")
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.Start)
    story.give(DUTY, cmd.SubmitResult, **result())
    return story


def failed_on(when: str, urgency: str = "normal") -> Story:
    story = lamp_in_work(urgency)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.wait_until(at(when))
    story.give(GRID_LEAD, cmd.FailCheck, reason="灯还是不亮")
    return story


def test_a_passed_check_leads_to_the_call_back() -> None:
    """Row 30. Passed on Tuesday 10:00: three working days are Wednesday, Thursday and Friday."""
    story = lamp_checked()
    story.wait_until(at("2026-09-15 10:00"))

    happened = story.give(GRID_LEAD, cmd.PassCheck, note="灯亮了")

    assert types(happened) == ["case.check_passed"]
    assert (story.open_case.state, owner(story)) == ("calling_back", "municipal-duty")
    assert story.open_case.clocks["check"].met_at == story.now
    assert running(story) == {"call_back"}
    assert due(story, "call_back") == at("2026-09-18 18:00")
    assert happened[0].replies == ()
    assert told(story, happened) == {"centre": ("call_back_wanted", "act", "record_call_back")}


@pytest.mark.parametrize(
    ("urgency", "by"),
    [
        ("normal", "2026-09-17 18:00"), ("elevated", "2026-09-16 18:00"), ("urgent", "2026-09-15 18:00"),
        ("critical", "2026-09-15 09:30"),
    ],
)  # fmt: skip
def test_the_call_back_is_due_by_urgency(urgency: str, by: str) -> None:
    """Row 30. From Monday 09:30."""
    assert due(lamp_called(urgency), "call_back") == at(by)


def test_without_a_reporter_a_passed_check_closes_it() -> None:
    """Row 30. Decision 1.2. Closed on Monday the 14th: archived fifteen days later, at the end of the 29th."""
    story = lamp_without_reporter()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    happened = story.give(GRID_LEAD, cmd.PassCheck)

    assert types(happened) == ["case.check_passed", "case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "no_reporter")
    assert "check" in met(story)
    assert running(story) == {"archive"}
    assert due(story, "archive") == at("2026-09-30 00:00")
    assert said(story) == []
    assert told(story, happened) == {"municipal-duty": ("closed", "info", None)}


def test_there_is_a_reporter_or_there_is_none() -> None:
    """Row 30. `no_reporter` and `has_reporter` tell the two lines apart: who can be asked is never passed over."""
    story = lamp_checked()
    assert types(story.give(GRID_LEAD, cmd.PassCheck)) == ["case.check_passed"]
    assert story.open_case.state == "calling_back"


def test_a_category_without_a_check_has_none_to_pass() -> None:
    """Row 30."""
    story = lamp_checked()
    story.case = replace(story.open_case, category="CON.consult")

    assert story.refused(GRID_LEAD, cmd.PassCheck) == "no_check_required"


def test_own_colleagues_checking_is_no_check() -> None:
    """Rows 30, 31. Decision 1.14. The post, its organisation and the persons who worked on it."""
    story = lamp_of_the_community()
    assert story.refused(DUTY, cmd.PassCheck) == "own_work"
    assert story.refused(DUTY, cmd.FailCheck, reason="不行") == "own_work"
    story.pack = with_posts(Post("a-grid", "grid_lead", "grid-1", "wls-grid-1", ("p-jia-1",)))
    assert story.refused(("p-jia-1", "a-grid"), cmd.PassCheck) == "own_work"

    story = lamp_without_reporter()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="mediator", reason="配合")
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    assert story.refused(DUTY, cmd.PassCheck) == "own_work"
    assert types(story.give(CENTRE, cmd.PassCheck))[0] == "case.check_passed"


def test_where_nobody_nearer_is_left_the_street_centre_checks() -> None:
    """Row 30. Decision 1.14."""
    story = lamp_given(main="grid-1-lead", co=("duty",))
    story.give(GRID_LEAD, cmd.SignFor)
    story.give(GRID_LEAD, cmd.Start)
    happened = story.give(GRID_LEAD, cmd.SubmitResult, **result())

    assert told(story, happened) == {"centre": ("check_wanted", "act", None)}
    assert story.refused(GRID_LEAD, cmd.PassCheck) == "own_work"
    assert story.refused(DUTY, cmd.PassCheck) == "own_work"
    assert types(story.give(CENTRE, cmd.PassCheck)) == ["case.check_passed"]


def test_where_a_community_is_too_small_a_pack_may_ask_for_another_person_only() -> None:
    """Decision 1.14."""
    story = lamp_of_the_community()
    story.pack = replace(story.pack, own_work_by="person")

    assert story.refused(DUTY, cmd.PassCheck) == "own_work"
    assert types(story.give(("p-jia-2", "duty"), cmd.PassCheck)) == ["case.check_passed"]


def test_only_a_checker_passes_or_fails_and_only_a_result_that_is_in() -> None:
    """Rows 30, 31."""
    for who in (SECRETARY, DEPUTY, MUNICIPAL, ("p-yi-2", "grid-2-lead")):
        assert lamp_checked().refused(who, cmd.PassCheck) == "not_permitted"
        assert lamp_checked().refused(who, cmd.FailCheck, reason="不行") == "not_permitted"
    assert lamp_in_work().refused(GRID_LEAD, cmd.PassCheck) == "not_now"
    assert lamp_in_work().refused(GRID_LEAD, cmd.FailCheck, reason="不行") == "not_now"


def test_a_failed_check_orders_the_work_again_with_half_the_time() -> None:
    """Row 31. Decision 1.17. T3 was 27.5 duty hours; half of them are 13 h 45 min.

    Failed on Tuesday 10:00: six hours that day, seven on Wednesday, 45 minutes on Thursday: 09:45.
    """
    story = lamp_checked()
    story.wait_until(at("2026-09-15 10:00"))
    assert story.refused(GRID_LEAD, cmd.FailCheck, reason=" ") == "reason_missing"

    happened = story.give(GRID_LEAD, cmd.FailCheck, reason="灯还是不亮")

    assert types(happened) == ["case.rework_ordered"]
    assert (story.open_case.state, owner(story), story.open_case.reworks) == ("in_progress", "municipal-duty", 1)
    assert "check" in met(story)
    assert running(story) == {"result"}
    assert due(story, "result") == at("2026-09-17 09:45")
    assert happened[0].replies == ()
    assert told(story, happened) == {"municipal-duty": ("rework", "act", "submit_result")}


def test_half_of_working_days_ends_with_the_next_working_days_duty_at_the_earliest() -> None:
    """Row 31. Decision 1.17. Half of 20.5 duty hours would end on Tuesday at 14:45."""
    story = accepted("SAN.corridor_clutter", "normal")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    assert due(story, "result") == at("2026-09-16 18:00")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    story.rate("unsolved")

    assert due(story, "result") == at("2026-09-15 18:00")


def test_half_of_hours_has_no_minimum() -> None:
    """Decision 1.17. 24 h of an urgent lamp: twelve from the order."""
    assert due(failed_on("2026-09-14 20:00", "urgent"), "result") == at("2026-09-15 08:00")


def test_a_critical_rework_has_no_minimum_and_runs_on_the_wall_clock() -> None:
    """Decisions 1.17, 1.35. T3 was two hours."""
    assert due(failed_on("2026-09-14 10:30", "critical"), "result") == at("2026-09-14 11:30")


def test_half_is_of_the_first_t3_of_the_cycle_and_not_of_an_extended_one() -> None:
    """Decision 1.17. Extended to the 23rd, failed on Tuesday 10:00: still 13 h 45 min of duty."""
    story = lamp_in_work()
    story.give(MUNICIPAL, cmd.RequestExtension, until=at("2026-09-23 18:00"), reason="订货", public_reason="等配件")
    story.give(DEPUTY, cmd.ApproveExtension)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.wait_until(at("2026-09-15 10:00"))
    story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")
    assert due(story, "result") == at("2026-09-17 09:45")

    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.FailCheck, reason="还是不亮")
    assert due(story, "result") == at("2026-09-17 09:45")


def test_the_third_failed_check_makes_a_hard_case_with_a_red_card() -> None:
    """Row 31. Decision 1.1. Reworks of the check and of the call-back count in one counter."""
    story = lamp_checked()
    for _ in range(2):
        assert types(story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")) == ["case.rework_ordered"]
        story.give(MUNICIPAL, cmd.SubmitResult, **result())

    happened = story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")

    assert types(happened) == ["case.rework_ordered", "case.marked_hard", "case.supervised"]
    assert (story.open_case.reworks, story.open_case.hard, story.open_case.supervision) == (3, True, "red_card")
    assert story.only(ev.CaseSupervised).told == ("street-head", "centre")
    assert "supervision_review" in running(story)
