"""How many requests are worked on at once: beyond that each is refused at once, and health still answers.

Plain ASGI and outermost, since it stands before every request (ADR 13): about a microsecond each.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from shaoyin.adapters.limits import Limits
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.refusals import Emergency, Ready
from shaoyin.adapters.web import BODY_AT_MOST, SECURITY

RETRY_AFTER = 2
"""Seconds."""
HEALTH_AT_MOST = 32
JOINING_AT_MOST = 64
"""Streams that are opening, or closing, beside those that are open."""
HEALTH = ("/health/live", "/health/ready", "/metrics")
STREAM = "/api/stream"
BODIED = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CROWDED = "shaoyin.crowded"
"""Set by the door where the connection itself is one too many: only health is answered on it."""


class Room:
    """So many requests of one kind at a time."""

    __slots__ = ("bytes_at_most", "bytes_taken", "most", "taken")

    def __init__(self, most: int, bytes_at_most: int = 0) -> None:
        self.most, self.taken = most, 0
        self.bytes_at_most, self.bytes_taken = bytes_at_most, 0


class Admission:
    """Requests, the bytes their bodies may grow to, health questions and streams each have room of their own."""

    def __init__(self, app: ASGIApp, limits: Limits, emergency: Emergency | None = None) -> None:
        self._app = app
        self.requests = Room(limits.requests_at_most, limits.bodies_at_most)
        self.health = Room(HEALTH_AT_MOST)
        self.streams = Room(limits.streams_at_most + JOINING_AT_MOST)
        busy = Problem(503, "overloaded", {"seconds": RETRY_AFTER}, headers={"Retry-After": str(RETRY_AFTER)})
        self._busy = Ready(busy, emergency or {}, SECURITY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        room = self.requests
        if path.endswith(HEALTH):
            room = self.health
        elif path == STREAM:
            room = self.streams
        size = grown(scope["headers"]) if room.bytes_at_most and scope["method"] in BODIED else 0
        crowded = room is not self.health and CROWDED in scope.get("extensions", ())
        if crowded or room.taken >= room.most or room.bytes_taken + size > room.bytes_at_most > 0:
            await self._refuse(scope, send)
            return
        room.taken += 1
        room.bytes_taken += size
        try:
            await self._app(scope, receive, send)
        finally:
            room.taken -= 1
            room.bytes_taken -= size

    async def _refuse(self, scope: Scope, send: Send) -> None:
        """The body is not read: the connection ends, so that it need not be."""
        headers, body = self._busy.for_reader(scope)
        headers = [*headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self._busy.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def grown(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The bytes a body may come to: what it says, at most what is read of any; all of that where it does not say."""
    for name, value in headers:
        if name == b"content-length":
            return min(int(value), BODY_AT_MOST) if value.isdigit() and len(value) < 20 else BODY_AT_MOST
        if name == b"transfer-encoding":
            return BODY_AT_MOST
    return 0
