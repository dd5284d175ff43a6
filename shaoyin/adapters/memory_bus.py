"""A bus that lives in one process: for tests, and where neither Kafka nor anything like it can be had."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zlib import crc32

from shaoyin.adapters.bookmarks import Bookmarks
from shaoyin.adapters.bus_terms import (
    LARGEST,
    BusDown,
    Message,
    Placed,
    Received,
    Spot,
    Stretch,
    TopicSpec,
    refuse_too_large,
)
from shaoyin.adapters.memory_log import Group, Log


def _broker_time() -> datetime:
    """A broker stamps messages by its machine's clock, never by the product's, which may be moved in development."""
    return datetime.fromtimestamp(time.time(), UTC)


class MemoryBus:
    """Kafka's promises within one process, and none beyond it: what it holds is gone when the process ends.

    Compacted topics keep every message, as Kafka may.
    """

    def __init__(self, *, largest: int = LARGEST, now: Callable[[], datetime] = _broker_time) -> None:
        self._down = False
        self._largest = largest
        self._now = now
        self._cluster_id = uuid.uuid4().hex
        self._specs: dict[str, TopicSpec] = {}
        self._logs: dict[Spot, Log] = {}
        self._groups: dict[str, Group[MemoryReader]] = {}

    @property
    def down(self) -> bool:
        """Set it, and the bus behaves as if the broker were away; what it holds stays."""
        return self._down

    @down.setter
    def down(self, down: bool) -> None:
        self._down = down
        self._wake()

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Readers end with their own `async with`."""

    async def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        fresh = {spec.name: spec for spec in specs if spec.name not in self._specs}
        self._specs |= fresh
        self._make_logs(fresh.values())

    async def send(self, messages: Sequence[Message]) -> list[Placed]:
        refuse_too_large(messages, self._largest)
        await asyncio.sleep(0)
        self.check_up()
        for message in messages:
            if message.topic not in self._specs:
                raise BusDown(f"there is no topic {message.topic}")
        at = self._now()
        placed = [self._append(message, at) for message in messages]
        self._wake()
        return placed

    @asynccontextmanager
    async def reader(
        self, group: str, topics: Sequence[str], *, from_start: bool = True
    ) -> AsyncIterator[MemoryReader]:
        joined = self._groups.setdefault(group, Group())
        reader = MemoryReader(self, joined, frozenset(topics))
        if not from_start:
            for spot, log in self._logs.items():
                if spot[0] in topics:
                    joined.committed.setdefault(spot, log.end)
        joined.members.append(reader)
        joined.share_out(self._logs)
        try:
            yield reader
        finally:
            joined.members.remove(reader)
            joined.share_out(self._logs)

    async def cluster_id(self) -> str:
        self.check_up()
        return self._cluster_id

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        self.check_up()
        found = self._groups.get(group)
        return {spot[1]: offset for spot, offset in found.committed.items() if spot[0] == topic} if found else {}

    async def stretches(self, topic: str) -> Mapping[int, Stretch]:
        self.check_up()
        return {number: Stretch(log.first, log.end) for (name, number), log in self._logs.items() if name == topic}

    async def kept(self, topic: str, since: Mapping[int, int] | None = None) -> AsyncGenerator[list[Received]]:
        for number, stretch in (await self.stretches(topic)).items():
            first = max(stretch.first, (since or {}).get(number, 0))
            if batch := self._logs[topic, number].read(first, stretch.end - first):
                yield batch

    async def missing(self) -> frozenset[str]:
        self.check_up()
        return frozenset()

    def joined(self) -> frozenset[str]:
        return frozenset() if self.down else frozenset(name for name, group in self._groups.items() if group.members)

    async def reachable(self) -> bool:
        return not self.down

    def wiped(self) -> None:
        """As if the broker came back empty: messages and commits are gone, the topics are made anew."""
        self._cluster_id = uuid.uuid4().hex
        for group in self._groups.values():
            group.committed.clear()
        self._logs.clear()
        self._make_logs(self._specs.values())

    def check_up(self) -> None:
        if self.down:
            raise BusDown("the memory bus is switched off")

    def log(self, spot: Spot) -> Log:
        return self._logs[spot]

    def _append(self, message: Message, at: datetime) -> Placed:
        spec = self._specs[message.topic]
        partition = crc32(message.key) % spec.partitions
        return Placed(partition, self._logs[message.topic, partition].append(message, at))

    def _make_logs(self, specs: Iterable[TopicSpec]) -> None:
        for spec in specs:
            retention = None if spec.compacted else spec.retention
            self._logs |= {(spec.name, number): Log(number, retention) for number in range(spec.partitions)}
        for group in self._groups.values():
            group.share_out(self._logs)

    def _wake(self) -> None:
        for group in self._groups.values():
            for member in group.members:
                member.wake()


class MemoryReader:
    """A member of a group on the memory bus."""

    def __init__(self, bus: MemoryBus, group: Group[MemoryReader], topics: frozenset[str]) -> None:
        self.topics = topics
        self._bus = bus
        self._group = group
        self._bookmarks = Bookmarks()
        self._positions: dict[Spot, int] = {}
        self._news = asyncio.Event()

    def assign(self, positions: dict[Spot, int]) -> None:
        """Other partitions, or the same ones again: either way reading goes on from what is committed."""
        self._bookmarks.forget()
        self._positions = positions
        self.wake()

    def wake(self) -> None:
        self._news.set()

    async def batch(self, most: int, within: timedelta) -> list[Received]:
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(within.total_seconds()):
                while not (taken := self._take(most)):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return []
        self._bookmarks.hand_out(taken)
        return taken

    async def commit(self, batch: Sequence[Received]) -> None:
        self._bus.check_up()
        offsets = self._bookmarks.after(batch)
        self._group.committed.update(offsets)
        self._bookmarks.committed(offsets)

    async def rewind(self) -> None:
        self._positions |= self._bookmarks.rewind()
        self.wake()

    async def lag(self) -> int:
        self._bus.check_up()
        return sum(self._bus.log(spot).end - self._group.start(spot, self._bus.log(spot)) for spot in self._positions)

    def _take(self, most: int) -> list[Received]:
        taken: list[Received] = []
        for spot in [] if self._bus.down else list(self._positions):
            found = self._bus.log(spot).read(self._positions[spot], most - len(taken))
            if found:
                del self._positions[spot]  # and in again as the last: a busy partition does not starve the others
                self._positions[spot] = found[-1].offset + 1
                taken += found
        return taken
