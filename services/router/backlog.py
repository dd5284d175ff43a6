"""What waits at the router: news that is not out, deadlines that are not announced, dead letters nobody has seen to.

Each is asked of its own small index, and no count goes further than an operator needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shaoyin.adapters.bus import Bus, Stretch
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.dead_letters import Place, outcomes_since
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Collection, Database, Document, store_needed
from shaoyin.contracts.topics import TOPICS, Topic

COUNTED_AT_MOST = 10_000
LOOKED_AT = 500
UNSENT: Document = {"unsent_from": {"$type": "int"}}


class Backlog:
    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._outboxes: dict[str, tuple[Collection, str]] = {
            "cases": (database["cases"], "unsent"), "enrolments": (database["registrations"], "outbox"),
        }  # fmt: skip
        self._cases: Collection = database["cases"]
        self._clock = clock
        self._metrics = metrics

    @store_needed()
    async def measure_outboxes(self) -> None:
        """The age is that of the oldest last change among the first few hundred: close enough to be alarmed by."""
        for of, (collection, index) in self._outboxes.items():
            unsent = await collection.count_documents(UNSENT, limit=COUNTED_AT_MOST, hint=index)
            some = collection.find(UNSENT, {"last_at": 1}).limit(LOOKED_AT).hint(index)
            self._metrics.outbox(of, unsent, self._age(min([each["last_at"] async for each in some], default=None)))

    @store_needed()
    async def measure_overdue(self) -> None:
        where = {"next_due_at": {"$type": "date", "$lt": self._clock.now()}}
        overdue = await self._cases.count_documents(where, limit=COUNTED_AT_MOST, hint="next_due")
        first = (
            await self._cases.find(where, {"next_due_at": 1})
            .sort("next_due_at", 1)
            .hint("next_due")
            .limit(1)
            .to_list(1)
        )
        self._metrics.overdue(overdue, self._age(first[0]["next_due_at"] if first else None))

    def _age(self, at: datetime | None) -> float:
        return 0.0 if at is None else (self._clock.now() - at).total_seconds()


@dataclass
class _Followed:
    """One topic's dead letters: how far they were read, and which are open."""

    upto: dict[int, int] = field(default_factory=dict)
    open: set[Place] = field(default_factory=set)


class OpenLetters:
    """Follows every topic of dead letters from its start; between two looks only what came is read."""

    def __init__(self, bus: Bus, metrics: Metrics) -> None:
        self._bus = bus
        self._metrics = metrics
        self._followed = {topic: _Followed() for topic in TOPICS}

    async def measure(self) -> None:
        """Raises BusDown."""
        for topic, followed in self._followed.items():
            stretches = await self._bus.stretches(topic.dead_letters)
            if any(stretches.get(number, Stretch(0, 0)).end < upto for number, upto in followed.upto.items()):
                followed.upto, followed.open = {}, set()  # another broker: its offsets mean other messages
            await self._read_on(topic, followed, stretches)
            self._metrics.dead_letters_open(topic.name, len(followed.open))

    async def _read_on(self, topic: Topic, followed: _Followed, stretches: Mapping[int, Stretch]) -> None:
        if all(stretch.end == followed.upto.get(number, 0) for number, stretch in stretches.items()):
            return
        fresh, seen_to = await outcomes_since(self._bus, topic, followed.upto)
        followed.open = {
            (number, offset) for number, offset in (followed.open | fresh) - seen_to
            if number in stretches and offset >= stretches[number].first
        }  # fmt: skip
        followed.upto = {number: stretch.end for number, stretch in stretches.items()}
