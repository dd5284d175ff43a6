"""The matters that a row is about, as sets: of each fact that rows ask, the values that meet what the row asks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from itertools import accumulate

from shaoyin.domain.conditions import CATEGORY, IN_TEXT, Condition, Fact, named, tested
from shaoyin.domain.facts import ALWAYS_ASKED, values_of
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.roles import FIRMS
from shaoyin.domain.rules import RuleRow

Box = Mapping[str, int]
"""By fact the values that are allowed, a bit each; a fact that is not named may be anything."""
_FLAGS = ("sensitive", "masked", "duty_list", "needs_power")


@dataclass(frozen=True)
class Space:
    """The facts of a pack that its rows ask, each with the values that make a difference to any row."""

    pack: Pack
    values: Mapping[str, tuple[Fact, ...]]
    _masks: dict[Condition, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_masks", {})

    @classmethod
    def of(cls, pack: Pack) -> Space:
        wanted: dict[str, dict[Fact, None]] = {}
        for row in pack.rules.rows:
            for each in row.when:
                wanted.setdefault(each.fact, {}).update(dict.fromkeys(named(each)))
        asked = {**wanted, CATEGORY: {}, "management": {}}
        return cls(pack, {fact: values_of(fact, pack, tuple(values)) for fact, values in asked.items()})

    def mask(self, condition: Condition) -> int:
        known = self._masks.get(condition)
        if known is None:
            found = self._found_in_texts if condition.op == IN_TEXT else self._meeting
            known = self._masks[condition] = sum(1 << number for number in found(condition))
        return known

    def _meeting(self, condition: Condition) -> Iterator[int]:
        meets = tested(condition)
        return (number for number, value in enumerate(self.values[condition.fact]) if meets(value))

    def _found_in_texts(self, condition: Condition) -> Iterable[int]:
        """Of thousands of words those that contain one of a few: looked for in all of them at once."""
        texts = [value if isinstance(value, str) else "" for value in self.values[condition.fact]]
        whole = "\n".join(texts)
        starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        found: set[int] = set()
        for word in (each for each in named(condition) if isinstance(each, str)):
            at = whole.find(word)
            while at >= 0:
                found.add(bisect_right(starts, at) - 1)
                at = whole.find(word, starts[bisect_right(starts, at)])
        return found

    def bits_for(self, fact: str, allowed: Iterable[Fact]) -> int:
        among = list(allowed)
        return sum(1 << number for number, value in enumerate(self.values[fact]) if value in among)

    def box(self, row: RuleRow) -> Box:
        """What the row asks. Who is the firm hangs on the management, and a public place is managed by nobody."""
        box: dict[str, int] = {}
        for each in row.when:
            box[each.fact] = box.get(each.fact, -1) & self.mask(each)
        if "firm" in box:
            firms = self.values["firm"]
            meets = {value for number, value in enumerate(firms) if box["firm"] >> number & 1}
            modes = [mode for mode in self.values["management"] if (None if mode is None else mode in FIRMS) in meets]
            box["management"] = box.get("management", -1) & self.bits_for("management", modes)
            del box["firm"]
        if box.get("land") == self.bits_of("land", "public"):
            box["management"] = box.get("management", -1) & self.bits_for("management", [None])
        return box

    def bits_of(self, fact: str, value: Fact) -> int:
        return self.bits_for(fact, [value]) if fact in self.values else 0

    @property
    def unknown(self) -> Mapping[str, int]:
        """By fact the bit that stands for nothing being known of it; it is the last."""
        return {fact: len(values) - 1 for fact, values in self.values.items()}

    @property
    def told_by_category(self) -> frozenset[str]:
        """Facts that the category of a matter may settle, the category itself among them."""
        return frozenset({CATEGORY, *_FLAGS, *self.pack.questions}) - ALWAYS_ASKED

    def pinned(self, code: Fact) -> Box:
        """What is known of every matter of a category: its flags, and that questions it does not ask have no answer."""
        category = self.pack.categories.get(code) if isinstance(code, str) else None
        if category is None:
            return {}
        entry = self.pack.catalogue.get(category.code)
        known: dict[str, Fact] = {
            "sensitive": category.sensitive, "masked": category.masked,
            "duty_list": entry.duty_list if entry else None,
            "needs_power": entry.needs is not None if entry else None,
            **dict.fromkeys(set(self.pack.questions) - {*category.questions, *ALWAYS_ASKED}),
        }  # fmt: skip
        return {fact: self.bits_for(fact, [value]) for fact, value in known.items() if fact in self.values}


@dataclass(frozen=True, slots=True)
class Asked:
    """A row, what it asks, and where it stands in the table."""

    row: RuleRow
    box: Box
    place: int


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
                if each.place not in seen:
                    seen.add(each.place)
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
