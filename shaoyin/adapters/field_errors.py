"""What is wrong with which field: pydantic's many findings in the few codes that clients learn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

PYDANTIC_CODES = frozenset(get_args(ErrorType))
_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "timezone_aware": "time_without_offset",
    "int_from_float": "wrong_type",
    "string_unicode": "wrong_type",
    "url_too_long": "too_long",
    **{f"{kind}too_long": "too_long" for kind in ("", "string_", "bytes_")},
    **{f"{kind}too_short": "too_short" for kind in ("", "string_", "bytes_")},
}
_NO_TIME = re.compile(r"(date|time|datetime|time_delta)_")
_JSON_TYPES = {
    "string": "string",
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean",
    "list": "array",
    "tuple": "array",
    "set": "array",
    "dict": "object",
    "model": "object",
    "dataclass": "object",
}
_BOUNDS = (("ge", "≥ {}"), ("gt", "> {}"), ("le", "≤ {}"), ("lt", "< {}"), ("expected", "{}"))
_BRANCH = re.compile(r"\w\[.*\]$|^function-")


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` is dotted as in `reporter.phone` or `photos.0`; `params` fill the sentence of `code`."""

    field: str
    code: str
    params: Mapping[str, object] = having(default_factory=dict)


def field_errors(wrong: ValidationError) -> list[FieldError]:
    """A validator's own `PydanticCustomError` keeps its type as the code, so a model can say `place_missing`."""
    return in_our_codes(dict(found) for found in wrong.errors(include_url=False, include_input=False))


def in_our_codes(found: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    return [FieldError(_dotted(each["loc"]), _code(each["type"]), _params(each)) for each in found]


def _dotted(loc: Iterable[int | str]) -> str:
    """Without pydantic's names for the branches of a union, which no caller has written."""
    return ".".join(str(part) for part in loc if not _BRANCH.search(str(part)))


def _code(found: str) -> str:
    if found in _CODES:
        return _CODES[found]
    if _NO_TIME.match(found):
        return "not_a_time"
    if found not in PYDANTIC_CODES:
        return found
    return "wrong_type" if found.endswith(("_type", "_parsing")) else "wrong_value"


def _params(found: Mapping[str, Any]) -> dict[str, object]:
    kind = str(found["type"])
    context = {name: value for name, value in (found.get("ctx") or {}).items() if not isinstance(value, Exception)}
    if kind not in PYDANTIC_CODES:
        return context
    match _code(kind):
        case "too_long":
            return {_counted(kind, "most"): context.get("max_length")}
        case "too_short":
            return {_counted(kind, "least"): context.get("min_length")}
        case "wrong_type":
            return {"expected": _JSON_TYPES.get(kind.split("_")[0])}
        case _:
            bounds = [shown.format(context[name]) for name, shown in _BOUNDS if name in context]
            return {"expected": " ".join(bounds)} if bounds else {}


def _counted(kind: str, letters: str) -> str:
    """A text is counted in letters, a list in items."""
    return "items" if kind in {"too_long", "too_short"} else letters
