"""Background work that goes on: restarted when it fails, and never silent about it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from shaoyin.adapters.bus import Bus, BusDown, Fenced, Reader, Received
from shaoyin.adapters.mongo import StoreDown

FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=5)
WITHIN = timedelta(milliseconds=500)
AWAY = (BusDown, StoreDown, Fenced)
log = logging.getLogger(__name__)
Handle = Callable[[Sequence[Received]], Awaitable[None]]


class Jobs:
    """The background jobs of one service; `failing` names those that are waiting to be restarted, and why."""

    def __init__(self) -> None:
        self.failing: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._go_on(name, work), name=name))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _go_on(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()
            except AWAY as away:
                log.warning("%s waits: %s", name, away)
                self.failing[name] = type(away).__name__
            except Exception as error:
                log.exception("%s failed and starts again", name)
                self.failing[name] = type(error).__name__
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE.total_seconds():
                pause = FIRST_PAUSE
            await asyncio.sleep(pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)
            self.failing.pop(name, None)


async def read_on(bus: Bus, group: str, topic: str, most: int, handle: Handle) -> None:
    """Reads a topic for ever, a batch at a time; the offset is committed when the batch is done with, and never before.

    While an engine is away the batch is given back and read again, without leaving the group.
    """
    async with bus.reader(group, [topic]) as reader:
        pause = FIRST_PAUSE
        while True:
            try:
                await _one_batch(reader, most, handle)
                pause = FIRST_PAUSE
            except AWAY as away:
                log.warning("%s gives a batch of %s back: %s", group, topic, away)
                await asyncio.sleep(pause.total_seconds())
                pause = min(pause * 2, LONGEST_PAUSE)
                with suppress(*AWAY):
                    await reader.rewind()


async def _one_batch(reader: Reader, most: int, handle: Handle) -> None:
    batch = await reader.batch(most, WITHIN)
    if batch:
        await handle(batch)
        await reader.commit(batch)
