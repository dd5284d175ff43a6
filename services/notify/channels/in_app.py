"""The inbox in the application: an alert is delivered when the store has it, and open streams show it at once."""

from __future__ import annotations

from collections.abc import Sequence

from services.notify.alert_documents import IN_APP
from services.notify.channels.channel import Tried
from services.notify.deliveries import Deliveries
from services.notify.who_is_told import Telling
from shaoyin.adapters.clock import Clock


class InApp:
    """Needs no quiet hours: it does not ring (decisions 2.26)."""

    def __init__(self, deliveries: Deliveries, clock: Clock) -> None:
        self._deliveries = deliveries
        self._clock = clock

    @property
    def name(self) -> str:
        return IN_APP

    async def deliver(self, batch: Sequence[Telling]) -> list[Tried]:
        """Raises StoreDown: nothing is said to be delivered then, and the batch comes again."""
        now = self._clock.now()
        fresh = await self._deliveries.keep(batch, now)
        delivered, again = (Tried("delivered", "in_inbox", now, again=again) for again in (False, True))
        return [delivered if each.alert_id in fresh else again for each in batch]
