"""Which matters a row never reaches, and which rows name different handlers for the same matter with equal right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from shaoyin.domain.conditions import CATEGORY, Fact
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import Group, RuleRow
from shaoyin.domain.spaces import Asked, Box, Space, Stack, bits, both, within, without

WALKED: tuple[Group, ...] = ("scope", "identity", "grid", "whose", "category", "fallback")
"""Groups of which the first row ends the asking: a row that stops ends it for the groups behind it too."""
PIECES_AT_MOST = 256
"""Pieces of a row that are looked at; a row in more of them is taken to be reached."""


@dataclass(slots=True)
class Reached:
    """What becomes of a row, category by category: where it cannot hold, and where others always come first."""

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
    found = _Found({row.line: Reached(row) for row in pack.rules.rows}, space.unknown)
    rows = [Asked(row, space.box(row), place) for place, row in enumerate(pack.rules.rows)]
    told = space.told_by_category
    anyhow = [each for each in rows if not told & each.box.keys()]
    halting = frozenset(_halting(rows))
    ground = _Layer.of(anyhow, halting)
    found.judge(anyhow, (ground,), space.values[CATEGORY])
    kinds = [each for each in rows if told & each.box.keys()]
    layers: dict[Fact, Sequence[_Layer]] = {}
    for number, code in enumerate(space.values[CATEGORY]):
        here = list(found.asked(kinds, number, code, space.pinned(code)))
        layers[code] = ground, _Layer.of(here, halting)
        found.judge(here, layers[code], (code,))
    for each in anyhow:
        found.reached[each.row.line].possible.extend(space.values[CATEGORY])
        found.judge_anyhow(each, layers)
    return list(found.reached.values()), found.all_crossings


@dataclass(frozen=True, slots=True)
class _Layer:
    """Rows to compare with: those that end the asking, and by group those that name a handler."""

    ending: Stack
    naming: Mapping[Group, Stack]
    halting: frozenset[str]

    def before(self, earlier: Asked, later: Asked) -> bool:
        """Whether the asking surely ends with the earlier row, should it match, before it comes to the later one."""
        if earlier.row.group == later.row.group:
            return earlier.place < later.place
        return earlier.row.line in self.halting and _groups(earlier) < _groups(later)

    @classmethod
    def of(cls, rows: Sequence[Asked], halting: frozenset[str]) -> _Layer:
        naming = [each for each in rows if each.row.effect in ("decides", "stops")]
        return cls(
            Stack.of([each for each in naming if not each.row.then.yields_to and each.row.group in WALKED]),
            {group: Stack.of([each for each in naming if each.row.group == group]) for group in WALKED},
            halting,
        )


@dataclass(slots=True)
class _Found:
    reached: dict[str, Reached]
    unknown: Mapping[str, int]
    crossings: dict[str, dict[str, RuleRow]] = field(default_factory=dict)

    @property
    def all_crossings(self) -> list[Crossing]:
        return [Crossing(self.reached[line].row, tuple(each.values())) for line, each in self.crossings.items()]

    def asked(self, rows: Sequence[Asked], number: int, code: Fact, pinned: Box) -> Iterator[Asked]:
        """The rows that are for this category, with what they ask of a matter of it beyond what is known of all."""
        for each in rows:
            if not each.box.get(CATEGORY, -1) >> number & 1:
                continue
            never = next((fact for fact, mask in each.box.items() if not mask & pinned.get(fact, -1)), None)
            if never is None:
                self.reached[each.row.line].possible.append(code)
                here = {fact: mask for fact, mask in each.box.items() if fact != CATEGORY and fact not in pinned}
                yield Asked(each.row, here, each.place)
            else:
                self.reached[each.row.line].impossible[code] = never

    def judge(self, rows: Sequence[Asked], layers: Sequence[_Layer], codes: Sequence[Fact]) -> None:
        """What the rows of the layers leave to each of these, and with which of them it crosses."""
        for each in rows:
            if each.row.group not in WALKED:
                continue
            taken = () if _seen_open(each, layers, self.unknown) else _taken(each, layers, self.unknown)
            if taken:
                self.reached[each.row.line].covered.update(dict.fromkeys(codes, taken))
            if each.row.effect in ("decides", "stops"):
                for layer in layers:
                    for other in layer.naming[each.row.group].meeting(each):
                        self._compare(*sorted((each, other), key=lambda one: one.place))

    def judge_anyhow(self, each: Asked, layers: Mapping[Fact, Sequence[_Layer]]) -> None:
        """Whether rows for this and that category leave it nothing, though none does so alone.

        Most rows are open in the first category, and one is enough.
        """
        if each.row.group not in WALKED or self.reached[each.row.line].covered:
            return
        taken: dict[Fact, tuple[RuleRow, ...]] = {}
        for code, before in layers.items():
            rows = () if _seen_open(each, before, self.unknown) else _taken(each, before, self.unknown)
            if not rows:
                return
            taken[code] = rows
        self.reached[each.row.line].covered.update(taken)

    def _compare(self, one: Asked, other: Asked) -> None:
        if _disagree(one.row, other.row) and _cross(one.box, other.box):
            self.crossings.setdefault(one.row.line, {})[other.row.line] = other.row


def _seen_open(each: Asked, layers: Sequence[_Layer], unknown: Mapping[str, int]) -> bool:
    """Whether some matter is seen at one look that only this row is about; most rows have one."""
    for matter in ({fact: pick(bits(mask)) for fact, mask in each.box.items()} for pick in (min, max)):
        about = {**unknown, **matter}
        if not any(
            layer.before(earlier, each) and all(mask >> about[fact] & 1 for fact, mask in earlier.box.items())
            for layer in layers
            for earlier in layer.ending.at(about)
        ):
            return True
    return False


def _taken(each: Asked, layers: Sequence[_Layer], unknown: Mapping[str, int]) -> tuple[RuleRow, ...]:
    """The rows that leave nothing to this one; none where something is left."""
    pieces: list[Box] = [each.box]
    taken: list[Asked] = []
    for earlier in (one for layer in layers for one in layer.ending.meeting(each) if layer.before(one, each)):
        left = [piece for whole in pieces for piece in without(whole, earlier.box, unknown)]
        if left != pieces:
            taken.append(earlier)
        pieces = left
        if not pieces:
            return _needed(each, taken, unknown)
        if len(pieces) > PIECES_AT_MOST:
            break
    return ()


def _needed(each: Asked, taken: Sequence[Asked], unknown: Mapping[str, int]) -> tuple[RuleRow, ...]:
    """Of the rows that together leave nothing those that are needed for it; a single one, where there is one."""
    for one in taken:
        if within(each.box, one.box):
            return (one.row,)
    kept = list(taken)
    for one in taken:
        others = [other for other in kept if other is not one]
        if not _left(each.box, others, unknown):
            kept = others
    return tuple(one.row for one in kept)


def _left(box: Box, rows: Sequence[Asked], unknown: Mapping[str, int]) -> list[Box]:
    pieces = [box]
    for row in rows:
        pieces = [piece for whole in pieces for piece in without(whole, row.box, unknown)]
    return pieces


def _halting(rows: Sequence[Asked]) -> Iterator[str]:
    """Rows that stop the walk wherever they match: no row of their group that only decides comes before them."""
    for each in rows:
        stops = each.row.effect == "stops" and each.row.group in WALKED and not each.row.then.yields_to
        if stops and not any(_decides_before(one, each) for one in rows):
            yield each.row.line


def _decides_before(one: Asked, other: Asked) -> bool:
    here = one.row.effect == "decides" and one.row.group == other.row.group and one.place < other.place
    return here and both(one.box, other.box) is not None


def _groups(each: Asked) -> int:
    return WALKED.index(each.row.group)


def _disagree(one: RuleRow, other: RuleRow) -> bool:
    """A community's own row comes before what it inherits: its own word counts, and the order is meant."""
    meant = {str(other.row), other.group} & {*one.then.yields_to, *one.before} or one.row == other.row
    return (
        not meant
        and one.said_by == other.said_by
        and (one.then.main, one.then.mode) != (other.then.main, other.then.mode)
    )


def _cross(one: Box, other: Box) -> bool:
    """Whether both may match, and neither asks for all that the other asks."""
    return both(one, other) is not None and not within(one, other) and not within(other, one)
