"""Asks a provider what became of a message: some time after it took it, and before one that was cut goes again.

Nothing is sent by asking. Whoever can say nothing is asked again, for an hour; then the log stays as it is: accepted.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from services.notify.channels.configured import Channels
from services.notify.channels.sender import Said
from services.notify.channels.sms import TellsAfterwards
from services.notify.ringing.errand import Question
from services.notify.ringing.log import Asking, Attempt
from services.notify.ringing.record import Record
from shaoyin.adapters.clock import Clock
from shaoyin.contracts.deliveries import Outcome
from shaoyin.domain.ringing import Leg, ask_again_at

AT_ONCE = 5
"""Questions under way on one channel: messages come first."""
HELD = "receipt"
"""Why an alert waits whose message was taken."""
MEANS: dict[str, Outcome] = {"delivered": "delivered", "refused": "failed", "unknown_address": "failed"}
"""Where the carrier has said what became of it; everything else says nothing yet."""
log = logging.getLogger(__name__)


@dataclass
class Receipts:
    channels: Channels
    record: Record
    clock: Clock
    noticed: Callable[[str, int], None]
    roll: Callable[[], float] = random.random
    _room: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def tells(self, channel: str) -> bool:
        return isinstance(self.channels.senders[channel], TellsAfterwards)

    def asks_first_at(self, now: datetime) -> datetime | None:
        return ask_again_at(0, now, self.roll())

    async def ask(self, question: Question) -> None:
        """Every alert in it is written to, or waits where there is no time left to ask. Raises StoreDown."""
        room = self._room.setdefault(question.leg.channel, asyncio.Semaphore(AT_ONCE))
        async with room:
            if not all(self.record.rings.is_fresh(each.document) for each in question.alerts):
                for each in question.alerts:
                    each.wait(self.clock.now(), HELD)
                return
            said = await self.said(question.leg, question.address, question.asking)
        await self._heard(question, said)

    async def said(self, leg: Leg, address: str, asking: Asking) -> Said | None:
        """None where the provider knows nothing of it."""
        sender = self.channels.senders[leg.channel]
        if isinstance(sender, TellsAfterwards):
            return await sender.receipt(asking.message_id, address, asking.sent_at, asking.serial)
        return None

    async def _heard(self, question: Question, said: Said | None) -> None:
        leg, now = question.leg, self.clock.now()
        self.noticed(f"receipt_{leg.channel}_{'unknown' if said is None else said.became}", 1)
        outcome = None if said is None else MEANS.get(said.became)
        if said is None or outcome is None:
            asked = question.asking.asked + 1
            again = question.asking._replace(asked=asked, ask_at=ask_again_at(asked, now, self.roll()))
            await asyncio.gather(*(self.record.asking(each, leg, again) for each in question.alerts))
            return
        if outcome == "failed":
            log.warning("%s did not deliver what it took: %s", leg.channel, said.code)
        attempt = Attempt(leg, now, outcome, said.code, afterwards=True)
        await asyncio.gather(*(self.record.attempt(each, attempt) for each in question.alerts))
