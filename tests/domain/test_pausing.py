"""More time: an extension that somebody approves, a suspension with a review date, and going on. Rows 26, a7 to 28."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.domain.affairs import DEPUTY, HEAD, MEDIATOR, accepted, told
from tests.domain.lamp import (
    NOBODY,
    due,
    lamp_given,
    lamp_in_work,
    met,
    owner,
    passed_over,
    paused,
    running,
    said,
    stopped,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, SECRETARY, Story, at, types

RESULT = at("2026-09-17 18:00")
LATER = at("2026-09-23 18:00")
"""A new date four working days after T3."""
LAST = at("2026-10-08 18:00")
"""The tenth working day after Thursday the 17th, over the holidays."""
WISH: dict[str, object] = {"until": LATER, "reason": "灯杆要订货", "public_reason": "等配件到货"}
REST: dict[str, object] = {
    "reason": "season_bound", "review_at": at("2026-10-20 09:00"), "note_to_reporter": "等天气转好",
}  # fmt: skip


def asked(story: Story | None = None) -> Story:
    story = story or lamp_in_work()
    story.give(MUNICIPAL, cmd.RequestExtension, **WISH)
    return story


def extended_twice() -> Story:
    story = asked()
    story.give(DEPUTY, cmd.ApproveExtension)
    story.give(MUNICIPAL, cmd.RequestExtension, **{**WISH, "until": at("2026-09-24 18:00")})
    story.give(DEPUTY, cmd.ApproveExtension)
    return story


def rested(story: Story | None = None, **fields: object) -> Story:
    story = story or lamp_in_work()
    story.give(DEPUTY, cmd.Suspend, **{**REST, **fields})
    return story


def test_an_extension_is_asked_for_and_changes_nothing_yet() -> None:
    """Row 26. Decision 1.8."""
    story = lamp_in_work()
    before = dict(story.open_case.clocks)

    happened = story.give(MUNICIPAL, cmd.RequestExtension, **WISH)

    assert types(happened) == ["case.extension_requested"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert story.open_case.clocks == before
    assert happened[0].replies == ()
    assert told(story, happened) == {"street-deputy": ("extension_wanted", "act", "approve_extension")}


def test_an_extension_is_asked_for_in_time() -> None:
    """Row 26. At T3 itself it is in time, a second later whoever is late asks for nothing."""
    story = lamp_in_work()
    story.wait_until(RESULT)
    in_time = replace(story)
    story.wait(seconds=1)

    assert types(in_time.give(MUNICIPAL, cmd.RequestExtension, **WISH))[-1] == "case.extension_requested"
    assert story.refused(MUNICIPAL, cmd.RequestExtension, **WISH) == "result_overdue"


def test_an_extension_is_ten_working_days_at_most_and_later_than_t3() -> None:
    """Row 26. Decision 1.8. From Thursday the 17th.

    18, 20 (Sunday, worked), 21, 22, 23, 24, 28, 29 and 30 September are nine; the tenth is 8 October.
    """
    story = lamp_in_work()

    for until in (RESULT, RESULT - timedelta(hours=1), at("2026-10-08 18:00:01")):
        wish = {**WISH, "until": until}
        assert story.refused(MUNICIPAL, cmd.RequestExtension, **wish) == "extension_too_long"
    assert story.refused(MUNICIPAL, cmd.RequestExtension, **{**WISH, "until": LAST}) == "allowed"


def test_an_extension_gives_the_public_its_reason_too() -> None:
    """Row 26."""
    for lacking in ({"reason": " "}, {"public_reason": ""}):
        assert lamp_in_work().refused(MUNICIPAL, cmd.RequestExtension, **{**WISH, **lacking}) == "reason_missing"


def test_one_wish_at_a_time_two_in_all_and_none_for_a_critical_case() -> None:
    """Row 26. Decision 1.8."""
    assert asked().refused(MUNICIPAL, cmd.RequestExtension, **WISH) == "extension_pending"
    assert extended_twice().refused(MUNICIPAL, cmd.RequestExtension, **WISH) == "extensions_used"
    assert lamp_in_work("critical").refused(MUNICIPAL, cmd.RequestExtension, **WISH) == "critical"


def test_only_the_main_handler_at_work_asks_for_more_time() -> None:
    """Row 26."""
    for who in (DUTY, SECRETARY, MEDIATOR, DEPUTY):
        assert lamp_in_work(co=("mediator",)).refused(who, cmd.RequestExtension, **WISH) == "not_permitted"
    assert lamp_given().refused(MUNICIPAL, cmd.RequestExtension, **WISH) == "not_now"


def test_an_approved_extension_has_a_new_date_that_the_reporter_hears() -> None:
    """Row a7. Decision 1.8. Four fifths of its 62.5 duty hours are used up on Tuesday the 22nd at 10:30.

    6.5 on the 14th, seven on each of 15-18 and on Sunday the 20th are 41.5; the 21st makes 48.5; 50 at 10:30.
    """
    story = asked()
    story.wait(hours=1)

    happened = story.give(DEPUTY, cmd.ApproveExtension)

    assert types(happened) == ["case.extension_approved"]
    assert (story.open_case.state, story.open_case.extensions, story.open_case.extension) == ("in_progress", 1, None)
    assert due(story, "result") == LATER
    assert story.open_case.clocks["result"].deadline.from_at == at("2026-09-14 09:30")
    assert story.open_case.clocks["result"].look_at == at("2026-09-22 10:30")
    assert running(story) == {"contact", "result"}
    assert [(each.key, each.words, each.to) for each in happened[0].replies] == [
        ("reply.extension", "等配件到货", None)
    ]
    assert told(story, happened) == {"municipal-duty": ("extension_approved", "info", None)}


def test_whoever_approves_may_choose_another_date_within_the_ten_days() -> None:
    """Row a7."""
    story = asked()
    assert story.refused(HEAD, cmd.ApproveExtension, until=at("2026-10-08 18:00:01")) == "extension_too_long"
    assert story.refused(HEAD, cmd.ApproveExtension, until=RESULT) == "extension_too_long"

    story.give(HEAD, cmd.ApproveExtension, until=at("2026-09-21 18:00"))

    assert due(story, "result") == at("2026-09-21 18:00")


def test_an_approval_answers_the_open_urges() -> None:
    """Row a7. Decision 1.27."""
    story = asked()
    story.ask(cmd.Urge)

    story.give(DEPUTY, cmd.ApproveExtension)

    assert [each.open for each in story.open_case.urges] == [False]


def test_nothing_is_approved_that_was_not_asked_for_and_nothing_a_third_time() -> None:
    """Row a7. Decision 1.8."""
    assert lamp_in_work().refused(DEPUTY, cmd.ApproveExtension) == "no_extension_pending"
    third = asked()
    third.case = replace(third.open_case, extensions=2)
    assert third.refused(DEPUTY, cmd.ApproveExtension) == "extensions_used"


def test_nobody_gives_himself_more_time() -> None:
    """Row a7. Decision 1.8."""
    story = lamp_given(main="street-deputy")
    story.give(DEPUTY, cmd.SignFor)
    story.give(DEPUTY, cmd.Start)
    story.give(DEPUTY, cmd.RequestExtension, **WISH)
    assert story.refused(DEPUTY, cmd.ApproveExtension) == "own_request"

    assert types(story.give(HEAD, cmd.ApproveExtension)) == ["case.extension_approved"]


def test_only_triages_superior_approves_or_declines() -> None:
    """Rows a7, a8."""
    for who in (SECRETARY, DUTY, CENTRE, MUNICIPAL):
        assert asked().refused(who, cmd.ApproveExtension) == "not_permitted"
        assert asked().refused(who, cmd.DeclineExtension, reason="不行") == "not_permitted"
    assert lamp_given().refused(DEPUTY, cmd.ApproveExtension) == "not_now"


def test_a_declined_extension_leaves_the_date_as_it_was() -> None:
    """Row a8."""
    story = asked()
    assert story.refused(DEPUTY, cmd.DeclineExtension, reason=" ") == "reason_missing"

    happened = story.give(DEPUTY, cmd.DeclineExtension, reason="配件有货")

    assert types(happened) == ["case.extension_declined"]
    assert (story.open_case.state, story.open_case.extension, due(story, "result")) == ("in_progress", None, RESULT)
    assert happened[0].replies == ()
    assert told(story, happened) == {"municipal-duty": ("extension_declined", "act", None)}
    assert story.refused(DEPUTY, cmd.DeclineExtension, reason="不行") == "no_extension_pending"
    assert story.refused(MUNICIPAL, cmd.RequestExtension, **WISH) == "allowed"


def test_an_unanswered_wish_is_declined_when_t3_is_due_and_the_ladder_goes_on() -> None:
    """Row a8. Decision 1.8. Pending, it stops neither the reminder nor the first hop."""
    story = asked()

    happened = story.wait_until(at("2026-09-17 18:01"))

    assert types(happened) == [
        "case.overdue", "case.due_soon", "case.extension_declined", "case.overdue", "case.supervised",
    ]  # fmt: skip
    assert [(each.clock, each.hop) for each in story.all(ev.CaseOverdue)] == [("contact", 0), ("result", 1)]
    declined = story.only(ev.ExtensionDeclined)
    assert (declined.at, declined.unanswered, declined.told) == (
        at("2026-09-17 18:00:01"), True, ("street-deputy",),
    )  # fmt: skip
    assert told(story, [declined]) == {
        "municipal-duty": ("extension_declined", "act", None), "street-deputy": ("extension_declined", "info", None),
    }  # fmt: skip


def test_a_case_rests_until_its_review_date() -> None:
    """Row 27. Decision 1.29."""
    story = lamp_in_work()
    story.wait(hours=1)

    happened = story.give(DEPUTY, cmd.Suspend, **REST)

    assert types(happened) == ["case.suspended"]
    assert (story.open_case.state, owner(story), story.open_case.suspensions) == ("suspended", "municipal-duty", 1)
    assert paused(story) == {"result"}
    assert running(story) == {"contact", "review"}
    assert due(story, "review") == at("2026-10-20 09:00")
    assert [(each.key, each.words, each.to) for each in happened[0].replies] == [
        ("reply.suspended", "等天气转好", None)
    ]
    assert told(story, happened) == {"municipal-duty": ("suspended", "info", None)}


@pytest.mark.parametrize(
    ("reason", "last"),
    [
        ("awaiting_deliberation", "2026-10-15 00:00"), ("awaiting_funds_vote", "2026-10-15 00:00"),
        ("engineering_lead_time", "2027-03-15 18:00"), ("season_bound", "2027-03-15 18:00"),
        ("third_party_legal_process", "2027-09-15 00:00"), ("reporter_unreachable", "2026-09-20 18:00"),
        ("evidence_pending", "2026-09-28 18:00"),
    ],
)  # fmt: skip
def test_each_reason_to_rest_has_its_limit(reason: str, last: str) -> None:
    """Row 27. Decision 1.29. From 14 September; 180 d end on Saturday 13 March, hence on Monday's end of duty."""
    limit = at(last)
    story = lamp_in_work()

    for wrong in (limit + timedelta(seconds=1), story.now):
        assert story.refused(DEPUTY, cmd.Suspend, **{**REST, "reason": reason, "review_at": wrong}) == "review_too_far"
    assert story.refused(HEAD, cmd.Suspend, **{**REST, "reason": reason, "review_at": limit}) == "allowed"


def test_a_case_rests_once_a_cycle_never_when_critical_and_with_a_word_to_the_reporter() -> None:
    """Row 27. Decision 1.29."""
    story = rested()
    story.give(MUNICIPAL, cmd.Resume)
    assert story.refused(DEPUTY, cmd.Suspend, **REST) == "already_suspended"
    assert lamp_in_work("critical").refused(DEPUTY, cmd.Suspend, **REST) == "critical"
    assert lamp_in_work().refused(DEPUTY, cmd.Suspend, **{**REST, "note_to_reporter": " "}) == "note_missing"


def hazard_at_work() -> Story:
    story = accepted("HAZ.fire_facility", "urgent")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def test_danger_rests_only_once_somebody_made_it_safe_for_now() -> None:
    """Row 27. Decision 1.29."""
    story = hazard_at_work()
    assert story.refused(DEPUTY, cmd.Suspend, **REST) == "hazard_open"
    story.wait(hours=25)
    assert story.refused(DEPUTY, cmd.Suspend, **REST) == "hazard_open"
    story.give(GRID_LEAD, cmd.RecordTemporaryMeasure, text="摆了灭火器")

    assert types(story.give(DEPUTY, cmd.Suspend, **REST)) == ["case.suspended"]


def test_only_the_street_suspends_and_only_work_under_way() -> None:
    """Row 27."""
    for who in (SECRETARY, DUTY, MUNICIPAL, CENTRE):
        assert lamp_in_work().refused(who, cmd.Suspend, **REST) == "not_permitted"
    assert lamp_given().refused(DEPUTY, cmd.Suspend, **REST) == "not_now"


def test_while_it_rests_the_ladder_stops_and_the_first_contact_does_not() -> None:
    """Decision 1.29."""
    story = rested()

    happened = story.wait_until(at("2026-09-24 09:00"))

    assert [each.clock for each in happened if isinstance(each, ev.CaseOverdue)] == ["contact"]
    assert not [each for each in happened if isinstance(each, ev.CaseDueSoon | ev.CaseSupervised)]


@pytest.mark.parametrize("who", [MUNICIPAL, SECRETARY, DEPUTY])
def test_the_handler_or_a_superior_goes_on_with_what_was_left(who: tuple[str, str]) -> None:
    """Row 28. Decision 1.16. On Monday 15:00 there were 3 duty hours left that day and 21 after it.

    Going on on Monday the 28th at 10:00: six hours, then 7 and 7 to the 30th, and four on Thursday 8 October: 15:00.
    """
    story = lamp_in_work()
    story.wait_until(at("2026-09-14 15:00"))
    rested(story)
    story.wait_until(at("2026-09-28 10:00"))

    happened = story.give(who, cmd.Resume, reason="天晴了")

    assert types(happened) == ["case.resumed"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert "review" in stopped(story)
    assert running(story) == {"contact", "result"}
    assert due(story, "result") == at("2026-10-08 15:00")
    assert said(story) == ["reply.resumed"]
    expected = {} if who == MUNICIPAL else {"municipal-duty": ("resumed", "act", None)}
    assert told(story, happened) == expected


def test_only_the_handler_or_a_superior_ends_the_rest() -> None:
    """Row 28."""
    for who in (DUTY, CENTRE, GRID_LEAD):
        assert rested().refused(who, cmd.Resume) == "not_permitted"
    assert lamp_in_work().refused(MUNICIPAL, cmd.Resume) == "not_now"


def test_at_its_review_date_a_case_goes_on_by_itself() -> None:
    """Row 28. The review on Tuesday 20 October 09:00 is past its instant first."""
    story = rested()
    story.wait_until(at("2026-10-20 09:00"))
    assert story.look() == []

    happened = story.wait(seconds=1)

    assert types(happened) == ["case.resumed"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert said(story) == ["reply.resumed"]
    assert told(story, happened) == {
        "municipal-duty": ("resumed", "act", None), "street-deputy": ("resumed", "info", None),
    }  # fmt: skip


def test_what_becomes_critical_goes_on_at_once() -> None:
    """Row 28. Decision 1.29."""
    story = rested()
    story.wait(hours=1)

    happened = story.give(DUTY, cmd.ChangeUrgency, urgency="critical", reason="灯杆要倒")

    assert types(happened) == ["case.urgency_changed", "case.resumed"]
    assert story.open_case.state == "in_progress"


def rest(story: Story, on: datetime, off: datetime) -> Story:
    story.wait_until(on)
    rested(story)
    story.wait_until(off)
    story.give(MUNICIPAL, cmd.Resume)
    return story


def test_working_days_never_end_before_the_next_working_days_end_of_duty() -> None:
    """Decision 1.16. Two hours were left; going on on Monday 10:00 it is Tuesday 18:00, not Monday 12:00."""
    story = rest(lamp_in_work(), at("2026-09-17 16:00"), at("2026-09-21 10:00"))

    assert due(story, "result") == at("2026-09-22 18:00")


def test_hours_are_given_back_by_the_minute_without_a_minimum() -> None:
    """Decision 1.16. 24 h from Monday 09:30; eight hours were used at 17:30, sixteen are left on Wednesday 10:00."""
    story = rest(lamp_in_work("urgent"), at("2026-09-14 17:30"), at("2026-09-16 10:00"))

    assert due(story, "result") == at("2026-09-17 02:00")


def test_an_overdue_result_stays_as_late_as_it_was() -> None:
    """Decision 1.16. On Friday 10:00 it was one duty hour late; going on on Monday the 28th at 11:00 it still is."""
    story = rest(lamp_in_work(), at("2026-09-18 10:00"), at("2026-09-28 11:00"))

    assert due(story, "result") == at("2026-09-28 10:00")
    assert len([each for each in story.all(ev.CaseOverdue) if each.clock == "result"]) == 1
    assert "result" not in met(story)


def test_neither_silence_nor_a_review_date_speaks_before_its_time() -> None:
    """Rows a8, 28."""
    story = asked()
    story.now = RESULT
    assert passed_over(story, NOBODY, cmd.TimePassed, clock="result")[0] == "not_due"
    story.look()
    assert story.open_case.extension is not None

    story = rested()
    story.now = at("2026-10-20 09:00")
    assert passed_over(story, NOBODY, cmd.TimePassed, clock="review") == ["not_due"]
