"""What falls due is announced: everything at once, beside staff who want an answer; then a steady trickle from many.

The router's own jobs run here as they do in the service. A case counts when its event is acknowledged by Kafka.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import uvloop

from bench.decide import wulibao
from bench.figures import Figure, at_least, at_most
from bench.scale import Scale
from bench.seed import case_id, fill, grown
from deploy.local import Engines, free_ports
from services.router.app import topic_specs
from services.router.cases import MongoCases
from services.router.change_case import Asked, change_case
from services.router.desk import Desk
from services.router.leases import Leases
from services.router.numbers import Numbers
from services.router.publish_events import publish_waiting, sweep_for_ever
from services.router.watch_deadlines import watch_deadlines
from shaoyin.adapters.bus import Message
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Client, Database, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.domain import commands as cmd
from shaoyin.domain.pack import Pack

AT_ONCE, AT_ONCE_FULL, BY_TWO = 12_000, 100_000, 5_000
"""The usual scale must leave time for the other benches; FULL=1 takes a city's worth."""
A_SECOND = 300
SECONDS = 10
STAFF = 1_000
COMMAND_EVERY = 0.02
SECRETARY = ("p-jia-3", "secretary")

STAFFS_CASES = frozenset(case_id(number, 2).encode() for number in range(STAFF))


@dataclass
class Published:
    """A bus that notes when a case's news was acknowledged, and passes everything on."""

    bus: KafkaBus
    at: dict[str, datetime] = field(default_factory=dict)
    _wanted: int = 10**9
    _enough: asyncio.Event = field(default_factory=asyncio.Event)

    def __getattr__(self, name: str) -> object:
        return getattr(self.bus, name)

    async def send(self, messages: Sequence[Message]) -> None:
        await self.bus.send(messages)
        now = SystemClock().now()
        for each in messages:
            if each.key not in STAFFS_CASES:
                self.at.setdefault(each.key.decode(), now)
        if len(self.at) >= self._wanted:
            self._enough.set()

    async def many(self, wanted: int) -> None:
        """Returns when so many cases' news was acknowledged."""
        self._wanted = wanted
        await self._enough.wait()


async def _measured(scale: Scale) -> list[Figure]:
    with TemporaryDirectory() as folder:
        engines = Engines(Path(folder), *free_ports(3), mongo_cache_gb=2.0)
        try:
            engines.start()
            client = connect(Settings(mongo_url=engines.mongo_url))
            bus = KafkaBus(engines.kafka_address)
            await bus.start()
            await bus.ensure_topics(topic_specs(4))
            try:
                return [
                    *await _flood(bus, client, AT_ONCE_FULL if scale.cases > 100_000 else AT_ONCE),
                    *await _by_two(engines, client),
                    *await _trickle(bus, client, scale.cases),
                ]  # fmt: skip
            finally:
                await bus.stop()
                await close(client)
        finally:
            engines.wipe()


async def _flood(bus: KafkaBus, client: Client, many: int) -> list[Figure]:
    """Everything due at one instant, while staff supervise other cases."""
    pack, database = grown(wulibao()), client["bench_flood"]
    await fill(database, pack, STAFF, open_share=1.0, seed=2)
    await fill(database, pack, many, open_share=1.0, due_at=SystemClock().now())
    took: list[float] = []
    async with _router(bus, database, pack) as (desk, published):
        began = time.perf_counter()
        staff = asyncio.create_task(_staff(desk, took))
        await published.many(many)
        rate = many / (time.perf_counter() - began)
        await _ended(staff)
    said = f"{many:,} cases due at once"
    return [
        Figure("escalation", f"{said}, announced and published", rate, "cases/s", goal=at_least(3_000)),
        Figure("escalation", "a command meanwhile, p50", _share(took, 50), "ms"),
        Figure("escalation", "a command meanwhile, p99", _share(took, 99), "ms"),
    ]


async def _trickle(bus: KafkaBus, client: Client, many: int) -> list[Figure]:
    """Many open cases of which some hundreds fall due each second, measured once what fell due before is announced."""
    pack, database = grown(wulibao()), client["bench_trickle"]
    first, within = SystemClock().now(), timedelta(seconds=many / A_SECOND)
    await fill(database, pack, many, open_share=1.0, due_at=first, due_within=within)
    async with _router(bus, database, pack) as (_, published):
        await _caught_up(database)
        begins = SystemClock().now()
        await asyncio.sleep(SECONDS)
        await _caught_up(database)
    numbers = [int((begins - first) / within * many) + each for each in range(A_SECOND * SECONDS)]
    due = {case_id(number): first + within * (number / many) for number in numbers if number < many}
    lags = [(published.at[each] - at).total_seconds() * 1000 for each, at in due.items() if each in published.at]
    said = f"{many:,} open cases, {A_SECOND} due a second: due to published"
    return [
        Figure("escalation", f"{said}, p50", _share(lags, 50), "ms"),
        Figure("escalation", f"{said}, p99", _share(lags, 99), "ms", goal=at_most(1_000)),
        Figure("escalation", "of these not announced within a second after", float(len(due) - len(lags)), "cases"),
    ]


async def _by_two(engines: Engines, client: Client) -> list[Figure]:
    """Two routers in processes of their own share the buckets."""
    pack, database = grown(wulibao()), client["bench_two"]
    routers = [get_context("spawn").Process(target=_alone, args=_where(engines, database)) for _ in range(2)]
    for each in routers:
        each.start()
    try:
        await _shared(database, len(routers))
        due_at = SystemClock().now() + timedelta(seconds=BY_TWO / 1_000)
        await fill(database, pack, BY_TWO, open_share=1.0, due_at=due_at)
        begins = max(due_at, SystemClock().now())
        await asyncio.sleep((due_at - SystemClock().now()).total_seconds())
        await _caught_up(database, due_at)
        took = (SystemClock().now() - begins).total_seconds()
    finally:
        for each in routers:
            each.terminate()
            each.join()
    return [Figure("escalation", f"{BY_TWO:,} due at once, two routers", BY_TWO / took, "cases/s")]


async def _shared(database: Database, routers: int) -> None:
    """The routers have divided the buckets between them."""
    while True:
        owners = await database["leases"].distinct("router", {"until": {"$gte": SystemClock().now()}})
        if len(owners) == routers:
            return
        await asyncio.sleep(0.1)


def _where(engines: Engines, database: Database) -> tuple[str, str, str]:
    return engines.kafka_address, engines.mongo_url, database.name


def _alone(kafka_address: str, mongo_url: str, name: str) -> None:
    uvloop.run(_watched(kafka_address, mongo_url, name))


async def _watched(kafka_address: str, mongo_url: str, name: str) -> None:
    """Until it is ended."""
    client, bus = connect(Settings(mongo_url=mongo_url)), KafkaBus(kafka_address)
    await bus.start()
    async with _router(bus, client[name], grown(wulibao())):
        await asyncio.Event().wait()


@asynccontextmanager
async def _router(bus: KafkaBus, database: Database, pack: Pack) -> AsyncIterator[tuple[Desk, Published]]:
    published, clock = Published(bus), SystemClock()
    desk = Desk(MongoCases(database), published, Numbers(database), clock, {pack.name: pack})  # type: ignore[arg-type]
    gc.collect()
    gc.freeze()
    jobs: list[Awaitable[None]] = [
        publish_waiting(desk), sweep_for_ever(desk), watch_deadlines(desk, Leases(database, desk.run, clock)),
    ]  # fmt: skip
    tasks = [asyncio.ensure_future(each) for each in jobs]
    try:
        yield desk, published
    finally:
        for each in tasks:
            await _ended(each)
        gc.unfreeze()


async def _ended(task: asyncio.Future[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _staff(desk: Desk, took: list[float]) -> None:
    """One command after another, each on a case of its own, that is not due."""
    for number in range(STAFF):
        began = time.perf_counter()
        command = cmd.Supervise(
            at=desk.clock.now(), person=SECRETARY[0], post=SECRETARY[1], grade="ordinary", reason="领导交办"
        )
        await change_case(desk, Asked(case_id(number, 2), command))
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(COMMAND_EVERY)


async def _caught_up(database: Database, until: datetime | None = None) -> None:
    """Everything that is due is announced, and everything announced is published and marked."""
    cases, unsent = database["cases"], {"unsent_from": {"$type": "int"}}
    while True:
        at = until or SystemClock().now() - timedelta(seconds=1)
        due = {"next_due_at": {"$lte": at, "$type": "date"}}
        if not await cases.find_one(due, {"_id": 1}) and (until is None or not await cases.find_one(unsent)):
            return
        await asyncio.sleep(0.1)


def _share(seen: Sequence[float], percent: int) -> float:
    return quantiles(seen, n=100)[percent - 1]


def measure(scale: Scale) -> Iterator[Figure]:
    yield from uvloop.run(_measured(scale))
