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
from services.notify.channels.sender import GOOD, LATER, Quota, Said, may_have_gone
from services.notify.preferences import Preferences
from services.notify.ringing.errand import Errand, Ringing
from services.notify.ringing.log import Asking, Attempt
from services.notify.ringing.quotas import Quotas
from services.notify.ringing.receipts import Receipts
from services.notify.ringing.record import tries_of
from shaoyin.adapters.clock import Clock
from shaoyin.contracts.deliveries import Outcome
from shaoyin.domain.recipients import Level
from shaoyin.domain.ringing import WAITS_FOR_ROOM, Leg, again_at

AT_ONCE = 20
"""Messages under way on one channel: as many as its client has connections."""
WAITING_AT_MOST = 5.0
"""Seconds: who would wait longer for his turn waits in the store, so that a slow provider holds up no other."""
BUSY_FOR = timedelta(seconds=1)
AT_FIRST = 0.5
"""Seconds that a try is thought to take before any was made."""
SHUT_FOR = timedelta(minutes=1)
"""Where a provider says that it was too much, and not for how long."""
KNOWN_AFTER = timedelta(seconds=10)
"""After the end of a try: what is still on its way into a provider's own record by then would never get there."""
log = logging.getLogger(__name__)


@dataclass
class _Gate:
    """`order` keeps what is critical first where room is scarce. `took` is what a try takes lately, in seconds."""

    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0
    took: float = AT_FIRST

    def took_so_long(self, seconds: float) -> None:
        self.took += (seconds - self.took) / AT_ONCE

    @property
    def is_busy(self) -> bool:
        return self.inside / AT_ONCE * self.took >= WAITING_AT_MOST


@dataclass
class Send:
    channels: Channels
    preferences: Preferences
    quotas: Quotas
    receipts: Receipts
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
                tried = await self._try(errand, gate, f"{batch}-{next(self._numbers)}")
        finally:
            gate.inside -= 1
        if tried is not None:
            await self._record(errand, *tried)

    async def _try(self, errand: Errand, gate: _Gate, token: str) -> tuple[Said, Asking] | None:
        """What is still to be written, while the next message has this one's room already."""
        if not self._is_fresh(errand) or await self._was_sent(errand) or not self._is_fresh(errand):
            return None
        sender = self.channels.senders[errand.leg.channel]
        quotas = sender.quotas(errand.address)
        if quotas and (wait := await self._room(gate, quotas, token, errand.level)) is not None:
            await self._without_room(errand, wait)
            return None
        began, sent_at = time.monotonic(), self.receipts.record.rings.real_now()
        said = await sender.send(errand.message, errand.address)
        gate.took_so_long(time.monotonic() - began)
        if quotas:
            await self._account(quotas, token, said)
        return said, Asking(errand.message.message_id, sent_at, said.receipt)

    def _is_fresh(self, errand: Errand) -> bool:
        fresh = all(self.receipts.record.rings.is_fresh(each.document) for each in errand.alerts)
        if not fresh:
            _wait(errand, "channel_busy", self.clock.now())
        return fresh

    async def _was_sent(self, errand: Errand) -> bool:
        """Whether the provider says something of the try that was cut; where it cannot be asked, that is a try too:
        what may have arrived does not go again before somebody knows.
        """
        if errand.before is None:
            return False
        said = await self.receipts.said(errand.leg, errand.address, errand.before)
        if said is not None:
            await self._record(errand, said, errand.before, afterwards=True)
        return said is not None

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

    async def _record(self, errand: Errand, said: Said, by: Asking | None = None, *, afterwards: bool = False) -> None:
        """`by` is what the provider knows the message by; `afterwards`: it was only asked for."""
        now, leg = self.clock.now(), errand.leg
        self.noticed(f"{'receipt' if afterwards else 'sent'}_{leg.channel}_{said.became}", 1)
        if said.became in ("bad_key", "refused"):
            log.warning("%s: %s, %s", leg.channel, said.became, said.code)
        if said.became == "unknown_address" and leg.channel == WEB_PUSH and leg.to is not None:
            await self.preferences.drop_subscription(errand.alerts[0].preference.person, leg.to)
        asking = self._asking(leg, said, by, now)
        tries = [(each, self._attempt(each, leg, said, asking, now)) for each in errand.alerts]
        await asyncio.gather(
            *(self.receipts.record.attempt(each, made._replace(afterwards=afterwards)) for each, made in tries)
        )

    def _asking(self, leg: Leg, said: Said, by: Asking | None, now: datetime) -> Asking | None:
        """What can be asked afterwards of what was taken, and of what may have gone before it goes again."""
        if by is None or not self.receipts.tells(leg.channel):
            return None
        if said.became == "accepted":
            return by._replace(ask_at=self.receipts.asks_first_at(now))
        return by if may_have_gone(said) else None

    def _attempt(self, alert: Ringing, leg: Leg, said: Said, asking: Asking | None, now: datetime) -> Attempt:
        if said.became in GOOD:
            good: Outcome = "delivered" if said.became == "delivered" else "accepted"
            return Attempt(leg, now, good, said.code, receipt=said.receipt, asking=asking)
        next_at = None
        if said.became in LATER:
            next_at = again_at(alert.level, tries_of(alert, leg) + 1, now, self.roll(), _not_before(said, asking))
            if next_at is not None and next_at >= alert.useful_until:
                next_at = None
        outcome: Outcome = "failed" if next_at is None else "retry"
        return Attempt(leg, now, outcome, said.code, next_at, asking=None if next_at is None else asking)


def _not_before(said: Said, asking: Asking | None) -> timedelta | None:
    """As long as the provider said; else until it can know what became of a try that was cut."""
    if said.retry_after is not None:
        return said.retry_after
    if said.became == "quota":
        return SHUT_FOR
    return None if asking is None else KNOWN_AFTER


def _wait(errand: Errand, why: str, until: datetime) -> None:
    for each in errand.alerts:
        each.wait(until, why)
