"""Says on `shaoyin.deliveries.v1` that somebody was told: at once and in batches, and nobody waits for it.

What found no room, or was not sent before the process ended, is marked in the store and swept from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from services.notify.deliveries import Deliveries, tries_of
from shaoyin.adapters.bus import Bus, Message
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import resting, turned
from shaoyin.contracts.deliveries import DeliveryTried, write_delivery
from shaoyin.contracts.topics import DELIVERIES

MOST = 500
WAITING_AT_MOST = 20_000
SWEEP_EVERY = 2.0
"""Seconds."""
LEFT_AFTER = timedelta(seconds=5)
"""Younger ones are on their way already."""


class PublishDeliveries:
    def __init__(self, bus: Bus, deliveries: Deliveries, clock: Clock, waiting_at_most: int = WAITING_AT_MOST) -> None:
        self._bus = bus
        self._deliveries = deliveries
        self._clock = clock
        self._waiting_at_most = waiting_at_most
        self._waiting: dict[str, DeliveryTried] = {}
        self._some = asyncio.Event()

    def soon(self, tried: Iterable[DeliveryTried]) -> None:
        for each in tried:
            if len(self._waiting) >= self._waiting_at_most:
                return
            self._waiting.setdefault(each.alert_id, each)
            self._some.set()

    async def run(self) -> None:
        """Until cancelled. Raises BusDown and StoreDown; begun anew it goes on with what still waits."""
        while True:
            resting()
            await self._some.wait()
            turned()
            batch = dict(islice(self._waiting.items(), MOST))
            await self._publish(batch, batch.values())
            for alert_id in batch:
                self._waiting.pop(alert_id, None)
            if not self._waiting:
                self._some.clear()

    async def sweep_for_ever(self) -> None:
        while True:
            while await self.sweep() == MOST:
                turned()
            turned()
            await asyncio.sleep(SWEEP_EVERY)

    async def sweep(self) -> int:
        """Publishes what stayed behind, under the same ids. Returns how many. Raises BusDown and StoreDown."""
        left = await self._deliveries.unpublished(self._clock.now() - LEFT_AFTER, MOST)
        await self._publish([each["_id"] for each in left], [tried for each in left for tried in tries_of(each)])
        return len(left)

    async def _publish(self, alert_ids: Iterable[str], tried: Iterable[DeliveryTried]) -> None:
        messages = [_message(each) for each in tried]
        if messages:
            await self._bus.send(messages)
            await self._deliveries.mark_published(alert_ids)


def _message(tried: DeliveryTried) -> Message:
    written = write_delivery(tried)
    return Message(DELIVERIES.name, written.key, written.value, written.headers)
