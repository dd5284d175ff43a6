"""Not ours: returned, reassigned, adjudicated and then settled. Rows 19 to 21."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.org import Post
from tests.domain.affairs import ADJUDICATOR, DEPUTY, HEAD, MEDIATOR, claimed, result, told, volunteers
from tests.domain.lamp import (
    LAMP,
    due,
    lamp_given,
    lamp_in_work,
    lamp_signed,
    met,
    owner,
    paused,
    running,
    said,
    stopped,
    with_posts,
)
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, REPORTER, SECRETARY, Story, a_blocked_drain, at, types
from tests.domain.whistling import URBAN, URBAN_HEAD, with_departments

NOT_OURS: dict[str, object] = {"ground": "wrong_duty", "basis": "三定方案", "suggested": "mediator"}
RESULT = at("2026-09-17 18:00")
"""T3 of a lamp handed over on Monday 09:30."""


def returned(urgency: str = "normal") -> Story:
    story = lamp_given(urgency)
    story.give(MUNICIPAL, cmd.ReturnCase, **NOT_OURS)
    return story


def returned_twice(urgency: str = "normal") -> Story:
    story = returned(urgency)
    story.give(DUTY, cmd.Reassign, main="mediator", reason="先看看")
    story.give(MEDIATOR, cmd.ReturnCase, **{**NOT_OURS, "suggested": "municipal-duty"})
    return story


def adjudicated() -> Story:
    story = returned_twice()
    story.give(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="路灯归它")
    return story


def test_a_first_return_goes_back_to_triage_and_t3_runs_on() -> None:
    """Row 19. Decision 1.5. Returned on Monday 14:30: 4 wh end on Tuesday 09:30."""
    story = lamp_given()
    story.wait_until(at("2026-09-14 14:30"))

    happened = story.give(MUNICIPAL, cmd.ReturnCase, **NOT_OURS)

    assert types(happened) == ["case.returned"]
    assert (story.open_case.state, owner(story), story.open_case.returns) == ("returned", "duty", 1)
    assert stopped(story) == {"sign", "contact"}
    assert running(story) == {"result", "reassign"}
    assert (due(story, "result"), due(story, "reassign")) == (RESULT, at("2026-09-15 09:30"))
    assert happened[0].replies == ()
    assert told(story, happened) == {"duty": ("returned", "act", "reassign")}


def test_of_a_second_return_the_adjudicator_decides_within_a_working_day() -> None:
    """Row 19. Decision 1.5."""
    story = returned()
    story.give(DUTY, cmd.Reassign, main="mediator", reason="先看看")
    story.wait_until(at("2026-09-15 10:00"))

    happened = story.give(MEDIATOR, cmd.ReturnCase, **{**NOT_OURS, "suggested": "municipal-duty"})

    assert (owner(story), story.open_case.returns) == ("adjudicator", 2)
    assert running(story) == {"result", "adjudicate"}
    assert due(story, "adjudicate") == at("2026-09-16 18:00")
    assert told(story, happened) == {
        "adjudicator": ("returned_twice", "act", "adjudicate"),
        "municipal-duty": ("before_adjudicator", "info", None),
    }


def test_a_critical_case_is_passed_on_in_minutes() -> None:
    """Row 19. Decisions 1.5, 1.35."""
    assert due(returned("critical"), "reassign") == at("2026-09-14 09:40")
    assert due(returned_twice("critical"), "adjudicate") == at("2026-09-14 10:30")


@pytest.mark.parametrize(
    "lacking", [{"ground": " "}, {"basis": ""}, {"suggested": " "}, {"suggested": "a-post-nobody-knows"}]
)
def test_whoever_says_not_ours_says_why_and_whose(lacking: dict[str, object]) -> None:
    """Row 19."""
    assert lamp_given().refused(MUNICIPAL, cmd.ReturnCase, **{**NOT_OURS, **lacking}) == "return_incomplete"


@pytest.mark.parametrize(
    ("urgency", "last"),
    [("normal", "2026-09-16 18:00"), ("elevated", "2026-09-16 18:00"), ("urgent", "2026-09-14 13:30"),
     ("critical", "2026-09-14 10:00")],
)  # fmt: skip
def test_a_case_is_returned_within_its_window_or_kept(urgency: str, last: str) -> None:
    """Row 19. Decision 1.24. 2 wd from the dispatch on Monday 09:30, urgent 4 h, critical 30 min; at due is in time."""
    story = lamp_given(urgency)
    story.wait_until(at(last))
    in_time = replace(story)
    story.wait(seconds=1)

    assert story.refused(MUNICIPAL, cmd.ReturnCase, **NOT_OURS) == "return_window_over"
    assert "case.returned" in types(in_time.give(MUNICIPAL, cmd.ReturnCase, **NOT_OURS))


def test_the_window_begins_anew_with_each_dispatch() -> None:
    """Decision 1.24."""
    story = lamp_given()
    story.wait_until(at("2026-09-16 17:00"))
    story.give(MUNICIPAL, cmd.ReturnCase, **NOT_OURS)
    story.give(DUTY, cmd.Reassign, main="mediator", reason="先看看")
    story.wait_until(at("2026-09-18 18:00"))

    assert "case.returned" in types(story.give(MEDIATOR, cmd.ReturnCase, **NOT_OURS))


def test_only_the_handler_returns_and_not_after_signing() -> None:
    """Row 19. Decision 1.24."""
    story = lamp_given(co=("mediator",))
    for who in (DUTY, MEDIATOR, SECRETARY):
        assert story.refused(who, cmd.ReturnCase, **NOT_OURS) == "not_permitted"

    assert lamp_signed().refused(MUNICIPAL, cmd.ReturnCase, **NOT_OURS) == "not_now"


def test_triage_reassigns_a_returned_case_and_t3_is_not_reset() -> None:
    """Row 20. From Tuesday 11:00: T1 and T2 on Wednesday 18:00."""
    story = returned()
    story.wait_until(at("2026-09-15 11:00"))

    happened = story.give(DUTY, cmd.Reassign, main="mediator", co=("grid-1-lead",), reason="先调解")

    assert types(happened) == ["case.reassigned"]
    assert (story.open_case.state, owner(story)) == ("dispatched", "mediator")
    assert [each.post for each in story.open_case.co] == ["grid-1-lead"]
    assert stopped(story) == {"reassign"}
    assert running(story) == {"sign", "contact", "result"}
    assert due(story, "sign") == due(story, "contact") == at("2026-09-16 18:00")
    assert due(story, "result") == RESULT
    assert story.open_case.returns == 1
    assert said(story) == ["reply.reassigned"]
    assert told(story, happened) == {
        "mediator": ("new_case", "act", "sign_for"), "grid-1-lead": ("co_handler", "act", None),
        "municipal-duty": ("reassigned", "info", None), "municipal-head": ("reassigned", "info", None),
    }  # fmt: skip


def test_the_reporter_is_told_only_when_another_unit_is_responsible() -> None:
    """Row 20."""
    story = returned()

    happened = story.give(DUTY, cmd.Reassign, main="municipal-head", reason="还是这家")

    assert happened[0].replies == ()


def test_a_new_main_handler_is_no_co_handler_any_more() -> None:
    """Row 20. Exactly one main handler, and no date of his own beside the whole."""
    story = lamp_in_work()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="mediator", reason="商户配合", due=at("2026-09-16 12:00"))

    story.give(SECRETARY, cmd.Reassign, main="mediator", reason="换个主办")

    assert story.open_case.co == ()
    assert story.open_case.parts["mediator"].stopped_at == story.now
    assert "part" not in {each.clock for each in story.wait(days=5) if isinstance(each, ev.CaseOverdue)}


def test_after_two_returns_nobody_passes_it_on_but_the_adjudicator() -> None:
    """Row 20. Decision 1.23."""
    story = returned_twice()

    for who in (DUTY, CENTRE):
        assert story.refused(who, cmd.Reassign, main="duty", reason="再试试") == "adjudication_only"


def test_a_new_handler_exists_and_a_reason_is_given() -> None:
    """Row 20."""
    story = returned()
    story.pack = with_posts(Post("empty", "unit_duty", "municipal-facilities", "wulibao-south"))

    assert story.refused(DUTY, cmd.Reassign, main="nobody", reason="换") == "one_main_handler"
    assert story.refused(DUTY, cmd.Reassign, main="empty", reason="换") == "one_main_handler"
    assert story.refused(DUTY, cmd.Reassign, main="duty", reason=" ") == "reason_missing"
    assert story.refused(MUNICIPAL, cmd.Reassign, main="duty", reason="换") == "not_permitted"


def test_a_silent_unit_is_replaced_once_t1_is_missed() -> None:
    """Row 20. Decision 1.6. T1 ends on Tuesday 18:00; at that instant the unit is still in time."""
    story = lamp_given()
    story.wait_until(at("2026-09-15 18:00"))
    assert story.refused(DUTY, cmd.Reassign, main="mediator", reason="不应") == "sign_not_overdue"
    story.wait_until(at("2026-09-16 09:00"))

    happened = story.give(DUTY, cmd.Reassign, main="mediator", reason="不应")

    assert types(happened) == ["case.reassigned"]
    assert (story.open_case.state, owner(story), story.open_case.returns) == ("dispatched", "mediator", 0)
    assert due(story, "sign") == due(story, "contact") == at("2026-09-17 18:00")
    assert (story.open_case.clocks["sign"].announced, due(story, "result")) == (0, RESULT)
    assert said(story) == ["reply.reassigned"]
    assert told(story, happened) == {
        "mediator": ("new_case", "act", "sign_for"), "municipal-duty": ("reassigned", "info", None),
        "municipal-head": ("reassigned", "info", None),
    }  # fmt: skip


def test_a_superior_too_replaces_whoever_did_not_sign() -> None:
    """Row 20. Decision 1.6."""
    for who in (SECRETARY, DEPUTY, HEAD, CENTRE):
        story = lamp_given()
        story.wait_until(at("2026-09-16 09:00"))
        assert story.refused(who, cmd.Reassign, main="nobody", reason="不应") == "one_main_handler"
        assert story.refused(who, cmd.Reassign, main="duty", reason="") == "reason_missing"
        assert types(story.give(who, cmd.Reassign, main="duty", reason="不应")) == ["case.reassigned"]
    assert story.refused(GRID_LEAD, cmd.Reassign, main="duty", reason="不应") == "not_permitted"


def test_a_superior_gives_work_under_way_to_somebody_else() -> None:
    """Row 20. Decision 1.6. T1 and T2 begin anew though the first contact was made; T3 does not."""
    story = lamp_in_work()
    story.give(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="约了时间")
    story.wait_until(at("2026-09-15 10:00"))
    assert story.refused(DUTY, cmd.Reassign, main="duty", reason="合同到期") == "not_now"
    assert story.refused(SECRETARY, cmd.Reassign, main="duty", reason="") == "reason_missing"
    assert story.refused(SECRETARY, cmd.Reassign, main="nobody", reason="合同到期") == "one_main_handler"

    happened = story.give(SECRETARY, cmd.Reassign, main="duty", reason="合同到期")

    assert types(happened) == ["case.reassigned"]
    assert (story.open_case.state, owner(story), story.open_case.returns) == ("dispatched", "duty", 0)
    assert running(story) == {"sign", "contact", "result"}
    assert due(story, "sign") == due(story, "contact") == at("2026-09-16 18:00")
    assert due(story, "result") == RESULT


def test_a_new_handlers_failed_tries_are_his_own() -> None:
    """Decision 1.37. Two failed tries of the one before him are not a contact of his."""
    story = lamp_in_work()
    for _ in range(2):
        story.give(MUNICIPAL, cmd.ContactReporter, outcome="failed", contacted_at=story.now, note="没人接")
    story.give(SECRETARY, cmd.Reassign, main="duty", reason="合同到期")
    story.give(DUTY, cmd.SignFor)

    story.give(DUTY, cmd.ContactReporter, outcome="failed", contacted_at=story.now, note="没人接")

    assert not story.all(ev.CaseContacted)[-1].met
    assert "contact" in running(story)


def test_a_suspended_case_that_changes_hands_goes_on_with_what_was_left() -> None:
    """Row 20. Suspended on Monday 15:00 with 3+7+7+7 duty hours left, handed over on Monday the 28th at 10:00.

    Six hours that day, seven on the 29th and 30th, and after the holiday four on Thursday 8 October: 15:00.
    """
    story = lamp_in_work()
    story.wait_until(at("2026-09-14 15:00"))
    story.give(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"), note_to_reporter="等天气")
    assert paused(story) == {"result"}
    story.wait_until(at("2026-09-28 10:00"))

    story.give(DEPUTY, cmd.Reassign, main="duty", reason="单位撤并")

    assert (story.open_case.state, owner(story)) == ("dispatched", "duty")
    assert "review" in stopped(story)
    assert running(story) == {"sign", "contact", "result"}
    assert due(story, "result") == at("2026-10-08 15:00")


def test_a_departments_head_reassigns_what_his_own_department_handles() -> None:
    """Row 20."""
    story = Story(pack=with_departments())
    story.report(a_blocked_drain(category=None))
    story.give(DUTY, cmd.Accept, category=LAMP, area="courtyard-51-b1", urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="urban-duty")
    story.give(URBAN, cmd.SignFor)

    assert story.refused(("p-dept-4", "water-head"), cmd.Reassign, main="water-duty", reason="内部") == "not_permitted"
    assert types(story.give(URBAN_HEAD, cmd.Reassign, main="water-duty", reason="内部")) == ["case.reassigned"]


def test_a_claimants_work_may_be_given_to_a_post() -> None:
    """Row 20. Decision 1.6. A claimant who is gone is replaced like a unit that was dissolved."""
    story = claimed()
    story.give((volunteers(story)[0], None), cmd.Start)

    happened = story.give(SECRETARY, cmd.Reassign, main="social-worker", reason="搬走了")

    assert owner(story) == "social-worker"
    assert not story.open_case.claimed
    assert told(story, happened)["person:p-gui-1"] == ("reassigned", "info", None)


def test_a_new_holder_of_the_same_post_needs_no_command() -> None:
    """Decision 1.6."""
    story = lamp_given()
    post = story.pack.directory.posts["municipal-duty"]

    story.pack = with_posts(replace(post, holders=("p-new",), stand_ins=()))

    assert story.refused(MUNICIPAL, cmd.SignFor) == "not_permitted"
    assert types(story.give(("p-new", "municipal-duty"), cmd.SignFor)) == ["case.signed"]


def test_the_adjudicator_settles_it_and_t3_is_whole_again() -> None:
    """Row 21. Decided on Tuesday 10:00: T1 and T2 on Wednesday 18:00, T3 three working days later, on Friday."""
    story = returned_twice()
    story.wait_until(at("2026-09-15 10:00"))

    happened = story.give(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="路灯归它")

    assert types(happened) == ["case.adjudicated"]
    assert (story.open_case.state, owner(story), story.open_case.adjudicated) == ("dispatched", "municipal-duty", True)
    assert "adjudicate" in stopped(story)
    assert running(story) == {"sign", "contact", "result"}
    assert due(story, "sign") == due(story, "contact") == at("2026-09-16 18:00")
    assert due(story, "result") == at("2026-09-18 18:00")
    assert said(story) == ["reply.adjudicated"]
    assert told(story, happened) == {
        "municipal-duty": ("new_case", "act", "sign_for"), "mediator": ("adjudicated", "info", None),
    }  # fmt: skip


def test_the_adjudicator_waits_for_two_returns_and_gives_reasons() -> None:
    """Row 21. Decision 1.23."""
    assert returned().refused(ADJUDICATOR, cmd.Adjudicate, main="duty", reasons="归它") == "reassign_first"

    story = returned_twice()
    assert story.refused(ADJUDICATOR, cmd.Adjudicate, main="duty", reasons=" ") == "reason_missing"
    assert story.refused(ADJUDICATOR, cmd.Adjudicate, main="nobody", reasons="归它") == "one_main_handler"
    for who in (DUTY, SECRETARY, DEPUTY, MUNICIPAL):
        assert story.refused(who, cmd.Adjudicate, main="duty", reasons="归它") == "not_permitted"
    assert lamp_given().refused(ADJUDICATOR, cmd.Adjudicate, main="duty", reasons="归它") == "not_now"


def test_a_case_is_adjudicated_once() -> None:
    """Row 21. Decision 1.23. No way leads back to it; should one ever, the answer is no."""
    story = returned_twice()
    story.case = replace(story.open_case, adjudicated=True)

    assert story.refused(ADJUDICATOR, cmd.Adjudicate, main="duty", reasons="归它") == "already_adjudicated"


def test_an_adjudicated_case_is_not_returned_reassigned_or_sent_away() -> None:
    """Rows 19, 20. Decision 1.23. Only the adjudicator himself hands it to another body."""
    story = adjudicated()
    assert story.refused(MUNICIPAL, cmd.ReturnCase, **NOT_OURS) == "locked"
    away: dict[str, object] = {
        "receiver": "市照明处", "receipt_number": "A1", "how_to_follow": "12345", "public_reply": "已转市照明处",
    }  # fmt: skip
    assert story.refused(DUTY, cmd.TransferOut, **away) == "locked"
    late = replace(story)
    late.wait_until(at("2026-09-16 09:00"))
    assert late.refused(DUTY, cmd.Reassign, main="duty", reason="不应") == "locked"
    signed = replace(story)
    signed.give(MUNICIPAL, cmd.SignFor)
    assert signed.refused(SECRETARY, cmd.Reassign, main="duty", reason="换") == "locked"
    back = replace(story, case=replace(story.open_case, state="returned", returns=1))
    assert back.refused(DUTY, cmd.Reassign, main="duty", reason="换") == "locked"

    assert types(story.give(ADJUDICATOR, cmd.TransferOut, **away)) == ["case.transferred_out"]


def test_the_second_return_of_the_cycle_is_adjudicated_whoever_gives_it_and_any_unit_may_be_named() -> None:
    """Decision 1.23. The same unit returned it twice, and is named all the same."""
    story = returned()
    story.give(DUTY, cmd.Reassign, main="municipal-duty", reason="请再看")
    story.give(MUNICIPAL, cmd.ReturnCase, **NOT_OURS)
    assert owner(story) == "adjudicator"

    story.give(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="路灯归它")

    assert owner(story) == "municipal-duty"
    assert "sign" not in met(story)


def test_reopening_does_not_unlock_an_adjudicated_case() -> None:
    """Decision 1.23. At most once a case; afterwards it is not returned any more (I7)."""
    story = adjudicated()
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    story.rate("solved")

    story.ask(cmd.Reopen, REPORTER, "q2", reason="又灭了")

    assert story.open_case.state == "in_progress"
    assert story.refused(SECRETARY, cmd.Reassign, main="duty", reason="换") == "locked"
