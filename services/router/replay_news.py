"""A reader whose broker was replaced asks for everything since an instant: published again, under the same ids."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from services.router.bury import READER, bury
from services.router.desk import Desk
from services.router.documents import Stored, news_of
from services.router.on_topic import on_cases
from services.router.publish_registrations import publish_registrations_since
from shaoyin.adapters.bus import Message, Received
from shaoyin.adapters.dead_letters import dead_letter
from shaoyin.adapters.jobs import turned
from shaoyin.contracts.envelope import Unreadable, Written, read_replay
from shaoyin.contracts.topics import REPLAYS

MOST = 200
log = logging.getLogger(__name__)


async def replay_news(desk: Desk, batch: Sequence[Received]) -> None:
    """Two readers that ask at once are served together, from the earlier instant."""
    asked: list[datetime] = []
    dead: list[Message] = []
    for message in batch:
        try:
            asked.append(read_replay(message).since)
        except Unreadable as why:
            dead.append(dead_letter(message, REPLAYS, READER, why.reason, str(why)))
    await bury(desk, dead)
    if asked:
        await publish_since(desk, min(asked))
        await publish_registrations_since(desk, min(asked))


async def publish_since(desk: Desk, since: datetime) -> int:
    """Every event since the instant, oldest change first. Returns how many went out."""
    last, after, published = since, "", 0
    while page := await desk.store.since(last, after, MOST):
        news = [message for stored in page for message in _since(stored, since)]
        await desk.bus.send(on_cases(news))
        published += len(news)
        turned()
        last, after = page[-1].case.last_at, page[-1].case.case_id
    log.info("published %d events again since %s", published, since)
    return published


def _since(stored: Stored, since: datetime) -> list[Written]:
    first = next((seq for seq, event in enumerate(stored.history, start=1) if event.at >= since), None)
    return [] if first is None else news_of(stored, first)
