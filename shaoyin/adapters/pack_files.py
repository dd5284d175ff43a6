"""Reads one YAML page of a pack into plain data, and remembers where each cell stands.

YAML 1.2, and no more of it than a clerk needs: no anchors, no tags, no directives, no tabs, one document a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from shaoyin.adapters.pack_lines import SIGN, InDoubt, Line, entry, shortened
from shaoyin.adapters.yaml_events import Broken, Event, InOtherSigns, carefully, kind_of, quickly

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
    found = _composed(quickly(line.written), _Cells({})).spot((0, *path), key=key)
    return Spot(found.row + line.row - 1, found.column)


@lru_cache(maxsize=64)
def read(raw: bytes) -> Page:
    """The page, or Unreadable with the row and column where it broke. The same bytes are read once."""
    text = _text(raw)
    short = shortened(text)
    try:
        page = _composed(quickly(short.text), _Cells(short.runs))
    except (InDoubt, Unreadable):
        return whole(text)  # and that tells what is wrong and where
    return page if isinstance(page.data, list | dict) and not page.slips else whole(text)


def words(text: str) -> object:
    """A page of ours, of which nobody asks where its cells stand."""
    return _composed(quickly(text), _Cells({})).data


def forget() -> None:
    """Of packs that are made nobody asks for the pages again, and they take more room than the packs."""
    read.cache_clear()


def whole(text: str) -> Page:
    """As the careful reader alone reads it."""
    try:
        return _composed(carefully(text), _Cells({}))
    except Broken as broken:
        told = {"reason": broken.reason}
        raise Unreadable(Slip("not_yaml", Spot(broken.row, broken.column), told=told)) from broken
    except InOtherSigns as strange:
        raise Unreadable(Slip("strange_sign", _spot_of(text, strange.at))) from strange


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


def _composed(events: Iterator[Event], cells: _Cells) -> Page:
    data: object = None
    documents = 0
    for event in events:
        if kind_of(event) == "DocumentStart":
            documents += 1
            if event.version is not None or event.tags or documents > 1:
                raise Unreadable(Slip("one_plain_document", _spot(event)))
            data = cells.take(next(events), events, ())
    if documents == 0:
        raise Unreadable(Slip("empty_page", TOP))
    return Page(data, cells.values, cells.keys, tuple(cells.slips), cells.lines)


def _spot(event: Event) -> Spot:
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

    def take(self, event: Event, events: Iterator[Event], path: Steps) -> object:
        if kind_of(event) == "Alias" or event.anchor is not None:
            raise Unreadable(Slip("anchor", _spot(event), path))
        if event.tag is not None:
            raise Unreadable(Slip("tag", _spot(event), path, {"tag": str(event.tag)}))
        self.taken += 1
        if self.taken > CELLS_AT_MOST:
            raise Unreadable(Slip("too_many_cells", _spot(event), path, {"at_most": str(CELLS_AT_MOST)}))
        if len(path) > DEEPEST:
            raise Unreadable(Slip("too_deep", _spot(event), path))
        match kind_of(event):
            case "Scalar":
                if event.value or event.style or path not in self.keys:
                    self.values[path] = _spot(event)
                return self._scalar(event, path)
            case "SequenceStart":
                return self._list(event, events, path)
            case "MappingStart":
                return self._mapping(event, events, path)
            case other:
                raise AssertionError(f"no cell begins with {other}")

    def _scalar(self, event: Event, path: Steps) -> object:
        """An empty cell means nothing in a pack; whoever left it meant to write something."""
        if SIGN in event.value and self.runs:
            raise InDoubt
        found = _plain(event)
        if found is None:
            self.slips.append(Slip("empty_cell", self.keys.get(path, _spot(event)), path))
        return found

    def _list(self, start: Event, events: Iterator[Event], path: Steps) -> list[object]:
        self._stands(start, path)
        items: list[object] = []
        while kind_of(event := next(events)) != "SequenceEnd":
            run = self.runs.get(event.value) if kind_of(event) == "Scalar" else None
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

    def _mapping(self, start: Event, events: Iterator[Event], path: Steps) -> dict[str, object]:
        self._stands(start, path)
        entries: dict[str, object] = {}
        while kind_of(event := next(events)) != "MappingEnd":
            key = self._key(event, path)
            if key in entries:
                self.slips.append(Slip("key_twice", _spot(event), (*path, key), {"key": key}))
            self.keys.setdefault((*path, key), _spot(event))
            entries[key] = self.take(next(events), events, (*path, key))
        return entries

    def _key(self, event: Event, path: Steps) -> str:
        is_word = kind_of(event) == "Scalar"
        if is_word and SIGN in event.value and self.runs:
            raise InDoubt
        key = _plain(event) if is_word and event.anchor is None and event.tag is None else None
        if not isinstance(key, str) or key == "<<":
            raise Unreadable(Slip("strange_key", _spot(event), path))
        return key

    def _stands(self, start: Event, path: Steps) -> None:
        """A list or mapping is found at its name where it has one, else where it begins."""
        if path not in self.keys:
            self.values[path] = _spot(start)


def _plain(event: Event) -> object:
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
