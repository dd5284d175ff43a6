"""Which line of the flow was walked from which state; and that no line brings about what it does not declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from shaoyin.domain import commands as cmd
from shaoyin.domain import flow
from shaoyin.domain.case import Case
from shaoyin.domain.commands import Command, Given
from shaoyin.domain.events import Event
from shaoyin.domain.flow import FLOW
from shaoyin.domain.pack import Pack
from shaoyin.domain.rows import Row

INDEX = {id(row): number for number, row in enumerate(FLOW)}
OPENS = next(number for number, row in enumerate(FLOW) if row.kind is cmd.OpenCase)
PROMOTES = next(number for number, row in enumerate(FLOW) if row.row == "a28")
BESIDE = {"a29": frozenset({"whistle.promoted"})}
"""Row a28 is what a29 brings about for the first in line, in the same decision."""

walked: Counter[tuple[int, str]] = Counter()


def name(number: int) -> str:
    row = FLOW[number]
    return f"{row.row} {row.command} {'|'.join(sorted(row.clocks)) + ' ' if row.clocks else ''}→ {row.to}"


def rows_walked() -> set[int]:
    return {number for number, _ in walked}


@contextmanager
def watched() -> Iterator[None]:
    """Every line that `decide` takes is counted, and its events are held against those it declares."""
    row_for, line_of_time = flow.row_for, flow._line_of_time

    def chosen(case: Case, command: Command, pack: Pack) -> Row:
        row = row_for(case, command, pack)
        return _checked(row, flow.state_for(row, case, command))

    def of_time(case: Case, due: cmd.TimePassed, pack: Pack) -> Row:
        row = line_of_time(case, due, pack)
        return _checked(row, flow.state_for(row, case, due))

    with mock.patch.object(flow, "row_for", chosen), mock.patch.object(flow, "_line_of_time", of_time):
        yield


def _checked(row: Row, state: str) -> Row:
    def then(case: Case, command: Given, pack: Pack) -> list[Event]:
        events = row.then(case, command, pack)
        walked[INDEX[id(row)], state] += 1
        said = {each.type for each in events}
        if "whistle.promoted" in said:
            walked[PROMOTES, "wait_listed"] += 1
        beyond = said - row.events - BESIDE.get(row.row, frozenset())
        assert not beyond, f"row {row.row} {row.command} declares {sorted(row.events)} and brought about {beyond}"
        return events

    return replace(row, then=then)


def table() -> str:
    """How often each line was walked from each of its states."""
    lines = []
    for number, row in enumerate(FLOW):
        counts = {state: walked[number, state] for state in sorted(row.from_)}
        from_states = ", ".join(f"{state} {count}" for state, count in counts.items())
        lines.append(f"{sum(counts.values()):>8}  {row.level:<9} {name(number)}: {from_states}")
    return "\n".join(lines)
