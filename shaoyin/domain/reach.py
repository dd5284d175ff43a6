"""Which matters a row never reaches, and which rows name different handlers for the same matter with equal right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from shaoyin.domain.boxes import Asked, Box, Stack, both, within
from shaoyin.domain.conditions import CATEGORY, Fact
from shaoyin.domain.covering import Looking, seen_open
from shaoyin.domain.endings import WALKED, endings, may_end, names_handler, stands_behind
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import GROUPS, Group, RuleRow
from shaoyin.domain.spaces import Space


@dataclass(slots=True)
class Reached:
    """What becomes of a row, category by category: where it cannot hold, and where others always come first.

    Of a row that is reached in one category, and names none, the others are not looked at.
    """

    row: RuleRow
    possible: list[Fact] = field(default_factory=list)
    impossible: dict[Fact, str] = field(default_factory=dict)
    covered: dict[Fact, tuple[RuleRow, ...]] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return any(each not in self.covered for each in self.possible)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A row, and later rows of its group that it crosses: neither asks for more than the other, and they disagree."""

    row: RuleRow
    later: tuple[RuleRow, ...]


def examined(pack: Pack) -> tuple[list[Reached], list[Crossing]]:
    """Every row of the table, and every crossing.

    Rows that ask nothing of the kind of matter are compared with one another once, and the others category by
    category: a table of thousands of rows is looked through in seconds.
    """
    space = Space.of(pack)
    found = _Found(pack.rules.rows, {row.line: Reached(row) for row in pack.rules.rows}, Looking(space.unknown))
    rows = [Asked(row, space.box(row), place) for place, row in enumerate(pack.rules.rows)]
    ending = [each for each in endings(rows, space.unknown) if not space.coarse & each.box.keys()]
    told, codes = space.told_by_category, space.values[CATEGORY]
    anyhow = list(found.possible([each for each in rows if not told & each.box.keys()], codes, {}))
    ground = _Layer.of(anyhow, [each for each in ending if not told & each.box.keys()])
    found.judge(anyhow, (ground,), codes)
    kinds, kinds_ending = ([each for each in some if told & each.box.keys()] for some in (rows, ending))
    layers: dict[Fact, Sequence[_Layer]] = {}
    for number, code in enumerate(codes):
        pinned = space.pinned(code)
        here = list(_of_kind(found.possible(_for(kinds, number), (code,), pinned), pinned))
        there = [each for each in _for(kinds_ending, number) if both(each.box, pinned) is not None]
        layers[code] = ground, _Layer.of(here, list(_of_kind(there, pinned)))
        found.judge(here, layers[code], (code,))
    for each in anyhow:
        found.judge_anyhow(each, layers)
    return list(found.reached.values()), found.all_crossings


def _for(rows: Iterable[Asked], number: int) -> list[Asked]:
    """Those that are for the category of that number."""
    return [each for each in rows if each.box.get(CATEGORY, -1) >> number & 1]


def _of_kind(rows: Iterable[Asked], pinned: Box) -> Iterator[Asked]:
    """With what they ask of a matter of a category beyond what is known of all."""
    for each in rows:
        box = {fact: mask for fact, mask in each.box.items() if fact != CATEGORY and fact not in pinned}
        yield Asked(each.row, box, each.place, each.own, each.beyond)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Rows to compare with, by group: those with which the asking may end for it, and its own that name a handler."""

    ending: Mapping[Group, Stack]
    naming: Mapping[Group, Stack]

    @classmethod
    def of(cls, rows: Sequence[Asked], ending: Sequence[Asked]) -> _Layer:
        naming = [each for each in rows if names_handler(each.row)]
        return cls(
            {group: Stack.of([each for each in ending if may_end(each, group)]) for group in GROUPS},
            {group: Stack.of([each for each in naming if each.row.group == group]) for group in WALKED},
        )


@dataclass(slots=True)
class _Found:
    rows: Sequence[RuleRow]
    reached: dict[str, Reached]
    looking: Looking
    left: set[str] = field(default_factory=set)
    crossings: dict[int, dict[int, RuleRow]] = field(default_factory=dict)
    """By place in the table."""

    @property
    def all_crossings(self) -> list[Crossing]:
        return [Crossing(self.rows[one], tuple(each.values())) for one, each in self.crossings.items() if each]

    def possible(self, rows: Iterable[Asked], codes: Sequence[Fact], pinned: Box) -> Iterator[Asked]:
        """The rows that can hold in these categories, of which this is known."""
        for each in rows:
            reached = self.reached[each.row.line]
            never = next((fact for fact, mask in each.box.items() if not mask & pinned.get(fact, -1)), None)
            if never is None:
                reached.possible.extend(codes)
                yield each
            else:
                reached.impossible.update(dict.fromkeys(codes, never))

    def judge(self, rows: Sequence[Asked], layers: Sequence[_Layer], codes: Sequence[Fact]) -> None:
        """What the rows of the layers leave to each of these, and with which of them it crosses."""
        for each in rows:
            if each.row.line not in self.left or _lists(each.row):
                taken = self._taken(each, layers)
                if taken:
                    self.reached[each.row.line].covered.update(dict.fromkeys(codes, taken))
                else:
                    self.left.add(each.row.line)
            if each.row.group in WALKED and names_handler(each.row):
                self._cross_all(each, layers)

    def judge_anyhow(self, each: Asked, layers: Mapping[Fact, Sequence[_Layer]]) -> None:
        """Whether rows for this and that category leave it nothing, though none does so alone.

        Most rows are open in the first category, and one is enough.
        """
        taken: dict[Fact, tuple[RuleRow, ...]] = {}
        for code, before in layers.items() if not self.reached[each.row.line].covered else ():
            taken[code] = self._taken(each, before)
            if not taken[code]:
                return
        self.reached[each.row.line].covered.update(taken)

    def _taken(self, each: Asked, layers: Sequence[_Layer]) -> tuple[RuleRow, ...]:
        """The rows that leave nothing to this one; none where something is left. Rows of the load all count."""
        stacks = [layer.ending[each.row.group] for layer in layers]
        if each.row.group == "load" or seen_open(each, stacks, self.looking.unknown):
            return ()
        takers = [one for stack in stacks for one in stack.meeting(each) if stands_behind(each, one)]
        return tuple({one.row.line: one.row for one in self.looking.taken(each.box, takers)}.values())

    def _cross_all(self, each: Asked, layers: Sequence[_Layer]) -> None:
        """Of its own layer, which comes last, only those before it: the others come to it themselves."""
        for layer in layers:
            for other in layer.naming[each.row.group].meeting(each):
                if layer is not layers[-1] or other.place < each.place:
                    self._compare(*((each, other) if each.place < other.place else (other, each)))

    def _compare(self, one: Asked, other: Asked) -> None:
        known = self.crossings.setdefault(one.place, {})
        if other.place not in known and _disagree(one.row, other.row) and _cross(one.box, other.box):
            known[other.place] = other.row


def _lists(row: RuleRow) -> bool:
    """Whether it names categories one by one: each is to be reached."""
    return any(each.fact == CATEGORY and each.op in ("is", "one_of") for each in row.when)


def _disagree(one: RuleRow, other: RuleRow) -> bool:
    """A community's own row comes before what it inherits: its own word counts, and the order is meant."""
    if (one.then.main, one.then.mode) == (other.then.main, other.then.mode) or one.said_by != other.said_by:
        return False
    return one.row != other.row and not {str(other.row), other.group} & {*one.then.yields_to, *one.before}


def _cross(one: Box, other: Box) -> bool:
    """Whether both may match, and neither asks for all that the other asks."""
    return both(one, other) is not None and not within(one, other) and not within(other, one)
