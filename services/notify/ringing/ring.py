"""Ringing: claims what is due, holds what rests, sends the others, and sees each alert to its truthful end."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from services.notify.alert_documents import IN_APP
from services.notify.channels.calls import WITHIN
from services.notify.channels.configured import Channels
from services.notify.preferences import Preference, Preferences
from services.notify.ringing.errand import Ringing, errands, questions
from services.notify.ringing.message import Links, message_of
from services.notify.ringing.pass_on import PassOn
from services.notify.ringing.receipts import HELD, Receipts
from services.notify.ringing.rest import Rest
from services.notify.ringing.rings import Change, Rings, ended, released
from services.notify.ringing.send import Send
from services.notify.ringing.ways import route
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.portions import in_turns
from shaoyin.domain.pack import Pack
from shaoyin.domain.ringing import BUNDLED_WITHIN, QUIET, URGING, Leg, Turn, rings_at

CLAIMED_AT_MOST = 500
"""By one replica at a time: what it may send twice where it is killed is less than that."""
CLAIMS_FROM = 250
"""So many at once where so many are due: what is claimed together for one person goes to him as one message."""
A_FEW = 25
"""Alerts that are put into words before anything else has its turn: a few milliseconds."""
LOOK_EVERY = 0.5
"""Seconds, where nothing is due."""
log = logging.getLogger(__name__)


@dataclass
class Ring:
    rings: Rings
    sending: Send
    receipts: Receipts
    preferences: Preferences
    rest: Rest
    others: PassOn
    channels: Channels
    links: Links
    packs: Mapping[str, Pack]
    clock: Clock
    noticed: Callable[[str, int], None]
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _claimed: dict[str, set[str]] = field(default_factory=dict)
    """By batch, the alerts of which it is not written yet what became of them."""
    _freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled. Raises StoreDown: what was claimed and not written to is claimed again."""
        try:
            while True:
                claimed = await self._claim()
                turned()
                if not claimed:
                    await self._pause()
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """What was begun is finished, and written, before the channels close; what takes longer than a try is cut."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=WITHIN.total_seconds())
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        self._under_way.clear()
        self._claimed.clear()

    @property
    def _room(self) -> int:
        return CLAIMED_AT_MOST - sum(map(len, self._claimed.values()))

    async def _pause(self) -> None:
        """Until there is room again, and a moment at most; where there is room already nothing was due."""
        self._freed.clear()
        if self._room >= CLAIMS_FROM:
            await asyncio.sleep(LOOK_EVERY)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._freed.wait(), LOOK_EVERY)

    async def _claim(self) -> bool:
        """Whether there was anything to do. Batches go on beside each other, as far as there is room."""
        for task in [each for each in self._under_way if each.done()]:
            self._under_way.discard(task)
            task.result()
        room = self._room
        if room < CLAIMS_FROM:
            return False
        batch = secrets.token_hex(8)
        claimed = await self.rings.claim(self.clock.now(), room, batch)
        if not claimed:
            return False
        self._claimed[batch] = {each["_id"] for each in claimed}
        self._under_way.add(asyncio.create_task(self._counted(claimed, batch)))
        return True

    async def _counted(self, claimed: Sequence[Document], batch: str) -> None:
        try:
            await self.one_batch(claimed, batch)
        finally:
            self._claimed.pop(batch, None)
            self._freed.set()

    async def one_batch(self, claimed: Sequence[Document], batch: str) -> None:
        """Raises StoreDown."""
        now = self.clock.now()
        preferences = await self.preferences.of({each["person"] for each in claimed})
        made = [await self._made(document, preferences) async for document in in_turns(claimed, A_FEW)]
        alerts = [each for each in made if each is not None]
        turns = [(each, each.turn(now)) async for each in in_turns(alerts, A_FEW)]
        turns = [(each, turn) for each, turn in turns if await self._rings(each, turn, now)]
        for each, turn in turns:
            if not turn.is_due:
                await self._settle(each)
        due = await self._after_rest([(each, turn.legs) for each, turn in turns if turn.legs], now, batch)
        asked = [(each, turn.asks) for each, turn in turns if turn.is_due and turn.asks]
        for each, legs in (*due, *asked):
            each.open = len(legs)
        ready = [errand async for errand in in_turns(errands(due, self.packs, self.links), A_FEW)]
        await asyncio.gather(
            *(self._done(each.alerts, self.sending.send(each, batch)) for each in ready),
            *(self._done(each.alerts, self.receipts.ask(each)) for each in questions(asked)),
        )
        await self._not_rung([each for each, _ in due], batch)

    async def _made(self, document: Document, preferences: Mapping[str, Preference]) -> Ringing | None:
        """What nobody can make anything of rings no more and is said so; the others of its batch go on."""
        preference, pack = preferences[document["person"]], self.packs.get(document["pack"])
        try:
            message = message_of(document, pack, self.links)
            return Ringing(document, preference, pack, route(document, preference, self.channels, pack), message)
        except Exception:
            log.exception("%s cannot be rung", document["_id"])
            await self._end(Ringing(document, preference, pack, ()), "broken")
            return None

    async def _rings(self, alert: Ringing, turn: Turn, now: datetime) -> bool:
        """Whoever has read it, or need not act any more, is left alone; for one who is away another is told, unless he
        was told before he left.
        """
        document, preference = alert.document, alert.preference
        if document["read_at"] is not None or document["answered_at"] is not None:
            await self._end(alert, "read" if document["read_at"] is not None else "answered")
            return False
        is_away = preference.away_until is not None and now < preference.away_until
        if is_away and preference.stand_in is not None and not turn.asks:
            await self.others.to_stand_in(document, preference.stand_in)
            await self._end(alert, "away")
            return False
        return True

    async def _after_rest(
        self, waiting: Sequence[tuple[Ringing, Sequence[Leg]]], now: datetime, batch: str
    ) -> list[tuple[Ringing, Sequence[Leg]]]:
        """Quiet hours, the urges of a day, and the minute after a message hold all but what is critical."""
        awake = [(each, legs) for each, legs in waiting if await self._awake(each, now)]
        first = {each.preference.person for each, _ in awake if each.level != "critical" and not each.was_tried}
        rung_at = await self.rest.reserve(first, now, batch) if first else {}
        due = []
        for each, legs in awake:
            last = rung_at.get(each.preference.person)
            if last is not None and each.level != "critical" and not each.was_tried:
                await self._put_off(each, last + BUNDLED_WITHIN, "bundled")
            else:
                due.append((each, legs))
        return due

    async def _not_rung(self, due: Sequence[Ringing], batch: str) -> None:
        """Who was not rung for want of room keeps his minute."""
        rung = {each.preference.person for each in due if each.was_tried}
        if waiting := {each.preference.person for each in due if each.waits} - rung:
            await self.rest.give_back(waiting, batch)

    async def _awake(self, alert: Ringing, now: datetime) -> bool:
        local = now if alert.pack is None else now.astimezone(alert.pack.zone)
        at = rings_at(alert.level, local, alert.preference.quiet or QUIET, None)
        if at > local:
            await self._put_off(alert, at, "quiet_hours")
            return False
        document = alert.document
        if document["kind"] in URGING and not alert.was_tried:
            about = str(document["case_id"] or document["registration_id"])
            if not await self.rest.may_urge(document["person"], about, local.date(), alert.alert_id, now):
                await self._end(alert, "urged_enough")
                return False
        return True

    async def _done(self, alerts: Sequence[Ringing], work: Awaitable[None]) -> None:
        await work
        for each in alerts:
            each.open -= 1
            if each.open == 0:
                await self._settle(each)

    async def _settle(self, alert: Ringing) -> None:
        """What comes next: the next way at once, a try later, or the end, which is said as it is."""
        now = self.clock.now()
        if alert.is_over:
            self.noticed("ringing_rung", 1)
            self._free(alert)
            return
        turn = alert.turn(now)
        if alert.waits:
            await self._put_off(alert, min(alert.waits), alert.held)
        elif turn.is_due:
            await self._put_off(alert, now, None)
        elif turn.at is not None:
            await self._put_off(alert, turn.at, HELD if turn.asks else None)
        else:
            if turn.ended == "dead":
                await self.others.to_the_desk(alert.document, _last_code(alert))
            await self._end(alert, turn.ended or "rung")

    async def _put_off(self, alert: Ringing, at: datetime, why: str | None) -> None:
        held = None if why is None else {"code": why, "until": at}
        await self._write(alert, {**released(at), "held": held}, over=False)

    async def _end(self, alert: Ringing, how: str) -> None:
        self.noticed(f"ringing_{how}", 1)
        await self._write(alert, ended(how), over=True)

    async def _write(self, alert: Ringing, fields: Document, *, over: bool) -> None:
        await self.rings.write(Change(alert.alert_id, alert.document["ring"]["by"], fields, over))
        self._free(alert)

    def _free(self, alert: Ringing) -> None:
        self._claimed.get(alert.document["ring"]["by"], set()).discard(alert.alert_id)
        if self._room >= CLAIMS_FROM:
            self._freed.set()


def _last_code(alert: Ringing) -> str:
    tried = [each["attempts"][-1] for each in alert.deliveries if each["channel"] != IN_APP]
    return str(max(tried, key=lambda each: each["at"])["code"]) if tried else "too_late"
