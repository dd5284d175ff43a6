"""Follows the cases that came of the reports, a batch at a time: one write, the offset committed last.

The order of arrival does not matter and a repeat changes nothing: each event is a line of its own, and of the headers
the highest version stays. The first word of a case says that its report is home.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import UpdateOne

from services.intake.followed import Followed
from services.intake.lines import head_of, line_of
from services.intake.publish_reports import Publisher
from services.intake.reports import Reports
from services.intake.requests import Requests
from shaoyin.adapters.bus import Bus, Message, Reader, Received
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Document, store_needed
from shaoyin.contracts.envelope import CaseNews, Unreadable, read_news
from shaoyin.contracts.topics import CASES

GROUP = "intake"
MOST = 500
WITHIN = timedelta(seconds=1)
LOOK_EVERY = 1.0
"""Seconds between two looks at how far behind we are."""
LINES_AT_MOST = 2000
"""A case with more events than that shows no further ones; its state is still followed."""

log = logging.getLogger(__name__)


class FollowReports:
    def __init__(
        self, bus: Bus, reports: Reports, requests: Requests, publisher: Publisher, followed: Followed, clock: Clock
    ) -> None:
        self._bus = bus
        self._reports = reports
        self._requests = requests
        self._publisher = publisher
        self._followed = followed
        self._clock = clock
        self._looked = float("-inf")
        self.lag = 0

    async def run(self) -> None:
        """Until cancelled. Raises BusDown, Fenced and StoreDown: begun anew, it goes on where it committed last."""
        await self._followed.begin(self._bus)
        async with self._bus.reader(GROUP, [CASES.name]) as reader:
            while await self._followed.same_cluster(self._bus):
                await self._one_batch(reader)

    async def _one_batch(self, reader: Reader) -> None:
        asked_at = self._clock.now()
        batch = await reader.batch(MOST, WITHIN)
        if batch:
            await self.take(batch)
            await reader.commit(batch)
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            self.lag = await reader.lag()
            await self._followed.up_to(asked_at if self.lag == 0 else None)

    async def take(self, batch: Sequence[Received]) -> None:
        """Everything but the commit. Raises BusDown and StoreDown; the same batch may be taken again."""
        news, unreadable = _read(batch)
        by_report: dict[str, list[CaseNews]] = {}
        for each in news:
            by_report.setdefault(each.header.report_id, []).append(each)
        await self._write(by_report)
        answered = await self._requests.answered(news)
        self._publisher.home([*by_report, *answered])
        if unreadable:
            await self._bus.send(unreadable)

    @store_needed()
    async def _write(self, by_report: Mapping[str, Sequence[CaseNews]]) -> None:
        """Events of cases that no report of ours opened meet no document, and leave no trace."""
        now = self._clock.now()
        updates = [UpdateOne({"_id": report_id}, _change(news, now)) for report_id, news in by_report.items()]
        if updates:
            await self._reports.collection.bulk_write(updates, ordered=False)


def _read(batch: Sequence[Received]) -> tuple[list[CaseNews], list[Message]]:
    news: list[CaseNews] = []
    unreadable: list[Message] = []
    for received in batch:
        try:
            news.append(read_news(received))
        except Unreadable as why:
            log.warning("a message of %s is unreadable: %s", received.topic, why.reason)
            unreadable.append(_dead_letter(received, why))
    return news, unreadable


def _dead_letter(received: Received, why: Unreadable) -> Message:
    """The message as it was, with the reason; the detail names the field, never its content."""
    told = (("reason", why.reason.encode()), ("detail", str(why).encode()), ("reader", GROUP.encode()))
    return Message(CASES.dead_letters, received.key, received.value, (*received.headers, *told))


def _change(news: Sequence[CaseNews], now: datetime) -> list[Document]:
    """One update for all news of a report. Literals, because words may look like fields of the store."""
    newest = max(news, key=lambda each: each.header.version).header
    is_newer = {"$gt": [newest.version, {"$ifNull": ["$head.version", 0]}]}
    change: Document = {
        "home_at": {"$ifNull": ["$home_at", now]},
        "head": {"$cond": [is_newer, {"$literal": head_of(newest)}, "$head"]},
    }
    for each in news:
        if each.seq <= LINES_AT_MOST:
            change[f"lines.{each.seq}"] = {"$literal": line_of(each)}
    return [{"$set": change}, {"$unset": ["publish_at", "placed"]}]
