"""What a broker keeps, in memory: one partition's messages, and what a group has committed of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from shaoyin.adapters.bus_terms import Message, Received, Spot

_LOOK_EVERY = 1024


class Log:
    """Appended at the end, forgotten from the start; an offset never means another message."""

    def __init__(self, partition: int, retention: timedelta | None) -> None:
        self._partition = partition
        self._retention = retention
        self._kept: list[Received] = []
        self.first = 0

    @property
    def end(self) -> int:
        return self.first + len(self._kept)

    def append(self, message: Message, at: datetime) -> int:
        offset = self.end
        received = Received(message.topic, message.key, message.value, message.headers, self._partition, offset, at)
        self._kept.append(received)
        if self._retention is not None and offset % _LOOK_EVERY == 0:
            self._forget_before(at - self._retention)
        return offset

    def read(self, offset: int, most: int) -> list[Received]:
        """From `offset`, or from the first still kept where that one is gone."""
        start = max(offset - self.first, 0)
        return self._kept[start : start + most]

    def _forget_before(self, at: datetime) -> None:
        gone = bisect_left(self._kept, at, key=lambda message: message.timestamp_at)
        del self._kept[:gone]
        self.first += gone


class Member(Protocol):
    topics: frozenset[str]

    def assign(self, positions: dict[Spot, int]) -> None: ...


M = TypeVar("M", bound=Member)


class Group(Generic[M]):
    """Who reads together, and how far they have come."""

    def __init__(self) -> None:
        self.members: list[M] = []
        self.committed: dict[Spot, int] = {}

    def start(self, spot: Spot, log: Log) -> int:
        return max(self.committed.get(spot, log.first), log.first)

    def share_out(self, logs: Mapping[Spot, Log]) -> None:
        """Round the members, partition by partition; every partition has exactly one reader."""
        shares: list[dict[Spot, int]] = [{} for _ in self.members]
        for number, spot in enumerate(sorted(logs)):
            able = [share for share, member in zip(shares, self.members, strict=True) if spot[0] in member.topics]
            if able:
                able[number % len(able)][spot] = self.start(spot, logs[spot])
        for member, share in zip(self.members, shares, strict=True):
            member.assign(share)
