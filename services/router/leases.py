"""Which router watches which buckets: leased for a few seconds, shared evenly, taken over when somebody dies.

Leases run on the real clock, whatever the development clock says (mechanics 16, 23).
"""

from __future__ import annotations

import math
from datetime import timedelta

from pymongo import UpdateOne

from services.router.documents import BUCKETS
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Collection, Database, local_reads, store_needed

HELD_FOR = timedelta(seconds=6)


class Leases:
    """One router's share of the buckets. Compare-and-set on the case stays the safety; a lease only saves work."""

    def __init__(self, database: Database, router: str, clock: Clock) -> None:
        self._leases: Collection = local_reads(database["leases"])
        self._router = router
        self._clock = clock

    @store_needed()
    async def hold(self) -> list[int]:
        """Says that this router lives, gives back what is over its share, renews, takes what is free."""
        now = self._clock.now()
        until = now + HELD_FOR
        await self._leases.update_one({"_id": f"router:{self._router}"}, {"$set": {"until": until}}, upsert=True)
        routers = await self._leases.count_documents({"_id": {"$regex": "^router:"}, "until": {"$gte": now}})
        share = math.ceil(BUCKETS / max(1, routers))
        buckets = {each["bucket"]: each async for each in self._leases.find({"bucket": {"$type": "int"}})}
        mine = [bucket for bucket, each in buckets.items() if each["router"] == self._router and each["until"] >= now]
        free = [bucket for bucket in range(BUCKETS) if bucket not in buckets or buckets[bucket]["until"] < now]
        keep = sorted(mine)[:share]
        wanted = keep + free[: max(0, share - len(keep))]
        await self._write(wanted, sorted(mine)[share:], now, until)
        held = self._leases.find({"router": self._router, "until": {"$gte": now}, "bucket": {"$type": "int"}})
        return sorted([int(each["bucket"]) async for each in held])

    async def _write(self, wanted: list[int], given_back: list[int], now: object, until: object) -> None:
        theirs = [
            UpdateOne(
                {"_id": bucket, "$or": [{"router": self._router}, {"until": {"$lt": now}}]},
                {"$set": {"bucket": bucket, "router": self._router, "until": until}},
            )
            for bucket in wanted
        ]
        new = [
            UpdateOne(
                {"_id": bucket},
                {"$setOnInsert": {"bucket": bucket, "router": self._router, "until": until}},
                upsert=True,
            )
            for bucket in wanted
        ]
        back = [UpdateOne({"_id": bucket, "router": self._router}, {"$set": {"until": now}}) for bucket in given_back]
        if updates := [*new, *theirs, *back]:
            await self._leases.bulk_write(updates, ordered=True)

    @store_needed()
    async def give_back(self) -> None:
        """At a graceful stop: the others need not wait until the lease runs out."""
        await self._leases.delete_one({"_id": f"router:{self._router}"})
        await self._leases.update_many({"router": self._router}, {"$set": {"until": self._clock.now() - HELD_FOR}})
