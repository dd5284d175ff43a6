"""Danger: the call to make now, what is left to do behind it, and what is made safe meanwhile: rows 3 and a9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.report import PlaceGiven, Report
from tests.domain.affairs import (
    AREA,
    DEPUTY,
    GRID_WORKER,
    accepted,
    given_to_unit,
    posted,
    result,
    told,
    unclear,
    unit_at_work,
)
from tests.domain.clocked import SYSTEM, called_out, due, met_at, on_site, owner, running, said, words
from tests.domain.town import (
    CENTRE,
    DUTY,
    GRID_LEAD,
    MORNING,
    MUNICIPAL,
    REPORTER,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    types,
    wulibao,
)

NEIGHBOUR = "reporter-2"
FIRE: dict[str, object] = {"numbers": ("119",), "danger": "fire"}
MICRO_LEAD = ("p-gui-1", "micro-51-1-lead")


def asked() -> Story:
    story = unclear()
    story.give(DUTY, cmd.AskInfo, question="是哪一栋?")
    return story


def verifying() -> Story:
    story = unclear()
    story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker")
    return story


def returned() -> Story:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested="centre")
    return story


def suspended() -> Story:
    """Started at 09:30, resting since 10:00."""
    story = unit_at_work()
    story.now = at("2026-09-14 10:00")
    story.give(
        DEPUTY, cmd.Suspend, reason="evidence_pending", review_at=at("2026-09-17 12:00"), note_to_reporter="等检测"
    )
    return story


def drain() -> Report:
    """The blocked drain of two households, where somebody also fell into the shaft."""
    report = a_blocked_drain(answers={"danger": ("injury",), "public_main": False}, description="有人掉进井里,井也堵了")
    return Report(
        report_id=report.report_id, community=report.community, pack_version=report.pack_version,
        description=report.description, place=report.place, received_at=report.received_at,
        reporter_ref=report.reporter_ref, secrecy="confidential", category=report.category, answers=report.answers,
        also_reporters=((NEIGHBOUR, "anonymous"),),
    )  # fmt: skip


# ---- Row 3 before anybody is responsible: diverted ----


@pytest.mark.parametrize("start", [unclear, asked, verifying, accepted])
def test_an_emergency_ends_the_case_with_the_number_to_call_now(start: Callable[[], Story]) -> None:
    """Row 3."""
    story = start()

    ended = story.give(MUNICIPAL, cmd.DivertEmergency, **FIRE)

    assert types(ended) == ["case.diverted"]
    assert (story.open_case.state, running(story), met_at(story, "reply")) == ("transferred_out", set(), story.now)
    assert (words(ended), said(ended)) == ([("reply.emergency", None)], "119")
    assert told(story, ended) == {"duty": ("diverted", "critical", None), "grid-1-lead": ("diverted", "critical", None)}


def test_an_answer_that_there_is_danger_diverts_at_once_and_a_word_does_not() -> None:
    """Row 3.

    Decision 1.31.

    Showing the number is the reply.
    """
    story = Story()
    opened = story.report(a_blocked_drain(answers={"danger": "fire"}))

    assert types(opened) == ["case.reported", "case.diverted"]
    assert story.only(ev.EmergencyDiverted).numbers == ("119",)
    assert met_at(story, "reply") == story.now
    assert types(Story().report(a_blocked_drain(description="楼道里冒烟"))) == ["case.reported"]


def test_the_ordinary_matter_behind_it_becomes_a_case_of_its_own() -> None:
    """Row 3.

    Decision 1.31.
    """
    story = Story()

    story.report(drain())

    assert story.only(ev.EmergencyDiverted).follow_up == Report(
        report_id="r1-2", community="wulibao", pack_version=story.pack.version, description="有人掉进井里,井也堵了",
        place=PlaceGiven(area=AREA), received_at=MORNING, reporter_ref=REPORTER, secrecy="confidential",
        category="WAT.sewer_blocked", origin="derived", channel="form", answers={"public_main": False},
        opened_from="c1", also_reporters=((NEIGHBOUR, "anonymous"),),
    )  # fmt: skip


def test_what_is_left_to_do_is_given_to_somebody_and_diverted_no_more() -> None:
    """Row 3.

    Decision 1.31.
    """
    first = Story()
    first.report(drain())
    follow_up = first.only(ev.EmergencyDiverted).follow_up
    assert follow_up is not None

    second = Story()
    opened = second.report(follow_up)

    assert types(opened)[:3] == ["case.reported", "case.accepted", "case.dispatched"]
    assert [each.ref for each in second.open_case.reporters] == [REPORTER, NEIGHBOUR]
    assert second.open_case.opened_from == "c1"


def test_where_nobody_can_say_what_is_left_nothing_is_opened() -> None:
    """Row 3."""
    story = unclear()

    story.give(DUTY, cmd.DivertEmergency, **FIRE)

    assert story.only(ev.EmergencyDiverted).follow_up is None


@pytest.mark.parametrize("start", [unclear, unit_at_work])
def test_only_danger_with_a_number_to_call_is_an_emergency(start: Callable[[], Story]) -> None:
    """Row 3."""
    story = start()

    assert story.refused(DUTY, cmd.DivertEmergency, numbers=("119",), danger="noise") == "not_an_emergency"
    assert story.refused(DUTY, cmd.DivertEmergency, numbers=(), danger="fire") == "not_an_emergency"


@pytest.mark.parametrize("danger", ["fire", "gas", "medical", "crime", "gas_smell", "missing_child", "trapped_in_lift"])
def test_life_fire_crime_and_gas_are_emergencies(danger: str) -> None:
    """Row 3."""
    assert unclear().refused(SYSTEM, cmd.DivertEmergency, numbers=("110",), danger=danger) == "allowed"


def test_while_called_people_are_on_site_the_case_is_not_ended() -> None:
    """Row 3."""
    assert on_site(accepted()).refused(DUTY, cmd.DivertEmergency, **FIRE) == "responder_on_site"

    assert types(called_out(accepted()).give(DUTY, cmd.DivertEmergency, **FIRE)) == [
        "case.diverted",
        "whistle.cancelled",
    ]


@pytest.mark.parametrize("who", [("p-gui-3", None), ("p-yi-5", "grid-2-worker"), ("p-gui-1", "duty")])
def test_whoever_has_no_post_there_does_not_divert(who: tuple[str, str | None]) -> None:
    """Row 3."""
    assert unclear().refused(who, cmd.DivertEmergency, **FIRE) == "not_permitted"
    assert unit_at_work().refused(who, cmd.DivertEmergency, **FIRE) == "not_permitted"


# ---- Row 3 once somebody is responsible: the call is added ----


@pytest.mark.parametrize("start", [posted, given_to_unit, returned, unit_at_work])
def test_once_it_is_under_way_the_call_is_added_and_the_case_goes_on_as_critical(start: Callable[[], Story]) -> None:
    """Row 3.

    Decision 1.31.
    """
    story = start()
    state, who = story.open_case.state, owner(story)

    done = story.give(GRID_LEAD, cmd.DivertEmergency, **FIRE)

    assert types(done) == ["case.emergency_called", "case.urgency_changed"]
    assert (story.open_case.state, owner(story), story.open_case.urgency) == (state, who, "critical")
    assert (words(done), said(done)) == ([("reply.emergency", None)], "119")


def test_handler_triage_and_street_hear_of_it_at_once() -> None:
    """Row 3."""
    story = unit_at_work()

    called = [
        each for each in story.give(GRID_LEAD, cmd.DivertEmergency, **FIRE) if each.type == "case.emergency_called"
    ]

    at_once = ("emergency_called", "critical", None)
    heard = ("municipal-duty", "duty", "centre", "community-roster", "street-roster")
    assert told(story, called) == dict.fromkeys(heard, at_once)


def test_its_unmet_clocks_are_counted_anew_and_nobody_is_born_overdue() -> None:
    """Row 3.

    Decision 1.31.

    Since 09:30: T3 two hours, 11:30; T2 half an hour would be past, so it is half an hour from now.
    """
    story = unit_at_work()
    story.now = at("2026-09-14 10:30")

    story.give(GRID_LEAD, cmd.DivertEmergency, **FIRE)

    assert (due(story, "result"), due(story, "contact")) == (at("2026-09-14 11:30"), at("2026-09-14 11:00"))


def test_a_case_that_rests_goes_on_at_once() -> None:
    """Row 3.

    Decision 1.31.

    Half an hour of two was used up at 10:00; an hour and a half is left from 11:00.
    """
    story = suspended()
    story.now = at("2026-09-14 11:00")

    done = story.give(GRID_LEAD, cmd.DivertEmergency, **FIRE)

    assert types(done) == ["case.emergency_called", "case.urgency_changed", "case.resumed"]
    assert (story.open_case.state, due(story, "result")) == ("in_progress", at("2026-09-14 12:30"))


def test_a_critical_case_gets_the_call_alone() -> None:
    """Row 3."""
    story = unit_at_work()
    story.give(GRID_LEAD, cmd.DivertEmergency, **FIRE)

    assert types(story.give(GRID_LEAD, cmd.DivertEmergency, numbers=("120",), danger="medical")) == [
        "case.emergency_called"
    ]


def test_people_on_site_stay_when_the_call_is_added() -> None:
    """Row 3."""
    story = on_site(unit_at_work())

    story.give(MUNICIPAL, cmd.DivertEmergency, **FIRE)

    assert story.open_case.somebody_on_site


def test_after_the_result_it_is_a_matter_of_its_own() -> None:
    """Row 3.

    Decision 1.31.
    """
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    assert story.refused(GRID_LEAD, cmd.DivertEmergency, **FIRE) == "not_now"


# ---- Row a9: made safe for the time being ----


def manhole() -> Story:
    """A missing cover, with the municipal centre: 24 hours as a hazard, half an hour for the guard of its row."""
    story = accepted("ROA.manhole", "critical")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    return story


@pytest.mark.parametrize("who", [MUNICIPAL, DUTY, GRID_WORKER, GRID_LEAD, MICRO_LEAD])
def test_what_was_made_safe_meets_the_hazard_and_the_first_step(who: tuple[str, str]) -> None:
    """Row a9.

    Decision 1.21.
    """
    story = manhole()
    assert {"hazard", "first_step"} <= running(story)
    story.now = at("2026-09-14 09:35")

    done = story.give(who, cmd.RecordTemporaryMeasure, text="已围挡,有人看守")

    assert types(done) == ["case.temporary_measure_recorded"]
    assert (story.open_case.state, owner(story)) == ("dispatched", "municipal-duty")
    assert (met_at(story, "hazard"), met_at(story, "first_step")) == (story.now, story.now)
    assert running(story) == {"sign", "contact", "result"}
    assert words(done) == [("reply.measure", None)]


def test_main_handler_and_triage_hear_that_it_was_made_safe() -> None:
    """Row a9."""
    story = manhole()

    assert told(story, story.give(GRID_WORKER, cmd.RecordTemporaryMeasure, text="已围挡")) == {
        "municipal-duty": ("measure_recorded", "info", None), "duty": ("measure_recorded", "info", None)
    }  # fmt: skip


def test_a_step_that_is_a_reply_is_not_met_by_a_measure() -> None:
    """Row a9."""
    story = accepted("PAR.illegal_parking")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    assert due(story, "first_step") == at("2026-09-14 11:30")

    story.give(DUTY, cmd.RecordTemporaryMeasure, text="先拉警戒线")

    assert met_at(story, "first_step") is None


def test_where_there_is_no_hazard_and_no_step_there_is_nothing_to_make_safe() -> None:
    """Row a9."""
    assert unit_at_work().refused(MUNICIPAL, cmd.RecordTemporaryMeasure, text="已围挡") == "not_a_hazard"


@pytest.mark.parametrize("who", [SECRETARY, CENTRE, ("p-yi-5", "grid-2-worker"), ("p-jia-5", "mediator"), SYSTEM])
def test_handler_community_and_grid_record_it_and_nobody_else(who: tuple[str, str | None]) -> None:
    """Row a9."""
    assert manhole().refused(who, cmd.RecordTemporaryMeasure, text="已围挡") == "not_permitted"


def test_what_has_ended_needs_no_measure() -> None:
    """Row a9."""
    story = accepted("GRE.tree_danger", "urgent")
    story.give(DUTY, cmd.DivertEmergency, **FIRE)

    assert story.refused(DUTY, cmd.RecordTemporaryMeasure, text="已围挡") == "not_now"


# ---- Decision 1.21: a hazard without a temporary measure ----


@pytest.mark.parametrize(
    "category",
    [
        "HAZ.gas", "HAZ.wire", "HAZ.facade_loose", "HAZ.falling_object", "HAZ.fire_facility", "GRE.tree_danger",
        "ROA.manhole", "ROA.collapse", "PAR.fire_lane_blocked", "CHG.flying_wire", "WAT.burst_pipe",
    ],
)  # fmt: skip
def test_these_categories_are_hazards(category: str) -> None:
    """Decision 1.21."""
    assert wulibao().categories[category].hazard


def test_the_hazard_counts_from_the_report_even_where_it_was_named_later() -> None:
    """Decision 1.21.

    Danger starts when it is known.
    """
    story = unclear()
    story.now = at("2026-09-14 15:00")

    story.give(DUTY, cmd.Accept, category="GRE.tree_danger", area=AREA, urgency="urgent", number="N1")

    assert due(story, "hazard") == at("2026-09-15 09:30")


def test_a_measure_is_recorded_from_the_report_on() -> None:
    """Decision 1.21."""
    story = Story()
    story.report(a_blocked_drain(category="GRE.tree_danger"), duplicates=("c0",))

    story.give(GRID_WORKER, cmd.RecordTemporaryMeasure, text="已围挡")

    assert (story.open_case.state, met_at(story, "hazard")) == ("reported", story.now)


def test_a_day_without_a_measure_is_a_yellow_card_and_the_owner_stays() -> None:
    """Decision 1.21."""
    story = accepted("HAZ.falling_object", "urgent")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    for kind in (cmd.SignFor, cmd.Start):
        story.give(MUNICIPAL, kind)

    late = story.wait_until(at("2026-09-15 09:31"))

    overdue = [each for each in late if isinstance(each, ev.CaseOverdue) and each.clock == "hazard"]
    assert [(each.at, each.told) for each in overdue] == [
        (at("2026-09-15 09:30") + timedelta(seconds=1), ("municipal-duty", "street-deputy"))
    ]
    assert [each.grade for each in story.all(ev.CaseSupervised)] == ["yellow_card"]
    assert (owner(story), story.open_case.state) == ("municipal-duty", "in_progress")


def test_once_it_is_made_safe_the_day_passes_quietly() -> None:
    """Decision 1.21."""
    story = accepted("HAZ.falling_object", "urgent")
    story.give(DUTY, cmd.RecordTemporaryMeasure, text="已围挡")

    story.wait_until(at("2026-09-15 09:31"))

    assert story.all(ev.CaseSupervised) == []
