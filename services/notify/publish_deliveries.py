"""Says on `shaoyin.deliveries.v1` that somebody was told: with the batch that told them, before it is committed.

So whatever is cut off is said again with its batch, under the same ids. A broker that does not take it holds up no
alert: it is marked in the store and swept from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from services.notify.alert_documents import tries_of
from services.notify.channels.channel import Tried
from services.notify.deliveries import Deliveries
from services.notify.who_is_told import Telling
from shaoyin.adapters.bus import Bus, BusDown, Message
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.portions import portions
from shaoyin.contracts.deliveries import DeliveryTried, write_delivery
from shaoyin.contracts.topics import DELIVERIES

MOST = 500
AT_A_TIME = 500
"""Tries that are written and sent before anything else has its turn: one event may tell thousands."""
SWEEP_EVERY = 2.0
"""Seconds."""
LEFT_AFTER = timedelta(seconds=5)
"""Younger ones may be said again with their batch."""
log = logging.getLogger(__name__)


class PublishDeliveries:
    def __init__(self, bus: Bus, deliveries: Deliveries, clock: Clock) -> None:
        self._bus = bus
        self._deliveries = deliveries
        self._clock = clock

    async def say(self, tried: Sequence[DeliveryTried]) -> None:
        """Raises StoreDown, where neither the broker nor the store would take it."""
        if not tried:
            return
        try:
            await self._send(tried)
        except BusDown as away:
            log.warning("%d deliveries are left for the sweep: %s", len(tried), away)
            await self._deliveries.mark_unpublished([each.alert_id for each in tried], self._clock.now())

    async def sweep_for_ever(self) -> None:
        while True:
            while await self.sweep() == MOST:
                turned()
            turned()
            await asyncio.sleep(SWEEP_EVERY)

    async def sweep(self) -> int:
        """Publishes what stayed behind, under the same ids. Returns how many. Raises BusDown and StoreDown."""
        left = await self._deliveries.unpublished(self._clock.now() - LEFT_AFTER, MOST)
        if left:
            await self._send([tried for each in left for tried in tries_of(each)])
            await self._deliveries.mark_published(each["_id"] for each in left)
        return len(left)

    async def _send(self, tried: Sequence[DeliveryTried]) -> None:
        for some in portions(tried, AT_A_TIME):
            await self._bus.send([_message(each) for each in some])


def _message(tried: DeliveryTried) -> Message:
    written = write_delivery(tried)
    return Message(DELIVERIES.name, written.key, written.value, written.headers)


def said_of(telling: Telling, tried: Tried, channel: str) -> DeliveryTried:
    """The first try of an alert that has just been raised."""
    return DeliveryTried(
        alert_id=telling.alert_id, event_id=telling.event_id, case_id=telling.case_id, kind=telling.kind,
        post=telling.post, channel=channel, attempt=1, at=tried.at, outcome=tried.outcome, code=tried.code,
        next_at=tried.next_at, registration_id=telling.registration_id,
    )  # fmt: skip
