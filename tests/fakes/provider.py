"""A provider on a local port: reads real requests, checks them as the provider would, and can fail in every way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

REASONS = {200: "OK", 201: "Created"}


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'No')}", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


CUT = b""
HALF = answer(200, b'{"Code": "OK", "more": 1}')[:-9]
HTML = answer(200, b"<html><body>Welcome</body></html>", content_type="text/html")
REDIRECT = answer(302, b"", location="http://127.0.0.1:1/")
EMPTY = answer(200)


@dataclass
class Provider:
    """`takes` checks a request and answers it; `failing`, where given, is said instead, whatever was asked."""

    takes: Callable[[Asked], bytes]
    failing: bytes | None = None
    silent: bool = False
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            asked = await _read(reader)
            self.asked.append(asked)
            if self.silent:
                await reader.read()
            else:
                writer.write(self.takes(asked) if self.failing is None else self.failing)
                await writer.drain()
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def running(provider: Provider) -> AsyncIterator[Provider]:
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.close()
