"""The router's store: one document a case, written by one atomic update, compared by its version."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from services.router.documents import (
    KEYS_KEPT,
    Document,
    KeyKept,
    Stored,
    document_of,
    read_model,
    stored_from,
)
from services.router.listed import ROW, SHOWN, Listed, listed_from, row_of
from shaoyin.adapters.mongo import Collection, Database, ensure_indexes, means_away, store_needed
from shaoyin.contracts.codec import stored_event
from shaoyin.domain.pack import Pack

DUPLICATE_KEY = 11000
DATE: Document = {"$type": "date"}
STRING: Document = {"$type": "string"}
NUMBER: Document = {"$type": "int"}
"""A partial index is used only where the query says its condition in the same words; without them all is scanned."""
FIRST = datetime.min.replace(tzinfo=UTC)
"""In a list what has no date comes first."""
ALIKE_AT_MOST = 20_000
"""Open cases that a batch is compared with; beyond, a likely duplicate may go unnoticed."""
READ_TO_COUNT_AT_MOST = 20_000
COUNTING = {"counted": 1, "received_at": 1, "open": 1, "number": 1}
AT_A_TIME = 16
"""So many histories are read back before others get a turn."""
UNEXPLAINED = dict.fromkeys(("history.explanation", "row", "holders", "area_path", "counted"), 0)
"""The way through the rules is a third of a case; it is shown on its own page, never travels and decides nothing. What
lists are made of is made of the history again.
"""
Sent = tuple[int, int]
"""The first and the last event of a case that went out."""


@dataclass(frozen=True, slots=True)
class Change:
    """A decision on a stored case: what it was, what it is now, and the key under which it was asked."""

    before: Stored
    after: Stored
    pack: Pack
    key: KeyKept | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list asks for; `paths` are the areas the reader covers, `holders` the posts that are his own."""

    paths: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    category: str | None = None
    area: str | None = None
    holder: str | None = None
    due_before: datetime | None = None
    mine: bool = False
    number: str | None = None
    after: tuple[datetime, str] | None = None
    most: int = 50
    ended: bool = False
    orders: bool = False


@dataclass(slots=True)
class Counted:
    """The cases that count under a name, and of the open ones the numbers, oldest first."""

    cases: set[str] = field(default_factory=set)
    open: dict[str, str | None] = field(default_factory=dict)


class CaseStore(Protocol):
    """What the router needs of a store; the same suite runs on memory and on both drivers."""

    async def prepare(self) -> None: ...
    async def insert(self, opened: Sequence[tuple[Stored, Pack]]) -> set[str]: ...
    async def load(self, case_ids: Iterable[str], *, explained: bool = False) -> dict[str, Stored]: ...
    async def append(self, changes: Sequence[Change]) -> set[str]: ...
    async def keep_key(self, case_id: str, key: KeyKept) -> None: ...
    async def due(
        self, at: datetime, buckets: Sequence[int], most: int, but_not: Iterable[str] = ()
    ) -> list[Stored]: ...
    async def next_due(self, buckets: Sequence[int] | None = None) -> datetime | None: ...
    async def unsent(self, most: int) -> dict[str, int]: ...
    async def mark_sent(self, sent: Mapping[str, Sent]) -> None: ...
    async def alike(self, keys: Iterable[str]) -> dict[str, list[str]]: ...
    async def counted(self, since: Mapping[str, datetime]) -> dict[str, Counted]: ...
    async def loads(self, posts: Sequence[str]) -> dict[str, int]: ...
    async def find(self, wanted: Wanted) -> list[Stored]: ...
    async def rows(self, wanted: Wanted) -> list[Listed]: ...
    async def since(self, last_at: datetime, after: str, most: int) -> list[Stored]: ...
    async def provisional(self, after: str, most: int) -> list[str]: ...


def _index(name: str, *fields: str, only: Document | None = None) -> IndexModel:
    keys = [(each, ASCENDING) for each in fields]
    return IndexModel(keys, name=name) if only is None else IndexModel(keys, name=name, partialFilterExpression=only)


INDEXES = (
    _index("due", "bucket", "next_due_at", only={"next_due_at": DATE}),
    _index("next_due", "next_due_at", only={"next_due_at": DATE}),
    _index("unsent", "unsent_from", "_id", only={"unsent_from": NUMBER}),
    _index("alike", "alike", only={"alike": STRING}),
    _index("held_open", "holders", "result_due_at", "_id", only={"open": True}),
    _index("area_open", "area_path", "result_due_at", "_id", only={"open": True}),
    _index("orders", "area_path", "result_due_at", only={"order": True}),
    _index("number", "number", only={"number": STRING}),
    _index("counted", "counted", "received_at"),
    _index("changed", "last_at", "_id"),
    _index("provisional", "provisional", "_id", only={"provisional": True}),
    _index("held_ended", "holders", "received_at", "_id", only={"open": False}),
    _index("area_ended", "area_path", "received_at", "_id", only={"open": False}),
    _index("received", "pack", "received_at", "_id"),
)
"""Timers, outbox, duplicates, the lists of a holder and of an area, the number people read, counts, replays, and what a
draft is tried on. A case stands under each of its holders and areas, so a list has an index of its own that only its
cases enter.
"""


class MongoCases:
    """The store on MongoDB, through either driver."""

    def __init__(self, database: Database) -> None:
        self._cases: Collection = database["cases"]

    async def prepare(self) -> None:
        await ensure_indexes(self._cases, list(INDEXES))

    @store_needed()
    async def insert(self, opened: Sequence[tuple[Stored, Pack]]) -> set[str]:
        """Inserts new cases and returns the ids that were there already: a repeat is a duplicate key."""
        if not opened:
            return set()
        documents = [InsertOne(document_of(stored, pack)) for stored, pack in opened]
        try:
            await self._cases.bulk_write(documents, ordered=False)
        except BulkWriteError as error:
            if means_away(error):
                raise
            return _duplicates(error)
        return set()

    @store_needed()
    async def load(self, case_ids: Iterable[str], *, explained: bool = False) -> dict[str, Stored]:
        """`explained` where somebody asks why a unit was chosen; else the cases come without it."""
        ids = list(case_ids)
        where = {"_id": ids[0]} if len(ids) == 1 else {"_id": {"$in": ids}}
        found = self._cases.find(where, None if explained else UNEXPLAINED)
        return {each.case.case_id: each for each in await _restored(await found.to_list(len(ids)))}

    @store_needed()
    async def append(self, changes: Sequence[Change]) -> set[str]:
        """Compare and set: the ids whose version had not moved. A bulk tells only a total; a short one is re-read."""
        if not changes:
            return set()
        mark = secrets.token_hex(8)
        done = await self._cases.bulk_write([_update(change, mark) for change in changes], ordered=False)
        ids = [change.after.case.case_id for change in changes]
        if done.modified_count == len(changes):
            return set(ids)
        won = self._cases.find({"_id": {"$in": ids}, "last_write": mark}, {"_id": 1})
        return {str(document["_id"]) async for document in won}

    @store_needed()
    async def keep_key(self, case_id: str, key: KeyKept) -> None:
        await self._cases.update_one({"_id": case_id}, {"$push": {"keys": _kept(key)}})

    @store_needed()
    async def due(self, at: datetime, buckets: Sequence[int], most: int, but_not: Iterable[str] = ()) -> list[Stored]:
        """Oldest first, every case that has a next due time, whatever its state; without their explanations."""
        where: Document = {"bucket": {"$in": list(buckets)}, "next_due_at": {"$lt": at, **DATE}}
        if passed := list(but_not):
            where["_id"] = {"$nin": passed}
        found = self._cases.find(where, UNEXPLAINED).sort("next_due_at", ASCENDING).hint("due").limit(most)
        return await _restored(await found.to_list(most))

    @store_needed()
    async def next_due(self, buckets: Sequence[int] | None = None) -> datetime | None:
        """Of all cases, or of those in the buckets."""
        where: Document = {"next_due_at": DATE}
        if buckets is not None:
            where["bucket"] = {"$in": list(buckets)}
        found = self._cases.find(where, {"next_due_at": 1, "_id": 0}).sort("next_due_at", ASCENDING)
        first = await found.hint("next_due" if buckets is None else "due").limit(1).to_list(1)
        return first[0]["next_due_at"] if first else None

    @store_needed()
    async def unsent(self, most: int) -> dict[str, int]:
        """The cases with news that nobody marked as sent, each with the number of the first; read from the index."""
        found = self._cases.find({"unsent_from": NUMBER}, {"unsent_from": 1}).hint("unsent")
        return {str(each["_id"]): int(each["unsent_from"]) for each in await found.limit(most).to_list(most)}

    @store_needed()
    async def mark_sent(self, sent: Mapping[str, Sent]) -> None:
        """Nothing is left to send up to the last; a case that moved on meanwhile stays marked from the next.

        Where an earlier event is still unsent, perhaps by a router that was killed, the mark stays for the sweep.
        """
        if not sent:
            return
        done = await self._cases.bulk_write(_marks(sent), ordered=False)
        if done.modified_count < len(sent):
            await self._cases.bulk_write([_moved(case_id, *each) for case_id, each in sent.items()], ordered=False)

    @store_needed()
    async def alike(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """Open cases of the same place and category: one query a batch."""
        alike: dict[str, list[str]] = {}
        found = self._cases.find({"alike": {"$in": list(keys), **STRING}}, {"alike": 1})
        async for document in found.limit(ALIKE_AT_MOST):
            alike.setdefault(document["alike"], []).append(str(document["_id"]))
        return alike

    @store_needed()
    async def counted(self, since: Mapping[str, datetime]) -> dict[str, Counted]:
        """What counts under each of the names since its instant: one query for all of them."""
        counted: dict[str, Counted] = {}
        if not since:
            return counted
        where = {"counted": {"$in": list(since)}, "received_at": {"$gte": min(since.values())}}
        found = self._cases.find(where, COUNTING).sort("received_at", ASCENDING).hint("counted")
        for document in await found.limit(READ_TO_COUNT_AT_MOST).to_list(READ_TO_COUNT_AT_MOST):
            add_counted(counted, document, since)
        return counted

    @store_needed()
    async def loads(self, posts: Sequence[str]) -> dict[str, int]:
        """How many open cases each of these posts answers for."""
        where = {"holders": {"$in": list(posts)}, "open": True, "owner": {"$in": list(posts)}}
        loads: dict[str, int] = {}
        async for document in self._cases.find(where, {"owner": 1, "_id": 0}).hint("held_open"):
            loads[document["owner"]] = loads.get(document["owner"], 0) + 1
        return loads

    @store_needed()
    async def find(self, wanted: Wanted) -> list[Stored]:
        return [stored_from(each) for each in await self._found(wanted)]

    @store_needed()
    async def rows(self, wanted: Wanted) -> list[Listed]:
        """The same cases as lines of a list; their histories stay in the store."""
        found = await self._found(wanted, SHOWN)
        await self._complete([each for each in found if ROW not in each])
        return [listed_from(each) for each in found]

    async def _complete(self, lines: Sequence[Document]) -> None:
        """What version 0.1.0 wrote has no row yet: then it is made from the history."""
        cases = await self.load(str(each["_id"]) for each in lines) if lines else {}
        for each in lines:
            each[ROW] = row_of(cases[str(each["_id"])].case)

    async def _found(self, wanted: Wanted, shown: Sequence[str] = ()) -> list[Document]:
        """One query for those of the areas and one for those of the posts: each walks its index in the order of the
        list and ends with the page, which the server does for both in one only where nothing narrows them down.
        """
        by, way = ("received_at", DESCENDING) if wanted.ended else ("result_due_at", ASCENDING)
        pages = [
            self._cases.find(where, dict.fromkeys(shown, 1) or None).sort([(by, way), ("_id", way)]).limit(wanted.most)
            for where in _wheres(wanted)
        ]
        found = {each["_id"]: each for page in pages for each in await page.to_list(wanted.most)}
        order = sorted(found.values(), key=lambda each: (each[by] or FIRST, each["_id"]), reverse=wanted.ended)
        return order[: wanted.most]

    @store_needed()
    async def provisional(self, after: str, most: int) -> list[str]:
        """Cases with a clock that rests on an assumed year (decisions 1.42), in the order of their ids."""
        found = self._cases.find({"provisional": True, "_id": {"$gt": after}}, {"_id": 1}).sort("_id", ASCENDING)
        return [str(document["_id"]) async for document in found.limit(most)]

    @store_needed()
    async def since(self, last_at: datetime, after: str, most: int) -> list[Stored]:
        """Cases in the order of their last change, for a reader that asks for what it missed."""
        later = {"$or": [{"last_at": {"$gt": last_at}}, {"last_at": last_at, "_id": {"$gt": after}}]}
        found = self._cases.find(later).sort([("last_at", ASCENDING), ("_id", ASCENDING)]).limit(most)
        return [stored_from(document) async for document in found]


def add_counted(counted: dict[str, Counted], document: Document, since: Mapping[str, datetime]) -> None:
    """A case may count under several of the names, each with a window of its own."""
    names, received_at, number = document.get("counted", []), document["received_at"], document["number"]
    assert isinstance(names, list)
    assert isinstance(received_at, datetime)
    assert number is None or isinstance(number, str)
    for name in names:
        if name in since and received_at >= since[name]:
            each = counted.setdefault(name, Counted())
            each.cases.add(str(document["_id"]))
            if document["open"]:
                each.open[str(document["_id"])] = number


def _duplicates(error: BulkWriteError) -> set[str]:
    wrong = error.details["writeErrors"]
    others = [each for each in wrong if each["code"] != DUPLICATE_KEY]
    if others:
        raise error
    return {str(each["keyValue"]["_id"]) for each in wrong}


def _update(change: Change, mark: str) -> UpdateOne:
    before, after = change.before.case, change.after.case
    new = change.after.history[before.version :]
    push: Document = {
        "history": {"$each": [stored_event(event) for event in new]},
        "decisions": after.version,
    }
    if change.key is not None:
        push["keys"] = _kept(change.key)
    fields = {**read_model(after, change.pack), "last_write": mark}
    unsent = {"unsent_from": before.version + 1}  # an earlier mark stays, one that was just taken away does not return
    where = {"_id": after.case_id, "version": before.version}
    return UpdateOne(where, {"$push": push, "$set": fields, "$min": unsent})


def _marks(sent: Mapping[str, Sent]) -> list[UpdateMany]:
    """In a burst many cases stand at the same event, so that one update takes the marks of all of them away."""
    alike: dict[Sent, list[str]] = {}
    for case_id, each in sent.items():
        alike.setdefault(each, []).append(case_id)
    return [
        UpdateMany(
            {"_id": {"$in": ids}, "version": last, "unsent_from": {"$gte": first}}, {"$unset": {"unsent_from": ""}}
        )
        for (first, last), ids in alike.items()
    ]


def _moved(case_id: str, first: int, last: int) -> UpdateOne:
    moved = {"_id": case_id, "version": {"$gt": last}, "unsent_from": {"$gte": first, "$lte": last}}
    return UpdateOne(moved, {"$set": {"unsent_from": last + 1}})


async def _restored(documents: Sequence[Document]) -> list[Stored]:
    restored: list[Stored] = []
    for nth, each in enumerate(documents, 1):
        restored.append(stored_from(each))
        if nth % AT_A_TIME == 0:
            await asyncio.sleep(0)
    return restored


def _kept(key: KeyKept) -> Document:
    return {"$each": [asdict(key)], "$slice": -KEYS_KEPT}


def _wheres(wanted: Wanted) -> list[Document]:
    """Who may read comes first; the rest narrows it down. A number is searched for as it is: few have it."""
    held: Document = {"holders": {"$in": list(wanted.holders)}}
    covered: Document = {"area_path": {"$in": list(wanted.paths)}}
    if wanted.mine or not wanted.paths:
        whose = [held]
    else:
        whose = [{"$or": [covered, held]}] if wanted.number is not None else [covered, held]
    return [{**each, **_narrowed(wanted)} for each in whose]


def _narrowed(wanted: Wanted) -> Document:
    where: Document = {}
    if wanted.states:
        where["state"] = {"$in": list(wanted.states)}
    where["open"] = not wanted.ended
    exact = {"category": wanted.category, "owner": wanted.holder, "area_path": wanted.area}
    narrowed: list[Document] = [{name: value} for name, value in exact.items() if value is not None]
    if wanted.number is not None:
        narrowed.append({"number": {"$eq": wanted.number, **STRING}})
    if wanted.orders:
        narrowed.append({"order": True})
    if wanted.due_before is not None:
        narrowed.append({"result_due_at": {"$lt": wanted.due_before}})
    if wanted.after is not None:
        at, case_id = wanted.after
        by, beyond = ("received_at", "$lt") if wanted.ended else ("result_due_at", "$gt")
        narrowed.append({"$or": [{by: {beyond: at}}, {by: at, "_id": {beyond: case_id}}]})
    if narrowed:
        where["$and"] = narrowed
    return where
