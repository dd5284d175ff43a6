"""One notify at work: what its routes and its jobs have at hand, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from services.notify.act import Act
from services.notify.channel_counts import ChannelCounts
from services.notify.channels.sender import Sender
from services.notify.deliveries import Deliveries
from services.notify.inbox import Inbox
from services.notify.listeners import Listeners
from services.notify.preferences import Preferences
from services.notify.raise_alerts import RaiseAlerts
from services.notify.residents.start import Residents
from services.notify.ringing.start import Ringing
from services.notify.show_deliveries import ShowDeliveries
from services.notify.stream import Streams
from services.notify.tap import Tapping
from services.notify.try_channel import TryChannel
from shaoyin.adapters.bus import Bus
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.condition import SHOWN_ONLY, Condition
from shaoyin.adapters.identity import Keys
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Database
from shaoyin.adapters.web import Health
from shaoyin.domain.pack import Pack


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
    ringing: Ringing
    metrics: Metrics
    jobs: Jobs
    condition: Condition
    packs: Mapping[str, Pack]
    preferences: Preferences
    senders: Mapping[str, Sender]
    residents: Residents
    tapping: Tapping
    counts: ChannelCounts
    trying: TryChannel

    async def measure(self) -> None:
        oldest_at = await self.deliveries.oldest_unread_critical_at()
        age = 0.0 if oldest_at is None else (self.clock.now() - oldest_at).total_seconds()
        self.metrics.level("oldest_unread_critical_seconds", max(age, 0.0))
        self.metrics.level("open_streams", len(self.listeners))
        self.metrics.level("lag", self.raising.lag)
        self.metrics.level("oldest_ringing_seconds", self._late(await self.ringing.rings.oldest_due(self.clock.now())))
        due_at = await self.residents.answers.oldest_due(self.clock.now())
        self.metrics.level("oldest_answer_due_seconds", self._late(due_at))
        left_at, left = await self.deliveries.left_unpublished()
        self.metrics.outbox(
            "deliveries", left, 0.0 if left_at is None else (self.clock.now() - left_at).total_seconds()
        )

    def _late(self, due_at: datetime | None) -> float:
        return 0.0 if due_at is None else max((self.clock.now() - due_at).total_seconds(), 0.0)


def at_hand(request: Request) -> Notify:
    notify: Notify = request.state.notify
    return notify


def health() -> Health:
    """While Kafka is away inboxes are read and acted from, and nothing is lost: it is shown but stops nobody."""
    return Health(
        lambda request: at_hand(request).condition.checks(), lambda request: [at_hand(request).metrics], SHOWN_ONLY
    )
