"""What was tried and what was heard of it, written into the alert at once and said on the topic."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.ringing.errand import Ringing
from services.notify.ringing.log import Asking, Attempt, so_far, with_asking, with_attempt
from services.notify.ringing.rings import Change, Rings, as_tried, ended
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import DeliveryTried
from shaoyin.domain.ringing import Leg


@dataclass(frozen=True)
class Record:
    rings: Rings
    clock: Clock

    async def attempt(self, alert: Ringing, attempt: Attempt) -> None:
        """Raises StoreDown."""
        tries = tries_of(alert, attempt.leg) + 1
        alert.deliveries = with_attempt(alert.deliveries, attempt)
        await self._write(alert, as_tried(alert.document, attempt, tries))

    async def asking(self, alert: Ringing, leg: Leg, asking: Asking) -> None:
        """Nobody could say yet; the topic has nothing new. Raises StoreDown."""
        alert.deliveries = with_asking(alert.deliveries, leg, asking)
        await self._write(alert, None)

    async def _write(self, alert: Ringing, tried: DeliveryTried | None) -> None:
        """With the end of it, where this was the last way under way and somebody took it."""
        fields: Document = {"deliveries": list(alert.deliveries)}
        over = alert.open == 1 and not alert.waits and alert.turn(self.clock.now()).ended == "rung"
        if over:
            fields |= ended("rung")
        batch = alert.document["ring"]["by"]
        await self.rings.write(Change(alert.alert_id, batch, fields, over, tried))
        alert.is_over = over


def tries_of(alert: Ringing, leg: Leg) -> int:
    known = so_far(alert.deliveries).get(leg)
    return 0 if known is None else known.tries
