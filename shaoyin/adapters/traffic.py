"""What a process does for its callers, and at what cost: requests by route, the event loop's delay, memory and CPU.

A request is counted under the template of its route, never under its path, which may hold a query code.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import accumulate
from time import perf_counter

from prometheus_client import CollectorRegistry, Gauge, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shaoyin import __version__

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
_LABELS = (*map(str, BOUNDS), "+Inf")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LOOK_EVERY = 0.5
LOOKS = 20
"""The delay that is told is the longest of so many looks: ten seconds."""


@dataclass(slots=True)
class _Spread:
    """How long a route's requests took: how many fell under each bound, and all seconds together."""

    under: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


class Process:
    """One for each process, made with its program; it measures once `watched`."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._service = service
        self._requests: dict[tuple[str, str, int], int] = {}
        self._spreads: dict[str, _Spread] = {}
        self._delays = [0.0]
        ProcessCollector(registry=self.registry)
        Gauge(
            "shaoyin_build_info", "1, with the version as a label", ["service", "version"], registry=self.registry
        ).labels(service, __version__).set(1)
        Gauge(
            "shaoyin_event_loop_lag_seconds", "longest delay of the event loop in the last 10 s", ["service"],
            registry=self.registry,
        ).labels(service).set_function(lambda: max(self._delays))  # fmt: skip
        self.registry.register(self)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "other"
        key = (method, route, status // 100)
        self._requests[key] = self._requests.get(key, 0) + 1
        spread = self._spreads.get(route)
        if spread is None:
            spread = self._spreads[route] = _Spread()
        spread.under[bisect_left(BOUNDS, seconds)] += 1
        spread.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "shaoyin_http_requests", "requests answered", labels=["service", "method", "route", "status"]
        )
        for (method, route, status), many in list(self._requests.items()):
            requests.add_metric([self._service, method, route, f"{status}xx" if status else "none"], many)
        yield requests
        took = HistogramMetricFamily(
            "shaoyin_http_request_duration_seconds", "until the answer began", labels=["service", "route"]
        )
        for route, spread in list(self._spreads.items()):
            buckets = list(zip(_LABELS, accumulate(spread.under), strict=True))
            took.add_metric([self._service, route], buckets, spread.seconds)
        yield took

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _look_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(LOOK_EVERY)
            self._delays = [*self._delays[1 - LOOKS :], max(loop.time() - before - LOOK_EVERY, 0.0)]


class Counted:
    """Tells a process of every request, when its answer begins: a stream that stays open is no slow answer."""

    def __init__(self, app: ASGIApp, process: Process) -> None:
        self._app = app
        self._note = process.note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0

        def seen(message: Message) -> Awaitable[None]:
            nonlocal status
            if not status and message["type"] == "http.response.start":
                status = message["status"]
                self._note(scope, status, perf_counter() - began)
            return send(message)

        ended = 0
        try:
            await self._app(scope, receive, seen)
        except Exception:
            ended = 500  # as the server answers it
            raise
        finally:
            if not status:
                self._note(scope, ended, perf_counter() - began)
