"""Time: what fell due is announced, oldest first, every open case included, assigned or not.

Two lanes share the buckets, so that one decides while the other's cases are being written; what is written goes to the
broker while the next ones are decided.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.router.cases import Change
from services.router.change_case import Asked, decided
from services.router.desk import Desk, ToPublish
from services.router.documents import Stored
from services.router.leases import Leases
from services.router.publish_events import publish, to_publish
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import StoreDown
from shaoyin.domain.commands import TimePassed

MOST = 200
LANES = 2
AT_A_TIME = 16
"""So many are decided before others get a turn: staff who wait for an answer, and reports that come in."""
LOOK_EVERY = timedelta(milliseconds=500)
GATHERS = timedelta(milliseconds=50)
"""What falls due within so short a time is announced together."""
RENEW_EVERY = timedelta(seconds=2)
AGAIN_AFTER = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class PassedOver:
    """Cases that are listed as due and could not be decided, or had nothing to say: they never hold up the others."""

    until: dict[str, datetime] = field(default_factory=dict)

    def add(self, case_id: str, now: datetime) -> None:
        self.until[case_id] = now + AGAIN_AFTER

    def at(self, now: datetime) -> list[str]:
        self.until = {case_id: until for case_id, until in self.until.items() if until > now}
        return list(self.until)


async def announce_due(
    desk: Desk, buckets: Sequence[int], passed: PassedOver | None = None, within: timedelta | None = None
) -> int:
    """What is due in these buckets, or as much of it as goes `within` a time; returns how many had something to say."""
    loop = asyncio.get_running_loop()
    ends_at = None if within is None else loop.time() + within.total_seconds()
    passed = PassedOver() if passed is None else passed
    lanes = [list(buckets[lane::LANES]) for lane in range(LANES)]
    announced = await asyncio.gather(*(_announce(desk, lane, passed, ends_at) for lane in lanes if lane))
    desk.noticed("deadlines_announced", sum(announced))
    return sum(announced)


async def _announce(desk: Desk, buckets: Sequence[int], passed: PassedOver, ends_at: float | None) -> int:
    """A change that another router was quicker with is not tried again: what is still due comes with the next look."""
    loop, announced = asyncio.get_running_loop(), 0
    while True:
        now = desk.clock.now()
        due = await desk.store.due(now, buckets, MOST, passed.at(now))
        changes = await _decided(desk, due, passed, now)
        won = await desk.store.append(changes)
        await _publish(desk, [each for each in changes if each.after.case.case_id in won])
        announced += len(won)
        turned()
        if len(due) < MOST or (ends_at is not None and loop.time() >= ends_at):
            return announced


async def _decided(desk: Desk, due: Sequence[Stored], passed: PassedOver, now: datetime) -> list[Change]:
    changes: list[Change] = []
    for nth, stored in enumerate(due, 1):
        await desk.versions_for([stored.case])
        change = _decided_one(desk, stored, now)
        if change is None:
            passed.add(stored.case.case_id, now)
        else:
            changes.append(change)
        if nth % AT_A_TIME == 0:
            await asyncio.sleep(0)
    return changes


def _decided_one(desk: Desk, stored: Stored, now: datetime) -> Change | None:
    """A fault of ours in one case must not hold up the deadlines of all others."""
    try:
        return decided(desk, stored, Asked(stored.case.case_id, TimePassed(at=now)))
    except Exception:
        log.exception("the deadline of %s could not be decided; it is tried again later", stored.case.case_id)
        desk.noticed("deadlines_undecided", 1)
        return None


async def _publish(desk: Desk, changes: Sequence[Change]) -> None:
    if not changes:
        return
    if not await desk.on_the_way.room():
        desk.noticed("left_for_the_sweep", len(changes))
        return
    batch: list[ToPublish] = []
    for nth, change in enumerate(changes, 1):
        if news := to_publish(desk, change.after, change.before.case.version + 1):
            batch.append(news)
        if nth % AT_A_TIME == 0:
            await asyncio.sleep(0)
    desk.on_the_way.start(_published(desk, batch))


async def _published(desk: Desk, batch: Sequence[ToPublish]) -> bool:
    try:
        return await publish(desk, batch)
    except StoreDown as away:
        log.warning("announced, but not marked: %s", away)
        return False


async def watch_deadlines(desk: Desk, leases: Leases) -> None:
    """Until cancelled. The lease is renewed well before it runs out; a lost one costs a repeat that decides nothing."""
    loop, passed = asyncio.get_running_loop(), PassedOver()
    buckets: list[int] = []
    renew_at = 0.0
    await desk.store.prepare()
    try:
        while True:
            if loop.time() >= renew_at:
                buckets = await leases.hold()
                renew_at = loop.time() + RENEW_EVERY.total_seconds()
            if buckets:
                await announce_due(desk, buckets, passed, RENEW_EVERY)
            turned()
            await asyncio.sleep(await _until_next(desk, buckets))
    finally:
        await desk.on_the_way.ended()
        await leases.give_back()


async def _until_next(desk: Desk, buckets: Sequence[int]) -> float:
    """Seconds until something falls due; at most until the next look, since a command may bring a date forward."""
    due_at = await desk.store.next_due(buckets) if buckets else None
    pause = LOOK_EVERY if due_at is None else min(due_at - desk.clock.now() + GATHERS, LOOK_EVERY)
    return max(pause, GATHERS).total_seconds()
