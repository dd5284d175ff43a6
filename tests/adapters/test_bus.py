"""What every bus promises, on the one in memory and on a real Kafka."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from shaoyin.adapters.bus import Bus, Fenced, MemoryBus, Message, Reader, Received, TooLarge, TopicSpec
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.kafka import KafkaBus

TOPIC = "shaoyin.reports.v1"
OTHER = "shaoyin.cases.v1"
SOON = timedelta(milliseconds=300)
LONG = timedelta(seconds=20)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.engines)])
async def bus(request: pytest.FixtureRequest, topic_prefix: str) -> AsyncIterator[Bus]:
    made: Bus
    if request.param == "memory":
        made = MemoryBus()
    else:
        made = KafkaBus(request.getfixturevalue("kafka_address"), prefix=topic_prefix)
    await made.start()
    await made.ensure_topics([TopicSpec(TOPIC, 3, timedelta(days=7)), TopicSpec(OTHER, 1, None)])
    yield made
    await made.stop()


def message(key: str, value: str = "", topic: str = TOPIC) -> Message:
    return Message(topic, key.encode(), value.encode())


def messages(count: int, keys: int = 12) -> list[Message]:
    return [message(f"case-{number % keys}", str(number)) for number in range(count)]


async def read(reader: Reader, count: int) -> list[Received]:
    """At least `count`, and whatever came with the last of them."""
    found: list[Received] = []
    async with asyncio.timeout(LONG.total_seconds()):
        while len(found) < count:
            found += await reader.batch(500, SOON)
    return found


def values(batch: Sequence[Received]) -> list[str]:
    return sorted((each.value.decode() for each in batch), key=int)


async def test_messages_with_the_same_key_arrive_in_the_order_they_were_sent(bus: Bus) -> None:
    await bus.send(messages(100))
    await bus.send([message("case-3", "100"), message("case-3", "101")])
    async with bus.reader("router", [TOPIC]) as reader:
        found = await read(reader, 102)
    by_key: dict[bytes, list[int]] = defaultdict(list)
    for each in found:
        by_key[each.key].append(int(each.value))
    assert len(found) == 102
    assert all(numbers == sorted(numbers) for numbers in by_key.values())
    assert by_key[b"case-3"][-2:] == [100, 101]


async def test_a_key_always_lies_in_the_same_partition_and_keys_are_spread(bus: Bus) -> None:
    placed = await bus.send(messages(60))
    partitions = [{place.partition for place in placed[key::12]} for key in range(12)]
    assert all(len(found) == 1 for found in partitions)
    assert len(set[int]().union(*partitions)) > 1


async def test_headers_with_repeated_names_and_empty_and_chinese_values_survive(bus: Bus) -> None:
    headers = (("ce_type", b"report.received"), ("note", "夜里漏水".encode()), ("note", b""))
    before = SystemClock().now() - timedelta(seconds=5)
    sent = [Message(OTHER, "甲".encode(), b"", headers), Message(OTHER, b"b", "楼道积水".encode())]
    placed = await bus.send(sent)
    async with bus.reader("notify", [OTHER]) as reader:
        empty, full = await read(reader, 2)
    assert (empty.topic, empty.key, empty.value, empty.headers) == (OTHER, "甲".encode(), b"", headers)
    assert (full.value.decode(), full.headers) == ("楼道积水", ())
    assert [(each.partition, each.offset) for each in (empty, full)] == [(p.partition, p.offset) for p in placed]
    assert before < full.timestamp_at < SystemClock().now() + timedelta(seconds=5)


async def test_a_batch_that_was_not_committed_is_read_again_by_the_next_member(bus: Bus) -> None:
    await bus.send(messages(10))
    async with bus.reader("router", [TOPIC]) as first:
        seen = await read(first, 10)
    async with bus.reader("router", [TOPIC]) as second:
        again = await read(second, 10)
    assert values(again) == values(seen) == [str(number) for number in range(10)]


async def test_what_was_committed_is_not_read_again_by_the_next_member(bus: Bus) -> None:
    await bus.send(messages(10))
    async with bus.reader("router", [TOPIC]) as first:
        await first.commit(await read(first, 10))
    await bus.send([message("case-1", "10")])
    async with bus.reader("router", [TOPIC]) as second:
        assert values(await read(second, 1)) == ["10"]


async def test_committed_tells_the_first_offset_that_is_not_done_in_each_partition(bus: Bus) -> None:
    placed = await bus.send(messages(30))
    assert await bus.committed("router", TOPIC) == {}
    async with bus.reader("router", [TOPIC, OTHER]) as reader:
        await reader.commit(await read(reader, 30))
        ends = {place.partition: place.offset + 1 for place in placed}
        assert await bus.committed("router", TOPIC) == ends
    assert await bus.committed("router", OTHER) == {}
    assert await bus.committed("notify", TOPIC) == {}


async def test_part_of_a_batch_can_be_committed(bus: Bus) -> None:
    await bus.send([message("case-1", str(number), OTHER) for number in range(10)])
    async with bus.reader("router", [OTHER]) as reader:
        batch = await read(reader, 10)
        await reader.commit(batch[:4])
    async with bus.reader("router", [OTHER]) as next_one:
        assert values(await read(next_one, 6)) == ["4", "5", "6", "7", "8", "9"]


async def test_a_batch_given_up_is_read_again_after_a_rewind(bus: Bus) -> None:
    await bus.send(messages(20))
    async with bus.reader("router", [TOPIC]) as reader:
        done = await read(reader, 20)
        await reader.commit(done)
        await bus.send([message("case-1", "20"), message("case-2", "21")])
        given_up = await read(reader, 2)
        await reader.rewind()
        with pytest.raises(Fenced):
            await reader.commit(given_up)
        again = await read(reader, 2)
        await reader.commit(again)
        assert values(again) == values(given_up) == ["20", "21"]
        assert await reader.batch(10, SOON) == []


async def test_committing_a_later_batch_first_does_not_lose_its_place(bus: Bus) -> None:
    await bus.send([message("case-1", str(number), OTHER) for number in range(4)])
    async with bus.reader("router", [OTHER]) as reader:
        early, late = await reader.batch(2, LONG), await reader.batch(2, LONG)
        await reader.commit(late)
        await reader.commit(early)
        assert await bus.committed("router", OTHER) == {0: 4}


async def test_a_batch_is_never_larger_than_asked_and_empty_when_nothing_came(bus: Bus) -> None:
    async with bus.reader("router", [TOPIC]) as reader:
        assert await reader.batch(5, timedelta(milliseconds=50)) == []
        await bus.send(messages(12))
        sizes: list[int] = []
        while sum(sizes) < 12:
            sizes.append(len(await reader.batch(5, LONG)))
        assert max(sizes) <= 5
        assert sum(sizes) == 12


async def test_a_waiting_reader_gets_a_message_as_soon_as_it_comes(bus: Bus) -> None:
    async with bus.reader("router", [OTHER]) as reader:
        await reader.batch(1, SOON)
        waiting = asyncio.create_task(reader.batch(10, LONG))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await bus.send([message("case-1", "1", OTHER)])
        assert values(await waiting) == ["1"]
        assert time.monotonic() - started < LONG.total_seconds() / 4


async def test_two_members_share_the_partitions_and_together_read_everything_once(bus: Bus) -> None:
    async with bus.reader("router", [TOPIC]) as one, bus.reader("router", [TOPIC]) as two:
        await one.batch(1, SOON)
        await two.batch(1, SOON)
        await bus.send(messages(300, keys=40))
        found: list[list[Received]] = [[], []]
        async with asyncio.timeout(LONG.total_seconds()):
            while sum(map(len, found)) < 300:
                for share, reader in zip(found, (one, two), strict=True):
                    batch = await reader.batch(500, timedelta(milliseconds=100))
                    await reader.commit(batch)
                    share += batch
    assert values(found[0] + found[1]) == [str(number) for number in range(300)]
    partitions = [{each.partition for each in share} for share in found]
    assert all(partitions)
    assert not partitions[0] & partitions[1]


async def test_a_batch_is_fenced_when_another_member_joins_before_it_is_committed(bus: Bus) -> None:
    await bus.send(messages(10))
    async with bus.reader("router", [TOPIC]) as first:
        batch = await read(first, 10)
        async with bus.reader("router", [TOPIC]) as second:
            with pytest.raises(Fenced):
                await first.commit(batch)
            shares = [*await second.batch(500, SOON)]
            async with asyncio.timeout(LONG.total_seconds()):
                while len(shares) < 10:
                    shares += [*await first.batch(500, SOON), *await second.batch(500, SOON)]
            assert values(shares) == values(batch)


async def test_every_group_reads_everything(bus: Bus) -> None:
    await bus.send(messages(10))
    async with bus.reader("intake", [TOPIC]) as intake, bus.reader("notify", [TOPIC]) as notify:
        assert values(await read(intake, 10)) == values(await read(notify, 10))


async def test_one_reader_reads_several_topics(bus: Bus) -> None:
    await bus.send([message("a", "1"), message("a", "2", OTHER)])
    async with bus.reader("notify", [TOPIC, OTHER]) as reader:
        assert {(each.topic, each.value) for each in await read(reader, 2)} == {(TOPIC, b"1"), (OTHER, b"2")}


async def test_a_group_that_wants_only_what_is_new_skips_what_was_there_and_nothing_after(bus: Bus) -> None:
    await bus.send(messages(10))
    async with bus.reader("desk", [TOPIC], from_start=False) as reader:
        await bus.send([message("case-1", "10")])
        assert values(await read(reader, 1)) == ["10"]
    async with bus.reader("desk", [TOPIC], from_start=False) as again:
        assert values(await read(again, 1)) == ["10"]


async def test_lag_counts_what_is_not_committed(bus: Bus) -> None:
    await bus.send(messages(10))
    async with bus.reader("router", [TOPIC]) as reader:
        assert await reader.lag() == 10
        batch = await read(reader, 10)
        assert await reader.lag() == 10
        await reader.commit(batch)
        assert await reader.lag() == 0


async def test_making_a_topic_twice_changes_nothing(bus: Bus) -> None:
    await bus.send(messages(10))
    await bus.ensure_topics([TopicSpec(TOPIC, 1, None), TopicSpec("shaoyin.packs.v1", 1, None, compacted=True)])
    async with bus.reader("router", [TOPIC]) as reader:
        assert len(await read(reader, 10)) == 10
    await bus.send([message("chunxi", "1", "shaoyin.packs.v1")])


async def test_a_message_no_broker_would_take_is_refused_and_nothing_of_its_batch_is_sent(bus: Bus) -> None:
    with pytest.raises(TooLarge, match=TOPIC):
        await bus.send([message("a", "1"), Message(TOPIC, b"b", b"x" * 1_000_001)])
    placed = await bus.send([Message(TOPIC, b"b", b"x" * 999_999)])
    assert placed[0].offset == 0
    async with bus.reader("router", [TOPIC]) as reader:
        assert [len(each.value) for each in await read(reader, 1)] == [999_999]


async def test_sending_nothing_is_no_work(bus: Bus) -> None:
    assert list(await bus.send([])) == []


async def test_the_cluster_keeps_its_id_and_is_reachable(bus: Bus) -> None:
    known = await bus.cluster_id()
    assert known
    assert await bus.cluster_id() == known
    assert await bus.reachable()
