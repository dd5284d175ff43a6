"""A rule as a Chinese reader writes it, `{管理方式: 无主管, inside_flat: {不是: 是}}`, in the codes of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shaoyin.adapters.rule_words import words

Row = dict[str, Any]
YES_NO: Mapping[str, bool] = {"是": True, "否": False}
VALUES = ("management", "urgency", "area_kinds", "unknown")
"""Kinds of words that may stand for a value; no choice of a question is called so, for those are not Chinese."""
_IN_TEXT = "contains_any"
"""What is looked for in a text is looked for as it is written."""


def in_codes(row: Mapping[str, Any]) -> Row:
    """The row, word for word; what is no word of the table stays, and is refused where it is no code either."""
    found = {**row, **_spoken(row, group="groups", effect="effects")}
    if isinstance(found.get("when"), dict):
        found["when"] = {words("facts").code(fact): condition(cell) for fact, cell in found["when"].items()}
    if isinstance(found.get("then"), dict):
        found["then"] = _then(found["then"])
    return found


def _spoken(cells: Mapping[str, Any], **kinds: str) -> Row:
    return {
        name: words(kind).code(cells[name]) for name, kind in kinds.items() if isinstance(cells.get(name), str)
    }  # fmt: skip


def _then(then: Row) -> Row:
    found = {**then, **_spoken(then, mode="modes", urgency="urgency")}
    if isinstance(found.get("first_step"), dict):
        found["first_step"] = {**found["first_step"], **_spoken(found["first_step"], met_by="met_by")}
    if isinstance(found.get("whistles"), list):
        found["whistles"] = [
            {**each, **_spoken(each, tier="tiers")} if isinstance(each, dict) else each for each in found["whistles"]
        ]
    return found


def condition(cell: Any) -> Any:
    """A cell under `when`."""
    match cell:
        case dict() if len(cell) == 1:
            (said, inner), = cell.items()  # fmt: skip
            op = words("ops").code(said)
            if op == "one_of":
                return condition(inner)
            return {op: inner if op == _IN_TEXT else condition(inner)}
        case [*each]:
            return [condition(one) for one in each]
        case str():
            return YES_NO.get(cell, next((code for kind in VALUES if (code := words(kind).code(cell)) != cell), cell))
        case _:
            return cell
