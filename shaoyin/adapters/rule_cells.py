"""A row of the rules as the cells of one line of a workbook, and back: nothing is lost, whatever the row says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from shaoyin.adapters.pack_files import Unreadable, read
from shaoyin.adapters.rule_codes import condition, in_codes
from shaoyin.adapters.rule_conditions import NO_WORDS, NotSaid, condition_cell, condition_text
from shaoyin.adapters.rule_page import line_of
from shaoyin.adapters.rule_render import flow
from shaoyin.adapters.rule_whistles import whistles_cell, whistles_text
from shaoyin.adapters.rule_words import Words, words

Data = dict[str, Any]
Cells = dict[str, str]
_OF_THE_ROW = {"group": "groups", "effect": "effects"}
_OF_THEN = {"main": "roles", "mode": "modes", "late": "roles", "urgency": "urgency"}
_PLACED = frozenset({"row", "part", "when", "then", "basis", *_OF_THE_ROW})
_LISTS = ("co", "informed")
_WHEN = ("category", "management")
"""Facts with a column of their own."""


def cells_of(row: Mapping[str, Any], categories: Words) -> Cells:
    """What stands in each column; where there is nothing there is no cell."""
    row = in_codes(row)
    when, then = dict(row.get("when", {})), dict(row.get("then", {}))
    cells: Cells = {"row": line_of(row), "basis": str(row.get("basis", ""))}
    for name, kind in _OF_THE_ROW.items():
        cells[name] = words(kind).shown(str(row[name])) if name in row else ""
    for name in _WHEN:
        if name in when:
            known = categories if name == "category" else words("management")
            cells[name] = condition_text(when.pop(name), known, "\n")
    cells["other"] = "\n".join(f"{fact}: {condition_text(cell)}" for fact, cell in when.items())
    for name, kind in _OF_THEN.items():
        cells[name] = words(kind).shown(str(then.pop(name))) if name in then else ""
    for name in _LISTS:
        cells[name] = "\n".join(words("roles").shown(each) for each in then.pop(name, ()))
    cells["result_within"] = str(then.pop("result_within", ""))
    step = then.pop("first_step", None)
    cells["first_step"] = f"{step['within']} {words('met_by').by_code[step['met_by']][0]}" if step else ""
    cells["whistles"] = whistles_text(then.pop("whistles", ()))
    rest = {name: each for name, each in row.items() if name not in _PLACED}
    more = {**{f"then.{name}": each for name, each in then.items()}, **rest}
    cells["more"] = "\n".join(f"{name}: {flow(each)}" for name, each in more.items())
    return {name: text for name, text in cells.items() if text}


def row_of(cells: Mapping[str, str], categories: Words) -> tuple[Data, list[tuple[str, NotSaid]]]:
    """The row that the cells mean, and what is wrong with which column."""
    wrong: list[tuple[str, NotSaid]] = []

    def taken(column: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(cells[column])
        except NotSaid as error:
            wrong.append((column, error))
            return None

    row: Data = dict(taken("row", _line) or {}) if "row" in cells else {}
    row |= {name: words(kind).code(cells[name]) for name, kind in _OF_THE_ROW.items() if name in cells}
    known = {"category": categories, "management": words("management")}
    when = {fact: taken(fact, partial(condition_cell, known=known[fact])) for fact in _WHEN if fact in cells}
    when |= (taken("other", _conditions) or {}) if "other" in cells else {}
    then: Data = {}
    for name in ("main", *_LISTS, "mode", "late", "result_within", "first_step", "urgency", "whistles"):
        if name in cells:
            then[name] = taken(name, _THEN[name])
    for name, value in dict(taken("more", _more) or {} if "more" in cells else {}).items():
        (then if name.startswith("then.") else row)[name.removeprefix("then.")] = value
    row |= {"when": when, "then": then}
    if "basis" in cells:
        row["basis"] = cells["basis"]
    return row, wrong


def _line(text: str) -> Data:
    number = text.strip().rstrip("abcdefghijklmnopqrstuvwxyz")
    part = text.strip()[len(number) :]
    if not number.isascii() or not number.isdecimal() or len(part) > 1:
        raise NotSaid("not_a_row_number", value=text[:40])
    return {"row": int(number), **({"part": part} if part else {})}


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Lines of the form `name: what`, with a colon of either kind."""
    for line in text.splitlines():
        if line.strip():
            name, colon, rest = line.replace("\uff1a", ":", 1).partition(":")
            if not colon or not rest.strip():
                raise NotSaid("not_named", value=line[:40])
            yield name.strip(), rest.strip()


def _conditions(text: str) -> Data:
    return {words("facts").code(fact): condition(condition_cell(rest, NO_WORDS)) for fact, rest in _lines(text)}


def _more(text: str) -> Data:
    found: Data = {}
    for name, rest in _lines(text):
        try:
            page = read(f"x: {rest}\n".encode())
        except Unreadable as error:
            raise NotSaid("not_yaml", reason=rest[:40]) from error
        assert isinstance(page.data, dict)
        found[name] = page.data["x"]
    return found


def _role(text: str) -> str:
    return words("roles").code(text)


def _roles(text: str) -> list[str]:
    return [_role(line) for line in re.split("[、,\uff0c\\n]", text) if line.strip()]


def _first_step(text: str) -> Data:
    within, _, met_by = text.strip().rpartition(" ")
    if not within:
        raise NotSaid("not_a_first_step", value=text[:40])
    return {"within": within.strip(), "met_by": words("met_by").code(met_by)}


_THEN: Mapping[str, Callable[[str], Any]] = {
    "main": _role,
    "co": _roles,
    "informed": _roles,
    "mode": words("modes").code,
    "late": _role,
    "result_within": str.strip,
    "first_step": _first_step,
    "urgency": words("urgency").code,
    "whistles": whistles_cell,
}
