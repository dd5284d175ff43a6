"""Reads the lines of a rules workbook, cell by cell as text, and writes on a copy what is wrong with which cell."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from shaoyin.adapters.rule_conditions import NotSaid
from shaoyin.adapters.rule_words import columns, sheet

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

UNPACKED_AT_MOST = 64 << 20
"""Bytes of a workbook once unpacked; a table of 3,000 rows has a tenth of it."""
WRONG = "FFC7CE"
_AUTHOR = "shaoyin"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a cell of the sheet, rows and columns counted from 1."""

    row: int
    column: int
    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.code}: {self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """The lines that say something; `wrong` are cells that are no text, by row and column."""

    lines: tuple[Line, ...]
    at: Mapping[str, int]
    wrong: tuple[tuple[int, int, NotSaid], ...] = ()
    book: Workbook | None = field(default=None, repr=False, compare=False)


def read_sheet(path: Path) -> Sheet:
    """Raises NotSaid where the file is no such workbook at all."""
    book = _opened(path)
    name = sheet("rules")
    if name not in book.sheetnames:
        raise NotSaid("sheet_missing", sheet=name)
    page = book[name]
    at, wrong = _columns(page)
    lines = []
    for number in range(2, page.max_row + 1):
        cells: dict[str, str] = {}
        for column, index in at.items():
            try:
                text = _text(page.cell(number, index))
            except NotSaid as error:
                wrong.append((number, index, error))
                continue
            if text.strip():
                cells[column] = text
        if cells.keys() - {"from"}:
            lines.append(Line(number, cells))
    return Sheet(tuple(lines), at, tuple(wrong), book)


def _opened(path: Path) -> Workbook:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(path) as packed:
            if sum(each.file_size for each in packed.infolist()) > UNPACKED_AT_MOST:
                raise NotSaid("not_a_workbook", reason="too large")
        return load_workbook(path)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        if isinstance(error, NotSaid):
            raise
        raise NotSaid("not_a_workbook", reason=str(error)[:80]) from error


def _columns(page: Worksheet) -> tuple[dict[str, int], list[tuple[int, int, NotSaid]]]:
    """Columns are known by their heading, in either language, and may stand in any order."""
    named = {said: name for name, each in columns().items() for said in (*each.values(), name)}
    at: dict[str, int] = {}
    wrong: list[tuple[int, int, NotSaid]] = []
    for index in range(1, page.max_column + 1):
        heading = str(page.cell(1, index).value or "").strip()
        name = next((named[part.strip()] for part in heading.splitlines() if part.strip() in named), None)
        if name is None and heading:
            wrong.append((1, index, NotSaid("unknown_column", column=heading[:40])))
        elif name is not None and name in at:
            wrong.append((1, index, NotSaid("column_twice", column=heading[:40])))
        elif name is not None:
            at[name] = index
    missing = [said["zh-CN"] for name, said in columns().items() if name not in at and name != "from"]
    wrong += [(1, 1, NotSaid("column_missing", column=name)) for name in missing]
    return at, wrong


def _text(cell: Any) -> str:
    """What stands in a cell, as it would be typed."""
    value = cell.value
    if cell.data_type == "f":
        raise NotSaid("formula")
    if cell.data_type == "e" or isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise NotSaid("not_plain_cell")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace("\r\n", "\n").replace("_x000D_", "")


def write_problems(found: Sheet, problems: Iterable[CellProblem], path: Path) -> None:
    """A copy of the workbook in which each wrong cell is coloured and says what is wrong; older remarks are gone."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    assert found.book is not None
    page = found.book[sheet("rules")]
    for cell in _marked(page):
        cell.comment = None
        cell.fill = PatternFill()
    said: dict[tuple[int, int], list[str]] = {}
    for problem in problems:
        said.setdefault((problem.row, problem.column), []).append(f"{problem.zh}\n{problem.en}")
    for (row, column), texts in said.items():
        cell = page.cell(row, column)
        cell.comment = Comment("\n\n".join(texts), _AUTHOR, height=120, width=360)
        cell.fill = PatternFill("solid", fgColor=WRONG)
    found.book.save(path)


def _marked(page: Worksheet) -> Iterator[Any]:
    for row in page.iter_rows():
        yield from (cell for cell in row if cell.comment is not None and cell.comment.author == _AUTHOR)
