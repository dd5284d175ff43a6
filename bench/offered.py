"""Reports offered at instants of their own, whatever the server does, and the instants at which they arrive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient

from bench.client import Answer, Client
from bench.ground import Ground
from bench.matters import a_matter
from shaoyin.domain.report import case_id_of

FULL = frozenset({429, 503})
LOOK_EVERY = 0.05
INSERTED: list[dict[str, Any]] = [
    {"$match": {"operationType": "insert", "fullDocument.case_id": {"$type": "string"}}},
    {"$project": {"case_id": "$fullDocument.case_id"}},
]


@dataclass
class Times:
    """By case: when its report was due to be sent, was confirmed, and was in the inbox; how often it was put off."""

    due: dict[str, float] = field(default_factory=dict)
    confirmed: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    put_off: int = 0
    refused: int = 0

    def since_due(self, seen: dict[str, float], counts_from: float = 0.0) -> list[float]:
        return [seen[each] - due for each, due in self.due.items() if due >= counts_from and each in seen]

    @property
    def missing(self) -> int:
        """Refused for good, or confirmed and not in the inbox."""
        return self.refused + sum(each not in self.arrived for each in self.confirmed)


async def offer(intake: Client, after: Iterable[float], times: Times, *, patient: bool = False) -> None:
    """One report at each instant, told in seconds from now; returns when every one was answered.

    `patient`: whoever is told to come back later (429, 503) does, after as long as he was told.
    """
    begins_at, sending = time.perf_counter(), set()
    for number, seconds in enumerate(after):
        due = begins_at + seconds
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        sending.add(asked := asyncio.create_task(_send(intake, number, due, times, patient)))
        asked.add_done_callback(sending.discard)
    await asyncio.gather(*sending)


async def _send(intake: Client, number: int, due: float, times: Times, patient: bool) -> None:
    answer = await _report(intake, number)
    while patient and answer.status in FULL:
        times.put_off += 1
        await asyncio.sleep(float(answer.headers["retry-after"]))
        answer = await _report(intake, number)
    if answer.status != 202:
        times.refused += 1
        return
    case_id = case_id_of(answer.json()["report_id"])
    times.due[case_id] = due
    times.confirmed[case_id] = time.perf_counter()


async def _report(intake: Client, number: int) -> Answer:
    return await intake.ask("POST", "/api/reports", a_matter(number), {"Idempotency-Key": f"bench-{number}"})


async def all_arrived(times: Times, within: float) -> None:
    """Returns when every confirmed report is in the inbox, or after so many seconds."""
    for _ in range(int(within / LOOK_EVERY)):
        if times.confirmed.keys() <= times.arrived.keys():
            return
        await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def watching(on: Ground, arrived: dict[str, float]) -> AsyncIterator[None]:
    """Notes the instant at which each case's first alert is stored by a majority."""
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(on.engines.mongo_url)
    async with await mongo[f"{on.prefix}_notify"]["alerts"].watch(INSERTED, max_await_time_ms=1000) as changes:
        await changes.try_next()

        async def note() -> None:
            async for change in changes:
                arrived.setdefault(change["case_id"], time.perf_counter())

        noting = asyncio.create_task(note())
        try:
            yield
        finally:
            noting.cancel()
            with suppress(asyncio.CancelledError):
                await noting
    await mongo.close()
