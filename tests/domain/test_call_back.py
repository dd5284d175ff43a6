"""Each reporter is asked whether it is solved; unsolved, the work goes on. Rows 33 to 36 and a10."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.org import Post
from tests.domain.affairs import DEPUTY, HEAD, result, told
from tests.domain.lamp import (
    OTHER_REPORTER,
    SERVICE_DESK,
    called_back,
    due,
    lamp_called,
    lamp_checked,
    lamp_closed,
    lamp_given,
    lamp_of_two,
    met,
    owner,
    passed_over,
    running,
    said,
    with_posts,
)
from tests.domain.town import (
    CENTRE,
    DUTY,
    GRID_LEAD,
    MUNICIPAL,
    REPORTER,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    types,
)

ASKED: dict[str, object] = {"reporter_ref": REPORTER, "outcome": "solved", "note": "电话"}
EXPLAINED: dict[str, object] = {
    "reporter_ref": REPORTER, "outcome": "unsolved", "note": "电话", "lawful_explanation": "产权属于开发商",
    "proposed_by": "centre",
}  # fmt: skip


def again(story: Story) -> None:
    """The work is done once more and checked."""
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)


def reworked(times: int) -> Story:
    """Waits for the call-back after so many reworks."""
    story = lamp_called()
    for _ in range(times):
        called_back(story, "unsolved")
        again(story)
    return story


def test_solved_closes_the_case_and_every_reporter_gets_the_public_reply() -> None:
    """Row 33. Closed on Tuesday the 15th: fifteen days end on the 30th at midnight."""
    story = lamp_called()
    story.wait_until(at("2026-09-15 10:00"))

    happened = story.give(CENTRE, cmd.RecordCallBack, **ASKED, satisfaction="satisfied")

    assert types(happened) == ["case.called_back", "case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "solved")
    assert story.open_case.clocks["call_back"].met_at == story.now
    assert running(story) == {"archive"}
    assert due(story, "archive") == at("2026-10-01 00:00")
    assert [(each.key, each.words, each.to) for each in happened[1].replies] == [("reply.closed", "已疏通", None)]
    assert told(story, happened) == {"municipal-duty": ("closed", "info", None)}


def test_partly_solved_closes_with_a_plan_for_the_rest() -> None:
    """Row 33."""
    story = lamp_called()
    assert story.refused(CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": "partly_solved"}) == "plan_missing"

    assert called_back(story, "partly_solved", plan="下周换灯杆") == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "partly_solved"


def test_own_colleagues_calling_back_is_no_call_back() -> None:
    """Rows 33, 34, 35, 36. Decision 1.14."""
    story = lamp_given(main="centre")
    for kind in (cmd.SignFor, cmd.Start):
        story.give(CENTRE, kind)
    story.give(CENTRE, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    tries = tuple(story.now - timedelta(hours=each) for each in range(3))

    for outcome in ("solved", "unsolved"):
        assert story.refused(CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": outcome}) == "own_work"
    unreached = {**ASKED, "outcome": "no_contact", "tries": tries, "message": "请回电"}
    assert story.refused(CENTRE, cmd.RecordCallBack, **unreached) == "own_work"
    assert story.refused(DEPUTY, cmd.RecordCallBack, **EXPLAINED) == "own_work"
    assert types(story.give(DUTY, cmd.RecordCallBack, **ASKED)) == ["case.called_back", "case.closed"]


def test_only_a_reporter_of_the_case_is_called_back() -> None:
    """Rows 33, 34, 36."""
    for outcome in ("solved", "unsolved", "no_contact"):
        stranger = {**ASKED, "reporter_ref": "reporter-9", "outcome": outcome}
        assert lamp_called().refused(CENTRE, cmd.RecordCallBack, **stranger) == "not_a_reporter"
    stranger = {**EXPLAINED, "reporter_ref": "reporter-9"}
    assert lamp_called().refused(DEPUTY, cmd.RecordCallBack, **stranger) == "not_a_reporter"


def test_only_a_call_back_post_asks_and_only_when_it_is_time() -> None:
    """Rows 33, 34, 36."""
    for who in (SECRETARY, GRID_LEAD, MUNICIPAL, SERVICE_DESK):
        assert lamp_called().refused(who, cmd.RecordCallBack, **ASKED) == "not_permitted"
    assert lamp_checked().refused(CENTRE, cmd.RecordCallBack, **ASKED) == "not_now"


def test_unsolved_for_good_only_by_a_lawful_explanation_of_triages_superior() -> None:
    """Row 33."""
    story = lamp_called()

    happened = story.give(DEPUTY, cmd.RecordCallBack, **EXPLAINED)

    assert types(happened) == ["case.called_back", "case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "unsolved_explained")
    assert "call_back" in met(story)
    assert running(story) == {"archive"}
    assert [(each.key, each.words, each.to) for event in happened for each in event.replies] == [
        ("reply.explanation", "产权属于开发商", REPORTER), ("reply.closed", "已疏通", None),
    ]  # fmt: skip
    assert told(story, happened) == {"municipal-duty": ("closed", "info", None)}


def test_the_superior_names_the_call_back_post_that_proposed_the_explanation() -> None:
    """Row 33."""
    for lacking in (
        {"proposed_by": None}, {"proposed_by": "nobody"}, {"proposed_by": "municipal-duty"},
        {"proposed_by": "street-deputy"}, {"lawful_explanation": " "}, {"outcome": "solved"},
    ):  # fmt: skip
        given = {**EXPLAINED, **lacking}
        assert lamp_called().refused(DEPUTY, cmd.RecordCallBack, **given) == "approval_missing"
    assert lamp_called().refused(SECRETARY, cmd.RecordCallBack, **EXPLAINED) == "not_permitted"
    assert types(lamp_called().give(HEAD, cmd.RecordCallBack, **EXPLAINED))[-1] == "case.closed"


def test_an_explanation_to_one_does_not_close_it_over_the_others() -> None:
    """Row 33."""
    story = lamp_of_two()
    assert story.refused(DEPUTY, cmd.RecordCallBack, **EXPLAINED) == "others_unanswered"

    called_back(story, "solved", OTHER_REPORTER)
    assert types(story.give(DEPUTY, cmd.RecordCallBack, **EXPLAINED)) == ["case.called_back", "case.closed"]


def test_the_answer_of_one_of_several_is_kept_until_all_are_asked() -> None:
    """Row 33. Then the least good answer names the outcome, and each gets the closing reply."""
    story = lamp_of_two()
    before = due(story, "call_back")

    assert called_back(story, "partly_solved", OTHER_REPORTER, plan="下周") == ["case.called_back"]

    assert (story.open_case.state, owner(story)) == ("calling_back", "municipal-duty")
    assert (running(story), due(story, "call_back")) == ({"call_back"}, before)
    assert called_back(story, "solved") == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "partly_solved"
    assert [each.to for each in story.only(ev.CaseClosed).replies] == [None]


def test_a_failed_try_before_the_third_is_kept_and_the_call_back_runs_on() -> None:
    """Row 33."""
    story = lamp_called()

    assert called_back(story, "no_contact") == ["case.called_back"]

    assert story.open_case.state == "calling_back"
    assert story.open_case.reporters[0].answer is None
    assert running(story) == {"call_back"}


def test_the_first_and_second_unsolved_order_the_work_again_with_half_the_time() -> None:
    """Row 34. Decisions 1.1, 1.17. Half of 27.5 duty hours from Tuesday 10:00 end on Thursday at 09:45."""
    story = lamp_called()
    story.wait_until(at("2026-09-15 10:00"))

    happened = story.give(CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": "unsolved"})

    assert types(happened) == ["case.called_back", "case.rework_ordered"]
    assert (story.open_case.state, owner(story), story.open_case.reworks) == ("in_progress", "municipal-duty", 1)
    assert "call_back" in met(story)
    assert running(story) == {"result"}
    assert due(story, "result") == at("2026-09-17 09:45")
    assert said(story) == ["reply.rework"]
    assert told(story, happened) == {
        "municipal-duty": ("rework", "act", "submit_result"), "duty": ("rework_again", "info", None),
    }  # fmt: skip

    again(story)
    assert called_back(story, "unsolved") == ["case.called_back", "case.rework_ordered"]
    assert not story.open_case.hard


def test_the_third_unsolved_makes_a_hard_case_with_a_red_card() -> None:
    """Row 35. Decision 1.1."""
    story = reworked(2)

    happened = story.give(CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": "unsolved"})

    assert types(happened) == ["case.called_back", "case.rework_ordered", "case.marked_hard", "case.supervised"]
    assert (story.open_case.state, story.open_case.reworks, story.open_case.hard) == ("in_progress", 3, True)
    assert (story.open_case.supervision, owner(story)) == ("red_card", "municipal-duty")
    assert running(story) == {"result", "supervision_review"}
    assert said(story) == ["reply.rework"]
    alerts = told(story, happened)
    assert {"street-head", "centre"} <= set(alerts)
    assert story.only(ev.CaseMarkedHard).told == ("street-head", "centre")


def test_every_later_unsolved_goes_on_and_is_laid_before_the_upper_government() -> None:
    """Row 35. Decision 1.1. Step 5 of the ladder; a red card is not given twice."""
    story = reworked(3)

    happened = story.give(CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": "unsolved"})

    assert types(happened) == ["case.called_back", "case.rework_ordered", "case.marked_hard"]
    assert story.all(ev.ReworkOrdered)[-1].raised == ("district-joint",)
    assert [each.raised for each in story.all(ev.ReworkOrdered)[:3]] == [(), (), ()]
    assert told(story, happened)["district-joint"] == ("raised", "urgent", None)
    again(story)
    assert called_back(story, "unsolved")[:2] == ["case.called_back", "case.rework_ordered"]


def test_reworks_of_the_check_and_of_the_call_back_are_counted_together() -> None:
    """Rows 34, 35. Decision 1.1."""
    story = lamp_checked()
    story.give(GRID_LEAD, cmd.FailCheck, reason="不亮")
    again(story)
    assert called_back(story, "unsolved") == ["case.called_back", "case.rework_ordered"]
    again(story)

    assert called_back(story, "unsolved")[2:] == ["case.marked_hard", "case.supervised"]


def test_nobody_reached_in_three_tries_and_a_message_left_closes_it() -> None:
    """Row 36. At three different hours; counted apart from the answers."""
    story = lamp_called()
    called_back(story, "no_contact")
    story.wait(hours=1)
    called_back(story, "no_contact")
    story.wait(hours=1)

    happened = story.give(
        CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": "no_contact"}, message="灯已修好,有问题请联系我们"
    )

    assert types(happened) == ["case.called_back", "case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "no_contact")
    assert "call_back" in met(story)
    assert running(story) == {"archive"}
    assert [(each.key, each.to) for event in happened for each in event.replies] == [
        ("reply.left_message", REPORTER), ("reply.closed", None),
    ]  # fmt: skip
    assert told(story, happened) == {"municipal-duty": ("closed", "info", None)}


@pytest.mark.parametrize(
    ("hours", "message"), [((0, 1), "请回电"), ((0, 0, 0), "请回电"), ((0, 1, 2), " "), ((0, 1, -2), "请回电")]
)
def test_two_tries_or_one_hour_or_no_message_are_not_enough(hours: tuple[int, ...], message: str) -> None:
    """Row 36. `tries_missing` leaves it a try (row 33); one of the future was never made."""
    story = lamp_called()
    story.wait(hours=3)
    tries = tuple(story.now - timedelta(hours=each) for each in hours)

    assert called_back(story, "no_contact", tries=tries, message=message) == ["case.called_back"]
    assert story.open_case.state == "calling_back"


def test_several_tries_may_be_told_at_once() -> None:
    """Row 36."""
    story = lamp_called()
    story.wait(hours=3)
    tries = tuple(story.now - timedelta(hours=each) for each in range(3))

    assert called_back(story, "no_contact", tries=tries, message="请回电") == ["case.called_back", "case.closed"]


def test_who_was_not_reached_waits_for_the_others_answers() -> None:
    """Row 36. `others_unanswered`: it is kept as his end of the call-back, and the last answer closes."""
    story = lamp_of_two()
    story.wait(hours=3)
    tries = tuple(story.now - timedelta(hours=each) for each in range(3))

    assert called_back(story, "no_contact", tries=tries, message="请回电") == ["case.called_back"]
    assert story.open_case.reporters[0].answer == "no_contact"
    assert called_back(story, "solved", OTHER_REPORTER) == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "solved"


def anonymous() -> Story:
    story = Story()
    story.report(a_blocked_drain(category="CON.consult", secrecy="anonymous"))
    for kind in (cmd.SignFor, cmd.Start):
        story.give(DUTY, kind)
    story.give(DUTY, cmd.SubmitResult, **result())
    return story


def test_an_anonymous_reporter_has_three_days_from_the_message() -> None:
    """Row 36. Decision 1.2. Left on Monday the 14th: until the end of Thursday the 17th."""
    story = anonymous()
    assert called_back(story, "no_contact", message="请凭查询码评价") == ["case.called_back"]
    story.wait_until(at("2026-09-17 23:59"))
    assert called_back(story, "no_contact") == ["case.called_back"]
    story.wait_until(at("2026-09-18 00:00"))

    assert called_back(story, "no_contact") == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "no_contact"


def test_without_a_message_the_three_days_do_not_begin() -> None:
    """Row 36. Decision 1.2. Who has no number was never called; only a message under the code is a try."""
    story = anonymous()
    called_back(story, "no_contact")
    story.wait(days=5)

    assert called_back(story, "no_contact", message="请凭查询码评价") == ["case.called_back"]
    assert story.open_case.state == "calling_back"


def test_the_residents_own_word_closes_it_like_a_call_back() -> None:
    """Row a10. Decision 1.13."""
    story = lamp_called()

    happened = story.ask(cmd.Rate, solved="solved", satisfaction="satisfied")

    assert types(happened) == ["case.rated", "case.closed", "case.request_accepted"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "solved")
    assert "call_back" in met(story)
    assert running(story) == {"archive"}
    assert [each.words for each in story.only(ev.CaseClosed).replies] == ["已疏通"]
    assert told(story, happened)["municipal-duty"] == ("closed", "info", None)


def test_the_residents_unsolved_orders_the_work_again() -> None:
    """Row a10. Decision 1.13. As rows 34 and 35, with the third a hard case."""
    story = lamp_called()
    story.wait_until(at("2026-09-15 10:00"))

    happened = story.rate("unsolved")

    assert types(happened) == ["case.rated", "case.rework_ordered", "case.request_accepted"]
    assert (story.open_case.state, owner(story), story.open_case.reworks) == ("in_progress", "municipal-duty", 1)
    assert "call_back" in met(story)
    assert due(story, "result") == at("2026-09-17 09:45")
    assert [each.key for event in happened for each in event.replies] == ["reply.rework", "reply.request_accepted"]
    assert told(story, happened) == {
        "municipal-duty": ("rework", "act", "submit_result"), "duty": ("rework_again", "info", None),
    }  # fmt: skip

    for number in (2, 3):
        again(story)
        happened = story.ask(cmd.Rate, request_id=f"q{number}", solved="unsolved")
    assert types(happened)[1:4] == ["case.rework_ordered", "case.marked_hard", "case.supervised"]


def test_partly_solved_waits_for_the_call_back_posts_plan() -> None:
    """Row a10. Decision 1.13."""
    story = lamp_called()
    before = due(story, "call_back")

    happened = story.rate("partly_solved")

    assert types(happened) == ["case.rated", "case.request_accepted"]
    assert (story.open_case.state, due(story, "call_back")) == ("calling_back", before)
    assert story.open_case.reporters[0].answer is None
    assert told(story, happened) == {"centre": ("rated", "act", "record_call_back")}
    assert called_back(story, "partly_solved", plan="下周换灯杆") == ["case.called_back", "case.closed"]


def test_while_others_are_still_to_be_asked_one_solved_is_kept() -> None:
    """Row a10. `others_unanswered`: the last one closes it."""
    story = lamp_of_two()

    happened = story.rate("solved")

    assert types(happened) == ["case.rated", "case.request_accepted"]
    assert (story.open_case.state, running(story)) == ("calling_back", {"call_back"})
    assert told(story, happened) == {"centre": ("rated", "info", None)}
    assert types(story.rate("solved", OTHER_REPORTER, "q2"))[:2] == ["case.rated", "case.closed"]


def test_one_unsolved_of_several_is_a_rework() -> None:
    """Rows a10, 34."""
    assert types(lamp_of_two().rate("unsolved"))[:2] == ["case.rated", "case.rework_ordered"]
    assert called_back(lamp_of_two(), "unsolved") == ["case.called_back", "case.rework_ordered"]


def test_a_rating_after_the_close_is_stored_and_moves_nothing() -> None:
    """Row a10. Decision 1.13."""
    story = lamp_closed()
    before = story.open_case.clocks

    happened = story.rate("unsolved")

    assert types(happened) == ["case.rated", "case.request_accepted"]
    assert (story.open_case.state, story.open_case.outcome, story.open_case.clocks) == ("closed", "solved", before)
    assert [each.kind for each in story.alerts if each.kind == "rated"] == []


def test_a_stranger_is_heard_and_refused() -> None:
    """Row a10."""
    happened = lamp_called().rate("solved", "reporter-9")

    assert types(happened) == ["case.request_refused"]
    assert isinstance(happened[0], ev.RequestRefused)
    assert happened[0].code == "not_a_reporter"


def test_an_intake_post_rates_on_behalf_and_nobody_else_does() -> None:
    """Row a10."""
    rating: dict[str, object] = {"solved": "solved"}
    story = lamp_called()
    assert story.refused(SERVICE_DESK, cmd.Rate, **rating) == "not_a_reporter"
    assert story.refused(MUNICIPAL, cmd.Rate, **rating, on_behalf=True) == "not_permitted"
    assert story.refused(SERVICE_DESK, cmd.Rate, **rating, on_behalf=True, reporter_ref="reporter-9") == (
        "not_a_reporter"
    )

    assert types(story.give(SERVICE_DESK, cmd.Rate, **rating, on_behalf=True)) == ["case.rated", "case.closed"]
    assert lamp_checked().refused(SERVICE_DESK, cmd.Rate, **rating, on_behalf=True) == "not_now"


def test_reopening_is_for_closed_cases_only() -> None:
    """Decision 1.13. In the call-back the resident says that it is unsolved."""
    happened = lamp_called().ask(cmd.Reopen, reason="没修好")

    assert [each.code for each in happened if isinstance(each, ev.RequestRefused)] == ["not_now"]


def test_a_community_post_outside_the_handlers_body_may_call_back_too() -> None:
    """Row 33. Decision 1.14."""
    assert types(lamp_called().give(DUTY, cmd.RecordCallBack, **ASKED)) == ["case.called_back", "case.closed"]
    story = lamp_called()
    story.pack = with_posts(Post("desk", "street_centre", "municipal-facilities", "wulibao", ("p-desk",)))
    assert story.refused(("p-desk", "desk"), cmd.RecordCallBack, **ASKED) == "own_work"


@pytest.mark.parametrize(
    ("reworks", "outcome", "codes"),
    [
        (0, "solved", ["last_answer", "rework_is_third", "rework_below_third", "tries_missing"]),
        (0, "partly_solved", ["plan_missing", "last_answer", "rework_is_third", "rework_below_third", "tries_missing"]),
        (1, "unsolved", ["plan_missing", "last_answer", "rework_below_third", "tries_missing"]),
        (2, "unsolved", ["plan_missing", "last_answer", "rework_is_third", "tries_missing"]),
        (0, "no_contact", ["plan_missing", "rework_is_third", "rework_below_third", "tries_missing"]),
    ],
)
def test_of_the_lines_of_a_call_back_exactly_one_holds(reworks: int, outcome: str, codes: list[str]) -> None:
    """Rows 33, 34, 35, 36. The others say why not: each answer has its own line, and `plan_missing` has none."""
    assert passed_over(reworked(reworks), CENTRE, cmd.RecordCallBack, **{**ASKED, "outcome": outcome}) == codes


def test_of_the_lines_of_a_rating_the_answer_chooses() -> None:
    """Row a10."""

    def lines(story: Story, solved: str) -> list[str]:
        return passed_over(story, SERVICE_DESK, cmd.Rate, solved=solved, on_behalf=True, reporter_ref=REPORTER)

    assert lines(lamp_called(), "solved") == ["not_unsolved"]
    assert lines(lamp_called(), "unsolved") == ["others_unanswered"]
    assert lines(lamp_of_two(), "solved") == ["others_unanswered", "not_unsolved"]
