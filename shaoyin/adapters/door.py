"""The HTTP protocol of uvicorn with bounds of its own: how many connections, how large a head, how slow a client.

Neither uvicorn nor httptools bounds any of these. One look a second at all connections costs less than a timer for each
request; an application could not see a head that never ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shaoyin.adapters.admission import CROWDED
from shaoyin.adapters.limits import Limits
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.refusals import Ready
from shaoyin.adapters.web import SECURITY

LOOK_EVERY = 1.0
"""Seconds."""
FOR_HEALTH = 32
"""Connections beyond the bound on which only health is answered."""
HEAD_AT_MOST = 32 * 1024
HEADERS_AT_MOST = 100
ADDRESS_AT_MOST = 8 * 1024


class HeadRefused(Exception):  # noqa: N818 - said of the head of a request
    """The head is larger than anybody needs."""


def _ready(status: int, code: str, **params: object) -> bytes:
    headers = {"Retry-After": "5"} if status == 503 else {}
    return Ready(Problem(status, code, params, headers=headers), {}, SECURITY).raw()


class Doorkeeper:
    """What the connections of one server share: the bounds, the ready answers, and the look at the slow ones."""

    def __init__(self, limits: Limits) -> None:
        self.connections_at_most = limits.connections_at_most
        self.header_within, self.body_within = limits.header_within, limits.body_within
        self.write_within = limits.write_within
        self.answers = {
            400: _ready(400, "bad_request"),
            408: _ready(408, "too_slow"),
            414: _ready(414, "address_too_long", most=ADDRESS_AT_MOST),
            431: _ready(431, "head_too_large", most=HEAD_AT_MOST),
            503: _ready(503, "overloaded", seconds=5),
        }
        self._looking = False

    def look_on(self, loop: asyncio.AbstractEventLoop, doors: Iterable[object]) -> None:
        """Once a second, as long as anybody is connected."""
        if not self._looking:
            self._looking = True
            loop.call_later(LOOK_EVERY, self._look, loop, doors)

    def _look(self, loop: asyncio.AbstractEventLoop, doors: Iterable[object]) -> None:
        self._looking = False
        if self.look(loop.time(), doors):
            self.look_on(loop, doors)

    def look(self, now: float, doors: Iterable[object]) -> int:
        """Ends what takes too long; returns how many were looked at."""
        mine = [door for door in doors if isinstance(door, Door)]
        for door in mine:
            door.check(now)
        return len(mine)


class Door(HttpToolsProtocol):
    """One connection. `began_at` is when the message that is still coming in began; `stuck_at` when the client stopped
    reading what it is sent.
    """

    def __init__(self, *, keeper: Doorkeeper, **given: Any) -> None:
        super().__init__(**given)
        self._keeper = keeper
        self._answer = 400
        self._fed = 0
        self._head_read = False
        self.began_at: float | None = None
        self.stuck_at: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.began_at = self.loop.time()
        if len(self.connections) > self._keeper.connections_at_most + FOR_HEALTH:
            self._end(503)
            return
        self._keeper.look_on(self.loop, self.connections)

    def data_received(self, data: bytes) -> None:
        if not self._head_read:
            self._fed += len(data)
        super().data_received(data)
        if not self._head_read and self._fed > HEAD_AT_MOST and not self.transport.is_closing():
            self._end(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_read = False
        self.began_at = self.loop.time()
        if len(self.connections) > self._keeper.connections_at_most:
            cast("dict[str, Any]", self.scope)["extensions"] = {CROWDED: {}}

    def on_headers_complete(self) -> None:
        self._head_read = True
        if len(self.url) > ADDRESS_AT_MOST:
            self._refuse(414)
        if len(self.headers) > HEADERS_AT_MOST or (self._fed > HEAD_AT_MOST and self._head_size() > HEAD_AT_MOST):
            self._refuse(431)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.began_at = None
        self._fed = 0

    def pause_writing(self) -> None:
        self.stuck_at = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.stuck_at = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or has a head that was refused: a problem like any other."""
        self._end(self._answer)

    def check(self, now: float) -> None:
        """A body that stalls ends the request too: whoever reads it is told that the client is gone."""
        keeper = self._keeper
        within = keeper.body_within if self._head_read else keeper.header_within
        if self.stuck_at is not None and now - self.stuck_at > keeper.write_within:
            self.transport.abort()
        elif self.began_at is not None and now - self.began_at > within:
            self._end(408)

    def _end(self, status: int) -> None:
        """Where an answer has begun already, nothing can be said any more; who said nothing is told nothing."""
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        silent = status == 408 and not self._fed and not self._head_read
        if not answering and not silent and not self.transport.is_closing():
            self.transport.write(self._keeper.answers[status])
        self.transport.close()

    def _refuse(self, status: int) -> None:
        self._answer = status
        raise HeadRefused

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
