"""Reading requests strictly and answering safely: bodies within their limit, one JSON meaning, checked headers."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shaoyin.adapters.problem import FieldError, Language, Problem, invalid, language_of
from shaoyin.adapters.telemetry import Check, Measured, joined, readiness

BODY_AT_MOST = 1024 * 1024
BODY_OF_STAFF_AT_MOST = 128 * 1024
"""What a command says becomes one event, and an event has to fit into one message of the bus."""
DEPTH_AT_MOST = 32
KEY_AT_MOST = 200
JSON = "application/json"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_VERSION = re.compile(r'(?:W/)?"?(\d{1,12})"?')
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}
_SAFE = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]


async def read_body(request: Request, most: int = BODY_AT_MOST) -> bytes:
    """The whole body, refused with 413 as soon as it is longer than allowed, whatever its headers promised."""
    told = header(request, b"content-length") or ""
    if told.isdigit() and int(told) > most:
        raise Problem(413, "body_too_large", {"most": most})
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        if len(body) + len(chunk) > most:
            raise Problem(413, "body_too_large", {"most": most})
        if not message.get("more_body", False):
            return bytes(body) + chunk if body else chunk
        body += chunk


def header(request: Request, name: bytes) -> str | None:
    """The first of that name, which is given in lower case."""
    for said, value in request.scope["headers"]:
        if said == name:
            return str(value, "latin-1")
    return None


def media_type(request: Request) -> str:
    return (header(request, b"content-type") or "").partition(";")[0].strip().lower()


async def json_body(request: Request, most: int = BODY_AT_MOST) -> Mapping[str, object]:
    """A JSON object. Raises Problem: 415 another kind, 400 what is no JSON or no UTF-8, 422 what is no object."""
    if media_type(request) != JSON:
        raise Problem(415, "unsupported_media_type", {"expected": JSON})
    value = parse_json(await read_body(request, most))
    if not isinstance(value, dict):
        raise invalid([FieldError("", "wrong_type", {"expected": "object"})])
    return value


async def staff_body(request: Request) -> Mapping[str, object]:
    """As `json_body`, of a call of staff."""
    return await json_body(request, BODY_OF_STAFF_AT_MOST)


def parse_json(body: bytes) -> object:
    """One meaning only: no name twice, no NaN, no endless nesting (RFC 8259, I-JSON)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Problem(400, "invalid_utf8", {"position": wrong.start + 1}) from None
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole, parse_float=_finite
        )
    except RecursionError:
        raise Problem(400, "too_deep", {"most": DEPTH_AT_MOST}) from None
    except json.JSONDecodeError as wrong:
        raise Problem(400, "invalid_json", {"line": wrong.lineno, "column": wrong.colno}) from None
    _check_depth(value, DEPTH_AT_MOST)
    if "\\ud" in text.lower() and not _speakable(value):
        raise Problem(400, "invalid_utf8")
    return value


def _speakable(value: object) -> bool:
    """Half a surrogate pair can be written in JSON but never sent on."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole(said: str) -> int:
    """What the store can keep: 64 bits."""
    if len(said) > 20 or not -(2**63) <= int(said) < 2**63:
        raise Problem(400, "invalid_json")
    return int(said)


def _finite(said: str) -> float:
    value = float(said)
    if not math.isfinite(value):
        raise Problem(400, "invalid_json")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Problem(400, "duplicate_key", {"key": name})
        found[name] = value
    return found


def _no_number(_said: str) -> NoReturn:
    raise Problem(400, "invalid_json")


def _check_depth(value: object, left: int) -> None:
    if left == 0:
        raise Problem(400, "too_deep", {"most": DEPTH_AT_MOST})
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _check_depth(each, left - 1)


def language(request: Request) -> Language:
    wishes = [value for name, value in request.scope["headers"] if name == b"accept-language"]
    return language_of(b",".join(wishes).decode("latin-1"))


def idempotency_key(request: Request) -> str | None:
    key = header(request, b"idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Problem(400, "invalid_header", {"header": "Idempotency-Key"})
    return key


def if_match(request: Request) -> int | None:
    """The version the caller saw: `"17"` and 17 (mechanics 27)."""
    said = request.headers.get("if-match")
    if said is None:
        return None
    found = _VERSION.fullmatch(said.strip())
    if found is None:
        raise Problem(400, "invalid_header", {"header": "If-Match"})
    return int(found[1])


UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI asks before every request whether somebody traces it; nobody does, and it is not free."""


class SafeAnswers:
    """Adds the security headers to every answer; the documentation page alone may load its own scripts.

    Starlette answers an unexpected error outside every middleware, where no header can be added any more: so it is
    answered here, by the handler that the program was given for it. Without one, or once an answer has begun, it
    passes on. The same for a request that a graceful stop no longer waits for: the server would answer 500, but it
    may simply be asked again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def safely(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = message["headers"]
                said = {name for name, _ in headers}
                message["headers"] = [*headers, *(each for each in _SAFE if each[0] not in said)]
            await send(message)

        try:
            await self._app(scope, receive, safely)
        except (Exception, asyncio.CancelledError) as error:  # told by the handler; without one it is raised again
            handler = None if begun else getattr(scope.get("app"), "exception_handlers", {}).get(Exception)
            if handler is None:
                raise
            told = _broken_off() if isinstance(error, asyncio.CancelledError) else error
            response = await handler(Request(scope, receive), told)
            await response(scope, receive, safely)


def _broken_off() -> Problem:
    return Problem(503, "engine_away", headers={"Retry-After": "1"})


@dataclass(frozen=True, slots=True)
class Health:
    """How to ask a service how it is: its checks, those that stop nobody, and its metrics, once it runs."""

    checks: Callable[[Request], Mapping[str, Check]]
    metrics: Callable[[Request], Sequence[Measured]]
    optional: frozenset[str] = frozenset()


def add_health(app: FastAPI, prefix: str, health: Health, *process: Measured) -> None:
    """`health/live`, `health/ready` and `metrics` below a prefix (mechanics 38); the process's own numbers too."""

    @app.get(f"{prefix}/health/live", include_in_schema=False)
    async def live() -> JSONResponse:
        return JSONResponse({"live": True})

    @app.get(f"{prefix}/health/ready", include_in_schema=False)
    async def ready(request: Request) -> JSONResponse:
        is_ready, seen = await readiness(health.checks(request), health.optional)
        return JSONResponse(seen, 200 if is_ready else 503, headers={"Cache-Control": "no-store"})

    @app.get(f"{prefix}/metrics", include_in_schema=False)
    async def told(request: Request) -> PlainText:
        return PlainText(joined([*health.metrics(request), *process]))


class Straight(APIRoute):
    """A route that is described like any other and called without FastAPI's dependencies: its endpoint takes the
    request and what the path names, and what it returns is JSON as it is, unless it is a response already.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint, status = self.endpoint, self.status_code or 200

        async def answered(request: Request) -> Response:
            told = await endpoint(request, **request.path_params)
            return told if isinstance(told, Response) else Answer(told, status)

        return answered


class Answer(JSONResponse):
    """JSON of what the core has: times, tuples and dataclasses as they are."""

    def render(self, content: Any) -> bytes:
        return to_json(content)


class PlainText(JSONResponse):
    media_type = "text/plain; version=0.0.4; charset=utf-8"

    def render(self, content: Any) -> bytes:
        return bytes(content)
