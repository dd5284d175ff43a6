"""Sentences for residents: the pack's own where it has one under the key, else intake's, with the facts filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from string import Formatter

from shaoyin.adapters.program import refusals
from shaoyin.adapters.text_pages import text_page
from shaoyin.adapters.words import Language, Texts, problem_texts
from shaoyin.domain.pack import Pack

Sentences = Mapping[str, Mapping[str, str]]
UNKNOWN = "…"
_WHEN = {"zh-CN": "{at.year}年{at.month}月{at.day}日 {at:%H:%M}", "en": "{at.day} {at:%b %Y, %H:%M}"}


@cache
def sentences(page: str) -> Sentences:
    """One page of intake's own words: `progress`."""
    return text_page("services.intake", page)


def problem_words() -> Mapping[str, Mapping[str, object]]:
    """Intake's own problems in words, for `problem_texts`."""
    return text_page("services.intake", "problems")


def refusal_words(packs: Mapping[str, Pack]) -> Texts:
    """Every problem in words: the library's and intake's own, and the packs' for the rules that only they name."""
    known = problem_texts(problem_words())
    known.register(refusal_sources(packs))
    return known


def refusal_sources(packs: Mapping[str, Pack]) -> Mapping[str, Mapping[str, str]]:
    """The packs' sentences, but for the codes of which intake speaks to residents in words of its own."""
    own = problem_texts(problem_words()).codes()
    return {code: words for code, words in refusals(packs).items() if code not in own}


def said(pack: Pack, key: str, language: Language, facts: Mapping[str, str]) -> str | None:
    """None where neither the pack nor intake has words for it. A fact that is not known is an ellipsis, never an
    error; facts are put in by name alone, so no text can reach into a value.
    """
    words = pack.texts.get(key) or sentences("progress").get(key)
    if words is None:
        return None
    pieces = Formatter().parse(words[language])
    return "".join(text + ("" if name is None else facts.get(name, UNKNOWN)) for text, name, _, _ in pieces)


def when(at: datetime, pack: Pack, language: Language) -> str:
    """The community's own time, as people write it."""
    return _WHEN[language].format(at=at.astimezone(pack.zone))


def length(within: str, language: Language) -> str:
    """`3 wd` as people say it; a date that was stated, and not counted, stays as it is."""
    amount, _, unit = within.partition(" ")
    if amount == "0":
        return sentences("progress")["same_day"][language]
    words = sentences("progress").get(f"length.{unit}")
    if words is None:
        return within
    if language == "en":
        return f"{amount} {words['en'].removesuffix('s') if amount == '1' else words['en']}"
    return f"{amount}{words[language]}"
