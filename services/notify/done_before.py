"""The instant before which everything was raised, kept in notify's own database (mechanics 15).

After the broker was wiped or replaced, what happened since is asked for again; a repeat is a duplicate key, so asking
for too much costs nothing but time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shaoyin.adapters.bus import Bus, Message
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Collection, Database, store_needed
from shaoyin.contracts.envelope import ReplayAsked, write_replay
from shaoyin.contracts.topics import REPLAYS

MARGIN = timedelta(minutes=10)
"""What was decided earlier may be published only now, after an outage."""
GONE_AFTER = timedelta(hours=1)
"""A process that noted nothing for so long, while others did, has left its partitions to them."""
NOTE_EVERY, ASK_EVERY = 10.0, 5.0
"""Seconds of the machine's own clock."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One process: the cluster it reads, and the instant before which everything in its partitions was raised."""

    process: str
    cluster: str
    before_at: datetime
    noted_at: datetime


class DoneBefore:
    """One process's mark. The group as a whole is as far as the slowest of its processes."""

    def __init__(self, database: Database, clock: Clock, process: str) -> None:
        self._marks: Collection = database["done_before"]
        self._clock = clock
        self._process = process
        self._cluster = ""
        self._before_at = clock.now() - MARGIN
        self._note_at = self._ask_at = 0.0

    async def begin(self, bus: Bus) -> datetime | None:
        """Asks for what another cluster took with it; returns since when, or None. Raises BusDown and StoreDown.

        In a new cluster nothing is committed, so reading begins at its start by itself.
        """
        cluster = await bus.cluster_id()
        marks = await self._alive()
        self._before_at = min((mark.before_at for mark in marks), default=self._before_at)
        replaced = [mark.process for mark in marks if mark.cluster != cluster]
        self._note_at = time.monotonic()
        if replaced:
            asked = write_replay(ReplayAsked("notify", self._before_at))
            await bus.send([Message(REPLAYS.name, asked.key, asked.value, asked.headers)])
            self._note_at += MARGIN.total_seconds()
        self._cluster, self._ask_at = cluster, time.monotonic() + ASK_EVERY
        await self._note()
        await self._forget(replaced)
        return self._before_at if replaced else None

    async def same_cluster(self, bus: Bus) -> bool:
        """Asked every few seconds; in between the last answer holds. Raises BusDown."""
        if time.monotonic() < self._ask_at:
            return True
        self._ask_at = time.monotonic() + ASK_EVERY
        return await bus.cluster_id() == self._cluster

    async def up_to(self, at: datetime | None) -> None:
        """Everything that was on the topic at `at` is raised; None: this process lives, but is behind.

        After a replay was asked for it is not noted before that has surely come.
        """
        if time.monotonic() < self._note_at:
            return
        if at is not None:
            self._before_at = max(self._before_at, at - MARGIN)
        await self._note()
        self._note_at = time.monotonic() + NOTE_EVERY

    @store_needed()
    async def _alive(self) -> Sequence[Mark]:
        marks = [
            Mark(found["_id"], found["cluster"], found["before_at"], found["noted_at"])
            async for found in self._marks.find()
        ]
        newest = max((mark.noted_at for mark in marks), default=None)
        return [mark for mark in marks if newest is not None and mark.noted_at >= newest - GONE_AFTER]

    @store_needed()
    async def _note(self) -> None:
        now = self._clock.now()
        mark = {"cluster": self._cluster, "before_at": self._before_at, "noted_at": now}
        await self._marks.update_one({"_id": self._process}, {"$set": mark}, upsert=True)
        await self._marks.delete_many({"noted_at": {"$lt": now - GONE_AFTER}})

    @store_needed()
    async def _forget(self, processes: Iterable[str]) -> None:
        gone = [process for process in processes if process != self._process]
        await self._marks.delete_many({"_id": {"$in": gone}})
