"""The names that packs have in common, as far as an editor is to offer them: categories, questions, posts, whistles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shaoyin.adapters.pack_names import Words
from shaoyin.adapters.packs import Located, shapes_of

PAGES = ("pack.yaml", "categories.yaml", "questions.yaml", "orgs.yaml", "whistles.yaml")
"""Pages that say the names; the others only use them."""


@dataclass(frozen=True)
class Known:
    """Names by kind, each with what it is called in two languages; where nobody said so, with nothing."""

    categories: dict[str, str] = field(default_factory=dict)
    questions: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    post_kinds: dict[str, str] = field(default_factory=dict)
    specialities: dict[str, str] = field(default_factory=dict)
    org_kinds: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    whistle_types: dict[str, str] = field(default_factory=dict)


def told(words: Words) -> str:
    return f"{words.zh} / {words.en}"


def folders_in(packs: Path) -> list[Path]:
    """Every pack, the one first that the others build on."""
    found = sorted(each.parent for each in packs.glob("*/pack.yaml"))
    return sorted(found, key=lambda each: each.name != "base")


def known_names(folders: Iterable[Path]) -> tuple[Known, list[Located]]:
    """What the pages say, and what is wrong with them; of a page with something wrong nothing is known."""
    known, wrong = Known(), list[Located]()
    for folder in folders:
        shapes = shapes_of(folder, PAGES, wrong)
        for page, take in _TAKEN.items():
            if page in shapes:
                take(known, shapes[page])
    return known, wrong


def _of_pack(known: Known, page: Any) -> None:
    _add(known.counts, ((name, "") for name in page.counts))


def _of_categories(known: Known, page: Any) -> None:
    _add(known.categories, ((code, told(row.name)) for code, row in page.root.items()))


def _of_questions(known: Known, page: Any) -> None:
    for name, row in page.root.items():
        known.questions.setdefault(name, row)


def _of_orgs(known: Known, page: Any) -> None:
    _add(known.post_kinds, ((kind, told(row.name)) for kind, row in page.kinds.items()))
    _add(known.specialities, ((f"{post.kind}:{post.speciality}", "") for post in page.posts if post.speciality))
    _add(known.org_kinds, ((org.kind, "") for org in page.orgs))
    _add(known.resources, ((each, "") for org in page.orgs for each in org.resources))


def _of_whistles(known: Known, page: Any) -> None:
    _add(known.whistle_types, ((name, told(row.name)) for name, row in page.root.items()))


_TAKEN = dict(zip(PAGES, (_of_pack, _of_categories, _of_questions, _of_orgs, _of_whistles), strict=True))


def _add(names: dict[str, str], more: Iterable[tuple[str, str]]) -> None:
    """A name keeps what the first pack called it."""
    for name, words in more:
        names.setdefault(name, words)
