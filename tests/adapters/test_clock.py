"""One clock for the whole product; in development it can be moved, forward only, and every process follows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shaoyin.adapters.clock import (
    DevClock,
    FakeClock,
    SystemClock,
    offset,
    running_clock,
    set_offset,
    taken_by_all,
)
from shaoyin.adapters.mongo import Client, Database, StoreDown, close, connect
from shaoyin.adapters.settings import Settings

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=5)
A_BIT = timedelta(seconds=2)


@pytest.fixture
async def client(mongo_url: str, mongo_name: str) -> AsyncIterator[Client]:
    client = connect(Settings(mongo_url=mongo_url))
    yield client
    await client.drop_database(f"{mongo_name}_dev")
    await close(client)


@pytest.fixture
def database(client: Client, mongo_name: str) -> Database:
    return client[f"{mongo_name}_dev"]


def ahead(clock: DevClock | SystemClock) -> timedelta:
    return clock.now() - SystemClock().now()


def about(span: timedelta) -> object:
    return pytest.approx(span, abs=A_BIT)


def test_the_real_clock_says_utc_in_whole_milliseconds() -> None:
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


def test_a_fake_clock_stands_until_it_is_moved_and_never_goes_back() -> None:
    clock = FakeClock(datetime(2026, 9, 30, 18, 0, 0, 1999, tzinfo=timezone(timedelta(hours=8))))

    assert clock.now() == clock.now() == datetime(2026, 9, 30, 10, 0, 0, 1000, tzinfo=UTC)
    assert clock.forward(HOUR) == clock.now() == datetime(2026, 9, 30, 11, 0, 0, 1000, tzinfo=UTC)
    with pytest.raises(ValueError, match="only goes forward"):
        clock.forward(-HOUR)


def test_a_fake_clock_wants_a_time_with_an_offset() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        FakeClock(datetime(2026, 9, 30))  # noqa: DTZ001 - the refusal is what is tried


@pytest.mark.engines
async def test_every_running_service_has_moved_when_the_call_returns(database: Database) -> None:
    settings = Settings(env="test")
    async with (
        running_clock(settings, database, "intake") as intake,
        running_clock(settings, database, "router") as router,
        running_clock(settings, database, "notify") as notify,
    ):
        before = [each.now() for each in (intake, router, notify)]
        assert await set_offset(database, HOUR) == HOUR
        await taken_by_all(database, HOUR, SOON)
        after = [each.now() for each in (intake, router, notify)]

    assert all(later - earlier >= HOUR for earlier, later in zip(before, after, strict=True))


@pytest.mark.engines
async def test_a_service_that_starts_later_starts_with_the_offset_in_force(database: Database) -> None:
    await set_offset(database, 3 * HOUR)

    async with running_clock(Settings(env="test"), database, "late") as clock:
        assert isinstance(clock, DevClock)
        assert ahead(clock) == about(3 * HOUR)


@pytest.mark.engines
async def test_the_clock_only_goes_forward(database: Database) -> None:
    await set_offset(database, 2 * HOUR)

    with pytest.raises(ValueError, match="only goes forward"):
        await set_offset(database, HOUR)
    with pytest.raises(ValueError, match="only goes forward"):
        await set_offset(database, -HOUR)
    assert await offset(database) == 2 * HOUR


@pytest.mark.engines
async def test_a_lost_offset_does_not_throw_a_clock_back(database: Database) -> None:
    clock = DevClock(database, "one")
    await set_offset(database, HOUR)
    await clock.take()

    await database["clock"].delete_many({})
    await clock.take()

    assert ahead(clock) == about(HOUR)


@pytest.mark.engines
async def test_a_process_that_has_not_taken_the_offset_is_named(database: Database) -> None:
    await DevClock(database, "slow").take()
    await set_offset(database, HOUR)

    with pytest.raises(TimeoutError, match="not taken by slow-"):
        await taken_by_all(database, HOUR, timedelta(milliseconds=300))


@pytest.mark.engines
async def test_a_process_not_heard_of_for_three_seconds_is_not_waited_for(database: Database) -> None:
    await DevClock(database, "dead").take()
    await set_offset(database, HOUR)
    await _as_if_silent_for(database, seconds=4)

    await taken_by_all(database, HOUR, SOON)


@pytest.mark.engines
async def test_a_process_that_was_silent_for_a_minute_is_forgotten(database: Database) -> None:
    await DevClock(database, "gone").take()
    await _as_if_silent_for(database, seconds=61)

    await taken_by_all(database, HOUR, SOON)

    assert await database["clock_takers"].count_documents({}) == 0


@pytest.mark.engines
async def test_a_process_that_ends_leaves_no_trace(database: Database) -> None:
    async with running_clock(Settings(env="test"), database, "brief"):
        assert await database["clock_takers"].count_documents({}) == 1

    assert await database["clock_takers"].count_documents({}) == 0


@pytest.mark.engines
async def test_a_living_process_goes_on_saying_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shaoyin.adapters.clock.BEAT_EVERY", timedelta())
    clock = DevClock(database, "alive")
    await clock.take()
    first = await database["clock_takers"].find_one()
    await asyncio.sleep(0.01)

    await clock.take()
    second = await database["clock_takers"].find_one()

    assert first is not None
    assert second is not None
    assert second["seen_at"] > first["seen_at"]


async def test_a_clock_runs_on_while_the_store_is_away_and_takes_the_offset_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[timedelta | StoreDown] = [StoreDown("away"), StoreDown("away"), HOUR]

    async def take(clock: DevClock) -> None:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, StoreDown):
            raise answer
        clock._offset = answer

    async def leave(_: DevClock) -> None:
        raise StoreDown("away")

    monkeypatch.setattr(DevClock, "take", take)
    monkeypatch.setattr(DevClock, "leave", leave)
    nowhere: Database = {}  # type: ignore[assignment]  # never asked: take and leave are replaced

    async with running_clock(Settings(env="test"), nowhere, "router") as clock, asyncio.timeout(5):
        assert isinstance(clock, DevClock)
        assert ahead(clock) == about(timedelta())
        await until(lambda: ahead(clock) > HOUR / 2)

    assert "cannot read its offset" in caplog.text


async def test_a_clock_that_stops_following_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def nothing(_: DevClock) -> None:
        return None

    async def broken(_: DevClock) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(DevClock, "take", nothing)
    monkeypatch.setattr(DevClock, "leave", nothing)
    monkeypatch.setattr(DevClock, "follow", broken)
    nowhere: Database = {}  # type: ignore[assignment]  # never asked

    async with running_clock(Settings(env="test"), nowhere, "router"), asyncio.timeout(5):
        await until(lambda: "no longer follows" in caplog.text)


async def test_in_production_the_clock_is_the_real_one_and_the_development_database_is_not_touched() -> None:
    nowhere: Database = {}  # type: ignore[assignment]  # any use of it would raise

    async with running_clock(Settings(env="production"), nowhere, "router") as clock:
        assert isinstance(clock, SystemClock)


async def until(true: Callable[[], bool]) -> None:
    while True:
        if true():
            return
        await asyncio.sleep(0.02)


async def _as_if_silent_for(database: Database, seconds: int) -> None:
    earlier = {"$set": {"seen_at": {"$subtract": ["$seen_at", seconds * 1000]}}}
    await database["clock_takers"].update_many({}, [earlier])
