"""A closed case is taken up again, or archived. Rows 37 and 38."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.flow import decide
from tests.domain.affairs import DEPUTY, GRID_WORKER, HEAD, claimed, result, told, unclear
from tests.domain.lamp import (
    NOBODY,
    SERVICE_DESK,
    called_back,
    due,
    lamp_called,
    lamp_closed,
    lamp_in_work,
    lamp_of_two,
    owner,
    passed_over,
    running,
    said,
    with_posts,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, REPORTER, SECRETARY, Story, at, types

ARCHIVED = at("2026-09-30 00:00")
"""Closed on Monday 14 September: fifteen days, the day itself not counted, end with Tuesday the 29th."""


def solved_on_the_spot() -> Story:
    story = unclear()
    story.give(GRID_WORKER, cmd.SolveOnSpot, result="拧紧了灯泡", public_reply="已修好")
    return story


def test_a_reporter_takes_it_up_again_with_the_whole_time() -> None:
    """Row 37. Decision 1.18. Asked on Monday the 21st at 10:00: T2 on Tuesday, T3 on Thursday the 24th at 18:00."""
    story = lamp_closed()
    story.wait_until(at("2026-09-21 10:00"))

    happened = story.ask(cmd.Reopen, reason="又灭了")

    assert types(happened) == ["case.reopened", "case.request_accepted"]
    assert (story.open_case.state, owner(story), story.open_case.outcome) == ("in_progress", "municipal-duty", None)
    assert running(story) == {"contact", "result"}
    assert (due(story, "contact"), due(story, "result")) == (at("2026-09-22 18:00"), at("2026-09-24 18:00"))
    assert [each.key for event in happened for each in event.replies] == ["reply.reopened", "reply.request_accepted"]
    assert told(story, happened) == {
        "municipal-duty": ("reopened", "act", "submit_result"), "duty": ("reopened", "info", None),
    }  # fmt: skip


def test_without_a_main_handler_it_is_triages_to_hand_over() -> None:
    """Row 37. Decision 1.18. From Monday the 21st 10:00, four duty hours end at 16:00, lunch between."""
    story = solved_on_the_spot()
    story.wait_until(at("2026-09-21 10:00"))

    happened = story.ask(cmd.Reopen, reason="又灭了")

    assert types(happened) == ["case.reopened", "case.request_accepted"]
    assert (story.open_case.state, owner(story)) == ("accepted", "duty")
    assert running(story) == {"dispatch"}
    assert due(story, "dispatch") == at("2026-09-21 16:00")
    assert [each.key for event in happened for each in event.replies] == ["reply.reopened", "reply.request_accepted"]
    assert told(story, happened) == {"duty": ("to_dispatch", "act", "dispatch")}


def test_a_main_handler_whose_post_is_gone_is_none() -> None:
    """Row 37. Decision 1.18. The post is empty, or a later pack knows it no more."""
    story = lamp_closed()
    post = story.pack.directory.posts["municipal-duty"]
    empty = replace(story, pack=with_posts(replace(post, holders=(), stand_ins=())))
    empty.ask(cmd.Reopen, reason="又灭了")
    assert empty.open_case.state == "accepted"

    known = {name: each for name, each in story.pack.directory.posts.items() if name != "municipal-duty"}
    story.pack = replace(story.pack, directory=replace(story.pack.directory, posts=known))
    story.ask(cmd.Reopen, reason="又灭了")
    assert (story.open_case.state, owner(story)) == ("accepted", "duty")


def test_it_may_be_reopened_until_the_archive_instant_itself() -> None:
    """Row 37. Decision 1.18. By the time it was asked for, however late it is heard."""
    story = lamp_closed()
    assert due(story, "archive") == ARCHIVED
    story.now = ARCHIVED
    assert types(replace(story).ask(cmd.Reopen, reason="又灭了"))[0] == "case.reopened"

    story.now = ARCHIVED + timedelta(seconds=1)
    assert [each.code for each in replace(story).ask(cmd.Reopen, reason="晚了") if isinstance(each, ev.RequestRefused)]
    assert replace(story).refused(DEPUTY, cmd.Reopen, reason="晚了") == "not_now"
    late = cmd.Reopen(at=story.now, reporter_ref=REPORTER, request_id="q9", requested_at=ARCHIVED, reason="又灭了")
    assert types(decide(story.case, late, story.pack))[0] == "case.reopened"


def test_a_second_reopening_by_the_same_reporter_is_refused_and_by_another_is_not() -> None:
    """Row 37. Decision 1.18. Leaders have no number limit."""
    story = lamp_of_two()
    called_back(story, "solved", "reporter-2")
    called_back(story, "solved")
    for number, who in enumerate((REPORTER, "reporter-2")):
        assert types(story.ask(cmd.Reopen, who, f"q{number}", reason="又灭了"))[0] == "case.reopened"
        _close_again(story)

    again = story.ask(cmd.Reopen, REPORTER, "q7", reason="还是灭")

    assert [each.code for each in again if isinstance(each, ev.RequestRefused)] == ["already_reopened"]
    assert story.refused(SERVICE_DESK, cmd.Reopen, reason="还是灭", on_behalf=True, reporter_ref=REPORTER) == (
        "already_reopened"
    )
    for who_leads in (SECRETARY, DEPUTY, HEAD, HEAD):
        assert types(story.give(who_leads, cmd.Reopen, reason="检查发现"))[0] == "case.reopened"
        _close_again(story)


def _close_again(story: Story) -> None:
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    for each in story.open_case.reporters:
        called_back(story, "solved", each.ref)


def test_an_intake_post_reopens_on_behalf_and_nobody_else_does() -> None:
    """Row 37."""
    story = lamp_closed()
    assert story.refused(MUNICIPAL, cmd.Reopen, reason="又灭了") == "not_permitted"
    assert story.refused(SERVICE_DESK, cmd.Reopen, reason="又灭了") == "already_reopened"
    assert lamp_in_work().refused(SECRETARY, cmd.Reopen, reason="又灭了") == "not_now"

    happened = story.give(SERVICE_DESK, cmd.Reopen, reason="又灭了", on_behalf=True)

    assert types(happened) == ["case.reopened"]
    assert (story.only(ev.CaseReopened).reporter_ref, story.only(ev.CaseReopened).on_behalf) == (REPORTER, True)
    assert story.open_case.reporters[0].reopened


def test_a_new_cycle_counts_from_nothing_but_keeps_the_supervision() -> None:
    """Row 37. Decision 1.18."""
    story = lamp_in_work()
    story.give(SECRETARY, cmd.Supervise, grade="ordinary", reason="群众多次反映")
    story.give(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"), note_to_reporter="等天气")
    story.give(MUNICIPAL, cmd.Resume)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    called_back(story, "solved")

    story.ask(cmd.Reopen, reason="又灭了")

    case = story.open_case
    assert (case.returns, case.reworks, case.suspensions, case.extensions) == (0, 0, 0, 0)
    assert case.supervision == "ordinary"
    assert story.refused(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"),
                         note_to_reporter="等天气") == "allowed"  # fmt: skip


def test_a_reopened_order_is_still_the_volunteers() -> None:
    """Row 37. Decision 2.13. The last claimant takes it up, may give it back, and no ladder climbs over him."""
    story = claimed()
    one = ("p-gui-1", None)
    story.give(one, cmd.Start)
    story.give(one, cmd.SubmitResult, **result())
    story.rate("solved")
    story.ask(cmd.Reopen, request_id="q2", reason="还要去一次")

    assert (story.open_case.state, owner(story)) == ("in_progress", "p-gui-1")
    happened = replace(story).wait(days=10)
    assert not [each for each in happened if isinstance(each, ev.CaseSupervised | ev.CaseMarkedHard)]
    story.wait(days=2)
    assert types(story.give(one, cmd.GiveBack)) == ["order.given_back"]
    assert (story.open_case.state, owner(story)) == ("accepted", "duty")


def test_the_words_to_the_reporter_say_that_the_work_goes_on() -> None:
    """Row 37."""
    story = lamp_closed()

    story.give(SECRETARY, cmd.Reopen, reason="检查发现又灭了")

    assert said(story) == ["reply.reopened"]


def test_fifteen_days_after_the_close_a_case_is_archived() -> None:
    """Row 38."""
    story = lamp_closed()
    assert story.wait_until(ARCHIVED) == []
    assert story.look() == []

    happened = story.wait(seconds=1)

    assert types(happened) == ["case.archived"]
    assert story.open_case.state == "archived"
    assert story.open_case.clocks["archive"].met_at == story.now
    assert running(story) == set()
    assert happened[0].replies == ()
    assert told(story, happened) == {}
    assert story.open_case.next_due_at is None


def test_what_was_reopened_is_not_archived() -> None:
    """Row 38. The archive timer stops with the reopening."""
    story = lamp_closed()
    story.give(SECRETARY, cmd.Reopen, reason="又灭了")

    happened = story.wait(days=40)

    assert "case.archived" not in types(happened)


def test_nobody_archives_by_hand_and_nobody_reopens_what_is_archived() -> None:
    """Row 38. Decision 1.18."""
    for who in (DUTY, CENTRE, HEAD):
        assert lamp_closed().refused(who, cmd.Archive) == "not_permitted"
    story = lamp_closed()
    assert story.refused(NOBODY, cmd.Archive) == "not_due"
    story.wait_until(at("2026-09-30 09:00"))

    assert story.refused(HEAD, cmd.Reopen, reason="又灭了") == "not_now"
    assert lamp_called().refused(NOBODY, cmd.Archive) == "not_now"


def test_of_the_two_ways_to_reopen_the_last_handler_chooses() -> None:
    """Row 37."""
    again: dict[str, object] = {"reason": "又灭了"}
    assert passed_over(lamp_closed(), SECRETARY, cmd.Reopen, **again) == ["has_main_handler"]
    assert passed_over(solved_on_the_spot(), SECRETARY, cmd.Reopen, **again) == ["no_main_handler"]

    story = lamp_closed()
    story.now = ARCHIVED + timedelta(seconds=1)
    assert passed_over(story, SECRETARY, cmd.Reopen, **again) == ["too_late", "too_late"]
