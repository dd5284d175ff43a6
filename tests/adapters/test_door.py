"""At the door: connections, heads and slow clients are bounded, and whoever is turned away is told why.

A real server on a free port; time passes by calling the look that comes once a second with a later instant.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from deploy.local import free_ports
from shaoyin.adapters.admission import Admission
from shaoyin.adapters.door import ADDRESS_AT_MOST, FOR_HEALTH, HEAD_AT_MOST, HEADERS_AT_MOST, Door, Doorkeeper
from shaoyin.adapters.limits import Limits
from tests.adapters.waiting import becomes

LIMITS = Limits(connections_at_most=10, header_within=10, body_within=30, write_within=20)


@dataclass
class Asked:
    """A connection of a client."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, said: bytes) -> None:
        self.writer.write(said)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body

    async def refused(self) -> tuple[int, str]:
        """Status and code, and that the connection ended with it."""
        status, headers, body = await self.answer()
        assert headers["content-type"] == "application/problem+json"
        assert headers["connection"] == "close"
        assert await self.reader.read() == b""
        return status, json.loads(body)["code"]


@dataclass
class Served:
    """The server, what its application was told, and the door that is looked at."""

    port: int
    keeper: Doorkeeper
    server: uvicorn.Server
    heard: list[str]

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Asked]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Asked(reader, writer)
        finally:
            writer.close()

    @property
    def doors(self) -> list[Door]:
        return [door for door in self.server.server_state.connections if isinstance(door, Door)]

    async def until_connected(self, doors: int) -> None:
        await becomes(lambda: len(self.doors) == doors)

    def later(self, seconds: float) -> None:
        self.keeper.look(asyncio.get_running_loop().time() + seconds, self.server.server_state.connections)


async def _app(scope: Scope, receive: Receive, send: Send, heard: list[str]) -> None:
    try:
        body = b"".join([chunk async for chunk in Request(scope, receive).stream()])
    except ClientDisconnect:
        heard.append("gone")
        return
    heard.append(f"{scope['method']} {len(body)}")
    told = b"x" * (8_000_000 if scope["path"] == "/much" else 2)
    headers = [(b"content-length", str(len(told)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": told, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    heard.append("sent")


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    heard: list[str] = []
    keeper, (port,) = Doorkeeper(LIMITS), free_ports(1)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await _app(scope, receive, send, heard)

    config = uvicorn.Config(
        Admission(app, LIMITS), port=port, http=cast("type[Door]", partial(Door, keeper=keeper)), ws="none",
        lifespan="off", log_config=None, access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    config.load()
    await _started(server)
    try:
        yield Served(port, keeper, server, heard)
    finally:
        for door in list(server.server_state.connections):
            door.transport.abort()
        await server.shutdown()


async def _started(server: uvicorn.Server) -> None:
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()


GET = b"GET /a HTTP/1.1\r\nHost: town\r\n\r\n"


async def test_requests_follow_one_another_on_one_connection() -> None:
    async with served() as here, here.client() as client:
        for _ in range(3):
            await client.send(GET)
            assert (await client.answer())[0] == 200
        await client.send(b"POST /a HTTP/1.1\r\nHost: town\r\nContent-Length: 5\r\n\r\nhello" + GET)
        assert [(await client.answer())[0] for _ in range(2)] == [200, 200]
        assert [each for each in here.heard if each != "sent"] == ["GET 0", "GET 0", "GET 0", "POST 5", "GET 0"]
        here.later(3600)
        await client.send(GET)
        assert (await client.answer())[0] == 200


async def test_a_head_that_does_not_end_in_time_is_told_so() -> None:
    async with served() as here, here.client() as client:
        await client.send(b"GET /a HTTP/1.1\r\nHost: to")
        await becomes(lambda: any(door.began_at and door.headers is not None for door in here.doors))
        here.later(9)
        assert len(here.doors) == 1
        here.later(11)
        assert await client.refused() == (408, "too_slow")


async def test_a_connection_that_says_nothing_is_ended_without_a_word() -> None:
    async with served() as here, here.client() as client:
        await here.until_connected(1)
        here.later(11)
        assert await client.reader.read() == b""


async def test_a_body_that_stalls_ends_the_request() -> None:
    async with served() as here, here.client() as client:
        await client.send(b"POST /a HTTP/1.1\r\nHost: town\r\nContent-Length: 50\r\n\r\nbegun")
        await becomes(lambda: here.doors and here.server.server_state.tasks)
        here.later(29)
        assert here.heard == []
        here.later(31)
        assert await client.refused() == (408, "too_slow")
        await becomes(lambda: not here.server.server_state.tasks)
        assert here.heard == ["gone"]


async def test_a_client_that_does_not_read_what_it_asked_for_is_cut_off() -> None:
    async with served() as here, here.client() as client:
        await client.send(b"GET /much HTTP/1.1\r\nHost: town\r\n\r\n")
        await becomes(lambda: any(door.stuck_at for door in here.doors))
        here.later(19)
        assert len(here.doors) == 1
        here.later(21)
        await here.until_connected(0)


async def test_a_head_that_never_ends_is_not_kept() -> None:
    async with served() as here, here.client() as client:
        await client.send(b"GET /a HTTP/1.1\r\nX-Long: " + b"x" * (HEAD_AT_MOST + 1))
        assert await client.refused() == (431, "head_too_large")


async def test_a_head_that_is_too_large_is_refused_before_anybody_reads_it() -> None:
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(HEADERS_AT_MOST + 1))
    async with served() as here:
        for head, told in (
            (b"GET /a HTTP/1.1\r\nX: " + b"x" * HEAD_AT_MOST + b"\r\n\r\n", (431, "head_too_large")),
            (b"GET /a HTTP/1.1\r\n" + many + b"\r\n", (431, "head_too_large")),
            (b"GET /" + b"a" * ADDRESS_AT_MOST + b" HTTP/1.1\r\n\r\n", (414, "address_too_long")),
        ):
            async with here.client() as client:
                await client.send(head)
                assert await client.refused() == told
        assert here.heard == []


async def test_what_is_no_http_is_told_so_like_any_other_problem() -> None:
    async with served() as here, here.client() as client:
        await client.send(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        assert await client.refused() == (400, "bad_request")


async def test_of_too_many_connections_the_last_are_for_health_and_beyond_them_nobody_comes_in() -> None:
    async with served() as here:
        opened = [await asyncio.open_connection("127.0.0.1", here.port) for _ in range(10)]
        await here.until_connected(10)
        async with here.client() as client:
            await client.send(b"GET /health/live HTTP/1.1\r\nHost: town\r\n\r\n")
            assert (await client.answer())[0] == 200
            await client.send(GET)
            status, headers, _ = await client.answer()
            assert (status, headers["retry-after"]) == (503, "2")
        await here.until_connected(10)
        opened += [await asyncio.open_connection("127.0.0.1", here.port) for _ in range(FOR_HEALTH)]
        await here.until_connected(10 + FOR_HEALTH)
        async with here.client() as client:
            assert await client.refused() == (503, "overloaded")
        for _, writer in opened:
            writer.close()
