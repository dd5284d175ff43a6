"""What a person may expect to be left alone with: the minute after a message, and the third urge of a day.

Both are counted in the store and by the product's clock, so that two replicas do not disturb the same person twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.errors import BulkWriteError

from shaoyin.adapters.mongo import Database, ensure_indexes, means_away, store_needed
from shaoyin.domain.ringing import BUNDLED_WITHIN, URGES_AT_MOST

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
URGES_KEPT = timedelta(days=7)


class Rest:
    def __init__(self, database: Database) -> None:
        self._rung, self._urges = database["rung"], database["urges"]

    async def prepare(self) -> None:
        kept = int(URGES_KEPT.total_seconds())
        await ensure_indexes(
            self._urges, [IndexModel([("counted_at", ASCENDING)], name="forgotten", expireAfterSeconds=kept)]
        )

    @store_needed()
    async def reserve(self, persons: Collection[str], now: datetime, batch: str) -> Mapping[str, datetime]:
        """Who is rung now has the minute from now on to himself; who was rung less than a minute ago is returned, with
        when that was. `batch` names this call and no other.
        """
        await self._known(persons)
        free = {"_id": {"$in": list(persons)}, "rung_at": {"$lte": now - BUNDLED_WITHIN}}
        await self._rung.update_many(free, {"$set": {"rung_at": now, "by": batch}})
        others = self._rung.find({"_id": {"$in": list(persons)}, "by": {"$ne": batch}}, {"rung_at": 1})
        return {each["_id"]: each["rung_at"] for each in await others.to_list(None)}

    @store_needed()
    async def give_back(self, persons: Collection[str], batch: str) -> None:
        """They were not rung after all; their minute is as if it had not been taken."""
        mine = {"_id": {"$in": list(persons)}, "by": batch}
        await self._rung.update_many(mine, {"$set": {"rung_at": NEVER}, "$unset": {"by": ""}})

    async def _known(self, persons: Collection[str]) -> None:
        there = await self._rung.find({"_id": {"$in": list(persons)}}, {"_id": 1}).to_list(None)
        missing = set(persons) - {each["_id"] for each in there}
        if not missing:
            return
        try:
            await self._rung.insert_many([{"_id": each, "rung_at": NEVER} for each in missing], ordered=False)
        except BulkWriteError as error:  # the other replica was faster
            if means_away(error):
                raise

    @store_needed()
    async def may_urge(self, person: str, about: str, day: date, alert_id: str, now: datetime) -> bool:
        """Whether this is one of the first two of the day; asked again of the same alert it says the same."""
        alerts = {"$ifNull": ["$alerts", []]}
        full = {"$gte": [{"$size": alerts}, URGES_AT_MOST]}
        kept = {
            "$cond": [{"$or": [full, {"$in": [alert_id, alerts]}]}, alerts, {"$concatArrays": [alerts, [alert_id]]}]
        }
        after = await self._urges.find_one_and_update(
            {"_id": f"{day.isoformat()}|{about}|{person}"}, [{"$set": {"alerts": kept, "counted_at": now}}],
            upsert=True, return_document=ReturnDocument.AFTER,
        )  # fmt: skip
        assert after is not None
        return alert_id in after["alerts"]
