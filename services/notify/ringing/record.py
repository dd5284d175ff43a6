"""What was tried and what was heard of it, written into the alert at once and said on the topic."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.ringing.errand import Ringing
from services.notify.ringing.log import Asking, Attempt, so_far, with_asking, with_attempt
from services.notify.ringing.rings import Change, Rings, as_tried
from shaoyin.contracts.deliveries import DeliveryTried
from shaoyin.domain.ringing import Leg


@dataclass(frozen=True)
class Record:
    rings: Rings

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
        fields = {"deliveries": list(alert.deliveries)}
        await self.rings.write(Change(alert.alert_id, alert.document["ring"]["by"], fields, over=False, tried=tried))


def tries_of(alert: Ringing, leg: Leg) -> int:
    known = so_far(alert.deliveries).get(leg)
    return 0 if known is None else known.tries
