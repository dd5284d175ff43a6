"""Under overload a request is refused at once and in words, what is under way goes on, and health still answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from shaoyin.adapters.admission import CROWDED, HEALTH_AT_MOST, Admission, grown
from shaoyin.adapters.limits import Limits
from shaoyin.adapters.web import BODY_AT_MOST, SECURITY
from tests.adapters.waiting import becomes

CALLS = {"119": {"zh-CN": "火警", "en": "Fire"}}


class Busy:
    """Answers only once it is told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.working = 0
        self.room: Callable[[], int] = lambda: 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.working += 1
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


@asynccontextmanager
async def crowded(times: int, path: str = "/api/cases", **limits: int) -> AsyncIterator[tuple[httpx.AsyncClient, Busy]]:
    """A service with so many requests under way."""
    busy = Busy()
    admission = Admission(busy, Limits(**limits), CALLS)  # type: ignore[arg-type]
    busy.room = lambda: admission.requests.taken
    transport = httpx.ASGITransport(admission)
    async with httpx.AsyncClient(transport=transport, base_url="http://town") as http:
        under_way = [asyncio.create_task(http.get(path)) for _ in range(times)]
        await becomes(lambda: busy.working == times)
        yield http, busy
        busy.go_on.set()
        assert {each.status_code for each in await asyncio.gather(*under_way)} <= {200}


async def test_one_request_too_many_is_refused_at_once_and_in_words() -> None:
    async with crowded(2, requests_at_most=2) as (http, busy):
        refused = await http.post("/api/reports", headers={"Accept-Language": "en"})

        assert (refused.status_code, busy.working) == (503, 2)
        assert refused.headers["retry-after"] == "2"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["connection"] == "close"
        assert {name: refused.headers[name] for name in SECURITY} == SECURITY
        assert refused.json()["code"] == "overloaded"
        assert refused.json()["emergency"] == [{"number": "119", "say": "Fire"}]
        assert (await http.get("/api/cases")).json()["title"] == "现在使用的人太多"
        assert (await http.head("/api/cases")).content == b""


async def test_a_reader_with_a_browser_gets_a_page_with_the_numbers_to_call() -> None:
    async with crowded(1, requests_at_most=1) as (http, _):
        refused = await http.get("/", headers={"Accept": "text/html,application/xhtml+xml"})

    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert '<a href="tel:119">119</a>' in refused.text
    assert "Too busy right now" in refused.text


async def test_room_is_free_again_once_a_request_has_ended() -> None:
    async with crowded(1, requests_at_most=1) as (http, busy):
        assert (await http.get("/api/cases")).status_code == 503
        busy.go_on.set()
        await becomes(lambda: busy.room() == 0)
        assert (await http.get("/api/cases")).status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/api/router/health/ready", "/metrics"])
async def test_health_answers_while_everything_else_is_refused(path: str) -> None:
    async with crowded(1, requests_at_most=1) as (http, busy):
        asked = asyncio.create_task(http.get(path))
        await becomes(lambda: busy.working == 2)
        busy.go_on.set()
        assert (await asked).status_code == 200


async def test_even_questions_about_health_are_bounded() -> None:
    async with crowded(HEALTH_AT_MOST, "/health/ready") as (http, _):
        assert (await http.get("/health/ready")).status_code == 503


async def test_streams_take_no_room_from_requests() -> None:
    async with crowded(3, "/api/stream", requests_at_most=1) as (http, busy):
        asked = asyncio.create_task(http.get("/api/inbox"))
        await becomes(lambda: busy.working == 4)
        busy.go_on.set()
        assert (await asked).status_code == 200


async def test_bodies_that_may_come_to_more_than_there_is_room_for_are_refused() -> None:
    async with crowded(0, bodies_at_most=2 * BODY_AT_MOST) as (http, busy):
        sent = [asyncio.create_task(http.post("/api/reports", content=b"x" * BODY_AT_MOST)) for _ in range(2)]
        await becomes(lambda: busy.working == 2)

        assert (await http.post("/api/reports", content=b"x")).status_code == 503
        asked = asyncio.create_task(http.get("/api/communities"))
        await becomes(lambda: busy.working == 3)
        busy.go_on.set()
        assert {each.status_code for each in await asyncio.gather(*sent, asked)} == {200}
        assert (await http.post("/api/reports", content=b"x")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ([], 0),
        ([(b"content-length", b"17")], 17),
        ([(b"content-length", b"99999999999")], BODY_AT_MOST),
        ([(b"content-length", b"-1")], BODY_AT_MOST),
        ([(b"content-length", b"9" * 5000)], BODY_AT_MOST),
        ([(b"transfer-encoding", b"chunked")], BODY_AT_MOST),
    ],
)
def test_a_body_counts_as_large_as_it_may_become(headers: list[tuple[bytes, bytes]], size: int) -> None:
    assert grown(headers) == size


async def test_on_a_connection_too_many_only_health_is_answered() -> None:
    busy = Busy()
    busy.go_on.set()
    admission = Admission(busy, Limits())
    seen: list[int] = []

    async def asked(path: str) -> int:
        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                seen.append(int(str(message["status"])))

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "extensions": {CROWDED: {}}}
        await admission(scope, None, send)  # type: ignore[arg-type]  # nothing is received
        return seen[-1]

    assert (await asked("/api/cases"), await asked("/health/live")) == (503, 200)
