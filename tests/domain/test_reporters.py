"""Those who reported: none at all, several, one who leaves, one who wants to stay unknown: rows 39, a18 and a19."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.header import header
from shaoyin.domain.report import Secrecy
from tests.domain.affairs import AREA, DEPUTY, GRID_WORKER, accepted, given_to_unit, result, told, unclear, unit_at_work
from tests.domain.clocked import (
    FIFTEEN_DAYS_ON,
    SYSTEM,
    called_out,
    due,
    met_at,
    no,
    on_site,
    owner,
    running,
    stopped_at,
    words,
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

NEIGHBOUR = "reporter-2"
DESK = ("p-jia-6", "service-desk")


def two(story: Story | None = None) -> Story:
    """A neighbour reported the same, and both are with one case."""
    story = story or unit_at_work()
    story.give(SYSTEM, cmd.AttachReporter, reporter_ref=NEIGHBOUR, from_case="c2", secrecy="open")
    return story


def checked(story: Story) -> Story:
    """The work was handed in and checked; the reporters are to be called back."""
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    return story


def dangerous(at_work: bool = False) -> Story:
    """Something that may hurt somebody: a hazard, whoever reported it."""
    story = accepted("HAZ.site_safety", "urgent")
    if at_work:
        story.give(DUTY, cmd.Dispatch, main="municipal-duty")
        for kind in (cmd.SignFor, cmd.Start):
            story.give(MUNICIPAL, kind)
    return story


def answer(story: Story, ref: str, outcome: str = "solved", **fields: object) -> list[ev.Event]:
    return story.give(CENTRE, cmd.RecordCallBack, reporter_ref=ref, outcome=outcome, note="", **fields)


def refs(story: Story) -> list[str]:
    return [each.ref for each in story.open_case.reporters]


# ---- Row 39: withdraw ----


@pytest.mark.parametrize("start", [unclear, accepted, given_to_unit, unit_at_work, lambda: checked(unit_at_work())])
def test_the_only_reporter_takes_his_matter_back(start: Callable[[], Story]) -> None:
    """Row 39."""
    story = start()

    ended = story.ask(cmd.Withdraw, reason="自己修好了")

    assert types(ended) == ["case.withdrawn", "case.request_accepted"]
    assert (story.open_case.state, running(story)) == ("withdrawn", set())
    assert words(ended) == [("reply.withdrawn", REPORTER), ("reply.request_accepted", REPORTER)]
    assert told(story, ended) == {owner(story): ("withdrawn", "info", None)}


def test_what_was_taken_back_stops_its_reply_unmet() -> None:
    """Row 39."""
    story = unclear()

    story.ask(cmd.Withdraw)

    assert (met_at(story, "reply"), stopped_at(story, "reply")) == (None, story.now)


def test_who_was_called_and_has_not_come_is_called_off_and_who_is_there_is_not_sent_home() -> None:
    """Row 39."""
    assert types(called_out(unit_at_work()).ask(cmd.Withdraw)) == [
        "case.withdrawn", "whistle.cancelled", "case.request_accepted"
    ]  # fmt: skip
    assert no(on_site(unit_at_work()).ask(cmd.Withdraw)) == ["responder_on_site"]


def test_nobody_takes_back_anothers_matter() -> None:
    """Row 39."""
    story = unit_at_work()

    assert no(story.ask(cmd.Withdraw, "somebody-else")) == ["not_a_reporter"]
    assert story.refused(DUTY, cmd.Withdraw) == "not_a_reporter"
    assert story.refused(DUTY, cmd.Withdraw, on_behalf=True, reporter_ref="somebody-else") == "not_a_reporter"
    assert story.refused(SECRETARY, cmd.Withdraw, on_behalf=True) == "not_permitted"
    assert story.refused(SYSTEM, cmd.Withdraw) == "not_a_reporter"


def test_what_has_ended_is_not_taken_back() -> None:
    """Row 39."""
    story = unclear()
    story.ask(cmd.Withdraw)

    assert no(story.ask(cmd.Withdraw, request_id="q2")) == ["not_now"]


def test_one_of_several_is_answered_and_out_and_the_matter_goes_on() -> None:
    """Row 39.

    Decision 1.11.
    """
    story = two()
    before = story.open_case

    left = story.ask(cmd.Withdraw)

    assert types(left) == ["case.reporter_detached", "case.request_accepted"]
    assert (story.open_case.state, story.open_case.clocks, story.open_case.origin) == (
        "in_progress", before.clocks, "reported"
    )  # fmt: skip
    assert refs(story) == [NEIGHBOUR]
    assert words(left)[0] == ("reply.detached", REPORTER)
    assert types(story.ask(cmd.Withdraw, NEIGHBOUR, "q2")) == ["case.withdrawn", "case.request_accepted"]


def test_a_person_may_leave_but_a_hole_may_not() -> None:
    """Row 39.

    Decision 1.22.
    """
    story = dangerous()

    left = story.ask(cmd.Withdraw)

    assert types(left) == ["case.reporter_detached", "case.request_accepted"]
    assert (story.open_case.state, owner(story), story.open_case.origin) == ("accepted", "duty", "discovered")
    assert (refs(story), running(story)) == ([], {"dispatch", "hazard"})
    assert words(left)[0] == ("reply.detached", REPORTER)


def test_the_clocks_of_a_reporter_who_left_end_with_him_and_the_others_run() -> None:
    """Row 39.

    Decision 1.22.
    """
    story = dangerous(at_work=True)
    assert running(story) == {"contact", "result", "hazard"}

    story.ask(cmd.Withdraw)

    assert running(story) == {"result", "hazard"}
    assert stopped_at(story, "contact") == story.now
    assert story.refused(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="") == (
        "no_reporter"
    )


def test_a_hazard_that_loses_its_reporter_before_acceptance_has_the_dispatch_timer_instead() -> None:
    """Row 39.

    Decisions 1.2 and 1.22.
    """
    story = Story()
    story.report(a_blocked_drain(category="GRE.tree_danger"), duplicates=("c0",))

    story.ask(cmd.Withdraw)

    assert (story.open_case.state, running(story)) == ("reported", {"hazard", "dispatch"})
    assert due(story, "dispatch") == at("2026-09-14 10:30")


# ---- Row a19: the last to be called back leaves ----


def test_when_the_last_to_be_called_back_leaves_the_checked_work_is_finished() -> None:
    """Row a19.

    Decision 1.11.
    """
    story = checked(two())
    answer(story, REPORTER)

    ended = story.ask(cmd.Withdraw, NEIGHBOUR)

    assert types(ended) == ["case.reporter_detached", "case.closed", "case.request_accepted"]
    assert (story.open_case.state, story.open_case.outcome, refs(story)) == ("closed", "no_reporter", [REPORTER])
    assert running(story) == {"archive"}
    assert due(story, "archive") == FIFTEEN_DAYS_ON
    assert stopped_at(story, "call_back") == story.now
    assert words(ended)[:2] == [("reply.withdrawn", NEIGHBOUR), ("reply.closed", None)]
    assert told(story, ended) == {"municipal-duty": ("closed", "info", None)}


def test_the_only_reporter_of_a_hazard_leaves_the_call_back_and_it_is_finished() -> None:
    """Row a19.

    Decision 1.22.
    """
    story = checked(dangerous(at_work=True))

    ended = story.ask(cmd.Withdraw)

    assert types(ended) == ["case.reporter_detached", "case.closed", "case.request_accepted"]
    assert story.open_case.outcome == "no_reporter"
    assert words(ended)[0] == ("reply.withdrawn", REPORTER)


def test_while_others_are_to_be_called_back_whoever_leaves_is_only_out() -> None:
    """Row a19."""
    story = checked(two())

    assert types(story.ask(cmd.Withdraw)) == ["case.reporter_detached", "case.request_accepted"]
    assert (story.open_case.state, running(story)) == ("calling_back", {"call_back"})


def test_the_only_reporter_of_no_hazard_takes_the_matter_back_and_does_not_just_leave() -> None:
    """Rows a19, 39."""
    story = checked(unit_at_work())

    assert types(story.ask(cmd.Withdraw)) == ["case.withdrawn", "case.request_accepted"]


def test_nobody_leaves_for_another() -> None:
    """Row a19."""
    story = checked(two())

    assert no(story.ask(cmd.Withdraw, "somebody-else")) == ["not_a_reporter"]
    assert story.refused(DESK, cmd.Withdraw, on_behalf=True) == "not_a_reporter"
    assert story.refused(SECRETARY, cmd.Withdraw, on_behalf=True, reporter_ref=REPORTER) == "not_permitted"


# ---- Row a18: more secrecy ----


@pytest.mark.parametrize("secrecy", ["confidential", "anonymous"])
def test_a_reporter_hides_his_name_in_mid_case(secrecy: str) -> None:
    """Row a18.

    Decision 1.41.
    """
    story = unit_at_work()
    before = story.open_case

    done = story.ask(cmd.RaiseSecrecy, secrecy=secrecy)

    assert types(done) == ["case.secrecy_raised", "case.request_accepted"]
    assert (story.open_case.state, story.open_case.clocks) == ("in_progress", before.clocks)
    assert [each.secrecy for each in header(story.open_case, done).reporters] == [secrecy]
    assert words(done)[0] == ("reply.secrecy_raised", REPORTER)
    assert told(story, done) == {"centre": ("secrecy_raised", "info", None)}


def test_secrecy_goes_upward_only() -> None:
    """Row a18.

    Decision 1.41.
    """
    story = unit_at_work()
    story.ask(cmd.RaiseSecrecy, secrecy="anonymous")

    assert no(story.ask(cmd.RaiseSecrecy, request_id="q2", secrecy="confidential")) == ["secrecy_only_up"]
    assert no(story.ask(cmd.RaiseSecrecy, request_id="q3", secrecy="anonymous")) == ["secrecy_only_up"]
    assert story.refused(DUTY, cmd.RaiseSecrecy, on_behalf=True, secrecy="confidential") == "secrecy_only_up"


def test_only_ones_own_name_is_hidden() -> None:
    """Row a18."""
    story = two()

    assert no(story.ask(cmd.RaiseSecrecy, "somebody-else", secrecy="anonymous")) == ["not_a_reporter"]
    assert story.refused(DUTY, cmd.RaiseSecrecy, secrecy="anonymous") == "not_a_reporter"
    assert story.refused(SECRETARY, cmd.RaiseSecrecy, on_behalf=True, secrecy="anonymous") == "not_permitted"
    story.ask(cmd.RaiseSecrecy, NEIGHBOUR, "q2", secrecy="anonymous")
    assert [each.secrecy for each in story.open_case.reporters] == ["open", "anonymous"]


def test_the_name_may_be_hidden_after_the_close_until_the_archive() -> None:
    """Row a18."""
    story = unclear()
    story.give(GRID_WORKER, cmd.SolveOnSpot, result="通了", public_reply="已经通了")
    assert story.refused(DUTY, cmd.RaiseSecrecy, on_behalf=True, secrecy="anonymous") == "allowed"

    story.wait_until(at("2026-09-30 09:00"))

    assert story.open_case.state == "archived"
    assert story.refused(DUTY, cmd.RaiseSecrecy, on_behalf=True, secrecy="anonymous") == "not_now"


def test_who_became_anonymous_is_called_back_by_the_code_for_three_days() -> None:
    """Decision 1.41.

    Three days from Monday: Thursday is a working day, so until its midnight.
    """
    story = unit_at_work()
    story.ask(cmd.RaiseSecrecy, secrecy="anonymous")
    checked(story)
    left = {"outcome": "no_contact", "message": "结果写在查询页上"}
    answer(story, REPORTER, **left)
    assert story.open_case.state == "calling_back"

    story.wait_until(at("2026-09-17 23:00"))
    answer(story, REPORTER, **left)
    assert story.open_case.state == "calling_back"
    story.wait_until(at("2026-09-18 00:00"))
    ended = answer(story, REPORTER, **left)

    assert types(ended) == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "no_contact"


HANDED_ON = {"receiver": "排水公司", "receipt_number": "P1", "how_to_follow": "96303", "public_reply": "已转"}
ENDS: dict[str, tuple[tuple[str, str], type[cmd.Command], dict[str, object]]] = {
    "not_accepted": (DUTY, cmd.Refuse, {"ground": "g", "public_reply": "不归我们", "where_instead": "供水公司"}),
    "merged": (
        DUTY, cmd.MergeInto, {"lead": "c0", "found": cmd.Lead("c0", "N0", open=True, category=None, area=AREA)}
    ),
    "transferred_out": (DUTY, cmd.TransferOut, dict(HANDED_ON)),
    "closed": (GRID_WORKER, cmd.SolveOnSpot, {"result": "通了", "public_reply": "已经通了"}),
    "withdrawn": (DUTY, cmd.Withdraw, {"on_behalf": True}),
}  # fmt: skip


@pytest.mark.parametrize("state", ENDS)
def test_every_end_has_a_first_day_from_which_the_name_is_kept(state: str) -> None:
    """Decision 1.41."""
    story = unclear()
    story.now = at("2026-09-14 11:00")
    who, kind, fields = ENDS[state]

    story.give(who, kind, **fields)

    assert (story.open_case.state, story.open_case.ended_at) == (state, story.now)


def test_a_reopening_stops_the_count_and_the_next_close_begins_it_anew() -> None:
    """Decision 1.41."""
    story = checked(unit_at_work())
    story.rate("solved")
    assert story.open_case.ended_at == story.now

    story.ask(cmd.Reopen, request_id="q2", reason="又堵了")

    assert story.open_case.ended_at is None


# ---- Decision 1.2: nobody to speak to ----


def test_without_a_reporter_nobody_is_told_contacted_or_called_back() -> None:
    """Decision 1.2."""
    story = Story()
    story.report(a_blocked_drain(category=None, reporter=None))
    assert running(story) == {"dispatch"}
    story.give(DUTY, cmd.Accept, category="WAT.sewer_blocked", area=AREA, urgency="urgent", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    for kind in (cmd.SignFor, cmd.Start):
        story.give(MUNICIPAL, kind)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    ended = story.give(GRID_LEAD, cmd.PassCheck)

    assert types(ended) == ["case.check_passed", "case.closed"]
    assert (story.open_case.outcome, ended[-1].by) == ("no_reporter", ev.SYSTEM)
    assert not {"reply", "contact", "call_back"} & set(story.open_case.clocks)
    assert words(story.history) == []


def test_an_anonymous_reporter_does_exist_and_is_told_through_the_code() -> None:
    """Decision 1.2."""
    story = Story()
    story.report(a_blocked_drain(secrecy="anonymous"))
    for kind in (cmd.SignFor, cmd.Start):
        story.give(DUTY, kind)

    story.give(
        DUTY, cmd.ContactReporter, outcome="message", contacted_at=story.now, note="已留言", message="今天下午来疏通"
    )

    assert (met_at(story, "reply"), met_at(story, "contact")) == (story.now, story.now)
    assert words(story.history)[-1] == ("reply.message", None)


# ---- Decision 1.11: several reporters on one case ----


def test_each_distinct_reporter_is_called_back_and_the_last_answer_closes() -> None:
    """Decision 1.11."""
    story = checked(two())

    assert types(answer(story, REPORTER)) == ["case.called_back"]
    assert (story.open_case.state, running(story)) == ("calling_back", {"call_back"})
    ended = answer(story, NEIGHBOUR)

    assert types(ended) == ["case.called_back", "case.closed"]
    assert words(ended) == [("reply.closed", None)]


def test_who_was_tried_three_times_holds_nobody_up() -> None:
    """Decision 1.11."""
    story = checked(two())
    answer(story, REPORTER)
    for hour in (10, 11):
        story.now = at(f"2026-09-14 {hour}:00")
        assert types(answer(story, NEIGHBOUR, "no_contact")) == ["case.called_back"]
    story.now = at("2026-09-14 15:00")

    ended = answer(story, NEIGHBOUR, "no_contact", message="结果:已疏通")

    assert types(ended) == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "solved"


def test_one_unsolved_is_a_rework_whoever_else_was_content() -> None:
    """Decision 1.11."""
    story = checked(two())
    answer(story, REPORTER)

    again = answer(story, NEIGHBOUR, "unsolved")

    assert types(again) == ["case.called_back", "case.rework_ordered"]
    assert (story.open_case.state, [each.answer for each in story.open_case.reporters]) == ("in_progress", [None, None])


def test_each_reporter_may_urge_once_a_day() -> None:
    """Decision 1.11."""
    story = two()

    assert no(story.ask(cmd.Urge)) == []
    assert no(story.ask(cmd.Urge, request_id="q2")) == ["urged_today"]
    assert no(story.ask(cmd.Urge, NEIGHBOUR, "q3")) == []


def test_each_reporter_may_reopen_once() -> None:
    """Decision 1.11."""
    story = checked(two())
    for number, ref in enumerate((REPORTER, NEIGHBOUR)):
        story.rate("solved", ref, f"r{number}")
    assert no(story.ask(cmd.Reopen, request_id="q1", reason="又堵了")) == []
    checked(story)
    for number, ref in enumerate((REPORTER, NEIGHBOUR)):
        story.rate("solved", ref, f"s{number}")

    assert no(story.ask(cmd.Reopen, request_id="q2", reason="又堵了")) == ["already_reopened"]
    assert no(story.ask(cmd.Reopen, NEIGHBOUR, "q3", reason="又堵了")) == []


# ---- Decision 1.13: the resident's own rating ----


def test_a_rating_while_being_called_back_is_the_answer_itself() -> None:
    """Decision 1.13."""
    assert types(checked(unit_at_work()).rate("solved")) == ["case.rated", "case.closed", "case.request_accepted"]
    assert types(checked(unit_at_work()).rate("unsolved")) == [
        "case.rated", "case.rework_ordered", "case.request_accepted"
    ]  # fmt: skip


def test_partly_solved_waits_for_the_call_back_posts_plan() -> None:
    """Decision 1.13."""
    story = checked(unit_at_work())

    rated = story.rate("partly_solved")

    assert (types(rated), story.open_case.state) == (["case.rated", "case.request_accepted"], "calling_back")
    assert told(story, rated) == {"centre": ("rated", "act", "record_call_back")}
    assert answer(story, REPORTER, "partly_solved", plan="下月换管")[-1].type == "case.closed"


def test_a_rating_after_the_close_is_kept_and_moves_nothing() -> None:
    """Decision 1.13."""
    story = checked(unit_at_work())
    story.rate("solved")

    rated = story.rate("unsolved", request_id="q2")

    assert types(rated) == ["case.rated", "case.request_accepted"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "solved")


def test_only_what_is_closed_is_reopened() -> None:
    """Decision 1.13."""
    assert no(checked(unit_at_work()).ask(cmd.Reopen, reason="没有好")) == ["not_now"]


# ---- Decision 1.45: by telephone as by the form ----

BY_PHONE: dict[str, tuple[Callable[[], Story], type[cmd.Command], dict[str, object], type[ev.Event]]] = {
    "withdraw": (unit_at_work, cmd.Withdraw, {}, ev.CaseWithdrawn),
    "urge": (unit_at_work, cmd.Urge, {}, ev.CaseUrged),
    "rate": (lambda: checked(unit_at_work()), cmd.Rate, {"solved": "solved"}, ev.CaseRated),
    "secrecy": (unit_at_work, cmd.RaiseSecrecy, {"secrecy": "confidential"}, ev.SecrecyRaised),
}  # fmt: skip


@pytest.mark.parametrize("wish", BY_PHONE)
@pytest.mark.parametrize("who", [DESK, DUTY, CENTRE, GRID_WORKER, GRID_LEAD])
def test_an_intake_post_asks_on_behalf_of_a_reporter_who_rings(wish: str, who: tuple[str, str]) -> None:
    """Decision 1.45."""
    start, kind, fields, event = BY_PHONE[wish]
    story = start()

    done = story.give(who, kind, on_behalf=True, **fields)

    assert isinstance(done[0], event)
    assert (done[0].by.post, done[0].by.reporter) == (who[1], REPORTER)
    assert "case.request_accepted" not in types(done)


def test_a_reporter_who_rings_may_have_it_reopened() -> None:
    """Decision 1.45."""
    story = checked(unit_at_work())
    story.rate("solved")

    (again,) = story.give(DESK, cmd.Reopen, on_behalf=True, reason="又堵了")

    assert isinstance(again, ev.CaseReopened)
    assert (again.on_behalf, again.reporter_ref, again.by.post) == (True, REPORTER, "service-desk")


def test_where_several_reported_the_desk_says_for_whom_it_asks() -> None:
    """Decision 1.45."""
    story = two()

    assert story.refused(DESK, cmd.Withdraw, on_behalf=True) == "not_a_reporter"
    assert story.refused(DESK, cmd.Withdraw, on_behalf=True, reporter_ref=NEIGHBOUR) == "allowed"
    assert refs(story) == [REPORTER]


def test_a_lawful_explanation_is_approved_by_triages_superior_and_names_who_proposed_it() -> None:
    """Decision 1.45."""
    story = checked(unit_at_work())
    explained = {
        "reporter_ref": REPORTER, "outcome": "unsolved", "note": "", "lawful_explanation": "属于房屋设计,无法改造",
    }  # fmt: skip
    assert story.refused(DEPUTY, cmd.RecordCallBack, **explained) == "approval_missing"

    ended = story.give(DEPUTY, cmd.RecordCallBack, **explained, proposed_by="centre")

    assert types(ended) == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "unsolved_explained"
    assert story.only(ev.CalledBack).approved_for == "centre"


@pytest.mark.parametrize(("chosen", "kept"), [("open", "confidential"), ("anonymous", "anonymous")])
def test_a_complaint_is_confidential_unless_its_reporter_chose_more(chosen: Secrecy, kept: str) -> None:
    """Row 2. The default of routing row 17, before anybody has looked at it."""
    story = Story()

    story.report(a_blocked_drain(category="CON.conduct", secrecy=chosen))

    assert story.only(ev.CaseReported).secrecy == kept
    assert [each.secrecy for each in story.open_case.reporters] == [kept]
