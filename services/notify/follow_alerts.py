"""Follows the store's changes, one change stream a process, so that alerts of every replica reach the streams here."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.notify.deliveries import Deliveries
from services.notify.listeners import Listeners
from shaoyin.adapters.jobs import resting, turned
from shaoyin.adapters.mongo import Changes, next_changes, store_needed, watch

NEW_IN_AN_INBOX = [{"$match": {"operationType": "insert", "fullDocument.person": {"$type": "string"}}}]
WITHIN = timedelta(milliseconds=250)
"""How long the server waits for a change before it says that there is none."""
AT_A_TIME = 50
"""Alerts that are taken and passed on between two looks at everything else this process does."""


class FollowAlerts:
    def __init__(self, deliveries: Deliveries, listeners: Listeners) -> None:
        self._deliveries = deliveries
        self._listeners = listeners

    async def run(self) -> None:
        """Until cancelled, and only while somebody listens. Raises StoreDown: then everybody is cut and resumes."""
        while True:
            resting()
            await self._listeners.some.wait()
            try:
                await self._follow()
            except BaseException:
                self._listeners.cut_all()
                raise

    @store_needed()
    async def _follow(self) -> None:
        options = {"max_await_time_ms": WITHIN // timedelta(milliseconds=1), "batch_size": AT_A_TIME}
        async with watch(self._deliveries.collection, NEW_IN_AN_INBOX, **options) as changes:
            await self._pass_on(changes)  # only the first look opens it, with either driver
            self._listeners.live.set()
            while self._listeners.some.is_set():
                await self._pass_on(changes)
            self._listeners.live.clear()

    async def _pass_on(self, changes: Changes) -> None:
        found = await next_changes(changes, AT_A_TIME)
        turned()
        for change in found:
            self._listeners.hear(change["fullDocument"])
        await asyncio.sleep(0)
