"""Report in Kafka → case with decision and explanation stored → events → alerts stored, through router and notify.

The floor is bare aiokafka and the driver in two processes as well: the same two hops, as many messages and documents of
the same size, no logic. The peer does the same work with FastStream, a message at a time.
"""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.decide import a_report
from bench.figures import Figure, share_of_floor
from bench.processor import engines_watched, processor_seconds
from bench.scale import Scale
from bench.sides import PARTITIONS, Document, Sample, Side
from deploy.local import Engines, free_ports
from services.router.app import topic_specs
from shaoyin.adapters.bus import Message, Received
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Client, Collection, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.envelope import write_report
from shaoyin.contracts.topics import CASES, DELIVERIES, REPORTS
from shaoyin.domain.report import case_id_of

ROOT = Path(__file__).resolve().parent.parent
WITHIN = 240.0
WARM = 1000
HALF, FIVE_TIMES = share_of_floor(0.5), share_of_floor(5)
LOOK_EVERY = 0.02


def measure(scale: Scale) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        engines = Engines(Path(folder), *free_ports(3))
        try:
            engines.start()
            yield from asyncio.run(_measured(engines, Path(folder), scale.reports))
        finally:
            engines.wipe()


async def _measured(engines: Engines, folder: Path, many: int) -> list[Figure]:
    side = Side(engines.kafka_address, engines.mongo_url, "warm", folder, many)
    raw = replace(side, prefix="raw", sample=await _sample(side))
    await _rate(replace(raw, prefix="rawwarm"), ["raw-router", "raw-notify"], WARM)
    floor = await _rate(raw, ["raw-router", "raw-notify"], many)
    ours = replace(raw, prefix="ours")
    with engines_watched(engines) as of_engines:
        mine = await _rate(ours, ["router", "notify"], many)
    two = await _rate(replace(ours, prefix="two"), ["router", "router", "notify"], many)
    peer = await _rate(replace(raw, prefix="peer"), ["peer-router", "peer-notify"], many // 20)
    return [
        Figure("pipeline", "report to case to alert, one process a service", mine.rate, "cases/s", floor.rate, HALF),
        Figure("pipeline", "beside FastStream, a message at a time", mine.rate, "cases/s", peer.rate, FIVE_TIMES),
        Figure("pipeline", "with two routers, each its partitions", two.rate, "cases/s", floor.rate),
        *(
            Figure("pipeline", f"processor time a case, {name}", used * 1e6 / many, "µs", raw_used * 1e6 / many)
            for name, used, raw_used in zip(("router", "notify"), mine.seconds, floor.seconds, strict=True)
        ),
        *(
            Figure("pipeline", f"processor time a case, {name}", each * 1e6 / many, "µs")
            for name, each in of_engines.items()
        ),
    ]


async def _sample(side: Side) -> Sample:
    """A first run warms the engines, and shows what one report leads to."""
    async with _passing(side, ["router", "notify"], WARM) as (bus, client, _):
        cases, alerts = _collections(client, side.settings)
        await _until(lambda: _is(cases, WARM))
        await _until(lambda: _settled(alerts))
        name = case_id_of("r7")
        found = [each async for each in alerts.find({"case_id": name})]
        by_number: dict[int, list[Document]] = {}
        for each in found:
            by_number.setdefault(each["seq"], []).append(each)
        events = [each for each in await _all(bus, CASES.name) if each.key == name.encode()]
        said = [each for each in await _all(bus, DELIVERIES.name) if each.key == name.encode()]
        about = {number: [_again(each) for each in said if _about(each, told)] for number, told in by_number.items()}
        case = await cases.find_one({"_id": name})
        assert case is not None
        assert await alerts.count_documents({"case_id": {"$type": "string"}}) == len(found) * WARM
        assert len(said) == len(found)
        return Sample(case, [_again(each) for each in events], by_number, about)


def _about(said: Received, told: Sequence[Document]) -> bool:
    ident = dict(said.headers)["ce_id"]
    return any(ident.startswith(str(each["_id"]).encode()) for each in told)


def _again(each: Received) -> Message:
    return Message(each.topic, each.key, each.value, each.headers)


async def _all(bus: KafkaBus, topic: str) -> list[Received]:
    found: list[Received] = []
    async with bus.reader("sample", [topic]) as reader:
        while batch := await reader.batch(10_000, timedelta(seconds=3)):
            found += batch
    return found


@dataclass(frozen=True, slots=True)
class Passed:
    """Cases a second, and the processor time of each part while they passed."""

    rate: float
    seconds: list[float]


async def _rate(side: Side, parts: Sequence[str], many: int) -> Passed:
    """From when the first batch is stored to when the last alert is."""
    assert side.sample is not None
    wanted = side.sample.alerts_a_case * many
    async with _passing(side, parts, many) as (_, client, pids):
        cases, alerts = _collections(client, side.settings)
        await _until(lambda: _some(cases))
        began, there = time.perf_counter(), await cases.estimated_document_count()
        before = [processor_seconds(pid) for pid in pids]
        await _until(lambda: _is(alerts, wanted))
        took = time.perf_counter() - began
        used = [processor_seconds(pid) - at for pid, at in zip(pids, before, strict=True)]
        await _until(lambda: _is(cases, many))
        return Passed((many - there) / took, used)


@asynccontextmanager
async def _passing(side: Side, parts: Sequence[str], many: int) -> AsyncIterator[tuple[KafkaBus, Client, list[int]]]:
    """So many reports lie in Kafka before the sides begin to read."""
    async with _ground(side) as (bus, client):
        now = SystemClock().now()
        written = [write_report(a_report(number, now)) for number in range(many)]
        await bus.send([Message(REPORTS.name, each.key, each.value, each.headers) for each in written])
        with _running(side, parts) as pids:
            yield bus, client, pids


def _collections(client: Client, settings: Settings) -> tuple[Collection, Collection]:
    return client[settings.database("router")]["cases"], client[settings.database("notify")]["alerts"]


async def _some(collection: Collection) -> bool:
    return bool(await collection.estimated_document_count())


async def _is(collection: Collection, wanted: int) -> bool:
    return await collection.estimated_document_count() >= wanted


async def _settled(collection: Collection) -> bool:
    before = await collection.estimated_document_count()
    await asyncio.sleep(1.5)
    return 0 < before == await collection.estimated_document_count()


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    ends_at = time.perf_counter() + WITHIN
    while not await true():
        if time.perf_counter() > ends_at:
            raise TimeoutError(f"not within {WITHIN:.0f} s")
        await asyncio.sleep(LOOK_EVERY)


@contextmanager
def _running(side: Side, parts: Sequence[str]) -> Iterator[list[int]]:
    given = side.local / f"{side.prefix}.side"
    given.write_bytes(pickle.dumps(side))
    begun = [subprocess.Popen([sys.executable, "-m", "bench.sides", part, str(given)], cwd=ROOT) for part in parts]
    try:
        yield [each.pid for each in begun]
        if ended := [part for part, each in zip(parts, begun, strict=True) if each.poll() is not None]:
            raise RuntimeError(f"ended before their time: {', '.join(ended)}")
    finally:
        for each in begun:
            each.terminate()
        for each in begun:
            try:
                each.wait(15)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()


@asynccontextmanager
async def _ground(side: Side) -> AsyncIterator[tuple[KafkaBus, Client]]:
    bus, client = KafkaBus(side.kafka, prefix=f"{side.prefix}."), connect(side.settings)
    await bus.start()
    await bus.ensure_topics(topic_specs(PARTITIONS))
    try:
        yield bus, client
    finally:
        await bus.stop()
        await close(client)
