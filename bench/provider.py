"""The other side, in a process of its own: a push service and WeCom's robots that note when each message came.

`python -m bench.provider` listens on SHAOYIN_PORT. `GET /seen` answers with what came since it was last asked.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import httptools
import orjson
import uvloop

MOST, WITHIN = 20, 60.0
"""A robot's messages and seconds, as WeCom documents them; one more is refused with 45009."""
TAKEN = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nlocation: /message/1\r\n\r\n"


class Seen:
    """`pushed` holds instants of the machine's steady clock; `robot` the instant, the text and the answer's code."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self.pushed: list[float] = []
        self.robot: list[tuple[float, str, int]] = []
        self._window: deque[float] = deque()

    def takes(self, method: str, path: str, body: bytes) -> bytes:
        if method == "GET":
            return self._told(path)
        now = self._now()
        if path.startswith("/cgi-bin/webhook/send"):
            return self._for_group(now, body)
        self.pushed.append(now)
        return TAKEN

    def _told(self, path: str) -> bytes:
        if path != "/seen":
            return _answer(b"{}")
        said = orjson.dumps({"pushed": self.pushed, "robot": self.robot})
        self.pushed, self.robot = [], []
        return _answer(said)

    def _for_group(self, now: float, body: bytes) -> bytes:
        while self._window and self._window[0] <= now - WITHIN:
            self._window.popleft()
        room = len(self._window) < MOST
        if room:
            self._window.append(now)
        code = 0 if room else 45009
        self.robot.append((now, orjson.loads(body)["text"]["content"], code))
        return _answer(orjson.dumps({"errcode": code, "errmsg": "ok" if room else "api freq out of limit"}))


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class _Line(asyncio.Protocol):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._transport: asyncio.Transport | None = None
        self._path, self._body = "", bytearray()
        self._parser: Any = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path, self._body = url.decode(), bytearray()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._transport is not None:
            method = self._parser.get_method().decode()
            self._transport.write(self._seen.takes(method, self._path, bytes(self._body)))


async def main() -> None:
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Line(seen), "127.0.0.1", int(os.environ["SHAOYIN_PORT"]), backlog=1000
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
