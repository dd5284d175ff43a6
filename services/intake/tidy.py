"""Forgets what may not be kept: identities whose day has come or that belong to no report, keys after seven days."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.intake.reports import Reports
from services.intake.vault import Vault
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import resting, turned
from shaoyin.adapters.mongo import Database, store_needed

MOST = 500
EVERY = 600.0
"""Seconds."""


class Tidy:
    """A try that failed between the vault and the reports leaves an entry that no report names: an orphan."""

    def __init__(self, database: Database, vault: Vault, reports: Reports, clock: Clock) -> None:
        self._marks = database["tidied"]
        self._vault = vault
        self._reports = reports
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. Raises StoreDown: begun anew, it goes on where it was."""
        while True:
            await self.erase_due()
            await self.forget_orphans()
            await self._reports.forget_keys(self._clock.now())
            resting()
            await asyncio.sleep(EVERY)

    async def erase_due(self) -> int:
        """By the product's clock; the store's own expiry goes by the real one. Raises StoreDown."""
        return await self._vault.erase_due(self._clock.now())

    @store_needed()
    async def forget_orphans(self) -> int:
        """Walks on from where it stopped last; entries are looked at once, when they are old enough."""
        mark = await self._marks.find_one({"_id": "vault"})
        after, forgotten = (str(mark["after"]) if mark else ""), 0
        while entries := await self._vault.old_entries(after, self._clock.now(), MOST):
            orphans = await self._orphans(entries)
            await self._vault.forget(orphans)
            turned()
            after, forgotten = entries[-1][0], forgotten + len(orphans)
            await self._marks.update_one({"_id": "vault"}, {"$set": {"after": after}}, upsert=True)
        return forgotten

    async def _orphans(self, entries: Sequence[tuple[str, str]]) -> list[str]:
        reports = await self._reports.by_id([report_id for _, report_id in entries])
        return [entry for entry, report_id in entries if reports.get(report_id, {}).get("vault") != entry]
