"""How far one reader has come in each partition it holds now, so that it only commits what it was really handed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shaoyin.adapters.bus_terms import Fenced, Received, Spot


@dataclass(slots=True)
class _Stretch:
    committed: int
    handed_out: int


class Bookmarks:
    """Forgotten whenever partitions are given out anew.

    Without it a batch read from one cluster could be committed in its successor, where the same offsets are other
    messages, and those would never be read.
    """

    def __init__(self) -> None:
        self._stretches: dict[Spot, _Stretch] = {}

    def hand_out(self, batch: Iterable[Received]) -> None:
        for message in batch:
            spot = (message.topic, message.partition)
            stretch = self._stretches.get(spot)
            if stretch is None:
                stretch = self._stretches[spot] = _Stretch(message.offset, message.offset)
            stretch.handed_out = message.offset + 1

    def after(self, batch: Iterable[Received]) -> dict[Spot, int]:
        """The offsets to commit: one past the last of each partition; none where a later batch did so already.

        Raises Fenced when any of it was not handed out since the partitions were last given out, or was rewound.
        """
        ends: dict[Spot, int] = {}
        for message in batch:
            spot = (message.topic, message.partition)
            ends[spot] = max(ends.get(spot, 0), message.offset + 1)
        for (topic, partition), end in ends.items():
            stretch = self._stretches.get((topic, partition))
            if stretch is None or end > stretch.handed_out:
                raise Fenced(f"{topic}[{partition}] up to {end} is no longer this reader's to commit")
        return {spot: end for spot, end in ends.items() if end > self._stretches[spot].committed}

    def committed(self, offsets: Mapping[Spot, int]) -> None:
        for spot, offset in offsets.items():
            if spot in self._stretches:
                self._stretches[spot].committed = offset

    def rewind(self) -> dict[Spot, int]:
        """Where to read on: after the last commit, or where this reader began."""
        for stretch in self._stretches.values():
            stretch.handed_out = stretch.committed
        return {spot: stretch.committed for spot, stretch in self._stretches.items()}

    def start(self, spot: Spot) -> int | None:
        """The first offset not committed; None when nothing was handed out from there yet."""
        stretch = self._stretches.get(spot)
        return stretch.committed if stretch else None

    def forget(self) -> None:
        self._stretches.clear()
