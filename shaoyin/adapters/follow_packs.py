"""Follows what the router publishes: each process reads the whole topic by itself, and keeps a copy in its database.

From the copy a start without Kafka finds what was last in force. No group is joined and nothing is committed, for every
process needs every publication; the topic is compacted, so reading it all is short.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import asdict
from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from shaoyin.adapters.bus import Bus, BusDown, Stretch
from shaoyin.adapters.jobs import turned, waiting
from shaoyin.adapters.mongo import Collection, Database, StoreDown, store_needed
from shaoyin.adapters.packs_in_force import Packs
from shaoyin.contracts.envelope import Carried, Unreadable
from shaoyin.contracts.packs import PackPublished, read_pack
from shaoyin.contracts.topics import PACKS

LOOK_EVERY = timedelta(seconds=1)
log = logging.getLogger(__name__)


class FollowPacks:
    """One service's. `restored` is set once the copy was read: before that the folder's packs are in force."""

    def __init__(self, bus: Bus, database: Database, packs: Packs) -> None:
        self._bus = bus
        self._copies: Collection = database["packs_in_force"]
        self._packs = packs
        self._kept: dict[str, int] = {}
        self._cluster = ""
        self._read: dict[int, int] = {}
        self.restored = asyncio.Event()

    async def restore(self) -> None:
        """What was last in force, as far as this service had heard. Raises StoreDown."""
        for published in await self._load():
            self._kept[published.pack] = published.publication
            await self._packs.put(published)
        self.restored.set()

    async def run(self) -> None:
        """Until cancelled. While an engine is away what is in force stays so."""
        if not self.restored.is_set():
            await self.restore()
        there = True
        while True:
            try:
                await self.look()
                turned()
                there = True
            except (BusDown, StoreDown) as away:
                waiting(away)
                log.log(logging.WARNING if there else logging.DEBUG, "publications of packs are read later: %s", away)
                there = False
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> None:
        """Reads what is new on the topic: keeps it, then puts it in force. Raises BusDown and StoreDown."""
        cluster, stretches = await self._bus.cluster_id(), await self._bus.stretches(PACKS.name)
        if cluster != self._cluster:
            self._read.clear()
        if any(stretch.end > self._read.get(number, stretch.first) for number, stretch in stretches.items()):
            for published in (await self._news(stretches)).values():
                await self._keep(published)
                await self._packs.put(published)
        self._cluster, self._read = cluster, {number: stretch.end for number, stretch in stretches.items()}

    async def _news(self, stretches: Mapping[int, Stretch]) -> Mapping[str, PackPublished]:
        """Of each pack the last publication among what was not read yet."""
        since = {number: self._read.get(number, stretch.first) for number, stretch in stretches.items()}
        last: dict[str, PackPublished] = {}
        async with aclosing(self._bus.kept(PACKS.name, since)) as batches:
            async for batch in batches:
                for published in filter(None, map(_read, batch)):
                    known = last.get(published.pack)
                    if known is None or published.publication > known.publication:
                        last[published.pack] = published
        return last

    @store_needed()
    async def _load(self) -> list[PackPublished]:
        return [
            PackPublished(pack=each.pop("_id"), **{name: each[name] for name in _FIELDS})
            async for each in self._copies.find()
        ]

    @store_needed()
    async def _keep(self, published: PackPublished) -> None:
        """A later one that another process has kept meanwhile stays."""
        if published.publication <= self._kept.get(published.pack, 0):
            return
        document = asdict(published)
        earlier = {"_id": document.pop("pack"), "publication": {"$lt": published.publication}}
        try:
            await self._copies.replace_one(earlier, document, upsert=True)
        except DuplicateKeyError:
            log.debug("publication %d of %s was kept by another process", published.publication, published.pack)
        self._kept[published.pack] = published.publication


def _read(message: Carried) -> PackPublished | None:
    try:
        return read_pack(message)
    except Unreadable:
        log.exception("a message about a pack cannot be read and is passed over")
        return None


_FIELDS = ("publication", "number", "version", "at", "cells")
