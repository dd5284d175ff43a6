"""The record of who looked at a reporter's identity: added to, read by the data officer, never changed (domain 6.2)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pymongo import IndexModel

from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, store_needed


@dataclass(frozen=True, slots=True)
class IdentityRead:
    """One look at one identity. `fields` are what was shown, never what it said."""

    at: datetime
    report_id: str
    case_id: str
    number: str | None
    community: str
    area: str
    person: str
    post: str
    reason: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The reads of one community in these areas, from an instant until before another."""

    community: str
    areas: Sequence[str]
    since: datetime
    before: datetime


class Reads:
    """The collection `identity_reads`. There is no way to change or remove a record; each expires after its years."""

    def __init__(self, database: Database) -> None:
        self._reads: Collection = database["identity_reads"]

    async def prepare(self) -> None:
        indexes = [
            IndexModel("forget_at", name="kept", expireAfterSeconds=0),
            IndexModel([("community", 1), ("at", 1)], name="month"),
        ]
        await ensure_indexes(self._reads, indexes)

    @store_needed()
    async def record(self, read: IdentityRead, forget_at: datetime) -> str:
        """Its id, once the majority has it: what cannot be recorded is not shown. Raises StoreDown."""
        read_id = f"{int(read.at.timestamp() * 1000):012x}{secrets.token_hex(8)}"
        document: Document = {"_id": read_id, **asdict(read), "fields": list(read.fields), "forget_at": forget_at}
        await self._reads.insert_one(document)
        return read_id

    @store_needed()
    async def between(self, spans: Sequence[Span], after: str, most: int) -> list[Document]:
        """In the order in which they happened, after the read with that id."""
        wanted: list[Mapping[str, object]] = [
            {
                "community": each.community,
                "area": {"$in": list(each.areas)},
                "at": {"$gte": each.since, "$lt": each.before},
            }
            for each in spans
        ]
        found = self._reads.find({"_id": {"$gt": after}, "$or": wanted}, {"forget_at": 0})
        return await found.sort("_id").limit(most).to_list(most)
