"""How far a service's groups of readers have come, and whether they still come on: asked of the broker, not of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from shaoyin.adapters.bus import Bus, BusDown
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.telemetry import Found

STUCK_AFTER = 30.0
"""Seconds in which a partition holds something and the group commits nothing of it."""


class NotJoined(Found):
    """No reader of this process has its place in these groups."""


class Stuck(Found):
    """Something waits on these topics, and nobody of the group has read on for too long."""


@dataclass(frozen=True, slots=True)
class Reading:
    group: str
    topic: str


@dataclass(frozen=True, slots=True)
class _Seen:
    committed: int
    since: float


class GroupsWatch:
    def __init__(
        self, bus: Bus, metrics: Metrics, readings: Sequence[Reading], stuck_after: float = STUCK_AFTER
    ) -> None:
        self._bus = bus
        self._metrics = metrics
        self._readings = readings
        self._stuck_after = stuck_after
        self._waiting: dict[tuple[Reading, int], _Seen] = {}

    async def look(self) -> None:
        """Raises BusDown; while the broker is away nobody is stuck."""
        for reading in self._readings:
            try:
                lag = await self._look_at(reading)
            except BusDown:
                self._waiting.clear()
                raise
            self._metrics.lag(reading.group, reading.topic, lag)

    async def check(self) -> None:
        """As a check of readiness, from the last look. Raises NotJoined and Stuck."""
        if missing := sorted({each.group for each in self._readings} - self._bus.joined()):
            raise NotJoined(*missing)
        until = time.monotonic() - self._stuck_after
        if stuck := sorted({reading.topic for (reading, _), seen in self._waiting.items() if seen.since < until}):
            raise Stuck(*stuck)

    async def _look_at(self, reading: Reading) -> int:
        stretches = await self._bus.stretches(reading.topic)
        committed = await self._bus.committed(reading.group, reading.topic)
        lag = 0
        for number, stretch in stretches.items():
            upto = max(committed.get(number, stretch.first), stretch.first)
            lag += max(stretch.end - upto, 0)
            before = self._waiting.pop((reading, number), None)
            if stretch.end > upto:
                fresh = before is None or before.committed != upto
                self._waiting[reading, number] = _Seen(upto, time.monotonic()) if fresh or before is None else before
        return lag
