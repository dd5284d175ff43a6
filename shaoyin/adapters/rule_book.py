"""Writes the rules of a pack as a workbook: a row a line, headings in two languages, lists to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.rule_cells import cells_of
from shaoyin.adapters.rule_table import categories_of, rows_of
from shaoyin.adapters.rule_words import Words, columns, sheet, words

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

CELL_AT_MOST = 32_767
"""Signs that a cell of a workbook holds; the writer would cut off the rest without a word."""
_WIDE: Mapping[str, int] = {
    "row": 7, "from": 9, "group": 15, "effect": 14, "category": 34, "management": 24, "other": 34, "main": 26, "co": 26,
    "informed": 26, "mode": 17, "late": 24, "first_step": 16, "result_within": 10, "urgency": 14, "whistles": 60,
    "more": 34, "basis": 50, "comment": 40,
}  # fmt: skip
_CHOSEN: Mapping[str, str] = {
    "group": "groups", "effect": "effects", "category": "categories", "management": "management", "main": "roles",
    "co": "roles", "informed": "roles", "mode": "modes", "late": "roles", "urgency": "urgency",
}  # fmt: skip
_ONE_ONLY = frozenset({"group", "effect", "mode", "urgency"})
"""Columns in which nothing but a word of the list may stand; the others take several words, or one with a colon."""


class TooLong(ValueError):  # noqa: N818 - said of a cell
    """A text that no cell of a workbook holds."""


def write_book(packs: Handed, path: Path) -> int:
    """The whole table in the order in which it is asked; how many rows there were."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet("rules")
    categories = categories_of(packs)
    rows = rows_of(packs).values()
    lines = [
        {**cells_of(row.entry.data, categories), "from": row.pack, "comment": row.entry.comment} for row in rows
    ]  # fmt: skip
    _head(page)
    for number, cells in enumerate(lines, start=2):
        _line(page, number, cells)
    _lists(book, page, categories, len(lines))
    book.save(path)
    return len(lines)


def _head(page: Worksheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, (name, said) in enumerate(columns().items(), start=1):
        cell = page.cell(1, number, f"{said['zh-CN']}\n{said['en']}")
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE7F0")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[get_column_letter(number)].width = _WIDE[name]
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(columns()))}1"


def _line(page: Worksheet, number: int, cells: Mapping[str, str]) -> None:
    from openpyxl.styles import Alignment

    for column, name in enumerate(columns(), start=1):
        text = cells.get(name, "")
        if len(text) > CELL_AT_MOST:
            raise TooLong(f"row {cells['row']}, {name}: more than {CELL_AT_MOST} signs")
        cell = page.cell(number, column)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.number_format = "@"
        if name == "row" and text.isdecimal():
            cell.value, cell.number_format = int(text), "0"
        elif text:
            cell.value = text
            cell.data_type = "s"


def _lists(book: Workbook, page: Worksheet, categories: Words, count: int) -> None:
    """A second sheet with every word there is, and the lists of the first made of it."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    known = {kind: categories if kind == "categories" else words(kind) for kind in _CHOSEN.values()}
    where = _words(book.create_sheet(sheet("words")), known)
    for number, name in enumerate(columns(), start=1):
        if name in _CHOSEN:
            letter = get_column_letter(number)
            chosen = DataValidation("list", formula1=where[_CHOSEN[name]], allow_blank=True)
            chosen.showErrorMessage = name in _ONE_ONLY
            chosen.add(f"{letter}2:{letter}{count + 500}")
            page.add_data_validation(chosen)


def _words(page: Worksheet, known: Mapping[str, Words]) -> Mapping[str, str]:
    from openpyxl.utils import get_column_letter

    where = {}
    more: Mapping[str, Iterable[str]] = {kind: map(each.shown, each.by_code) for kind, each in known.items()}
    for number, (kind, shown) in enumerate({**more, "ops": map(words("ops").shown, words("ops").by_code)}.items(), 1):
        letter, lines = get_column_letter(number), [kind, *shown]
        for row, text in enumerate(lines, start=1):
            page.cell(row, number, text).data_type = "s"
        page.column_dimensions[letter].width = 30
        where[kind] = f"'{page.title}'!${letter}$2:${letter}${len(lines)}"
    page.freeze_panes = "A2"
    return where
