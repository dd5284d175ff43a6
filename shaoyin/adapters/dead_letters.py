"""Messages that nobody could read or decide: laid aside whole with the reason, found again, and sent once more.

What became of a dead letter is noted on its own topic, behind it: so the note lives at least as long as the letter,
whatever the broker forgets of groups that nobody reads with. A crash between sending and noting sends twice, which
every reader knows by the message's id.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

from shaoyin.adapters.bus import Bus, Message, Received
from shaoyin.adapters.bus_terms import LARGEST
from shaoyin.contracts.topics import Topic

DETAIL_AT_MOST = 500
ADDED = ("reason", "detail", "reader")
MOST = 200
Outcome = Literal["replayed", "dismissed"]
OUTCOMES: tuple[Outcome, ...] = ("replayed", "dismissed")
Place = tuple[int, int]
"""Partition and offset."""


class Told(Protocol):
    """What a bus carried, or was about to carry."""

    @property
    def key(self) -> bytes: ...
    @property
    def value(self) -> bytes: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One of a topic's dead letters, without the content; `size` is the content's."""

    topic: str
    partition: int
    offset: int
    at: datetime
    headers: tuple[tuple[str, bytes], ...]
    size: int
    outcome: Outcome | None = None

    @property
    def place(self) -> str:
        return f"{self.partition}:{self.offset}" if self.partition else str(self.offset)

    @property
    def ident(self) -> str:
        return self.said("ce_id")

    @property
    def lost(self) -> bool:
        """The content was too large to be laid aside, or there never was any: nothing can be sent again."""
        return self.size == 0

    def said(self, name: str) -> str:
        return next((value.decode(errors="replace") for each, value in self.headers if each == name), "")


Found = tuple[DeadLetter, Received]


@dataclass(slots=True)
class Done:
    """What sending again came to. `same` were copies of a message that was sent already."""

    sent: int = 0
    same: int = 0
    lost: list[DeadLetter] = field(default_factory=list)


def dead_letter(told: Told, topic: Topic, reader: str, reason: str, detail: str = "") -> Message:
    """The message as it was, with the reason; the detail names the field, never its content."""
    why = (("reason", reason.encode()), ("detail", detail[:DETAIL_AT_MOST].encode()), ("reader", reader.encode()))
    return fitting(Message(topic.dead_letters, told.key, told.value, (*told.headers, *why)))


def fitting(dead: Message, largest: int = LARGEST) -> Message:
    """One that is too large with its reason keeps key and headers alone: a dead letter always gets away."""
    return dead if dead.size <= largest else replace(dead, value=b"")


async def dead_letters(bus: Bus, topic: Topic) -> list[DeadLetter]:
    """All that are kept, oldest first, each with what became of it. Raises BusDown."""
    found: dict[Place, DeadLetter] = {}
    outcomes: dict[Place, Outcome] = {}
    async for each in _kept(bus, topic):
        if noted := noted_in(each):
            outcomes |= noted
        else:
            found[each.partition, each.offset] = _outlined(each, topic)
    return [replace(letter, outcome=outcomes.get(place)) for place, letter in found.items()]


async def outcomes_since(bus: Bus, topic: Topic, since: Mapping[int, int]) -> tuple[set[Place], set[Place]]:
    """The dead letters that lie from these offsets on, and those that were seen to since. Raises BusDown."""
    fresh: set[Place] = set()
    seen_to: set[Place] = set()
    async for each in _kept(bus, topic, since):
        if noted := noted_in(each):
            seen_to |= noted.keys()
        else:
            fresh.add((each.partition, each.offset))
    return fresh, seen_to


async def contents(bus: Bus, topic: Topic, letters: Iterable[DeadLetter]) -> AsyncGenerator[Found]:
    """The letters with what lies there, one after the other. Raises BusDown."""
    wanted = {(each.partition, each.offset): each for each in letters}
    since: dict[int, int] = {}
    for number, offset in wanted:
        since[number] = min(offset, since.get(number, offset))
    async for each in _kept(bus, topic, since):
        if (letter := wanted.get((each.partition, each.offset))) is not None:
            yield letter, each


async def replay(bus: Bus, topic: Topic, letters: Sequence[DeadLetter]) -> Done:
    """Sends the originals back to their topic, oldest first, and notes it, a few hundred at a time. Raises BusDown."""
    done = Done(lost=[each for each in letters if each.lost])
    known: set[int] = set()
    taken: list[DeadLetter] = []
    fresh: list[Message] = []
    async with aclosing(contents(bus, topic, [each for each in letters if not each.lost])) as found:
        async for letter, dead in found:
            original = original_of(dead, topic)
            taken.append(letter)
            if (mark := hash(original)) not in known:
                known.add(mark)
                fresh.append(original)
            if len(taken) == MOST:
                await _send_and_note(bus, topic, taken, fresh, done)
    await _send_and_note(bus, topic, taken, fresh, done)
    return done


async def _send_and_note(
    bus: Bus, topic: Topic, taken: list[DeadLetter], fresh: list[Message], done: Done
) -> None:  # fmt: skip
    """Leaves both lists empty."""
    await bus.send(fresh)
    await note(bus, topic, taken, "replayed")
    done.sent += len(fresh)
    done.same += len(taken) - len(fresh)
    taken.clear()
    fresh.clear()


async def note(bus: Bus, topic: Topic, letters: Sequence[DeadLetter], outcome: Outcome) -> None:
    """Behind the letters, on their own topic. Raises BusDown."""
    for first in range(0, len(letters), MOST):
        places = ",".join(f"{each.partition}:{each.offset}" for each in letters[first : first + MOST])
        await bus.send([Message(topic.dead_letters, b"note", b"", ((outcome, places.encode()),))])


def noted_in(message: Told) -> dict[Place, Outcome]:
    """What a note says became of which; empty for a dead letter."""
    noted: dict[Place, Outcome] = {}
    for outcome in OUTCOMES if message.key == b"note" else ():
        for places in (value.decode() for name, value in message.headers if name == outcome):
            pairs = (place.partition(":") for place in places.split(","))
            noted |= {(int(number), int(offset)): outcome for number, _, offset in pairs}
    return noted


def original_of(dead: Told, topic: Topic) -> Message:
    """As it was sent first: what was added when it was laid aside is taken off."""
    headers = tuple((name, value) for name, value in dead.headers if name not in ADDED)
    return Message(topic.name, dead.key, dead.value, headers)


async def _kept(bus: Bus, topic: Topic, since: Mapping[int, int] | None = None) -> AsyncGenerator[Received]:
    async with aclosing(bus.kept(topic.dead_letters, since)) as batches:
        async for batch in batches:
            for each in batch:
                yield each


def _outlined(each: Received, topic: Topic) -> DeadLetter:
    return DeadLetter(topic.name, each.partition, each.offset, each.timestamp_at, each.headers, len(each.value))
