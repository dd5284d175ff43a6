"""Time: what fell due is announced, oldest first, every open case included, assigned or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from services.router.change_case import Asked, change_cases
from services.router.desk import Desk
from services.router.leases import Leases
from shaoyin.adapters.jobs import turned
from shaoyin.domain.commands import TimePassed

MOST = 500
LOOK_EVERY = timedelta(milliseconds=500)
RENEW_EVERY = timedelta(seconds=2)


async def announce_due(desk: Desk, buckets: Sequence[int]) -> int:
    """One pass over what is due in these buckets; returns how many cases had something to say."""
    announced = 0
    while True:
        now = desk.clock.now()
        due = await desk.store.due(now, buckets, MOST)
        changed = await change_cases(desk, [Asked(case_id, TimePassed(at=now)) for case_id in due])
        announced += len(changed)
        turned()
        if len(due) < MOST or not changed:
            desk.noticed("deadlines_announced", announced)
            return announced


async def watch_deadlines(desk: Desk, leases: Leases) -> None:
    """Until cancelled. The lease is renewed well before it runs out; a lost one costs a repeat that decides nothing."""
    loop = asyncio.get_running_loop()
    buckets: list[int] = []
    renew_at = 0.0
    try:
        while True:
            if loop.time() >= renew_at:
                buckets = await leases.hold()
                renew_at = loop.time() + RENEW_EVERY.total_seconds()
            if buckets:
                await announce_due(desk, buckets)
            turned()
            await asyncio.sleep(LOOK_EVERY.total_seconds())
    finally:
        await leases.give_back()
