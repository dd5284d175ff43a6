"""A job that fails is named, one that stands still too; one that waits for work, or for an engine, is neither."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from shaoyin.adapters.bus import BusDown, Fenced, MemoryBus, Message, TopicSpec
from shaoyin.adapters.groups_watch import GroupsWatch, NotJoined, Reading, Stuck
from shaoyin.adapters.jobs import Jobs, JobsFailing, JobsStalled, resting, turned, waiting
from shaoyin.adapters.metrics import Metrics

TOPIC = "shaoyin.reports.v1"
AT_ONCE = timedelta(milliseconds=50)


async def found(work: Callable[[], Awaitable[None]], *, after: float = 0.2) -> Exception | None:
    """What a check says of a job after some time."""
    jobs = Jobs(stalled_after=AT_ONCE)
    jobs.start("work", work)
    try:
        await asyncio.sleep(after)
        jobs.check()
    except (JobsFailing, JobsStalled) as said:
        return said
    finally:
        await jobs.stop()
    return None


async def crash() -> None:
    turned()
    raise KeyError


async def hang() -> None:
    turned()
    await asyncio.Event().wait()


async def rest() -> None:
    resting()
    await asyncio.Event().wait()


async def go_round() -> None:
    while True:
        turned()
        await asyncio.sleep(0.01)


async def wait_for_kafka() -> None:
    raise BusDown


async def wait_for_kafka_inside() -> None:
    while True:
        waiting(BusDown())
        await asyncio.sleep(0.01)


async def be_fenced_for_ever() -> None:
    while True:
        waiting(Fenced())
        await asyncio.sleep(0.01)


async def test_a_job_that_crashed_fails_until_a_round_went_well() -> None:
    tries = 0

    async def crash_once() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise KeyError
        await go_round()

    failed = await found(crash, after=0.05)
    assert isinstance(failed, JobsFailing)
    assert failed.which == ("work",)
    assert isinstance(await found(crash_once, after=0.05), JobsFailing)
    assert await found(crash_once, after=0.4) is None


async def test_a_job_that_neither_finishes_nor_fails_has_stalled() -> None:
    assert isinstance(await found(hang), JobsStalled)
    assert isinstance(await found(be_fenced_for_ever), JobsStalled)


@pytest.mark.parametrize("work", [rest, go_round, wait_for_kafka_inside])
async def test_a_job_that_waits_for_work_or_for_an_engine_is_well(work: Callable[[], Awaitable[None]]) -> None:
    assert await found(work) is None


async def test_a_job_that_waits_to_begin_again_because_an_engine_is_away_has_not_crashed() -> None:
    assert await found(wait_for_kafka, after=0.02) is None


@pytest.fixture
async def bus() -> MemoryBus:
    bus = MemoryBus()
    await bus.ensure_topics([TopicSpec(TOPIC, 1, None)])
    return bus


async def test_a_reader_that_holds_a_message_and_never_commits_is_stuck_and_its_lag_is_told(bus: MemoryBus) -> None:
    metrics = Metrics("router")
    watch = GroupsWatch(bus, metrics, [Reading("router", TOPIC)], stuck_after=0.0)
    async with bus.reader("router", [TOPIC]) as reader:
        await watch.look()
        await watch.check()
        await bus.send([Message(TOPIC, b"k", b"1"), Message(TOPIC, b"k", b"2")])
        batch = await reader.batch(1, AT_ONCE)
        await watch.look()
        await asyncio.sleep(0.01)
        with pytest.raises(Stuck) as stuck:
            await watch.check()
        assert stuck.value.which == (TOPIC,)
        assert b'reader="router",service="router",topic="shaoyin.reports.v1"} 2.0' in metrics.text()

        await reader.commit([*batch, *await reader.batch(1, AT_ONCE)])
        await watch.look()
        await watch.check()
        assert b'topic="shaoyin.reports.v1"} 0.0' in metrics.text()


async def test_a_group_without_a_reader_of_ours_is_named_and_while_the_bus_is_away_nobody_is_stuck(
    bus: MemoryBus,
) -> None:
    watch = GroupsWatch(bus, Metrics("router"), [Reading("router", TOPIC)], stuck_after=0.0)
    await bus.send([Message(TOPIC, b"k", b"1")])
    with pytest.raises(NotJoined) as missing:
        await watch.check()
    assert missing.value.which == ("router",)

    async with bus.reader("router", [TOPIC]):
        await watch.look()
        bus.down = True
        with pytest.raises(BusDown):
            await watch.look()
        bus.down = False
        await watch.check()


async def test_a_job_that_lost_its_cancellation_is_stopped_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """`wait_for` loses it before Python 3.12 where both come at once."""
    monkeypatch.setattr("shaoyin.adapters.jobs.CANCEL_AGAIN_AFTER", 0.05)
    lost: list[bool] = []

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(True)

    jobs = Jobs()
    jobs.start("deaf", deaf_once)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await jobs.stop()

    assert lost


async def test_a_job_that_nobody_cancelled_starts_again_when_a_cancellation_slips_out_of_a_library() -> None:
    rounds = 0

    async def broken_off_within() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            gone = asyncio.create_task(asyncio.sleep(60))
            gone.cancel()
            await gone
        await go_round()

    assert await found(broken_off_within, after=0.5) is None
    assert rounds == 2
