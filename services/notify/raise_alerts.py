"""Events in, alerts out, a batch at a time: one write, the offset committed last, and a bad message stops nothing.

A repeat of a batch raises nothing twice: the alerts' ids are made of the event and the recipient.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from services.notify.answered import Answered, answers
from services.notify.channels.channel import Channel, Tried
from services.notify.deliveries import Deliveries
from services.notify.done_before import DoneBefore
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.who_is_told import Telling, tellings
from shaoyin.adapters.bus import Bus, Message, Reader, Received
from shaoyin.adapters.bus_terms import LARGEST
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import AWAY, FIRST_PAUSE, LONGEST_PAUSE
from shaoyin.contracts.deliveries import DeliveryTried
from shaoyin.contracts.envelope import CaseNews, Unreadable, read_news
from shaoyin.contracts.topics import CASES
from shaoyin.domain.pack import Pack

GROUP = "notify"
MOST = 500
WITHIN = timedelta(milliseconds=500)
DETAIL_AT_MOST = 500
LOOK_EVERY = 1.0
"""Seconds between two looks at how far behind we are."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Read:
    """What a batch asks for: whom to tell, whom nobody could be told for, what was answered, what is unreadable."""

    told: dict[str, Telling] = field(default_factory=dict)
    failed: dict[str, Telling] = field(default_factory=dict)
    answered: list[Answered] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)


@dataclass
class RaiseAlerts:
    """`noticed` counts what happened; `alert_key` makes the ids of alerts."""

    bus: Bus
    deliveries: Deliveries
    in_app: Channel
    publisher: PublishDeliveries
    done_before: DoneBefore
    packs: Mapping[str, Pack]
    clock: Clock
    alert_key: bytes
    noticed: Callable[[str, int], None]
    lag: int = 0
    _look_at: float = 0.0

    async def run(self) -> None:
        """Until cancelled, or until the broker was replaced: then begin anew. Raises BusDown and StoreDown at the
        beginning only; later an engine that is away is waited out without leaving the group.
        """
        since = await self.done_before.begin(self.bus)
        if since is not None:
            log.warning("the broker was replaced: everything since %s was asked for again", since)
        async with self.bus.reader(GROUP, [CASES.name]) as reader:
            pause = FIRST_PAUSE
            while True:
                try:
                    if not await self.done_before.same_cluster(self.bus):
                        return
                    await self._one_batch(reader)
                    pause = FIRST_PAUSE
                except AWAY as away:
                    log.warning("a batch of %s is given back: %s", CASES.name, away)
                    await asyncio.sleep(pause.total_seconds())
                    pause = min(pause * 2, LONGEST_PAUSE)
                    await _rewind(reader)

    async def _one_batch(self, reader: Reader) -> None:
        asked_at = self.clock.now()
        batch = await reader.batch(MOST, WITHIN)
        if batch:
            await self.take(batch)
            await reader.commit(batch)
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            self.lag = await reader.lag()
            await self.done_before.up_to(asked_at if self.lag == 0 else None)

    async def take(self, batch: Sequence[Received]) -> None:
        """Everything but the commit. Raises BusDown and StoreDown; the same batch may be taken again."""
        read = self.read(batch)
        told = list(read.told.values())
        tried = list(zip(told, await self.in_app.deliver(told), strict=True))
        failed = await self._keep_failed(list(read.failed.values()))
        await self.deliveries.free(read.answered)
        if read.dead:
            await self.bus.send(read.dead)
        fresh = [(telling, each) for telling, each in (*tried, *failed) if not each.again]
        self.publisher.soon(_as_said(telling, each, self.in_app.name) for telling, each in fresh)
        self._count(fresh, len(read.dead))

    def read(self, batch: Sequence[Received]) -> Read:
        read = Read()
        for message in batch:
            try:
                self._read_one(message, read)
            except Unreadable as why:
                log.warning("a message of %s became a dead letter: %s", message.topic, why.reason)
                read.dead.append(_dead_letter(message, why))
        return read

    def _read_one(self, message: Received, read: Read) -> None:
        news = read_news(message)
        pack = self.packs.get(news.header.pack)
        if pack is None:
            raise Unreadable("unknown_pack", news.header.pack)
        for each in _told_of(news, pack, self.alert_key):
            (read.told if each.person is not None else read.failed)[each.alert_id] = each
        if (answered := answers(news)) is not None:
            read.answered.append(answered)

    async def _keep_failed(self, tellings: Sequence[Telling]) -> list[tuple[Telling, Tried]]:
        now = self.clock.now()
        fresh = await self.deliveries.keep_failed(tellings, now)
        for each in tellings:
            log.warning("%s of %s reached nobody in %s: %s", each.kind, each.case_id, each.post, each.code)
        return [
            (each, Tried("failed", each.code or "failed", now, again=each.alert_id not in fresh)) for each in tellings
        ]

    def _count(self, fresh: Sequence[tuple[Telling, Tried]], dead: int) -> None:
        failed = sum(each.outcome == "failed" for _, each in fresh)
        self.noticed("alerts_raised", len(fresh) - failed)
        self.noticed("alerts_failed", failed)
        self.noticed("dead_letters", dead)


async def _rewind(reader: Reader) -> None:
    """Where that cannot be done now, the partitions are given out anew before anything is read again."""
    with suppress(*AWAY):
        await reader.rewind()


def _told_of(news: CaseNews, pack: Pack, key: bytes) -> list[Telling]:
    """Raises Unreadable where the header and the event, or the event and the pack, do not fit together."""
    try:
        return tellings(news, pack, key)
    except Exception as error:  # whatever it is, it is this message's fault, and the others of the batch must go on
        log.exception("nobody could be told of %s", news.event_id)
        raise Unreadable("does_not_fit", type(error).__name__) from error


def _as_said(telling: Telling, tried: Tried, channel: str) -> DeliveryTried:
    return DeliveryTried(
        alert_id=telling.alert_id, event_id=telling.event_id, case_id=telling.case_id, kind=telling.kind,
        post=telling.post, channel=channel, attempt=1, at=tried.at, outcome=tried.outcome, code=tried.code,
        next_at=tried.next_at,
    )  # fmt: skip


def _dead_letter(message: Received, why: Unreadable) -> Message:
    """The message as it was, with the reason; the detail names the field, never its content.

    One that would be too large with it keeps its key and headers alone: a dead letter always gets away.
    """
    told = (("reason", why.reason.encode()), ("detail", str(why)[:DETAIL_AT_MOST].encode()), ("reader", GROUP.encode()))
    dead = Message(CASES.dead_letters, message.key, message.value, (*message.headers, *told))
    return dead if dead.size <= LARGEST else replace(dead, value=b"")
