"""Puts a new key in the place of an old one: everything that intake sealed is sealed again with the first of its keys.

A batch at a time and one write for each; what was done stays done, so a run that was stopped is simply started again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from pymongo import UpdateOne

from services.intake.seal import CannotOpen, Seal
from shaoyin.adapters.mongo import Collection, Database, Document, store_needed

MOST = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where sealed texts lie: the field, whose report each belongs to, and what it was sealed as."""

    collection: str
    field: str
    report_id: str
    what: str


PLACES = (Sealed("vault", "sealed", "report_id", "identity"), Sealed("reports", "sealed_code", "_id", "code"))


@dataclass(frozen=True, slots=True)
class Rotated:
    """`unreadable` texts open with none of the keys: before they are seen to, no key may be thrown away."""

    resealed: int = 0
    already: int = 0
    unreadable: int = 0

    def and_(self, other: Rotated) -> Rotated:
        return Rotated(self.resealed + other.resealed, self.already + other.already, self.unreadable + other.unreadable)


async def rotated(database: Database, seal: Seal, most: int = MOST) -> Rotated:
    """Everything. Raises StoreDown: begun anew, it goes on with what is left."""
    done = Rotated()
    for place in PLACES:
        async for batch in _batches(database[place.collection], place, most):
            done = done.and_(await _resealed(database[place.collection], place, batch, seal))
    return done


async def _batches(collection: Collection, place: Sealed, most: int) -> AsyncIterator[list[Document]]:
    after = ""
    while batch := await _next(collection, place, after, most):
        yield batch
        after = str(batch[-1]["_id"])


@store_needed()
async def _next(collection: Collection, place: Sealed, after: str, most: int) -> list[Document]:
    where = {"_id": {"$gt": after}, place.field: {"$exists": True}}
    return await collection.find(where, {place.field: 1, place.report_id: 1}).sort("_id").limit(most).to_list(most)


@store_needed()
async def _resealed(collection: Collection, place: Sealed, batch: list[Document], seal: Seal) -> Rotated:
    """Only what is still as it was read: an identity that is erased meanwhile stays erased."""
    updates, already, unreadable = [], 0, 0
    for each in batch:
        old = bytes(each[place.field])
        if seal.is_by_first(old):
            already += 1
            continue
        try:
            plain = seal.open(old, str(each[place.report_id]), place.what)
        except CannotOpen:
            unreadable += 1
            continue
        new = seal.seal(plain, str(each[place.report_id]), place.what)
        updates.append(UpdateOne({"_id": each["_id"], place.field: old}, {"$set": {place.field: new}}))
    if updates:
        await collection.bulk_write(updates, ordered=False)
    return Rotated(len(updates), already, unreadable)
