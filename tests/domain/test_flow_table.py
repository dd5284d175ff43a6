"""The flow's lines against the specification's tables, both ways: neither says anything that the other does not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain.case_rows import CASE_FLOW
from shaoyin.domain.flow import FLOW
from shaoyin.domain.report import Report
from shaoyin.domain.rows import Row, name_of
from shaoyin.domain.whistle_rows import RESPONDER_FLOW, WHISTLE_EFFECTS, WHISTLE_FLOW

SPEC = Path(__file__).resolve().parent.parent / "spec"
Line = Mapping[str, str]
FLOWS = {"case": CASE_FLOW, "whistle": WHISTLE_FLOW, "responder": RESPONDER_FLOW}

STRUCK = {"1"}
"""Row 1, drafts, is struck: they stay on the phone."""
SEEN_FROM_THE_CASE = {"25"}
"""Row 25 is W1 seen from the case; its guard is W1's `wrong_state`."""
SAID_OTHERWISE = {
    ("18", "not_the_handler"), ("22", "not_the_handler"), ("28", "not_permitted"),
    ("a3", "result_given"), ("a12", "result_given"), ("a13", "lead_ended"), ("2", "already_reported"),
}  # fmt: skip
"""Codes that no guard needs: who may is said by the words of the line (403 `not_permitted`), the states by `not_now`,
and a report that was taken before gets its first answer."""
HEARD = "case.request_accepted"
"""Said of every request that a reporter himself gave, by `decide` and not by a line."""

CALLED = {
    "contacted_at": "at", "arrived_at": "at", "starts_at": "at", "to_post": "post", "agreed_time": "agreed_time",
}  # fmt: skip
GATHERED = {
    "at", "person", "post", "members", "member", "enrolled", "found", "new_number", "requested_at", "claimant",
    "case_id", "number_if_accepted", "duplicates", "to_triage", "report", "clock", "whistle_id", "responder",
    "upgraded_from", "blower", "urgency_of_newcomer", "hits",
}  # fmt: skip
"""What the service fills in, and what names the object of the command."""


def spec(level: str) -> list[Line]:
    text = (SPEC / f"{level}_flow.csv").read_text("utf-8")
    lines = [line for line in csv.DictReader(text.splitlines()) if line["row"] not in STRUCK | SEEN_FROM_THE_CASE]
    return [{**line, "command": "open_case" if line["command"] == "report" else line["command"]} for line in lines]


def codes(lines: Iterable[Line]) -> set[str]:
    return {code for line in lines for code in re.findall(r"\[(\w+)\]", line["guard"])}


def events(lines: Iterable[Line]) -> set[str]:
    return {name for line in lines for name in re.findall(r"\b(?:case|order|whistle)\.\w+", line["event"])}


def who(lines: Iterable[Line]) -> set[str]:
    return {word for line in lines for word in line["who"].split("|")}


def states(text: str) -> set[str]:
    return set(text.split("|"))


@pytest.mark.parametrize("level", FLOWS)
def test_every_row_of_the_specification_is_in_the_code_and_the_other_way_round(level: str) -> None:
    written = {(line["row"], line["command"]) for line in spec(level)}
    coded = {(row.row, row.command) for row in FLOWS[level]}
    effects = {(number, command) for number, command in written if level == "whistle" and number in WHISTLE_EFFECTS}

    assert coded == written - effects


def _pairs(level: str) -> list[tuple[str, str]]:
    return sorted({(row.row, row.command) for row in FLOWS[level]})


EACH = [(level, number, command) for level in FLOWS for number, command in _pairs(level)]


def lines_of(level: str, number: str, command: str) -> list[Line]:
    return [line for line in spec(level) if (line["row"], line["command"]) == (number, command)]


def rows_of(level: str, number: str, command: str) -> list[Row]:
    return [row for row in FLOWS[level] if (row.row, row.command) == (number, command)]


@pytest.mark.parametrize(("level", "number", "command"), EACH)
def test_a_row_starts_from_and_leads_to_the_states_of_the_specification(level: str, number: str, command: str) -> None:
    def moves(pairs: Iterable[tuple[set[str], str]]) -> set[tuple[str, str]]:
        return {(start, start if to == "same" else to) for starts, to in pairs for start in starts}

    coded = moves((set(row.from_), row.to) for row in rows_of(level, number, command))
    written = moves((states(line["from"]), line["to"]) for line in lines_of(level, number, command))

    assert coded == written


@pytest.mark.parametrize(("level", "number", "command"), EACH)
def test_a_row_permits_whom_the_specification_names_and_nobody_else(level: str, number: str, command: str) -> None:
    assert {word for row in rows_of(level, number, command) for word in row.who} == who(
        lines_of(level, number, command)
    )


@pytest.mark.parametrize(("level", "number", "command"), EACH)
def test_a_row_refuses_with_the_codes_of_the_specification(level: str, number: str, command: str) -> None:
    coded = {guard.code for row in rows_of(level, number, command) for guard in row.guards}

    written = {code for code in codes(lines_of(level, number, command)) if (number, code) not in SAID_OTHERWISE}
    assert coded == written


@pytest.mark.parametrize(("level", "number", "command"), EACH)
def test_a_row_brings_about_the_events_of_the_specification(level: str, number: str, command: str) -> None:
    coded = {name for row in rows_of(level, number, command) for name in row.events} - {HEARD}
    written = events(lines_of(level, number, command)) - {HEARD}

    assert coded == written


def fields_written(command: str) -> dict[str, bool]:
    """The fields of a command over all its lines; true where one is needed on every line."""
    found: dict[str, list[bool]] = {}
    lines = [line for level in FLOWS for line in spec(level) if line["command"] == command]
    for line in lines:
        text = re.sub(r"\([^)]*\)", "", line["fields"])
        for each in filter(None, (part.strip() for part in text.split(";"))):
            name, _, kind = each.partition(":")
            found.setdefault(name, []).append(not kind.endswith("?"))
    return {name: all(needed) and len(needed) == len(lines) for name, needed in found.items()}


def fields_coded(kind: type[cmd.Given]) -> dict[str, bool]:
    return {
        CALLED.get(each.name, each.name): each.default is MISSING and each.default_factory is MISSING
        for each in fields(kind)
        if each.name not in GATHERED
    }


COMMANDS = sorted({row.kind for row in FLOW} - {cmd.OpenCase, cmd.TimePassed}, key=name_of)
NAMES_ITS_OBJECT = {"as", "whistle_id", "responder", "on_behalf"}


@pytest.mark.parametrize("kind", COMMANDS, ids=name_of)
def test_a_command_has_the_fields_of_the_specification(kind: type[cmd.Given]) -> None:
    written = set(fields_written(name_of(kind))) - NAMES_ITS_OBJECT - {"requested_at"}

    assert set(fields_coded(kind)) - NAMES_ITS_OBJECT == written


@pytest.mark.parametrize("kind", COMMANDS, ids=name_of)
def test_a_field_that_the_specification_needs_is_needed_and_no_other(kind: type[cmd.Given]) -> None:
    written = fields_written(name_of(kind))
    coded = fields_coded(kind)
    common = (set(written) & set(coded)) - NAMES_ITS_OBJECT

    assert {name for name in common if coded[name]} == {name for name in common if written[name]}


def test_a_report_has_the_fields_of_row_2() -> None:
    written = set(fields_written("open_case")) - {"as", "requested_at"}
    ours = {"pack_version", "received_at", "also_reporters", "taken_by"}  # what intake adds to what was said
    coded = {each.name for each in fields(Report)} - ours

    assert coded == written
