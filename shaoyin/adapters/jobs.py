"""Background work that goes on: restarted when it fails, and never silent about it, nor about standing still."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from shaoyin.adapters.bus import Bus, BusDown, Fenced, Reader, Received
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.telemetry import Found

FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=5)
WITHIN = timedelta(milliseconds=500)
AWAY = (BusDown, StoreDown, Fenced)
WAITED_OUT = frozenset(each.__name__ for each in AWAY)
"""A job that waits for an engine is no fault of ours: the engine's own check says so."""
STALLED_AFTER = timedelta(seconds=30)
"""Longer than an engine that does not answer is waited for."""
CANCEL_AGAIN_AFTER = 5.0
"""Seconds: as long as a job may take to put its things away."""
log = logging.getLogger(__name__)
Handle = Callable[[Sequence[Received]], Awaitable[None]]


class JobsFailing(Found):
    """These jobs crashed, and have not finished a round since."""


class JobsStalled(Found):
    """These jobs have begun a round and neither finished nor failed for too long."""


@dataclass(slots=True)
class _Round:
    """Where a job is: since when, whether it merely waits for work, and how its last round failed."""

    since: float
    rests: bool = False
    failing: str | None = None


_round: ContextVar[_Round | None] = ContextVar("round", default=None)


def turned() -> None:
    """Said by a job after each round that went well; without it the job counts as stalled after a while."""
    _say(rests=False)


def resting() -> None:
    """Said by a job that now waits for work, or for its time, however long that takes."""
    _say(rests=True)


def waiting(away: Exception) -> None:
    """Said by a job that waits out an engine by itself. To be given other partitions, again and again, is no turn."""
    now = _round.get()
    if now is not None and not isinstance(away, Fenced):
        now.since, now.rests = asyncio.get_running_loop().time(), False


def _say(*, rests: bool) -> None:
    now = _round.get()
    if now is not None:
        now.since, now.rests, now.failing = asyncio.get_running_loop().time(), rests, None


class Jobs:
    """The background jobs of one service; `failing` names those that failed last, and why."""

    def __init__(self, stalled_after: timedelta = STALLED_AFTER) -> None:
        self._stalled_after = stalled_after.total_seconds()
        self._rounds: dict[str, _Round] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def names(self) -> Sequence[str]:
        return list(self._rounds)

    @property
    def failing(self) -> dict[str, str]:
        return {name: now.failing for name, now in self._rounds.items() if now.failing is not None}

    @property
    def crashed(self) -> list[str]:
        return [name for name, why in self.failing.items() if why not in WAITED_OUT]

    @property
    def stalled(self) -> list[str]:
        until = asyncio.get_running_loop().time() - self._stalled_after
        return [name for name, now in self._rounds.items() if now.since < until and not now.rests]

    def check(self, *only: str) -> None:
        """Raises JobsFailing and JobsStalled; `only` looks at some alone."""
        if crashed := [each for each in self.crashed if not only or each in only]:
            raise JobsFailing(*crashed)
        if stalled := [each for each in self.stalled if not only or each in only]:
            raise JobsStalled(*stalled)

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._rounds[name] = _Round(asyncio.get_running_loop().time())
        self._tasks.append(asyncio.create_task(self._go_on(name, work), name=name))

    async def stop(self) -> None:
        """Returns when all have ended. Before Python 3.12 a cancellation is lost where it comes at the instant at which
        `wait_for` has what it waited for, as a driver does in every call (bpo-37658): so it is said again.
        """
        self._stopping = True
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_AFTER)

    def _is_to_end(self) -> bool:
        """Whether somebody wants this job to end, or a library let the end of a task of its own slip out."""
        task = asyncio.current_task()
        return self._stopping or (task is not None and task.cancelling() > 0)

    async def _go_on(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        now = self._rounds[name]
        _round.set(now)
        pause = FIRST_PAUSE
        while True:
            began = now.since = asyncio.get_running_loop().time()
            now.rests = False
            try:
                await work()
            except AWAY as away:
                log.warning("%s waits: %s", name, away)
                now.failing = type(away).__name__
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and self._is_to_end():
                    raise
                log.exception("%s failed and starts again", name)
                now.failing = type(error).__name__
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE.total_seconds():
                pause = FIRST_PAUSE
            await asyncio.sleep(pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)


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
                turned()
            except AWAY as away:
                waiting(away)
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
