"""What is named in a text and not said to be so: denied, feared, long past (没有漏气, 万一着火, 去年起过火)."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.phrases import clause_before

Why = Literal["denied", "feared", "past"]
FEARED_WITHIN = 12
PAST_WITHIN = 16
BETWEEN_AT_MOST = 3
"""How far before a matter a word of fear or time may stand, in signs, and how many words between it and a denial."""
LOOKED_AT = 24
"""So many signs before a matter are looked at in all, as long as its clause may be."""


@dataclass(frozen=True)
class Unsaid:
    """The words that stand before a matter that is not so, as the pack has them.

    `denied` says that something is not there (没有), `not_meant` that the report is about something else (不是).
    `between` may stand between such a word and the matter. `still` contain one of these words and mean the contrary:
    是不是, 怕是. `now` brings the past and the feared back: 又, 现在.
    """

    denied: tuple[str, ...] = ()
    not_meant: tuple[str, ...] = ()
    feared: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    def why(self, plain: str, at: int) -> Why | None:
        """Why what stands at this place is not said to be so; None where it is. Doubt is no denial."""
        before = clause_before(plain, at, LOOKED_AT)
        if not before:
            return None
        if self._denial.search(self._masked(before)):
            return "denied"
        if self._holds(self._fear, before[-FEARED_WITHIN:]):
            return "feared"
        return "past" if self._holds(self._past, before[-PAST_WITHIN:]) else None

    def not_meant_at(self, plain: str, at: int) -> bool:
        """Whether what stands there is named only to say that the report is about something else."""
        before = clause_before(plain, at, LOOKED_AT)
        return bool(before) and self._other.search(self._masked(before)) is not None

    def _holds(self, pattern: re.Pattern[str], before: str) -> bool:
        """Whether such a word stands there, and nothing after it says that it is so now."""
        found = pattern.search(self._masked(before))
        return found is not None and self._now.search(before, found.end()) is None

    def _masked(self, before: str) -> str:
        return self._still.sub(lambda found: "·" * len(found[0]), before)

    @cached_property
    def _denial(self) -> re.Pattern[str]:
        return self._just_before((*self.denied, *self.not_meant))

    @cached_property
    def _other(self) -> re.Pattern[str]:
        return self._just_before(self.not_meant)

    def _just_before(self, words: tuple[str, ...]) -> re.Pattern[str]:
        return re.compile(f"(?:{_any_of(words)}) ?(?:(?:{_any_of(self.between)}) ?){{0,{BETWEEN_AT_MOST}}}$")

    @cached_property
    def _fear(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.feared))

    @cached_property
    def _past(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.past))

    @cached_property
    def _still(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.still))

    @cached_property
    def _now(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.now))


NOTHING_UNSAID = Unsaid()
"""For a pack without such words: whatever is named is so."""


def _any_of(words: tuple[str, ...]) -> str:
    """The longest first, so that the first that fits is the longest."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"
