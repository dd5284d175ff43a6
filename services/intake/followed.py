"""How far intake has followed, kept in its own database: enough to ask for what a replaced broker took away."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shaoyin.adapters.bus import Bus, Message
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Collection, Database, store_needed
from shaoyin.contracts.envelope import ReplayAsked, write_replay
from shaoyin.contracts.topics import REPLAYS

MARGIN = timedelta(minutes=10)
"""What was decided before may still be published now, after an outage; asking for too much costs nothing but time."""
GONE_AFTER = timedelta(hours=1)
"""A process that noted nothing for so long, while others did, has left its partitions to them."""
NOTED_EVERY = 10.0
CLUSTER_ASKED_EVERY = 5.0
"""Seconds of the machine's own clock."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One process: the cluster it reads, and the instant before which everything in its partitions is done."""

    process: str
    cluster: str
    done_before_at: datetime
    noted_at: datetime


class Followed:
    def __init__(self, database: Database, clock: Clock, process: str) -> None:
        self._marks: Collection = database["followed"]
        self._clock = clock
        self._process = process
        self._cluster = ""
        self._done_before_at = clock.now() - MARGIN
        self._asked = self._noted = float("-inf")

    async def begin(self, bus: Bus) -> None:
        """In another cluster than last time nothing was committed, so reading begins at the start; what is no longer
        on the topic is asked for (mechanics 15). Raises BusDown and StoreDown.
        """
        cluster = await bus.cluster_id()
        marks = await self._recent()
        self._done_before_at = min((mark.done_before_at for mark in marks), default=self._done_before_at)
        self._noted = float("-inf")
        if any(mark.cluster != cluster for mark in marks):
            asked = write_replay(ReplayAsked("intake", self._done_before_at))
            await bus.send([Message(REPLAYS.name, asked.key, asked.value, asked.headers)])
            self._noted = time.monotonic() + MARGIN.total_seconds()
        self._cluster, self._asked = cluster, time.monotonic()
        await self._note()
        await self._forget([mark.process for mark in marks if mark.cluster != cluster])

    async def same_cluster(self, bus: Bus) -> bool:
        """Asked every few seconds; otherwise the last answer holds."""
        if time.monotonic() - self._asked < CLUSTER_ASKED_EVERY:
            return True
        self._asked = time.monotonic()
        return await bus.cluster_id() == self._cluster

    async def up_to(self, at: datetime | None) -> None:
        """Everything that was on the topic at `at` is done; None says that this process lives, but is behind.

        Noted every few seconds at most, and after a replay was asked for not before it has surely come.
        """
        if time.monotonic() - self._noted < NOTED_EVERY:
            return
        if at is not None:
            self._done_before_at = max(self._done_before_at, at - MARGIN)
        await self._note()
        self._noted = time.monotonic()

    @store_needed()
    async def _recent(self) -> Sequence[Mark]:
        marks = [
            Mark(str(found["_id"]), found["cluster"], found["done_before_at"], found["noted_at"])
            async for found in self._marks.find()
        ]
        newest = max((mark.noted_at for mark in marks), default=None)
        return [mark for mark in marks if newest is not None and mark.noted_at >= newest - GONE_AFTER]

    @store_needed()
    async def _note(self) -> None:
        now = self._clock.now()
        mark = {"cluster": self._cluster, "done_before_at": self._done_before_at, "noted_at": now}
        await self._marks.update_one({"_id": self._process}, {"$set": mark}, upsert=True)
        await self._marks.delete_many({"noted_at": {"$lt": now - GONE_AFTER}})

    @store_needed()
    async def _forget(self, processes: Sequence[str]) -> None:
        others = [process for process in processes if process != self._process]
        await self._marks.delete_many({"_id": {"$in": others}})
