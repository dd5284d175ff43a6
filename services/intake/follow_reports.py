"""Follows the cases that came of the reports, a batch at a time: one write, the offset committed last.

The order of arrival does not matter and a repeat changes nothing (`keep_news`). The first word of a case says that its
report is home.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from services.intake.followed import Followed
from services.intake.keep_news import KeepNews
from services.intake.publish_reports import Publisher
from services.intake.requests import Requests
from shaoyin.adapters.bus import Bus, Message, Reader, Received
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.dead_letters import dead_letter
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.pace import Commits, Pace
from shaoyin.contracts.as_written import Headers
from shaoyin.contracts.envelope import CaseNews, Unreadable, read_news
from shaoyin.contracts.topics import CASES

GROUP = "intake"
MOST = 500
WITHIN = timedelta(seconds=1)
APART = timedelta(milliseconds=100)
"""Between two batches: nobody sees on a progress page whether a line is there a tenth of a second sooner."""
LOOK_EVERY = 1.0
"""Seconds between two looks at how far behind we are."""

log = logging.getLogger(__name__)


class FollowReports:
    def __init__(
        self, bus: Bus, keep: KeepNews, requests: Requests, publisher: Publisher, followed: Followed, clock: Clock,
        buried: Callable[[Sequence[Message]], None] = lambda _dead: None,
    ) -> None:  # fmt: skip
        self._bus = bus
        self._keep = keep
        self._requests = requests
        self._publisher = publisher
        self._followed = followed
        self._clock = clock
        self._buried = buried
        self._looked = float("-inf")
        self.lag = 0

    async def run(self) -> None:
        """Until cancelled. Raises BusDown, Fenced and StoreDown: begun anew, it goes on where it committed last."""
        await self._followed.begin(self._bus)
        async with self._bus.reader(GROUP, [CASES.name]) as reader:
            pace, commits = Pace(APART), Commits(reader)
            while await self._followed.same_cluster(self._bus):
                await pace.turn()
                await self._one_batch(reader, commits)
                turned()

    async def _one_batch(self, reader: Reader, commits: Commits) -> None:
        asked_at = self._clock.now()
        batch = await commits.batch(MOST, WITHIN)
        if batch:
            await self.take(batch)
            await commits.done(batch)
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            await commits.settle()
            self.lag = await reader.lag()
            await self._followed.up_to(asked_at if self.lag == 0 else None)

    async def take(self, batch: Sequence[Received]) -> None:
        """Everything but the commit. Raises BusDown and StoreDown; the same batch may be taken again."""
        news, unreadable = _read(batch)
        home = await self._keep.keep(news, self._clock.now())
        answered = await self._requests.answered(news)
        self._publisher.home([*home, *answered])
        if unreadable:
            await self._bus.send(unreadable)
            self._buried(unreadable)


def _read(batch: Sequence[Received]) -> tuple[list[CaseNews], list[Message]]:
    news, headers = list[CaseNews](), Headers()
    unreadable: list[Message] = []
    for received in batch:
        try:
            news.append(read_news(received, headers))
        except Unreadable as why:
            log.warning("a message of %s is unreadable: %s", received.topic, why.reason)
            unreadable.append(dead_letter(received, CASES, GROUP, why.reason, str(why)))
    return news, unreadable
