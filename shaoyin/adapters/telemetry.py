"""What an operator can see beside the log: metrics without a person in them, and whether each dependency is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest

CHECKED_WITHIN = timedelta(seconds=2)
Check = Callable[[], Awaitable[None]]


class Metrics:
    """Counters and gauges of one service; names begin with `shaoyin_`, labels never name a person."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter("shaoyin_events", "what happened", ["service", "what"], registry=self.registry)
        self._levels = Gauge("shaoyin_levels", "what is so now", ["service", "what"], registry=self.registry)
        self._service = service

    def count(self, what: str, how_many: int = 1) -> None:
        self._events.labels(self._service, what).inc(how_many)

    def level(self, what: str, value: float) -> None:
        self._levels.labels(self._service, what).set(value)

    def text(self) -> bytes:
        return generate_latest(self.registry)


def joined(all_metrics: Sequence[Metrics]) -> bytes:
    """One page for several services; each metric's head stands once, as a strict reader wants it."""
    return generate_latest(_Joined(all_metrics))


class _Joined:
    def __init__(self, all_metrics: Sequence[Metrics]) -> None:
        self._all = all_metrics

    def collect(self) -> Iterable[Metric]:
        merged: dict[str, Metric] = {}
        for each in self._all:
            for metric in each.registry.collect():
                if metric.name in merged:
                    merged[metric.name].samples += metric.samples
                else:
                    merged[metric.name] = metric
        return merged.values()


async def readiness(checks: Mapping[str, Check], optional: frozenset[str] = frozenset()) -> tuple[bool, dict[str, Any]]:
    """Asks every dependency at once, each for a short time; one that is `optional` is shown but stops nobody."""
    names = list(checks)
    found = await asyncio.gather(*(_ask(checks[name]) for name in names))
    seen = {name: {"ok": why is None, **({"why": why} if why else {})} for name, why in zip(names, found, strict=True)}
    ready = all(each["ok"] or name in optional for name, each in seen.items())
    return ready, {"ready": ready, "checks": seen}


async def _ask(check: Check) -> str | None:
    try:
        await asyncio.wait_for(check(), CHECKED_WITHIN.total_seconds())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to the question
        return type(error).__name__
    return None
