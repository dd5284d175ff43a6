"""The bus between the services: what every bus can do. KafkaBus is in kafka.py, MemoryBus in memory_bus.py."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from shaoyin.adapters.bus_terms import BusDown, Fenced, Message, Placed, Received, Stretch, TooLarge, TopicSpec
from shaoyin.adapters.memory_bus import MemoryBus

__all__ = [
    "Bus",
    "BusDown",
    "Fenced",
    "MemoryBus",
    "Message",
    "Placed",
    "Reader",
    "Received",
    "Stretch",
    "TooLarge",
    "TopicSpec",
]


class Reader(Protocol):
    """One member of a group: the partitions of the topics are shared out among the members."""

    async def batch(self, most: int, within: timedelta) -> Sequence[Received]:
        """Waits up to `within` for a first message, then takes what is there, `most` at most; empty when none came.

        While the broker is away it is empty too. The order within a partition is the order of sending.
        """

    async def commit(self, batch: Sequence[Received]) -> None:
        """Nobody in the group reads up to the end of `batch` again. Raises Fenced, or BusDown when it is not known;
        after either the batch may be read again.
        """

    async def rewind(self) -> None:
        """Back to what was committed last: a batch given up is read again."""

    async def lag(self) -> int:
        """Messages in this reader's partitions that are not committed. Raises BusDown."""


class Bus(Protocol):
    """At least once: what is acknowledged is read by every group until it commits."""

    async def start(self) -> None:
        """Returns also when the broker is away; the connection is then made as soon as it is there."""

    async def stop(self) -> None: ...

    async def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Makes the topics that are not there; one that is stays as it is.

        The specs are kept: while the broker is away, and when it comes back empty, they are made on its return.
        """

    async def send(self, messages: Sequence[Message]) -> Sequence[Placed]:
        """Returns when every message is acknowledged, with the place of each. Raises BusDown and TooLarge."""

    def reader(
        self, group: str, topics: Sequence[str], *, from_start: bool = True
    ) -> AbstractAsyncContextManager[Reader]:
        """Joins the group for the duration. A group that never committed reads from the start, or else what is sent
        from now on.
        """

    async def cluster_id(self) -> str:
        """Another one means another, or an emptied, broker. Raises BusDown."""

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        """By partition, the first offset the group has not committed; partitions without a commit are missing.

        Raises BusDown.
        """

    async def stretches(self, topic: str) -> Mapping[int, Stretch]:
        """What the topic holds now, by partition; empty where there is no such topic. Raises BusDown."""

    def kept(self, topic: str, since: Mapping[int, int] | None = None) -> AsyncGenerator[Sequence[Received]]:
        """What the topic holds now, in batches, from these offsets on or from the start; no group is joined and
        nothing is committed. Raises BusDown.
        """

    async def missing(self) -> frozenset[str]:
        """The topics among those that were asked for which the broker does not have. Raises BusDown."""

    def joined(self) -> frozenset[str]:
        """The groups in which a reader of this process has its place."""

    async def reachable(self) -> bool: ...
