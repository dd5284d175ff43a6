"""Reads one YAML page of a pack into plain data, and remembers where each cell stands.

YAML 1.2, and no more of it than a clerk needs: no anchors, no tags, no directives, no tabs, one document a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from shaoyin.adapters.pack_lines import SIGN, InDoubt, Line, entry, shortened

AT_MOST = 1 << 20
"""Bytes of one page; a whole street's areas take a tenth of it."""
DEEPEST = 12
"""Levels of cells inside cells; the rules need six."""
CELLS_AT_MOST = 100_000
"""Cells of one page; a table of 3,000 rows has a third of it, and reading so many takes seconds."""

Steps = tuple[str | int, ...]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the page as an editor counts it, from 1."""

    row: int
    column: int


TOP = Spot(1, 1)


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong on a page. `path` leads to the cell, `told` fills the sentence about it."""

    code: str
    spot: Spot
    path: Steps = ()
    told: Mapping[str, str] = field(default_factory=dict)


class Unreadable(Exception):  # noqa: N818 - the page is unreadable; nothing of it can be used
    def __init__(self, slip: Slip) -> None:
        super().__init__(slip.code)
        self.slip = slip


@dataclass(frozen=True)
class Page:
    """A page that could be read. `slips` are keys that stand twice; such a page must not be used.

    Of an entry that is one plain line only the line is kept; where its cells stand is seen when somebody asks.
    """

    data: object
    values: Mapping[Steps, Spot]
    keys: Mapping[Steps, Spot]
    slips: tuple[Slip, ...]
    lines: Mapping[Steps, Line] = field(default_factory=dict)

    def spot(self, path: Steps, *, key: bool = False) -> Spot:
        """Where the cell stands, else the nearest cell around it; `key` asks for the name before the cell."""
        for length in range(len(path), -1, -1):
            here = path[:length]
            if here in self.lines:
                return _on_the_line(self.lines[here], path[length:], key=key)
            names_first = (self.keys, self.values) if key else (self.values, self.keys)
            for spots in names_first:
                if here in spots:
                    return spots[here]
        return TOP


def _on_the_line(line: Line, path: Steps, *, key: bool) -> Spot:
    found = whole(line.written).spot((0, *path), key=key)
    return Spot(found.row + line.row - 1, found.column)


@lru_cache(maxsize=64)
def read(raw: bytes) -> Page:
    """The page, or Unreadable with the row and column where it broke. The same bytes are read once."""
    text = _text(raw)
    short = shortened(text)
    if short.runs:
        try:
            return _composed(_events(short.text), _Cells(short.runs))
        except (InDoubt, Unreadable, MarkedYAMLError, ReaderError):
            pass  # the whole page is read again, and tells what is wrong and where
    return whole(text)


def forget() -> None:
    """Of packs that are made nobody asks for the pages again, and they take more room than the packs."""
    read.cache_clear()


def whole(text: str) -> Page:
    """As the YAML reader alone reads it."""
    try:
        return _composed(_events(text), _Cells({}))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = Spot(mark.line + 1, mark.column + 1) if mark is not None else TOP
        told = {"reason": str(error.problem or error.context)}
        raise Unreadable(Slip("not_yaml", spot, told=told)) from error
    except ReaderError as error:
        raise Unreadable(Slip("strange_sign", _spot_of(text, error.position))) from error


def _events(text: str) -> Iterator[Any]:
    return iter(YAML(typ="safe", pure=True).parse(text))


def _text(raw: bytes) -> str:
    text = decoded(raw)
    tab = text.find("\t")
    if tab >= 0:
        raise Unreadable(Slip("tab", _spot_of(text, tab)))
    return text


def decoded(raw: bytes) -> str:
    if len(raw) > AT_MOST:
        raise Unreadable(Slip("too_large", TOP, told={"at_most": str(AT_MOST)}))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        raise Unreadable(Slip("not_utf8", _spot_of(before, len(before)))) from error


def _spot_of(text: str, at: int) -> Spot:
    row_starts = text.rfind("\n", 0, at) + 1
    return Spot(text.count("\n", 0, at) + 1, at - row_starts + 1)


def _composed(events: Iterator[Any], cells: _Cells) -> Page:
    data: object = None
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if event.version is not None or event.tags or documents > 1:
                raise Unreadable(Slip("one_plain_document", _spot(event)))
            data = cells.take(next(events), events, ())
    if documents == 0:
        raise Unreadable(Slip("empty_page", TOP))
    return Page(data, cells.values, cells.keys, tuple(cells.slips), cells.lines)


def _spot(event: Any) -> Spot:
    return Spot(event.start_mark.line + 1, event.start_mark.column + 1)


class _Cells:
    """Builds the data cell by cell; aliases are refused where they begin, so no small file grows large."""

    def __init__(self, runs: Mapping[str, tuple[Line, ...]]) -> None:
        self.runs = runs
        self.lines: dict[Steps, Line] = {}
        self.values: dict[Steps, Spot] = {}
        self.keys: dict[Steps, Spot] = {}
        self.slips: list[Slip] = []
        self.taken = 0

    def take(self, event: Any, events: Iterator[Any], path: Steps) -> object:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise Unreadable(Slip("anchor", _spot(event), path))
        if event.tag is not None:
            raise Unreadable(Slip("tag", _spot(event), path, {"tag": str(event.tag)}))
        self.taken += 1
        if self.taken > CELLS_AT_MOST:
            raise Unreadable(Slip("too_many_cells", _spot(event), path, {"at_most": str(CELLS_AT_MOST)}))
        if len(path) > DEEPEST:
            raise Unreadable(Slip("too_deep", _spot(event), path))
        match event:
            case ScalarEvent():
                if event.value or event.style or path not in self.keys:
                    self.values[path] = _spot(event)
                return self._scalar(event, path)
            case SequenceStartEvent():
                return self._list(event, events, path)
            case MappingStartEvent():
                return self._mapping(event, events, path)
            case _:
                raise AssertionError(f"no cell begins with {event!r}")

    def _scalar(self, event: Any, path: Steps) -> object:
        """An empty cell means nothing in a pack; whoever left it meant to write something."""
        if SIGN in event.value and self.runs:
            raise InDoubt
        found = _plain(event)
        if found is None:
            self.slips.append(Slip("empty_cell", self.keys.get(path, _spot(event)), path))
        return found

    def _list(self, start: Any, events: Iterator[Any], path: Steps) -> list[object]:
        self._stands(start, path)
        items: list[object] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            run = self.runs.get(event.value) if isinstance(event, ScalarEvent) else None
            if run is None:
                items.append(self.take(event, events, (*path, len(items))))
            else:
                self._lines(run, items, path)
        return items

    def _lines(self, run: tuple[Line, ...], items: list[object], path: Steps) -> None:
        if len(path) + 2 >= DEEPEST:
            raise InDoubt
        for line in run:
            self.lines[(*path, len(items))] = line
            items.append(entry(line, _meaning))

    def _mapping(self, start: Any, events: Iterator[Any], path: Steps) -> dict[str, object]:
        self._stands(start, path)
        entries: dict[str, object] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self._key(event, path)
            if key in entries:
                self.slips.append(Slip("key_twice", _spot(event), (*path, key), {"key": key}))
            self.keys.setdefault((*path, key), _spot(event))
            entries[key] = self.take(next(events), events, (*path, key))
        return entries

    def _key(self, event: Any, path: Steps) -> str:
        if isinstance(event, ScalarEvent) and SIGN in event.value and self.runs:
            raise InDoubt
        key = _plain(event) if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None else None
        if not isinstance(key, str) or key == "<<":
            raise Unreadable(Slip("strange_key", _spot(event), path))
        return key

    def _stands(self, start: Any, path: Steps) -> None:
        """A list or mapping is found at its name where it has one, else where it begins."""
        if path not in self.keys:
            self.values[path] = _spot(start)


def _plain(event: Any) -> object:
    """Whatever stands in quotes is text."""
    written: str = event.value
    return _meaning(written) if event.implicit[0] else written


def _meaning(written: str) -> object:
    """The core schema of YAML 1.2, with dates: `yes` is a word, `010` is ten."""
    if written in _WORDS:
        return _WORDS[written]
    if _INT.fullmatch(written):
        return int(written)
    if _DATE.fullmatch(written):
        return _date(written)
    return (
        float(written.lower().replace(".inf", "inf").replace(".nan", "nan")) if _FLOAT.fullmatch(written) else written
    )


def _date(written: str) -> object:
    """A day that exists; 2026-02-30 stays text, and the cell that wants a date says so."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return written
