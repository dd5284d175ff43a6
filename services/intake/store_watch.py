"""Whether MongoDB answers: asked all the time, so that a report is refused at once instead of waiting in vain.

A store that hangs is as far away as one that is dead: whoever waits for it when that is found out is told so too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import Database, StoreDown, ping

LOOK_EVERY = 0.5
ANSWERS_WITHIN = 1.0
"""Seconds. The driver alone would wait for ten until it believes that a silent server is gone."""
T = TypeVar("T")


class StoreWatch:
    """Away until the first look: before the indexes are there nothing is taken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._away: str | None = "not yet prepared"
        self._waiting: set[asyncio.Task[Any]] = set()

    @property
    def away(self) -> str | None:
        """Why nothing can be stored now; None when it can."""
        return self._away

    def refuse_if_away(self) -> None:
        """Raises StoreDown at once when the last look found nobody."""
        if self._away is not None:
            raise StoreDown(self._away)

    def found_away(self, away: StoreDown) -> None:
        """A write has just failed: nobody else has to find that out until the next look."""
        self._mark(str(away))

    async def while_there(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns. Raises StoreDown at once when the store is found away before: what was begun may have
        happened all the same.
        """
        task = asyncio.ensure_future(work)
        self._waiting.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if self._away is None or (current is not None and current.cancelling()):
                raise
            raise StoreDown(self._away) from None
        finally:
            self._waiting.discard(task)
            task.cancel()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            turned()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """One question at a time: a hanging store is asked again only when it, or the driver, has answered."""
        asked = asyncio.ensure_future(ping(self._database))
        try:
            answered, _ = await asyncio.wait([asked], timeout=ANSWERS_WITHIN)
            if not answered:
                self._mark("it does not answer")
            await asked
        except StoreDown as away:
            self._mark(str(away))
        else:
            self._away = None
        finally:
            asked.cancel()

    def _mark(self, away: str) -> None:
        self._away = away
        for each in self._waiting:
            each.cancel()
