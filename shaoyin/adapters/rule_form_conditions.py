"""A condition of a rule as fields of a form: how it is asked (`….op`), and the values it is asked of (`….value`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shaoyin.adapters.html_form import Values
from shaoyin.adapters.rule_words import words
from shaoyin.domain.conditions import NOT_KNOWN

KEPT = "kept"
"""A condition that the form has no words for; it stays as it is, or goes."""
WHOLE: Mapping[str, Any] = {
    "yes": True, "no": False, "yes_or_unknown": {"is_not": False}, "no_or_unknown": {"is_not": True},
    "unknown": NOT_KNOWN, "known": {"is_not": NOT_KNOWN},
}  # fmt: skip
"""Ways of asking that need no value."""
NUMBERS = ("is", "at_least", "at_most", "is_not")
IN_TEXT = "contains_any"


def condition_fields(name: str, cell: Any) -> Values:
    op, values = _said(cell)
    return {f"{name}.op": [op], f"{name}.value": values}


def condition_of(name: str, fields: Mapping[str, Sequence[str]], was: Any) -> Any:
    """The cell, or None where it is not asked; one whose value is missing is told by the check."""
    op = next(iter(fields.get(f"{name}.op", ())), "")
    values = [each for each in fields.get(f"{name}.value", ()) if each.strip()]
    if not op:
        return None
    if op == KEPT:
        return was
    if op in WHOLE:
        return WHOLE[op]
    if op == IN_TEXT:
        return {op: [word.strip() for each in values for word in each.splitlines() if word.strip()]}
    if op == "one_of":
        return values[0] if len(values) == 1 else values
    inner = _number(values[0]) if len(values) == 1 else values
    return inner if op == "is" else {op: inner}


def _number(said: str) -> int | str:
    bare = said.strip()
    digits = bare.removeprefix("-")
    return int(bare) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else bare


def _said(cell: Any) -> tuple[str, list[str]]:
    match cell:
        case str() if _listed(cell) == [NOT_KNOWN]:
            return "unknown", []
        case {"is_not": str(inner)} if _listed(inner) == [NOT_KNOWN]:
            return "known", []
        case bool():
            return ("yes" if cell else "no"), []
        case {"is_not": bool(inner)}:
            return ("no_or_unknown" if inner else "yes_or_unknown"), []
        case int():
            return "is", [str(cell)]
        case {**one} if len(one) == 1 and (op := next(iter(one))) in NUMBERS and isinstance(one[op], int):
            return op, [str(one[op])]
        case {"contains_any": [*found]} if all(isinstance(word, str) for word in found):
            return IN_TEXT, ["\n".join(found)]
        case {"one_of": inner} if _named(inner):
            return "one_of", _listed(inner)
        case {"is_not": inner} if _named(inner):
            return "is_not", _listed(inner)
        case _ if _named(cell):
            return "one_of", _listed(cell)
        case _:
            return KEPT, []


def _listed(cell: Any) -> list[str]:
    """That nothing is known is said by its code; other words are codes already, and a text is no code."""
    return [words("unknown").code(each) for each in ([cell] if isinstance(cell, str) else cell)]


def _named(cell: Any) -> bool:
    return isinstance(cell, str) or (isinstance(cell, list) and all(isinstance(each, str) for each in cell))
