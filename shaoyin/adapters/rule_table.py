"""The rules of a pack with those it inherits, row by row in the order of asking, and its own page written anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shaoyin.adapters.pack_files import read
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_page import HEAD, Entry, RulePage, comment_lines, line_of, page_of
from shaoyin.adapters.rule_render import row_text
from shaoyin.adapters.rule_words import Words

PAGE = "rules.yaml"
_NO_LIST = str.maketrans({"、": "/", ",": "/", "\uff0c": "/", "\n": " "})
"""Signs that would make several words of one name."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, the pack that says it, and its place on that pack's page."""

    pack: str
    entry: Entry
    index: int


@dataclass(frozen=True, slots=True)
class Written:
    """A row as a clerk wants it, and what is said beside it."""

    data: Mapping[str, Any]
    comment: str

    @property
    def line(self) -> str:
        return line_of(self.data)


def rows_of(packs: Handed) -> dict[str, Row]:
    """By line. An own row stands where the one stood that it replaces; an own new row comes before all others."""
    found: dict[str, Row] = {}
    for name, pages in packs.items():
        own = {row.entry.line: row for row in _own(name, pages)}
        said = {row.entry.data.get("row") for row in own.values()}
        kept = {
            line: own.get(line, old)
            for line, old in found.items()
            if line in own or old.entry.data.get("row") not in said
        }
        found = {**{line: row for line, row in own.items() if line not in found}, **kept}
    return found


def _own(name: str, pages: Mapping[str, bytes]) -> Iterator[Row]:
    if PAGE in pages:
        for index, entry in enumerate(page_of(pages[PAGE]).entries):
            yield Row(name, entry, index)


def categories_of(packs: Handed) -> Words:
    """The categories by code, with a name that may stand in a list."""
    named: dict[str, tuple[str, ...]] = {}
    for pages in packs.values():
        data = read(pages["categories.yaml"]).data if "categories.yaml" in pages else {}
        assert isinstance(data, dict)
        for code, cell in data.items():
            name = str(cell["name"]["zh-CN"])
            named[code] = (name.translate(_NO_LIST),)
    return Words(named)


def page_anew(packs: Handed, wanted: Sequence[Written]) -> tuple[bytes | None, tuple[str, ...]]:
    """The own page with what is wanted, and the lines on it; no page where it says nothing and there was none.

    A row that is wanted as it stands keeps its own text, to the last sign.
    """
    *_, name = packs
    inherited = rows_of({other: pages for other, pages in packs.items() if other != name})
    raw = packs[name].get(PAGE)
    page = page_of(raw) if raw is not None else RulePage(HEAD, ())
    there = {entry.line: entry for entry in page.entries}
    other = {row.data.get("row") for row in wanted if not _inherited(row, inherited)}
    own = [row for row in wanted if row.data.get("row") in other or row.line in there]
    if raw is None and not own:
        return None, ()
    entries = [_entry(row, there.get(row.line) or _from(inherited, row)) for row in own]
    if page.head and entries and entries[0].comment and not entries[0].before.startswith("\n"):
        entries[0] = replace(entries[0], before=f"\n{entries[0].before}")
    text = RulePage(page.head, tuple(entries), page.tail).text if entries else f"{page.head}[]\n"
    return text.encode(), tuple(row.line for row in own)


def _inherited(row: Written, inherited: Mapping[str, Row]) -> bool:
    there = inherited.get(row.line)
    return there is not None and same(there.entry.data, row.data) and there.entry.comment == row.comment


def _from(inherited: Mapping[str, Row], row: Written) -> Entry | None:
    there = inherited.get(row.line)
    return None if there is None else Entry(there.entry.data, comment_lines(there.entry.comment), there.entry.text)


def _entry(row: Written, there: Entry | None) -> Entry:
    """What stands there, as far as it says what is wanted."""
    if there is not None and there.text and same(there.data, row.data) and there.comment == row.comment:
        return there
    above = there.before if there is not None and _only_above(there) and there.comment == row.comment else None
    blank = "\n" if there is not None and there.before.startswith("\n") else ""
    return Entry(row.data, blank + comment_lines(row.comment) if above is None else above, row_text(row.data))


def _only_above(entry: Entry) -> bool:
    return entry.comment == Entry(entry.data, entry.before, "").comment


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows say the same; an empty cell says nothing, and a yes is no 1."""
    return _written(one) == _written(other)


def _written(row: Mapping[str, Any]) -> str:
    coded = in_codes(row)
    then = {name: each for name, each in dict(coded.get("then", {})).items() if each not in ([], "")}
    return json.dumps({**coded, "then": then}, ensure_ascii=False, sort_keys=True, default=str)
