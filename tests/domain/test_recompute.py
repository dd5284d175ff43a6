"""A year that was assumed becomes official: the dates that rest on it are counted again. Row a40."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.calendar import Calendar, Year
from shaoyin.domain.case import Case
from shaoyin.domain.pack import Pack
from tests.domain.affairs import DEPUTY, result, told
from tests.domain.lamp import NOBODY, due, lamp_given, lamp_in_work, owner, paused, running
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, Story, a_blocked_drain, at, types, wulibao

ASSUMED = at("2027-01-05 18:00")
"""Three working days from Wednesday 30 December 2026: the 31st, and 4 and 5 January, with New Year's Day off."""
SHORTER = at("2027-01-04 18:00")
"""As the notice says below: Sunday the 3rd is worked, so the 31st, the 3rd and the 4th."""
LONGER = at("2027-01-07 18:00")
"""Or the first five days of January are off: the 31st, the 6th and the 7th."""
NEW: dict[str, object] = {"calendar": "2027 official"}


def official(holidays: tuple[date, ...], workdays: tuple[date, ...] = ()) -> Pack:
    pack = wulibao()
    year = Year(2027, "official", "notice", frozenset(holidays), frozenset(workdays))
    calendar = Calendar(pack.calendar.zone, {**pack.calendar.years, 2027: year}, pack.calendar.duty)
    return replace(pack, calendar=calendar)


def with_a_sunday_worked() -> Pack:
    return official((date(2027, 1, 1),), (date(2027, 1, 3),))


def with_five_days_off() -> Pack:
    return official(tuple(date(2027, 1, day) for day in range(1, 6)))


def in_december() -> Story:
    """A lamp of Wednesday 30 December 2026, 10:00, with the unit at work."""
    story = Story(now=at("2026-12-30 10:00"))
    story.report(a_blocked_drain(category=None, received_at=story.now))
    story.give(DUTY, cmd.Accept, category="LIG.lamp_out", area="courtyard-51-b1", urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def recomputed(story: Story, pack: Pack) -> list[ev.Event]:
    story.pack = pack
    return story.give(NOBODY, cmd.RecomputeClocks, **NEW)


def calendar_of(case: Case, clock: str) -> tuple[datetime, bool, str]:
    deadline = case.clocks[clock].deadline
    return deadline.due_at, deadline.provisional, deadline.calendar


def test_a_date_in_a_year_nobody_announced_is_given_and_flagged() -> None:
    """Decision 1.42. A report on 30 December is not refused."""
    story = in_december()

    assert calendar_of(story.open_case, "result") == (ASSUMED, True, "2026 official, 2027 provisional")
    assert not story.open_case.clocks["contact"].deadline.provisional


def test_an_official_year_moves_the_date_and_the_reporter_hears_it() -> None:
    """Row a40. Decision 1.42. Later, for five days are off; what rests on 2026 alone stays."""
    story = in_december()
    before = story.open_case.clocks["contact"]

    happened = recomputed(story, with_five_days_off())

    assert types(happened) == ["case.clocks_recomputed"]
    assert calendar_of(story.open_case, "result") == (LONGER, False, "2026 official, 2027 official")
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert running(story) == {"contact", "result"}
    assert story.open_case.clocks["contact"] == before
    assert [each.key for each in happened[0].replies] == ["reply.recomputed"]
    assert told(story, happened) == {"municipal-duty": ("clocks_recomputed", "info", None)}


def test_it_goes_both_ways() -> None:
    """Row a40. Decision 1.42. The reminder moves with it: four fifths of 27 duty hours are 21 h 36 min."""
    story = in_december()

    recomputed(story, with_a_sunday_worked())

    assert due(story, "result") == SHORTER
    assert story.open_case.clocks["result"].look_at == at("2027-01-04 10:36")


def test_never_before_now() -> None:
    """Row a40. Decision 1.42. On Tuesday the 5th the shorter date is over: due now, and late from now on."""
    story = in_december()
    story.give(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="约了")
    story.wait_until(at("2027-01-05 10:00"))

    recomputed(story, with_a_sunday_worked())

    assert due(story, "result") == at("2027-01-05 10:00")
    assert not [each for each in story.look() if isinstance(each, ev.CaseOverdue)]
    late = [each for each in story.wait(minutes=1) if isinstance(each, ev.CaseOverdue)]
    assert [(each.clock, each.hop) for each in late] == [("result", 1)]
    assert len(story.all(ev.CaseDueSoon)) == 1


def test_rungs_that_were_passed_stay() -> None:
    """Row a40. Decision 1.42. One hop was made; the next date is later, the next hop is the second."""
    story = in_december()
    story.wait_until(at("2027-01-06 09:00"))
    assert story.open_case.clocks["result"].announced == 1
    assert story.open_case.supervision == "ordinary"

    recomputed(story, with_five_days_off())

    assert due(story, "result") == LONGER
    assert (story.open_case.clocks["result"].announced, story.open_case.supervision) == (1, "ordinary")
    hops = [each.hop for each in story.wait(days=30) if isinstance(each, ev.CaseOverdue) and each.clock == "result"]
    assert hops == [2, 3]


def test_what_was_reminded_is_not_forgotten_by_a_case_at_rest() -> None:
    """Row a40. A suspended case stays suspended with its new date."""
    story = in_december()
    story.give(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2027-02-20 09:00"), note_to_reporter="等天气")

    recomputed(story, with_five_days_off())

    assert (story.open_case.state, paused(story), due(story, "result")) == ("suspended", {"result"}, LONGER)


def test_the_check_and_the_call_back_are_counted_again_too() -> None:
    """Row a40. Handed in on Thursday the 31st: the check of one working day is on the 4th, or on the 6th."""
    story = in_december()
    story.wait_until(at("2026-12-31 10:00"))
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    assert due(story, "check") == at("2027-01-04 18:00")

    happened = recomputed(story, with_five_days_off())

    assert due(story, "check") == at("2027-01-06 18:00")
    assert happened[0].replies == ()


def test_half_of_a_first_t3_is_counted_again_from_its_minutes() -> None:
    """Row a40. A rework of the 31st at 16:00 has ten duty hours; it had at least until the 4th, now until the 6th."""
    story = in_december()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.wait_until(at("2026-12-31 16:00"))
    story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")
    first = story.open_case.clocks["result"].deadline
    assert first.provisional

    recomputed(story, with_five_days_off())

    after = story.open_case.clocks["result"].deadline
    assert after.due_at > first.due_at
    assert (after.left, after.length) == (first.left, first.length)


def test_a_case_that_rests_on_no_assumed_year_is_left_alone() -> None:
    """Row a40."""
    story = lamp_given()
    story.pack = with_five_days_off()
    assert story.refused(NOBODY, cmd.RecomputeClocks, **NEW) == "nothing_provisional"

    story = in_december()
    assert story.refused(NOBODY, cmd.RecomputeClocks, **NEW) == "nothing_provisional"
    recomputed(story, with_five_days_off())
    assert story.refused(NOBODY, cmd.RecomputeClocks, **NEW) == "nothing_provisional"


def test_nobody_recomputes_by_hand_and_nobody_what_is_over() -> None:
    """Row a40."""
    for who in (DUTY, CENTRE, MUNICIPAL):
        assert lamp_in_work().refused(who, cmd.RecomputeClocks, **NEW) == "not_permitted"
    story = in_december()
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    story.rate("solved")
    story.pack = with_five_days_off()

    assert story.refused(NOBODY, cmd.RecomputeClocks, **NEW) == "not_now"
