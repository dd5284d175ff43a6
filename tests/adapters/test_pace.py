"""What a busy loop does now and then: its turns, and what it says it is done with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shaoyin.adapters.bus import Fenced, MemoryBus, Message, Reader, TopicSpec
from shaoyin.adapters.pace import Commits, Pace

TOPIC = "shaoyin.reports.v1"
SOON = timedelta(milliseconds=50)
NEVER = timedelta(hours=1)


@pytest.fixture
async def bus() -> MemoryBus:
    bus = MemoryBus()
    await bus.ensure_topics([TopicSpec(TOPIC, 1, None)])
    await bus.send([Message(TOPIC, b"k", b"%d" % number) for number in range(6)])
    return bus


@pytest.fixture
async def reader(bus: MemoryBus) -> AsyncIterator[Reader]:
    async with bus.reader("router", [TOPIC]) as reader:
        yield reader


async def committed(bus: MemoryBus) -> int:
    return sum((await bus.committed("router", TOPIC)).values())


async def test_the_first_turn_begins_at_once_and_the_next_one_so_much_later() -> None:
    pace, clock = Pace(SOON), asyncio.get_running_loop().time
    began = clock()
    await pace.turn()
    first = clock() - began
    await pace.turn()

    assert first < SOON.total_seconds() <= clock() - began


async def test_after_a_rest_a_turn_begins_at_once() -> None:
    pace, clock = Pace(SOON), asyncio.get_running_loop().time
    await pace.turn()
    await asyncio.sleep(2 * SOON.total_seconds())
    began = clock()
    await pace.turn()

    assert clock() - began < SOON.total_seconds()


async def test_the_first_batch_is_committed_at_once_and_the_following_ones_together(
    bus: MemoryBus, reader: Reader
) -> None:
    commits = Commits(reader, NEVER)
    seen = []
    for _ in range(3):
        await commits.done(await commits.batch(1, SOON))
        seen.append(await committed(bus))

    assert seen == [1, 1, 1]
    await commits.settle()
    assert await committed(bus) == 3


async def test_what_is_done_with_is_committed_when_its_time_has_come(bus: MemoryBus, reader: Reader) -> None:
    commits = Commits(reader, SOON)
    for _ in range(2):
        await commits.done(await commits.batch(1, SOON))
    await asyncio.sleep(SOON.total_seconds())
    await commits.done(await commits.batch(1, SOON))

    assert await committed(bus) == 3


async def test_where_no_batch_comes_what_is_done_with_is_committed_without_waiting_for_long(
    bus: MemoryBus, reader: Reader
) -> None:
    commits, clock = Commits(reader, SOON), asyncio.get_running_loop().time
    for most in (1, 5):
        await commits.done(await commits.batch(most, SOON))
    began = clock()

    assert not await commits.batch(1, timedelta(seconds=30))
    assert clock() - began < 5
    assert await committed(bus) == 6


async def test_what_is_given_back_is_not_committed_later(bus: MemoryBus, reader: Reader) -> None:
    commits = Commits(reader, NEVER)
    for _ in range(2):
        await commits.done(await commits.batch(1, SOON))
    commits.forget()
    await reader.rewind()
    again = await commits.batch(1, SOON)
    await commits.settle()

    assert again[0].value == b"1"
    assert await committed(bus) == 1


async def test_a_batch_that_is_somebody_elses_by_now_is_told_and_not_tried_again(
    bus: MemoryBus, reader: Reader
) -> None:
    commits = Commits(reader, NEVER)
    for _ in range(2):
        await commits.done(await commits.batch(1, SOON))
    await reader.rewind()
    with pytest.raises(Fenced):
        await commits.settle()
    await commits.settle()

    assert await committed(bus) == 1
