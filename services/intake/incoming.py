"""What a request brought, read strictly: JSON with one meaning, a form's fields, an idempotency key; and the answer."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeVar

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.intake.dotted_form import MULTIPART, URLENCODED, Fields, fields_of
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid
from shaoyin.adapters.web import JSON, KEY_AT_MOST, language, media_type, parse_json, read_body

M = TypeVar("M", bound=BaseModel)
KEY_FIELD = "idempotency_key"
FORMS = (URLENCODED, MULTIPART)
TITLED = frozenset({"unknown_category", "unknown_place", "unknown_community", "place_missing"})
"""Wrongs that give their name to the problem where nothing else is wrong."""
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def media_of(request: Request, taken: Collection[str]) -> str:
    """Raises Problem 415 for any other."""
    media = media_type(request)
    if media not in taken:
        raise Problem(
            415, "unsupported_media_type", {"expected": list(taken)}, headers={"Accept-Post": ", ".join(taken)}
        )
    return media


async def form_of(request: Request) -> Fields:
    """Raises Problem: 415, 413, 400, and 422 where a file is among the fields."""
    media = media_of(request, FORMS)
    return fields_of(await read_body(request), media, request.headers["content-type"])


def read_json(shape: TypeAdapter[M], raw: bytes) -> M:
    """Raises Problem: 400 what is no JSON, no UTF-8 or says a name twice, 422 what has another shape."""
    try:
        read = shape.validate_json(raw, strict=True)
    except ValidationError as wrong:
        parse_json(raw)
        raise refused(field_errors(wrong)) from None
    if raw.count(b":") != _names(read):
        parse_json(raw)
    return read


def _names(read: BaseModel) -> int:
    """How many names were said. Each has a colon of its own: as many colons as names, and none was said twice; more,
    and only a careful reading can tell, which costs as much again.
    """
    said, count = read.model_fields_set, 0
    for name, value in read.__dict__.items():
        if name in said:
            count += 1
            if isinstance(value, BaseModel):
                count += _names(value)
            elif isinstance(value, dict):
                count += len(value)
    return count


def read_form(shape: TypeAdapter[M], body: dict[str, object]) -> M:
    """Values came as text, and are read leniently. Raises Problem 422."""
    try:
        return shape.validate_python(body)
    except ValidationError as wrong:
        raise refused(field_errors(wrong)) from None


def hidden_key(fields: Fields) -> str | None:
    """The key a form without JavaScript brings along, of the same shape as the header's. Raises Problem 422."""
    keys = [value for name, value in fields if name == KEY_FIELD and value]
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise invalid([FieldError(KEY_FIELD, "visible_ascii", {"most": KEY_AT_MOST})])
    return keys[0]


def refused(found: list[FieldError]) -> Problem:
    """422, naming every field."""
    if len(found) == 1 and found[0].code in TITLED:
        return Problem(422, found[0].code, found[0].params, found)
    return invalid(found)


def key_reused() -> Problem:
    """Another body came under a key that was used already."""
    code = "idempotency_key_reused"
    return Problem(422, code, errors=[FieldError("Idempotency-Key", code)])


def in_json(request: Request, content: object, status: int = 200) -> Response:
    """In the reader's language, and kept by nobody on the way."""
    headers = {"Content-Language": language(request), "Vary": "Accept-Language", "Cache-Control": "no-store"}
    return Response(orjson.dumps(content), status, headers, media_type=JSON)
