"""What an operator asks a process: its metrics on one page, and whether each thing it depends on is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Metric, generate_latest

CHECKED_WITHIN = timedelta(seconds=2)
Check = Callable[[], Awaitable[None]]


class Found(Exception):  # noqa: N818 - what a check found; its words are ours and may be shown
    """A dependency is there, but not as it should be; `which` names what is wrong."""

    def __init__(self, *which: str) -> None:
        super().__init__(", ".join(which))
        self.which = which


class Measured(Protocol):
    """Whatever counts and measures."""

    @property
    def registry(self) -> CollectorRegistry: ...


def joined(all_metrics: Sequence[Measured]) -> bytes:
    """One page for several services; each metric's head stands once, as a strict reader wants it."""
    return generate_latest(_Joined(all_metrics))


class _Joined:
    def __init__(self, all_metrics: Sequence[Measured]) -> None:
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
    seen = {name: {"ok": not why, **why} for name, why in zip(names, found, strict=True)}
    ready = all(each["ok"] or name in optional for name, each in seen.items())
    return ready, {"ready": ready, "checks": seen}


async def _ask(check: Check) -> dict[str, object]:
    """Why not, by its kind alone: the words of a driver's error hold addresses."""
    try:
        await asyncio.wait_for(check(), CHECKED_WITHIN.total_seconds())
    except Found as found:
        return {"why": type(found).__name__, "which": list(found.which)}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to the question
        return {"why": type(error).__name__}
    return {}
