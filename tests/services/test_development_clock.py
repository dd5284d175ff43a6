"""The clock of development is moved over HTTP, by whichever router is asked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from services.router.desk import Desk
from services.router.development import advance
from services.router.memory_cases import MemoryCases
from services.router.numbers import MemoryNumbers
from shaoyin.adapters.clock import DevClock, offset, set_offset
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from tests.domain.town import MORNING, wulibao

pytestmark = pytest.mark.engines
THREE_HOURS = timedelta(hours=3)


class Standing(DevClock):
    """Stands still between the moves."""

    def now(self) -> datetime:
        return MORNING + self._offset


async def test_the_clock_stands_exactly_where_it_was_moved_to(mongo_url: str, mongo_name: str) -> None:
    client = connect(Settings(mongo_url=mongo_url))
    try:
        database = client[f"{mongo_name}_dev"]
        clock = Standing(database, "router")
        following = asyncio.create_task(clock.follow())
        desk = Desk(MemoryCases(), MemoryBus(), MemoryNumbers(), clock, {"wulibao": wulibao()})  # type: ignore[arg-type]

        assert await advance(desk, database, {"advance": "PT1H"}) == MORNING + timedelta(hours=1)
        assert await advance(desk, database, {"advance": "PT0.0015S"}) == MORNING + timedelta(hours=1, milliseconds=1)

        following.cancel()
        await asyncio.wait([following])
    finally:
        await close(client)


async def test_a_clock_that_another_router_has_just_moved_further_stays_there(mongo_url: str, mongo_name: str) -> None:
    client = connect(Settings(mongo_url=mongo_url))
    try:
        database = client[f"{mongo_name}_dev"]
        clock = DevClock(database, "router")
        await clock.take()
        desk = Desk(MemoryCases(), MemoryBus(), MemoryNumbers(), clock, {"wulibao": wulibao()})  # type: ignore[arg-type]
        await set_offset(database, THREE_HOURS)

        moving = asyncio.create_task(advance(desk, database, {"advance": "PT1H"}))
        await asyncio.sleep(0)  # it has begun from a clock that has not heard of it yet
        await clock.take()
        await moving

        assert await offset(database) == THREE_HOURS
    finally:
        await close(client)
