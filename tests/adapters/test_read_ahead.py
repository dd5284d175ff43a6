"""One batch in hand: the next is worked out while the last is written, and what fails is read again in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from shaoyin.adapters.bus import BusDown, MemoryBus, Message, Received, TopicSpec
from shaoyin.adapters.read_ahead import Work, read_ahead

TOPIC, GROUP = "reports", "router"


@dataclass
class Desk:
    """Writes what it is told, when it is allowed to; `fails` says how often the store is away."""

    fails: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    prepared: list[bytes] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    given_back: int = 0

    async def prepare(self, batch: Sequence[Received]) -> list[bytes]:
        self.prepared += [each.value for each in batch]
        return [each.value for each in batch]

    async def finish(self, values: list[bytes]) -> None:
        await self.open.wait()
        if self.fails:
            self.fails -= 1
            raise BusDown
        self.written += values

    def give_back(self) -> None:
        self.given_back += 1

    @property
    def work(self) -> Work[list[bytes]]:
        return Work(self.prepare, self.finish, self.give_back)


@pytest.fixture
async def bus() -> MemoryBus:
    bus = MemoryBus()
    await bus.ensure_topics([TopicSpec(TOPIC, 1, timedelta(days=1))])
    await bus.send([Message(TOPIC, b"k", str(number).encode(), ()) for number in range(9)])
    return bus


NINE = [str(number).encode() for number in range(9)]


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to that")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_next_batch_is_worked_out_while_the_last_is_written_and_no_further_one(bus: MemoryBus) -> None:
    desk = Desk()
    reading = asyncio.create_task(read_ahead(bus, GROUP, TOPIC, 3, desk.work))

    await _until(lambda: len(desk.prepared) == 6)
    await asyncio.sleep(0.05)
    assert (desk.prepared, desk.written) == (NINE[:6], [])

    desk.open.set()
    await _until(lambda: len(desk.written) == 9)
    assert desk.written == NINE
    await _ended(reading)


async def test_what_could_not_be_written_is_worked_out_and_written_again_in_order(bus: MemoryBus) -> None:
    desk = Desk(fails=2)
    desk.open.set()
    reading = asyncio.create_task(read_ahead(bus, GROUP, TOPIC, 3, desk.work))

    await _until(lambda: len(desk.written) == 9)

    assert desk.written == NINE
    assert desk.given_back == 2
    await _ended(reading)


async def test_whoever_ends_in_the_middle_has_committed_nothing_that_was_not_written(bus: MemoryBus) -> None:
    first = Desk()
    reading = asyncio.create_task(read_ahead(bus, GROUP, TOPIC, 3, first.work))
    await _until(lambda: len(first.prepared) == 6)
    await _ended(reading)

    second = Desk()
    second.open.set()
    reading = asyncio.create_task(read_ahead(bus, GROUP, TOPIC, 3, second.work))
    await _until(lambda: len(second.written) == 9)

    assert (first.written, second.written) == ([], NINE)
    await _ended(reading)


async def test_a_fault_of_our_own_is_not_taken_for_an_engine_that_is_away(bus: MemoryBus) -> None:
    async def finish(_values: list[bytes]) -> None:
        raise LookupError

    desk = Desk()
    with pytest.raises(LookupError):
        await read_ahead(bus, GROUP, TOPIC, 3, Work(desk.prepare, finish, desk.give_back))
