"""What lies on a topic, message by message, and asking for everything again as a reader does after a wipe."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shaoyin.adapters.bus import Message, Received
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.envelope import ReplayAsked, write_replay
from shaoyin.contracts.topics import CASES, REPLAYS, TOPICS
from tests.faults.stored import content

QUIET_FOR = timedelta(seconds=3)


@dataclass
class OnTopic:
    """The contents each event id was seen with; one each, however often it was sent."""

    messages: int = 0
    said: dict[str, set[bytes]] = field(default_factory=dict)

    def see(self, received: Received) -> None:
        self.messages += 1
        ident = dict(received.headers)["ce_id"].decode()
        self.said.setdefault(ident, set()).add(content(received.key, received.value))

    @property
    def differently(self) -> Iterator[str]:
        return (ident for ident, said in self.said.items() if len(said) > 1)


def news_on_topic(kafka: str) -> OnTopic:
    return asyncio.run(_all_of(kafka, [CASES.name], again=False))


def news_after_replay(kafka: str) -> OnTopic:
    """Everything is asked for again, since the beginning; the topic is then read from its start."""
    return asyncio.run(_all_of(kafka, [CASES.name], again=True))


def dead_letters(kafka: str) -> int:
    return asyncio.run(_all_of(kafka, [topic.dead_letters for topic in TOPICS], again=False)).messages


async def _all_of(kafka: str, topics: Sequence[str], *, again: bool) -> OnTopic:
    bus, seen = KafkaBus(kafka), OnTopic()
    await bus.start()
    try:
        if again:
            asked = write_replay(ReplayAsked("notify", datetime(2000, 1, 1, tzinfo=UTC)))
            await bus.send([Message(REPLAYS.name, asked.key, asked.value, asked.headers)])
        async with bus.reader(f"check-{uuid4().hex}", topics) as reader:
            while batch := await reader.batch(2000, QUIET_FOR):
                for each in batch:
                    seen.see(each)
    finally:
        await bus.stop()
    return seen
