"""Another urgency or another category counts the unmet clocks anew. Rows 43 and a11."""

from __future__ import annotations

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.domain.affairs import DEPUTY, GRID_WORKER, HEAD, accepted, claimed, result, told, unclear
from tests.domain.lamp import (
    TRIAGE_LEAD,
    due,
    lamp_accepted,
    lamp_called,
    lamp_checked,
    lamp_closed,
    lamp_given,
    lamp_in_work,
    met,
    owner,
    paused,
    running,
    said,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, REPORTER, SECRETARY, Story, at, types

UP: dict[str, object] = {"urgency": "urgent", "reason": "有老人夜里摔倒"}
DOWN: dict[str, object] = {"urgency": "normal", "reason": "临时照明已装", "proposed_by": "duty"}
OTHER: dict[str, object] = {"category": "ROA.surface_broken", "reason": "是路面的事"}


def raised() -> Story:
    story = lamp_given()
    story.wait_until(at("2026-09-14 10:00"))
    story.give(DUTY, cmd.ChangeUrgency, **UP)
    return story


def test_unmet_clocks_are_counted_from_their_own_start_with_the_new_limit() -> None:
    """Row 43. Decision 1.15. Handed over at 09:30: T1 1 h, T2 2 h, T3 the shorter of three days and 24 h."""
    story = lamp_given()
    story.wait_until(at("2026-09-14 10:00"))

    happened = story.give(DUTY, cmd.ChangeUrgency, **UP)

    assert types(happened) == ["case.urgency_changed"]
    assert (story.open_case.state, owner(story), story.open_case.urgency) == (
        "dispatched", "municipal-duty", "urgent",
    )  # fmt: skip
    assert due(story, "sign") == at("2026-09-14 10:30")
    assert due(story, "contact") == at("2026-09-14 11:30")
    assert due(story, "result") == at("2026-09-15 09:30")
    assert said(story) == ["reply.urgency_changed"]
    assert told(story, happened) == {"municipal-duty": ("urgency_changed", "urgent", None)}


def test_nobody_is_born_overdue() -> None:
    """Row 43. Decision 1.15. At 15:00 the hour and the two hours would be over: the whole limit from now."""
    story = lamp_given()
    story.wait_until(at("2026-09-14 15:00"))

    story.give(DUTY, cmd.ChangeUrgency, **UP)

    assert (due(story, "sign"), due(story, "contact")) == (at("2026-09-14 16:00"), at("2026-09-14 17:00"))
    assert due(story, "result") == at("2026-09-15 09:30")
    assert story.look() == []


def test_what_was_late_stays_as_late_as_it_was() -> None:
    """Decision 1.15. T1 was missed on Tuesday 18:00."""
    story = lamp_given()
    story.wait_until(at("2026-09-16 09:00"))

    story.give(DUTY, cmd.ChangeUrgency, **UP)

    assert due(story, "sign") == at("2026-09-15 18:00")
    assert due(story, "result") == at("2026-09-17 09:00")


def test_met_clocks_the_supervision_and_a_call_back_to_come_stay() -> None:
    """Decision 1.15."""
    story = lamp_in_work()
    story.give(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="约了")
    story.give(SECRETARY, cmd.Supervise, grade="ordinary", reason="关注")
    before = {name: story.open_case.clocks[name] for name in ("reply", "sign", "contact", "supervision_review")}

    story.give(DUTY, cmd.ChangeUrgency, **UP)

    assert {name: story.open_case.clocks[name] for name in before} == before
    assert "call_back" not in story.open_case.clocks
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    assert due(story, "call_back") == at("2026-09-15 18:00")


@pytest.mark.parametrize(
    ("urgency", "by"),
    [("elevated", "2026-09-17 18:00"), ("urgent", "2026-09-15 09:30"), ("critical", "2026-09-14 11:30")],
)
def test_t3_is_the_shorter_of_the_categorys_and_the_urgencys(urgency: str, by: str) -> None:
    """Row 43. Decision 1.15. Three working days, 24 hours, two hours."""
    story = lamp_given()

    story.give(DUTY, cmd.ChangeUrgency, urgency=urgency, reason="着急")

    assert due(story, "result") == at(by)


def test_a_second_post_lowers_it_and_t3_is_the_categorys_again() -> None:
    """Row 43. Decision 1.15. From its own start on Monday 09:30."""
    story = raised()

    happened = story.give(CENTRE, cmd.ChangeUrgency, **DOWN)

    assert types(happened) == ["case.urgency_changed"]
    assert (story.open_case.urgency, owner(story)) == ("normal", "municipal-duty")
    assert due(story, "sign") == due(story, "contact") == at("2026-09-15 18:00")
    assert due(story, "result") == at("2026-09-17 18:00")
    assert said(story) == ["reply.urgency_changed"]
    assert story.all(ev.UrgencyChanged)[-1].proposed_by == "duty"
    assert told(story, happened) == {"municipal-duty": ("urgency_changed", "info", None)}


@pytest.mark.parametrize(
    ("who", "proposer"),
    [(CENTRE, None), (CENTRE, "nobody"), (CENTRE, "centre"), (("p-jia-2", "duty"), "duty"), (DUTY, "duty")],
)
def test_nobody_lowers_it_alone(who: tuple[str, str], proposer: str | None) -> None:
    """Row 43."""
    assert raised().refused(who, cmd.ChangeUrgency, **{**DOWN, "proposed_by": proposer}) == "second_post_needed"


def test_a_reason_is_given_and_the_same_urgency_is_no_change() -> None:
    """Row 43. `not_higher` only picks the line: what is not higher is asked whether it is lower."""
    assert lamp_given().refused(DUTY, cmd.ChangeUrgency, **{**UP, "reason": " "}) == "reason_missing"
    assert raised().refused(CENTRE, cmd.ChangeUrgency, **{**DOWN, "reason": ""}) == "reason_missing"
    assert raised().refused(DUTY, cmd.ChangeUrgency, **UP) == "not_lower"


def test_triage_and_superiors_change_the_urgency_of_what_is_open_and_nobody_else() -> None:
    """Row 43."""
    for who in (MUNICIPAL, GRID_LEAD, GRID_WORKER):
        assert lamp_given().refused(who, cmd.ChangeUrgency, **UP) == "not_permitted"
    for who in (TRIAGE_LEAD, CENTRE, SECRETARY, DEPUTY, HEAD):
        assert lamp_given().refused(who, cmd.ChangeUrgency, **UP) == "allowed"
    assert lamp_closed().refused(DUTY, cmd.ChangeUrgency, **UP) == "not_now"


def test_only_who_was_told_a_date_is_told_the_new_one() -> None:
    """Row 43."""
    story = lamp_accepted()
    before = len(story.history)

    story.give(DUTY, cmd.ChangeUrgency, **UP)

    assert [reply for each in story.history[before:] for reply in each.replies] == []
    assert due(story, "dispatch") == at("2026-09-14 10:30")


def test_the_clocks_before_and_after_the_work_are_counted_anew_too() -> None:
    """Decision 1.15. T0 1 wd becomes 1 h, the check 2 h, T4 24 h."""
    story = unclear()
    story.give(DUTY, cmd.ChangeUrgency, **UP)
    assert due(story, "reply") == at("2026-09-14 10:30")

    critical = {**UP, "urgency": "critical"}
    story = lamp_checked()
    story.give(DUTY, cmd.ChangeUrgency, **critical)
    assert due(story, "check") == at("2026-09-14 11:30")
    story = lamp_called()
    story.give(DUTY, cmd.ChangeUrgency, **critical)
    assert due(story, "call_back") == at("2026-09-15 09:30")


def test_a_case_at_rest_stays_at_rest_with_its_new_figures() -> None:
    """Row 43. Short of critical, which ends the rest."""
    story = lamp_in_work()
    story.give(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"), note_to_reporter="等天气")

    story.give(DUTY, cmd.ChangeUrgency, **UP)

    assert (story.open_case.state, paused(story)) == ("suspended", {"result"})
    assert due(story, "review") == at("2026-10-20 09:00")
    assert due(story, "result") == at("2026-09-15 09:30")


def test_a_critical_case_counts_on_the_wall_clock_only() -> None:
    """Decision 1.35. Asking waits 30 min while T0 runs on, verifying 30 min, checking 2 h."""

    def critical() -> Story:
        story = unclear()
        story.give(DUTY, cmd.ChangeUrgency, urgency="critical", reason="险")
        return story

    story = critical()
    assert due(story, "reply") == at("2026-09-14 09:40")
    story.give(DUTY, cmd.AskInfo, question="在几号楼?")
    assert running(story) == {"reply", "info"}
    assert due(story, "info") == at("2026-09-14 10:00")

    story = critical()
    story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker")
    assert due(story, "verify") == at("2026-09-14 10:00")

    assert due(lamp_checked("critical"), "check") == at("2026-09-14 11:30")
    for clock in ("sign", "contact", "result"):
        deadline = lamp_given("critical").open_case.clocks[clock].deadline
        assert deadline.within.split()[1] in ("h", "min")


def test_another_category_counts_the_clocks_with_its_own_figures() -> None:
    """Row a11. A broken road has three days, counted to the end of Thursday the 17th."""
    story = lamp_given()
    story.wait(hours=1)

    happened = story.give(DUTY, cmd.Reclassify, **OTHER)

    assert types(happened) == ["case.reclassified"]
    assert (story.open_case.state, owner(story), story.open_case.category) == (
        "dispatched", "municipal-duty", "ROA.surface_broken",
    )  # fmt: skip
    assert due(story, "result") == at("2026-09-18 00:00")
    assert due(story, "sign") == at("2026-09-15 18:00")
    assert "reply" in met(story)
    assert said(story) == ["reply.reclassified"]
    assert told(story, happened) == {"municipal-duty": ("reclassified", "info", None)}


def test_what_turns_out_a_hazard_is_to_be_made_safe_24_hours_after_the_report() -> None:
    """Row a11. And what turns out to be none, is nothing to be made safe any more."""
    story = lamp_given()
    story.wait(hours=3)

    story.give(DUTY, cmd.Reclassify, category="HAZ.fire_facility", reason="是消防设施")

    assert due(story, "hazard") == at("2026-09-15 09:30")
    assert {"hazard", "result"} <= running(story)
    story.give(DUTY, cmd.Reclassify, **OTHER)
    assert "hazard" not in running(story)
    assert not [each for each in story.wait(days=2) if isinstance(each, ev.CaseSupervised)]


def test_a_masked_category_hides_who_reported_it() -> None:
    """Row a11."""
    story = lamp_given()

    story.give(DUTY, cmd.Reclassify, category="ORD.noise_business", reason="是噪声")

    assert story.open_case.reporter(REPORTER) is not None
    assert story.open_case.reporters[0].secrecy == "confidential"


def test_a_new_category_is_another_one_of_the_pack_and_has_a_reason() -> None:
    """Row a11."""
    for wrong in ({"reason": " "}, {"category": "XXX.none"}):
        assert lamp_given().refused(DUTY, cmd.Reclassify, **{**OTHER, **wrong}) == "reason_missing"
    assert lamp_given().refused(DUTY, cmd.Reclassify, category="LIG.lamp_out", reason="一样") == "same_category"


def test_only_triage_reclassifies_and_not_after_the_result() -> None:
    """Row a11."""
    for who in (SECRETARY, DEPUTY, MUNICIPAL, GRID_LEAD):
        assert lamp_given().refused(who, cmd.Reclassify, **OTHER) == "not_permitted"
    assert lamp_checked().refused(DUTY, cmd.Reclassify, **OTHER) == "not_now"
    assert accepted().refused(CENTRE, cmd.Reclassify, **OTHER) == "allowed"


def test_a_claimants_date_moves_with_the_urgency_too() -> None:
    """Row 43. Claimed on Monday 09:30 as normal with 24 h; critical: two hours."""
    story = claimed()

    happened = story.give(DUTY, cmd.ChangeUrgency, urgency="critical", reason="老人不舒服")

    assert due(story, "result") == at("2026-09-14 11:30")
    assert told(story, happened) == {"person:p-gui-1": ("urgency_changed", "critical", None)}
