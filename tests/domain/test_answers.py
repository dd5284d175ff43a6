"""Which reporter gets which message, and that a message holds nothing that others in the same flat may not see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from string import Formatter

import pytest

from shaoyin.adapters.pack_texts import IN_ANSWERS, problems_of_texts
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.answer import ANSWERS, RESULTS, Answer, answers_for
from shaoyin.domain.header import header
from shaoyin.domain.report import Secrecy
from tests.domain.affairs import (
    DEPUTY,
    given_to_unit,
    result,
    signed,
    unclear,
    unit_at_work,
    whistles_closed,
    work_done,
)
from tests.domain.test_asking import LEAD
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
    wulibao,
)

WORDS = "只有街坊才知道的话"


def told(story: Story, events: Sequence[ev.Event]) -> list[Answer]:
    facts = header(story.open_case, events)
    return [answer for event in events for answer in answers_for(event, facts)]


def attached(story: Story, ref: str = "reporter-2", secrecy: Secrecy = "open") -> Sequence[ev.Event]:
    return story._keep(cmd.AttachReporter(
        at=story.now, reporter_ref=ref, from_case=f"c-{ref}", secrecy=secrecy, urgency_of_newcomer="normal",
    ))  # fmt: skip


def reported(story: Story) -> list[Answer]:
    return told(story, story.history)


def accepted() -> list[Answer]:
    story = Story()
    return told(story, story.report())


def question() -> list[Answer]:
    story = unclear()
    return told(story, story.give(DUTY, cmd.AskInfo, question=WORDS))


def planned() -> list[Answer]:
    story = work_done()
    plan = story.only(ev.PlanAgreed)
    return told(story, [plan])


def message() -> list[Answer]:
    story = signed()
    left = {"outcome": "message", "contacted_at": story.now, "note": WORDS, "message": WORDS}
    return told(story, story.give(DUTY, cmd.ContactReporter, **left))


def more_time() -> list[Answer]:
    story = unit_at_work()
    until = story.open_case.clocks["result"].deadline.due_at + timedelta(days=3)
    story.give(MUNICIPAL, cmd.RequestExtension, until=until, reason=WORDS, public_reason=WORDS)
    return told(story, story.give(DEPUTY, cmd.ApproveExtension))


def suspended() -> list[Answer]:
    story = unit_at_work()
    rest = {"reason": "evidence_pending", "review_at": story.now + timedelta(days=5), "note_to_reporter": WORDS}
    return told(story, story.give(DEPUTY, cmd.Suspend, **rest))


def late() -> list[Answer]:
    story = unit_at_work()
    due_at = story.open_case.clocks["result"].deadline.due_at
    return told(story, story.wait_until(due_at + timedelta(minutes=5)))


def emergency() -> list[Answer]:
    story = given_to_unit()
    return told(story, story.give(SECRETARY, cmd.DivertEmergency, numbers=("119",), danger="fire"))


def closed() -> list[Answer]:
    story = whistles_closed()
    story.give(DUTY, cmd.SubmitResult, **result(public_reply=WORDS))
    story.give(GRID_LEAD, cmd.PassCheck)
    solved = {"reporter_ref": REPORTER, "outcome": "solved", "note": WORDS, "satisfaction": "satisfied"}
    return told(story, story.give(CENTRE, cmd.RecordCallBack, **solved))


def not_accepted() -> list[Answer]:
    story = unclear()
    return told(story, story.give(DUTY, cmd.Refuse, ground="not_ours", public_reply=WORDS, where_instead=WORDS))


def merged() -> list[Answer]:
    story = unclear()
    lead = replace(LEAD, category=story.open_case.category)
    return told(story, story.give(DUTY, cmd.MergeInto, lead="c9", found=lead))


def transferred() -> list[Answer]:
    story = given_to_unit()
    to = {"public_reply": WORDS, "receiver": WORDS, "receipt_number": "R1", "how_to_follow": WORDS}
    return told(story, story.give(DUTY, cmd.TransferOut, **to))


CASES: dict[str, Callable[[], list[Answer]]] = {
    "accepted": accepted, "question": question, "plan": planned, "message": message, "more_time": more_time,
    "suspended": suspended, "late": late, "emergency": emergency, "closed": closed, "not_accepted": not_accepted,
    "merged": merged, "transferred_out": transferred,
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_a_reporter_is_told_once_of_each(kind: str) -> None:
    """Issue: acceptance, plan, delay with reason, result; and what is asked of him."""
    [answer] = CASES[kind]()

    assert (answer.kind, answer.report_id, answer.reporter_ref) == (kind, "r1", REPORTER)
    assert answer.urgent is (kind == "emergency")


@pytest.mark.parametrize("kind", CASES)
def test_no_answer_holds_a_word_that_anybody_wrote(kind: str) -> None:
    [answer] = CASES[kind]()

    assert WORDS not in repr(answer)
    assert {each.name for each in fields(answer)} == {
        "kind", "report_id", "reporter_ref", "number", "due_at", "reason", "call"
    }  # fmt: skip


def test_the_dates_told_are_those_of_the_event() -> None:
    due_at = {kind: CASES[kind]()[0].due_at for kind in CASES}

    assert due_at["plan"] == at("2026-09-14 18:00")
    assert due_at["suspended"] == MORNING + timedelta(days=5)
    assert [kind for kind, each in due_at.items() if each is not None] == [
        "question", "plan", "more_time", "suspended", "late"
    ]  # fmt: skip
    assert suspended()[0].reason == "evidence_pending"
    assert emergency()[0].call == ("119",)
    assert merged()[0].number == "N9", "the lead's, which goes on for him"


def test_each_of_three_merged_reporters_has_his_own() -> None:
    story = signed()
    attached(story, "reporter-2", "confidential")
    attached(story, "reporter-3")

    answers = told(
        story, [ev.CaseClosed(at=story.now, outcome="solved", deadlines=(), replies=story.open_case.told("x"))]
    )

    assert [(each.report_id, each.reporter_ref) for each in answers] == [
        ("r1", REPORTER), ("r-reporter-2", "reporter-2"), ("r-reporter-3", "reporter-3"),
    ]  # fmt: skip


def test_a_word_to_one_reporter_is_not_told_to_the_others() -> None:
    story = signed()
    attached(story)
    to_second = (ev.Reply("reply.message", WORDS, "reporter-2"),)
    left = ev.CaseContacted(
        at=story.now, outcome="message", contacted_at=story.now, met=True, note="", replies=to_second
    )

    assert [each.reporter_ref for each in told(story, [left])] == ["reporter-2"]


def test_an_anonymous_reporter_is_told_under_the_query_code_alone() -> None:
    story = work_done()
    plan = story.only(ev.PlanAgreed)
    attached(story, "reporter-2", "anonymous")
    hidden = Story()

    assert told(hidden, hidden.report(a_blocked_drain(secrecy="anonymous"))) == []
    assert [each.reporter_ref for each in told(story, [plan])] == [REPORTER]


def test_a_danger_that_the_screen_of_the_receipt_has_shown_is_not_told_again() -> None:
    """Mechanics 34: what the rules divert by themselves was answered with its number at once."""
    story = unclear()
    events = story.give(DUTY, cmd.DivertEmergency, numbers=("119",), danger="fire")

    assert [each.kind for each in told(story, events)] == ["emergency"]
    assert told(story, [replace(each, by=ev.SYSTEM) for each in events if isinstance(each, ev.EmergencyDiverted)]) == []


def test_what_is_only_news_of_the_house_is_no_message() -> None:
    """Domain 6.5: messages for a person in a day are counted."""
    story = work_done()
    quiet = [each for each in story.history if not answers_for(each, header(story.open_case, [each]))]

    assert {each.type for each in quiet} >= {
        "case.dispatched", "case.signed", "case.started", "whistle.blown", "whistle.arrived", "case.reported",
    }  # fmt: skip
    assert "case.contacted" in {each.type for each in quiet}, "reached by telephone: nothing to add"


def test_a_case_that_nobody_reported_tells_nobody() -> None:
    story = Story()
    events = story.report(a_blocked_drain(reporter=None))

    assert told(story, events) == []


def test_an_answer_is_worth_something_for_so_long_and_no_longer() -> None:
    ask = question()[0]

    assert emergency()[0].useful_until(MORNING) == MORNING + timedelta(hours=1)
    assert accepted()[0].useful_until(MORNING) == MORNING + timedelta(days=3)
    assert closed()[0].useful_until(MORNING) == MORNING + timedelta(days=7)
    assert ask.due_at is not None
    assert ask.useful_until(MORNING) == min(ask.due_at, MORNING + timedelta(days=3))
    assert ask.useful_until(ask.due_at - timedelta(hours=2)) == ask.due_at
    assert set(ANSWERS) > RESULTS


def test_every_answer_has_its_words_short_enough_and_they_name_nothing_of_the_matter() -> None:
    texts = wulibao().texts

    for kind in ANSWERS:
        title, body = texts[f"answer.{kind}.title"], texts[f"answer.{kind}.body"]
        assert len(title["zh-CN"]) <= 5, "as much as a WeChat phrase holds"
        for language in ("zh-CN", "en"):
            named = {name for _, name, _, _ in Formatter().parse(body[language]) if name}
            assert named <= set(IN_ANSWERS)
            assert "{" not in title[language]
        assert len(body["zh-CN"]) <= 66, kind
    assert all(f"suspension.{each}" in texts for each in wulibao().suspensions)


def test_a_pack_whose_answer_names_the_place_is_refused() -> None:
    pack = wulibao()
    shown = {"zh-CN": "{place}的事办结了", "en": "Done at {place}."}
    wrong = replace(pack, texts={**pack.texts, "answer.closed.body": shown})
    lacking = replace(pack, texts={key: text for key, text in pack.texts.items() if key != "answer.late.title"})

    assert [(each.code, each.path) for each in problems_of_texts(wrong)] == [
        ("unknown_placeholder", ("answer.closed.body", "zh-CN")), ("unknown_placeholder", ("answer.closed.body", "en"))
    ]  # fmt: skip
    assert [each.code for each in problems_of_texts(lacking)] == ["text_wanted"]
