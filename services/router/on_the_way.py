"""Batches of news that go to the broker while the next ones are decided: a few, and never a queue that only grows."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

BATCHES = 4
ROOM_WITHIN = 1.0
"""Seconds that a batch waits for room before the broker counts as stuck; the sweep has it then."""
ENDS_WITHIN = 2.0


@dataclass(slots=True)
class OnTheWay:
    """Deadlines run on while Kafka is away, so nobody waits twice for the same batches."""

    _going: set[asyncio.Task[bool]] = field(default_factory=set)
    _stuck: frozenset[asyncio.Task[bool]] = frozenset()

    async def room(self) -> bool:
        """Whether one more may go. Raises what a batch failed with that went wrong by more than an engine away."""
        self._collect()
        if len(self._going) >= BATCHES and not self._going <= self._stuck:
            done, _ = await asyncio.wait(self._going, timeout=ROOM_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            self._stuck = frozenset() if done else frozenset(self._going)
            self._collect()
        return len(self._going) < BATCHES

    def start(self, publishing: Coroutine[object, object, bool]) -> None:
        self._going.add(asyncio.create_task(publishing))

    async def ended(self) -> None:
        """Whatever is left after a moment is cut off; its marks stay in the store."""
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=ENDS_WITHIN)
            for each in late:
                each.cancel()
        self._going.clear()

    def _collect(self) -> None:
        done = {each for each in self._going if each.done()}
        self._going -= done
        for each in done:
            each.result()
