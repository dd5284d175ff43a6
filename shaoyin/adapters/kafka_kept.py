"""Reads what a Kafka topic holds without joining a group: nobody's place moves, and nothing is committed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shaoyin.adapters.bus_terms import BusDown, Received, Stretch
from shaoyin.adapters.kafka_client import Cluster

_REQUEST = timedelta(seconds=10)
_MOST = 500
_NOTHING_AT_MOST = 10
"""Polls of a second each in which the broker, which said that there is more, hands over nothing."""


async def kept(
    cluster: Cluster, topic: str, stretches: Mapping[int, Stretch], since: Mapping[int, int]
) -> AsyncGenerator[list[Received]]:
    """Up to the end as it was in `stretches`. Raises BusDown."""
    places = {TopicPartition(cluster.prefix + topic, number): stretch for number, stretch in stretches.items()}
    wanted = {place: max(stretch.first, since.get(place.partition, 0)) for place, stretch in places.items()}
    left = {place: first for place, first in wanted.items() if first < places[place].end}
    if not left:
        return
    consumer: Any = AIOKafkaConsumer(  # type: ignore[no-untyped-call]  # has no hints
        **cluster.options(_REQUEST), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        consumer.assign(list(left))
        for place, first in left.items():
            consumer.seek(place, first)
        async with aclosing(_up_to(consumer, {place: places[place].end for place in left})) as batches:
            async for batch in batches:
                yield [_received(record, topic) for record in batch]
    except (KafkaError, OSError, TimeoutError) as away:
        raise BusDown(f"what {topic} holds cannot be read: {away!r}") from away
    finally:
        await consumer.stop()


async def _up_to(consumer: Any, ends: dict[TopicPartition, int]) -> AsyncGenerator[list[Any]]:
    """A transaction's marker takes an offset and is never handed over: it is the position that counts."""
    nothing = 0
    while ends:
        found = await consumer.getmany(*ends, timeout_ms=1000, max_records=_MOST)
        nothing = 0 if found else nothing + 1
        if nothing > _NOTHING_AT_MOST:
            raise TimeoutError("nothing more came")
        for place, records in found.items():
            yield [record for record in records if record.offset < ends[place]]
        ends = {place: end for place, end in ends.items() if await consumer.position(place) < end}


def _received(record: Any, topic: str) -> Received:
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    headers = tuple(record.headers)
    return Received(topic, record.key or b"", record.value or b"", headers, record.partition, record.offset, at)
