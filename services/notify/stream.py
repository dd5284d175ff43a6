"""The inbox as it happens: Server-Sent Events, resumed by the id of the last alert that was seen (mechanics 36).

Source: WHATWG HTML, 9.2 "Server-sent events". What a resumed stream repeats, a client drops by its `alert_id`.
"""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.notify.alert_documents import instant_before, stream_id
from services.notify.inbox import STREAM_ID, Inbox
from services.notify.listeners import Listener, Listeners
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.identity import Keys, read_ticket, signed_in
from shaoyin.adapters.mongo import Document, StoreDown
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.words import Language

OVERLAP = timedelta(seconds=10)
"""Sent again before the id: replicas' clocks differ, and what one began to write earlier may be there later."""
HEARTBEAT = 15.0
"""Seconds: less than any proxy on the way waits."""
LASTS = 3600.0
"""Seconds; then whoever listens signs in again."""
COME_BACK_AFTER = 2000
"""Milliseconds before a browser connects again."""
LOOK_EVERY = 1.0
"""Seconds between two looks whether the store's changes are followed yet."""
PAGE = 200
STILL_HERE = b": still here\n\n"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Streams:
    """`heartbeat` and `lasts` in seconds."""

    inbox: Inbox
    listeners: Listeners
    clock: Clock
    heartbeat: float = HEARTBEAT
    lasts: float = LASTS

    def open(self, person: str, since: str | None, language: Language) -> StreamingResponse:
        """From the id in `since`, else from now. Raises Problem 429 where too many streams are open."""
        start = since or stream_id(self.clock.now(), "")
        listener = self.listeners.join(person)
        return _Stream(self._events(listener, instant_before(start, OVERLAP), language), listener, self.listeners)

    async def _events(self, listener: Listener, since: str, language: Language) -> AsyncIterator[bytes]:
        """Ends where the store is away or the listener was cut: the browser comes back with its last id."""
        until = time.monotonic() + self.lasts
        yield b"retry: %d\n\n" % COME_BACK_AFTER
        try:
            while not await self.listeners.until_live(LOOK_EVERY):
                if listener.cut_off or time.monotonic() > until:
                    return
                yield STILL_HERE
            seen: deque[str] = deque(maxlen=PAGE * 5)
            async for document in self._missed(listener.person, since):
                seen.append(document["_id"])
                yield self._said(document, language)
            async for piece in self._live(listener, frozenset(seen), until, language):
                yield piece
        except StoreDown as away:
            log.warning("a stream ends: the store is away (%s)", away)

    async def _missed(self, person: str, since: str) -> AsyncIterator[Document]:
        while page := await self.inbox.since(person, since, PAGE):
            for document in page:
                yield document
            since = page[-1]["stream_id"]

    async def _live(
        self, listener: Listener, seen: frozenset[str], until: float, language: Language
    ) -> AsyncIterator[bytes]:
        while not listener.cut_off and time.monotonic() < until:
            document = await listener.next(self.heartbeat)
            if document is not None and document["_id"] not in seen:
                yield self._said(document, language)
            elif document is None and not listener.cut_off:
                yield STILL_HERE

    def _said(self, document: Document, language: Language) -> bytes:
        data = to_json(self.inbox.shown(document, language))
        return b"id: %b\nevent: alert\ndata: %b\n\n" % (document["stream_id"].encode(), data)


class _Stream(StreamingResponse):
    """Its listener leaves with it, even where the client was gone before the first word."""

    def __init__(self, events: AsyncIterator[bytes], listener: Listener, listeners: Listeners) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers, media_type="text/event-stream")
        self._leave: Callable[[], None] = lambda: listeners.leave(listener)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


async def listening(request: Request, keys: Keys, ticket_key: bytes, now: datetime) -> str:
    """Who opens the stream: by a ticket in the address, where a browser can send no header, else by the token."""
    said = request.query_params.get("ticket")
    return await signed_in(request, keys) if said is None else read_ticket(said, ticket_key, now)


def last_seen(request: Request) -> str | None:
    """The id to resume from. Raises Problem 400 for one that we never gave."""
    said = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    if said and not re.fullmatch(STREAM_ID, said):
        raise Problem(400, "invalid_header", {"header": "Last-Event-ID"})
    return said or None
