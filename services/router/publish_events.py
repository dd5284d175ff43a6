"""The news: published at once after the write, marked in bulk afterwards, and swept when something stayed behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.router.cases import Sent
from services.router.desk import Desk, ToPublish
from services.router.documents import Stored, news_of
from services.router.follow_ups import follow_ups_of, work_off
from services.router.on_topic import on_cases
from shaoyin.adapters.bus import BusDown
from shaoyin.adapters.jobs import resting, turned

MOST = 500
SWEPT_AT_A_TIME = 200
BEHIND_AT_MOST = 20_000
"""So many marks are looked at in one round of the sweep; what is beyond them waits for the next."""
SWEEP_EVERY = timedelta(seconds=2)
log = logging.getLogger(__name__)


def publish_soon(desk: Desk, stored: Stored, since: int) -> None:
    """Hands a decision to the publisher without waiting for the broker; what finds no room is swept from the store.

    A case opened by another run may not have had its opening published: then that goes first (mechanics 11).
    """
    news = to_publish(desk, stored, since)
    if news is None:
        return
    try:
        desk.waiting.put_nowait(news)
    except asyncio.QueueFull:
        desk.noticed("left_for_the_sweep", 1)


def to_publish(desk: Desk, stored: Stored, since: int) -> ToPublish | None:
    """None while its opening is on its way: then the sweep publishes it, after the opening."""
    case_id = stored.case.case_id
    if case_id in desk.opening:
        return None
    first_command = len(stored.decisions) == 2
    if first_command and case_id not in desk.opened_here:
        since = 1
    return _to_publish(stored, since)


async def publish_waiting(desk: Desk) -> None:
    """Until cancelled: what was decided since the last batch, in the order in which it was decided."""
    while True:
        resting()
        batch = [await desk.waiting.get()]
        turned()
        while len(batch) < MOST and not desk.waiting.empty():
            batch.append(desk.waiting.get_nowait())
        await publish(desk, batch)


async def publish(desk: Desk, batch: Sequence[ToPublish]) -> bool:
    """Sends, opens what follows, and marks. False when the broker is away: all is still unsent in the store."""
    try:
        await desk.bus.send(on_cases(message for news in batch for message in news.messages))
    except BusDown as away:
        log.warning("news left for the sweep: %s", away)
        desk.noticed("left_for_the_sweep", len(batch))
        return False
    await work_off(desk, [each for news in batch for each in news.follow_ups])
    await desk.store.mark_sent(_sent(batch))
    desk.noticed("decisions_published", len(batch))
    return True


async def sweep(desk: Desk, seen: dict[str, int] | None = None) -> int:
    """Publishes what stayed unmarked for two rounds: younger ones are on their way already. Returns how many."""
    behind = await desk.store.unsent(BEHIND_AT_MOST)
    old = [each for each, first in behind.items() if seen is None or seen.get(each) == first]
    if seen is not None:
        seen.clear()
        seen.update(behind)
    swept = 0
    for start in range(0, len(old), SWEPT_AT_A_TIME):
        batch = await _as_they_are(desk, old[start : start + SWEPT_AT_A_TIME])
        if batch and not await publish(desk, batch):
            break
        swept += len(batch)
        turned()
    return swept


async def _as_they_are(desk: Desk, case_ids: Sequence[str]) -> list[ToPublish]:
    """What was sent meanwhile has no mark any more."""
    batch: list[ToPublish] = []
    for each in (await desk.store.load(case_ids)).values():
        if each.unsent_from is not None and each.case.case_id not in desk.opening:
            batch.append(_to_publish(each, each.unsent_from))
            await asyncio.sleep(0)
    return batch


def _to_publish(stored: Stored, since: int) -> ToPublish:
    messages = tuple(news_of(stored, since))
    return ToPublish(stored.case.case_id, since, stored.case.version, messages, tuple(follow_ups_of(stored, since)))


def _sent(batch: Sequence[ToPublish]) -> Mapping[str, Sent]:
    """Of each case the longest stretch without a gap; what came before the gap is left for the sweep."""
    sent: dict[str, Sent] = {}
    for news in batch:
        first, last = sent.get(news.case_id, (news.since, news.upto))
        apart = news.since > last + 1
        sent[news.case_id] = (news.since if apart else min(first, news.since), max(last, news.upto))
    return sent


async def sweep_for_ever(desk: Desk) -> None:
    seen: dict[str, int] = {}
    await desk.store.prepare()
    while True:
        await asyncio.sleep(SWEEP_EVERY.total_seconds())
        turned()
        await sweep(desk, seen)
