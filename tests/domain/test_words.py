"""How events are said: one sentence each, in both languages, the facts filled in, and nothing that stays at home."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.events import EVENTS, Event
from shaoyin.domain.words import UNKNOWN, line
from tests.contracts.given import any_of
from tests.domain.affairs import (
    ADJUDICATOR,
    DEPUTY,
    GRID_WORKER,
    MEDIATOR,
    UNIT,
    claimed,
    emergency_blown,
    given_to_unit,
    result,
    unclear,
    unit_at_work,
    whistles_closed,
)
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, REPORTER, Story, wulibao

SPEC = Path(__file__).resolve().parent.parent / "spec"
NOTE = "只有办事的人才看的话"
UNSAID = "{"


def verified() -> Story:
    story = unclear()
    story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker")
    story.give(GRID_WORKER, cmd.Verified, finding="confirmed", text=NOTE)
    story.give(
        DUTY, cmd.TransferOut, public_reply="已转", receiver="燃气公司", receipt_number="R1", how_to_follow="打96777"
    )
    return story


def passed_on() -> Story:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested="mediator")
    story.give(DUTY, cmd.Reassign, main="mediator", reason="调解员合适")
    story.give(MEDIATOR, cmd.ReturnCase, ground="wrong_duty", basis="条例", suggested="municipal-duty")
    story.give(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="管网归它")
    return story


def worked_on() -> Story:
    story = unit_at_work()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="grid-1-worker", reason="围挡")
    story.give(MUNICIPAL, cmd.NotifyParty, to_post="street-deputy", text=NOTE)
    story.give(GRID_WORKER, cmd.SubmitPart, text=NOTE)
    story.give(DUTY, cmd.ChangeUrgency, urgency="urgent", reason="有老人")
    story.give(
        DEPUTY, cmd.Suspend, reason="evidence_pending", review_at=story.now.replace(day=17), note_to_reporter="等"
    )
    story.give(MUNICIPAL, cmd.Resume, reason=NOTE)
    story.give(MUNICIPAL, cmd.SubmitResult, **result(work_done=NOTE))
    story.give(CENTRE, cmd.PassCheck, note=NOTE)
    story.give(CENTRE, cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note=NOTE, satisfaction="satisfied")
    return story


STORIES = (verified, passed_on, worked_on, claimed, emergency_blown, whistles_closed)


@pytest.fixture(params=STORIES, ids=lambda story: story.__name__)
def story(request: pytest.FixtureRequest) -> Story:
    found: Story = request.param()
    return found


def said(story: Story, language: str) -> Iterator[tuple[Event, str]]:
    types = {each.whistle_id: each.type for each in story.open_case.whistles.values()}
    for event in story.history:
        yield event, line(story.pack, event, story.open_case.number, language, types)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_event_that_happened_is_said_in_a_whole_sentence(story: Story, language: str) -> None:
    for event, sentence in said(story, language):
        assert sentence.endswith(("。", "!", "."))
        assert UNSAID not in sentence
        if not isinstance(event, ev.CaseSigned | ev.CaseStarted):
            assert UNKNOWN not in sentence, (event.type, sentence)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(event=st.sampled_from(EVENTS).flatmap(any_of), language=st.sampled_from(["zh-CN", "en"]))
def test_any_event_can_be_said_even_one_of_another_pack(event: Event, language: str) -> None:
    assert line(wulibao(), event, None, language)


def test_no_sentence_holds_a_note_a_name_or_a_reporter(story: Story) -> None:
    names = [person.name for person in story.pack.directory.people.values()]
    for _, sentence in said(story, "zh-CN"):
        for secret in (NOTE, REPORTER, "p-gui", *names):
            assert secret not in sentence


def test_what_stays_at_home_is_no_placeholder_of_any_sentence() -> None:
    for kind in EVENTS:
        home = {each.name for each in fields(kind) if each.metadata.get("stays")}
        words = wulibao().texts[f"timeline.{kind.type}"]
        assert not home & set(re.findall(r"{(\w+)}", words["zh-CN"] + words["en"]))


def test_a_helper_is_a_member_and_has_no_name() -> None:
    story = claimed()
    signed = story.only(ev.CaseSigned)

    assert line(story.pack, signed, "N1", "zh-CN") == "一位报到的党员或志愿者已签收。"


def test_a_whistle_is_called_by_its_type_where_the_reader_knows_it() -> None:
    story = whistles_closed()
    closed = next(each for each in story.all(ev.WhistleClosed) if each.whistle_id == UNIT)
    name = story.pack.whistle_types["partner_unit_whistle"].name["zh-CN"]

    assert name in line(story.pack, closed, "N1", "zh-CN", {UNIT: "partner_unit_whistle"})
    assert UNKNOWN in line(story.pack, closed, "N1", "zh-CN")


def codes() -> set[str]:
    pages = (SPEC / f"{table}.csv" for table in ("case_flow", "whistle_flow", "responder_flow"))
    rows = (row for page in pages for row in csv.DictReader(page.read_text("utf-8").splitlines()))
    return {code for row in rows for code in re.findall(r"\[([a-z_]+)\]", row["guard"])}


def test_every_rule_of_the_specification_that_refuses_says_so_in_words() -> None:
    assert len(codes()) > 100
    for code in codes():
        words = wulibao().texts[f"refused.{code}"]
        assert words["zh-CN"]
        assert words["en"]
