"""The fields of a form that a browser sends without a script."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from shaoyin.adapters.problem import Problem
from shaoyin.adapters.web import media_type, read_body

URLENCODED = "application/x-www-form-urlencoded"
Fields = list[tuple[str, str]]
Values = dict[str, list[str]]


def urlencoded(raw: bytes, most: int) -> Fields:
    """The fields in their order, empty ones too; at most so many. Raises UnicodeDecodeError, Problem 400."""
    text = raw.decode("utf-8")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise Problem(400, "bad_request") from error


async def posted(request: Request, bytes_at_most: int, fields_at_most: int) -> Values:
    """By name, with line ends as they are everywhere else. Raises Problem: 415, 413, 400."""
    if media_type(request) != URLENCODED:
        raise Problem(415, "unsupported_media_type", {"expected": URLENCODED})
    raw = await read_body(request, bytes_at_most)
    try:
        return values_of(urlencoded(raw, fields_at_most))
    except UnicodeDecodeError as wrong:
        raise Problem(400, "invalid_utf8", {"position": wrong.start + 1}) from None


def values_of(fields: Iterable[tuple[str, str]]) -> Values:
    values: Values = {}
    for name, value in fields:
        values.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return values
