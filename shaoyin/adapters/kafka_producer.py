"""Sends batches to Kafka and waits until every message is acknowledged by all in-sync copies."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any, Self
from zlib import crc32

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from shaoyin.adapters.bus_terms import BusDown, Message, Placed, Spot
from shaoyin.adapters.kafka_client import Cluster

_BATCH_BYTES = 256 * 1024
_FLUSH_WITHIN = 2.0

log = logging.getLogger(__name__)


class _Sending:
    """One call of `send`: done when every one of its messages has its place, or when one of them failed."""

    __slots__ = ("done", "missing", "placed")

    def __init__(self, many: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.missing = many
        self.placed: list[Placed | None] = [None] * many

    def put(self, number: int, place: Placed) -> None:
        self.placed[number] = place
        self.missing -= 1
        if not self.missing and not self.done.done():
            self.done.set_result(None)

    def fail(self, reason: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(BusDown(f"not acknowledged: {reason!r}"))

    def places(self) -> list[Placed]:
        return [each for each in self.placed if each is not None]


_Waiting = tuple[_Sending, int, Message]
"""Whose it is, its number there, and the message."""


class _Lane:
    """The messages for one partition, in the order they were given. While a batch is on its way the next one gathers:
    the more is to be sent at once, the larger the batches.
    """

    def __init__(self, producer: Any, topic: str, partition: int) -> None:
        self._producer = producer
        self._topic = topic
        self._partition = partition
        self._waiting: deque[_Waiting] = deque()
        self._going: asyncio.Task[None] | None = None

    def take(self, waiting: Iterable[_Waiting]) -> None:
        self._waiting.extend(waiting)
        if self._going is None:
            self._going = asyncio.create_task(self._go())

    async def _go(self) -> None:
        try:
            while self._waiting:
                await self._send_one_batch()
        finally:
            self._going = None

    async def _send_one_batch(self) -> None:
        batch = self._producer.create_batch()
        aboard = self._load(batch)
        if not aboard:
            return
        try:
            acknowledged = await (await self._producer.send_batch(batch, self._topic, partition=self._partition))
        except Exception as refused:  # noqa: BLE001 - aiokafka says a partition that is gone with an assertion; who sent is told
            for sending, _, _ in aboard:
                sending.fail(refused)
            return
        for after, (sending, number, _) in enumerate(aboard):
            offset = acknowledged.offset + after if acknowledged.offset >= 0 else -1
            sending.put(number, Placed(self._partition, offset))

    def _load(self, batch: Any) -> list[_Waiting]:
        """As much as goes in. What belongs to a call that has failed meanwhile stays behind."""
        aboard = []
        while self._waiting:
            sending, _, given = self._waiting[0]
            if not sending.done.done():
                if batch.append(timestamp=None, key=given.key, value=given.value, headers=list(given.headers)) is None:
                    break
                aboard.append(self._waiting[0])
            self._waiting.popleft()
        batch.close()
        return aboard


class Outlet:
    """One idempotent producer. Once `broken` it is given up and another takes its place: its numbering no longer
    agrees with the broker's, or it still holds messages whose senders were told that they failed.
    """

    def __init__(self, producer: Any, prefix: str, within: timedelta) -> None:
        self.broken = False
        self._producer = producer
        self._prefix = prefix
        self._within = within
        self._lanes: dict[Spot, _Lane] = {}

    @classmethod
    async def open(cls, cluster: Cluster, within: timedelta) -> Self:
        """Raises KafkaError; cancelled, it leaves nothing behind."""
        producer: Any = AIOKafkaProducer(  # type: ignore[no-untyped-call]  # has no hints
            **cluster.options(within), enable_idempotence=True, acks="all", max_batch_size=_BATCH_BYTES
        )
        outlet = cls(producer, cluster.prefix, within)
        try:
            await producer.start()
        except BaseException:
            await outlet.give_up()
            raise
        return outlet

    async def send(self, messages: Sequence[Message]) -> list[Placed]:
        """In the given order. Raises BusDown when not all are acknowledged in time."""
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                partitions = {topic: await self._partitions(topic) for topic in {each.topic for each in messages}}
        except (KafkaError, TimeoutError) as unknown:
            raise BusDown(f"a topic is not there: {unknown!r}") from unknown
        sending = _Sending(len(messages))
        by_spot: dict[Spot, list[_Waiting]] = {}
        for number, message in enumerate(messages):
            spot = (message.topic, crc32(message.key) % partitions[message.topic])
            by_spot.setdefault(spot, []).append((sending, number, message))
        for (topic, partition), waiting in by_spot.items():
            self._lane(topic, partition).take(waiting)
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                await sending.done
        except (BusDown, TimeoutError) as failed:
            self.broken = True
            raise BusDown(str(failed) or f"not acknowledged within {self._within.total_seconds():g} s") from failed
        return sending.places()

    async def flush(self) -> None:
        """Waits a moment for what is still on its way; who sent it waits for it too."""
        try:
            async with asyncio.timeout(_FLUSH_WITHIN):
                await self._producer.flush()
        except TimeoutError:
            log.warning("ended with messages that Kafka had not acknowledged")

    async def give_up(self) -> None:
        """Ends at once. A plain stop() would wait for the broker to come back and take what is in hand."""
        self.broken = True
        sender = self._producer._sender.sender_task
        for _ in range(10):
            if sender is None or sender.done():
                break
            sender.cancel()  # each one breaks off one more wait: the loop's, then those for requests under way
            await asyncio.wait([sender], timeout=0.2)
        _fail_all(self._producer._message_accumulator, KafkaConnectionError("given up"))
        await self._producer.stop()

    async def _partitions(self, topic: str) -> int:
        return len(await self._producer.partitions_for(self._prefix + topic))

    def _lane(self, topic: str, partition: int) -> _Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:
            lane = self._lanes[topic, partition] = _Lane(self._producer, self._prefix + topic, partition)
        return lane


def _fail_all(accumulator: Any, reason: KafkaError) -> None:
    """As its own fail_all, without what that leaves behind: a batch put back after a failed try is not among those
    under way any more and is missed there, and errors nobody waits for are reported as forgotten.
    """
    accumulator._exception = reason
    batches = {*accumulator._pending_batches, *chain.from_iterable(accumulator._batches.values())}
    accumulator._pending_batches |= batches
    for batch in batches:
        batch.failure(reason)
        batch.future.exception()
        batch._drain_waiter.exception()
