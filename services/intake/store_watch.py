"""Whether MongoDB answers: asked every second, so that a report is refused at once instead of waiting in vain."""

from __future__ import annotations

import asyncio

from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import Database, StoreDown, ping

LOOK_EVERY = 1.0
"""Seconds; while the store is away each look takes as long as the driver searches for it."""


class StoreWatch:
    """Away until the first look: before the indexes are there nothing is taken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._away: str | None = "not yet prepared"

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
        self._away = str(away)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            turned()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        try:
            await ping(self._database)
        except StoreDown as away:
            self._away = str(away)
        else:
            self._away = None
