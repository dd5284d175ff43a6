"""Requests that arrive while the last write is under way share the next one; each is answered when its own is durable.

There is no timer: an idle service writes at once, a busy one writes larger batches. What waits is bounded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shaoyin.adapters.jobs import resting, turned

T = TypeVar("T")
R = TypeVar("R")


class TooManyWaiting(Exception):  # noqa: N818 - said to the caller: come back in a moment
    """The queue before the store is full; nothing was stored."""


class GroupCommit(Generic[T, R]):
    """`write` takes a batch and returns one outcome for each of its items, in their order; what it raises, all get.
    `shared` hears how many shared a write that was done.
    """

    def __init__(
        self, write: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, most: int = 500, waiting_at_most: int = 4000,
        shared: Callable[[int], None] = lambda _size: None,
    ) -> None:  # fmt: skip
        self._write = write
        self._most = most
        self._waiting_at_most = waiting_at_most
        self._shared = shared
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._some = asyncio.Event()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def add(self, item: T) -> R:
        """Returns the item's outcome once its batch is written. Raises TooManyWaiting, and what `write` raises."""
        if len(self._waiting) >= self._waiting_at_most:
            raise TooManyWaiting
        durable: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, durable))
        self._some.set()
        return await durable

    async def run(self) -> None:
        """Writes batch after batch, one at a time, until cancelled; whoever still waits then is told so."""
        try:
            while True:
                resting()
                await self._some.wait()
                turned()
                if batch := self._taken():
                    await self._commit(batch)
        finally:
            for _, durable in self._waiting:
                durable.cancel()
            self._waiting.clear()

    def _taken(self) -> list[tuple[T, asyncio.Future[R]]]:
        """The next batch; a request whose client has gone before it was written is left out."""
        batch: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            item, durable = self._waiting.popleft()
            if not durable.done():
                batch.append((item, durable))
        if not self._waiting:
            self._some.clear()
        return batch

    async def _commit(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            outcomes = await self._write([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to the requests of this batch: each of them raises it
            for _, durable in batch:
                if not durable.done():
                    durable.set_exception(error)
            return
        except asyncio.CancelledError:
            for _, durable in batch:
                durable.cancel()
            raise
        self._shared(len(batch))
        for (_, durable), outcome in zip(batch, outcomes, strict=True):
            if not durable.done():
                durable.set_result(outcome)
