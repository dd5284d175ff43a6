"""What another version of the rules would have made of cases that were decided: other handler, mode or deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Literal, get_args

from shaoyin.domain.calendar import Within
from shaoyin.domain.choosing import Handled, handled
from shaoyin.domain.facts import Matter
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import result_limits

Cell = Literal["main", "mode", "result"]
CELLS: tuple[Cell, ...] = get_args(Cell)
"""What counts as a change, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who handles it, in which mode, by when the result is due, and the row that said so.

    What is to be posted as an order has no date before somebody has it.
    """

    row: int
    main: str
    mode: str
    result_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """A case as it was dispatched by the rules: what they were asked, when, and what came of it."""

    case_id: str
    number: str | None
    matter: Matter
    at: datetime
    was: Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """A case that the draft would have sent elsewhere; `cells` are those that differ."""

    case_id: str
    number: str | None
    was: Outcome
    would_be: Outcome
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class OfRow:
    """The changes that one row of the draft would make, or that end with a row that decided before and is gone."""

    row: int
    changes: list[Change] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[Cell, int]:
        return {cell: sum(cell in each.cells for each in self.changes) for cell in CELLS}


@dataclass(slots=True)
class WhatIf:
    """One draft, asked about many cases. A place or a category that the draft no longer has is told apart."""

    draft: Pack
    asked: int = 0
    impossible: list[str] = field(default_factory=list)
    _rows: dict[int, OfRow] = field(default_factory=dict)
    _limits: dict[tuple[object, ...], Sequence[Within]] = field(default_factory=dict)

    def ask(self, cases: Iterable[Past]) -> None:
        for each in cases:
            self.asked += 1
            would_be = self._outcome(each)
            if would_be is None:
                self.impossible.append(each.case_id)
            elif cells := tuple(_differing(each.was, would_be)):
                change = Change(each.case_id, each.number, each.was, would_be, cells)
                self._rows.setdefault(would_be.row, OfRow(would_be.row)).changes.append(change)

    @property
    def rows(self) -> list[OfRow]:
        """Most changes first."""
        return sorted(self._rows.values(), key=lambda each: (-len(each.changes), each.row))

    @property
    def changed(self) -> int:
        return sum(len(each.changes) for each in self._rows.values())

    def _outcome(self, past: Past) -> Outcome | None:
        draft, matter = self.draft, past.matter
        if matter.area not in draft.areas.areas or matter.category not in draft.categories:
            return None
        found = handled(matter, past.at, draft)
        row, main = found.walk.decided.row, found.main.post_id
        if found.mode == "O":
            return Outcome(row, main, found.mode, None)
        due = [draft.due(past.at, each, found.urgency).due_at for each in self._within(matter, found)]
        return Outcome(row, main, found.mode, min(due))

    def _within(self, matter: Matter, found: Handled) -> Sequence[Within]:
        """Matters of a category that go the same way with the same answers have the same figures."""
        assert matter.category is not None
        known = self.draft.categories[matter.category]
        rows = found.walk.rows
        said = tuple(matter.answers.get(each) for each, _ in (*known.result_if, *known.result_if_not))
        key: tuple[object, ...] = (matter.category, found.urgency, *said, *(each.line for each in rows))
        limits = self._limits.get(key)
        if limits is None:
            limits = self._limits[key] = result_limits(known, matter.answers, found.urgency, rows, self.draft)
        return limits


def _differing(was: Outcome, would_be: Outcome) -> Iterator[Cell]:
    if was.main != would_be.main:
        yield "main"
    if was.mode != would_be.mode:
        yield "mode"
    if was.result_due_at != would_be.result_due_at:
        yield "result"
