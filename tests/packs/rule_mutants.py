"""Mutants of a rule table: one small mistake each, as a street may make it on its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, Literal

from shaoyin.domain.choosing import OWN
from shaoyin.domain.conditions import CATEGORY, Condition
from shaoyin.domain.pack import Pack, Urgency
from shaoyin.domain.rule_table import _FIRST, _THEN, SUMMED, RuleTable
from shaoyin.domain.rules import BY_PLACE, FIRM, LAID_ASIDE, Effect, Mode, RuleRow, Then
from shaoyin.domain.spaces import Box, Space, both, within

Alike = Literal["apart", "same", "implied", "unheard", "unread", "summed"]
"""Why no report can tell a mutant from its original.

apart: two swapped rows are never both met. same: they say the same thing. implied: another condition of the row asks
already for what the dropped one asked. unheard: no row that counts beside it would be asked, or silenced, by its being
of the other kind. unread: nobody looks at this cell of such a row. summed: every row of the group counts, and at most
one of the two names a handler.
"""
_EFFECTS: dict[Effect, tuple[Effect, ...]] = {"adds": ("decides",), "decides": ("adds", "stops"), "stops": ("decides",)}


_ADDING: frozenset[Effect] = frozenset({"adds", "schedules"})
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


@dataclass(frozen=True)
class Others:
    """The rows beside one: which of them may be met by the same matter."""

    space: Space
    table: tuple[RuleRow, ...]

    def meet(self, one: RuleRow, other: RuleRow) -> bool:
        """Of some category, with all that is known of every matter of that category."""
        box = both(self.space.box(one), self.space.box(other))
        return box is not None and any(self._may_be(box, code) for code in (None, *self.space.pack.categories))

    def _may_be(self, box: Box, code: str | None) -> bool:
        of_category = {**self.space.pinned(code), CATEGORY: self.space.bits_for(CATEGORY, [code])}
        return both(box, of_category) is not None

    def tell_whether_it_stops(self, row: RuleRow) -> bool:
        """It stands back for the place, or another row steps back before it, or one after it counts beside it."""
        names = {str(row.row), row.group}
        before = [each for each in self.table if names & set(each.then.yields_to)]
        stands_back = (row.then.handlers or (None,))[0] in (BY_PLACE, FIRM)
        return stands_back or any(self.meet(row, each) for each in (*before, *self._after(row)))

    def _after(self, row: RuleRow) -> Iterator[RuleRow]:
        """Of dangers all that follow; else what later groups add. A row that decides later yields to this one."""
        for way in (_FIRST, _THEN):
            for group in way[way.index(row.group) :] if row.group in way else ():
                for each in self.table:
                    if each.group == group and each is not row and (group in SUMMED or each.effect in _ADDING):
                        yield each


def mutants(pack: Pack) -> Iterator[Mutant]:
    """In the order of the table, always the same."""
    table, space = pack.rules.rows, Space.of(pack)
    others = Others(space, table)
    for place, row in enumerate(table):
        for says, changed, alike in (*_asking(row, space), *_following(row), *_ending(row, others)):
            yield Mutant(f"{row.line}: {says}", (row.row,), (*table[:place], changed, *table[place + 1 :]), alike)
    yield from _swapped(table, others)


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
    unread = _unread(row)
    for says, then in _thens(row.then):
        yield says, replace(row, then=then), "unread" if says.split()[0] in unread else None


def _unread(row: RuleRow) -> frozenset[str]:
    """Of a matter that is laid aside only who looks at it is read, of a row that adds or schedules no late path, and
    neither a way for the owner himself nor an addition that calls nobody has a mode.
    """
    then, unread = row.then, set[str]()
    if then.mode in LAID_ASIDE:
        unread |= {"co", "informed", "late"}
    if row.effect in _ADDING and row.group != "load":
        unread |= {"late"} if then.mode == "X" else {"late", "mode"}
    if (then.handlers or (None,))[0] == OWN:
        unread.add("mode")
    return frozenset(unread)


def _ending(row: RuleRow, others: Others) -> Iterator[Change]:
    """Another kind. To stop or to decide is the same where no other row could tell."""
    for effect in _EFFECTS.get(row.effect, ()):
        heard = "adds" in (effect, row.effect) or others.tell_whether_it_stops(row)
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


def _swapped(table: tuple[RuleRow, ...], others: Others) -> Iterator[Mutant]:
    """Neighbours of a group: two rows with all their lines, or two lines of one row."""
    for group in dict.fromkeys(each.group for each in table):
        rows = [
            list(lines) for _, lines in groupby((each for each in table if each.group == group), lambda one: one.row)
        ]
        for first, second in (*pairwise(rows), *(([a], [b]) for lines in rows for a, b in pairwise(lines))):
            moved = {id(each): place for place, each in enumerate((*second, *first))}
            changed = (*first, *second)
            order = iter(sorted(changed, key=lambda one: moved[id(one)]))
            swapped = tuple(next(order) if each in changed else each for each in table)
            says = f"{first[0].line} and {second[0].line} swapped"
            yield Mutant(says, (first[0].row, second[0].row), swapped, _alike(first, second, others))


def _alike(first: Sequence[RuleRow], second: Sequence[RuleRow], others: Others) -> Alike | None:
    pairs = [(one, other) for one in first for other in second if others.meet(one, other)]
    if not pairs:
        return "apart"
    summed = first[0].group in SUMMED
    if summed and all("adds" in (one.effect, other.effect) for one, other in pairs):
        return "summed"
    same = not summed and all((one.then, one.effect) == (other.then, other.effect) for one, other in pairs)
    return "same" if same else None
