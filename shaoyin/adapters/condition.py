"""How a service is: its store, the broker, its readers and its jobs, each asked for itself; and the same as numbers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shaoyin.adapters.bus import Bus, BusDown
from shaoyin.adapters.groups_watch import GroupsWatch
from shaoyin.adapters.jobs import AWAY, Jobs, turned
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.store_pulse import StorePulse
from shaoyin.adapters.telemetry import Check, Found

MEASURE_EVERY = 5.0
"""Seconds."""
SHOWN_ONLY = frozenset({"kafka", "readers"})
"""What stops nobody: while Kafka is away, or our readers hang, everything else is served from the store."""
log = logging.getLogger(__name__)
Sample = Callable[[], Awaitable[None]]


class TopicsMissing(Found):
    """The broker answers and does not have these topics."""


@dataclass(frozen=True)
class Condition:
    bus: Bus
    store: StorePulse
    groups: GroupsWatch
    jobs: Jobs
    metrics: Metrics

    def checks(self) -> Mapping[str, Check]:
        return {
            "mongodb": self.store.check, "kafka": self.check_kafka, "readers": self.groups.check,
            "jobs": self.check_jobs,
        }  # fmt: skip

    async def check_kafka(self) -> None:
        """Raises BusDown and TopicsMissing."""
        if not await self.bus.reachable():
            raise BusDown
        if missing := await self.bus.missing():
            raise TopicsMissing(*sorted(missing))

    async def check_jobs(self) -> None:
        """Raises JobsFailing and JobsStalled."""
        self.jobs.check()

    async def measure(self) -> None:
        """Who fails or stands still, and which engine can be used."""
        down = {*self.jobs.crashed, *self.jobs.stalled}
        for name in self.jobs.names:
            self.metrics.job_down(name, is_down=name in down)
        self.metrics.up("mongodb", is_up=self.store.away is None)
        self.metrics.up("kafka", is_up=await self.bus.reachable())

    async def measure_for_ever(self, *samples: Sample) -> None:
        """Until cancelled. What cannot be measured now keeps its last figure; the others are measured all the same."""
        while True:
            for sample in (self.measure, self.groups.look, *samples):
                try:
                    await sample()
                except AWAY as away:
                    log.debug("not measured: %s", away)
            turned()
            await asyncio.sleep(MEASURE_EVERY)
