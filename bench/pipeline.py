"""Report in Kafka → case stored with its decision → events in Kafka, beside the same traffic without any logic.

The floor reads the same reports, inserts as many documents of the same size and sends the same messages.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pymongo import InsertOne

from bench.decide import a_report, command, with_buildings, wulibao
from bench.figures import Figure
from bench.scale import Scale
from deploy.local import Engines, free_ports
from services.router.cases import MongoCases
from services.router.desk import Desk
from services.router.documents import document_of, news_of, opened
from services.router.numbers import Numbers
from services.router.open_cases import open_cases
from services.router.publish_events import on_cases
from shaoyin.adapters.bus import Message, Received, TopicSpec
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Client, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.envelope import write_report
from shaoyin.contracts.topics import CASES, REPORTS
from shaoyin.domain.flow import decision

MANY = 10_000
BATCH = 500
Handle = Callable[[Sequence[Received]], Awaitable[None]]


async def _measured() -> list[Figure]:
    with TemporaryDirectory() as folder:
        engines = Engines(Path(folder), *free_ports(3))
        try:
            engines.start()
            async with _ground(engines) as (bus, client):
                floor = await _floor(bus, client)
                ours = await _ours(bus, client)
        finally:
            engines.wipe()
    return [Figure("pipeline", f"{MANY} reports to stored, published cases", ours, "cases/s", floor)]


@asynccontextmanager
async def _ground(engines: Engines) -> AsyncIterator[tuple[KafkaBus, Client]]:
    bus, client = KafkaBus(engines.kafka_address), connect(Settings(mongo_url=engines.mongo_url))
    await bus.start()
    await bus.ensure_topics([TopicSpec(topic.name, 4, timedelta(days=1)) for topic in (REPORTS, CASES)])
    try:
        yield bus, client
    finally:
        await bus.stop()
        await close(client)


async def _fill(bus: KafkaBus) -> None:
    now = SystemClock().now()
    written = [write_report(a_report(number, now)) for number in range(MANY)]
    await bus.send([Message(REPORTS.name, each.key, each.value, each.headers) for each in written])


async def _timed(bus: KafkaBus, group: str, handle: Handle) -> float:
    async with bus.reader(group, [REPORTS.name]) as reader:
        done, began = 0, 0.0
        while done < MANY:
            batch = await reader.batch(BATCH, timedelta(seconds=1))
            began = began or time.perf_counter()
            if batch:
                await handle(batch)
                await reader.commit(batch)
                done += len(batch)
        return done / (time.perf_counter() - began)


async def _floor(bus: KafkaBus, client: Client) -> float:
    await _fill(bus)
    pack, cases = with_buildings(wulibao(), 1), client["bench_floor"]["cases"]
    stored = opened(decision(None, command(0, SystemClock().now()), pack), "bench")
    document, messages = document_of(stored, pack), on_cases(news_of(stored))

    async def pass_on(batch: Sequence[Received]) -> None:
        await cases.bulk_write([InsertOne({**document, "_id": each.key}) for each in batch], ordered=False)
        await bus.send(messages * len(batch))

    return await _timed(bus, "floor", pass_on)


async def _ours(bus: KafkaBus, client: Client) -> float:
    database = client["bench_router"]
    store = MongoCases(database)
    await store.prepare()
    pack = with_buildings(wulibao(), MANY)
    desk = Desk(store, bus, Numbers(database, BATCH), SystemClock(), {pack.name: pack})

    async def decide_each(batch: Sequence[Received]) -> None:
        await open_cases(desk, batch)

    return await _timed(bus, "ours", decide_each)


def measure(_scale: Scale) -> list[Figure]:
    return asyncio.run(_measured())
