"""Ringing put together: its stores and its jobs, over the channels that are set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.notify.channels.configured import Channels
from services.notify.channels.in_app import InApp
from services.notify.deliveries import Deliveries
from services.notify.preferences import Preferences
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.ringing.message import Links
from services.notify.ringing.pass_on import PassOn
from services.notify.ringing.quotas import Quotas
from services.notify.ringing.receipts import Receipts
from services.notify.ringing.record import Record
from services.notify.ringing.rest import Rest
from services.notify.ringing.ring import Ring
from services.notify.ringing.rings import Rings
from services.notify.ringing.send import Send
from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.mongo import Database
from shaoyin.domain.pack import Pack


@dataclass(frozen=True)
class Ringing:
    """`ring` rings what is due; `pass_on` tells others where the first does not hear."""

    quotas: Quotas
    rest: Rest
    rings: Rings
    ring: Ring
    pass_on: PassOn

    async def run(self) -> None:
        await self.quotas.prepare()
        await self.rest.prepare()
        await self.ring.preferences.prepare()
        await self.ring.run()

    def start(self, jobs: Jobs) -> None:
        """A critical alert is passed on though nothing rings: the inbox alone may go unread as well."""
        jobs.start("pass_on_unread", self.pass_on.watch_unread)
        if self.ring.channels.any:
            jobs.start("ring", self.run)


def ringing_of(
    database: Database, channels: Channels, links: Links, packs: Mapping[str, Pack], clock: Clock,
    *, deliveries: Deliveries, publisher: PublishDeliveries, alert_key: bytes, noticed: Callable[[str, int], None],
) -> Ringing:  # fmt: skip
    quotas, rest, preferences = Quotas(database), Rest(database), Preferences(database)
    rings = Rings(deliveries, publisher, SystemClock())
    pass_on = PassOn(deliveries, InApp(deliveries, clock), publisher, packs, clock, alert_key, noticed)
    receipts = Receipts(channels, Record(rings, clock), clock, noticed)
    sending = Send(channels, preferences, quotas, receipts, clock, noticed)
    ring = Ring(rings, sending, receipts, preferences, rest, pass_on, channels, links, packs, clock, noticed)
    return Ringing(quotas, rest, rings, ring, pass_on)
