"""Why no report can tell a changed table from its original: which rows of it are met together, and which are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shaoyin.domain.boxes import Box, both, within
from shaoyin.domain.conditions import CATEGORY, Condition
from shaoyin.domain.facts import may_be_several
from shaoyin.domain.pack import URGENCIES, Pack
from shaoyin.domain.rule_table import _FIRST, _LOAD, _THEN, DECIDING, SUMMED
from shaoyin.domain.rules import BY_PLACE, FIRM, LAID_ASIDE, RuleRow
from shaoyin.domain.spaces import Space
from tests.packs.unread import ADDING, of_returns

Alike = Literal["apart", "same", "implied", "unheard", "unread", "summed", "beaten", "outdone"]
"""Why no report can tell a mutant from its original.

apart: two swapped rows are never both met. same: they say the same thing. implied: another condition of the row asks
already for what the dropped one asked. unheard: no row that counts beside it would be asked, or silenced, by its being
of the other kind. unread: nobody looks at this cell of such a row. summed: whichever comes first, both count, and at
most one of them names a handler. beaten: an earlier row ends their group wherever both are met. outdone: a row that
counts wherever this one does says an urgency as high.
"""
_WAYS = (_FIRST, _THEN, _LOAD)


@dataclass(frozen=True)
class Table:
    """The rows of a pack: which of them may be met by the same matter."""

    space: Space
    rows: tuple[RuleRow, ...]
    kinds: tuple[Box, ...]

    @classmethod
    def of(cls, pack: Pack) -> Table:
        space = Space.of(pack)
        return cls(space, pack.rules.rows, tuple(_flags(code, space) for code in (None, *pack.categories)))

    def meet(self, *rows: RuleRow) -> bool:
        """Of some category, whatever was answered: a report may answer what its category does not ask."""
        return any(self._shared(rows))

    def covers(self, wide: RuleRow, *rows: RuleRow) -> bool:
        """Whether `wide` is met wherever all of `rows` are, in the table for accepted matters too.

        Of a fact with several values at once its own condition must stand in one of them.
        """
        if wide.then.yields_to or wide.then.mode in LAID_ASIDE:
            return False
        said = {each for row in rows for each in row.when}
        if any(may_be_several(each.fact, self.space.pack) and each not in said for each in wide.when):
            return False
        return all(within(box, self.space.box(wide)) for box in self._shared(rows))

    def _shared(self, rows: Sequence[RuleRow]) -> Iterator[Box]:
        """What they are all about, category by category, with the flags that a category has."""
        joint: Box | None = {}
        for row in rows:
            joint = None if joint is None else both(joint, self.space.box(row))
        for kind in self.kinds if joint is not None else ():
            box = both(joint or {}, kind)
            if box is not None:
                yield box

    def ended_before(self, *rows: RuleRow) -> bool:
        """Whether an earlier row ends the walk, or the group of both, wherever they are all met."""
        first = rows[0]
        if first.group not in _THEN:
            return False
        return any(self.covers(each, *rows) for each in self.rows if _ends(each, first, self.rows))

    def tells_whether_it_stops(self, row: RuleRow) -> bool:
        """It stands back for the place, another row steps back before it, or one after it counts beside it."""
        if self._stands_back(row) or any(self.meet(row, each) for each in self._after(row)):
            return True
        names = {str(row.row), row.group}
        back = [each for each in self.rows if names & set(each.then.yields_to)]
        return any(self.meet(row, each) and not self.ended_before(each, row) for each in back)

    def _stands_back(self, row: RuleRow) -> bool:
        """A row for the firm alone does so where there is none; with others after the firm it never does."""
        if row.then.handlers[:1] == (BY_PLACE,):
            return True
        nowhere = Condition("firm", "is_not", True)
        without_firm = RuleRow(0, row.group, "adds", (nowhere,) if "firm" in self.space.values else (), row.then, "")
        return row.then.handlers == (FIRM,) and self.meet(row, without_firm)

    def _after(self, row: RuleRow) -> Iterator[RuleRow]:
        """What is asked after it only if it does not stop, and counts: it adds, or decides with more weight.

        In a group that is summed all that follow in the group count; in another it is the last that is asked.
        """
        way = next((each for each in _WAYS if row.group in each), ())
        later = way[way.index(row.group) + 1 :] if way else ()
        for place, each in enumerate(self.rows):
            behind = each.group == row.group and row.group in SUMMED and place > self.rows.index(row)
            counts = each.group in SUMMED or each.effect != "decides" or _outweighs(each, row)
            if (behind or (each.group in later and counts)) and not of_returns(each):
                yield each

    def outdone(self, row: RuleRow, urgency: str) -> bool:
        """Whether a row that always counts beside it says at least as much as it does, and as it would."""
        stopped = any(each.effect == "stops" for each in self.rows if each.group == row.group)
        if row.group not in SUMMED or stopped or {row.then.urgency, urgency} - set(URGENCIES):
            return False
        rank = max(map(URGENCIES.index, (row.then.urgency or "", urgency)))
        return any(self._raises(each, rank) and self.covers(each, row) for each in self.rows if _beside(each, row))

    def _raises(self, row: RuleRow, rank: int) -> bool:
        return row.effect != "schedules" and row.then.urgency in URGENCIES[rank:]


def _flags(code: str | None, space: Space) -> Box:
    """What is so of every matter of a category, whatever was answered."""
    flags = {fact: bits for fact, bits in space.pinned(code).items() if fact not in space.pack.questions}
    return {**flags, CATEGORY: space.bits_for(CATEGORY, [code])}


def _ends(each: RuleRow, row: RuleRow, rows: Sequence[RuleRow]) -> bool:
    """Whether, once met, `each` keeps `row` from being asked; a row that decides before it may end its group first."""
    if each.group == row.group:
        return each.effect not in ADDING and rows.index(each) < rows.index(row)
    before = rows[: rows.index(each)]
    passed_over = any(one.effect == "decides" for one in before if one.group == each.group)
    return each.effect == "stops" and each.group in _THEN[: _THEN.index(row.group)] and not passed_over


def _beside(each: RuleRow, row: RuleRow) -> bool:
    return each is not row and each.group == row.group


def _outweighs(each: RuleRow, row: RuleRow) -> bool:
    named = each.group in DECIDING and row.group in DECIDING
    return named and DECIDING.index(each.group) < DECIDING.index(row.group)
