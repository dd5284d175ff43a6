"""What a service tells about itself: whether it lives, whether it is ready, and its numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from prometheus_client import GC_COLLECTOR, CollectorRegistry, Histogram, Metric, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Check = Callable[[], Awaitable[str | None]]
"""Returns what there is to say when all is well, raises when it is not."""

CHECK_WITHIN = timedelta(seconds=2)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Checked:
    ok: bool
    detail: str


class Numbers:
    """A process's metrics: its own registry, never the library's global one. Names begin `shaoyin_<service>_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(GC_COLLECTOR)

    def rendered(self, accept: str = "", only: str = "") -> Response:
        """In the format the scraper accepts; `only` keeps the metrics whose name begins so."""
        encode, content_type = choose_encoder(accept)
        return Response(encode(_Beginning(self.registry, only)), headers={"Content-Type": content_type})

    def requests_of(self, service: str) -> Callable[[str, str, int, float], None]:
        """Counts and times requests by method, route and status: for web.py's Guard. The route is its template."""
        seconds = Histogram(
            f"shaoyin_{service}_http_seconds",
            "Seconds from a request to the end of its answer",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_SECONDS,
        )

        def seen(method: str, route: str, status: int, took: float) -> None:
            seconds.labels(method if method in _METHODS else "other", route, str(status)).observe(took)

        return seen


class _Beginning:
    def __init__(self, registry: CollectorRegistry, prefix: str) -> None:
        self._registry = registry
        self._prefix = prefix

    def collect(self) -> Iterable[Metric]:
        return (metric for metric in self._registry.collect() if metric.name.startswith(self._prefix))


def health(
    checks: Mapping[str, Check], numbers: Numbers, only: str = "", within: timedelta = CHECK_WITHIN
) -> APIRouter:
    """`/health/live`, `/health/ready` and `/metrics`. Live says that the process answers, whatever the engines do."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health/live")
    async def live() -> JSONResponse:
        return _fresh({"live": True}, 200)

    @routes.get("/health/ready")
    async def ready() -> JSONResponse:
        found = await look(checks, within)
        is_ready = all(each.ok for each in found.values())
        shown = {name: {"ok": each.ok, "detail": each.detail} for name, each in found.items()}
        return _fresh({"ready": is_ready, "checks": shown}, 200 if is_ready else 503)

    @routes.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        return numbers.rendered(request.headers.get("accept", ""), only)

    return routes


async def look(checks: Mapping[str, Check], within: timedelta = CHECK_WITHIN) -> dict[str, Checked]:
    """All checks at once, each bounded: one that hangs makes itself not ready, not the answer late."""
    found = await asyncio.gather(*(_look_at(check, within) for check in checks.values()))
    return dict(zip(checks, found, strict=True))


async def _look_at(check: Check, within: timedelta) -> Checked:
    try:
        async with asyncio.timeout(within.total_seconds()):
            return Checked(True, await check() or "ok")
    except TimeoutError:
        return Checked(False, f"no answer within {within.total_seconds():g} s")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer: this check failed, by this name
        return Checked(False, type(error).__name__)


def _fresh(body: Mapping[str, object], status: int) -> JSONResponse:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
