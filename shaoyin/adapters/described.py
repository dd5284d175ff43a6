"""How calls are described in OpenAPI: their bodies spelt out in place, their headers, their problems (RFC 9457)."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from pydantic import BaseModel, Field

from shaoyin.adapters.web import JSON, KEY_AT_MOST

Described = dict[str, Any]
PROBLEM = "application/problem+json"
RETRY = frozenset({429, 503})
CALLS_OF_STAFF = (401, 429, 503)
READS_OF_STAFF = (404, 422, *CALLS_OF_STAFF)
COMMANDS_OF_STAFF = (400, 403, 404, 409, 412, 413, 415, 422, *CALLS_OF_STAFF)
_MEANINGS = {
    400: "It cannot be read.",
    401: "Nobody is signed in.",
    403: "Not permitted to whoever asks.",
    404: "Not found, or not to be seen by whoever asks.",
    409: "A rule forbids it now; `allowed` says what may be done.",
    412: "It has changed since it was seen.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "It was read and is wrong; `errors` names every field.",
    429: "Too many calls; `Retry-After` says when to come back.",
    503: "An engine is away or too much is asked at once; nothing was confirmed. `Retry-After` says when to come back.",
}


class FieldErrorShown(BaseModel):
    field: str
    code: str
    text: str


class ProblemShown(BaseModel):
    """RFC 9457 with a stable `code`; `detail` is in the reader's language."""

    type: str = Field(pattern=r"^urn:shaoyin:problem:")
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldErrorShown] | None = None


def problems(*statuses: int) -> dict[int | str, Described]:
    """As `responses` of a route takes them."""
    return {status: _problem(status) for status in sorted(set(statuses))}


def _problem(status: int) -> Described:
    told: Described = {"description": _MEANINGS[status], "content": {PROBLEM: {"schema": spelt_out(ProblemShown)}}}
    if status in RETRY:
        told["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return told


def body(schema: Described) -> Described:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def parameters(*said: Described) -> Described:
    return {"parameters": list(said)}


def in_header(name: str, about: str, **schema: object) -> Described:
    told = {"type": "string", **schema}
    return {"name": name, "in": "header", "required": False, "description": about, "schema": told}


KEY = in_header(
    "Idempotency-Key", "The same key gives the first answer again; with another body 422.",
    minLength=1, maxLength=KEY_AT_MOST, pattern="^[!-~]+$",
)  # fmt: skip
VERSION = in_header("If-Match", "The version that was seen.", pattern='^"[0-9]{1,9}"$')
LANGUAGE = in_header("Accept-Language", "zh-CN (default) or en")
DEVICE = in_header(
    "Shaoyin-Device", "A random word of the device's own, so that others in its network do not pay for it.",
    pattern="^[A-Za-z0-9_-]{16,64}$",
)  # fmt: skip


def in_path(name: str) -> Described:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def in_query(model: type[BaseModel]) -> list[Described]:
    """Each field of a list's filters as a parameter."""
    schema = spelt_out(model)
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _unless_null(told)}
        for name, told in schema["properties"].items()
    ]


def _unless_null(told: Described) -> Described:
    """In a query nothing is null: what is left out is not there."""
    kept = {name: value for name, value in told.items() if name not in ("anyOf", "default", "title")}
    inner = [each for each in told.get("anyOf", ()) if each != {"type": "null"}]
    return {**kept, **(inner[0] if len(inner) == 1 else {"anyOf": inner} if inner else {})}


def spelt_out(model: type[BaseModel]) -> Described:
    """A schema without references, which would lead outside the place it is put in."""
    schema = _schema(model)
    known = schema.get("$defs", {})

    def spelt(part: Any) -> Any:
        if isinstance(part, list):
            return [spelt(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return spelt(known[part["$ref"].rpartition("/")[2]])
        return {name: spelt(each) for name, each in part.items() if name != "$defs"}

    return cast("Described", spelt(schema))


@cache
def _schema(model: type[BaseModel]) -> Described:
    """Made once; a problem is described at every route."""
    return model.model_json_schema()
