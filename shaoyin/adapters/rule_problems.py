"""Brings a problem of a page of rules back to the row, and the cell of the row, that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from shaoyin.adapters.pack_files import read
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.packs import Located
from shaoyin.adapters.rule_page import line_of
from shaoyin.adapters.rule_table import PAGE

Starts = Mapping[str, Sequence[tuple[str, int]]]
"""By pack: each line of its page of rules in their order, and the row of the file in which it begins."""


@dataclass(frozen=True, slots=True)
class InRow:
    """A problem of a line of the table; `steps` lead to the cell: `("then", "main")`, none for the row as a whole."""

    line: str
    steps: tuple[str, ...]
    problem: Located


def starts_of(packs: Handed) -> Starts:
    """Of pages that can be read. Raises Unreadable."""
    return {name: list(_starts(pages[PAGE])) for name, pages in packs.items() if PAGE in pages}


def _starts(raw: bytes) -> Iterable[tuple[str, int]]:
    page = read(raw)
    rows = page.data if isinstance(page.data, list) else []
    return ((line_of(row), page.spot((index,)).row) for index, row in enumerate(rows) if isinstance(row, dict))


def in_rows(problems: Iterable[Located], starts: Starts) -> tuple[list[InRow], list[Located]]:
    """Those that are about a row, and the others."""
    found: list[InRow] = []
    elsewhere: list[Located] = []
    for problem in problems:
        about = in_row(problem, starts)
        if about is None:
            elsewhere.append(problem)
        else:
            found.append(about)
    return found, elsewhere


def in_row(problem: Located, starts: Starts) -> InRow | None:
    """By the path to the cell; where there is none, by the row of the file."""
    pack, file = Path(problem.file).parts[-2:]
    lines = starts.get(pack, ()) if file == PAGE else ()
    number, *steps = problem.path.split(".")
    if number.isdecimal() and int(number) < len(lines):
        return InRow(lines[int(number)][0], tuple(steps), problem)
    above = list(takewhile(lambda each: each[1] <= problem.row, lines))
    return InRow(above[-1][0], (), problem) if above else None
