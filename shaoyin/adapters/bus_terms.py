"""The words both buses speak: what is sent, what is received, where it lies, and what can go wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from shaoyin.domain.frozen import dataclass

LARGEST = 1_000_000
"""Bytes of key, value and headers together; just under what a Kafka broker takes by default (message.max.bytes)."""

Spot = tuple[str, int]
"""A topic and one of its partitions."""


class BusDown(Exception):  # noqa: N818 - the state of the world, not a fault of the program
    """The broker cannot be reached, or did not acknowledge in time. Messages may have arrived: sending again is safe
    where the reader knows a repeat by its id.
    """


class TooLarge(ValueError):  # noqa: N818 - said of the message
    """No broker will ever take this message; nothing of the batch was sent."""


class Fenced(Exception):  # noqa: N818 - the word for a member whose work was given to another
    """The batch no longer belongs to this reader: its partitions were given out anew, it was rewound, or the cluster
    was replaced. It will be read again, by this reader or another.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """Messages with the same key keep their order; header names may repeat."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def size(self) -> int:
        size = len(self.key) + len(self.value)
        for name, value in self.headers:  # a sum over a generator costs twice as much, and every message is asked
            size += len(name) + len(value)
        return size


@dataclass(frozen=True, slots=True)
class Received:
    """A message where it lies. `timestamp_at` is when it was sent, by the sender's clock."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    partition: int
    offset: int
    timestamp_at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an acknowledged message lies. The offset is -1 where the broker only remembers that it has it."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """The offsets that a partition holds: the first one kept, and the one that comes next."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """`retention` None keeps for ever; a compacted topic keeps at least the last message of each key."""

    name: str
    partitions: int
    retention: timedelta | None
    compacted: bool = False


def refuse_too_large(messages: Iterable[Message], largest: int) -> None:
    """Raises TooLarge for the first message over `largest` bytes."""
    for message in messages:
        if message.size > largest:
            raise TooLarge(f"a message for {message.topic} has {message.size} bytes, at most {largest} are taken")
