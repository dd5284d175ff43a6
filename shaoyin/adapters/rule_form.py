"""A row of the rules as the fields of a form, and back: a cell that nobody touched stays as it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shaoyin.adapters.html_form import Values
from shaoyin.adapters.rule_form_conditions import condition_fields, condition_of
from shaoyin.domain.rules import OR

Data = dict[str, Any]
Fields = Mapping[str, Sequence[str]]
FACT = "fact"
"""The facts that a row asks, in their order; of each the fields lie under `when.<fact>`."""
WHISTLE = ("type", "tier", "org_kind", "resource", "role", "places", "dangerous", "task")
OF_THE_ROW = ("group", "effect", "before", "basis")
OF_THEN = (
    "main", "co", "informed", "mode", "late", "desk", "result_within", "first_step", "claim", "urgency", "whistles",
    "schedules", "yields_to",
)  # fmt: skip


def fields_of(row: Mapping[str, Any]) -> Values:
    """What a form would send of the row, as it stands, in codes."""
    when, then = row.get("when") or {}, row.get("then") or {}
    fields: Values = {FACT: list(when)}
    for fact, cell in when.items():
        fields |= condition_fields(f"when.{fact}", cell)
    for name in OF_THE_ROW:
        fields |= _WRITTEN.get(name, _one)(name, row.get(name))
    for name in OF_THEN:
        fields |= _WRITTEN.get(name, _one)(name, then.get(name))
    return fields


def row_of(fields: Fields, was: Mapping[str, Any]) -> Data:
    """The row that the fields mean. Whether it may be so the check says: nothing is refused here."""
    before = fields_of(was)
    row: Data = {name: was[name] for name in was if name not in (*OF_THE_ROW, "when", "then")}
    then: Data = {name: each for name, each in (was.get("then") or {}).items() if name not in OF_THEN}
    for cells, names, cell in ((row, OF_THE_ROW, was), (then, OF_THEN, was.get("then") or {})):
        for name in names:
            value = cell.get(name) if _same(fields, before, name) else _READ.get(name, _text)(name, fields)
            if value not in (None, "", []):
                cells[name] = value
    when = dict(_when(fields, before, was.get("when") or {}))
    return {**row, "when": when, "then": then}


def _when(fields: Fields, before: Fields, was: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for fact in dict.fromkeys(fields.get(FACT, ())):
        name = f"when.{fact}"
        if fact in was and _same(fields, before, name):
            yield fact, was[fact]
        elif (cell := condition_of(name, fields, was.get(fact))) is not None:
            yield fact, cell


def _same(fields: Fields, before: Fields, name: str) -> bool:
    return _said(fields, name) == _said(before, name)


def _said(fields: Fields, name: str) -> Mapping[str, list[str]]:
    """The fields of one cell, without those that were left empty."""
    found = {
        each: [value for value in values if value.strip()]
        for each, values in fields.items()
        if each == name or each.startswith(f"{name}.")
    }
    return {each: values for each, values in found.items() if values}


def _one(name: str, cell: object) -> Values:
    return {name: ["" if cell is None else str(cell)]}


def _several(name: str, cell: Sequence[object] | None) -> Values:
    return {name: [str(each) for each in cell or ()]}


def _either(name: str, cell: str | None) -> Values:
    return {name: cell.split(OR) if cell else []}


def _length(name: str, cell: str | None) -> Values:
    amount, _, unit = str(cell or "").partition(" ")
    return {f"{name}.n": [amount], f"{name}.unit": [unit]}


def _first_step(name: str, cell: Mapping[str, Any] | None) -> Values:
    step = cell or {}
    return {**_length(name, step.get("within")), f"{name}.met_by": [str(step.get("met_by", ""))]}


def _whistles(name: str, cell: Sequence[Mapping[str, Any]] | None) -> Values:
    fields: Values = {}
    for number, whistle in enumerate(cell or ()):
        for part in WHISTLE:
            said = whistle.get(part)
            fields[f"{name}.{number}.{part}"] = ["yes" if said is True else "" if said in (None, False) else str(said)]
    return fields


def first(name: str, fields: Fields) -> str:
    return next(iter(fields.get(name, ())), "")


def _text(name: str, fields: Fields) -> str:
    return first(name, fields).strip()


def _list(name: str, fields: Fields) -> list[str]:
    return [each for each in dict.fromkeys(fields.get(name, ())) if each]


def _rows(name: str, fields: Fields) -> list[str | int]:
    return [int(each) if each.isascii() and each.isdecimal() else each for each in _list(name, fields)]


def _within(name: str, fields: Fields) -> str:
    amount, unit = _text(f"{name}.n", fields), _text(f"{name}.unit", fields)
    return f"{amount} {unit}".strip() if amount else ""


def _step(name: str, fields: Fields) -> Data | None:
    within = _within(name, fields)
    return {"within": within, "met_by": _text(f"{name}.met_by", fields) or "measure"} if within else None


def _read_whistles(name: str, fields: Fields) -> list[Data]:
    numbers = sorted({part for each in fields for part in _number(name, each)})
    found = [_whistle(f"{name}.{number}", fields) for number in numbers]
    return [each for each in found if each.get("type")]


def _number(name: str, field: str) -> Iterator[int]:
    of, _, rest = field.removeprefix(f"{name}.").partition(".")
    if field.startswith(f"{name}.") and rest and of.isascii() and of.isdecimal() and len(of) < 4:
        yield int(of)


def _whistle(name: str, fields: Fields) -> Data:
    said = {part: _text(f"{name}.{part}", fields) for part in WHISTLE}
    places, dangerous = said.pop("places"), said.pop("dangerous")
    whistle: Data = {part: each for part, each in said.items() if each or part in ("type", "tier", "task")}
    if places:
        whistle["places"] = int(places) if places.isascii() and places.isdecimal() and len(places) < 7 else places
    if dangerous:
        whistle["dangerous"] = True
    return whistle


_WRITTEN: Mapping[str, Callable[[str, Any], Values]] = {
    "before": _several, "co": _several, "informed": _several, "yields_to": _several,
    "main": _either, "late": _either, "desk": _either,
    "result_within": _length, "claim": _length, "first_step": _first_step, "whistles": _whistles,
}  # fmt: skip
_READ: Mapping[str, Callable[[str, Fields], Any]] = {
    "before": _rows, "yields_to": _rows, "co": _list, "informed": _list,
    **dict.fromkeys(("main", "late", "desk"), lambda name, fields: OR.join(_list(name, fields))),
    "result_within": _within, "claim": _within, "first_step": _step, "whistles": _read_whistles,
}  # fmt: skip
