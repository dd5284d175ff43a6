"""The news of enrolments: swept from the store soon after each change, and marked when it is out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from services.router.desk import Desk
from services.router.registration_documents import first_since, news_of
from shaoyin.adapters.bus import BusDown, Message
from shaoyin.adapters.jobs import turned, waiting
from shaoyin.contracts.envelope import Written
from shaoyin.contracts.topics import MEMBERS

MOST = 200
SWEEP_EVERY = timedelta(seconds=1)
log = logging.getLogger(__name__)


def on_members(written: Iterable[Written]) -> list[Message]:
    return [Message(MEMBERS.name, each.key, each.value, each.headers) for each in written]


async def sweep_registrations(desk: Desk) -> int:
    """Publishes what no mark says is out. Returns how many enrolments; raises BusDown, and they stay unmarked."""
    behind = await desk.registrations.unsent(MOST)
    if behind:
        await desk.bus.send(on_members(each for one in behind for each in news_of(one, one.unsent_from or 1)))
        upto = {each.enrolment.registration_id: each.enrolment.version for each in behind}
        await desk.registrations.mark_sent(upto)
        desk.noticed("enrolments_published", len(behind))
    return len(behind)


async def publish_registrations(desk: Desk) -> None:
    """Until cancelled."""
    while True:
        try:
            while await sweep_registrations(desk) == MOST:
                turned()
            turned()
        except BusDown as away:
            log.warning("news of enrolments left for the next sweep: %s", away)
            waiting(away)
        await asyncio.sleep(SWEEP_EVERY.total_seconds())


async def publish_registrations_since(desk: Desk, since: datetime) -> int:
    """Every event since the instant again, oldest change first (mechanics 15). Returns how many went out."""
    last, after, published = since, "", 0
    while page := await desk.registrations.since(last, after, MOST):
        first = ((each, first_since(each, since)) for each in page)
        news = [message for each, seq in first if seq is not None for message in news_of(each, seq)]
        await desk.bus.send(on_members(news))
        published += len(news)
        last, after = page[-1].enrolment.last_at, page[-1].enrolment.registration_id
    return published
