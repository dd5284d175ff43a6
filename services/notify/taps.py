"""Which links were used: one tap a link, whoever comes first, and what became of it.

A tap is taken under a lease before the router is asked, so of two at the same moment one waits. Only what the router
took uses the link up: after a refusal it may be tried again, and after a silence under the same key, so that nothing is
done twice.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument

from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, store_needed

LEASED_FOR = timedelta(seconds=20)
"""Longer than the router is waited for."""
KEPT_FOR = timedelta(days=90)
"""After that a link has long expired by itself."""
INDEXES = (IndexModel([("first_at", ASCENDING)], name="first", expireAfterSeconds=int(KEPT_FOR.total_seconds())),)


@dataclass(frozen=True, slots=True)
class Tap:
    """Ours to give to the router, under `key`."""

    alert_id: str
    by: str
    key: str


class Taps:
    """Leases are the store's own time: two replicas need not agree on theirs."""

    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["taps"]

    async def prepare(self) -> None:
        await ensure_indexes(self.collection, INDEXES)

    @store_needed()
    async def used_at(self, alert_id: str) -> datetime | None:
        found = await self.collection.find_one({"_id": alert_id})
        return None if found is None else found.get("used_at")

    @store_needed()
    async def begin(self, alert_id: str) -> Tap | None:
        """None where another tap is under way or has used it."""
        by = secrets.token_hex(8)
        found = await self.collection.find_one_and_update(
            {"_id": alert_id}, _taken(by), upsert=True, return_document=ReturnDocument.AFTER
        )
        if found is None or found["by"] != by:
            return None
        return Tap(alert_id, by, f"tap-{alert_id}-{found['attempt']}")

    @store_needed()
    async def used(self, tap: Tap, at: datetime) -> None:
        await self.collection.update_one(_ours(tap), {"$set": {"used_at": at}})

    @store_needed()
    async def refused(self, tap: Tap) -> None:
        """The next one asks anew."""
        await self.collection.update_one(_ours(tap), {"$inc": {"attempt": 1}, "$unset": {"leased_until": ""}})

    @store_needed()
    async def unheard(self, tap: Tap) -> None:
        """Nobody knows whether the router took it: the next one asks under the same key, and is told."""
        await self.collection.update_one(_ours(tap), {"$unset": {"leased_until": ""}})


def _ours(tap: Tap) -> Document:
    return {"_id": tap.alert_id, "by": tap.by}


def _taken(by: str) -> list[Document]:
    unused = {"$not": [{"$gt": ["$used_at", None]}]}
    unleased = {"$not": [{"$gt": ["$leased_until", "$$NOW"]}]}
    free = {"$and": [unused, unleased]}
    until = {"$add": ["$$NOW", LEASED_FOR // timedelta(milliseconds=1)]}
    return [
        {
            "$set": {
                "free": free,
                "attempt": {"$ifNull": ["$attempt", 1]},
                "first_at": {"$ifNull": ["$first_at", "$$NOW"]},
            }
        },
        {
            "$set": {
                "by": {"$cond": ["$free", by, "$by"]},
                "leased_until": {"$cond": ["$free", until, "$leased_until"]},
            }
        },
        {"$unset": "free"},
    ]
