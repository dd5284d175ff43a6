"""The collection `reports`: what was reported, how far it has come, and the receipt, in one document each.

`publish_at` is there until the report is home: when to look whether it has to be published again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, means_away, store_needed
from shaoyin.contracts.codec import restored, stored
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Report

KEY_LIVES = timedelta(days=7)
DUPLICATE = 11000
HOME_WITHIN = timedelta(seconds=30)
"""A report whose case was not heard of for so long is looked after (mechanics 14)."""

INDEXES = (
    IndexModel("code", name="code", unique=True),
    IndexModel("publish_at", name="not_home", partialFilterExpression={"publish_at": {"$type": "date"}}),
    IndexModel("forget_at", name="keys", partialFilterExpression={"forget_at": {"$type": "date"}}),
)


@dataclass(frozen=True, slots=True)
class KeyKept:
    """What a repeat of the same idempotency key is answered from: the body it came with, and the code, sealed."""

    body: bytes
    sealed_code: bytes


@dataclass(frozen=True, slots=True)
class Shelved:
    """A report as it is stored; `entry` names its entry in the vault, `urgency` counts the time of the first reply."""

    report: Report
    code: bytes
    urgency: Urgency
    key: KeyKept | None = None
    entry: str | None = None


class Reports:
    def __init__(self, database: Database, process: str, home_within: timedelta = HOME_WITHIN) -> None:
        self.collection: Collection = database["reports"]
        self._process = process
        self._home_within = home_within

    async def prepare(self) -> None:
        await ensure_indexes(self.collection, INDEXES)

    @store_needed()
    async def insert(self, batch: Sequence[Shelved]) -> Mapping[str, str]:
        """One write for all. Returns the reports that were not inserted, with the key that was taken: `_id`, `code`."""
        try:
            await self.collection.insert_many([self._document(each) for each in batch], ordered=False)
        except BulkWriteError as error:
            wrongs = error.details["writeErrors"]
            if means_away(error) or any(wrong["code"] != DUPLICATE for wrong in wrongs):
                raise
            return {batch[wrong["index"]].report.report_id: next(iter(wrong["keyPattern"])) for wrong in wrongs}
        return {}

    @store_needed()
    async def by_id(self, report_ids: Sequence[str]) -> Mapping[str, Document]:
        found = self.collection.find({"_id": {"$in": list(report_ids)}})
        return {str(each["_id"]): each async for each in found}

    @store_needed()
    async def by_code(self, code: bytes) -> Document | None:
        return await self.collection.find_one({"code": code})

    @store_needed()
    async def forget_keys(self, at: datetime) -> int:
        """Keys live seven days; then neither the body's hash nor the sealed code is kept."""
        old = {"forget_at": {"$lte": at, "$type": "date"}}
        forgotten = await self.collection.update_many(old, {"$unset": {"body": "", "sealed_code": "", "forget_at": ""}})
        return forgotten.modified_count

    @store_needed()
    async def forget_who(self, report_ids: Sequence[str]) -> None:
        """Of a reporter who became anonymous not even a hash is kept that a name or a phone went into."""
        traces = dict.fromkeys(("vault", "body", "sealed_code", "forget_at"), "")
        await self.collection.update_many({"_id": {"$in": list(report_ids)}}, {"$unset": traces})

    def _document(self, shelved: Shelved) -> Document:
        received_at = shelved.report.received_at
        document: Document = {
            "_id": shelved.report.report_id,
            "code": shelved.code,
            "urgency": shelved.urgency,
            "report": stored(shelved.report),
            "by": self._process,
            "since_at": received_at,
            "publish_at": received_at + self._home_within,
            "tries": 0,
        }
        if shelved.entry is not None:
            document["vault"] = shelved.entry
        if shelved.key is not None:
            kept = {"body": shelved.key.body, "sealed_code": shelved.key.sealed_code}
            document |= kept | {"forget_at": received_at + KEY_LIVES}
        return document


def report_in(document: Document) -> Report:
    return restored(Report, document["report"])
