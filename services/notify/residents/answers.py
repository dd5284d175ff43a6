"""The collection `answers`: what is to be told to a reporter, who is trying, and every try; never a number or a name.

A document that is `next_at` somewhere is not over yet. Whoever tries has claimed it until `claimed_until`, by the real
clock; what he writes is written only while it is still his.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError

from services.notify.alert_documents import stream_id
from services.notify.deliveries import DUPLICATE_KEY
from services.notify.residents.to_tell import ToTell
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, means_away, store_needed

CLAIMED_FOR = timedelta(seconds=60)
BEGUN_WITHIN = timedelta(seconds=25)
"""After its claim. A try that began later could still be under way when another replica claims the answer."""
KEPT_FOR = timedelta(days=5 * 365)
"""As long as a case without identity (domain 6.3)."""
WAITING, TOLD, PAGE_ONLY, UNREACHED = "waiting", "told", "page_only", "unreached"
"""What becomes of an answer. `page_only`: the reporter left no way, and reads the page."""
RANKS = (0, 1)
"""Emergencies, then all else."""
INDEXES = (
    IndexModel(
        [("rank", ASCENDING), ("next_at", ASCENDING)], name="due",
        partialFilterExpression={"next_at": {"$type": "date"}},
    ),
    IndexModel([("case_id", ASCENDING), ("stream_id", ASCENDING)], name="case"),
    IndexModel("raised_at", name="kept", expireAfterSeconds=int(KEPT_FOR.total_seconds())),
)  # fmt: skip


class Answers:
    """`real` is the machine's own clock, by which claims run out."""

    def __init__(self, database: Database, real: Clock) -> None:
        self.collection: Collection = database["answers"]
        self.real = real

    async def prepare(self) -> None:
        await ensure_indexes(self.collection, INDEXES)

    @store_needed()
    async def keep(self, new: Sequence[ToTell], now: datetime) -> int:
        """Returns how many are new. What comes too late to be worth telling is not kept: it may be an old event that is
        read once more.
        """
        documents = [_document(each, now) for each in new if each.useful_until > now]
        if not documents:
            return 0
        try:
            await self.collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            wrongs = error.details["writeErrors"]
            if means_away(error) or any(each["code"] != DUPLICATE_KEY for each in wrongs):
                raise
            return len(documents) - len(wrongs)
        return len(documents)

    @store_needed()
    async def claim(self, now: datetime, most: int, batch: str) -> list[Document]:
        """Emergencies first, then by how long they have been due; what another replica has claimed is left to it."""
        real = self.real.now()
        free: Document = {"$or": [{"claimed_until": None}, {"claimed_until": {"$lte": real}}]}
        due = [each for rank in RANKS for each in await self._due(rank, now, free, most)][:most]
        if not due:
            return []
        claim = {"$set": {"claimed_until": real + CLAIMED_FOR, "claimed_by": batch}}
        await self.collection.update_many({"_id": {"$in": due}, "next_at": {"$lte": now}, **free}, claim)
        mine = await self.collection.find({"_id": {"$in": due}, "claimed_by": batch}).to_list(most)
        return sorted(mine, key=lambda each: (each["rank"], each["next_at"], each["stream_id"]))

    async def _due(self, rank: int, now: datetime, free: Document, most: int) -> list[str]:
        where = {"rank": rank, "next_at": {"$type": "date", "$lte": now}, **free}
        found = self.collection.find(where, {"_id": 1}).sort("next_at").limit(most)
        return [each["_id"] for each in await found.hint("due").to_list(most)]

    def is_fresh(self, answer: Document) -> bool:
        """Whether a try may still begin under its claim."""
        claimed_at: datetime = answer["claimed_until"] - CLAIMED_FOR
        return self.real.now() - claimed_at < BEGUN_WITHIN

    @store_needed()
    async def write(self, answer: Document, fields: Document, *, gone: Sequence[str] = ()) -> bool:
        """False where it is no longer his who claimed it: then nothing was written."""
        change: Document = {"$set": fields} | ({"$unset": dict.fromkeys(gone, "")} if gone else {})
        mine = {"_id": answer["_id"], "claimed_by": answer["claimed_by"]}
        return (await self.collection.update_one(mine, change)).matched_count == 1

    async def later(self, answer: Document, at: datetime, held: str, fields: Document | None = None) -> bool:
        """Let go until then; `held` says why it was not tried now."""
        free = {"next_at": at, "held": held, "claimed_until": None, **(fields or {})}
        return await self.write(answer, free, gone=("begun",))

    async def over(self, answer: Document, state: str, at: datetime, fields: Document | None = None) -> bool:
        """It is tried no more."""
        ended = {"state": state, "over_at": at, "held": None, "claimed_until": None, **(fields or {})}
        return await self.write(answer, ended, gone=("next_at", "begun"))

    @store_needed()
    async def of_case(self, case_id: str, after: str, most: int) -> list[Document]:
        """Oldest first, each with its tries."""
        where = {"case_id": case_id, "stream_id": {"$gt": after}}
        return await self.collection.find(where).sort("stream_id").limit(most).to_list(most)

    @store_needed()
    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the answer has been due that has waited longest; for operators."""
        oldest = []
        for rank in RANKS:
            where = {"rank": rank, "next_at": {"$type": "date", "$lte": now}}
            found = self.collection.find(where, {"next_at": 1}).sort("next_at").limit(1)
            oldest += await found.hint("due").to_list(1)
        return min((each["next_at"] for each in oldest), default=None)


def _document(told: ToTell, now: datetime) -> Document:
    answer = told.answer
    return {
        "_id": told.answer_id, "stream_id": stream_id(now, told.answer_id), "event_id": told.event_id,
        "seq": told.seq, "at": told.at, "case_id": told.case_id, "number": answer.number, "pack": told.pack,
        "area": told.area, "category": told.category, "kind": answer.kind, "report_id": answer.report_id,
        "ref": answer.reporter_ref, "due_at": answer.due_at, "reason": answer.reason, "call": list(answer.call),
        "urgent": answer.urgent, "rank": 0 if answer.urgent else 1, "raised_at": now,
        "useful_until": told.useful_until, "state": WAITING, "held": None, "next_at": now, "claimed_until": None,
        "deliveries": [],
    }  # fmt: skip
