"""From a resident's POST to the alert in the handler's inbox, at a constant rate that waits for nobody.

Each report is timed from the instant at which it was due to be sent, so a server that stalls cannot hide it by slowing
the client down (coordinated omission). It has arrived when a majority has its first alert: that is when a majority
read shows it, and a change stream says so for all of them. What a person sees is held against it: his own open stream,
and `GET /api/inbox` asked again and again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvloop

from bench.client import client
from bench.figures import Figure, at_most
from bench.ground import Ground, engines, product
from bench.matters import DUTY
from bench.offered import Times, all_arrived, offer, watching
from bench.scale import Scale
from bench.spread import percentile

RATE = 500
WARM_UP = 10
SECONDS = 14
LINES = 64
DRAINED_WITHIN = 20.0
LOOK_EVERY = 0.25


@dataclass
class Seen:
    """By case: when the duty post saw its alert on its open stream, and when on the first page of its inbox."""

    streamed: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)


@asynccontextmanager
async def _looking(on: Ground, token: str) -> AsyncIterator[Seen]:
    seen, headers = Seen(), {"Authorization": f"Bearer {token}"}
    looking = [
        asyncio.create_task(_stream(on, headers, seen.streamed)),
        asyncio.create_task(_look(on, headers, seen.shown)),
    ]
    try:
        yield seen
    finally:
        for each in looking:
            each.cancel()
        await asyncio.wait(looking)


async def _stream(on: Ground, headers: dict[str, str], streamed: dict[str, float]) -> None:
    """As a browser holds it."""
    async with (
        httpx.AsyncClient(base_url=on.notify.origin, timeout=None) as http,
        http.stream("GET", "/api/stream", headers=headers) as events,
    ):
        async for line in events.aiter_lines():
            if line.startswith("data: "):
                streamed.setdefault(_case_in(line), time.perf_counter())


async def _look(on: Ground, headers: dict[str, str], shown: dict[str, float]) -> None:
    async with client(on.notify.origin, 1) as http:
        while True:
            answer = await http.ask("GET", "/api/inbox?most=200", headers=headers)
            for each in answer.json()["items"] if answer.status == 200 else ():
                shown.setdefault(each["case_id"], time.perf_counter())
            await asyncio.sleep(LOOK_EVERY)


def _case_in(line: str) -> str:
    return line.partition('"case_id":"')[2].partition('"')[0]


async def _run(on: Ground) -> tuple[Times, Seen, float]:
    times = Times()
    async with client(on.router.origin, 1) as router, client(on.intake.origin, LINES) as intake:
        token = (await router.ask("POST", "/api/dev/sign-in", {"person": DUTY})).json()["token"]
        async with _looking(on, token) as seen, watching(on, times.arrived):
            counts_from = time.perf_counter() + WARM_UP
            await offer(intake, (number / RATE for number in range(RATE * (WARM_UP + SECONDS))), times)
            await all_arrived(times, DRAINED_WITHIN)
    return times, seen, counts_from


def measure(_scale: Scale) -> Iterator[Figure]:
    with engines() as on, product(on) as ground:
        times, seen, counts_from = uvloop.run(_run(ground))
    arrived = times.since_due(times.arrived, counts_from)
    yield _in_ms("p50 to the inbox", arrived, 0.5, 50)
    yield _in_ms("p99 to the inbox", arrived, 0.99, 250)
    yield _in_ms("p50 until confirmed", times.since_due(times.confirmed, counts_from), 0.5)
    yield _in_ms("p99 until confirmed", times.since_due(times.confirmed, counts_from), 0.99)
    yield _in_ms("p50 to the duty post's open stream", times.since_due(seen.streamed, counts_from), 0.5)
    yield _in_ms("p50 to its inbox, looking every 250 ms", times.since_due(seen.shown, counts_from), 0.5)
    offered = f"not arrived of {RATE * (WARM_UP + SECONDS):,} offered at {RATE}/s"
    yield Figure("latency", offered, times.missing, "", None, at_most(0))


def _in_ms(what: str, seconds: list[float], share: float, most: float | None = None) -> Figure:
    goal = None if most is None else at_most(most)
    return Figure("latency", what, percentile(seconds, share) * 1000, "ms", None, goal)
