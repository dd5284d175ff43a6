"""The handler's part: contact, co-handlers, parties told, and the result. Rows 23, 24, a6, 29 and 32."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.org import Post
from tests.domain.affairs import (
    DEPUTY,
    MEDIATOR,
    UNIT,
    accepted,
    claimed,
    result,
    signed,
    told,
    volunteers,
    whistles_blown,
)
from tests.domain.lamp import (
    due,
    lamp_checked,
    lamp_given,
    lamp_in_work,
    lamp_signed,
    lamp_without_reporter,
    met,
    owner,
    running,
    said,
    stopped,
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

RESULT = at("2026-09-17 18:00")


def call(story: Story, outcome: str, who: tuple[str, str | None] = MUNICIPAL, **fields: object) -> list[ev.Event]:
    given = {"contacted_at": story.now, "note": "打了电话", **fields}
    return story.give(who, cmd.ContactReporter, outcome=outcome, **given)


def unchecked(reporter: str | None = REPORTER) -> Story:
    """A question to the community, whose category asks for no check, with somebody at work on it."""
    story = Story()
    story.report(a_blocked_drain(category="CON.consult", reporter=reporter))
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.Start)
    return story


def test_reaching_the_reporter_meets_the_first_contact() -> None:
    """Row 23. Decision 1.37."""
    story = lamp_signed()
    story.wait(hours=1)

    happened = call(story, "reached", contacted_at=story.now - timedelta(minutes=20))

    assert types(happened) == ["case.contacted"]
    assert (story.open_case.state, owner(story)) == ("signed", "municipal-duty")
    assert story.open_case.clocks["contact"].met_at == story.now
    assert running(story) == {"result"}
    assert happened[0].replies == ()
    assert told(story, happened) == {}


def test_a_message_through_the_relay_is_a_contact_and_the_reporter_reads_it() -> None:
    """Row 23. Decision 1.37. Under the query code, whoever the reporter is; the handler never sees who."""
    story = lamp_signed()
    assert story.refused(MUNICIPAL, cmd.ContactReporter, outcome="message", contacted_at=story.now, note="留言") == (
        "relay_only"
    )

    happened = call(story, "message", message="明天上午换灯")

    assert "contact" in met(story)
    assert [(each.key, each.words, each.to) for each in happened[0].replies] == [
        ("reply.message", "明天上午换灯", None)
    ]


def test_the_third_failed_try_counts_as_contact() -> None:
    """Row 23. Decision 1.37."""
    story = lamp_signed()

    tries = []
    for _ in range(3):
        call(story, "failed")
        tries.append("contact" in met(story))
        story.wait(hours=1)

    assert tries == [False, False, True]


def test_a_contact_says_what_came_of_it_and_has_taken_place() -> None:
    """Row 23."""
    story = lamp_signed()
    tomorrow = story.now + timedelta(days=1)

    assert story.refused(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note=" ") == (
        "outcome_missing"
    )
    assert story.refused(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=tomorrow, note="约了") == (
        "outcome_missing"
    )


def test_without_a_reporter_there_is_nobody_to_contact() -> None:
    """Row 23."""
    story = lamp_without_reporter()

    assert story.refused(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="?") == (
        "no_reporter"
    )


def test_handlers_and_co_handlers_contact_the_reporter_and_nobody_else() -> None:
    """Row 23. Decision 1.40."""
    story = lamp_given(co=("mediator",))
    said_so: dict[str, object] = {"outcome": "reached", "contacted_at": story.now, "note": "约了"}
    assert story.refused(MUNICIPAL, cmd.ContactReporter, **said_so) == "not_now"
    story.give(MUNICIPAL, cmd.SignFor)
    for who in (DUTY, SECRETARY, GRID_LEAD):
        assert story.refused(who, cmd.ContactReporter, **said_so) == "not_permitted"

    assert types(call(story, "reached", MEDIATOR)) == ["case.contacted"]
    assert "contact" in met(story)


def test_a_claimant_contacts_the_orderer_himself() -> None:
    """Row 23."""
    story = claimed()

    call(story, "reached", (volunteers(story)[0], None))

    assert "contact" in met(story)


def test_contact_goes_on_in_a_suspended_case_and_answers_urges() -> None:
    """Row 23. Decision 1.27."""
    story = lamp_in_work()
    story.ask(cmd.Urge)
    story.give(DEPUTY, cmd.Suspend, reason="season_bound", review_at=at("2026-10-20 09:00"), note_to_reporter="等天气")
    assert [each.open for each in story.open_case.urges] == [True]

    call(story, "failed")

    assert [each.open for each in story.open_case.urges] == [False]


def test_a_first_step_that_is_a_reply_is_met_by_one() -> None:
    """Row 23. A quarrel wants an answer within 24 hours; a try that failed is none."""
    story = accepted("DIS.neighbour", "elevated")
    story.give(DUTY, cmd.Dispatch, main="mediator")
    story.give(MEDIATOR, cmd.SignFor)
    assert due(story, "first_step") == at("2026-09-15 09:30")
    call(story, "failed", MEDIATOR)
    assert "first_step" in running(story)

    call(story, "reached", MEDIATOR)

    assert "first_step" in met(story)


def test_a_reply_is_no_measure() -> None:
    """Row 23. Where the first step is a measure, talking does not meet it."""
    story = accepted("PAR.abandoned_car", "normal")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)

    call(story, "reached")

    assert "first_step" in running(story)
    assert story.only(ev.CaseContacted).deadlines == ()


def within(story: Story, clock: str) -> str:
    return story.open_case.clocks[clock].deadline.within


def no_lamp_signed() -> Story:
    story = accepted("LIG.no_lamp", "elevated")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    return story


def test_after_the_row_s_own_step_the_category_s_runs_from_the_dispatch() -> None:
    """Row 23. Rule 42: look within two working days and say so, then a plan within five (the Sunday is worked)."""
    story = no_lamp_signed()
    assert (due(story, "first_step"), within(story, "first_step")) == (at("2026-09-16 18:00"), "2 wd")

    call(story, "failed")
    assert within(story, "first_step") == "2 wd"
    call(story, "reached")

    assert "first_step" in running(story)
    assert (due(story, "first_step"), within(story, "first_step")) == (at("2026-09-20 18:00"), "5 wd")
    call(story, "reached")
    assert "first_step" in running(story)


def test_a_step_whose_day_is_past_when_it_begins_gets_its_whole_length() -> None:
    """Row 23. Decision 1.15: nobody is born overdue."""
    story = no_lamp_signed()
    story.wait_until(at("2026-09-21 10:00"))

    call(story, "reached")

    assert due(story, "first_step") == at("2026-09-29 18:00")


def test_a_co_handler_gets_a_date_of_his_own() -> None:
    """Row 24. Decision 1.40."""
    story = lamp_in_work()

    happened = story.give(
        MUNICIPAL, cmd.AddHandler, to_post="mediator", reason="商户要配合断电", due=at("2026-09-16 12:00")
    )

    assert types(happened) == ["case.handler_added"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert [each.post for each in story.open_case.co] == ["mediator"]
    assert story.open_case.parts["mediator"].deadline.due_at == at("2026-09-16 12:00")
    assert due(story, "result") == RESULT
    assert happened[0].replies == ()
    assert told(story, happened) == {"mediator": ("co_handler", "act", None)}


def test_without_a_date_a_co_handler_is_due_with_the_whole_and_never_after_it() -> None:
    """Row 24. Decision 1.40."""
    story = lamp_in_work()
    named: dict[str, object] = {"to_post": "mediator", "reason": "配合"}

    for wrong in (RESULT + timedelta(seconds=1), story.now):
        assert story.refused(MUNICIPAL, cmd.AddHandler, **named, due=wrong) == "due_after_result"

    story.give(DUTY, cmd.AddHandler, **named)
    assert story.open_case.parts["mediator"].deadline.due_at == RESULT
    assert told(story, story.history[-1:]) == {
        "mediator": ("co_handler", "act", None), "municipal-duty": ("handler_added", "info", None),
    }  # fmt: skip


def test_a_co_handler_is_somebody_new_who_exists_and_the_reason_is_given() -> None:
    """Row 24."""
    story = lamp_in_work(co=("mediator",))
    story.pack = with_posts(Post("empty", "unit_duty", "municipal-facilities", "wulibao-south"))

    for post in ("mediator", "municipal-duty", "nobody", "empty"):
        assert story.refused(MUNICIPAL, cmd.AddHandler, to_post=post, reason="配合") == "already_handler"
    assert story.refused(MUNICIPAL, cmd.AddHandler, to_post="duty", reason=" ") == "reason_missing"
    for who in (MEDIATOR, SECRETARY):
        assert story.refused(who, cmd.AddHandler, to_post="duty", reason="配合") == "not_permitted"
    assert lamp_given().refused(MUNICIPAL, cmd.AddHandler, to_post="duty", reason="配合") == "not_now"


def test_a_party_is_told_in_words() -> None:
    """Row 24. Decision 1.40."""
    story = lamp_signed()

    happened = story.give(MUNICIPAL, cmd.NotifyParty, to_post="police", text="换灯时请协助疏导")

    assert types(happened) == ["case.party_notified"]
    assert story.open_case.state == "signed"
    assert running(story) == {"contact", "result"}
    assert happened[0].replies == ()
    assert told(story, happened) == {"police": ("party_notified", "act", None)}


def test_a_wish_to_suspend_is_told_in_words_to_triages_superior() -> None:
    """Row 24. Decision 1.29."""
    story = lamp_in_work()

    happened = story.give(MUNICIPAL, cmd.NotifyParty, to_post="street-deputy", text="要等材料,请暂停")

    assert told(story, happened) == {"street-deputy": ("party_notified", "act", None)}


def test_a_party_told_nothing_or_that_does_not_exist_is_not_told() -> None:
    """Row 24."""
    story = lamp_signed(co=("mediator",))

    assert story.refused(MUNICIPAL, cmd.NotifyParty, to_post="police", text=" ") == "text_missing"
    assert story.refused(MUNICIPAL, cmd.NotifyParty, to_post="nobody", text="请协助") == "text_missing"
    assert story.refused(MEDIATOR, cmd.NotifyParty, to_post="police", text="请协助") == "not_permitted"
    assert lamp_given().refused(MUNICIPAL, cmd.NotifyParty, to_post="police", text="请协助") == "not_now"


def with_a_part() -> Story:
    story = lamp_in_work()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="mediator", reason="商户配合", due=at("2026-09-16 12:00"))
    return story


def test_a_co_handler_hands_in_his_part_and_the_main_handler_hears() -> None:
    """Row a6. Decision 1.40."""
    story = with_a_part()
    story.wait(hours=1)

    happened = story.give(MEDIATOR, cmd.SubmitPart, text="商户同意断电半小时")

    assert types(happened) == ["case.part_submitted"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert story.open_case.parts["mediator"].met_at == story.now
    assert due(story, "result") == RESULT
    assert happened[0].replies == ()
    assert told(story, happened) == {"municipal-duty": ("part_submitted", "info", None)}


def test_only_a_co_handler_with_an_open_part_hands_one_in() -> None:
    """Row a6."""
    story = with_a_part()
    for who in (MUNICIPAL, DUTY):
        assert story.refused(who, cmd.SubmitPart, text="好了") == "not_permitted"
    story.give(MEDIATOR, cmd.SubmitPart, text="好了")

    assert story.refused(MEDIATOR, cmd.SubmitPart, text="又好了") == "no_open_part"
    assert lamp_in_work(co=("mediator",)).refused(MEDIATOR, cmd.SubmitPart, text="好了") == "no_open_part"


def test_a_part_that_is_late_may_still_be_handed_in_and_none_holds_the_result() -> None:
    """Row a6. Decision 1.40. Parts do not block: the main handler answers for the whole."""
    story = with_a_part()
    story.wait_until(at("2026-09-16 13:00"))
    assert types(story.give(MEDIATOR, cmd.SubmitPart, text="晚了些")) == ["case.part_submitted"]

    assert types(with_a_part().give(MUNICIPAL, cmd.SubmitResult, **result())) == ["case.result_submitted"]


def test_a_result_that_needs_a_check_waits_for_it() -> None:
    """Row 29. Handed in on Monday at 11:30: the check is due on Tuesday 18:00."""
    story = lamp_in_work()
    story.wait(hours=2)

    happened = story.give(MUNICIPAL, cmd.SubmitResult, **result())

    assert types(happened) == ["case.result_submitted"]
    assert (story.open_case.state, owner(story)) == ("result_submitted", "municipal-duty")
    assert "result" in met(story)
    assert running(story) == {"check"}
    assert due(story, "check") == at("2026-09-15 18:00")
    assert happened[0].replies == ()
    assert told(story, happened) == {"grid-1-lead": ("check_wanted", "act", None)}


def test_a_result_is_no_contact_with_the_reporter() -> None:
    """Row 29. Decision 1.37. Whoever was never spoken to was never contacted; the clock stops, it is not met."""
    story = lamp_checked()

    assert "contact" in stopped(story)
    assert "contact" not in met(story)


def test_a_critical_result_is_checked_within_two_hours() -> None:
    """Row 29. Decision 1.35."""
    story = lamp_in_work("critical")
    story.wait(minutes=30)

    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    assert due(story, "check") == at("2026-09-14 12:00")


def test_a_blocking_whistle_keeps_the_case_open() -> None:
    """Rows 29, 32."""
    assert whistles_blown().refused(DUTY, cmd.SubmitResult, **result()) == "whistle_open"

    story = unchecked()
    story.give(
        DUTY, cmd.RequestWhistle, whistle_id="w1", type="partner_unit_whistle", tier="member", task="帮忙",
        responders=("municipal-duty",),
    )  # fmt: skip
    assert story.refused(DUTY, cmd.SubmitResult, **result()) == "whistle_open"
    story.give(DUTY, cmd.CancelWhistle, whistle_id="w1", reason="不用了")
    assert types(story.give(DUTY, cmd.SubmitResult, **result()))[0] == "case.result_submitted"


LACKING: list[dict[str, object]] = [
    {"work_done": " "}, {"public_reply": ""}, {"solved": "unsolved"}, {"solved": "partly_solved", "why_not": "等材料"},
    {"solved": "partly_solved", "plan": "下周换杆"}, {"solved": "unsolved", "plan": "下周"},
]  # fmt: skip


@pytest.mark.parametrize("lacking", LACKING)
def test_a_result_says_what_was_done_and_what_is_left(lacking: dict[str, object]) -> None:
    """Rows 29, 32."""
    assert lamp_in_work().refused(MUNICIPAL, cmd.SubmitResult, **result(**lacking)) == "fields_missing"
    assert unchecked().refused(DUTY, cmd.SubmitResult, **result(**lacking)) == "fields_missing"


def test_the_evidence_of_the_category_is_two_photos_or_why_there_are_none() -> None:
    """Rows 29, 32."""
    bare = result(why_no_photo=None)
    assert lamp_in_work().refused(MUNICIPAL, cmd.SubmitResult, **bare) == "evidence_missing"
    assert lamp_in_work().refused(MUNICIPAL, cmd.SubmitResult, **bare, attachments=("p1",)) == "evidence_missing"
    assert lamp_in_work().refused(MUNICIPAL, cmd.SubmitResult, **bare, attachments=("p1", "p2")) == "allowed"

    story = accepted("SAN.dead_corner")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    assert story.refused(MUNICIPAL, cmd.SubmitResult, **bare) == "evidence_missing"


def test_only_the_main_handler_hands_in_the_result_and_only_once_started() -> None:
    """Rows 29, 32."""
    for who in (DUTY, SECRETARY, MEDIATOR):
        assert lamp_in_work(co=("mediator",)).refused(who, cmd.SubmitResult, **result()) == "not_permitted"
    assert lamp_signed().refused(MUNICIPAL, cmd.SubmitResult, **result()) == "not_now"
    assert lamp_checked().refused(MUNICIPAL, cmd.SubmitResult, **result()) == "not_now"


def test_without_a_check_the_reporter_is_called_back_at_once() -> None:
    """Row 32. T4 of a normal matter from Monday: three working days."""
    story = unchecked()

    happened = story.give(DUTY, cmd.SubmitResult, **result())

    assert types(happened) == ["case.result_submitted", "case.check_skipped"]
    assert (story.open_case.state, owner(story)) == ("calling_back", "duty")
    assert "result" in met(story)
    assert running(story) == {"call_back"}
    assert due(story, "call_back") == at("2026-09-17 18:00")
    assert [each.replies for each in happened] == [(), ()]
    assert told(story, happened) == {"centre": ("call_back_wanted", "act", "record_call_back")}


def test_without_a_check_and_without_a_reporter_the_result_closes_it() -> None:
    """Row 32. Decision 1.2. Fifteen days from Monday the 14th: Tuesday the 29th at midnight."""
    story = unchecked(reporter=None)

    happened = story.give(DUTY, cmd.SubmitResult, **result())

    assert types(happened) == ["case.result_submitted", "case.check_skipped", "case.closed"]
    assert (story.open_case.state, story.open_case.outcome) == ("closed", "no_reporter")
    assert running(story) == {"archive"}
    assert due(story, "archive") == at("2026-09-30 00:00")
    assert said(story) == []


def test_the_category_says_whether_it_is_checked() -> None:
    """Rows 29, 32. The two lines exclude one another: `check_required` and `no_check_required` pick."""
    assert types(lamp_in_work().give(MUNICIPAL, cmd.SubmitResult, **result())) == ["case.result_submitted"]
    assert types(unchecked().give(DUTY, cmd.SubmitResult, **result()))[1] == "case.check_skipped"


def test_a_result_answers_the_open_urges() -> None:
    """Row 29. Decision 1.27."""
    story = lamp_in_work()
    story.ask(cmd.Urge)

    story.give(MUNICIPAL, cmd.SubmitResult, **result())

    assert [each.open for each in story.open_case.urges] == [False]


def test_a_whistle_ended_by_its_requester_holds_nothing() -> None:
    """Row 29. Declined, cancelled, upgraded or closed: then the result is taken."""
    story = signed()
    story.give(SECRETARY, cmd.DeclineWhistle, whistle_id=UNIT, reason="人手够", instead="先自己冲洗")
    assert story.refused(DUTY, cmd.SubmitResult, **result()) == "whistle_open"
    story.give(DUTY, cmd.CancelWhistle, whistle_id="c1-w2", reason="不用了")

    assert types(story.give(DUTY, cmd.SubmitResult, **result())) == ["case.result_submitted"]
    assert story.refused(CENTRE, cmd.FailCheck, reason="没有通") == "allowed"
