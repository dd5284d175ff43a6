"""From the report to its acceptance: how it opens, what is asked and answered or not, who accepts: rows 2, 4, 5, 6, a1
and 13."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shaoyin.domain import asking
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.case_rows import CASE_FLOW
from shaoyin.domain.flow import decide, may
from shaoyin.domain.report import PlaceGiven, Report
from tests.domain.affairs import AREA, GRID_WORKER, MEDIATOR, accepted, given_to_unit, told, unclear, unit_at_work
from tests.domain.clocked import SYSTEM, due, heard, met_at, no, owner, running, said, stopped_at, words
from tests.domain.town import (
    CENTRE,
    DUTY,
    GRID_LEAD,
    MORNING,
    REPORTER,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    types,
)

TRIAGE_LEAD = ("p-bing-6", "triage-lead")
ALIKE = ("c0",)
"""A likely duplicate keeps a report at the triage desk, whatever its category."""
BY_URGENCY = {
    "normal": "CON.consult",
    "elevated": "ORD.noise_business",
    "urgent": "WAT.ponding",
    "critical": "HAZ.dangerous_house",
}
NOWHERE = "no-such-building"


def opening(report: Report) -> dict[str, object]:
    return {"report": report, "case_id": "c1", "number_if_accepted": "N1"}


def waiting(category: str | None = None, building: str = AREA) -> Story:
    """A report at the triage desk, and the reporter was asked something."""
    story = Story()
    story.report(a_blocked_drain(category=category, building=building), duplicates=ALIKE)
    story.give(DUTY, cmd.AskInfo, question="是哪一栋?")
    return story


# ---- Row 2: report ----


def test_a_report_opens_a_case_that_triage_owns_and_starts_the_reply_clock() -> None:
    """Row 2."""
    story = Story()

    opened = story.report(a_blocked_drain(category=None))

    assert types(opened) == ["case.reported"]
    assert (story.open_case.state, owner(story), running(story)) == ("reported", "duty", {"reply"})
    assert due(story, "reply") == at("2026-09-15 18:00")
    assert told(story, opened) == {"duty": ("triage", "act", "accept")}


@pytest.mark.parametrize(
    ("urgency", "until"),
    [
        ("normal", "2026-09-15 18:00"), ("elevated", "2026-09-14 15:30"),
        ("urgent", "2026-09-14 10:30"), ("critical", "2026-09-14 09:40"),
    ],
)  # fmt: skip
def test_the_first_reply_is_due_by_the_urgency_of_the_chosen_category(urgency: str, until: str) -> None:
    """Row 2.

    Decision 1.36.
    """
    story = Story()

    story.report(a_blocked_drain(category=BY_URGENCY[urgency]), duplicates=ALIKE)

    assert (story.open_case.urgency, due(story, "reply")) == (urgency, at(until))


def test_before_acceptance_no_category_is_normal_and_a_word_of_danger_is_urgent() -> None:
    """Row 2.

    Decision 1.36.
    """
    assert unclear().open_case.urgency == "normal"
    assert unclear(description="楼道里冒烟").open_case.urgency == "urgent"
    assert unclear("CON.consult", description="楼道里冒烟").open_case.urgency == "urgent"
    assert unclear("HAZ.dangerous_house", description="楼道里冒烟").open_case.urgency == "critical"


@pytest.mark.parametrize(
    ("urgency", "until"),
    [
        ("normal", "2026-09-14 15:30"), ("elevated", "2026-09-14 15:30"),
        ("urgent", "2026-09-14 10:30"), ("critical", "2026-09-14 09:40"),
    ],
)  # fmt: skip
def test_without_a_reporter_the_dispatch_timer_runs_instead_of_the_reply(urgency: str, until: str) -> None:
    """Row 2.

    Decision 1.2.
    """
    story = Story()

    story.report(a_blocked_drain(category=BY_URGENCY[urgency], reporter=None), duplicates=ALIKE)

    assert "reply" not in story.open_case.clocks
    assert due(story, "dispatch") == at(until)


def test_a_hazard_starts_twenty_four_hours_of_the_wall_clock() -> None:
    """Row 2.

    Decision 1.21.
    """
    story = Story()

    story.report(a_blocked_drain(category="GRE.tree_danger"), duplicates=ALIKE)

    assert running(story) == {"reply", "hazard"}
    assert due(story, "hazard") == at("2026-09-15 09:30")


def test_the_reply_clock_counts_from_the_receipt_and_not_from_the_opening() -> None:
    """Row 2."""
    story = Story(now=at("2026-09-14 11:00"))

    story.report(a_blocked_drain(category=None, description="冒烟了"))

    assert due(story, "reply") == at("2026-09-14 10:30")


def test_a_case_that_opens_after_its_first_reply_was_due_says_so_at_once() -> None:
    """Row 2."""
    story = Story(now=at("2026-09-16 09:00"))

    opened = story.report(a_blocked_drain(category=None))

    assert types(opened) == ["case.reported", "case.overdue"]


def test_the_same_report_again_gets_the_first_answer() -> None:
    """Row 2."""
    story = unclear()
    again = cmd.OpenCase(
        at=story.now, report=a_blocked_drain(category=None), case_id="c1", number_if_accepted="N2", person="p-jia-1",
        post="duty",
    )  # fmt: skip

    assert decide(story.case, again, story.pack) == []


def test_a_report_names_a_place() -> None:
    """Row 2."""
    nowhere = replace(a_blocked_drain(category="LIG.lamp_out"), place=PlaceGiven())

    assert Story().refused(DUTY, cmd.OpenCase, **opening(nowhere)) == "place_missing"


@pytest.mark.parametrize(
    "who", [("p-gui-1", None), ("p-jia-3", "secretary"), ("p-wu-1", "duty")], ids=["no post", "no right", "not held"]
)
def test_whoever_reports_by_another_door_than_the_form_needs_an_intake_post(who: tuple[str, str | None]) -> None:
    """Row 2."""
    by_phone = replace(a_blocked_drain(), channel="phone", on_behalf=True)

    assert Story().refused(who, cmd.OpenCase, **opening(by_phone)) == "intake_right_missing"


def test_a_category_belongs_to_the_pack() -> None:
    """Row 2."""
    strange = a_blocked_drain(category="WAT.flood_of_the_century")

    assert Story().refused(DUTY, cmd.OpenCase, **opening(strange)) == "unknown_category"


def test_a_report_that_was_taken_is_never_refused_but_shown_to_a_person() -> None:
    """Row 2."""
    story = Story()

    opened = story.report(replace(a_blocked_drain(category="WAT.no_such"), place=PlaceGiven()))

    assert types(opened) == ["case.reported"]
    assert story.open_case.triage_because == ("no_category", "place_unresolved")


def test_a_report_taken_at_the_desk_says_that_it_is_on_behalf_and_by_whom() -> None:
    """Row 2.

    Decision 1.45.
    """
    story = Story()
    by_phone = replace(a_blocked_drain(category=None), channel="phone", on_behalf=True)

    (opened,) = story.give(("p-jia-6", "service-desk"), cmd.OpenCase, **opening(by_phone))

    assert isinstance(opened, ev.CaseReported)
    assert (opened.on_behalf, opened.channel, opened.by.post) == (True, "phone", "service-desk")
    assert story.open_case.reporter(REPORTER) is not None


# ---- Row 4: ask for information ----


def test_a_question_stops_the_reply_and_waits_three_working_days() -> None:
    """Row 4."""
    story = unclear()

    asked = story.give(DUTY, cmd.AskInfo, question="是哪一栋?")

    assert types(asked) == ["case.info_requested"]
    assert (story.open_case.state, owner(story), running(story)) == ("needs_info", "duty", {"info"})
    assert due(story, "info") == at("2026-09-17 18:00")
    assert story.open_case.clocks["reply"].paused_at == story.now
    assert words(asked) == [("reply.question", None)]
    assert said(asked) == "是哪一栋?"


def test_of_a_critical_matter_the_reply_runs_on_and_the_wait_is_half_an_hour() -> None:
    """Row 4.

    Decision 1.35.
    """
    story = waiting("HAZ.dangerous_house")

    assert running(story) == {"reply", "info", "hazard"}
    assert due(story, "reply") == at("2026-09-14 09:40")
    assert due(story, "info") == at("2026-09-14 10:00")


def test_a_question_must_say_something() -> None:
    """Row 4."""
    assert unclear().refused(DUTY, cmd.AskInfo, question="  ") == "question_missing"


def test_a_third_question_is_refused() -> None:
    """Row 4.

    Decision 1.19.
    """
    story = unclear()
    for number in ("q1", "q2"):
        story.give(DUTY, cmd.AskInfo, question="是哪一栋?")
        story.ask(cmd.SupplyInfo, request_id=number, text="东边那栋")

    assert story.refused(DUTY, cmd.AskInfo, question="几号楼?") == "info_rounds_used"
    assert "ask_info" not in may(story.open_case, DUTY[0], story.pack)


def test_nobody_is_asked_where_nobody_reported() -> None:
    """Row 4."""
    story = Story()
    story.report(a_blocked_drain(category=None, reporter=None))

    assert story.refused(DUTY, cmd.AskInfo, question="是哪一栋?") == "no_reporter"


@pytest.mark.parametrize("who", [SECRETARY, GRID_LEAD, MEDIATOR, SYSTEM])
def test_only_triage_asks_the_reporter(who: tuple[str, str | None]) -> None:
    """Row 4."""
    assert unclear().refused(who, cmd.AskInfo, question="是哪一栋?") == "not_permitted"


@pytest.mark.parametrize("who", [DUTY, CENTRE, TRIAGE_LEAD])
def test_the_community_the_street_centre_and_the_head_of_triage_are_triage(who: tuple[str, str | None]) -> None:
    """Row 4."""
    assert unclear().refused(who, cmd.AskInfo, question="是哪一栋?") == "allowed"


def test_once_accepted_a_question_is_the_handlers_to_ask() -> None:
    """Row 4."""
    assert accepted().refused(DUTY, cmd.AskInfo, question="是哪一栋?") == "not_now"


# ---- Row 5: supply information ----


def test_an_answer_stops_the_wait_and_the_reply_goes_on_with_what_was_left() -> None:
    """Row 5.

    Decision 1.9.

    Until Tuesday 18:00 there were 13 and a half duty hours; from Monday 11:30 they last until Wednesday.
    """
    story = waiting()
    story.now = at("2026-09-14 11:30")

    answered = story.ask(cmd.SupplyInfo, text="东边那栋", answers={"inside_flat": False})

    assert types(answered) == ["case.info_supplied", "case.request_accepted"]
    assert (story.open_case.state, owner(story), running(story)) == ("reported", "duty", {"reply"})
    assert due(story, "reply") == at("2026-09-16 11:00")
    assert stopped_at(story, "info") == story.now
    assert story.open_case.answers == {"inside_flat": False}
    assert words(answered)[0] == ("reply.info_thanks", REPORTER)
    assert told(story, answered) == {"duty": ("info_supplied", "act", "accept")}


def test_an_answer_may_say_the_place_that_was_missing() -> None:
    """Row 5."""
    story = waiting(building=NOWHERE)
    assert story.open_case.area is None

    story.ask(cmd.SupplyInfo, text="51号院1号楼", place=PlaceGiven(text="51号院1号楼"))

    assert story.open_case.area == "courtyard-51-b1"


def test_an_answer_by_telephone_is_written_down_on_behalf() -> None:
    """Row 5.

    Decision 1.45.
    """
    story = waiting()

    (answered,) = story.give(DUTY, cmd.SupplyInfo, text="东边那栋", on_behalf=True)

    assert isinstance(answered, ev.InfoSupplied)
    assert (answered.on_behalf, answered.by.post, answered.reporter_ref) == (True, "duty", REPORTER)
    assert words([answered]) == [("reply.info_thanks", REPORTER)]


def test_nobody_answers_but_a_reporter_of_the_case_or_an_intake_post_on_his_behalf() -> None:
    """Row 5."""
    story = waiting()

    assert no(story.ask(cmd.SupplyInfo, "reporter-of-another-case", text="东边那栋")) == ["not_a_reporter"]
    assert story.refused(DUTY, cmd.SupplyInfo, text="东边那栋") == "not_a_reporter"
    assert story.refused(DUTY, cmd.SupplyInfo, text="东", on_behalf=True, reporter_ref="nobody") == "not_a_reporter"
    assert story.refused(SECRETARY, cmd.SupplyInfo, text="东边那栋", on_behalf=True) == "not_permitted"


def test_what_was_answered_in_time_is_in_time_however_late_it_is_heard() -> None:
    """Row 5."""
    story = waiting()
    answered_at = due(story, "info")
    story.now = answered_at + timedelta(minutes=20)

    answered = heard(story, cmd.SupplyInfo, answered_at, text="东边那栋")

    assert types(answered) == ["case.info_supplied", "case.request_accepted"]
    assert {event.at for event in answered} == {story.now}


def test_what_was_answered_after_the_wait_was_over_is_refused() -> None:
    """Row 5."""
    story = waiting()
    over = due(story, "info")

    late = cmd.SupplyInfo(at=over + timedelta(minutes=1), text="东", reporter_ref=REPORTER)
    assert asking.info_wait_over(story.open_case, late, story.pack)
    assert not asking.info_wait_over(story.open_case, replace(late, requested_at=over), story.pack)

    story.wait_until(over + timedelta(minutes=1))
    assert story.open_case.state == "reported"
    assert no(story.ask(cmd.SupplyInfo, text="东边那栋")) == ["not_now"]


# ---- Rows 6 and a1: nobody answered ----


def test_an_urgent_matter_at_no_known_place_is_given_up_when_the_wait_is_over() -> None:
    """Row 6."""
    story = waiting("WAT.ponding", building=NOWHERE)

    ended = story.wait_until(at("2026-09-18 09:00"))

    assert types(ended) == ["case.not_accepted"]
    assert story.only(ev.CaseNotAccepted).ground == "place_unknown"
    assert story.only(ev.CaseNotAccepted).at == at("2026-09-17 18:00") + timedelta(seconds=1)
    assert (story.open_case.state, running(story)) == ("not_accepted", set())
    assert met_at(story, "reply") == ended[0].at
    assert words(ended) == [("reply.not_accepted_place", None)]
    assert told(story, ended) == {"duty": ("not_accepted", "info", None)}


def test_at_the_last_instant_of_the_wait_nothing_is_given_up() -> None:
    """Rows 6, a1."""
    for story in (waiting("WAT.ponding", building=NOWHERE), waiting()):
        story.now = at("2026-09-17 18:00")

        assert story.look() == []
        assert story.open_case.state == "needs_info"


def test_nobody_gives_up_a_question_while_its_wait_runs() -> None:
    """Row 6."""
    story = waiting("WAT.ponding", building=NOWHERE)

    assert story.refused(SYSTEM, cmd.GiveUpInfo) == "info_wait_running"
    assert story.refused(DUTY, cmd.GiveUpInfo) == "not_permitted"


@pytest.mark.parametrize(("category", "building"), [("WAT.ponding", AREA), (None, NOWHERE), ("CON.consult", NOWHERE)])
def test_a_known_place_or_a_harmless_matter_is_never_given_up(category: str | None, building: str) -> None:
    """Rows 6, a1.

    Decision 1.19.
    """
    story = waiting(category, building)
    assert asking.place_known(story.open_case, cmd.GiveUpInfo(at=story.now), story.pack)

    story.wait_until(at("2026-09-17 18:01"))

    assert (story.open_case.state, story.all(ev.CaseNotAccepted)) == ("reported", [])


@pytest.mark.parametrize("category", ["WAT.ponding", "HAZ.fire_facility"])
def test_where_it_is_unknown_and_unsafe_to_guess_the_place_is_not_known(category: str) -> None:
    """Row 6."""
    story = waiting(category, NOWHERE)

    assert not asking.place_known(story.open_case, cmd.GiveUpInfo(at=story.now), story.pack)


def test_the_wait_over_the_case_is_back_at_triage_and_the_reply_goes_on() -> None:
    """Row a1.

    Decision 1.19.

    13 and a half duty hours from Thursday 18:00: Friday, and the Sunday that is worked before the feast.
    """
    story = waiting()

    over = story.wait_until(at("2026-09-18 09:00"))

    assert types(over) == ["case.info_wait_over"]
    assert (story.open_case.state, owner(story), running(story)) == ("reported", "duty", {"reply"})
    assert due(story, "reply") == at("2026-09-20 17:30")
    assert stopped_at(story, "info") == over[0].at
    assert words(over) == []
    assert told(story, over) == {"duty": ("info_wait_over", "act", "accept")}
    assert story.refused(DUTY, cmd.Accept, category="CON.consult", area=AREA, urgency="normal") == "allowed"


def test_a_person_does_not_let_time_pass() -> None:
    """Row a1."""
    story = waiting()

    assert decide(story.case, cmd.TimePassed(at=story.now, person=DUTY[0], post=DUTY[1]), story.pack) == []


# ---- Row 13: accept ----


def accepting(**fields: object) -> dict[str, object]:
    return {"category": "WAT.sewer_blocked", "area": AREA, "urgency": "normal", "number": "N1", **fields}


def test_an_acceptance_is_the_first_reply_and_starts_the_dispatch_timer() -> None:
    """Row 13."""
    story = unclear()

    done = story.give(DUTY, cmd.Accept, **accepting())

    assert types(done) == ["case.accepted"]
    assert (story.open_case.state, owner(story), story.open_case.number) == ("accepted", "duty", "N1")
    assert (running(story), met_at(story, "reply")) == ({"dispatch"}, story.now)
    assert words(done) == [("reply.accepted", None)]
    assert told(story, done) == {"duty": ("to_dispatch", "act", "dispatch")}


@pytest.mark.parametrize(
    ("urgency", "until"),
    [
        ("normal", "2026-09-14 15:30"), ("elevated", "2026-09-14 15:30"),
        ("urgent", "2026-09-14 10:30"), ("critical", "2026-09-14 09:40"),
    ],
)  # fmt: skip
def test_the_dispatch_timer_is_as_long_as_the_urgency_allows(urgency: str, until: str) -> None:
    """Row 13.

    Decision 1.36.
    """
    story = unclear()

    story.give(DUTY, cmd.Accept, **accepting(urgency=urgency))

    assert due(story, "dispatch") == at(until)


def test_before_the_feast_an_urgent_case_does_not_wait_for_the_first_working_day() -> None:
    """Row 13.

    Decision 1.36.

    At 17:50 on 30 September the next working day is 8 October.
    """
    story = Story(now=at("2026-09-30 17:50"))
    story.report(a_blocked_drain(category=None, received_at=story.now))

    story.give(DUTY, cmd.Accept, **accepting(urgency="urgent"))

    assert due(story, "dispatch") == at("2026-09-30 18:50")


def test_another_urgency_counts_the_reply_anew_before_it_is_met() -> None:
    """Row 13.

    Decision 1.36.
    """
    story = unclear()
    story.now = at("2026-09-14 09:50")

    story.give(DUTY, cmd.Accept, **accepting(urgency="urgent"))

    assert (due(story, "reply"), met_at(story, "reply")) == (at("2026-09-14 10:30"), story.now)
    assert story.wait_until(at("2026-09-14 10:31")) == []


def test_category_and_area_are_those_of_the_pack() -> None:
    """Row 13."""
    story = unclear()

    assert story.refused(DUTY, cmd.Accept, **accepting(category="WAT.none")) == "not_classified"
    assert story.refused(DUTY, cmd.Accept, **accepting(area="atlantis")) == "not_classified"
    assert story.refused(DUTY, cmd.Accept, **accepting(area="erqi")) == "not_classified", "the district has no desk"


def test_what_a_person_must_see_first_the_system_does_not_accept() -> None:
    """Row 13.

    Decision 1.43.
    """
    assert unclear().refused(SYSTEM, cmd.Accept, **accepting()) == "needs_a_person"


def test_a_case_keeps_its_number_for_life() -> None:
    """Row 13."""
    story = accepted()
    story.give(DUTY, cmd.TransferOut, area="kangning-b1", public_reply="转给康宁苑")

    assert story.refused(DUTY, cmd.Accept, **accepting(area="kangning-b1", number="N2")) == "number_taken"
    assert story.refused(DUTY, cmd.Accept, **accepting(area="kangning-b1")) == "allowed"


@pytest.mark.parametrize("who", [SECRETARY, GRID_LEAD, ("p-gui-1", None), ("p-bing-3", "street-deputy")])
def test_only_triage_accepts(who: tuple[str, str | None]) -> None:
    """Row 13."""
    assert unclear().refused(who, cmd.Accept, **accepting()) == "not_permitted"


def test_what_is_accepted_is_not_accepted_again() -> None:
    """Row 13."""
    assert accepted().refused(DUTY, cmd.Accept, **accepting()) == "not_now"


def test_the_system_accepts_and_dispatches_where_it_can_be_sure() -> None:
    """Row 13.

    Decision 1.43.
    """
    opened = Story().report(a_blocked_drain(category="CON.consult"))

    assert types(opened) == ["case.reported", "case.accepted", "case.dispatched"]
    assert {event.by for event in opened} == {ev.SYSTEM}


def test_triages_own_acceptance_only_proposes_and_leaves_pool_or_duty_to_a_person() -> None:
    """Row 13.

    Decision 1.43.
    """
    story = unclear()

    done = story.give(DUTY, cmd.Accept, **accepting(category="CAR.elder", handler_proposed="municipal-duty"))

    assert types(done) == ["case.accepted"]
    assert story.only(ev.CaseAccepted).handler_proposed == "municipal-duty"
    assert story.open_case.main is None
    assert {"dispatch", "post_for_claim"} <= set(may(story.open_case, DUTY[0], story.pack))


# ---- Decision 1.9: what a first reply is ----


def test_neither_the_receipt_nor_a_question_is_a_first_reply() -> None:
    """Decision 1.9."""
    story = unclear()
    assert (met_at(story, "reply"), story.open_case.reporters[0].replies) == (None, 0)

    story.give(DUTY, cmd.AskInfo, question="是哪一栋?")

    assert met_at(story, "reply") is None


LEAD = cmd.Lead("c9", "N9", open=True, category=None, area=AREA)
REPLIES: dict[str, tuple[tuple[str, str], type[cmd.Command], dict[str, object]]] = {
    "accept": (DUTY, cmd.Accept, accepting()),
    "refuse": (DUTY, cmd.Refuse, {"ground": "not_ours", "public_reply": "不归我们", "where_instead": "供水公司"}),
    "merge": (DUTY, cmd.MergeInto, {"lead": "c9", "found": LEAD}),
    "divert": (DUTY, cmd.DivertEmergency, {"numbers": ("119",), "danger": "fire"}),
    "transfer": (
        DUTY, cmd.TransferOut,
        {"receiver": "供水公司", "receipt_number": "GS1", "how_to_follow": "96303", "public_reply": "已转"},
    ),
    "close": (GRID_WORKER, cmd.SolveOnSpot, {"result": "当场疏通", "public_reply": "已疏通"}),
}  # fmt: skip


@pytest.mark.parametrize("way", REPLIES)
@pytest.mark.parametrize("secrecy", ["open", "anonymous"])
def test_the_notice_that_goes_out_with_a_decision_is_the_first_reply_in_the_same_decision(
    way: str, secrecy: str
) -> None:
    """Decision 1.9."""
    story = Story()
    story.report(a_blocked_drain(category=None, secrecy=secrecy))  # type: ignore[arg-type]
    who, kind, fields = REPLIES[way]

    done = story.give(who, kind, **fields)

    assert met_at(story, "reply") == done[0].at
    assert words(done)[0][1] is None
    assert story.open_case.reporters[0].replies == 1


def test_the_reply_is_measured_on_its_own_clock_with_the_waits_taken_out() -> None:
    """Decision 1.9."""
    story = waiting()
    story.wait_until(at("2026-09-16 09:30"))
    story.ask(cmd.SupplyInfo, text="东边那栋")

    assert due(story, "reply") == at("2026-09-17 18:00")
    story.wait_until(at("2026-09-17 18:00"))
    story.give(DUTY, cmd.Accept, **accepting())
    assert story.all(ev.CaseOverdue) == []


# ---- Decision 1.10: who may, from one list ----

EVERYTHING: dict[type[cmd.Command], dict[str, object]] = {
    cmd.AskInfo: {"question": "是哪一栋?"},
    cmd.SupplyInfo: {"text": "东边那栋", "on_behalf": True},
    cmd.SendVerify: {"to_post": "grid-1-worker"},
    cmd.Verified: {"finding": "could_not_be_verified", "text": "没人在家"},
    cmd.SolveOnSpot: {"result": "当场疏通", "public_reply": "已疏通"},
    cmd.MergeInto: {"lead": "c9", "found": LEAD},
    cmd.Refuse: {"ground": "g", "public_reply": "不归我们", "where_instead": "供水公司", "proposed_by": "triage-lead"},
    cmd.Accept: accepting(),
    cmd.Dispatch: {"main": "municipal-duty"},
    cmd.DivertEmergency: {"numbers": ("119",), "danger": "fire"},
    cmd.Withdraw: {"on_behalf": True},
    cmd.Urge: {"on_behalf": True},
    cmd.RaiseSecrecy: {"on_behalf": True, "secrecy": "confidential"},
    cmd.TransferOut: {"area": "kangning-b1", "public_reply": "转给康宁苑"},
    cmd.SplitOff: {"description": "还有一件", "category": "LIG.lamp_out"},
    cmd.ChangeUrgency: {"urgency": "critical", "reason": "水进到家里了"},
    cmd.Supervise: {"grade": "ordinary", "reason": "催办"},
    cmd.SignFor: {},
    cmd.Start: {},
    cmd.ContactReporter: {"outcome": "reached", "contacted_at": MORNING, "note": "说了安排"},
    cmd.ReturnCase: {"ground": "wrong_duty", "basis": "三定方案", "suggested": "centre"},
    cmd.RecordTemporaryMeasure: {"text": "已围挡"},
    cmd.Suspend: {
        "reason": "evidence_pending", "review_at": MORNING + timedelta(days=3), "note_to_reporter": "等检测结果",
    },
}  # fmt: skip
"""A command with nothing missing in it, so that only who and when can be wrong."""
WHO_OR_WHEN = frozenset({"not_permitted", "not_now"})
FORESEEN = frozenset(guard.code for row in CASE_FLOW for guard in row.guards if guard.early)
AFFAIRS = {
    "reported": unclear, "needs_info": waiting, "accepted": accepted, "dispatched": given_to_unit,
    "in_progress": unit_at_work,
}  # fmt: skip


@pytest.mark.parametrize("state", AFFAIRS)
def test_what_a_person_is_offered_and_what_he_is_refused_come_from_one_list(state: str) -> None:
    """Decision 1.10."""
    story = AFFAIRS[state]()
    names = {row.kind: row.command for row in CASE_FLOW}

    for person in story.pack.directory.people:
        offered = set(may(story.open_case, person, story.pack))
        posts = [None, *(post.post_id for post in story.pack.directory.posts_of(person))]
        for kind, fields in EVERYTHING.items():
            refused = {refusal(story, (person, post), kind, fields) for post in posts}
            if names[kind] in offered:
                assert refused - WHO_OR_WHEN, (person, kind)
            else:
                assert refused <= WHO_OR_WHEN | FORESEEN, (person, kind, refused)


def refusal(story: Story, who: tuple[str, str | None], kind: type[cmd.Command], fields: dict[str, object]) -> str:
    """How the command would fare, on a copy of the story."""
    return Story(story.pack, story.now, story.case).refused(who, kind, **fields)


def test_it_is_the_post_held_and_the_area_it_covers_that_count() -> None:
    """Decision 1.10."""
    story = unclear()

    assert story.refused(("p-gui-1", "duty"), cmd.Accept, **accepting()) == "not_permitted"
    assert story.refused(("p-jia-2", "duty"), cmd.Accept, **accepting(number="")) == "allowed"
    assert story.refused(("p-yi-5", "grid-2-worker"), cmd.DivertEmergency, numbers=("119",), danger="fire") == (
        "not_permitted"
    )
