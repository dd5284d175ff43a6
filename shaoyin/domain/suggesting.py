"""What a resident's words may be about: at most three categories with the words that led there, and the danger.

A suggestion, never a decision: nothing here is kept in a case, and whatever a person chose stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from math import sqrt

from shaoyin.domain.danger import DangerSeen, DangerWords
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.phrases import GAP, Hit, Phrases, longest, phrases_of
from shaoyin.domain.unsaid import Unsaid
from shaoyin.domain.writing import Writing

PROPOSED_AT_MOST = 3
READ_AT_MOST = 1000
"""So many signs of a text are read for its matter; who needs more has said it by then. For danger all are read."""
PER_SIGN = 0.3
LONGEST_COUNTED = 6
CONTEXT = 0.5
AGAINST = -2.0
DANGER = 3.0
BY_SOUND, TWO_BY_SOUND = 0.6, 0.45
"""What a word counts: one, and more the longer it is; its surroundings half; what speaks against it; a danger that
belongs to the category; all of it less where it was only typed by its sound, least for a word of two signs."""
LEAST = 0.6
OF_THE_BEST = 0.3
HALF_SURE = 2.0
"""What is proposed at all; beside a better one; and the sum that is shown as one half."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The words by which people tell of a category, what is often said around it, and what speaks against it.

    `danger`: the emergency that is this category when it is seen.
    """

    category: str
    words: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    danger: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A category, how strongly the words speak for it (0 to 1), and these words as they were written."""

    category: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The likeliest first. `dangers` are the same that show a number at once."""

    categories: tuple[Proposed, ...]
    dangers: tuple[DangerSeen, ...]


@dataclass(frozen=True, slots=True)
class _Speaks:
    category: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Meaning:
    word: str
    speaks: tuple[_Speaks, ...]

    @property
    def speaks_for(self) -> bool:
        return any(each.weight > 0 for each in self.speaks)


@dataclass(frozen=True)
class Suggesting:
    """Every word of a pack's categories, looked for all at once."""

    tellings: tuple[Telling, ...]
    dangers: DangerWords
    unsaid: Unsaid
    writing: Writing

    @cached_property
    def _meanings(self) -> tuple[_Meaning, ...]:
        return _meanings(self.tellings)

    @cached_property
    def _phrases(self) -> Phrases:
        return phrases_of(tuple(each.word for each in self._meanings), self.writing)

    def suggest(self, text: str) -> Suggestion:
        seen = self.dangers.seen(text)
        read = text[:READ_AT_MOST]
        plain = self.writing.plain(read)
        sums = _Sums()
        for hit in self._said(plain):
            for each in self._meanings[hit.number].speaks:
                sums.add(each.category, each.weight * _heard(hit), read[hit.start : hit.end])
        for telling in self.tellings:
            for danger in seen:
                if danger.danger == telling.danger:
                    sums.add(telling.category, DANGER, *danger.words)
        return Suggestion(tuple(sums.best()), seen)

    def _said(self, plain: str) -> Iterable[Hit]:
        """Each phrase once, where it is written best, and nothing that is named only to say that it is not meant.

        What only speaks against a category takes no word from another one.
        """
        found, first = self._phrases.find(plain), dict[int, Hit]()
        against = [hit for hit in found if not self._meanings[hit.number].speaks_for]
        for hit in (*longest(hit for hit in found if self._meanings[hit.number].speaks_for), *against):
            known = first.get(hit.number)
            if (known is None or hit.slips < known.slips) and not self.unsaid.not_meant_at(plain, hit.start):
                first[hit.number] = hit
        return first.values()


class _Sums:
    """What speaks for each category, and in which words."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._words: dict[str, dict[str, None]] = {}

    def add(self, category: str, weight: float, *words: str) -> None:
        self._sums[category] = self._sums.get(category, 0) + weight
        if weight > 0:
            self._words.setdefault(category, {}).update(dict.fromkeys(words))

    def best(self) -> Iterable[Proposed]:
        ranked = sorted(self._sums.items(), key=lambda each: -each[1])[:PROPOSED_AT_MOST]
        for category, total in ranked:
            if total >= max(LEAST, OF_THE_BEST * ranked[0][1]):
                yield Proposed(category, round(total / (total + HALF_SURE), 2), tuple(self._words[category]))


@lru_cache(maxsize=8)
def _meanings(tellings: tuple[Telling, ...]) -> tuple[_Meaning, ...]:
    """Each word with what it speaks for; one that many categories share speaks less for each. Made ready once, and what
    is the same for many words is kept once.
    """
    found: dict[str, list[_Speaks]] = {}
    kinds: tuple[tuple[Callable[[Telling], Iterable[str]], Callable[[str], float]], ...] = (
        (lambda telling: telling.words, _worth),
        (lambda telling: telling.context, lambda _: CONTEXT),
        (lambda telling: telling.against, lambda _: AGAINST),
    )
    for words_of, worth in kinds:
        for telling in tellings:
            for word in words_of(telling):
                found.setdefault(word, []).append(_Speaks(telling.category, worth(word)))
    kept: dict[tuple[_Speaks, ...], tuple[_Speaks, ...]] = {}
    shared = ((word, _shared(speaks)) for word, speaks in found.items())
    return tuple(_Meaning(word, kept.setdefault(speaks, speaks)) for word, speaks in shared)


def _shared(speaks: list[_Speaks]) -> tuple[_Speaks, ...]:
    """What speaks against a category does so in full."""
    among = sqrt(sum(each.weight > 0 for each in speaks) or 1)
    return tuple(_Speaks(each.category, each.weight / among if each.weight > 0 else each.weight) for each in speaks)


def _heard(hit: Hit) -> float:
    if not hit.slips:
        return 1
    return BY_SOUND if hit.signs > 2 else TWO_BY_SOUND


def _worth(word: str) -> float:
    signs = min(len(word.replace(GAP, "")), LONGEST_COUNTED)
    return 1 + PER_SIGN * (signs - 2)
