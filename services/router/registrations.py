"""The router's store of enrolments: one document each, written by one atomic update, compared by its version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.router.documents import KEYS_KEPT, Document, KeyKept
from services.router.registration_documents import StoredEnrolment, document_of, read_model, stored_from
from shaoyin.adapters.mongo import Collection, Database, ensure_indexes, store_needed
from shaoyin.contracts.members import stored_registration_event
from shaoyin.domain.pack import Pack

Inserted = Literal["new", "there", "open"]
"""`there`: that id exists already; `open`: the same one has an open enrolment for that very area."""


@dataclass(frozen=True, slots=True)
class EnrolmentChange:
    """A decision on a stored enrolment: what it was, what it is now, and the key under which it was asked."""

    before: StoredEnrolment
    after: StoredEnrolment
    pack: Pack
    key: KeyKept | None = None

    @property
    def new(self) -> list[Document]:
        return [stored_registration_event(event) for event in self.after.history[self.before.enrolment.version :]]


@dataclass(frozen=True, slots=True)
class WantedEnrolments:
    """What a list asks for; `covered` are the area keys the reader answers for, `owners` what is his own."""

    covered: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    mine: bool = False
    states: tuple[str, ...] = ()
    kind: str | None = None
    area: str | None = None
    after: tuple[datetime, str] | None = None
    most: int = 50


class RegistrationStore(Protocol):
    """What the router needs of a store; the same suite runs on memory and on both drivers."""

    async def prepare(self) -> None: ...
    async def insert(self, stored: StoredEnrolment, pack: Pack) -> Inserted: ...
    async def load(self, ids: Iterable[str]) -> dict[str, StoredEnrolment]: ...
    async def append(self, change: EnrolmentChange) -> bool: ...
    async def keep_key(self, registration_id: str, key: KeyKept) -> None: ...
    async def open_of(self, owner: str, community: str) -> list[StoredEnrolment]: ...
    async def active_in(self, above: Sequence[str], area: str) -> list[StoredEnrolment]: ...
    async def find(self, wanted: WantedEnrolments) -> list[StoredEnrolment]: ...
    async def due(self, at: datetime, most: int) -> list[StoredEnrolment]: ...
    async def next_due(self) -> datetime | None: ...
    async def unsent(self, most: int) -> list[StoredEnrolment]: ...
    async def mark_sent(self, upto: Mapping[str, int]) -> None: ...
    async def to_free(self, most: int) -> list[StoredEnrolment]: ...
    async def mark_freed(self, registration_id: str) -> None: ...
    async def since(self, last_at: datetime, after: str, most: int) -> list[StoredEnrolment]: ...


DUE: Document = {"next_due_at": {"$type": "date"}}
UNSENT: Document = {"unsent_from": {"$type": "int"}}
TO_FREE: Document = {"to_free": True}
NEWEST_FIRST = [("applied_at", DESCENDING), ("_id", ASCENDING)]


def _index(name: str, *fields: str, only: Document | None = None, unique: bool = False) -> IndexModel:
    keys = [(each, DESCENDING if each == "applied_at" else ASCENDING) for each in fields]
    options: Document = {"name": name, "unique": unique}
    return IndexModel(keys, **options) if only is None else IndexModel(keys, partialFilterExpression=only, **options)


INDEXES = (
    _index("one_open", "open_as", only={"open_as": {"$type": "string"}}, unique=True),
    _index("due", "next_due_at", only=DUE),
    _index("outbox", "unsent_from", only=UNSENT),
    _index("to_free", "to_free", only=TO_FREE),
    _index("owner", "owner", "applied_at", "_id"),
    _index("covered", "area_keys", "applied_at", "_id"),
    _index("active", "state", "area_key"),
    _index("changed", "last_at", "_id"),
)
"""One open enrolment for one and the same area; timers, outbox, follow-ups, lists, calls for help, replays."""


class MongoRegistrations:
    """The store on MongoDB, through either driver."""

    def __init__(self, database: Database) -> None:
        self._enrolments: Collection = database["registrations"]

    async def prepare(self) -> None:
        await ensure_indexes(self._enrolments, list(INDEXES))

    @store_needed()
    async def insert(self, stored: StoredEnrolment, pack: Pack) -> Inserted:
        try:
            await self._enrolments.insert_one(document_of(stored, pack))
        except DuplicateKeyError as error:
            return "open" if "open_as" in (error.details or {}).get("keyPattern", {}) else "there"
        return "new"

    @store_needed()
    async def load(self, ids: Iterable[str]) -> dict[str, StoredEnrolment]:
        found = self._enrolments.find({"_id": {"$in": list(ids)}})
        return {str(document["_id"]): stored_from(document) async for document in found}

    @store_needed()
    async def append(self, change: EnrolmentChange) -> bool:
        """Compare and set: false when the version had moved."""
        before, after = change.before.enrolment, change.after.enrolment
        push: Document = {"history": {"$each": change.new}, "decisions": after.version}
        if change.key is not None:
            push["keys"] = _kept(change.key)
        where = {"_id": after.registration_id, "version": before.version}
        done = await self._enrolments.update_one(where, {"$push": push, "$set": read_model(change.after, change.pack)})
        return done.matched_count == 1

    @store_needed()
    async def keep_key(self, registration_id: str, key: KeyKept) -> None:
        await self._enrolments.update_one({"_id": registration_id}, {"$push": {"keys": _kept(key)}})

    @store_needed()
    async def open_of(self, owner: str, community: str) -> list[StoredEnrolment]:
        """What the same one has applied for or is enrolled in, in that community."""
        where = {"owner": owner, "community": community, "open_as": {"$type": "string"}}
        return [stored_from(document) async for document in self._enrolments.find(where)]

    @store_needed()
    async def active_in(self, above: Sequence[str], area: str) -> list[StoredEnrolment]:
        """In force for an area that contains the place (`above`, the place included), or for one inside it."""
        near = [{"area_key": {"$in": list(above)}}, {"area_keys": area}]
        found = self._enrolments.find({"state": "active", "$or": near})
        ordered = found.sort([("applied_at", ASCENDING), ("_id", ASCENDING)])
        return [stored_from(document) async for document in ordered]

    @store_needed()
    async def find(self, wanted: WantedEnrolments) -> list[StoredEnrolment]:
        """As with cases, one query for what is one's own and one for the areas: each ends with the page."""
        found: dict[str, StoredEnrolment] = {}
        for index, where in _wheres(wanted).items():
            page = self._enrolments.find(where).sort(NEWEST_FIRST).limit(wanted.most).hint(index)
            found |= {str(document["_id"]): stored_from(document) async for document in page}
        by_id = sorted(found.values(), key=lambda each: each.enrolment.registration_id)
        return sorted(by_id, key=lambda each: each.enrolment.applied_at, reverse=True)[: wanted.most]

    @store_needed()
    async def due(self, at: datetime, most: int) -> list[StoredEnrolment]:
        """Oldest first: those whose start date came before `at`."""
        found = self._enrolments.find({"next_due_at": {"$lt": at, "$type": "date"}}).sort("next_due_at", ASCENDING)
        return [stored_from(document) async for document in found.limit(most)]

    @store_needed()
    async def next_due(self) -> datetime | None:
        found = self._enrolments.find(DUE, {"next_due_at": 1}).sort("next_due_at", ASCENDING)
        first = await found.limit(1).to_list(1)
        return first[0]["next_due_at"] if first else None

    @store_needed()
    async def unsent(self, most: int) -> list[StoredEnrolment]:
        return [stored_from(document) async for document in self._enrolments.find(UNSENT).limit(most)]

    @store_needed()
    async def mark_sent(self, upto: Mapping[str, int]) -> None:
        """Nothing is left to send up to that version; one that moved on meanwhile stays marked from the next."""
        if not upto:
            return
        updates: list[UpdateOne] = []
        for each, version in upto.items():
            updates.append(UpdateOne({"_id": each, "version": version}, {"$unset": {"unsent_from": ""}}))
            moved = {"_id": each, "version": {"$gt": version}, "unsent_from": {"$lte": version}}
            updates.append(UpdateOne(moved, {"$set": {"unsent_from": version + 1}}))
        await self._enrolments.bulk_write(updates, ordered=False)

    @store_needed()
    async def to_free(self, most: int) -> list[StoredEnrolment]:
        """Ended, and its places and claims not yet given back (row a39)."""
        return [stored_from(document) async for document in self._enrolments.find(TO_FREE).limit(most)]

    @store_needed()
    async def mark_freed(self, registration_id: str) -> None:
        await self._enrolments.update_one({"_id": registration_id}, {"$unset": {"to_free": ""}})

    @store_needed()
    async def since(self, last_at: datetime, after: str, most: int) -> list[StoredEnrolment]:
        """In the order of their last change, for a reader that asks for what it missed."""
        later = {"$or": [{"last_at": {"$gt": last_at}}, {"last_at": last_at, "_id": {"$gt": after}}]}
        found = self._enrolments.find(later).sort([("last_at", ASCENDING), ("_id", ASCENDING)])
        return [stored_from(document) async for document in found.limit(most)]


def _kept(key: KeyKept) -> Document:
    return {"$each": [asdict(key)], "$slice": -KEYS_KEPT}


def _wheres(wanted: WantedEnrolments) -> dict[str, Document]:
    """Who may read comes first, each with its index; the rest narrows it down."""
    readable: dict[str, Document] = {"owner": {"owner": {"$in": list(wanted.owners)}}}
    if wanted.covered and not wanted.mine:
        readable["covered"] = {"area_keys": {"$in": list(wanted.covered)}}
    exact = {"kind": wanted.kind, "areas": wanted.area}
    narrowed: list[Document] = [{name: value} for name, value in exact.items() if value is not None]
    if wanted.states:
        narrowed.append({"state": {"$in": list(wanted.states)}})
    if wanted.after is not None:
        at, last = wanted.after
        narrowed.append({"$or": [{"applied_at": {"$lt": at}}, {"applied_at": at, "_id": {"$gt": last}}]})
    return {index: {"$and": [who, *narrowed]} for index, who in readable.items()}
