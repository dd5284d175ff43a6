"""Tells residents: whoever is due, by the first of their ways that takes it, and not at night.

Exactly one message for each answer and channel, but where a try was cut between the sending and the writing.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from services.notify.residents.answers import PAGE_ONLY, TOLD, UNREACHED, Answers
from services.notify.residents.contacts import Contacts, IntakeAway
from services.notify.residents.send import By, Send
from services.notify.residents.telling import Outside, Telling, taken_up
from services.notify.residents.tries import so_far
from services.notify.residents.unreached import Unreached
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import Document
from shaoyin.domain.answer import RESULTS
from shaoyin.domain.pack import Pack
from shaoyin.domain.ringing import QUIET, Leg, quiet_until, turn

AT_ONCE = 16
LOOK_EVERY = 1.0
"""Seconds."""
ASK_AGAIN, ASK_AGAIN_AT_MOST = timedelta(seconds=2), timedelta(minutes=5)
"""Intake, when it did not say: doubled each time, half of it by chance."""
BEIJING = timezone(timedelta(hours=8))
"""For a community whose pack is gone."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TellResidents:
    answers: Answers
    contacts: Contacts
    outside: Outside
    sending: Send
    unreached: Unreached
    packs: Mapping[str, Pack]
    clock: Clock
    noticed: Callable[[str, int], None]
    roll: Callable[[], float] = random.random

    async def run(self) -> None:
        """Until cancelled. Raises StoreDown: begun anew, it goes on with what is due."""
        while True:
            while await self.round() == AT_ONCE:
                turned()
            turned()
            await asyncio.sleep(LOOK_EVERY)

    async def round(self) -> int:
        """Returns how many were due. One that fails does not break off the others in the middle of a message."""
        due = await self.answers.claim(self.clock.now(), AT_ONCE, secrets.token_hex(8))
        done = await asyncio.gather(*(self._tell(each) for each in due), return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each
        return len(due)

    async def _tell(self, document: Document) -> None:
        telling, now = taken_up(document), self.clock.now()
        if now >= telling.useful_until:
            await self._lost(telling, "too_late")
        elif (until := self._quiet_until(telling, now)) is not None:
            await self._later(telling, until, "quiet_hours")
        else:
            try:
                telling.contact = await self.contacts.of(document, self.outside.consented(document))
                while await self._next_way(telling):
                    pass
            except IntakeAway as away:
                await self._ask_later(telling, away)

    def _quiet_until(self, telling: Telling, now: datetime) -> datetime | None:
        if telling.urgent:
            return None
        pack = self.packs.get(telling.document["pack"])
        return quiet_until(now.astimezone(BEIJING if pack is None else pack.zone), QUIET)

    async def _next_way(self, telling: Telling) -> bool:
        """Whether there may be another: one try, or the end, or until when it waits."""
        ways, now = dict(telling.ways(self.outside)), self.clock.now()
        route = [(Leg(channel),) for channel in ways]
        todo = turn(route, so_far(telling.deliveries), now, telling.useful_until)
        if todo.legs and self.answers.is_fresh(telling.document):
            channel = todo.legs[0].channel
            last = ways.keys() <= telling.given_up | {channel}
            return await self.sending.tries(telling, By(channel, ways[channel], last))
        if todo.legs:
            await self._later(telling, now, "claim_over")
        elif todo.at is not None:
            await self._later(telling, todo.at, "try_failed")
        elif todo.ended == "dead":
            await self._lost(telling, "nothing_left")
        else:
            await self._over(telling, TOLD if todo.ended == "rung" else PAGE_ONLY)
        return False

    async def _ask_later(self, telling: Telling, away: IntakeAway) -> None:
        if away.code == "intake_refuses":
            log.error("intake lets notify not in: SHAOYIN_SERVICE_TOKEN differs, or SHAOYIN_INTAKE_URL leads elsewhere")
        asked = int(telling.document.get("asked", 0))
        pause: timedelta = min(ASK_AGAIN * 2 ** min(asked, 10), ASK_AGAIN_AT_MOST)
        at = self.clock.now() + pause / 2 + pause / 2 * self.roll()
        await self._later(telling, at, away.code, {"asked": asked + 1})

    async def _later(self, telling: Telling, at: datetime, held: str, fields: Document | None = None) -> None:
        known = {"deliveries": list(telling.deliveries), **(fields or {})}
        await self.answers.later(telling.document, at, held, known)

    async def _over(self, telling: Telling, state: str, fields: Document | None = None) -> None:
        known = {"deliveries": list(telling.deliveries), **(fields or {})}
        if await self.answers.over(telling.document, state, self.clock.now(), known):
            self.noticed(f"answers_{state}", 1)

    async def _lost(self, telling: Telling, code: str) -> None:
        """Where it is the result, the desk hears of it first: a repeat tells nobody twice."""
        if telling.document["kind"] in RESULTS:
            await self.unreached.tell(telling.document, self.clock.now())
        log.warning("an answer of %s reached nobody: %s", telling.document["case_id"], code)
        await self._over(telling, UNREACHED, {"code": code})
