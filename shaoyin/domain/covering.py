"""Which rows together leave nothing to another: looked for piece by piece, and given up where that takes too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shaoyin.domain.boxes import Asked, Box, Stack, asking_more, without
from shaoyin.domain.endings import stands_behind
from shaoyin.domain.frozen import dataclass

STEPS_A_LOOK = 50_000
STEPS_A_TABLE = 4_000_000
"""Comparisons of a piece with a row, a microsecond each; after so many a row is taken to be reached."""
NAMED_AT_MOST = 32
"""Rows that together leave nothing to another, up to which those among them are left out that are not needed."""


@dataclass(slots=True)
class Looking:
    """`unknown` is the last bit of each fact; `left` are the steps that the whole table may still cost."""

    unknown: Mapping[str, int]
    left: int = STEPS_A_TABLE

    def taken(self, box: Box, takers: Sequence[Asked]) -> tuple[Asked, ...]:
        """Those of the takers that leave nothing of it; none where something is left."""
        used = self._used(box, takers)
        for one in tuple(used) if len(used) <= NAMED_AT_MOST else ():
            used = self._used(box, [other for other in used if other is not one]) or used
        return tuple(used)

    def _used(self, box: Box, takers: Sequence[Asked]) -> Sequence[Asked]:
        """Takes the row first that asks the least beyond the piece. A piece that no row meets is open."""
        used: dict[int, Asked] = {}
        todo: list[tuple[Box, Sequence[Asked]]] = [(box, takers)]
        spent = 0
        while todo:
            piece, among = todo.pop()
            spent += len(among) + 1
            near = [(more, each) for each in among if (more := asking_more(piece, each.box)) is not None]
            if not near or spent > min(self.left, STEPS_A_LOOK):
                used.clear()
                break
            _, best = min(near, key=_first)
            used[id(best)] = best
            todo.extend((rest, [each for _, each in near]) for rest in without(piece, best.box, self.unknown))
        self.left -= spent
        return list(used.values())


def seen_open(each: Asked, stacks: Sequence[Stack], unknown: Mapping[str, int]) -> bool:
    """Whether some matter is seen at one look that comes as far as this row; most rows have one."""
    return any(not any(_ended(each, matter, stacks)) for matter in _samples(each.box, unknown))


def _ended(each: Asked, matter: Mapping[str, int], stacks: Sequence[Stack]) -> Iterator[bool]:
    for earlier in (one for stack in stacks for one in stack.at(matter)):
        yield stands_behind(each, earlier) and all(mask >> matter[fact] & 1 for fact, mask in earlier.box.items())


def _samples(box: Box, unknown: Mapping[str, int]) -> Iterator[Mapping[str, int]]:
    yield {**unknown, **{fact: (mask & -mask).bit_length() - 1 for fact, mask in box.items()}}
    yield {**unknown, **{fact: mask.bit_length() - 1 for fact, mask in box.items()}}


def _first(near: tuple[int, Asked]) -> int:
    return near[0]
