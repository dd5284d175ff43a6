"""Requests are counted by route, method and kind of answer; the time is the time until the answer began."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from prometheus_client import generate_latest
from starlette.responses import PlainTextResponse, StreamingResponse

from shaoyin.adapters import traffic
from shaoyin.adapters.traffic import Counted, Process


@pytest.fixture
async def process() -> Process:
    return Process("intake")


@pytest.fixture
async def http(process: Process) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/api/reports/{code}")
    async def progress(code: str) -> PlainTextResponse:
        return PlainTextResponse(code, 404 if code == "gone" else 200)

    @app.get("/stream")
    async def stream(_request: Request) -> StreamingResponse:
        async def slowly() -> AsyncIterator[bytes]:
            yield b"a"
            await asyncio.sleep(0.3)
            yield b"b"

        return StreamingResponse(slowly())

    @app.get("/broken")
    async def broken() -> None:
        raise KeyError

    app.add_middleware(Counted, process=process)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://any") as caller:
        yield caller


def value(process: Process, name: str, **labels: str) -> float | None:
    return process.registry.get_sample_value(name, {"service": "intake", **labels})


async def test_a_request_is_counted_under_its_template_never_its_path(
    http: httpx.AsyncClient, process: Process
) -> None:
    for code in ("AAAA", "BBBB", "gone"):
        await http.get(f"/api/reports/{code}")
    await http.get("/nowhere/CCCC")
    await http.request("PROPFIND", "/api/reports/DDDD")

    route = {"method": "GET", "route": "/api/reports/{code}"}
    assert value(process, "shaoyin_http_requests_total", **route, status="2xx") == 2
    assert value(process, "shaoyin_http_requests_total", **route, status="4xx") == 1
    assert value(process, "shaoyin_http_requests_total", method="GET", route="unmatched", status="4xx") == 1
    assert value(process, "shaoyin_http_request_duration_seconds_count", route="/api/reports/{code}") == 4
    text = generate_latest(process.registry).decode()
    assert 'method="other"' in text
    assert not any(code in text for code in ("AAAA", "BBBB", "CCCC", "DDDD", "PROPFIND"))


async def test_a_failure_is_counted_as_one(http: httpx.AsyncClient, process: Process) -> None:
    await http.get("/broken")

    assert value(process, "shaoyin_http_requests_total", method="GET", route="/broken", status="5xx") == 1


async def test_a_stream_counts_until_it_begins(http: httpx.AsyncClient, process: Process) -> None:
    await http.get("/stream")

    assert value(process, "shaoyin_http_request_duration_seconds_bucket", route="/stream", le="0.25") == 1


async def test_the_delay_of_a_blocked_loop_is_told(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "LOOK_EVERY", 0.01)
    async with process.watched():
        await asyncio.sleep(0.02)
        time.sleep(0.2)  # noqa: ASYNC251 - it is to block
        await asyncio.sleep(0.05)

    delay = value(process, "shaoyin_event_loop_lag_seconds")
    assert delay is not None
    assert delay > 0.1
