"""What costs as much for one message as for hundreds is done now and then: at once where a loop was idle, and a little
later where it is busy, so that a busy one does not spend the processor on small batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shaoyin.adapters.bus import Reader, Received

COMMIT_EVERY = timedelta(milliseconds=200)


class Pace:
    """Turns that begin at least so far `apart`; after a rest the first one begins at once."""

    def __init__(self, apart: timedelta) -> None:
        self._apart = apart.total_seconds()
        self._began = float("-inf")

    async def turn(self) -> None:
        """Returns when the next turn may begin."""
        now = asyncio.get_running_loop().time()
        if (early := self._began + self._apart - now) > 0:
            await asyncio.sleep(early)
        self._began = asyncio.get_running_loop().time()


class Commits:
    """Batches that are done with, and committed together. What a killed process had done and not committed is read
    again, which every reader must bear in any case.
    """

    def __init__(self, reader: Reader, every: timedelta = COMMIT_EVERY) -> None:
        self._reader = reader
        self._every = every.total_seconds()
        self._at = float("-inf")
        self._done: list[Received] = []

    async def batch(self, most: int, within: timedelta) -> Sequence[Received]:
        """The reader's next one. Where none comes, what is done with is committed. Raises as a commit does."""
        batch = await self._reader.batch(most, self._patience(within))
        if not batch:
            await self.settle()
        return batch

    async def done(self, batch: Sequence[Received]) -> None:
        """Raises Fenced and BusDown, as a commit does."""
        ends = {(each.topic, each.partition): each for each in (*self._done, *batch)}
        self._done = list(ends.values())
        if asyncio.get_running_loop().time() >= self._at + self._every:
            await self.settle()

    async def settle(self) -> None:
        """Commits what is done with, now."""
        if self._done:
            done, self._done = self._done, []
            self._at = asyncio.get_running_loop().time()
            await self._reader.commit(done)

    def forget(self) -> None:
        """What is done with and not committed is read again."""
        self._done = []

    def _patience(self, within: timedelta) -> timedelta:
        """No longer than until the next commit is due, if there is anything to commit."""
        if not self._done:
            return within
        due = self._at + self._every - asyncio.get_running_loop().time()
        return min(within, timedelta(seconds=max(due, 0)))
