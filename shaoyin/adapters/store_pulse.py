"""Whether MongoDB takes what it is given, asked every second: what a service is ready by."""

from __future__ import annotations

import asyncio
import time

from pymongo.errors import PyMongoError

from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import Collection, Database, StoreDown, store_needed

LOOK_EVERY = 1.0
SILENT_AFTER = 3.0
"""Seconds. A store that has confirmed nothing for so long is away, though it has not said so."""


class StorePulse:
    """Away until the first look.

    A look is a write that the majority confirms, of one small document: a primary that answers and cannot write, since
    its disk is full, it is locked, or it has lost the others, is as good as none.
    """

    def __init__(self, database: Database) -> None:
        self._health: Collection = database["health"]
        self._away: str | None = "not yet asked"
        self._confirmed = float("-inf")

    @property
    def away(self) -> str | None:
        """Why it counts as away; None when it does not."""
        if self._away is None and time.monotonic() - self._confirmed > SILENT_AFTER:
            return "it does not answer"
        return self._away

    async def check(self) -> None:
        """As a check of readiness, answered at once. Raises StoreDown."""
        if (away := self.away) is not None:
            raise StoreDown(away)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            turned()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        try:
            await self._write()
        except (StoreDown, PyMongoError) as away:  # a full disk or a lock has many codes: whatever it is, it counts
            self._away = str(away) if isinstance(away, StoreDown) else type(away).__name__
        else:
            self._away, self._confirmed = None, time.monotonic()

    @store_needed()
    async def _write(self) -> None:
        """The time is the server's."""
        await self._health.update_one({"_id": "pulse"}, {"$currentDate": {"seen_at": True}}, upsert=True)
