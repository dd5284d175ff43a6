"""One side of the pipeline in a process of its own: `python -m bench.sides PART SETTINGS`, ended by SIGTERM.

`router` and `notify` are the product's services as they run, but for their HTTP; `raw-…` read and write the same
with the clients alone and no logic; `peer-…` do it with FastStream, a message at a time.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from pymongo import InsertOne

from bench.decide import with_buildings, wulibao
from services.notify import app as notify
from services.router import app as router
from shaoyin.adapters.bus import Message
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.issuers import keys_of
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Collection, close, connect
from shaoyin.adapters.program import settle
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.topics import CASES, REPORTS

BATCH = 500
PARTITIONS = 4
Document = dict[str, object]
Aboard = tuple[str, bytes, bytes, Sequence[tuple[str, bytes]]]
"""A message: topic, key, value, headers."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one report brought about in the product. `alerts` and `said` are by the number of the event."""

    case: Document
    events: list[Message]
    alerts: dict[int, list[Document]] = field(default_factory=dict)
    said: dict[int, list[Message]] = field(default_factory=dict)

    @property
    def alerts_a_case(self) -> int:
        return sum(map(len, self.alerts.values()))


@dataclass(frozen=True, slots=True)
class Side:
    """Where a side works; `buildings` so many, that no report repeats another."""

    kafka: str
    mongo_url: str
    prefix: str
    local: Path
    buildings: int = 0
    sample: Sample | None = None

    @property
    def settings(self) -> Settings:
        return Settings.checked(
            env="test", kafka=self.kafka, mongo_url=self.mongo_url, database_prefix=self.prefix, local=self.local
        )

    def topic(self, name: str) -> str:
        return f"{self.prefix}.{name}"


async def _product(side: Side, part: str) -> None:
    settings, pack = side.settings, with_buildings(wulibao(), side.buildings)
    client, bus = connect(settings), KafkaBus(side.kafka, prefix=f"{side.prefix}.")
    await bus.start()
    try:
        keys, issuer = keys_of(settings, client[settings.database("dev")])
        given = settings, SystemClock(), bus, client, {pack.name: pack}, keys
        async with router.running(*given, issuer) if part == "router" else notify.running(*given):
            settle()
            await _told_to_end()
    finally:
        await bus.stop()
        await close(client)


@asynccontextmanager
async def _consumer(side: Side, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        side.topic(topic), bootstrap_servers=side.kafka, group_id=f"{side.topic(topic)}.raw", enable_auto_commit=False,
        auto_offset_reset="earliest", session_timeout_ms=30_000,
    )  # fmt: skip
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def _producer(side: Side) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=side.kafka, enable_idempotence=True, acks="all", max_batch_size=256 * 1024
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def _send(producer: AIOKafkaProducer, messages: Sequence[Aboard]) -> None:
    """The way of aiokafka that costs least: whole batches, a partition at a time."""
    lanes: dict[tuple[str, int], list[Aboard]] = {}
    for each in messages:
        lanes.setdefault((each[0], crc32(each[1]) % PARTITIONS), []).append(each)
    await asyncio.gather(*(_fill(producer, *lane, waiting) for lane, waiting in lanes.items()))


async def _fill(producer: AIOKafkaProducer, topic: str, partition: int, waiting: list[Aboard]) -> None:
    on_their_way, batch = [], producer.create_batch()
    for _, key, value, headers in waiting:
        if batch.append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
            batch.close()
            on_their_way.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=list(headers))
    batch.close()
    on_their_way.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*on_their_way)


async def _raw_router(side: Side) -> None:
    sample, client = _sample(side), connect(side.settings)
    settle()
    cases: Collection = client[side.settings.database("router")]["cases"]
    async with _consumer(side, REPORTS.name) as consumer, _producer(side) as producer:
        while True:
            found = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            keys = [record.key for records in found.values() for record in records]
            if keys:
                await cases.bulk_write([InsertOne({**sample.case, "_id": key}) for key in keys], ordered=False)
                events = [(side.topic(each.topic), each.value, each.headers) for each in sample.events]
                await _send(producer, [(topic, key, value, meta) for key in keys for topic, value, meta in events])
                await consumer.commit()


async def _raw_notify(side: Side) -> None:
    sample, client = _sample(side), connect(side.settings)
    settle()
    alerts: Collection = client[side.settings.database("notify")]["alerts"]
    async with _consumer(side, CASES.name) as consumer, _producer(side) as producer:
        while True:
            found = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            read = [(each.key, _number(each.headers)) for records in found.values() for each in records]
            documents = [
                {**document, "_id": f"{key!r}:{number}:{nth}"}
                for key, number in read
                for nth, document in enumerate(sample.alerts.get(number, ()))
            ]
            if documents:
                await alerts.insert_many(documents, ordered=False)
                said = [
                    (side.topic(each.topic), key, each.value, each.headers)
                    for key, number in read
                    for each in sample.said.get(number, ())
                ]
                await _send(producer, said)
            if read:
                await consumer.commit()


async def _peer_router(side: Side) -> None:
    sample, client = _sample(side), connect(side.settings)
    settle()
    cases: Collection = client[side.settings.database("router")]["cases"]
    broker = KafkaBroker(side.kafka, enable_idempotence=True, acks="all", logger=None)

    @broker.subscriber(
        side.topic(REPORTS.name),
        group_id=side.topic("peer-router"),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
    )
    async def open_case(_body: bytes, message: KafkaMessage) -> None:
        key = message.raw_message.key
        await cases.insert_one({**sample.case, "_id": key})
        for each in sample.events:
            meta = {name: value.decode() for name, value in each.headers}
            await broker.publish(each.value, side.topic(each.topic), key=key, headers=meta)

    async with broker:
        await broker.start()
        await _told_to_end()


async def _peer_notify(side: Side) -> None:
    sample, client = _sample(side), connect(side.settings)
    settle()
    alerts: Collection = client[side.settings.database("notify")]["alerts"]
    broker = KafkaBroker(side.kafka, enable_idempotence=True, acks="all", logger=None)

    @broker.subscriber(
        side.topic(CASES.name),
        group_id=side.topic("peer-notify"),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
    )
    async def raise_alerts(_body: bytes, message: KafkaMessage) -> None:
        key, number = message.raw_message.key, _number(message.raw_message.headers)
        for nth, document in enumerate(sample.alerts.get(number, ())):
            await alerts.insert_one({**document, "_id": f"{key!r}:{number}:{nth}"})
        for each in sample.said.get(number, ()):
            meta = {name: value.decode() for name, value in each.headers}
            await broker.publish(each.value, side.topic(each.topic), key=key, headers=meta)

    async with broker:
        await broker.start()
        await _told_to_end()


def _number(headers: Sequence[tuple[str, bytes]]) -> int:
    ident = next(value for name, value in headers if name == "ce_id")
    return int(ident.rpartition(b":")[2])


def _sample(side: Side) -> Sample:
    assert side.sample is not None
    return side.sample


async def _told_to_end() -> None:
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    await ending.wait()


async def work(part: str, side: Side) -> None:
    match part:
        case "router" | "notify":
            await _product(side, part)
        case "raw-router":
            await _raw_router(side)
        case "raw-notify":
            await _raw_notify(side)
        case "peer-router":
            await _peer_router(side)
        case "peer-notify":
            await _peer_notify(side)
        case _:
            raise SystemExit(f"no side {part}")


if __name__ == "__main__":
    with Path(sys.argv[2]).open("rb") as given:
        uvloop.run(work(sys.argv[1], pickle.load(given)))
