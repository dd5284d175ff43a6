"""Quotas of providers, shared by all replicas: exactly at the limit and never above.

One document for each key, with the instants of its messages as far back as its longest window reaches, by the store's
own clock: replicas that disagree about the time do not exceed it together. A message counts from when it can have
arrived at the latest: the end of its try, or, where the try was cut and nobody said its end, 10 s after its beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument

from services.notify.channels.calls import WITHIN
from services.notify.channels.sender import Quota
from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, store_needed
from shaoyin.domain.ringing import WAITS_FOR_ROOM

CRITICAL_FIRST = timedelta(seconds=3)
"""From when a critical message that found no room may be tried again: so long nobody else takes the room."""
INDEXES = (IndexModel([("expires_at", ASCENDING)], name="expires", expireAfterSeconds=0),)


class Quotas:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["quotas"]

    async def prepare(self) -> None:
        await ensure_indexes(self.collection, INDEXES)

    @store_needed()
    async def take(self, quotas: Sequence[Quota], token: str, *, critical: bool = False) -> timedelta | None:
        """None: every quota has room and now counts this message, as `token`. Else how long to wait at least; then
        nothing was counted. What is not critical finds no room while something critical waits for it.
        """
        taken: list[str] = []
        for key, windows in _by_key(quotas).items():
            wait = await self._take(key, windows, token, critical=critical)
            if wait is not None and critical and wait <= WAITS_FOR_ROOM["critical"]:
                await self._reserve(key, wait + CRITICAL_FIRST)
            if wait is not None:
                await self._give_back(taken, token)
                return wait
            taken.append(key)
        return None

    @store_needed()
    async def settle(self, quotas: Sequence[Quota], token: str) -> None:
        """The try is over: from now on the message counts from this instant."""
        for key in _by_key(quotas):
            await self.collection.update_one(
                {"_id": key, "sent.id": token}, {"$currentDate": {"sent.$.at": {"$type": "date"}}}
            )

    @store_needed()
    async def shut(self, quotas: Sequence[Quota], lasts: timedelta) -> None:
        """The provider said that under these keys nothing goes for so long."""
        for key in _by_key(quotas):
            until = {"$add": ["$$NOW", _milliseconds(lasts)]}
            said = {
                "$set": {"shut_until": {"$max": ["$shut_until", until]}, "expires_at": {"$max": ["$expires_at", until]}}
            }
            await self.collection.update_one({"_id": key}, [said], upsert=True)

    async def _take(self, key: str, windows: Sequence[Quota], token: str, *, critical: bool) -> timedelta | None:
        shut = ("shut_until",) if critical else ("shut_until", "critical_until")
        after = await self.collection.find_one_and_update(
            {"_id": key}, _taking(windows, shut, token), upsert=True, return_document=ReturnDocument.AFTER
        )
        assert after is not None
        return None if after["taken"] else _wait(after, windows, shut)

    async def _reserve(self, key: str, lasts: timedelta) -> None:
        until = {"$max": ["$critical_until", {"$add": ["$$NOW", _milliseconds(lasts)]}]}
        await self.collection.update_one({"_id": key}, [{"$set": {"critical_until": until}}])

    async def _give_back(self, keys: Sequence[str], token: str) -> None:
        for key in keys:
            await self.collection.update_one({"_id": key}, {"$pull": {"sent": {"id": token}}})


def _by_key(quotas: Sequence[Quota]) -> Mapping[str, list[Quota]]:
    found: defaultdict[str, list[Quota]] = defaultdict(list)
    for quota in quotas:
        found[quota.key].append(quota)
    return found


def _taking(windows: Sequence[Quota], shut: Sequence[str], token: str) -> list[Document]:
    """`shut` names the fields that may hold an instant before which nothing goes."""
    longest, sent = max(window.within for window in windows), {"$ifNull": ["$sent", []]}
    own = {"id": token, "at": {"$add": ["$$NOW", _milliseconds(WITHIN)]}}
    room = [{"$lt": [{"$size": _within(window.within, "$sent")}, window.most]} for window in windows]
    open_now = [{"$lte": [{"$ifNull": [f"${each}", "$$NOW"]}, "$$NOW"]} for each in shut]
    return [
        {"$set": {"sent": _within(longest, sent)}},
        {"$set": {"now": "$$NOW", "taken": {"$and": [*open_now, *room]}}},
        {"$set": {
            "sent": {"$cond": ["$taken", {"$concatArrays": ["$sent", [own]]}, "$sent"]},
            "expires_at": {"$max": ["$shut_until", {"$add": ["$$NOW", _milliseconds(longest + WITHIN)]}]},
        }},
    ]  # fmt: skip


def _within(span: timedelta, sent: object) -> Document:
    later_than = {"$subtract": ["$$NOW", _milliseconds(span)]}
    return {"$filter": {"input": sent, "cond": {"$gt": ["$$this.at", later_than]}}}


def _wait(document: Document, windows: Sequence[Quota], shut: Sequence[str]) -> timedelta:
    """Until the message leaves whose leaving makes room, in the window where that takes longest."""
    now: datetime = document["now"]
    sent = sorted(each["at"] for each in document["sent"])
    free = [sent[-window.most] + window.within for window in windows if len(sent) >= window.most]
    opens = [document[each] for each in shut if document.get(each)]
    return max((each - now for each in (*free, *opens)), default=timedelta()) + timedelta(milliseconds=1)


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
