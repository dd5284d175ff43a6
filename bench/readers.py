"""What one event costs those who read the cases' topic: CPU of our process and of the store, apart from waiting.

Rates tell of the machine and of whatever else runs on it; these figures say where to look.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from bench.decide import a_report, command, with_buildings, wulibao
from bench.figures import Figure
from bench.scale import Scale
from deploy.local import Engines, free_ports
from services.intake.follow_reports import FollowReports
from services.intake.followed import Followed
from services.intake.keep_news import KeepNews
from services.intake.leads import Leads
from services.intake.publish_reports import Publisher
from services.intake.reports import Reports, Shelved
from services.intake.requests import Requests
from services.intake.retention import Retention
from services.intake.seal import Seal
from services.intake.vault import Vault
from services.notify.channels.in_app import InApp
from services.notify.deliveries import Deliveries
from services.notify.done_before import DoneBefore
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.raise_alerts import RaiseAlerts
from services.notify.read_news import read_batch
from services.router.documents import news_of, opened
from shaoyin.adapters.bus import Bus, MemoryBus, Message, Received, TopicSpec
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Client, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.topics import CASES, DELIVERIES
from shaoyin.domain.flow import decision
from shaoyin.domain.pack import Pack

CASES_READ = 2_000
BATCH = 500
KEY = b"k" * 32
TICK = os.sysconf("SC_CLK_TCK")
Packs = Mapping[str, Pack]
Batches = Sequence[Sequence[Received]]


def measure(_scale: Scale) -> Iterator[Figure]:
    pack, now = with_buildings(wulibao(), CASES_READ), SystemClock().now()
    packs, news = {pack.name: pack}, [each for number in range(CASES_READ) for each in _opening(number, now, pack)]
    batches = [news[start : start + BATCH] for start in range(0, len(news), BATCH)]
    yield Figure("readers", "notify: events read and alerts decided", _decided(batches, packs), "µs CPU")
    with TemporaryDirectory() as folder:
        engines = Engines(Path(folder), *free_ports(3))
        try:
            engines.start()
            yield from uvloop.run(_with_engines(engines, batches, packs))
        finally:
            engines.wipe()


def _opening(number: int, now: datetime, pack: Pack) -> list[Received]:
    written = news_of(opened(decision(None, command(number, now), pack), "bench"))
    return [Received(CASES.name, each.key, each.value, each.headers, 0, 0, now) for each in written]


def _decided(batches: Batches, packs: Packs) -> float:
    def once() -> float:
        began = time.process_time()
        for batch in batches:
            read_batch(batch, packs, KEY)
        return time.process_time() - began

    return _each(min(once() for _ in range(3)), batches)


async def _with_engines(engines: Engines, batches: Batches, packs: Packs) -> list[Figure]:
    client, bus = connect(Settings(mongo_url=engines.mongo_url)), KafkaBus(engines.kafka_address)
    await bus.start()
    await bus.ensure_topics([TopicSpec(topic.name, 4, timedelta(days=1)) for topic in (CASES, DELIVERIES)])
    try:
        return [
            *await _notify(engines, client, batches, packs),
            *await _intake(engines, client, batches, packs),
            *await _kafka(engines, bus, batches),
        ]
    finally:
        await bus.stop()
        await close(client)


async def _notify(engines: Engines, client: Client, batches: Batches, packs: Packs) -> list[Figure]:
    database, clock, bus = client["bench_notify"], SystemClock(), MemoryBus()
    await bus.ensure_topics([TopicSpec(DELIVERIES.name, 4, None)])
    deliveries = Deliveries(database)
    await deliveries.prepare()
    publisher = PublishDeliveries(bus, deliveries, clock)
    raising = RaiseAlerts(
        bus, deliveries, InApp(deliveries, clock), publisher, DoneBefore(database, clock, "bench"), packs, clock, KEY,
        lambda _what, _many: None,
    )  # fmt: skip
    ours, stores = await _cpu(engines.mongo.child.pid(), _each_batch(raising.take, batches))
    return [
        Figure("readers", "notify: the same, alerts stored and published", _each(ours, batches), "µs CPU"),
        Figure("readers", "notify: the store's part of it", _each(stores, batches), "µs CPU"),
    ]


async def _intake(engines: Engines, client: Client, batches: Batches, packs: Packs) -> list[Figure]:
    database, clock, bus = client["bench_intake"], SystemClock(), MemoryBus()
    reports, vault = Reports(database, "bench"), Vault(database, Seal([KEY]))
    leads, requests, publisher = Leads(database, reports), Requests(database, reports, "bench"), Publisher(bus)
    for each in (reports, leads, requests):
        await each.prepare()
    made = [a_report(number, clock.now()) for number in range(CASES_READ)]
    await reports.insert([Shelved(each, each.report_id.encode(), "urgent") for each in made])
    keep = KeepNews(reports, leads, Retention(reports, leads, vault, packs))
    follow = FollowReports(bus, keep, requests, publisher, Followed(database, clock, "bench"), clock)
    ours, stores = await _cpu(engines.mongo.child.pid(), _each_batch(follow.take, batches))
    return [
        Figure("readers", "intake: events followed", _each(ours, batches), "µs CPU"),
        Figure("readers", "intake: the store's part of it", _each(stores, batches), "µs CPU"),
    ]


async def _kafka(engines: Engines, bus: Bus, batches: Batches) -> list[Figure]:
    messages = [[Message(CASES.name, each.key, each.value, each.headers) for each in batch] for batch in batches]

    async def send() -> None:
        for each in messages:
            await bus.send(each)

    async def read() -> None:
        left = sum(map(len, batches))
        async with bus.reader("bench", [CASES.name]) as reader:
            while left > 0:
                batch = await reader.batch(BATCH, timedelta(seconds=1))
                await reader.commit(batch)
                left -= len(batch)

    await send()
    sent, brokers = await _cpu(engines.kafka.child.pid(), send())
    received, _ = await _cpu(engines.kafka.child.pid(), read())
    return [
        Figure("readers", "bus: a message sent", _each(sent, batches), "µs CPU"),
        Figure("readers", "bus: the broker's part of it", _each(brokers, batches), "µs CPU"),
        Figure("readers", "bus: a message received", _each(received, batches), "µs CPU"),
    ]


async def _each_batch(take: Callable[[Sequence[Received]], Awaitable[None]], batches: Batches) -> None:
    for batch in batches:
        await take(batch)


async def _cpu(engine: int | None, work: Awaitable[None]) -> tuple[float, float]:
    """Seconds of CPU that the work took: here, and in the engine."""
    ours, theirs = time.process_time(), _used(engine)
    await work
    return time.process_time() - ours, _used(engine) - theirs


def _used(pid: int | None) -> float:
    """Fields 14 and 15 of proc(5)'s stat, counted behind the name, which may hold anything."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _each(seconds: float, batches: Batches) -> float:
    return seconds / sum(map(len, batches)) * 1e6
