"""One try to tell one reporter by one channel: its consent, its room in the quotas, the message, and what became of it.

That it begins is written before the message goes, and how it ended at once. Where that is lost in between, and the
provider can say what became of the message, it is asked before the message goes again.
"""

from __future__ import annotations

import logging
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from services.notify.channels.sender import LATER, Quota, Said, Sender
from services.notify.residents.answers import Answers
from services.notify.residents.contacts import Contacts, IntakeAway, Way
from services.notify.residents.message import message_of
from services.notify.residents.telling import Outside, Telling
from services.notify.residents.tries import Try, attempts_by, certainly_not_sent, made_of, unsure_since
from shaoyin.adapters.clock import Clock
from shaoyin.domain.answer import again_at
from shaoyin.domain.pack import Pack

SHUT_FOR = timedelta(minutes=1)
"""Where a provider says that it was too much, and not for how long."""
WAITED_FOR = timedelta(minutes=15)
"""A channel whose quota is full for longer leaves the message to the next one, if there is any."""
log = logging.getLogger(__name__)


class Counting(Protocol):
    """The quotas of all replicas, as `ringing.quotas.Quotas` keeps them."""

    async def take(self, quotas: Sequence[Quota], token: str) -> timedelta | None: ...
    async def settle(self, quotas: Sequence[Quota], token: str) -> None: ...
    async def shut(self, quotas: Sequence[Quota], lasts: timedelta) -> None: ...


@runtime_checkable
class Remembers(Protocol):
    """A sender whose provider can say afterwards what became of a message."""

    async def receipt(self, message_id: str, address: str, sent_at: datetime) -> Said | None:
        """None: it knows of no such message, so it was not sent."""


@dataclass(frozen=True, slots=True)
class By:
    """The way to try, and whether it is the last one that is left."""

    channel: str
    way: Way
    last: bool


@dataclass(frozen=True)
class Send:
    answers: Answers
    contacts: Contacts
    outside: Outside
    quotas: Counting
    packs: Mapping[str, Pack]
    clock: Clock
    noticed: Callable[[str, int], None]
    roll: Callable[[], float] = random.random

    async def tries(self, telling: Telling, by: By) -> bool:
        """Whether to go on: with the next way, or with what the answer's document says now. Raises IntakeAway."""
        if by.way.kind == "wechat" and not await self.contacts.take_consent(telling.document, by.way):
            return await self._write(telling, Try(by.channel, self.clock.now(), "failed", "no_consent"))
        sender = self.outside.senders[by.channel]
        quotas, token = sender.quotas(by.way.address), f"{telling.document['_id']}-{secrets.token_hex(4)}"
        wait = await self.quotas.take(quotas, token) if quotas else None
        if wait is not None:
            return await self._no_room(telling, by, wait)
        began_at = self.answers.real.now()
        begun = {"channel": by.channel, "at": self.clock.now(), "real_at": began_at}
        if not await self.answers.write(telling.document, {"begun": begun, "deliveries": list(telling.deliveries)}):
            return False
        said = await self._sent(sender, telling, by)
        if quotas:
            await self._account(quotas, token, said)
        return await self._heard(telling, by, said, began_at)

    async def _sent(self, sender: Sender, telling: Telling, by: By) -> Said:
        """Whatever is raised here is a fault of ours. Its text may hold the address, so only its name is told."""
        pack, language = self.packs.get(telling.document["pack"]), telling.contact.language
        message = message_of(telling.document, pack, self.outside.page, language)
        before = unsure_since(by.channel, telling.deliveries)
        try:
            if before is not None and isinstance(sender, Remembers):
                became = await sender.receipt(message.message_id, by.way.address, before)
                if became is not None:
                    return became
            return await sender.send(message, by.way.address)
        except Exception as fault:  # noqa: BLE001
            log.error("%s is at fault: %s", sender.name, type(fault).__name__)  # noqa: TRY400
            return Said("retry", "fault")

    async def _account(self, quotas: Sequence[Quota], token: str, said: Said) -> None:
        await self.quotas.settle(quotas, token)
        if said.became == "quota":
            await self.quotas.shut(quotas, said.retry_after or SHUT_FOR)

    async def _heard(self, telling: Telling, by: By, said: Said, began_at: datetime) -> bool:
        self.noticed(f"answers_{by.channel}_{said.became}", 1)
        if said.became in ("bad_key", "refused"):
            log.warning("%s: %s, %s", by.channel, said.became, said.code)
        now = self.clock.now()
        made, next_at = made_of(by.channel, said, now, began_at), self._again_at(telling, by, said, now)
        if next_at is not None:
            made = made._replace(outcome="retry", next_at=next_at)
        goes_on = await self._write(telling, made)
        if made.outcome == "failed":
            await self.give_back(telling, by)
        return goes_on

    def _again_at(self, telling: Telling, by: By, said: Said, now: datetime) -> datetime | None:
        """None where it is not worth another try by this channel."""
        if said.became not in LATER:
            return None
        after = said.retry_after or (SHUT_FOR if said.became == "quota" else None)
        tries = len(attempts_by(by.channel, telling.deliveries)) + 1
        at = again_at(tries, now, self.roll(), urgent=telling.urgent, last=by.last, retry_after=after)
        return at if at is not None and at < telling.useful_until else None

    async def _no_room(self, telling: Telling, by: By, wait: timedelta) -> bool:
        await self.give_back(telling, by)
        now = self.clock.now()
        if wait > WAITED_FOR and not by.last:
            return await self._write(telling, Try(by.channel, now, "failed", "own_quota"))
        await self.answers.later(telling.document, now + wait, "own_quota", {"deliveries": list(telling.deliveries)})
        return False

    async def give_back(self, telling: Telling, by: By) -> None:
        """A consent in WeChat, where nothing can have gone out. One that stays taken is a message fewer, never more."""
        if by.way.kind != "wechat" or not certainly_not_sent(by.channel, telling.deliveries):
            return
        try:
            await self.contacts.give_back(telling.document, by.way)
        except IntakeAway as away:
            log.warning("a consent is not given back: %s", away.code)

    async def _write(self, telling: Telling, made: Try) -> bool:
        """False where another replica has the answer now."""
        return await self.answers.write(telling.document, telling.add(made), gone=("begun",))
