"""Reads the plain lines of a long page: entries of one line each, `- {id: x, name: {zh-CN: 某处, en: Somewhere}}`.

A street has thousands of them, and read here they take less than half of the YAML reader's time. Only what can be read
in one way alone is read here: words, numbers, whole texts in quotes, lists and names of them. The rest is left to
the YAML reader, and so is the whole page as soon as anything on it is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

SIGN = "\ue000"
"""Stands in the text for the lines that were taken out."""
_STRANGE = re.compile("[\ue000\r\x85\u2028\u2029]")
"""A page that has the sign anyway, or other line ends than one, is left to the YAML reader."""

_LETTER = r"[\w()()、·/]"
_WORD = rf"{_LETTER}(?:[\w()()、·/.-]| (?={_LETTER}))*"
_QUOTED = r'"(?:[\w()()、·/., :;-]*)"'
_VALUE = rf"(?:{_WORD}|{_QUOTED})"
_KEY = r"[A-Za-z][A-Za-z0-9_-]*"
_INNER = rf"\{{{_KEY}: {_VALUE}(?:, {_KEY}: {_VALUE})*\}}"
_ITEM = rf"(?:{_INNER}|{_VALUE})"
_LIST = rf"\[{_ITEM}(?:, {_ITEM})*\]"
_CELL = rf"{_KEY}: (?:{_INNER}|{_LIST}|{_VALUE})"
_LINE = re.compile(rf"( *)- \{{({_CELL}(?:, {_CELL})*)\}}")
_CELLS = re.compile(rf"({_KEY}): (?:\{{([^{{}}]*)\}}|\[([^\[\]]*)\]|({_VALUE}))")
_ITEMS = re.compile(rf"\{{([^{{}}]*)\}}|({_VALUE})")
_PAIRS = re.compile(rf"({_KEY}): ({_VALUE})")
_NO_KEYS = frozenset({"true", "false", "null"})

Plain = Callable[[str], object]
"""What a word without quotes means: a number, a day, a truth, or itself."""


class InDoubt(Exception):  # noqa: N818 - nothing is wrong; the YAML reader reads the page instead
    pass


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: its row on the page, the whole line, and what stands between its braces."""

    row: int
    written: str
    cells: str


@dataclass(frozen=True, slots=True)
class Shortened:
    """A page in which each run of plain lines is one entry that names it; every other line keeps its row."""

    text: str
    runs: Mapping[str, tuple[Line, ...]]


def shortened(text: str) -> Shortened:
    if _STRANGE.search(text):
        return Shortened(text, {})
    rows = text.split("\n")
    runs: dict[str, tuple[Line, ...]] = {}
    for indent, run in _runs(rows):
        first, name = run[0].row - 1, f"{SIGN}{run[0].row}"
        rows[first : first + len(run)] = [f"{indent}- {name}", *[""] * (len(run) - 1)]
        runs[name] = run
    return Shortened("\n".join(rows), runs)


def _runs(rows: list[str]) -> list[tuple[str, tuple[Line, ...]]]:
    """Lines that follow one another at one depth."""
    found: list[tuple[str, list[Line]]] = []
    for row, written in enumerate(rows, start=1):
        match = _LINE.fullmatch(written)
        if match is None:
            continue
        line = Line(row, written, match[2])
        if found and found[-1][0] == match[1] and found[-1][1][-1].row == row - 1:
            found[-1][1].append(line)
        else:
            found.append((match[1], [line]))
    return [(indent, tuple(lines)) for indent, lines in found]


def entry(line: Line, plain: Plain) -> dict[str, object]:
    """What the line says."""
    return _once(_cells(line.cells, plain))


def _cells(cells: str, plain: Plain) -> Iterator[tuple[str, object]]:
    for key, inner, items, value in _CELLS.findall(cells):
        if value:
            yield key, _value(value, plain)
        elif inner:
            yield key, _inner(inner, plain)
        else:
            yield key, [_inner(pairs, plain) if pairs else _value(word, plain) for pairs, word in _ITEMS.findall(items)]


def _inner(pairs: str, plain: Plain) -> dict[str, object]:
    return _once((name, _value(each, plain)) for name, each in _PAIRS.findall(pairs))


def _once(pairs: Iterator[tuple[str, object]]) -> dict[str, object]:
    """A name that stands twice or is none is for the YAML reader to tell, with its place."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found or key.lower() in _NO_KEYS:
            raise InDoubt
        found[key] = value
    return found


def _value(written: str, plain: Plain) -> object:
    """An empty cell is for the YAML reader to tell."""
    found = written[1:-1] if written[0] == '"' else plain(written)
    if found is None:
        raise InDoubt
    return found
