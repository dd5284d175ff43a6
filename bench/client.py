"""A plain HTTP/1.1 client that costs little: on a machine of two cores the client must not be what is measured."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class _Line(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser: Any = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(str(exc)))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode().lower()] = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(self._parser.get_status_code(), bytes(self._body), self._headers))

    @property
    def open(self) -> bool:
        return self._transport is not None

    async def ask(self, request: bytes) -> Answer:
        if self._transport is None:
            raise ConnectionError("closed")
        self._parser = httptools.HttpResponseParser(self)
        self._headers, self._body = {}, bytearray()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@dataclass
class Client:
    """At most `lines` requests at once; a further one waits its turn, and its waiting counts as the server's."""

    origin: str
    lines: int
    _free: deque[_Line] = field(default_factory=deque)
    _room: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.lines)

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises ConnectionError where the server hung up."""
        request = _written(method, path, self.origin, body, headers or {})
        async with self._room:
            line = await self._line()
            answer = await line.ask(request)
            self._free.append(line)
            return answer

    async def _line(self) -> _Line:
        while self._free:
            line = self._free.popleft()
            if line.open:
                return line
        where = urlsplit(self.origin)
        _, made = await asyncio.get_running_loop().create_connection(_Line, where.hostname or "", where.port or 80)
        return made

    def close(self) -> None:
        for line in self._free:
            line.close()


@asynccontextmanager
async def client(origin: str, lines: int) -> AsyncIterator[Client]:
    made = Client(origin, lines)
    try:
        yield made
    finally:
        made.close()


def _written(method: str, path: str, origin: str, body: object, headers: Mapping[str, str]) -> bytes:
    said = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    head = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(origin).netloc}"]
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(said)}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join((*head, "", "")).encode() + said
