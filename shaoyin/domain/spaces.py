"""The matters that a row is about, as sets: of each fact that rows ask, the values that meet what the row asks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from itertools import accumulate

from shaoyin.domain.boxes import Box
from shaoyin.domain.conditions import CATEGORY, IN_TEXT, Condition, Fact, named, tested
from shaoyin.domain.facts import ALWAYS_ASKED
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.roles import FIRMS
from shaoyin.domain.rules import RuleRow
from shaoyin.domain.values import too_many, values_of

FLAGS = ("sensitive", "masked", "duty_list", "needs_power")
"""Facts that the category and the community's matter catalogue settle."""


@dataclass(frozen=True)
class Space:
    """The facts of a pack that its rows ask, each with the values that make a difference to any row.

    Of a fact that is `coarse` not all of them are there: a row that asks it is about more than its box says.
    """

    pack: Pack
    values: Mapping[str, tuple[Fact, ...]]
    coarse: frozenset[str] = frozenset()
    _masks: dict[Condition, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_masks", {})

    @classmethod
    def of(cls, pack: Pack) -> Space:
        asked: dict[str, dict[Condition, None]] = {CATEGORY: {}, "management": {}}
        for row in pack.rules.rows:
            for each in row.when:
                asked.setdefault(each.fact, {})[each] = None
        values = {fact: values_of(fact, pack, tuple(conditions)) for fact, conditions in asked.items()}
        return cls(pack, values, frozenset(fact for fact, each in asked.items() if too_many(fact, pack, tuple(each))))

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
        whole = "\0".join(texts)
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
        """What the row asks; nothing of a fact of which it takes whatever there is.

        Who is the firm hangs on the management, and a public place is managed by nobody.
        """
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
        return {fact: mask for fact, mask in box.items() if mask != (2 << self.unknown[fact]) - 1}

    def bits_of(self, fact: str, value: Fact) -> int:
        return self.bits_for(fact, [value]) if fact in self.values else 0

    @cached_property
    def unknown(self) -> Mapping[str, int]:
        """By fact its last bit, which stands for nothing being known of it, where there is such a matter."""
        return {fact: len(values) - 1 for fact, values in self.values.items()}

    @property
    def told_by_category(self) -> frozenset[str]:
        """Facts that the category of a matter may settle, the category itself among them."""
        return frozenset({CATEGORY, *FLAGS, *self.pack.questions}) - ALWAYS_ASKED

    def pinned(self, code: Fact) -> Box:
        """What is known of every matter of a category: its flags, and that questions it does not ask have no answer.

        A matter of no category has no flags, and anything may have been asked.
        """
        category = self.pack.categories.get(code) if isinstance(code, str) else None
        if category is None:
            return {fact: self.bits_for(fact, [None]) for fact in FLAGS if fact in self.values}
        entry = self.pack.catalogue.get(category.code)
        known: dict[str, Fact] = {
            "sensitive": category.sensitive, "masked": category.masked,
            "duty_list": entry.duty_list if entry else None,
            "needs_power": entry.needs is not None if entry else None,
            **dict.fromkeys(set(self.pack.questions) - {*category.questions, *ALWAYS_ASKED}),
        }  # fmt: skip
        return {fact: self.bits_for(fact, [value]) for fact, value in known.items() if fact in self.values}
