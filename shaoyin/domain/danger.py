"""Danger in a text: which words show it, and what is harmless although it sounds like it (飞线充电容易起火)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.phrases import Hit, Phrases, longest, phrases_of
from shaoyin.domain.unsaid import Unsaid, Why
from shaoyin.domain.writing import Writing

BY_SOUND_FROM = 3
"""Two signs that only sound like a danger are too often something else: 这火锅 is no 着火."""


@dataclass(frozen=True, slots=True)
class EmergencySign:
    """Words or answers that show danger, the number to call now and what to say beside it (domain 4.2 rows 1-4).

    `even_if`: a danger so grave that the word counts also where it is only feared, or past.
    """

    danger: str
    number: str
    say: Mapping[str, str]
    words: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    even_if: tuple[Why, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DangerSeen:
    """A danger and the words in which it was seen, as they were written."""

    danger: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class DangerWords:
    """Every word of danger of a pack, looked for all at once."""

    signs: tuple[EmergencySign, ...]
    unsaid: Unsaid
    writing: Writing

    @cached_property
    def _phrases(self) -> Phrases:
        return phrases_of(tuple(word for word, _ in self._meanings), self.writing, BY_SOUND_FROM)

    @cached_property
    def _meanings(self) -> tuple[tuple[str, EmergencySign | None], ...]:
        """Each phrase with the sign it is a word of; None where it is harmless."""
        words = [(word, sign) for sign in self.signs for word in sign.words]
        return (*words, *((phrase, None) for sign in self.signs for phrase in sign.harmless))

    @cached_property
    def seen(self) -> Callable[[str], tuple[DangerSeen, ...]]:
        """In the order of the signs; a report's text is asked about several times in a row, by whoever handles it."""
        return lru_cache(maxsize=16)(self._look)

    def _look(self, text: str) -> tuple[DangerSeen, ...]:
        plain = self.writing.plain(text)
        hits = self._phrases.find(plain)
        if not hits:
            return ()
        found: dict[str, list[str]] = {}
        for hit in longest(hits):
            sign = self._meanings[hit.number][1]
            if sign is not None and self._is_said(plain, hit, sign):
                found.setdefault(sign.danger, []).append(text[hit.start : hit.end])
        return tuple(
            DangerSeen(sign.danger, tuple(dict.fromkeys(found[sign.danger])))
            for sign in self.signs
            if sign.danger in found
        )

    def _is_said(self, plain: str, hit: Hit, sign: EmergencySign) -> bool:
        why = self.unsaid.why(plain, hit.start)
        return why is None or why in sign.even_if
