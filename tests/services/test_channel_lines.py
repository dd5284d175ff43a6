"""Connections to providers: kept, bounded, and of no more use after whatever a provider does wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from services.notify.channels import calls, lines
from services.notify.channels.calls import AT_ONCE, Answer, answered, called, client_of
from services.notify.channels.sender import Said
from tests.services.notify_setup import eventually

FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"


@dataclass
class Raw:
    """Says the given bytes to each request, one after another and the last one for ever; `hangs_up` after each."""

    says: Sequence[bytes] = (FINE,)
    hangs_up: bool = False
    waits_for: asyncio.Event | None = None
    connections: int = 0
    open: int = 0
    under_way: int = 0
    at_most: int = 0
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                await self._one(reader, writer)
        self.open -= 1
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        self.under_way += 1
        self.at_most = max(self.at_most, self.under_way)
        if self.waits_for is not None:
            await self.waits_for.wait()
        self.under_way -= 1
        writer.write(self.says[min(len(self.asked), len(self.says)) - 1])
        await writer.drain()
        if self.hangs_up:
            writer.close()


@asynccontextmanager
async def asking(raw: Raw) -> AsyncIterator[httpx.AsyncClient]:
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with client_of(raw.url) as client:
        yield client
    server.close()


async def said(client: httpx.AsyncClient, **headers: str) -> str:
    answer = await called(client, client.build_request("POST", "/a b?c=1", headers=headers))
    return answer.body.decode() if isinstance(answer, Answer) else answer.code


async def test_the_next_request_goes_by_the_same_line() -> None:
    raw = Raw()
    async with asking(raw) as client:
        assert [await said(client) for _ in range(3)] == ["fine"] * 3

    assert raw.connections == 1
    assert raw.asked[0].startswith(b"POST /a%20b?c=1 HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    ("whole", "ends"),
    [
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n\r\nfine", True),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine", False),
        (b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + FINE, False),
    ],
    ids=["in chunks", "until it is closed", "says that it closes", "after a word before it"],
)
async def test_an_answer_is_whole_in_every_form_that_http_knows(whole: bytes, ends: bool) -> None:
    async with asking(Raw((whole,), hangs_up=ends)) as client:
        assert [await said(client) for _ in range(2)] == ["fine"] * 2


@pytest.mark.parametrize(
    ("wrong", "ends"),
    [
        (FINE[:-1], True),
        (b"", True),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nfi", True),
        (b"220 mail.example.org ESMTP\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n" + b"x" * 900_000, False),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000, False),
    ],
    ids=["half a body", "nothing", "half a chunk", "another language", "a body without end", "a head without end"],
)
async def test_an_answer_that_is_none_is_cut_and_the_next_request_has_a_line_of_its_own(
    wrong: bytes, ends: bool
) -> None:
    raw = Raw((wrong, FINE), hangs_up=ends)
    async with asking(raw) as client:
        assert [await said(client) for _ in range(2)] == ["cut", "fine"]

    assert raw.connections == 2


async def test_what_comes_unasked_behind_an_answer_is_no_answer_to_the_next() -> None:
    raw = Raw((FINE + FINE.replace(b"fine", b"evil"), FINE))
    async with asking(raw) as client:
        assert [await said(client) for _ in range(2)] == ["fine"] * 2

    assert raw.connections == 2


async def test_a_line_that_the_provider_closed_is_not_used_again() -> None:
    raw = Raw(hangs_up=True)
    async with asking(raw) as client:
        for _ in range(3):
            assert await said(client) == "fine"
            await eventually(lambda: _is(raw.open == 0))

    assert raw.connections == 3


async def test_a_request_that_took_too_long_leaves_no_line_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Raw(waits_for=asyncio.Event())
    async with asking(raw) as client:
        monkeypatch.setattr(calls, "WITHIN", timedelta(milliseconds=50))
        assert await answered(client, client.build_request("GET", "/")) == Said("retry", "timeout")
        monkeypatch.undo()
        assert raw.waits_for is not None
        raw.waits_for.set()
        assert await said(client) == "fine"

    assert raw.connections == 2


async def test_more_than_there_is_room_for_wait_their_turn() -> None:
    raw = Raw(waits_for=asyncio.Event())
    async with asking(raw) as client:
        all_said = asyncio.gather(*(said(client) for _ in range(AT_ONCE + 5)))
        await eventually(lambda: _is(raw.under_way == AT_ONCE))
        assert raw.waits_for is not None
        raw.waits_for.set()
        assert await all_said == ["fine"] * (AT_ONCE + 5)

    assert (raw.at_most, raw.connections) == (AT_ONCE, AT_ONCE)


async def test_a_line_is_closed_when_nobody_asked_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "KEPT_FOR", 0.02)
    raw = Raw()
    async with asking(raw) as client:
        assert await said(client) == "fine"
        await eventually(lambda: _is(raw.open == 0))
        assert await said(client) == "fine"

    assert raw.connections == 2


async def test_lines_that_nobody_asks_any_more_take_no_room_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "KEPT_FOR", 0.02)
    many = [Raw() for _ in range(AT_ONCE + 1)]
    async with client_of("") as client, contextlib.AsyncExitStack() as serving:
        for each in many:
            await serving.enter_async_context(asking(each))
            assert (await client.get(each.url)).text == "fine"
        await eventually(lambda: _is(not any(each.open for each in many)))
        monkeypatch.undo()
        assert [(await client.get(many[0].url)).text for _ in range(2)] == ["fine"] * 2

    assert many[0].connections == 2


async def test_a_header_ends_where_it_ends() -> None:
    raw = Raw()
    async with asking(raw) as client:
        assert await said(client, topic="x\r\nx-more: 1") == "cut"

    assert raw.asked == []


async def _is(value: bool) -> bool:
    return value
