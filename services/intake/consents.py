"""Consents to WeChat subscription messages: one consent, one message, hence one document for each (domain 6.9).

WeChat tells nobody how many are left, so they are counted here. Whose a consent is stands in it as a keyed hash alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, means_away, store_needed
from shaoyin.domain.frozen import dataclass

DUPLICATE = 11000
KEPT_FOR = timedelta(days=400)
"""Longer than nearly every matter lasts; later the reporter is told by another way."""
FREE: Document = {"free": True}
INDEXES = (
    IndexModel([("whose", 1), ("given_at", 1)], name="free", partialFilterExpression=FREE),
    IndexModel("taken_by", name="taken", unique=True, sparse=True),
    IndexModel("entry", name="entry"),
    IndexModel("until_at", name="until", expireAfterSeconds=0),
)


@dataclass(frozen=True, slots=True)
class Consent:
    """One tap in WeChat for one template, as it came with a report; `whose` hashes who tapped and for which."""

    report_id: str
    entry_id: str
    whose: bytes


class Consents:
    """The collection `consents`."""

    def __init__(self, database: Database) -> None:
        self._consents: Collection = database["consents"]

    async def prepare(self) -> None:
        await ensure_indexes(self._consents, INDEXES)

    async def keep(self, consents: Sequence[Consent], at: datetime) -> None:
        """A repeat of the same report gives none again."""
        if not consents:
            return
        try:
            await self._consents.insert_many([_document(each, at) for each in consents], ordered=False)
        except BulkWriteError as error:
            wrongs = error.details["writeErrors"]
            if means_away(error) or any(wrong["code"] != DUPLICATE for wrong in wrongs):
                raise

    @store_needed()
    async def any_for(self, whose: bytes, message: str) -> bool:
        """Whether one is left, or this message has taken one."""
        either = {"$or": [{"whose": whose, **FREE}, {"taken_by": message}]}
        return await self._consents.find_one(either, {"_id": 1}) is not None

    @store_needed()
    async def take(self, whose: bytes, message: str) -> bool:
        """Whether the message may be sent: it has a consent to itself now, or had one already. False: none is left."""
        if await self._consents.find_one({"taken_by": message}, {"_id": 1}) is not None:
            return True
        taken = {"$set": {"taken_by": message}, "$unset": {"free": ""}}
        try:
            return await self._oldest_free(whose, taken) is not None
        except DuplicateKeyError:  # the other replica took one for the same message at the same instant
            return True

    async def _oldest_free(self, whose: bytes, change: Document) -> Document | None:
        return await self._consents.find_one_and_update({"whose": whose, **FREE}, change, sort=[("given_at", 1)])

    @store_needed()
    async def give_back(self, message: str) -> None:
        """The message was certainly not sent; what it took is free again. Said twice it changes nothing."""
        freed = {"$set": FREE, "$unset": {"taken_by": ""}}
        await self._consents.update_one({"taken_by": message}, freed)

    async def forget(self, entry_ids: Sequence[str]) -> None:
        await self._consents.delete_many({"entry": {"$in": list(entry_ids)}})


def _document(consent: Consent, at: datetime) -> Document:
    return {
        "_id": f"{consent.report_id}:{consent.whose.hex()[:16]}",
        "whose": consent.whose,
        "entry": consent.entry_id,
        "given_at": at,
        "until_at": at + KEPT_FOR,
        **FREE,
    }
