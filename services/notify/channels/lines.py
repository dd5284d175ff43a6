"""Connections to providers beneath httpx's client: kept open, bounded, and read by uvicorn's parser.

httpx's own pool looks at each of its connections for each request, and its parser is written in Python: they take most
of the processor time of a message, and so decide how many a process can send.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import httptools
import httpx

BODY_AT_MOST = 64 * 1024
"""Bytes of an answer that are read; no provider's answer is longer."""
HEAD_AT_MOST = 64 * 1024
KEPT_FOR = 5.0
"""Seconds that a connection is kept for the next request: shorter than any provider or router keeps it."""
CONNECTED_WITHIN = 10.0
"""Seconds, shared by all addresses of a name; whoever calls bounds the whole."""
FORBIDDEN = (b"\r", b"\n", b"\0")
Origin = tuple[bytes, bytes, int | None]
Addresses = Callable[[str, int], Awaitable[Sequence[str]]]
"""Where a name leads, in the order in which to try; raises what becomes the cause of the ConnectError."""


async def as_named(host: str, _port: int) -> Sequence[str]:
    """The machine's resolver finds it while connecting."""
    return [host]


class Line(asyncio.Protocol):
    """One connection, one request at a time. What comes unasked, and what does not end, closes it."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[httpx.Response] | None = None
        self._parser: Any = None
        self._size = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._until_closed = False
        self.kept: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_quiet(self) -> bool:
        """Open, with nothing to be read: neither a word nor its end, which the loop may not have seen yet."""
        if self._transport is None or self._transport.is_closing():
            return False
        looked = select.poll()
        looked.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not looked.poll(0)

    async def ask(self, request: bytes) -> httpx.Response:
        """Raises httpx.TransportError; then, and where it is cancelled, the line is of no more use."""
        if self._transport is None:
            raise httpx.ReadError("closed before it was asked")
        self._answered = asyncio.get_running_loop().create_future()
        self._begin()
        self._transport.write(request)
        try:
            return await self._answered
        finally:
            self._answered = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._until_closed and exc is None:
            self._end()
        else:
            self._fail(httpx.ReadError("the connection was cut"))

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._answered is None or self._answered.done():
            self.close()
        elif self._size > HEAD_AT_MOST + BODY_AT_MOST:
            self._fail(httpx.ReadError("the answer does not end"))
        else:
            self._feed(data)

    def on_message_begin(self) -> None:
        if self._answered is None or self._answered.done():
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        named = {name.lower() for name, _ in self._headers}
        self._until_closed = not named & {b"content-length", b"transfer-encoding"}

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        """What is said before the answer (1xx) is passed over."""
        if self._parser.get_status_code() >= httpx.codes.OK:
            self._end()
        else:
            self._headers = []

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._size, self._headers, self._body, self._until_closed = 0, [], bytearray(), False

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as wrong:
            self._fail(httpx.RemoteProtocolError(str(wrong)))

    def _end(self) -> None:
        if self._answered is None or self._answered.done():
            return
        stream = httpx.ByteStream(bytes(self._body))
        self._answered.set_result(httpx.Response(self._parser.get_status_code(), headers=self._headers, stream=stream))
        if self._until_closed or not self._parser.should_keep_alive():
            self.close()

    def _fail(self, why: httpx.TransportError) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(why)
        self.close()


class Lines(httpx.AsyncBaseTransport):
    """At most `at_once` requests; a further one waits its turn. At most as many lines are kept without a request."""

    def __init__(self, addresses: Addresses, tls: ssl.SSLContext, at_once: int) -> None:
        self._addresses, self._tls, self._at_once = addresses, tls, at_once
        self._room = asyncio.Semaphore(at_once)
        self._free: defaultdict[Origin, list[Line]] = defaultdict(list)
        self._kept = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError."""
        said = written(request, await request.aread())
        async with self._room:
            origin = request.url.raw_scheme, request.url.raw_host, request.url.port
            line = self._taken(origin) or await self._connected(request.url)
            try:
                answer = await line.ask(said)
            except BaseException:
                line.close()
                raise
            self._keep(origin, line)
            return answer

    async def aclose(self) -> None:
        for origin in list(self._free):
            while line := self._taken(origin):
                line.close()

    def _taken(self, origin: Origin) -> Line | None:
        """The line that was used last, if any is still open."""
        kept = self._free.get(origin, [])
        found = None
        while kept and found is None:
            line = kept.pop()
            self._kept -= 1
            if line.kept is not None:
                line.kept.cancel()
            found = line if line.is_quiet else None
        if not kept:
            self._free.pop(origin, None)
        return found

    def _keep(self, origin: Origin, line: Line) -> None:
        if not line.is_open:
            return
        if self._kept >= self._at_once:
            line.close()
            return
        self._free[origin].append(line)
        self._kept += 1
        line.kept = asyncio.get_running_loop().call_later(KEPT_FOR, self._forget, origin, line)

    def _forget(self, origin: Origin, line: Line) -> None:
        self._free[origin].remove(line)
        self._kept -= 1
        if not self._free[origin]:
            del self._free[origin]
        line.close()

    async def _connected(self, url: httpx.URL) -> Line:
        is_tls = url.scheme == "https"
        port = url.port or (443 if is_tls else 80)
        try:
            *others, last = await self._addresses(url.host, port)
            for each in others:
                try:
                    async with asyncio.timeout(CONNECTED_WITHIN / (len(others) + 1)):
                        return await self._to(each, port, url.host if is_tls else None)
                except ssl.SSLError:
                    raise
                except OSError:
                    continue
            return await self._to(last, port, url.host if is_tls else None)
        except Exception as why:
            raise httpx.ConnectError(type(why).__name__) from why

    async def _to(self, address: str, port: int, name: str | None) -> Line:
        loop = asyncio.get_running_loop()
        tls = None if name is None else self._tls
        _, line = await loop.create_connection(Line, address, port, ssl=tls, server_hostname=name)
        return line


def written(request: httpx.Request, body: bytes) -> bytes:
    """Raises httpx.LocalProtocolError where a header would end before its end."""
    head = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    for name, value in request.headers.raw:
        if any(each in name or each in value for each in FORBIDDEN):
            raise httpx.LocalProtocolError("a header holds a line's end")
        head.append(b"%b: %b" % (name, value))
    return b"\r\n".join((*head, b"", body))
