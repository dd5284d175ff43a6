"""Reads batches from Kafka as one member of a group, and goes on reading when the broker was away or replaced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalStateError, KafkaError

from shaoyin.adapters.bookmarks import Bookmarks
from shaoyin.adapters.bus_terms import BusDown, Fenced, Received
from shaoyin.adapters.kafka_client import Cluster, is_cancelled, milliseconds
from shaoyin.adapters.kafka_leavers import Leavers

_JOIN_AGAIN_AFTER = 0.5
_JOIN_WITHIN = 30.0
_HEARTBEAT = timedelta(milliseconds=500)
_REQUEST = timedelta(seconds=10)
_FETCH_WAITS = timedelta(milliseconds=100)
"""While a question for the quiet partitions waits at the broker, the others are not asked: so it waits shortly."""
_ASK_WITHIN = 5.0
_FETCHED_AT_MOST = 16 * 1024 * 1024
"""Bytes in hand at once, whatever the number of partitions; a partition has 1 MiB of them at most."""

log = logging.getLogger(__name__)


class KafkaReader:
    """A consumer that is replaced by a fresh one whenever it can no longer be trusted to go on by itself."""

    def __init__(
        self, cluster: Cluster, group: str, topics: Sequence[str], session: timedelta, *, from_start: bool
    ) -> None:
        self.group = group
        self._cluster = cluster
        self._group = group
        self._topics = topics
        self._session = session
        self._from_start = from_start
        self._bookmarks = Bookmarks()
        self._consumer: Any = None
        self._joined = asyncio.Event()
        self._tried = asyncio.Event()
        self._joining: asyncio.Task[None] | None = None
        self._leavers = Leavers(group)
        self._closed = False
        self._committing: set[asyncio.Future[None]] = set()

    @property
    def joined(self) -> bool:
        """Whether it has a place in its group now, even one without a partition."""
        return self._joined.is_set() and self._consumer is not None

    async def open(self) -> None:
        """Returns when the group is joined, or the first try has failed; then it is tried again in the background."""
        self.renew("it is new")
        await self._tried.wait()

    async def close(self) -> None:
        """Returns when every consumer it ever had has left the group."""
        self._closed = True
        if self._joining is not None:
            self._joining.cancel()
            await asyncio.wait([self._joining])
        self._leavers.give_up(self._consumer)
        self._consumer = None
        await self._leavers.all_left()

    def renew(self, reason: object) -> None:
        """Leaves and joins again, from what is committed. Does nothing while it joins, or once it is closed."""
        if not self._closed and (self._joining is None or self._joining.done()):
            log.info("joining group %s: %s", self._group, reason)
            self._leavers.give_up(self._consumer)
            self._consumer = None
            self._joining = asyncio.create_task(self._join())
            self._joined.clear()
            self.forget()

    def forget(self) -> None:
        """Partitions are given out anew. A commit under way must not go on in the new round with the old offsets: in
        a cluster that came back empty they would skip what nobody has read.
        """
        self._bookmarks.forget()
        for committing in self._committing:
            committing.cancel()

    async def batch(self, most: int, within: timedelta) -> list[Received]:
        await asyncio.sleep(0)
        if self._consumer is None:
            self.renew("joining broke off")  # does nothing while it goes on
        until = asyncio.get_running_loop().time() + within.total_seconds()
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._joined.wait()
        except TimeoutError:
            return []
        batch = await self._read(most, max(until - asyncio.get_running_loop().time(), 0))
        self._bookmarks.hand_out(batch)
        return batch

    async def commit(self, batch: Sequence[Received]) -> None:
        offsets = self._bookmarks.after(batch)
        if not offsets:
            return
        named = {TopicPartition(self._cluster.prefix + topic, number): end for (topic, number), end in offsets.items()}
        committing = asyncio.ensure_future(self._consumer.commit(named))
        self._committing.add(committing)
        committing.add_done_callback(self._committing.discard)
        try:
            async with asyncio.timeout(_ASK_WITHIN):
                await committing
        except (CommitFailedError, IllegalStateError, asyncio.CancelledError) as moved:
            if is_cancelled():
                raise
            raise Fenced(f"group {self._group} was given out anew: {moved!r}") from moved
        except (KafkaError, TimeoutError) as away:
            raise BusDown(f"not known whether group {self._group} committed: {away!r}") from away
        self._bookmarks.committed(offsets)

    async def rewind(self) -> None:
        for (topic, number), offset in self._bookmarks.rewind().items():
            try:
                self._consumer.seek(TopicPartition(self._cluster.prefix + topic, number), offset)
            except IllegalStateError:
                continue  # given out anew just now: whoever holds it begins at what is committed

    async def lag(self) -> int:
        consumer = self._consumer
        if consumer is None:
            raise BusDown(f"group {self._group} is not joined")
        try:
            async with asyncio.timeout(_ASK_WITHIN):
                ends = await consumer.end_offsets(list(consumer.assignment()))
                return sum([end - await self._start(consumer, place) for place, end in ends.items()])
        except (KafkaError, TimeoutError) as away:
            raise BusDown(f"the lag of group {self._group} is not known: {away!r}") from away

    async def _start(self, consumer: Any, place: TopicPartition) -> int:
        start = self._bookmarks.start((place.topic.removeprefix(self._cluster.prefix), place.partition))
        return int(await consumer.position(place)) if start is None else start

    async def _read(self, most: int, seconds: float) -> list[Received]:
        consumer = self._consumer
        if consumer._fetcher.error_future.done():
            self.renew("fetching has ended")  # nothing would ever come again, and getmany would not say so
            return []
        try:
            async with asyncio.timeout(seconds + 1):  # it waits without limit while partitions are given out
                found = await consumer.getmany(timeout_ms=int(seconds * 1000), max_records=most)
        except (KafkaError, ConsumerStoppedError) as lost:
            if consumer is self._consumer:
                self.renew(repr(lost))
            return []
        except TimeoutError:
            return []
        if consumer is not self._consumer:
            return []
        prefix = self._cluster.prefix
        return [
            each for place, records in found.items() for each in _received(place.topic.removeprefix(prefix), records)
        ]

    async def _join(self) -> None:
        for tries in count():
            await self._leavers.all_left()
            consumer = self._fresh()
            try:
                async with asyncio.timeout(_JOIN_WITHIN):
                    await consumer.start()
                    await self._skip_what_was(consumer)
            except (Exception, asyncio.CancelledError) as away:  # aiokafka says a lost broker with either: try again
                self._leavers.give_up(consumer)
                if is_cancelled():
                    raise
                log.log(logging.DEBUG if tries else logging.WARNING, "cannot join group %s yet: %r", self._group, away)
            else:
                self._consumer = consumer
                self._joined.set()
                self._tried.set()
                return
            self._tried.set()
            await asyncio.sleep(_JOIN_AGAIN_AFTER)

    def _fresh(self) -> Any:
        consumer: Any = AIOKafkaConsumer(  # type: ignore[no-untyped-call]  # has no hints
            **self._cluster.options(_REQUEST),
            group_id=self._cluster.prefix + self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=milliseconds(self._session),
            heartbeat_interval_ms=milliseconds(_HEARTBEAT),
            fetch_max_wait_ms=milliseconds(_FETCH_WAITS),
            fetch_max_bytes=_FETCHED_AT_MOST,
        )
        topics = [self._cluster.prefix + topic for topic in self._topics]
        consumer.subscribe(topics, listener=_Forgetting(self.forget))
        return consumer

    async def _skip_what_was(self, consumer: Any) -> None:
        """A group that wants only what is new commits the end at once, so that no later member begins at the start."""
        if self._from_start:
            return
        fresh = [place for place in consumer.assignment() if await consumer.committed(place) is None]
        ends = await consumer.end_offsets(fresh)
        if ends:
            await consumer.commit(ends)
        for place, end in ends.items():
            consumer.seek(place, end)


def _received(topic: str, records: Iterable[Any]) -> Iterator[Received]:
    """Of one partition; what was sent together mostly has the same instant, which is made once."""
    sent_at, at = None, datetime.fromtimestamp(0, UTC)
    for record in records:
        if record.timestamp != sent_at:
            sent_at = record.timestamp
            at = datetime.fromtimestamp(sent_at / 1000, UTC)
        yield Received(
            topic, record.key or b"", record.value or b"", tuple(record.headers), record.partition, record.offset, at
        )


class _Forgetting(ConsumerRebalanceListener):
    """When partitions are given out anew, even the same ones, reading goes on from what is committed."""

    def __init__(self, forget: Callable[[], None]) -> None:
        self._forget = forget

    def on_partitions_revoked(self, revoked: object) -> None:
        self._forget()

    def on_partitions_assigned(self, assigned: object) -> None:
        """They are noted as they are read."""
