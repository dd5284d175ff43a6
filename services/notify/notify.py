"""One notify at work: what its routes and its jobs have at hand, and how it is doing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from services.notify.act import Act
from services.notify.deliveries import Deliveries
from services.notify.inbox import Inbox
from services.notify.listeners import Listeners
from services.notify.raise_alerts import RaiseAlerts
from services.notify.show_deliveries import ShowDeliveries
from services.notify.stream import Streams
from shaoyin.adapters.bus import Bus, BusDown, Fenced
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.identity import Keys
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.mongo import Database, StoreDown, ping
from shaoyin.adapters.telemetry import Check, Metrics
from shaoyin.adapters.web import Health

MEASURE_EVERY = 5.0
"""Seconds."""
WAITED_OUT = frozenset(each.__name__ for each in (BusDown, Fenced, StoreDown))


class JobsFailing(Exception):  # noqa: N818 - the finding of a check
    """Background work crashed and is about to start again; the message names it."""


@dataclass(frozen=True)
class Notify:
    """Made by `running`; the routes find it at `request.state.notify`."""

    keys: Keys
    ticket_key: bytes
    real: Clock
    clock: Clock
    bus: Bus
    database: Database
    deliveries: Deliveries
    inbox: Inbox
    log: ShowDeliveries
    act: Act
    streams: Streams
    listeners: Listeners
    raising: RaiseAlerts
    metrics: Metrics
    jobs: Jobs

    def checks(self) -> Mapping[str, Check]:
        return {"mongodb": lambda: ping(self.database), "kafka": self._kafka, "jobs": self._jobs}

    async def _kafka(self) -> None:
        if not await self.bus.reachable():
            raise BusDown

    async def _jobs(self) -> None:
        """A job that waits for an engine is no fault of ours: the engine's own check says so."""
        crashed = [name for name, why in self.jobs.failing.items() if why not in WAITED_OUT]
        if crashed:
            raise JobsFailing(", ".join(crashed))

    async def measure_for_ever(self) -> None:
        """Until cancelled. Raises StoreDown."""
        while True:
            await self.measure()
            await asyncio.sleep(MEASURE_EVERY)

    async def measure(self) -> None:
        oldest_at = await self.deliveries.oldest_unread_critical_at()
        age = 0.0 if oldest_at is None else (self.clock.now() - oldest_at).total_seconds()
        self.metrics.level("oldest_unread_critical_seconds", max(age, 0.0))
        self.metrics.level("open_streams", len(self.listeners))
        self.metrics.level("lag", self.raising.lag)


def at_hand(request: Request) -> Notify:
    notify: Notify = request.state.notify
    return notify


def health() -> Health:
    """While Kafka is away inboxes are read and acted from, and nothing is lost: it is shown but stops nobody."""
    return Health(
        lambda request: at_hand(request).checks(), lambda request: [at_hand(request).metrics], frozenset({"kafka"})
    )
