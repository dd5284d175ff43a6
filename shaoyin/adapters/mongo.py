"""MongoDB through either driver: one setting chooses, and stores use only what both have (see the driver's ADR).

Stores are written and type-checked once, against mongo_calls.py. Where the two differ, a function here hides it.
"""

from __future__ import annotations

import asyncio
import inspect
import linecache
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, IndexModel
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern

from shaoyin.adapters.mongo_calls import Changes as Changes
from shaoyin.adapters.mongo_calls import Client as Client
from shaoyin.adapters.mongo_calls import Collection as Collection
from shaoyin.adapters.mongo_calls import Cursor as Cursor
from shaoyin.adapters.mongo_calls import Database as Database
from shaoyin.adapters.mongo_calls import Document as Document
from shaoyin.adapters.mongo_calls import Results as Results
from shaoyin.adapters.settings import Settings

OPTIONS: Mapping[str, Any] = {
    "tz_aware": True,
    "w": "majority",
    "journal": True,
    "wTimeoutMS": 8_000,
    "readConcernLevel": "majority",
    "retryWrites": True,
    "retryReads": True,
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "socketTimeoutMS": 10_000,
    "waitQueueTimeoutMS": 5_000,
    "maxPoolSize": 32,
    "appname": "shaoyin",
}
"""What is written survives the loss of a minority, what is read is never rolled back, and nobody waits for ever."""

_ATTEMPT_SECONDS = 0.05
_AWAY_CODES = frozenset({6, 7, 50, 64, 89, 91, 100, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436})
"""Shutting down, no primary, out of reach: the drivers' retryable codes; and too late (50), not confirmed (64, 100)."""


_OTHER_INDEX = frozenset({85, 86})
"""The same one is there with other options, or under that name another."""
_COMPARED = ("key", "unique", "sparse", "hidden", "partialFilterExpression", "expireAfterSeconds")
"""What makes an index the one that is wanted; the rest of what the server says of it is its own affair."""


class IndexesWrong(Exception):  # noqa: N818 - said of the store: an operator has to see to it
    """Indexes that are there under the wanted names, and are not the wanted ones; names them."""


class StoreDown(Exception):  # noqa: N818 - said of the store, not of the caller: come back later
    """MongoDB could not be reached or could not confirm. A write may have happened all the same: ask by its id."""


def connect(settings: Settings) -> Client:
    """A client of the running event loop; the first call connects. Close it with `close`."""
    try:
        if settings.driver == "motor":
            loop = asyncio.get_running_loop()
            return cast("Client", AsyncIOMotorClient(settings.mongo_url, io_loop=loop, **OPTIONS))
        return cast("Client", AsyncMongoClient(settings.mongo_url, **OPTIONS))
    finally:
        linecache.clearcache()  # a driver keeps from where it was called, and leaves the sources of it all in memory


async def close(client: Client) -> None:
    """AsyncMongoClient never closes the socket of an attempt that its close interrupts; the pause lets one end."""
    driver: object = client
    if isinstance(driver, AsyncMongoClient):
        await asyncio.sleep(_ATTEMPT_SECONDS)
    await _done(cast("Any", driver).close())


async def aggregate(collection: Collection, pipeline: Sequence[Mapping[str, Any]], **options: Any) -> Results:
    return cast("Results", await _done(cast("Any", collection).aggregate(pipeline, **options)))


async def list_indexes(collection: Collection) -> list[Document]:
    cursor = await _done(cast("Any", collection).list_indexes())
    return [dict(index) async for index in cursor]


@asynccontextmanager
async def watch(
    watched: Collection | Database, pipeline: Sequence[Mapping[str, Any]] = (), **options: Any
) -> AsyncIterator[Changes]:
    """The changes from now on, or from `resume_after`."""
    stream = await _done(cast("Any", watched).watch(list(pipeline), **options))
    async with stream as changes:
        yield changes


async def next_changes(changes: Changes, most: int) -> list[Document]:
    """The next change and what came with it; none where none came for as long as the stream waits.

    motor asks a thread for each change, though those of a batch are at hand: the driver beneath it gives them at once.
    """
    first = await changes.try_next()
    found = [] if first is None else [first]
    beneath: Any = getattr(changes, "delegate", changes)
    while found and len(found) < most and beneath._cursor._data:
        found.append(await _done(beneath.try_next()))
    return found


@asynccontextmanager
async def start_session(client: Client, **options: Any) -> AsyncIterator[Any]:
    session = await _done(cast("Any", client).start_session(**options))
    async with session:
        yield session


async def _done(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


def local_reads(collection: Collection) -> Collection:
    """For hints that may be rolled back: what the primary has, without waiting for the majority to have it too."""
    return collection.with_options(read_concern=ReadConcern("local"))


async def ensure_indexes(collection: Collection, specs: Sequence[IndexModel]) -> None:
    """Builds what is missing and compares all with what is wanted. Raises IndexesWrong and StoreDown.

    An index that changed is named anew: under its old name it is refused, and so is one that somebody hid, for then its
    queries read the whole collection.
    """
    async with store_needed():
        try:
            await collection.create_indexes(list(specs))
        except OperationFailure as refused:
            if refused.code not in _OTHER_INDEX:
                raise
            raise IndexesWrong(f"{collection.name}: {(refused.details or {}).get('errmsg', refused)}") from refused
        there = {str(index["name"]): _compared(index) for index in await list_indexes(collection)}
    wanted = {str(spec.document["name"]): _compared(spec.document) for spec in specs}
    if wrong := sorted(name for name, index in wanted.items() if there.get(name) != index):
        raise IndexesWrong(f"{collection.name}: {', '.join(wrong)} missing, hidden or another than wanted")


def _compared(index: Mapping[str, Any]) -> Document:
    """What is false or absent is the same; the fields of a key count in their order."""
    said = {name: index[name] for name in _COMPARED if index.get(name) not in (None, False)}
    return {**said, "key": [(name, int(way)) for name, way in index["key"].items()]}


async def ping(database: Database) -> None:
    """Returns when a primary answers. Raises StoreDown."""
    async with store_needed():
        await database.command("ping")


@asynccontextmanager
async def store_needed() -> AsyncIterator[None]:
    """Around calls to MongoDB, or `@store_needed()` on a function that makes them: what means "not reachable, or not
    confirmed" becomes StoreDown, all else passes.
    """
    try:
        yield
    except PyMongoError as error:
        if means_away(error):
            raise StoreDown(type(error).__name__) from error
        raise


def means_away(error: PyMongoError) -> bool:
    """A bulk that wrote everything but was not confirmed by the majority counts as away: it may be rolled back."""
    match error:
        case BulkWriteError():
            details = error.details or {}
            codes = {wrong.get("code") for wrong in details.get("writeErrors", ())}
            return bool(details.get("writeConcernErrors")) or bool(codes & _AWAY_CODES)
        case ConnectionFailure() | ExecutionTimeout() | WriteConcernError():
            return True
        case OperationFailure():
            return error.code in _AWAY_CODES
        case _:
            return False
