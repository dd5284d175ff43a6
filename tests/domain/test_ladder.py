"""Silence is answered: what runs out is told, and a late result climbs hop by hop. Rows 44 to 46 and a14 to a17."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.flow import BY_SYSTEM
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
    NOBODY,
    called_back,
    due,
    lamp_accepted,
    lamp_called,
    lamp_checked,
    lamp_given,
    lamp_in_work,
    lamp_signed,
    met,
    owner,
    passed_over,
    running,
    said,
    with_posts,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, REPORTER, SECRETARY, Story, a_blocked_drain, at, types

RESULT = at("2026-09-17 18:00")
"""T3 of a lamp given on Monday 09:30: 27.5 duty hours, of which half are 13 h 45 min."""
HOPS = [RESULT, at("2026-09-20 17:45"), at("2026-09-22 17:30")]
"""Seven hours on Friday and 6 h 45 min on the Sunday that is worked; 15 min, 7 h and 6 h 30 min to Tuesday."""
NOT_OURS: dict[str, object] = {"ground": "wrong_duty", "basis": "三定方案", "suggested": "duty"}


def late(events: list[ev.Event], clock: str | None = None) -> list[ev.CaseOverdue]:
    found = [each for each in events if isinstance(each, ev.CaseOverdue)]
    return [each for each in found if clock in (None, each.clock)]


def returned() -> Story:
    story = lamp_given()
    story.give(MUNICIPAL, cmd.ReturnCase, **NOT_OURS)
    return story


def returned_twice() -> Story:
    story = returned()
    story.give(DUTY, cmd.Reassign, main="mediator", reason="先看看")
    story.give(MEDIATOR, cmd.ReturnCase, **NOT_OURS)
    return story


def verifying() -> Story:
    story = unclear()
    story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker")
    return story


def without_a_lamp() -> Story:
    """The plan is due in five working days, Sunday the 20th among them; the work in thirty days."""
    story = accepted("LIG.no_lamp", "elevated")
    story.give(DUTY, cmd.Dispatch)
    story.give(("p-xin-1", "branch-secretary"), cmd.SignFor)
    story.give(
        ("p-xin-1", "branch-secretary"), cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="-"
    )
    return story


def with_a_part() -> Story:
    story = lamp_in_work()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="mediator", reason="商户配合", due=at("2026-09-16 12:00"))
    return story


def dangerous() -> Story:
    """A hydrant is broken: urgent, a hazard, and somebody signed for it and talked to the reporter."""
    story = Story()
    story.report(a_blocked_drain(category="HAZ.fire_facility"))
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="知道了")
    return story


def test_a_case_not_signed_for_in_time_is_told_to_unit_head_and_triage() -> None:
    """Row 44. Decision 1.3. T1 ends on Tuesday 18:00; triage may give it to somebody else now."""
    story = lamp_given()

    happened = story.wait_until(at("2026-09-16 09:00"))

    (event,) = late(happened, "sign")
    assert (event.at, event.due_at, event.hop) == (at("2026-09-15 18:00:01"), at("2026-09-15 18:00"), 0)
    assert event.told == ("municipal-duty", "municipal-head", "duty")
    assert (story.open_case.state, owner(story)) == ("dispatched", "municipal-duty")
    assert "sign" in running(story)
    assert event.replies == ()
    assert told(story, [event]) == {
        "municipal-duty": ("sign_overdue", "act", "sign_for"), "municipal-head": ("sign_overdue", "act", None),
        "duty": ("sign_overdue", "act", "reassign"),
    }  # fmt: skip


def test_at_the_due_instant_nothing_is_late_and_nobody_can_hurry_the_clock() -> None:
    """Rows 44, 45, 46, a14. Decision 1.39. `not_due`: a look before the time changes nothing."""
    for begun in (lamp_given, unclear, lamp_accepted, lamp_called, lamp_checked):
        story = begun()
        first = min(each.deadline.due_at for each in story.open_case.clocks.values() if each.runs)
        story.now = first
        assert late(story.look()) == []
    for who in (DUTY, DEPUTY, MUNICIPAL):
        assert lamp_given().give(who, cmd.TimePassed) == []
    story = lamp_in_work()
    story.now = at("2026-09-17 10:30")
    assert not [each for each in story.look() if isinstance(each, ev.CaseDueSoon)]


def test_four_fifths_of_t3_remind_the_owner_once() -> None:
    """Row 45. 22 of the 27.5 duty hours from Monday 09:30 are over on Thursday at 10:30."""
    story = lamp_in_work()

    happened = story.wait_until(at("2026-09-17 17:00"))

    (event,) = [each for each in happened if isinstance(each, ev.CaseDueSoon)]
    assert (event.clock, event.at) == ("result", at("2026-09-17 10:30:01"))
    assert (story.open_case.state, due(story, "result")) == ("in_progress", RESULT)
    assert "result" in running(story)
    assert event.replies == ()
    assert told(story, [event]) == {"municipal-duty": ("due_soon", "act", None)}


@pytest.mark.parametrize("begun", [lamp_given, returned, lamp_signed, lamp_in_work])
def test_the_reminder_comes_in_every_state_in_which_t3_runs(begun: Callable[[], Story]) -> None:
    """Row 45."""
    story = begun()
    story.wait_until(at("2026-09-17 17:00"))

    assert len(story.all(ev.CaseDueSoon)) == 1


def test_each_t3_reminds_anew() -> None:
    """Row 45. The rework of Thursday 17:00 lasts 13 h 45 min of duty; eleven of them end on Sunday at noon."""
    story = lamp_in_work()
    story.wait_until(at("2026-09-17 17:00"))
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")
    assert due(story, "result") == at("2026-09-20 16:45")

    story.wait_until(at("2026-09-20 16:00"))

    assert [each.at for each in story.all(ev.CaseDueSoon)] == [
        at("2026-09-17 10:30:01"), at("2026-09-20 12:00:01"),
    ]  # fmt: skip


def test_a_missed_t3_climbs_the_ladder_by_half_its_length() -> None:
    """Row 46. Decision 1.12. The row's "if late" first, the chain above it next, the joint meeting at + 100 %."""
    story = lamp_in_work()

    hops = late(story.wait_until(at("2026-09-24 09:00")), "result")

    assert [each.at for each in hops] == [each.replace(second=1) for each in HOPS]
    assert [(each.hop, each.body) for each in hops] == [
        (1, "wulibao-office"), (2, "erqi-joint-office"), (3, None),
    ]  # fmt: skip
    assert [each.told for each in hops] == [
        ("municipal-duty", "centre", "street-head"), ("municipal-duty", "district-joint", "street-deputy"),
        ("municipal-duty", "street-head", "centre"),
    ]  # fmt: skip
    assert [each.look_at for each in hops] == [HOPS[1], HOPS[2], None]
    assert [each.grade for each in story.all(ev.CaseSupervised)] == ["ordinary", "yellow_card", "red_card"]
    assert story.only(ev.CaseMarkedHard).at == hops[2].at


def test_the_owner_stays_and_the_reporter_hears_the_new_date_with_the_first_hop() -> None:
    """Row 46. Decision 1.12. The new date is the instant of step 3."""
    story = lamp_in_work()
    story.wait_until(at("2026-09-24 09:00"))

    hops = late(story.history, "result")
    assert [[reply.key for reply in each.replies] for each in hops] == [["reply.new_date"], [], []]
    assert (owner(story), story.open_case.state, due(story, "result")) == ("municipal-duty", "in_progress", RESULT)
    assert story.open_case.supervision == "red_card"
    assert "result" in running(story)


def test_each_hop_is_told_to_whoever_it_concerns() -> None:
    """Row 46."""
    story = lamp_in_work()
    story.wait_until(at("2026-09-17 18:00"))

    happened = story.wait(seconds=1)

    assert types(happened) == ["case.overdue", "case.supervised"]
    assert {name for name, (kind, _, _) in told(story, happened[:1]).items() if kind == "result_overdue"} == {
        "municipal-duty", "centre", "street-head",
    }  # fmt: skip


def test_at_the_top_it_repeats_as_a_review_every_three_working_days() -> None:
    """Rows 46, a17. Red on Tuesday the 22nd: due on Monday the 28th, and then on 8 October."""
    story = lamp_in_work()
    happened = story.wait_until(at("2026-10-09 09:00"))

    assert [each.at for each in happened if isinstance(each, ev.CaseReviewDue)] == [
        at("2026-09-28 18:00:01"), at("2026-10-08 18:00:01"),
    ]  # fmt: skip
    assert len(late(happened, "result")) == 3


def test_without_an_if_late_the_chain_is_climbed_from_its_lowest_step_and_empty_bodies_are_skipped() -> None:
    """Row 46. Decision 1.12."""
    story = lamp_in_work()
    secretary = story.pack.directory.posts["branch-secretary"]
    story.pack = with_posts(replace(secretary, holders=()))
    story.case = replace(story.open_case, late=None)

    hops = late(story.wait_until(at("2026-09-29 09:00")), "result")

    assert [(each.body, each.skipped) for each in hops] == [
        ("south-committee", ("south-branch",)),
        ("wulibao-office", ()),
        ("erqi-joint-office", ()),
        (None, ()),
    ][: len(hops)]
    assert len(hops) >= 3


def test_looked_at_after_an_outage_one_hop_is_made_and_the_next_counts_from_now() -> None:
    """Row 46. Decision 1.12. Noticed on Monday the 28th at 10:00: 13 h 45 min later is Wednesday 09:45."""
    story = lamp_in_work()
    story.now = at("2026-09-28 10:00")

    (hop,) = late(story.look(), "result")

    assert (hop.hop, hop.look_at) == (1, at("2026-09-30 09:45"))


def test_a_returned_case_is_late_too_and_its_ladder_begins_with_triage() -> None:
    """Row 46. Passing it round makes nothing later: T3 runs in `returned` as well."""
    story = returned()

    hops = late(story.wait_until(at("2026-09-18 09:00")), "result")

    assert [each.at for each in hops] == [at("2026-09-17 18:00:01")]
    assert hops[0].told[0] == "duty"


CLOCKS: list[tuple[str, Callable[[], Story], str, tuple[str, ...]]] = [
    ("reply", unclear, "2026-09-15 18:00", ("duty", "secretary")),
    ("dispatch", lamp_accepted, "2026-09-14 15:30", ("duty", "secretary")),
    ("verify", verifying, "2026-09-15 18:00", ("grid-1-worker", "grid-1-lead")),
    ("contact", lamp_signed, "2026-09-15 18:00", ("municipal-duty", "municipal-head")),
    ("reassign", returned, "2026-09-14 15:30", ("duty", "secretary")),
    ("adjudicate", returned_twice, "2026-09-15 18:00", ("adjudicator", "street-head")),
    ("check", lamp_checked, "2026-09-15 18:00", ("grid-1-lead", "branch-secretary")),
    ("call_back", lamp_called, "2026-09-17 18:00", ("centre", "street-head")),
    ("first_step", without_a_lamp, "2026-09-20 18:00", ("branch-secretary", "secretary")),
]


@pytest.mark.parametrize(("clock", "begun", "by", "who"), CLOCKS, ids=[each[0] for each in CLOCKS])
def test_each_clock_that_runs_out_is_told_once_to_the_slow_post_and_its_head(
    clock: str, begun: Callable[[], Story], by: str, who: tuple[str, ...]
) -> None:
    """Row a14. Decision 1.3. No card, the case stays where it is and the clock runs on."""
    story = begun()
    state = story.open_case.state
    assert due(story, clock) == at(by)
    story.wait_until(at(by))
    assert not late(story.history, clock)

    happened = story.wait(seconds=1)

    (event,) = late(happened, clock)
    assert (event.due_at, event.hop, event.told) == (at(by), 0, who)
    assert (story.open_case.state, event.replies) == (state, ())
    assert clock in running(story)
    assert "case.supervised" not in types(happened)
    assert {kind for kind, _, _ in told(story, [event]).values()} == {"clock_overdue"}
    assert set(told(story, [event])) == set(who)
    story.wait(hours=20)
    assert len(late(story.history, clock)) == 1


def test_what_nobody_claimed_and_nobody_assigned_is_told_to_the_street() -> None:
    """Row a14."""
    story = posted()
    story.wait_until(at("2026-09-16 18:00"))

    (event,) = late(story.wait(seconds=1), "assign")

    assert event.told == ("duty", "centre")


def test_what_a_claimant_leaves_undone_is_told_to_the_community() -> None:
    """Row a14. Decision 2.13: behind a claimant stands the community, and he hears of it himself."""
    story = claimed()

    happened = story.wait(days=5)

    assert [event.told for event in late(happened, "contact")] == [("duty",)]


def test_nobody_dispatched_what_has_no_reporter_so_triage_is_told() -> None:
    """Row a14. Decision 1.2."""
    story = Story()
    story.report(a_blocked_drain(category=None, reporter=None))

    (event,) = late(story.wait(hours=24))

    assert (event.clock, event.due_at, event.told) == ("dispatch", at("2026-09-14 15:30"), ("duty", "secretary"))


def test_a_co_handlers_late_part_is_told_to_him_and_the_main_handler() -> None:
    """Row a15. Decision 1.40."""
    story = with_a_part()
    story.wait_until(at("2026-09-16 12:00"))
    assert not late(story.history, "part")

    happened = story.wait(seconds=1)

    (event,) = late(happened, "part")
    assert (event.handler, event.told) == ("mediator", ("mediator", "municipal-duty"))
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert story.open_case.parts["mediator"].runs
    assert set(told(story, [event])) == {"mediator", "municipal-duty"}
    story.wait(days=1)
    assert len(late(story.history, "part")) == 1


def test_a_part_is_late_while_the_case_rests_too() -> None:
    """Row a15."""
    story = with_a_part()
    story.give(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"), note_to_reporter="等天气")

    assert len(late(story.wait(days=4), "part")) == 1


def test_danger_left_open_for_24_hours_jumps_to_a_yellow_card() -> None:
    """Row a16. Reported on Monday 09:30, wall clock; the owner keeps it."""
    story = dangerous()
    assert due(story, "hazard") == at("2026-09-15 09:30")
    story.wait_until(at("2026-09-15 09:30"))

    happened = [each for each in story.wait(seconds=1) if getattr(each, "clock", "hazard") == "hazard"]

    assert types(happened)[:2] == ["case.overdue", "case.supervised"]
    (event,) = late(happened, "hazard")
    assert event.told == ("duty", "street-deputy")
    assert story.all(ev.CaseSupervised)[0].grade == "yellow_card"
    assert (story.open_case.state, owner(story)) == ("signed", "duty")
    assert story.open_case.clocks["hazard"].look_at is None
    story.wait(days=1)
    assert len(late(story.history, "hazard")) == 1


def test_a_measure_recorded_in_time_is_all_it_takes() -> None:
    """Row a16."""
    story = dangerous()
    story.wait_until(at("2026-09-15 09:30"))
    story.give(GRID_WORKER, cmd.RecordTemporaryMeasure, text="摆了灭火器")

    assert "hazard" in met(story)
    assert not late(story.wait(days=1), "hazard")


def test_danger_counts_before_anybody_is_responsible_and_a_higher_card_is_kept() -> None:
    """Row a16."""
    story = Story()
    story.report(a_blocked_drain(category="HAZ.fire_facility"), duplicates=("c0",))
    assert story.open_case.state == "reported"
    story.give(DEPUTY, cmd.Supervise, grade="red_card", reason="消防")

    happened = story.wait(hours=25)

    assert len(late(happened, "hazard")) == 1
    assert "case.supervised" not in types(happened)


def test_at_its_review_date_a_supervision_is_looked_at_again() -> None:
    """Row a17. Given on Monday: Thursday 18:00 by default, then three working days later, Monday with the Sunday."""
    story = lamp_in_work()
    story.give(SECRETARY, cmd.Supervise, grade="ordinary", reason="关注", review_at=at("2026-09-15 12:00"))
    story.wait_until(at("2026-09-15 12:00"))
    assert not story.all(ev.CaseReviewDue)

    happened = story.wait(seconds=1)

    assert types(happened) == ["case.review_due"]
    assert story.only(ev.CaseReviewDue).told == ("secretary", "municipal-duty")
    assert (story.open_case.state, story.open_case.supervision) == ("in_progress", "ordinary")
    assert due(story, "supervision_review") == at("2026-09-18 18:00")
    assert told(story, happened) == {
        "secretary": ("review_due", "act", None), "municipal-duty": ("review_due", "act", None),
    }  # fmt: skip


def test_a_supervision_that_the_clock_gave_is_reviewed_by_triages_superior() -> None:
    """Row a17."""
    story = lamp_in_work()
    story.wait_until(at("2026-09-29 09:00"))

    assert story.all(ev.CaseReviewDue)[-1].told == ("street-deputy", "municipal-duty")


def test_a_critical_supervision_is_reviewed_the_next_day() -> None:
    """Row a17. Decision 1.35."""
    story = lamp_in_work("critical")
    story.give(DEPUTY, cmd.Supervise, grade="red_card", reason="险")

    assert due(story, "supervision_review") == at("2026-09-15 09:30")


def test_a_case_nobody_was_given_escalates_too_and_no_step_one_gives_a_card() -> None:
    """Decision 1.3. T0 and the dispatch timer: told once each, to the owner and its head."""
    story = unclear()
    story.wait(days=5)

    assert [(each.clock, each.told) for each in late(story.history)] == [("reply", ("duty", "secretary"))]
    assert story.all(ev.CaseSupervised) == []


def test_an_act_at_the_due_instant_is_in_time() -> None:
    """Decision 1.39."""
    story = lamp_given()
    story.now = due(story, "sign")

    assert types(story.give(MUNICIPAL, cmd.SignFor)) == ["case.signed"]
    assert not late(story.history)


def test_a_late_command_says_first_what_was_overdue_and_the_timer_does_not_repeat_it() -> None:
    """Decision 1.39. In the same decision, once."""
    story = lamp_given()
    story.now = at("2026-09-15 18:00:01")

    happened = story.give(MUNICIPAL, cmd.SignFor)

    assert types(happened) == ["case.overdue", "case.overdue", "case.signed"]
    assert {each.clock for each in late(happened)} == {"sign", "contact"}
    assert story.look() == []
    story.wait(hours=1)
    assert len(late(story.history, "sign")) == 1


def test_a_refused_command_says_nothing_and_the_timer_says_it_later() -> None:
    """Decision 1.39."""
    story = lamp_given()
    story.now = at("2026-09-15 18:00:01")
    assert story.refused(SECRETARY, cmd.Dispatch, main="duty") == "not_permitted"

    assert {each.clock for each in late(story.look())} == {"sign", "contact"}


def test_a_request_of_a_reporter_that_is_repeated_gets_no_second_answer() -> None:
    """Decision 1.39. A refusal is kept as well as a consent."""
    story = lamp_called()
    called_back(story, "solved")
    assert types(story.ask(cmd.Urge, REPORTER, "q1")) == ["case.request_refused"]

    assert story.ask(cmd.Urge, REPORTER, "q1") == []


def test_the_systems_clock_is_nobodys_command() -> None:
    """Rows 44, 45, 46, a14, a15, a16, a17. No person is offered it; whoever looks too early, nothing happens."""
    assert {"time_passed", "archive", "recompute_clocks"} <= BY_SYSTEM
    story = lamp_given()
    assert story.give(NOBODY, cmd.TimePassed, clock="sign") == []
    assert story.give(CENTRE, cmd.TimePassed, clock="sign") == []
    assert story.give(ADJUDICATOR, cmd.TimePassed) == []


def test_a_result_that_is_late_is_told_with_the_words_of_the_pack() -> None:
    """Row 46."""
    story = lamp_in_work()
    story.wait_until(at("2026-09-17 18:01"))

    assert said(story) == ["reply.new_date"]


@pytest.mark.parametrize("clock", ["part", "hazard", "supervision_review"])
def test_no_line_of_time_speaks_before_its_clock_has_run_out(clock: str) -> None:
    """Rows a15, a16, a17."""
    story = dangerous()
    story.give(DUTY, cmd.Start)
    story.give(DUTY, cmd.AddHandler, to_post="mediator", reason="配合", due=at("2026-09-14 12:00"))
    story.give(SECRETARY, cmd.Supervise, grade="ordinary", reason="关注")
    running_out = {**story.open_case.clocks, "part": story.open_case.parts["mediator"]}[clock]
    story.now = running_out.deadline.due_at
    given: dict[str, object] = {"clock": clock, "responder": "mediator"}

    assert passed_over(story, NOBODY, cmd.TimePassed, **given) == ["not_due"]
    story.now += timedelta(seconds=1)
    assert passed_over(story, NOBODY, cmd.TimePassed, **given) == []


def test_a_hop_for_which_no_body_is_left_goes_to_the_joint_meeting() -> None:
    """Row 46. Invariant I14. Bodies in which nobody is left do not lengthen the ladder, and no hop tells nobody."""
    story = Story()
    story.report(a_blocked_drain(category="LIG.lamp_out"))
    empty = {"duty", "secretary", "deputy", "district-joint"}
    posts = story.pack.directory.posts
    left = {name: replace(each, holders=(), stand_ins=()) for name, each in posts.items() if name in empty}
    story.pack = replace(story.pack, directory=replace(story.pack.directory, posts={**posts, **left}))

    late = [each for each in story.wait(days=60) if isinstance(each, ev.CaseOverdue) and each.clock == "result"]

    assert late
    for each in late:
        assert any(story.pack.directory.posts[name].filled for name in each.told), each
