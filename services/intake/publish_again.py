"""Looks after what is not home yet: publishes it again, with growing pauses, until the first word of its case comes.

Only where the router is past the record already, where the broker was replaced, or where nobody knows the record's
offset (mechanics 14): a router that is merely slow is not given more to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import UpdateOne

from services.intake.publish_reports import Outgoing, Publisher
from shaoyin.adapters.bus import Bus
from shaoyin.adapters.mongo import Collection, Document, store_needed
from shaoyin.contracts.topics import REPORTS

ROUTER = "router"
MOST = 500
ROUNDS = 20
LONGEST_PAUSE = timedelta(minutes=15)

Messages = Callable[[Sequence[Document]], Awaitable[Mapping[str, Outgoing]]]
"""The messages of the documents that may travel now, by id."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Which cluster it is, and how far the router has read each partition."""

    cluster: str
    read_to: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class NotHome:
    count: int
    oldest_at: datetime | None


class PublishAgain:
    """Works on one collection, whose documents carry `publish_at` until they are home, or answered."""

    def __init__(
        self, collection: Collection, messages: Messages, bus: Bus, publisher: Publisher, process: str, first: timedelta
    ) -> None:
        self._collection = collection
        self._messages = messages
        self._bus = bus
        self._publisher = publisher
        self._process = process
        self._first = first
        self._cluster: str | None = None

    async def look(self, at: datetime) -> int:
        """How many were published again. Raises BusDown, then nothing is lost, and StoreDown."""
        broker = Broker(await self._bus.cluster_id(), await self._bus.committed(ROUTER, REPORTS.name))
        if self._cluster not in (None, broker.cluster):
            self._publisher.forget_places()
            await self._hurry(at)
        self._cluster = broker.cluster
        published = 0
        for _ in range(ROUNDS):
            if self._publisher.room < MOST:
                break
            due = await self._due(at)
            published += await self._look_after(due, broker, at)
            if len(due) < MOST:
                break
        return published

    @store_needed()
    async def not_home(self) -> NotHome:
        """The count stops at 100,000: more than that is no other news."""
        waiting = {"publish_at": {"$type": "date"}}
        count = await self._collection.count_documents(waiting, limit=100_000, hint="not_home")
        oldest = self._collection.find(waiting, {"since_at": 1}).sort("publish_at").limit(MOST).hint("not_home")
        return NotHome(count, min([each["since_at"] async for each in oldest], default=None))

    @store_needed()
    async def _due(self, at: datetime) -> list[Document]:
        """What this process published itself comes first: it knows the offsets. Others wait half as long again."""
        mine = [{"by": self._process}, {"publish_at": {"$lte": at - self._first / 2}}]
        found = self._collection.find({"publish_at": {"$lte": at}, "$or": mine})
        return await found.sort("publish_at").limit(MOST).hint("not_home").to_list(MOST)

    async def _look_after(self, due: Sequence[Document], broker: Broker, at: datetime) -> int:
        if not due:
            return 0
        again = await self._messages([each for each in due if self._lost(each, broker)])
        self._publisher.soon(again.values())
        async with store_needed():
            await self._collection.bulk_write([self._later(each, broker, at) for each in due], ordered=False)
        return len(again)

    def _lost(self, document: Document, broker: Broker) -> bool:
        if self._publisher.is_waiting(document["_id"]):
            return False
        place = self._place(document, broker)
        return place is None or broker.read_to.get(place[0], 0) > place[1]

    def _place(self, document: Document, broker: Broker) -> tuple[int, int] | None:
        """Partition and offset, as this process or another one noted them, in the cluster that is there now."""
        placed = self._publisher.place(document["_id"])
        if placed is not None:
            return placed.partition, placed.offset
        noted = document.get("placed")
        return (noted["partition"], noted["offset"]) if noted and noted["cluster"] == broker.cluster else None

    def _later(self, document: Document, broker: Broker, at: datetime) -> UpdateOne:
        pause = min(self._first * 2 ** min(document["tries"], 10), LONGEST_PAUSE)
        change: Document = {"publish_at": at + pause, "by": self._process}
        if (place := self._place(document, broker)) is not None:
            change["placed"] = {"cluster": broker.cluster, "partition": place[0], "offset": place[1]}
        unchanged = {"_id": document["_id"], "publish_at": document["publish_at"]}
        return UpdateOne(unchanged, {"$set": change, "$inc": {"tries": 1}})

    @store_needed()
    async def _hurry(self, at: datetime) -> None:
        """The broker was replaced: everything that is not home is due now."""
        later = {"publish_at": {"$type": "date", "$gt": at}}
        await self._collection.update_many(later, {"$set": {"publish_at": at}})
