"""Sentences in the reader's language, by code: read from YAML, merged from several places, filled in by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from shaoyin.adapters.text_pages import text_page

Language = Literal["zh-CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en")
MOST_LETTERS = 200
UNKNOWN = "refused"
_HEADER_LETTERS = 1000
_HEADERS_KEPT = 500
_FILLED = re.compile(r"\{(\w+)\}")
_PIECE = re.compile(r"\[([^\[\]]*)\]")
_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)

Source = Mapping[str, Mapping[str, Any]]
"""By code: `{title: {zh-CN, en}, detail: {zh-CN, en}}`, or one sentence `{zh-CN, en}`, which is the detail."""


class Texts:
    def __init__(self, *sources: Source) -> None:
        self._by_code: dict[str, Mapping[str, Any]] = {}
        for source in sources:
            self.register(source)

    def register(self, source: Source) -> None:
        """Adds a source; a code that is there already gets the newer words."""
        self._by_code.update(source)

    def codes(self) -> frozenset[str]:
        return frozenset(self._by_code)

    def title(self, code: str, language: Language) -> str:
        return str(self._words(code, "title")[language])

    def detail(self, code: str, language: Language, params: Mapping[str, object]) -> str:
        """The sentence, filled in. A code without words still answers, with a sentence that says the code."""
        return filled(str(self._words(code, "detail")[language]), {"code": code, **params}, language)

    def _words(self, code: str, part: Literal["title", "detail"]) -> Mapping[str, Any]:
        words: Mapping[str, Any] = self._by_code.get(code, {})
        if part == "detail" and "zh-CN" in words:
            return words
        found: Mapping[str, Any] = words.get(part) or self._by_code[UNKNOWN][part]
        return found


def problem_texts(*more: Source) -> Texts:
    """The words that come with the library, and `more`: a service's own, a pack's sentences for its refusals."""
    return Texts(text_page("shaoyin.adapters", "problems"), *more)


def language_of(accept_language: str | None) -> Language:
    """Of the two we speak, the one the reader wishes most (RFC 9110, 12.5.4); Chinese where we know no wish of his.

    Of equal wishes the first said wins.
    """
    return _liked((accept_language or "")[:_HEADER_LETTERS])


@lru_cache(_HEADERS_KEPT)
def _liked(accept_language: str) -> Language:
    """Browsers say the same few headers again and again."""
    parts = accept_language.split(",")
    wishes = {language: _wish(language, parts) for language in LANGUAGES}
    liked = max(LANGUAGES, key=lambda language: wishes[language])
    return liked if wishes[liked][0] > 0 else "zh-CN"


def _wish(language: Language, parts: list[str]) -> tuple[float, int]:
    """How much, and how early: by the range that names the language most exactly."""
    found = [(_exactness(tag, language), quality, -place) for place, (tag, quality) in enumerate(map(_range, parts))]
    _, quality, place = max((each for each in found if each[0] >= 0), default=(0, 0.0, 0))
    return quality, place


def _range(part: str) -> tuple[str, float]:
    tag, _, rest = part.partition(";")
    quality = _QUALITY.fullmatch(rest.strip())
    if rest.strip() and not quality:
        return "", 0.0
    return tag.strip().lower(), float(quality[1]) if quality else 1.0


def _exactness(tag: str, language: Language) -> int:
    """zh, zh-Hans-CN and zh-TW all mean our Chinese; a range that means another language counts -1."""
    if tag == "*":
        return 0
    if tag == language.lower():
        return 2
    return 1 if tag.split("-")[0] == language[:2] else -1


def filled(sentence: str, params: Mapping[str, object], language: Language) -> str:
    """`{name}` becomes the value; a `[piece]` goes where one of its names is not known. Nothing else is evaluated."""
    known = {name: _shown(value, language) for name, value in params.items() if value is not None}
    kept = _PIECE.sub(lambda piece: piece[1] if known.keys() >= set(_FILLED.findall(piece[1])) else "", sentence)
    return _FILLED.sub(lambda found: known.get(found[1], "…"), kept)


def _shown(value: object, language: Language) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value)
        return ("、" if language == "zh-CN" else ", ").join(listed)[:MOST_LETTERS]
    return str(value)[:MOST_LETTERS]
