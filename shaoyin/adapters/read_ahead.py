"""Reading with one batch in hand: while what a batch brought about is being written, the next one is worked out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from shaoyin.adapters.bus import Bus, Received
from shaoyin.adapters.jobs import AWAY, FIRST_PAUSE, LONGEST_PAUSE, WITHIN, turned, waiting
from shaoyin.adapters.pace import Commits

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work(Generic[T]):
    """What is done with a batch. Batches are finished and committed one after another, in the order of reading.

    `prepare` may ask the store but changes nothing; `finish` writes. After `given_back` nothing that was prepared and
    not finished will be: it is read and prepared again.
    """

    prepare: Callable[[Sequence[Received]], Awaitable[T]]
    finish: Callable[[T], Awaitable[None]]
    given_back: Callable[[], None]


async def read_ahead(bus: Bus, group: str, topic: str, most: int, work: Work[T]) -> None:
    """Reads a topic for ever; the offset is committed some time after a batch is done with, and never before.

    While an engine is away what was begun is given back and read again, without leaving the group.
    """
    async with bus.reader(group, [topic]) as reader:
        pause, commits = FIRST_PAUSE, Commits(reader)
        finishing: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    finishing = await _one_batch(commits, most, work, finishing)
                    pause = FIRST_PAUSE
                    turned()
                except AWAY as away:
                    waiting(away)
                    log.warning("%s gives a batch of %s back: %s", group, topic, away)
                    await _end(finishing)
                    finishing = None
                    work.given_back()
                    commits.forget()
                    await asyncio.sleep(pause.total_seconds())
                    pause = min(pause * 2, LONGEST_PAUSE)
                    with suppress(*AWAY):
                        await reader.rewind()
        finally:
            await _end(finishing)
            work.given_back()


async def _one_batch(
    commits: Commits, most: int, work: Work[T], finishing: asyncio.Task[None] | None
) -> asyncio.Task[None] | None:
    batch = await commits.batch(most, WITHIN)
    if not batch:
        if finishing is not None:
            await finishing
        return None
    prepared = await work.prepare(batch)
    if finishing is not None:
        await finishing
    return asyncio.create_task(_finish(commits, batch, work, prepared))


async def _finish(commits: Commits, batch: Sequence[Received], work: Work[T], prepared: T) -> None:
    await work.finish(prepared)
    await commits.done(batch)


async def _end(finishing: asyncio.Task[None] | None) -> None:
    """What was being written is broken off: it will be read again. What had failed by itself was told already."""
    if finishing is None:
        return
    finishing.cancel()
    await asyncio.wait([finishing])
    if not finishing.cancelled() and (error := finishing.exception()) is not None and not isinstance(error, AWAY):
        raise error
