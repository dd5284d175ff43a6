"""Turns what pydantic found on a page into slips: the cell, a code of our own, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from shaoyin.adapters.pack_files import Page, Slip, Steps
from shaoyin.adapters.pack_wording import FORMS, SENTENCES

_KEY = "[key]"
_CODES: Mapping[str, str] = {
    "string_type": "not_text", "int_type": "not_a_number", "bool_type": "not_yes_or_no", "list_type": "not_a_list",
    "dict_type": "not_a_mapping", "model_type": "not_a_mapping", "model_attributes_type": "not_a_mapping",
    "date_type": "not_a_date", "literal_error": "not_one_of", "string_too_short": "empty_text",
    "too_short": "empty_text", "string_too_long": "too_long", "greater_than_equal": "too_small",
    "less_than_equal": "too_large_number", "string_pattern_mismatch": "bad_form",
}  # fmt: skip


def slips(error: ValidationError, page: Page, shape: type[BaseModel]) -> Iterator[Slip]:
    """One slip a cell; a cell that stands empty has been named already."""
    for found in error.errors(include_url=False):
        if found["input"] is not None:
            yield _slip(found, page, shape)


def _slip(found: ErrorDetails, page: Page, shape: type[BaseModel]) -> Slip:
    path: Steps = found["loc"]
    match found["type"]:
        case "missing":
            return Slip("field_missing", page.spot(path[:-1]), path, {"field": str(path[-1])})
        case "extra_forbidden":
            told = {"field": str(path[-1]), "allowed": ", ".join(_names_at(shape, path[:-1]))}
            return Slip("unknown_field", page.spot(path, key=True), path, told)
        case code:
            at_key = bool(path) and path[-1] == _KEY
            path = path[:-1] if at_key else path
            known = _CODES.get(code, code if code in SENTENCES else "wrong_value")
            return Slip(known, page.spot(path, key=at_key), path, _told(found))


def _told(found: ErrorDetails) -> dict[str, str]:
    """Everything a sentence may name."""
    ctx: Mapping[str, Any] = found.get("ctx", {})
    form_zh, form_en = FORMS.get(str(ctx.get("pattern")), ("", ""))
    return {
        "value": _short(found["input"]),
        "allowed": str(ctx.get("expected", "")).replace(" or ", ", ").replace("'", ""),
        "form_zh": form_zh,
        "form_en": form_en,
        "at_most": str(ctx.get("max_length", ctx.get("le", ""))),
        "at_least": str(ctx.get("ge", ctx.get("min_length", ""))),
        "reason": found["msg"],
        **{name: str(value) for name, value in ctx.items() if name in ("said", "kind")},
    }


def _short(value: object) -> str:
    written = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = f'"{written}"' if isinstance(value, str) else written
    return (quoted if isinstance(value, str) and written.isdecimal() else written)[:40]


def _names_at(shape: type[BaseModel], path: Steps) -> list[str]:
    """The cells that may stand at a place of a page."""
    inside: Any = shape
    for step in path:
        inside = _inside(inside, step)
    if not (isinstance(inside, type) and issubclass(inside, BaseModel)):
        return []
    return [each.alias or name for name, each in inside.model_fields.items()]


def _inside(shape: Any, step: str | int) -> Any:
    if isinstance(shape, type) and issubclass(shape, RootModel):
        return _inside(shape.model_fields["root"].annotation, step)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = {each.alias or name: each.annotation for name, each in shape.model_fields.items()}
        return fields.get(str(step))
    if get_origin(shape) in (list, dict):
        inner = get_args(shape)[-1]
        return get_args(inner)[0] if hasattr(inner, "__metadata__") else inner
    return None
