"""Mutants of a rule table: one small mistake each, as a street may make it on its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from shaoyin.domain.boxes import within
from shaoyin.domain.conditions import Condition
from shaoyin.domain.pack import Pack, Urgency
from shaoyin.domain.rule_table import SUMMED, RuleTable
from shaoyin.domain.rules import Effect, Mode, RuleRow, Then
from shaoyin.domain.spaces import Space
from tests.packs.alike import Alike, Table
from tests.packs.unread import ADDING, of_returns, unread

_EFFECTS: dict[Effect, tuple[Effect, ...]] = {"adds": ("decides",), "decides": ("adds", "stops"), "stops": ("decides",)}
_OTHER = {"late": "street_head", "result_within": "7 min", "first_step": "7 min", "claim": "7 min"}
"""What a late path or a deadline becomes; a longer one, or none, is often what the category says itself."""


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
    table = Table.of(pack)
    rows = table.rows
    for place, row in enumerate(rows):
        for says, changed, alike in (*_asking(row, table.space), *_following(row, table), *_ending(row, table)):
            yield Mutant(f"{row.line}: {says}", (row.row,), (*rows[:place], changed, *rows[place + 1 :]), alike)
    yield from _swapped(table)


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


def _following(row: RuleRow, table: Table) -> Iterator[Change]:
    """Another level, handler, mode, deadline, late path or company."""
    nobody_reads = unread(row, table.space.pack)
    for says, then in _thens(row.then):
        alike: Alike | None = "unread" if says.split()[0] in nobody_reads else None
        if alike is None and then.urgency != row.then.urgency and table.outdone(row, str(then.urgency)):
            alike = "outdone"
        yield says, replace(row, then=then), alike


def _ending(row: RuleRow, table: Table) -> Iterator[Change]:
    """Another kind. To stop or to decide is the same where no other row could tell, and on a return any kind is."""
    for effect in _EFFECTS.get(row.effect, ()):
        heard = "adds" in (effect, row.effect) or table.tells_whether_it_stops(row)
        heard = heard and not of_returns(row)
        yield f"{row.effect} becomes {effect}", replace(row, effect=effect), None if heard else "unheard"


def _thens(then: Then) -> Iterator[tuple[str, Then]]:
    if then.urgency:
        urgency: Urgency = "critical" if then.urgency == "urgent" else "urgent"
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
    for name, other in _OTHER.items():
        if getattr(then, name):
            another: dict[str, Any] = {name: other if getattr(then, name) != other else None}
            yield f"{name} {another[name]}", replace(then, **another)


def _swapped(table: Table) -> Iterator[Mutant]:
    """Neighbours of a group: two rows with all their lines, or two lines of one row."""
    for group in dict.fromkeys(each.group for each in table.rows):
        rows = [
            list(lines)
            for _, lines in groupby((each for each in table.rows if each.group == group), lambda one: one.row)
        ]
        for first, second in (*pairwise(rows), *(([a], [b]) for lines in rows for a, b in pairwise(lines))):
            moved = {id(each): place for place, each in enumerate((*second, *first))}
            changed = (*first, *second)
            order = iter(sorted(changed, key=lambda one: moved[id(one)]))
            swapped = tuple(next(order) if each in changed else each for each in table.rows)
            says = f"{first[0].line} and {second[0].line} swapped"
            yield Mutant(says, (first[0].row, second[0].row), swapped, _alike(first, second, table))


def _alike(first: Sequence[RuleRow], second: Sequence[RuleRow], table: Table) -> Alike | None:
    pairs = [(one, other) for one in first for other in second if table.meet(one, other)]
    if not pairs:
        return "apart"
    if all(_both_count(one, other) for one, other in pairs):
        return "summed"
    if all((one.row, one.then, one.effect) == (other.row, other.then, other.effect) for one, other in pairs):
        return "same"
    return "beaten" if all(table.ended_before(one, other) for one, other in pairs) else None


def _both_count(one: RuleRow, other: RuleRow) -> bool:
    """Neither ends the group, or it goes on whatever was met; the handler, and what the first row says, is the same."""
    both_add = {one.effect, other.effect} <= ADDING
    cells = (*_OF_THE_FIRST, "late") if both_add else _OF_THE_FIRST
    if any(_differs(getattr(one.then, cell), getattr(other.then, cell)) for cell in cells):
        return False
    return both_add or (one.group in SUMMED and "adds" in (one.effect, other.effect))


_OF_THE_FIRST = ("first_step", "claim", "desk")
"""Cells of which the first row that says anything holds; of rows that add to the load the late path is another."""


def _differs(one: str | None, other: str | None) -> bool:
    return None not in (one, other) and one != other
