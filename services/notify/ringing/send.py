"""One message goes out: when its channel has room and its quotas too; what became of it is written at once."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.notify.addresses import WEB_PUSH
from services.notify.channels.configured import Channels
from services.notify.channels.sender import GOOD, LATER, Quota, Said
from services.notify.preferences import Preferences
from services.notify.ringing.errand import Errand, Ringing
from services.notify.ringing.log import Attempt, so_far, with_attempt
from services.notify.ringing.quotas import Quotas
from services.notify.ringing.rings import Change, Rings, as_tried
from shaoyin.adapters.clock import Clock
from shaoyin.contracts.deliveries import Outcome
from shaoyin.domain.recipients import Level
from shaoyin.domain.ringing import WAITS_FOR_ROOM, again_at

AT_ONCE = 20
"""Messages under way on one channel: as many as its client has connections."""
WAITING_AT_MOST = 5.0
"""Seconds: who would wait longer for his turn waits in the store, so that a slow provider holds up no other."""
BUSY_FOR = timedelta(seconds=1)
AT_FIRST = 0.5
"""Seconds that a try is thought to take before any was made."""
SHUT_FOR = timedelta(minutes=1)
"""Where a provider says that it was too much, and not for how long."""
log = logging.getLogger(__name__)


@dataclass
class _Gate:
    """`order` keeps what is critical first where room is scarce. `took` is what a try takes lately, in seconds."""

    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0
    took: float = AT_FIRST

    @property
    def is_busy(self) -> bool:
        return self.inside / AT_ONCE * self.took >= WAITING_AT_MOST


@dataclass
class Send:
    channels: Channels
    preferences: Preferences
    quotas: Quotas
    rings: Rings
    clock: Clock
    noticed: Callable[[str, int], None]
    roll: Callable[[], float] = random.random
    _gates: dict[str, _Gate] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def send(self, errand: Errand, batch: str) -> None:
        """Every alert in it is written to. What is not tried now waits, and says why. Raises StoreDown."""
        gate = self._gates.setdefault(errand.leg.channel, _Gate())
        if gate.is_busy:
            _wait(errand, "channel_busy", self.clock.now() + BUSY_FOR)
            return
        gate.inside += 1
        try:
            async with gate.room:
                await self._try(errand, gate, f"{batch}-{next(self._numbers)}")
        finally:
            gate.inside -= 1

    async def _try(self, errand: Errand, gate: _Gate, token: str) -> None:
        sender = self.channels.senders[errand.leg.channel]
        quotas = sender.quotas(errand.address)
        if not all(self.rings.is_fresh(each.document) for each in errand.alerts):
            _wait(errand, "channel_busy", self.clock.now())
            return
        if quotas and (wait := await self._room(gate, quotas, token, errand.level)) is not None:
            await self._without_room(errand, wait)
            return
        began = time.monotonic()
        said = await sender.send(errand.message, errand.address)
        gate.took += (time.monotonic() - began - gate.took) / AT_ONCE
        if quotas:
            await self._account(quotas, token, said)
        await self._record(errand, said)

    async def _room(self, gate: _Gate, quotas: Sequence[Quota], token: str, level: Level) -> timedelta | None:
        async with gate.order:
            return await self.quotas.take(quotas, token, critical=level == "critical")

    async def _without_room(self, errand: Errand, wait: timedelta) -> None:
        if wait <= WAITS_FOR_ROOM[errand.level]:
            _wait(errand, "own_quota", self.clock.now() + wait)
        else:
            await self._record(errand, Said("refused", "own_quota"))

    async def _account(self, quotas: Sequence[Quota], token: str, said: Said) -> None:
        await self.quotas.settle(quotas, token)
        if said.became == "quota":
            await self.quotas.shut(quotas, said.retry_after or SHUT_FOR)

    async def _record(self, errand: Errand, said: Said) -> None:
        now = self.clock.now()
        self.noticed(f"sent_{errand.leg.channel}_{said.became}", 1)
        if said.became in ("bad_key", "refused"):
            log.warning("%s: %s, %s", errand.leg.channel, said.became, said.code)
        if said.became == "unknown_address" and errand.leg.channel == WEB_PUSH and errand.leg.to is not None:
            await self.preferences.drop_subscription(errand.alerts[0].preference.person, errand.leg.to)
        await asyncio.gather(*(self._write(each, errand, said, now) for each in errand.alerts))

    async def _write(self, alert: Ringing, errand: Errand, said: Said, now: datetime) -> None:
        before = so_far({"deliveries": alert.deliveries}).get(errand.leg)
        tries = 1 if before is None else before.tries + 1
        attempt = self._attempt(alert, errand, said, tries, now)
        alert.deliveries = with_attempt(alert.deliveries, attempt)
        document = alert.document
        fields = {"deliveries": list(alert.deliveries)}
        tried = as_tried(document, attempt, tries)
        await self.rings.write(Change(alert.alert_id, document["ring"]["by"], fields, over=False, tried=tried))

    def _attempt(self, alert: Ringing, errand: Errand, said: Said, tries: int, now: datetime) -> Attempt:
        if said.became in GOOD:
            good: Outcome = "delivered" if said.became == "delivered" else "accepted"
            return Attempt(errand.leg, now, good, said.code, receipt=said.receipt)
        next_at = None
        if said.became in LATER:
            shut = SHUT_FOR if said.became == "quota" else None
            next_at = again_at(alert.level, tries, now, self.roll(), said.retry_after or shut)
            if next_at is not None and next_at >= alert.useful_until:
                next_at = None
        return Attempt(errand.leg, now, "failed" if next_at is None else "retry", said.code, next_at)


def _wait(errand: Errand, why: str, until: datetime) -> None:
    for each in errand.alerts:
        each.waits.append(until)
        each.held = why
