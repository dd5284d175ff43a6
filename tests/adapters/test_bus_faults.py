"""The broker dies, hangs, comes late or comes back empty, and the same bus goes on. In memory and on a real Kafka."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from deploy.local import Engines
from shaoyin.adapters.bus import Bus, BusDown, Fenced, MemoryBus, Message, Reader, Received, TopicSpec
from shaoyin.adapters.kafka import KafkaBus
from tests.engines import own_engines

TOPIC = "shaoyin.reports.v1"
SPECS = [TopicSpec(TOPIC, 2, timedelta(days=7))]
SOON = timedelta(milliseconds=300)
LONG = 30.0
EVERY = range(1, 11)
"""Numbers of messages that lie in both partitions."""


class Broker(Protocol):
    """What happens to a broker; nobody tells the bus."""

    def bus(self) -> AbstractAsyncContextManager[Bus]: ...
    async def dies(self) -> None: ...
    async def comes_back(self) -> None: ...
    async def comes_back_empty(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self._bus = MemoryBus()

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[MemoryBus]:
        yield self._bus

    async def dies(self) -> None:
        self._bus.down = True

    async def comes_back(self) -> None:
        self._bus.down = False

    async def comes_back_empty(self) -> None:
        self._bus.wiped()
        self._bus.down = False


class RealKafka:
    def __init__(self, engines: Engines, prefix: str) -> None:
        self._engines = engines
        self._prefix = prefix

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[KafkaBus]:
        bus = KafkaBus(self._engines.kafka_address, prefix=self._prefix, send_within=timedelta(seconds=3))
        await bus.start()
        try:
            yield bus
        finally:
            await bus.stop()

    async def dies(self) -> None:
        await asyncio.to_thread(self._engines.kill_kafka)

    async def comes_back(self) -> None:
        await asyncio.to_thread(self._engines.start_kafka)

    async def comes_back_empty(self) -> None:
        await asyncio.to_thread(self._engines.wipe_kafka)
        await asyncio.to_thread(self._engines.start_kafka)


@pytest.fixture(scope="module")
def kafka_to_kill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with own_engines(tmp_path_factory.mktemp("kafka_to_kill")) as engines:
        yield engines


@pytest.fixture
def kafka(kafka_to_kill: Engines, topic_prefix: str) -> RealKafka:
    kafka_to_kill.start_kafka()
    return RealKafka(kafka_to_kill, topic_prefix)


@pytest.fixture
def absent_kafka(kafka_to_kill: Engines, topic_prefix: str) -> RealKafka:
    kafka_to_kill.kill_kafka()
    return RealKafka(kafka_to_kill, topic_prefix)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=[pytest.mark.engines, pytest.mark.faults])])
def broker(request: pytest.FixtureRequest) -> Broker:
    if request.param == "memory":
        return InMemory()
    found: RealKafka = request.getfixturevalue("kafka")
    return found


def messages(*numbers: int) -> list[Message]:
    return [Message(TOPIC, b"case-%d" % (number % 5), str(number).encode()) for number in numbers]


async def read(reader: Reader, *numbers: int) -> list[Received]:
    """Until all of them came; what came besides is in it too."""
    found: list[Received] = []
    async with asyncio.timeout(LONG):
        while not {str(number).encode() for number in numbers} <= {each.value for each in found}:
            found += await reader.batch(500, SOON)
    return found


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """It lives and listens and says nothing: every thread of it stands still."""
    os.kill(pid, signal.SIGSTOP)
    try:
        until = time.monotonic() + LONG
        while not all(map(stands_still, Path(f"/proc/{pid}/task").iterdir())):
            assert time.monotonic() < until
            time.sleep(0.01)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def stands_still(thread: Path) -> bool:
    return (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"


async def send_as_soon_as_possible(bus: Bus, batch: Sequence[Message]) -> None:
    async with asyncio.timeout(LONG):
        while True:
            try:
                await bus.send(batch)
            except BusDown:
                await asyncio.sleep(0.2)
            else:
                return


@pytest.mark.engines
@pytest.mark.faults
async def test_a_bus_started_before_its_broker_works_once_the_broker_is_there(absent_kafka: RealKafka) -> None:
    async with absent_kafka.bus() as bus:
        await bus.ensure_topics(SPECS)
        assert not await bus.reachable()
        with pytest.raises(BusDown):
            await bus.send(messages(1))
        async with bus.reader("router", [TOPIC]) as reader:
            assert await reader.batch(500, SOON) == []
            with pytest.raises(BusDown):
                await reader.lag()
            await absent_kafka.comes_back()
            await send_as_soon_as_possible(bus, messages(1, 2))
            await reader.commit(await read(reader, 1, 2))
            assert await reader.lag() == 0


async def test_a_dead_broker_is_said_and_when_it_is_back_nothing_acknowledged_is_missing(broker: Broker) -> None:
    async with broker.bus() as bus:
        await bus.ensure_topics(SPECS)
        async with bus.reader("router", [TOPIC]) as reader:
            await bus.send(messages(0, 1, 2, 3))
            done = await read(reader, 0, 1, 2, 3)
            await reader.commit(done)
            cluster = await bus.cluster_id()
            await bus.send(messages(4, 5))
            await broker.dies()
            with pytest.raises(BusDown):
                await bus.send(messages(6))
            with pytest.raises(BusDown):
                await bus.cluster_id()
            with pytest.raises(BusDown):
                await bus.committed("router", TOPIC)
            assert not await bus.reachable()
            await reader.batch(500, SOON)
            await broker.comes_back()
            await send_as_soon_as_possible(bus, messages(6, 7))
            await reader.rewind()
            found = await read(reader, 4, 5, 6, 7)
            assert not {each.value for each in found} & {each.value for each in done}
            assert await bus.cluster_id() == cluster
            assert await bus.reachable()


async def test_a_broker_that_comes_back_empty_has_a_new_id_and_sender_and_reader_go_on(broker: Broker) -> None:
    async with broker.bus() as bus:
        await bus.ensure_topics(SPECS)
        async with bus.reader("router", [TOPIC]) as reader:
            await bus.send(messages(*range(20)))
            await reader.commit(await read(reader, *range(20)))
            await bus.send(messages(20))
            stale = await read(reader, 20)
            before = await bus.cluster_id()
            await broker.dies()
            await broker.comes_back_empty()
            await send_as_soon_as_possible(bus, messages(21, 22))
            assert await bus.cluster_id() != before
            with pytest.raises((Fenced, BusDown)):
                await reader.commit(stale)
            fresh = await read(reader, 21, 22)
            assert [each.offset for each in fresh if each.value == b"21"] == [0]
            await reader.commit(fresh)
            assert sum((await bus.committed("router", TOPIC)).values()) == len({each.value for each in fresh})


@pytest.mark.engines
@pytest.mark.faults
async def test_a_broker_that_hangs_is_not_waited_for_longer_than_agreed(
    kafka: RealKafka, kafka_to_kill: Engines
) -> None:
    pid = kafka_to_kill.kafka.child.pid()
    assert pid is not None
    async with kafka.bus() as bus:
        await bus.ensure_topics(SPECS)
        await bus.send(messages(1))
        with stopped(pid):
            async with asyncio.timeout(6):
                with pytest.raises(BusDown):
                    await bus.send(messages(2))
        await send_as_soon_as_possible(bus, messages(3))
        async with bus.reader("router", [TOPIC]) as reader:
            await read(reader, 1, 3)


@pytest.mark.engines
async def test_a_reader_that_begins_anew_as_it_is_closed_leaves_no_member_behind(kafka: RealKafka) -> None:
    """One that is forgotten and lives on would keep its partitions, and nobody would read them any more."""
    async with kafka.bus() as bus:
        await bus.ensure_topics(SPECS)
        await bus.send(messages(*EVERY))
        async with bus.reader("router", [TOPIC]) as reader:
            await read(reader, *EVERY)
            reader.renew("the cluster was replaced")
        reader.renew("nobody told it that it is closed")
        async with bus.reader("router", [TOPIC]) as reader:
            await read(reader, *EVERY)
