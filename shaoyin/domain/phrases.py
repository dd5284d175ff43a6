"""Finds many phrases in a text at one look, also where one was typed by its sound: 下水到堵了 for 下水道堵了."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from operator import add

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.writing import Writing

GAP = "…"
"""In a phrase: up to GAP_AT_MOST signs of the same clause may stand here."""
GAP_AT_MOST = 8
_CLAUSE_END = re.compile("[。!?;,、…~\n\r:]|(?<![a-z]) | (?![a-z])|\\.(?![0-9])")
_LATIN = re.compile("[a-z]")
_LATIN_ON = re.compile("[a-rt-z]|s[a-z]")
"""What goes on with a word in Latin letters; an s alone makes it many."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase by its number, where it stands, how many signs it has, and how many are only like the right ones."""

    number: int
    start: int
    end: int
    signs: int
    slips: int = 0

    def covers(self, other: Hit) -> bool:
        """Longer, all around it, and no less right."""
        around = self.start <= other.start and other.end <= self.end
        return around and self.signs > other.signs and self.slips <= other.slips


@dataclass(frozen=True, slots=True)
class _Phrase:
    """`first` and `last` are its pieces as they sound; of a phrase without a gap both are the whole. `reach`: how far
    it goes at most.
    """

    number: int
    plain: str
    heard: str
    first: str
    last: str
    reach: int

    @property
    def spread(self) -> bool:
        return self.first is not self.heard


@dataclass(frozen=True)
class Phrases:
    """Numbered from 0 in the order given. A phrase of fewer than `by_sound_from` signs is found as written alone."""

    words: tuple[str, ...]
    writing: Writing
    by_sound_from: int = 2

    @cached_property
    def _by_start(self) -> dict[str, tuple[_Phrase, ...]]:
        """By the first two signs as they sound, or by the first where a gap follows it."""
        found: dict[str, list[_Phrase]] = {}
        for number, word in enumerate(self.words):
            plain = self.writing.plain(word)
            heard = self.writing.heard(plain)
            first, gap, rest = heard.partition(GAP)
            pieces = (first, rest.rpartition(GAP)[2]) if gap else (heard, heard)
            reach = len(heard) + heard.count(GAP) * GAP_AT_MOST
            phrase = _Phrase(number, word if plain == word else plain, heard, *pieces, reach)
            found.setdefault(first[:2], []).append(phrase)
        return {start: tuple(phrases) for start, phrases in found.items()}

    def find(self, plain: str) -> list[Hit]:
        """Every phrase in a text that is in one way of writing already, wherever it stands."""
        return list(self._hits(plain, self.writing.heard(plain)))

    def _hits(self, plain: str, heard: str) -> Iterator[Hit]:
        for at, phrase in self._beginnings(heard):
            if heard.startswith(phrase.first, at) and heard.find(phrase.last, at, at + phrase.reach) >= 0:
                hit = _spread(phrase, at, plain, heard) if phrase.spread else _whole(phrase, at, plain, heard)
                if hit is not None and (not hit.slips or self._may_slip(hit)):
                    yield hit

    def _beginnings(self, heard: str) -> Iterator[tuple[int, _Phrase]]:
        """Where a phrase may begin: most signs of most texts begin none."""
        by_start = self._by_start
        pairs = [at for at, pair in enumerate(map(add, heard, heard[1:])) if pair in by_start]
        signs = [at for at, sign in enumerate(heard) if sign in by_start]
        yield from ((at, phrase) for at in pairs for phrase in by_start[heard[at : at + 2]])
        yield from ((at, phrase) for at in signs for phrase in by_start[heard[at]])

    def _may_slip(self, hit: Hit) -> bool:
        """Half of the signs at most: of two one."""
        return hit.signs >= self.by_sound_from and hit.slips <= hit.signs // 2


@lru_cache(maxsize=16)
def phrases_of(words: tuple[str, ...], writing: Writing, by_sound_from: int = 2) -> Phrases:
    """The same words are made ready once, in however many packs they stand."""
    return Phrases(words, writing, by_sound_from)


def _whole(phrase: _Phrase, at: int, plain: str, heard: str) -> Hit | None:
    signs = len(phrase.heard)
    if not _word_by_itself(plain, at, at + signs):
        return None
    return Hit(phrase.number, at, at + signs, signs, _slips(plain, at, phrase.plain))


def _spread(phrase: _Phrase, at: int, plain: str, heard: str) -> Hit | None:
    """The phrase from this place on, each later piece where it comes first in the same clause."""
    end, signs, slips = at, 0, 0
    for right, sound in zip(phrase.plain.split(GAP), phrase.heard.split(GAP), strict=True):
        reach = end + len(sound) + (GAP_AT_MOST if end > at else 0)
        start = heard.find(sound, end, reach)
        if start < 0 or _CLAUSE_END.search(plain, end, start + 1):
            return None
        signs, slips = signs + len(sound), slips + _slips(plain, start, right)
        end = start + len(sound)
    return Hit(phrase.number, at, end, signs, slips) if _word_by_itself(plain, at, end) else None


def _slips(plain: str, start: int, right: str) -> int:
    if plain.startswith(right, start):
        return 0
    return sum(written != meant for written, meant in zip(plain[start : start + len(right)], right, strict=True))


def _word_by_itself(plain: str, start: int, end: int) -> bool:
    """No part of a longer word in Latin letters: fire is not in firewall."""
    before = _LATIN.match(plain[start]) and start and _LATIN.match(plain[start - 1])
    return not (before or (_LATIN.match(plain[end - 1]) and _LATIN_ON.match(plain, end)))


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """Without those that lie in a longer one; one that is only like the right word covers none that is right."""
    found = sorted(hits, key=lambda hit: (hit.start, -hit.end))
    starts = [hit.start for hit in found]
    reach = max((hit.end - hit.start for hit in found), default=0)
    kept = []
    for each in found:
        near = found[bisect_left(starts, each.end - reach) : bisect_right(starts, each.start)]
        if not any(other.covers(each) for other in near):
            kept.append(each)
    return kept


def clause_before(plain: str, at: int, within: int) -> str:
    """What stands before a place in the same clause, so many signs at most."""
    start = max(at - within, 0)
    for end in _CLAUSE_END.finditer(plain, start, at + 1):
        start = min(end.end(), at)
    return plain[start:at]
