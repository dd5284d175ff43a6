"""Sets of matters as boxes, and rows laid out by what they ask: which of them meet, and what one leaves of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.rules import RuleRow

Box = Mapping[str, int]
"""By fact the values that are allowed, a bit each; a fact that is not named may be anything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row, what it asks, and where it stands in the table.

    `own`: wherever it is met no later row of its group is asked; `beyond`: nor are the groups behind it.
    """

    row: RuleRow
    box: Box
    place: int
    own: bool = False
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """Rows laid out by the fact that tells most of them apart: two that want other values of it never meet."""

    fact: str
    by_bit: Mapping[int, Sequence[Asked]]
    anyhow: Sequence[Asked]

    @classmethod
    def of(cls, rows: Sequence[Asked]) -> Stack:
        fact = min(sorted({fact for each in rows for fact in each.box}), key=lambda one: _alike(one, rows), default="")
        by_bit: dict[int, list[Asked]] = {}
        for each in rows:
            for bit in bits(each.box.get(fact, 0)):
                by_bit.setdefault(bit, []).append(each)
        return cls(fact, by_bit, [each for each in rows if fact not in each.box])

    def meeting(self, row: Asked) -> Iterator[Asked]:
        """Those that may meet it, each once."""
        yield from self.anyhow
        mask = row.box.get(self.fact, -1)
        seen: set[int] = set()
        for bit in bits(mask) if mask >= 0 else list(self.by_bit):
            for each in self.by_bit.get(bit, ()):
                if id(each) not in seen:
                    seen.add(id(each))
                    yield each

    def at(self, matter: Mapping[str, int]) -> Iterator[Asked]:
        """Those that may be about a matter of which every fact is given, a bit each."""
        yield from self.anyhow
        yield from self.by_bit.get(matter.get(self.fact, -1), ())


def _alike(fact: str, rows: Sequence[Asked]) -> int:
    """About how many pairs of rows a fact does not tell apart."""
    width = max(each.box[fact].bit_length() for each in rows if fact in each.box) + 1
    said = sum(each.box[fact].bit_count() if fact in each.box else width for each in rows)
    return said * said // width


@lru_cache(maxsize=8192)
def bits(mask: int) -> tuple[int, ...]:
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return tuple(found)


def both(one: Box, other: Box) -> Box | None:
    """The matters that both are about; None where there are none."""
    found = dict(one)
    for fact, mask in other.items():
        found[fact] = found.get(fact, -1) & mask
        if not found[fact]:
            return None
    return found


def within(small: Box, large: Box) -> bool:
    """Whether whatever the small one is about the large one is about too."""
    return all(not small.get(fact, -1) & ~mask for fact, mask in large.items())


def asking_more(box: Box, other: Box) -> int | None:
    """By how many facts the other asks more than the one, where there is a matter that both are about; else None."""
    more = 0
    for fact, mask in other.items():
        mine = box.get(fact, -1)
        if not mine & mask:
            return None
        if mine & ~mask:
            more += 1
    return more


def without(box: Box, other: Box, unknown: Mapping[str, int]) -> Iterator[Box]:
    """What is left of the one when the other is taken away, in pieces that do not overlap.

    `unknown` is the last bit of each fact: of a fact that the one does not ask all its values are meant.
    """
    if both(box, other) is None:
        yield box
        return
    left = dict(box)
    for fact, mask in other.items():
        mine = left.get(fact, (2 << unknown[fact]) - 1)
        if mine & ~mask:
            yield {**left, fact: mine & ~mask}
        left[fact] = mine & mask
