"""The rows of a pack in the order of asking, each told in both languages, and those of them that somebody looks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_reading import Reading
from shaoyin.adapters.rule_table import Row
from shaoyin.domain.conditions import ALL_OF
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import GROUPS


class Both(NamedTuple):
    """A sentence, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RowTold:
    """`cells` are the sentences of each column of the table; `categories` are those the row asks for by name."""

    line: str
    said_by: str
    group: str
    effect: Both
    cells: Mapping[str, tuple[Both, ...]]
    comment: str
    categories: frozenset[str]
    text: str

    def holds(self, words: Iterable[str]) -> bool:
        return all(word in self.text for word in words)


@dataclass(frozen=True, slots=True)
class LookedFor:
    """What a reader wants to see: words, all of which a row must say; a group; a category."""

    words: str = ""
    group: str = ""
    category: str = ""

    def among(self, rows: Iterable[RowTold]) -> list[RowTold]:
        words = self.words.lower().split()
        return [
            row
            for row in rows
            if self.group in ("", row.group)
            and (not self.category or self.category in row.categories)
            and row.holds(words)
        ]


class Telling:
    """The words of one pack, in both languages."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.zh, self.en = Reading(pack, "zh-CN"), Reading(pack, "en")

    def word(self, kind: str, code: str) -> Both:
        return Both(self.zh.word(kind, code), self.en.word(kind, code))

    def mode(self, mode: str) -> Both:
        return self.word("modes", mode)

    def post(self, post_id: str) -> Both:
        """Its kind and its body; one that is no more by its id."""
        known = self._pack.directory
        post = known.posts.get(post_id)
        if post is None:
            return Both(post_id, post_id)
        kind, org = known.kinds[post.kind].name, known.orgs[post.org].name
        return Both(f"{org['zh-CN']}的{kind['zh-CN']}", f"{kind['en']} of {org['en']}")

    def when(self, at: datetime) -> str:
        """In the community's own time."""
        return f"{at.astimezone(self._pack.zone):%Y-%m-%d %H:%M}"

    def cells(self, data: Mapping[str, Any]) -> Mapping[str, tuple[Both, ...]]:
        zh, en = self.zh.row(data), self.en.row(data)
        return {column: tuple(map(Both, zh[column], en[column])) for column in zh}

    def row(self, row: Row) -> RowTold:
        data, cells = in_codes(row.entry.data), self.cells(row.entry.data)
        group, effect = str(data.get("group")), self.word("effects", str(data.get("effect")))
        said = [each for lines in cells.values() for both in lines for each in both]
        text = "\n".join((row.entry.line, *said, row.entry.comment, *self.word("groups", group), *effect)).lower()
        return RowTold(
            row.entry.line, row.pack, group, effect, cells, row.entry.comment, frozenset(self._named(data)), text
        )

    def _named(self, data: Mapping[str, Any]) -> Iterator[str]:
        cell = (data.get("when") or {}).get("category")
        for each in cell if isinstance(cell, list) else [cell]:
            if isinstance(each, str) and each.endswith(ALL_OF):
                yield from (code for code in self._pack.categories if code.startswith(each[:-1]))
            elif isinstance(each, str):
                yield each


def told(rows: Iterable[Row], pack: Pack) -> tuple[RowTold, ...]:
    """Group after group as they are asked; within a group as they stand."""
    telling = Telling(pack)
    place: dict[str, int] = {group: number for number, group in enumerate(GROUPS)}
    found = [telling.row(row) for row in rows]
    return tuple(sorted(found, key=lambda row: place.get(row.group, len(place))))
