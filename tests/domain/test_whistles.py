"""The lines of whistles and responders against the specification, both ways; and that asking them never fails."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.evolve import replay
from shaoyin.domain.flow import FLOW, may, may_on_whistle
from shaoyin.domain.rows import Row
from shaoyin.domain.whistle_rows import RESPONDER_FLOW, WHISTLE_EFFECTS, WHISTLE_FLOW
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, SECRETARY, Story, at
from tests.domain.whistling import (
    AFTERNOON,
    FRIDAY,
    HOSPITAL,
    ONE,
    STREET_DEPUTY,
    SYSTEM,
    THREE,
    TWO,
    URBAN,
    a_case,
    answer,
    ask,
    come,
    department_called,
    emergency,
    members_called,
    plan,
    standing,
    the_whistle,
    units_called,
)

SPEC = Path(__file__).resolve().parent.parent / "spec"
Line = dict[str, str]


def lines(level: str) -> list[Line]:
    return list(csv.DictReader((SPEC / f"{level}_flow.csv").read_text("utf-8").splitlines()))


def codes(line: Line) -> set[str]:
    return set(re.findall(r"\[([a-z_]+)\]", line["guard"]))


OF_WHISTLES = [line for line in lines("whistle") if line["row"] not in WHISTLE_EFFECTS]
EFFECTS = {line["row"]: line for line in lines("whistle") if line["row"] in WHISTLE_EFFECTS}
WRITTEN = [(WHISTLE_FLOW, line) for line in OF_WHISTLES] + [(RESPONDER_FLOW, line) for line in lines("responder")]


def named(each: object) -> str:
    return f"{each['row']}-{each['from']}-{each['to']}" if isinstance(each, dict) else ""


def line_of(flow: tuple[Row, ...], line: Line) -> Row:
    from_ = frozenset(line["from"].split("|"))
    found = [each for each in flow if (each.row, each.from_, each.to) == (line["row"], from_, line["to"])]
    assert len(found) == 1, line
    return found[0]


@pytest.mark.parametrize(("flow", "line"), WRITTEN, ids=named)
def test_each_line_of_the_specification_is_a_row_with_the_same_people_codes_and_events(
    flow: tuple[Row, ...], line: Line
) -> None:
    row = line_of(flow, line)
    expected = codes(line)
    if row.row == "W10":
        expected |= codes(EFFECTS["W10"])

    assert set(row.who) == set(line["who"].split("|"))
    assert {guard.code for guard in row.guards} == expected
    assert set(row.events) == {each.split()[0] for each in line["event"].split(";")}
    assert row.clocks == clocks_of(line)


def clocks_of(line: Line) -> frozenset[str]:
    if line["command"] != "time_passed" or line["row"] == "a20":
        return frozenset()
    return frozenset(line["fields"].removeprefix("clock:").split("|"))


def test_no_row_says_more_than_the_specification() -> None:
    assert len(WHISTLE_FLOW) == len(OF_WHISTLES)
    assert len(RESPONDER_FLOW) == len(lines("responder"))


def test_what_a_responders_move_does_to_the_whistle_is_written_in_both_tables() -> None:
    assert {row: (line["from"], line["to"]) for row, line in EFFECTS.items()} == WHISTLE_EFFECTS


def test_every_state_of_a_responder_in_the_rows_is_one_there_is() -> None:
    states = {*get_args(ev.ResponderState), "-", "same"}

    assert {state for row in RESPONDER_FLOW for state in (*row.from_, row.to)} <= states


def a_long_story() -> Story:
    """Three units, one objection, a plan, an absence, a rating, an end."""
    story = units_called("municipal-duty", "hospital-duty", "school-duty", lead="municipal-duty")
    story.give(HOSPITAL, cmd.Object, whistle_id="w1", ground="wrong_duty", basis="不归医院管")
    story.give(
        CENTRE, cmd.DecideObjection, whistle_id="w1", responder="hospital-duty", decision="uphold", reason="不归"
    )
    come(story, MUNICIPAL)
    plan(story, due="2026-09-14 17:00")
    story.give(MUNICIPAL, cmd.SubmitResponse, whistle_id="w1", text="做完了", tasks_done=(0,))
    story.wait_until(at("2026-09-14 18:01"))
    story.give(DUTY, cmd.MarkAbsent, whistle_id="w1", responder="school-duty", reason="没有来")
    marks = (
        cmd.Score(responder="municipal-duty", promptness=5, attendance=5, quality=5),
        cmd.Score(responder="school-duty"),
    )
    story.give(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=marks)
    story.give(DUTY, cmd.CloseWhistle, whistle_id="w1")
    return story


def a_group() -> Story:
    story = members_called(places=2)
    answer(story, ONE, TWO, THREE)
    story.give(ONE, cmd.WithdrawResponse, whistle_id="w1")
    story.wait_until(AFTERNOON)
    come(story, TWO)
    return story


def asked() -> Story:
    story = a_case()
    ask(story)
    return story


def upgraded() -> Story:
    story = department_called()
    come(story, URBAN)
    plan(story, URBAN)
    story.give(
        STREET_DEPUTY, cmd.UpgradeWhistle, whistle_id="w1", reason="plan_failed", type="hard_problem_whistle",
        why_not_below="拆不动",
    )  # fmt: skip
    return story


def burst() -> Story:
    story = emergency("municipal-duty", "p-gui-1")
    come(story, MUNICIPAL, ONE)
    story.give(MUNICIPAL, cmd.Contact, whistle_id="w1", contacted_at=story.now, note="水已关")
    story.give(SECRETARY, cmd.ApproveAfterwards, whistle_id="w1", approved=True)
    return story


def friday() -> Story:
    story = standing()
    story.give(SYSTEM, cmd.BlowStanding, **FRIDAY)
    return story


PEOPLE = (
    "p-jia-1", "p-jia-3", "p-yi-2", "p-yi-5", "p-wu-1", "p-ji-2", "p-bing-1", "p-bing-3", "p-bing-4", "p-ding-1",
    "p-gui-1", "p-gui-3", "p-dept-1", "p-dept-2", "somebody",
)  # fmt: skip
"""One of each: the community's posts, a grid's, units, street and district, members, a department, a stranger."""
STORIES = [a_case, asked, units_called, a_long_story, a_group, upgraded, burst, friday]


@pytest.mark.parametrize("told", STORIES)
def test_whoever_asks_what_he_may_do_gets_an_answer_at_every_stage(told: Callable[[], Story]) -> None:
    story = told()
    known = {row.command for row in FLOW}

    for case in (replay(story.history[:length]) for length in range(1, len(story.history) + 1)):
        assert case is not None
        for person in PEOPLE:
            assert set(may(case, person, story.pack)) <= known
            for name in case.whistles:
                assert set(may_on_whistle(case, name, person, story.pack)) <= known


@pytest.mark.parametrize("told", STORIES)
def test_the_events_replay_to_the_same_whistles_however_long_one_waits(told: Callable[[], Story]) -> None:
    story = told()
    story.wait(days=40)

    assert replay(story.history) == story.case


@pytest.mark.parametrize("told", STORIES)
def test_no_clock_of_a_whistle_that_has_ended_is_watched_any_more(told: Callable[[], Story]) -> None:
    story = told()

    for whistle in story.open_case.whistles.values():
        if whistle.ended:
            clocks = [*whistle.clocks.values(), *(c for r in whistle.responders.values() for c in r.clocks.values())]
            assert [each.deadline.clock for each in clocks if each.watch_at is not None] == []


def test_a_whistle_that_was_rated_and_closed_has_its_marks() -> None:
    """Row W13."""
    story = a_long_story()

    assert the_whistle(story).state == "closed"
    assert {name: each.state for name, each in the_whistle(story).responders.items()} == {
        "municipal-duty": "result_in", "hospital-duty": "removed", "school-duty": "absent",
    }  # fmt: skip
