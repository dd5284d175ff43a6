"""One address that is answered before the framework's router: what is called more than all others together.

The endpoint is a route like any other, described in OpenAPI; only its call is shorter (see the ADR on the direct way).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
Told = Callable[[Request, Exception], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Way:
    """What the router would have said of the route: metrics and error logs name it by its template."""

    path: str


class Direct:
    """Add it before any other middleware: then those lie around it, as around every route. What an endpoint raises is
    told by the handler that the program was given for it; what has none passes on, as it does from a route.
    """

    def __init__(self, app: ASGIApp, method: str, path: str, endpoint: Endpoint) -> None:
        self._app, self._method, self._path, self._endpoint = app, method, path, endpoint
        self._way = Way(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != self._method:
            await self._app(scope, receive, send)
            return
        scope["route"] = self._way
        request = Request(scope, receive)
        try:
            response = await self._endpoint(request)
        except Exception as error:
            told = _told_by(scope, error)
            if told is None:
                raise
            response = await told(request, error)
        await response(scope, receive, send)


def _told_by(scope: Scope, error: Exception) -> Told | None:
    """The handler for the nearest kind of error; the one for `Exception` itself is for what nobody expected."""
    known: dict[Any, Told] = getattr(scope.get("app"), "exception_handlers", {})
    return next((known[kind] for kind in type(error).__mro__ if kind in known and kind is not Exception), None)
