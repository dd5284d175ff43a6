"""Events in, alerts out, a batch at a time: one write, the offset committed last, and a bad message stops nothing.

A repeat of a batch raises nothing twice: the alerts' ids are made of the event and the recipient.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from services.notify.channels.channel import Channel, Tried
from services.notify.deliveries import Deliveries
from services.notify.done_before import DoneBefore
from services.notify.publish_deliveries import PublishDeliveries, said_of
from services.notify.read_news import GROUP, NEWS, read_in_turns
from services.notify.residents.to_tell import ToTell
from services.notify.who_is_told import Telling
from shaoyin.adapters.bus import Bus, Message, Reader, Received
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import AWAY, FIRST_PAUSE, LONGEST_PAUSE, turned, waiting
from shaoyin.adapters.pace import Commits, Pace
from shaoyin.domain.pack import Pack

MOST = 500
WITHIN = timedelta(milliseconds=500)
APART = timedelta(milliseconds=20)
"""Between two batches: alerts that come one by one are stored a few at a time."""
LOOK_EVERY = 1.0
"""Seconds between two looks at how far behind we are."""
log = logging.getLogger(__name__)


async def _told_by_the_page(_answers: Sequence[ToTell]) -> None:
    """Nobody is told outside the progress page."""


@dataclass
class RaiseAlerts:
    """`noticed` counts what happened; `alert_key` makes the ids of alerts and answers."""

    bus: Bus
    deliveries: Deliveries
    in_app: Channel
    publisher: PublishDeliveries
    done_before: DoneBefore
    packs: Mapping[str, Pack]
    clock: Clock
    alert_key: bytes
    noticed: Callable[[str, int], None]
    buried: Callable[[Sequence[Message]], None] = lambda _dead: None
    keep_answers: Callable[[Sequence[ToTell]], Awaitable[None]] = _told_by_the_page
    lag: int = 0
    _look_at: float = 0.0

    async def run(self) -> None:
        """Until cancelled, or until the broker was replaced: then begin anew. Raises BusDown and StoreDown at the
        beginning only; later an engine that is away is waited out without leaving the group.
        """
        since = await self.done_before.begin(self.bus)
        if since is not None:
            log.warning("the broker was replaced: everything since %s was asked for again", since)
        async with self.bus.reader(GROUP, list(NEWS)) as reader:
            pause, pace, commits = FIRST_PAUSE, Pace(APART), Commits(reader)
            while True:
                try:
                    if not await self.done_before.same_cluster(self.bus):
                        return
                    await pace.turn()
                    await self._one_batch(reader, commits)
                    pause = FIRST_PAUSE
                    turned()
                except AWAY as away:
                    waiting(away)
                    log.warning("a batch is given back: %s", away)
                    await asyncio.sleep(pause.total_seconds())
                    pause = min(pause * 2, LONGEST_PAUSE)
                    commits.forget()
                    await _rewind(reader)

    async def _one_batch(self, reader: Reader, commits: Commits) -> None:
        asked_at = self.clock.now()
        batch = await commits.batch(MOST, WITHIN)
        if batch:
            await self.take(batch)
            await commits.done(batch)
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            await commits.settle()
            self.lag = await reader.lag()
            await self.done_before.up_to(asked_at if self.lag == 0 else None)

    async def take(self, batch: Sequence[Received]) -> None:
        """Everything but the commit. Raises BusDown and StoreDown; the same batch may be taken again."""
        read = await read_in_turns(batch, self.packs, self.alert_key)
        told = list(read.told.values())
        tried = list(zip(told, await self.in_app.deliver(told), strict=True))
        failed = await self._keep_failed(list(read.failed.values()))
        await self.deliveries.free(read.answered)
        await self.keep_answers(read.to_residents)
        if read.dead:
            await self.bus.send(read.dead)
            self.buried(read.dead)
        channel, all_tried = self.in_app.name, (*tried, *failed)
        await self.publisher.say([said_of(telling, each, channel) for telling, each in all_tried])
        self._count([each for _, each in all_tried if not each.again], len(read.dead))

    async def _keep_failed(self, tellings: Sequence[Telling]) -> list[tuple[Telling, Tried]]:
        now = self.clock.now()
        fresh = await self.deliveries.keep_failed(tellings, now)
        for each in tellings:
            log.warning("%s of %s reached nobody in %s: %s", each.kind, each.about, each.post, each.code)
        return [
            (each, Tried("failed", each.code or "failed", now, again=each.alert_id not in fresh)) for each in tellings
        ]

    def _count(self, fresh: Sequence[Tried], dead: int) -> None:
        failed = sum(each.outcome == "failed" for each in fresh)
        self.noticed("alerts_raised", len(fresh) - failed)
        self.noticed("alerts_failed", failed)
        self.noticed("dead_letters", dead)


async def _rewind(reader: Reader) -> None:
    """Where that cannot be done now, the partitions are given out anew before anything is read again."""
    with suppress(*AWAY):
        await reader.rewind()
