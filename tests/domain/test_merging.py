"""One matter and several reporters, or one report and several matters: rows 11, a12 and a13."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.report import PlaceGiven, case_id_of
from tests.domain.affairs import (
    ADJUDICATOR,
    AREA,
    GRID_WORKER,
    accepted,
    given_to_unit,
    result,
    told,
    unclear,
    unit_at_work,
)
from tests.domain.clocked import SYSTEM, called_out, due, met_at, on_site, owner, running, said, words
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, REPORTER, SECRETARY, Story, at, types

NEIGHBOUR = "reporter-2"
FIRST = cmd.Lead("c0", "N0", open=True, category="WAT.sewer_blocked", area=AREA)
"""The case that is there already, as the caller finds it."""


def alike() -> Story:
    """A second report of the blocked drain, shown to triage with the first."""
    story = Story()
    story.report(duplicates=("c0",))
    return story


def returned() -> Story:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, ground="duplicate", basis="N0 已在办", suggested="duty")
    return story


def merge(**fields: object) -> dict[str, object]:
    return {"lead": "c0", "found": FIRST, **fields}


def attach(urgency: str = "normal", ref: str = NEIGHBOUR) -> dict[str, object]:
    return {"reporter_ref": ref, "from_case": "c2", "secrecy": "confidential", "urgency_of_newcomer": urgency}


def joined(story: Story | None = None) -> Story:
    """A neighbour's report was merged into it."""
    story = story or unit_at_work()
    story.give(SYSTEM, cmd.AttachReporter, **attach())
    return story


def another(**fields: object) -> dict[str, object]:
    return {"description": "院里路灯也不亮", "category": "LIG.lamp_out", **fields}


# ---- Row 11: merge ----


@pytest.mark.parametrize("start", [alike, accepted, returned])
def test_a_merged_case_ends_and_its_reporter_hears_the_number_of_the_lead(start: Callable[[], Story]) -> None:
    """Row 11.

    Decision 1.7.
    """
    story = start()

    ended = story.give(DUTY, cmd.MergeInto, **merge())

    assert types(ended) == ["case.merged"]
    assert (story.open_case.state, story.open_case.merged_into, running(story)) == ("merged", "c0", set())
    assert met_at(story, "reply") == story.now
    assert story.only(ev.CaseMerged).lead_number == "N0"
    assert (words(ended), said(ended)) == ([("reply.merged", None)], "N0")
    assert "办完以后同样会告诉您" in story.pack.text("reply.merged", "zh-CN")


def test_the_handler_who_returned_it_as_a_duplicate_hears_of_the_merge() -> None:
    """Row 11."""
    story = returned()

    assert told(story, story.give(DUTY, cmd.MergeInto, **merge())) == {"municipal-duty": ("merged", "info", None)}


@pytest.mark.parametrize(
    "found",
    [
        None, replace(FIRST, category="LIG.lamp_out"), replace(FIRST, area="kangning-b1"), replace(FIRST, case_id="c1")
    ],
    ids=["none", "another category", "another place", "itself"],
)  # fmt: skip
def test_only_the_same_matter_at_the_same_place_is_merged(found: cmd.Lead | None) -> None:
    """Row 11."""
    assert alike().refused(DUTY, cmd.MergeInto, **merge(found=found)) == "not_alike"


def test_nothing_is_merged_into_what_has_ended() -> None:
    """Row 11."""
    assert alike().refused(DUTY, cmd.MergeInto, **merge(found=replace(FIRST, open=False))) == "lead_ended"


def test_merging_into_a_merged_case_goes_to_its_own_lead() -> None:
    """Row 11.

    Decision 1.34.

    The caller found the lead of the lead that was named.
    """
    story = alike()

    story.give(DUTY, cmd.MergeInto, **merge(lead="c5"))

    assert story.open_case.merged_into == "c0"


def test_by_itself_only_the_same_reporters_repeat_is_merged() -> None:
    """Row 11."""
    story = alike()
    assert story.refused(SYSTEM, cmd.MergeInto, **merge()) == "needs_a_person"

    ended = story.give(SYSTEM, cmd.MergeInto, **merge(found=replace(FIRST, same_reporter=True)))

    assert types(ended) == ["case.merged"]
    assert ended[0].by == ev.SYSTEM


def test_while_called_people_are_on_site_nothing_is_merged() -> None:
    """Row 11."""
    assert on_site(alike()).refused(DUTY, cmd.MergeInto, **merge()) == "responder_on_site"
    assert types(called_out(alike()).give(DUTY, cmd.MergeInto, **merge())) == ["case.merged", "whistle.cancelled"]


@pytest.mark.parametrize("who", [SECRETARY, GRID_LEAD, MUNICIPAL, ADJUDICATOR, ("p-gui-1", None)])
def test_only_triage_merges(who: tuple[str, str | None]) -> None:
    """Row 11."""
    assert alike().refused(who, cmd.MergeInto, **merge()) == "not_permitted"


@pytest.mark.parametrize("start", [given_to_unit, unit_at_work])
def test_what_somebody_has_in_hand_is_not_merged(start: Callable[[], Story]) -> None:
    """Row 11."""
    assert start().refused(DUTY, cmd.MergeInto, **merge()) == "not_now"


# ---- Row a13: the merged reporter is with the lead ----


def test_the_lead_takes_the_reporter_and_keeps_its_clocks() -> None:
    """Row a13.

    Decision 1.34.
    """
    story = unit_at_work()
    before = dict(story.open_case.clocks)

    done = story.give(SYSTEM, cmd.AttachReporter, **attach())

    assert types(done) == ["case.reporter_attached"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert story.open_case.clocks == before
    assert words(done) == []
    assert told(story, done) == {"municipal-duty": ("joined", "info", None)}


def test_each_reporter_keeps_his_own_secrecy() -> None:
    """Row a13.

    Decision 1.34.
    """
    story = joined()

    assert [(each.ref, each.secrecy, each.from_case) for each in story.open_case.reporters] == [
        (REPORTER, "open", None), (NEIGHBOUR, "confidential", "c2")
    ]  # fmt: skip


def test_the_lead_takes_the_higher_urgency_with_its_dates() -> None:
    """Row a13.

    Decision 1.34.

    As row 43: T3 is the shorter of the category's 24 h and the 2 h of a critical matter, from its start.
    """
    story = unit_at_work()
    story.now = at("2026-09-14 10:00")

    done = story.give(SYSTEM, cmd.AttachReporter, **attach("critical"))

    assert types(done) == ["case.reporter_attached", "case.urgency_changed"]
    assert story.open_case.urgency == "critical"
    assert due(story, "result") == at("2026-09-14 11:30")
    assert story.only(ev.UrgencyChanged).reason == "merged"


def test_a_less_urgent_newcomer_changes_nothing() -> None:
    """Row a13."""
    story = accepted("WAT.sewer_blocked", "urgent")

    assert types(story.give(SYSTEM, cmd.AttachReporter, **attach("urgent"))) == ["case.reporter_attached"]
    assert story.open_case.urgency == "urgent"


def test_whoever_is_attached_already_is_not_attached_again() -> None:
    """Row a13."""
    assert joined().refused(SYSTEM, cmd.AttachReporter, **attach()) == "already_attached"
    assert unit_at_work().refused(SYSTEM, cmd.AttachReporter, **attach(ref=REPORTER)) == "already_attached"


def test_nobody_is_attached_to_what_has_ended_and_by_no_person() -> None:
    """Row a13."""
    ended = alike()
    ended.give(DUTY, cmd.MergeInto, **merge())

    assert ended.refused(SYSTEM, cmd.AttachReporter, **attach()) == "not_now"
    assert unit_at_work().refused(DUTY, cmd.AttachReporter, **attach()) == "not_permitted"


HANDED_ON = {"receiver": "排水公司", "receipt_number": "P1", "how_to_follow": "96303", "public_reply": "已转"}
ENDS: dict[str, tuple[Callable[[], Story], tuple[str, str], type[cmd.Command], dict[str, object]]] = {
    "refused": (
        accepted, CENTRE, cmd.Refuse,
        {"ground": "g", "public_reply": "不归我们", "where_instead": "供水公司", "proposed_by": "duty"},
    ),
    "already fixed": (
        accepted, DUTY, cmd.NotFound,
        {"outcome": "already_fixed", "finding_by": "grid-1-worker", "public_reply": "已经通了"},
    ),
    "merged": (accepted, DUTY, cmd.MergeInto, merge()),
    "settled": (unclear, GRID_WORKER, cmd.SolveOnSpot, {"result": "通了", "public_reply": "已经通了"}),
    "transferred": (unit_at_work, DUTY, cmd.TransferOut, dict(HANDED_ON)),
    "diverted": (unclear, DUTY, cmd.DivertEmergency, {"numbers": ("119",), "danger": "fire"}),
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_every_end_of_the_lead_is_answered_to_all_merged_reporters(end: str) -> None:
    """Decision 1.34."""
    start, who, kind, fields = ENDS[end]
    story = joined(start())
    before = [each.replies for each in story.open_case.reporters]

    ended = story.give(who, kind, **fields)

    assert [to for _, to in words(ended)] == [None]
    assert [each.replies for each in story.open_case.reporters] == [count + 1 for count in before]


def test_when_the_lead_is_closed_both_are_told() -> None:
    """Decision 1.34."""
    story = joined()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    story.rate("solved")

    ended = story.rate("solved", NEIGHBOUR, "q2")

    assert words(event for event in ended if isinstance(event, ev.CaseClosed)) == [("reply.closed", None)]


def test_there_is_no_way_back_from_a_merge_but_to_split_off() -> None:
    """Decision 1.34."""
    story = joined()

    (event,) = story.give(DUTY, cmd.SplitOff, **another())

    assert isinstance(event, ev.CaseSplitOff)
    assert event.follow_up is not None
    assert event.follow_up.also_reporters == ((NEIGHBOUR, "confidential"),)
    assert [each.ref for each in story.open_case.reporters] == [REPORTER, NEIGHBOUR]


# ---- Row a12: split off ----


def test_a_second_matter_becomes_a_case_of_its_own_and_the_first_keeps_its_clocks() -> None:
    """Row a12.

    Decision 1.33.
    """
    story = unit_at_work()
    before, version = story.open_case, story.open_case.version
    story.now = at("2026-09-14 11:00")

    done = story.give(MUNICIPAL, cmd.SplitOff, **another())

    assert types(done) == ["case.split_off"]
    assert (story.open_case.state, owner(story), story.open_case.clocks) == (
        before.state,
        "municipal-duty",
        before.clocks,
    )
    event = story.only(ev.CaseSplitOff)
    assert (event.new_case, event.category, event.accepted) == (case_id_of(f"r1-{version + 1}"), "LIG.lamp_out", False)
    assert told(story, done) == {"duty": ("split_off", "info", None)}


def test_the_new_case_has_the_same_reporters_and_times_of_its_own() -> None:
    """Row a12.

    Decision 1.33.
    """
    story = joined()
    story.now = at("2026-09-14 11:00")
    story.give(DUTY, cmd.SplitOff, **another(place=PlaceGiven(area="courtyard-51")))
    report = story.only(ev.CaseSplitOff).follow_up
    assert report is not None
    assert (report.origin, report.opened_from, report.received_at) == ("derived", "c1", story.now)
    assert (report.place.area, report.description, report.category) == (
        "courtyard-51",
        "院里路灯也不亮",
        "LIG.lamp_out",
    )

    new = Story(now=story.now)
    opened = new.report(report)

    assert types(opened) == ["case.reported", "case.accepted", "case.dispatched"]
    assert [(each.ref, each.secrecy) for each in new.open_case.reporters] == [
        (REPORTER, "open"), (NEIGHBOUR, "confidential")
    ]  # fmt: skip
    assert due(new, "reply") == at("2026-09-15 18:00")
    assert due(new, "result") == at("2026-09-17 18:00")


def test_what_a_handler_splits_off_is_looked_at_by_triage_first() -> None:
    """Row a12.

    Decision 1.33.
    """
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.SplitOff, **another())
    report = story.only(ev.CaseSplitOff).follow_up
    assert report is not None
    new = Story(now=story.now)

    opened = new.give(
        SYSTEM, cmd.OpenCase, report=report, case_id=case_id_of(report.report_id), number_if_accepted="N2",
        to_triage=True,
    )  # fmt: skip

    assert types(opened) == ["case.reported"]
    assert new.open_case.triage_because == ("to_triage",)


def test_one_reply_names_both_numbers() -> None:
    """Row a12.

    Decision 1.33.
    """
    story = accepted()

    done = story.give(DUTY, cmd.SplitOff, **another(accepted=True, new_number="N2"))

    assert (words(done), said(done)) == ([("reply.split_off", None)], "N1 · N2")
    assert story.only(ev.CaseSplitOff).accepted


def test_where_nothing_else_is_said_the_new_matter_is_at_the_same_place() -> None:
    """Row a12."""
    story = unit_at_work()
    story.give(DUTY, cmd.SplitOff, **another())
    report = story.only(ev.CaseSplitOff).follow_up

    assert report is not None
    assert report.place == PlaceGiven(area=AREA)


def test_only_triage_accepts_what_was_split_off() -> None:
    """Row a12."""
    story = unit_at_work()

    assert story.refused(MUNICIPAL, cmd.SplitOff, **another(accepted=True)) == "accept_is_triage"
    assert story.refused(DUTY, cmd.SplitOff, **another(accepted=True)) == "allowed"


def test_the_new_matter_is_of_a_category_of_the_pack() -> None:
    """Row a12."""
    assert unit_at_work().refused(DUTY, cmd.SplitOff, **another(category="LIG.none")) == "unknown_category"


@pytest.mark.parametrize("who", [SECRETARY, GRID_LEAD, ("p-jia-5", "mediator"), SYSTEM])
def test_only_triage_and_the_main_handler_split_off(who: tuple[str, str | None]) -> None:
    """Row a12."""
    assert unit_at_work().refused(who, cmd.SplitOff, **another()) == "not_permitted"


def test_after_the_result_nothing_is_split_off() -> None:
    """Row a12."""
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    assert story.refused(DUTY, cmd.SplitOff, **another()) == "not_now"
    assert story.refused(MUNICIPAL, cmd.SplitOff, **another()) == "not_now"
