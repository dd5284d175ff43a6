"""Consumers on their way out of a group: each leaves to the end, whatever becomes of whoever gave it up.

One that is merely forgotten lives on, keeps its partitions and reads nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

_LEAVE_WITHIN = 3.0

log = logging.getLogger(__name__)


class Leavers:
    """Those of one reader; each leaves in a task of its own that nobody breaks off."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._leaving: set[asyncio.Task[None]] = set()

    def give_up(self, consumer: Any) -> None:
        """None is nobody."""
        if consumer is not None:
            self._leaving.add(leaving := asyncio.create_task(_leave(consumer)))
            leaving.add_done_callback(self._left)

    async def all_left(self) -> None:
        if self._leaving:
            await asyncio.wait(self._leaving)

    def _left(self, leaving: asyncio.Task[None]) -> None:
        self._leaving.discard(leaving)
        if not leaving.cancelled() and (error := leaving.exception()):
            log.warning("a consumer of group %s did not end in order: %r", self._group, error)


async def _leave(consumer: Any) -> None:
    """Tells the group when it can; a broker that does not answer is not waited for. Whatever happens, it is closed."""
    stopping = asyncio.create_task(consumer.stop())
    try:
        await asyncio.wait([stopping], timeout=_LEAVE_WITHIN)
    finally:
        if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
            await _break_off(consumer, stopping)


async def _break_off(consumer: Any, stopping: asyncio.Task[None]) -> None:
    """What stop() does not get to: after one of its tasks raised, it leaves the others and the connections open."""
    fetcher, coordinator = consumer._fetcher, consumer._coordinator
    tasks = {stopping}
    if fetcher is not None:
        tasks |= {fetcher._fetch_task, *fetcher._pending_tasks}
    if coordinator is not None:
        parts = (coordinator._coordination_task, coordinator._heartbeat_task, coordinator._commit_refresh_task)
        tasks |= {part for part in parts if part is not None}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_LEAVE_WITHIN)
    await consumer._client.close()
