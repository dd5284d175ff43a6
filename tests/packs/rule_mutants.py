"""Mutants of a rule table: one small mistake each, as a street may make it on its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from shaoyin.domain.conditions import Condition
from shaoyin.domain.pack import Pack
from shaoyin.domain.rule_table import SUMMED, RuleTable
from shaoyin.domain.rules import BY_PLACE, FIRM, Effect, Group, Mode, RuleRow, Then
from shaoyin.domain.spaces import Space, both, within

Alike = Literal["apart", "same", "implied", "last"]
"""Why no report can tell a mutant from its original: two swapped rows are never both met or say the same thing,
another condition of the row already asks for what the dropped one asked, or nothing is asked any more that a row of
the last group could stop.
"""
_LAST: frozenset[Group] = frozenset({"category", "fallback"})
_EFFECTS: dict[Effect, tuple[Effect, ...]] = {"adds": ("decides",), "decides": ("adds", "stops"), "stops": ("decides",)}


@dataclass(frozen=True)
class Mutant:
    """`rows` are the numbers of the rows it changes; `alike` says by which rule it is left out of the count."""

    says: str
    rows: tuple[int, ...]
    changed: tuple[RuleRow, ...]
    alike: Alike | None = None

    def of(self, pack: Pack) -> Pack:
        return replace(pack, rules=RuleTable(self.changed))


def mutants(pack: Pack) -> Iterator[Mutant]:
    """In the order of the table, always the same."""
    table, space = pack.rules.rows, Space.of(pack)
    named = frozenset(name for row in table for name in row.then.yields_to)
    for place, row in enumerate(table):
        for says, changed, alike in (*_asking(row, space), *_following(row), *_ending(row, named)):
            yield Mutant(f"{row.line}: {says}", (row.row,), (*table[:place], changed, *table[place + 1 :]), alike)
    yield from _swapped(table, space)


Change = tuple[str, RuleRow, Alike | None]


def _asking(row: RuleRow, space: Space) -> Iterator[Change]:
    """A condition dropped, or one of its values."""
    for number, each in enumerate(row.when):
        others = (*row.when[:number], *row.when[number + 1 :])
        without = replace(row, when=others)
        implied = within(space.box(without), space.box(row))
        yield f"without {each.fact}", without, "implied" if implied else None
        if isinstance(each.wanted, tuple) and len(each.wanted) > 1:
            fewer = replace(each, wanted=each.wanted[:-1])
            yield f"{each.fact} without {each.wanted[-1]}", _asks(row, number, fewer), None
        elif isinstance(each.wanted, int) and not isinstance(each.wanted, bool):
            for step in (-1, 1):
                moved = replace(each, wanted=each.wanted + step)
                yield f"{each.fact} {each.op} {moved.wanted}", _asks(row, number, moved), None


def _asks(row: RuleRow, number: int, condition: Condition) -> RuleRow:
    return replace(row, when=(*row.when[:number], condition, *row.when[number + 1 :]))


def _following(row: RuleRow) -> Iterator[Change]:
    """Another level, handler, mode, deadline, late path or company."""
    for says, then in _thens(row.then):
        yield says, replace(row, then=then), None


def _ending(row: RuleRow, named: frozenset[str]) -> Iterator[Change]:
    """Another kind. Whether a row of the last group stops or decides matters only where it may stand back."""
    stands_back = bool({BY_PLACE, FIRM} & set(row.then.handlers)) or bool({str(row.row), row.group} & named)
    for effect in _EFFECTS.get(row.effect, ()):
        last = effect == "stops" and row.group in _LAST and not stands_back
        yield f"{row.effect} becomes {effect}", replace(row, effect=effect), "last" if last else None


def _thens(then: Then) -> Iterator[tuple[str, Then]]:
    if then.urgency:
        urgency = "general" if then.urgency != "general" else "urgent"
        yield f"urgency {urgency}", replace(then, urgency=urgency)
    if then.main:
        main = "triage_lead" if then.main != "triage_lead" else "grid_lead"
        yield f"main {main}", replace(then, main=main)
        mode: Mode = "WM" if then.mode != "WM" else "C"
        yield f"mode {mode}", replace(then, mode=mode)
    yield "informed with triage_lead", replace(then, informed=(*then.informed, "triage_lead"))
    if then.co:
        yield f"co without {then.co[-1]}", replace(then, co=then.co[:-1])
    if then.informed:
        yield f"informed without {then.informed[-1]}", replace(then, informed=then.informed[:-1])
    for name in ("late", "result_within", "first_step", "claim"):
        if getattr(then, name):
            without: dict[str, Any] = {name: None}
            yield f"without {name}", replace(then, **without)


def _swapped(table: tuple[RuleRow, ...], space: Space) -> Iterator[Mutant]:
    places: dict[Group, list[int]] = {}
    for place, row in enumerate(table):
        places.setdefault(row.group, []).append(place)
    for group, those in places.items():
        for one, other in pairwise(those):
            rows = list(table)
            rows[one], rows[other] = rows[other], rows[one]
            first, second = table[one], table[other]
            apart = both(space.box(first), space.box(second)) is None
            same = (first.then, first.effect) == (second.then, second.effect) and group not in SUMMED
            alike: Alike | None = "apart" if apart else "same" if same else None
            says = f"{first.line} and {second.line} swapped"
            yield Mutant(says, (first.row, second.row), tuple(rows), alike)
