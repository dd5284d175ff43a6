"""The versions of packs as they are stored: numbered, never changed, and one line a pack that says which is in force.

To put a version in force is one compare-and-set on that line: of two approvals at once one comes after the other. What
every router has to know is asked of the store, so that a publication needs no Kafka to reach it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Protocol

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, store_needed
from shaoyin.adapters.pack_cells import packed_pages
from shaoyin.adapters.pack_shelf import Handed

KEPT_AT_MOST = 1000
"""Publications of a pack that its line remembers, the latest."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who handed in or approved, in which post and when. Nobody by name: the system, at the first start of a pack."""

    person: str | None
    post: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version without its pages. `based_on` is the number of the version whose other pages it has."""

    pack: str
    number: int
    version: str
    handed_in: Officer
    note: str = ""
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that has no number yet; its cells are packed."""

    pack: str
    version: str
    pages: Handed
    cells: str
    handed_in: Officer
    note: str = ""
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """That a version was put in force: the how many-th time for its pack, and who approved it."""

    publication: int
    number: int
    approved: Officer


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds for a pack now. `sent` is the publication that is on the topic, in the cluster named."""

    pack: str
    publication: int
    number: int
    version: str
    approved: Officer
    folder: str | None = None
    sent: int = 0
    cluster: str = ""


class PackVersions(Protocol):
    """What the router needs of a store; the same suite runs on memory and on both drivers."""

    async def prepare(self) -> None: ...
    async def keep(self, draft: Draft) -> Version: ...
    async def find(self, pack: str, number: int) -> Version | None: ...
    async def history(self, pack: str) -> list[Version]: ...
    async def numbers(self) -> Mapping[tuple[str, str], int]: ...
    async def cells(self, pack: str, version: str) -> str | None: ...
    async def pages(self, pack: str, number: int) -> str | None: ...
    async def in_force(self) -> list[InForce]: ...
    async def publications(self, pack: str) -> Sequence[Publication]: ...
    async def put_in_force(self, version: Version, approved: Officer, after: int, folder: str | None) -> bool: ...
    async def see_folder(self, pack: str, folder: str) -> None: ...
    async def mark_sent(self, pack: str, publication: int, cluster: str) -> None: ...


INDEXES = (
    IndexModel([("pack", ASCENDING), ("number", ASCENDING)], name="number", unique=True),
    IndexModel([("pack", ASCENDING), ("version", ASCENDING)], name="version", unique=True),
    IndexModel([("pack", ASCENDING), ("version", ASCENDING), ("number", ASCENDING)], name="numbers"),
)
"""The last is read by itself: to know which versions there are, no pages are fetched."""
_HEAD = {"pages": 0, "cells": 0}
_LINE = {"history": 0}


class MongoPackVersions:
    """On MongoDB, through either driver; written and read with the majority."""

    def __init__(self, database: Database) -> None:
        self._versions: Collection = database["pack_versions"]
        self._lines: Collection = database["packs_in_force"]

    async def prepare(self) -> None:
        await ensure_indexes(self._versions, list(INDEXES))

    @store_needed()
    async def keep(self, draft: Draft) -> Version:
        """The draft under its number. The same pages once more are the same version, as it was first handed in."""
        packed = {"pages": packed_pages(draft.pages), "cells": draft.cells}
        while True:
            if there := await self._versions.find_one({"pack": draft.pack, "version": draft.version}, _HEAD):
                return _version(there)
            version = numbered(draft, await self._last_number(draft.pack) + 1)
            document = {"_id": f"{version.pack}:{version.number}", **asdict(version), **packed}
            try:
                await self._versions.insert_one(document)
            except DuplicateKeyError:
                continue
            return version

    async def _last_number(self, pack: str) -> int:
        last = self._versions.find({"pack": pack}, {"number": 1}).sort("number", -1).limit(1)
        return max([each["number"] async for each in last], default=0)

    @store_needed()
    async def find(self, pack: str, number: int) -> Version | None:
        found = await self._versions.find_one({"pack": pack, "number": number}, _HEAD)
        return None if found is None else _version(found)

    @store_needed()
    async def history(self, pack: str) -> list[Version]:
        found = self._versions.find({"pack": pack}, _HEAD).sort("number", -1).limit(KEPT_AT_MOST)
        return [_version(each) async for each in found]

    @store_needed()
    async def numbers(self) -> Mapping[tuple[str, str], int]:
        """Of every version there is."""
        wanted = {"_id": 0, "pack": 1, "version": 1, "number": 1}
        found = self._versions.find({"pack": {"$gt": ""}}, wanted).hint("numbers")
        return {(each["pack"], each["version"]): each["number"] async for each in found}

    @store_needed()
    async def cells(self, pack: str, version: str) -> str | None:
        found = await self._versions.find_one({"pack": pack, "version": version}, {"cells": 1})
        return None if found is None else str(found["cells"])

    @store_needed()
    async def pages(self, pack: str, number: int) -> str | None:
        found = await self._versions.find_one({"pack": pack, "number": number}, {"pages": 1})
        return None if found is None else str(found["pages"])

    @store_needed()
    async def in_force(self) -> list[InForce]:
        return [_in_force(each) async for each in self._lines.find({}, _LINE)]

    @store_needed()
    async def publications(self, pack: str) -> Sequence[Publication]:
        """The latest last."""
        line = await self._lines.find_one({"_id": pack})
        return [_publication(each) for each in (line or {}).get("history", ())]

    @store_needed()
    async def put_in_force(self, version: Version, approved: Officer, after: int, folder: str | None) -> bool:
        """False where publication `after` is not, or no more, the last: somebody else was quicker."""
        publication = Publication(after + 1, version.number, approved)
        put: Document = {"publication": after + 1, "number": version.number, "version": version.version}
        put["approved"] = asdict(approved)
        if folder is not None:
            put["folder"] = folder
        if after == 0:
            try:
                await self._lines.insert_one({"_id": version.pack, **put, "history": [asdict(publication)]})
            except DuplicateKeyError:
                return False
            return True
        pushed = {"history": {"$each": [asdict(publication)], "$slice": -KEPT_AT_MOST}}
        line = {"_id": version.pack, "publication": after}
        done = await self._lines.update_one(line, {"$set": put, "$push": pushed})
        return done.matched_count == 1

    @store_needed()
    async def see_folder(self, pack: str, folder: str) -> None:
        await self._lines.update_one({"_id": pack}, {"$set": {"folder": folder}})

    @store_needed()
    async def mark_sent(self, pack: str, publication: int, cluster: str) -> None:
        await self._lines.update_one(
            {"_id": pack, "publication": publication}, {"$set": {"sent": publication, "cluster": cluster}}
        )


def numbered(draft: Draft, number: int) -> Version:
    return Version(draft.pack, number, draft.version, draft.handed_in, draft.note, draft.based_on)


def _version(document: Document) -> Version:
    known = {name: value for name, value in document.items() if name in Version.__dataclass_fields__}
    return replace(Version(**known), handed_in=Officer(**known["handed_in"]))


def _publication(document: Document) -> Publication:
    return Publication(document["publication"], document["number"], Officer(**document["approved"]))


def _in_force(document: Document) -> InForce:
    known = {name: value for name, value in document.items() if name in InForce.__dataclass_fields__}
    return InForce(pack=document["_id"], **{**known, "approved": Officer(**document["approved"])})
