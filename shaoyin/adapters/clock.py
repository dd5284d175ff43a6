"""The time. Everything else is told it; in development the whole product's clock can be moved forward (mechanics 23).

Moved: every process follows one offset in the development database and says which it has taken. Tokens, leases and
expiry stay on the real clock: they use `SystemClock`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pymongo import ReturnDocument

from shaoyin.adapters.mongo import Database, StoreDown, store_needed
from shaoyin.adapters.settings import Settings

LOOK_EVERY = timedelta(milliseconds=100)
BEAT_EVERY = timedelta(seconds=1)
DEAD_AFTER = timedelta(seconds=3)
FORGOTTEN_AFTER = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)

log = logging.getLogger(__name__)


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC, in whole milliseconds: that is what the store keeps, so a time is equal to itself when read again."""


class SystemClock:
    def now(self) -> datetime:
        return _whole(datetime.now(UTC))


class FakeClock:
    """Stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a time without an offset")
        self._at = _whole(at.astimezone(UTC))

    def now(self) -> datetime:
        return self._at

    def forward(self, by: timedelta) -> datetime:
        _only_forward(by)
        self._at = _whole(self._at + by)
        return self._at


class DevClock:
    """Real time and the offset that `follow` last took. Never goes back, even where the document was lost."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = f"{name}-{os.getpid()}-{secrets.token_hex(4)}"
        self._offset = timedelta()
        self._beat_at = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        return _whole(datetime.now(UTC) + self._offset)

    async def take(self) -> None:
        """Takes the offset in force and says so; says that this process lives once a second. Raises StoreDown."""
        wanted = await offset(self._database)
        moved = wanted > self._offset
        self._offset = max(self._offset, wanted)
        if moved or datetime.now(UTC) - self._beat_at >= BEAT_EVERY:
            await self._say()
            self._beat_at = datetime.now(UTC)

    async def follow(self) -> None:
        """Until cancelled. While the store is away the clock goes on with the offset it has."""
        while True:
            try:
                await self.take()
            except StoreDown as away:
                log.warning("the development clock cannot read its offset: %s", away)
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    @store_needed()
    async def leave(self) -> None:
        await self._database["clock_takers"].delete_one({"_id": self._name})

    @store_needed()
    async def _say(self) -> None:
        said = {"$set": {"offset_ms": self._offset // _MILLISECOND, "seen_at": "$$NOW"}}
        await self._database["clock_takers"].update_one({"_id": self._name}, [said], upsert=True)


@asynccontextmanager
async def running_clock(settings: Settings, database: Database, name: str) -> AsyncIterator[Clock]:
    """The clock of one service: real in production, else one that follows the development offset.

    `database` is the development database and is not touched in production; `name` says who took an offset.
    """
    if settings.production:
        yield SystemClock()
        return
    clock = DevClock(database, name)
    with contextlib.suppress(StoreDown):  # it is taken as soon as the store is there: `follow` says so
        await clock.take()
    following = asyncio.create_task(clock.follow())
    following.add_done_callback(_say_why_it_ended)
    try:
        yield clock
    finally:
        following.cancel()
        await asyncio.wait([following])
        with contextlib.suppress(StoreDown):  # then the missing heartbeat says it
            await clock.leave()


def _say_why_it_ended(following: asyncio.Task[None]) -> None:
    if not following.cancelled() and (error := following.exception()):
        log.error("the development clock no longer follows its offset", exc_info=error)


@store_needed()
async def offset(database: Database) -> timedelta:
    found = await database["clock"].find_one({"_id": "clock"})
    return int(found["offset_ms"]) * _MILLISECOND if found else timedelta()


@store_needed()
async def set_offset(database: Database, wanted: timedelta) -> timedelta:
    """Moves the product's clock, and returns the offset in force. Raises ValueError where that would be backwards."""
    _only_forward(wanted)
    after = await database["clock"].find_one_and_update(
        {"_id": "clock"},
        {"$max": {"offset_ms": wanted // _MILLISECOND}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    in_force = int((after or {})["offset_ms"]) * _MILLISECOND
    if in_force > _whole_span(wanted):
        raise ValueError(f"the clock only goes forward: it is {in_force} ahead already")
    return in_force


async def taken_by_all(database: Database, wanted: timedelta, within: timedelta) -> None:
    """Returns when every living process has taken the offset; one not heard of for 3 s does not count.

    Raises TimeoutError, naming who has not.
    """
    late: list[str] = []
    try:
        async with asyncio.timeout(within.total_seconds()):
            while True:
                late = await _not_yet(database, wanted)
                if not late:
                    return
                await asyncio.sleep(LOOK_EVERY.total_seconds() / 2)
    except TimeoutError:
        raise TimeoutError(f"not taken by {', '.join(late) or 'anybody: the store is slow'}") from None


@store_needed()
async def _not_yet(database: Database, wanted: timedelta) -> list[str]:
    """By the store's own time, so that processes on machines that disagree are judged alike."""
    takers = database["clock_takers"]
    await takers.delete_many({"$expr": {"$lt": ["$seen_at", _ago(FORGOTTEN_AFTER)]}})
    alive = {"$expr": {"$gte": ["$seen_at", _ago(DEAD_AFTER)]}}
    late = takers.find({**alive, "offset_ms": {"$lt": wanted // _MILLISECOND}}).sort("_id")
    return [str(taker["_id"]) async for taker in late]


def _ago(span: timedelta) -> dict[str, object]:
    return {"$subtract": ["$$NOW", span // _MILLISECOND]}


def _only_forward(by: timedelta) -> None:
    if by < timedelta():
        raise ValueError("the clock only goes forward")


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _whole_span(span: timedelta) -> timedelta:
    return span // _MILLISECOND * _MILLISECOND
