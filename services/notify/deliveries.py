"""The store of alerts: one document for each alert to each person, with every try on every channel in it.

A repeat is a duplicate key. `unpublished_at` marks what `shaoyin.deliveries.v1` could not be told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateMany
from pymongo.errors import BulkWriteError

from services.notify.alert_documents import documents, first_try, ring_of
from services.notify.answered import Answered
from services.notify.who_is_told import Telling
from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, means_away, store_needed
from shaoyin.adapters.portions import portions

DUPLICATE_KEY = 11000
AT_A_TIME = 500
"""Alerts that are written at once; one event may tell thousands, and everything else has its turn in between."""
NOT_YET: Document = {"read_at": None, "answered_at": None}
READ_OR_NOT: Document = {"$in": [True, None]}
"""Both by name, so that the one index of an inbox serves for all of it and for what is unread."""


def _index(name: str, fields: dict[str, int], only: Document | None = None) -> IndexModel:
    keys = list(fields.items())
    return IndexModel(keys, name=name) if only is None else IndexModel(keys, name=name, partialFilterExpression=only)


INDEXES = (
    _index("inbox_read", {"person": ASCENDING, "unread": ASCENDING, "stream_id": DESCENDING}),
    _index("case", {"case_id": ASCENDING, "stream_id": ASCENDING}),
    _index(
        "registration", {"registration_id": ASCENDING, "stream_id": ASCENDING}, {"registration_id": {"$exists": True}}
    ),
    _index("unpublished", {"unpublished_at": ASCENDING}, {"unpublished_at": {"$type": "date"}}),
    _index("ringing", {"ring.rank": ASCENDING, "ring.at": ASCENDING}, {"ring.at": {"$type": "date"}}),
    _index("by_pack", {"pack": ASCENDING, "raised_at": ASCENDING}),
    _index("critical", {"raised_at": ASCENDING}, {"unread": True, "level": "critical"}),
)
"""A person's inbox and what is unread in it, the log of a case and of an enrolment, what is to be published, what
rings, what is overlooked.
"""


class Deliveries:
    """`rings`: whether any channel outside the application is set up."""

    def __init__(self, database: Database, *, rings: bool = False) -> None:
        self.collection: Collection = database["alerts"]
        self._rings = rings

    async def prepare(self) -> None:
        await ensure_indexes(self.collection, INDEXES)

    async def keep(self, tellings: Sequence[Telling], at: datetime) -> set[str]:
        """Puts alerts into the inboxes of their persons. Returns the ids that were not there before."""
        fresh: set[str] = set()
        for some in portions(tellings, AT_A_TIME):
            fresh |= await self._insert(self._kept(some, at))
        return fresh

    def _kept(self, tellings: Sequence[Telling], at: datetime) -> list[Document]:
        alike = {**NOT_YET, "unread": True, "deliveries": first_try(at, "delivered", "in_inbox")}
        kept = documents(tellings, at, alike)
        if self._rings:
            for document in kept:
                document.update(ring_of(document))
        return kept

    async def keep_failed(self, tellings: Sequence[Telling], at: datetime) -> set[str]:
        """Alerts that reached nobody, each with its code: shown in the log, in nobody's inbox (promise 6)."""
        kept = documents(tellings, at, NOT_YET)
        for document, each in zip(kept, tellings, strict=True):
            document["deliveries"] = first_try(at, "failed", each.code or "failed")
        return await self._insert(kept)

    @store_needed()
    async def _insert(self, documents: Sequence[Document]) -> set[str]:
        ids = {str(each["_id"]) for each in documents}
        if not documents:
            return ids
        try:
            await self.collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if means_away(error):
                raise
            return ids - _duplicates(error)
        return ids

    @store_needed()
    async def free(self, answered: Sequence[Answered]) -> None:
        """Alerts that were answered ask for nothing any more; who did not read them need not."""
        changes = [
            UpdateMany(_asked(each), {"$set": {"answered_at": each.at}, "$unset": {"unread": ""}}) for each in answered
        ]
        if changes:
            await self.collection.bulk_write(changes, ordered=False)

    @store_needed()
    async def mark_unpublished(self, ids: Iterable[str], at: datetime) -> None:
        await self.collection.update_many({"_id": {"$in": list(ids)}}, {"$set": {"unpublished_at": at}})

    @store_needed()
    async def unpublished(self, before: datetime, most: int) -> list[Document]:
        waiting = {"unpublished_at": {"$type": "date", "$lte": before}}
        return await self.collection.find(waiting).sort("unpublished_at").limit(most).to_list(most)

    @store_needed()
    async def left_unpublished(self) -> tuple[datetime | None, int]:
        """Since when the oldest waits, and how many; the count stops at 10,000."""
        waiting = {"unpublished_at": {"$type": "date"}}
        count = await self.collection.count_documents(waiting, limit=10_000, hint="unpublished")
        oldest = self.collection.find(waiting, {"unpublished_at": 1}).sort("unpublished_at").limit(1)
        found = await oldest.hint("unpublished").to_list(1)
        return (found[0]["unpublished_at"] if found else None), count

    @store_needed()
    async def mark_published(self, ids: Iterable[str]) -> None:
        await self.collection.update_many({"_id": {"$in": list(ids)}}, {"$unset": {"unpublished_at": ""}})

    @store_needed()
    async def one(self, alert_id: str) -> Document | None:
        """Whoever it is for."""
        return await self.collection.find_one({"_id": alert_id})

    @store_needed()
    async def of_case(self, case_id: str, after: str, most: int) -> list[Document]:
        """Oldest first, whoever it was for; each with its tries."""
        return await self._log({"case_id": case_id}, after, most)

    @store_needed()
    async def of_registration(self, registration_id: str, after: str, most: int) -> list[Document]:
        """As of a case."""
        return await self._log({"registration_id": registration_id}, after, most)

    @store_needed()
    async def of_person(self, person: str, before: str | None, most: int) -> list[Document]:
        """Newest first, all of one person's; each with its tries."""
        where: Document = {"person": person, "unread": READ_OR_NOT}
        if before is not None:
            where["stream_id"] = {"$lt": before}
        return await self.collection.find(where).sort("stream_id", -1).limit(most).to_list(most)

    async def _log(self, about: Document, after: str, most: int) -> list[Document]:
        where = {**about, "stream_id": {"$gt": after}}
        return await self.collection.find(where).sort("stream_id").limit(most).to_list(most)

    @store_needed()
    async def oldest_unread_critical_at(self) -> datetime | None:
        """When the oldest critical alert was raised that nobody has read; what operators look at first."""
        overlooked = self.collection.find({"unread": True, "level": "critical"}, {"raised_at": 1})
        found = await overlooked.sort("raised_at").limit(1).to_list(1)
        return found[0]["raised_at"] if found else None

    @store_needed()
    async def critical_unread(self, before: datetime, most: int) -> list[Document]:
        """Critical alerts raised before then that nobody has read and that were not passed on; oldest first."""
        where = {"unread": True, "level": "critical", "raised_at": {"$lte": before}, "passed_on_at": None}
        return await self.collection.find(where).sort("raised_at").limit(most).to_list(most)

    @store_needed()
    async def mark_passed_on(self, ids: Sequence[str], at: datetime) -> None:
        if ids:
            await self.collection.update_many({"_id": {"$in": list(ids)}}, {"$set": {"passed_on_at": at}})


def _asked(answered: Answered) -> Document:
    where: Document = {
        **_about(answered), "kind": {"$in": list(answered.kinds)}, "seq": {"$lt": answered.before_seq},
        "answered_at": None,
    }  # fmt: skip
    if answered.whistle_id is not None:
        where["whistle_id"] = answered.whistle_id
    if answered.recipient is not None:
        where["$or"] = [{"post": answered.recipient}, {"person": answered.recipient}]
    if answered.about is not None:
        where["offer.responder"] = answered.about
    return where


def _about(answered: Answered) -> Document:
    if answered.registration_id is not None:
        return {"registration_id": answered.registration_id}
    return {"case_id": answered.case_id}


def _duplicates(error: BulkWriteError) -> set[str]:
    """The ids that were there already. Raises the error where anything else went wrong."""
    wrong = error.details["writeErrors"]
    if any(each["code"] != DUPLICATE_KEY for each in wrong):
        raise error
    return {str(each["keyValue"]["_id"]) for each in wrong}
