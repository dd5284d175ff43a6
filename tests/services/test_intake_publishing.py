"""From the store to the bus: published at once, kept while the bus is away, looked after until the report is home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.intake.followed import Followed
from services.intake.publish_reports import Outgoing, Publisher
from services.intake.reports import HOME_WITHIN
from shaoyin.adapters.bus import BusDown, MemoryBus
from shaoyin.contracts.envelope import read_replay
from shaoyin.contracts.topics import REPLAYS
from shaoyin.domain.report import Report
from tests.domain.town import a_blocked_drain
from tests.services.intake_setup import Town, routed, until
from tests.services.intake_setup import town as a_town

LATER = HOME_WITHIN + timedelta(seconds=1)


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def arrived(town: Town, count: int) -> bool:
    return len(await town.published_ids()) >= count


async def look(town: Town) -> int:
    published = await town.intake.again[0].look(town.clock.now())
    await until(lambda: nothing_waits(town))
    return published


async def nothing_waits(town: Town) -> bool:
    return town.intake.publisher.waiting == 0


async def test_while_kafka_is_away_reports_are_taken_and_travel_when_it_is_back(town: Town) -> None:
    town.memory.down = True
    receipts = await asyncio.gather(*(town.taken() for _ in range(20)))
    ready = await town.http.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["checks"]["kafka"]["ok"] is False

    town.memory.down = False

    await until(lambda: arrived(town, 20))
    assert sorted(await town.published_ids()) == sorted(each["report_id"] for each in receipts)


async def test_a_report_that_was_stored_but_never_published_travels_after_a_restart(
    mongo_url: str, tmp_path: Path
) -> None:
    async with a_town(mongo_url, tmp_path) as first:
        first.memory.down = True
        receipt = await first.taken()
        prefix = first.settings.database_prefix
        async with a_town(mongo_url, tmp_path, prefix=prefix) as second:
            second.clock.forward(LATER + HOME_WITHIN / 2)
            assert await look(second) == 1
            assert await second.published_ids() == [receipt["report_id"]]


async def test_a_report_the_router_has_not_come_to_yet_is_not_published_again(town: Town) -> None:
    await town.taken()
    await until(lambda: arrived(town, 1))

    for _ in range(5):
        town.clock.forward(timedelta(minutes=20))
        assert await look(town) == 0
    assert len(await town.published_ids()) == 1


async def test_what_the_router_read_without_a_word_of_its_case_is_published_again_with_growing_pauses(
    town: Town,
) -> None:
    await town.taken()
    await until(lambda: arrived(town, 1))
    await town.router_read()

    assert await look(town) == 0, "it may still be on the way home"
    looks = []
    for _ in range(8):
        town.clock.forward(LATER)
        looks.append(await look(town))
        await town.router_read()
    assert looks == [1, 1, 0, 1, 0, 0, 0, 1]


async def test_the_first_word_of_its_case_brings_a_report_home_for_good(town: Town) -> None:
    receipt = await town.taken()
    await until(lambda: arrived(town, 1))
    [report] = await town.published()
    assert isinstance(report, Report)
    await town.router_read()
    await town.told(routed(report).news)

    town.clock.forward(timedelta(days=1))
    assert await look(town) == 0
    assert (await town.intake.again[0].not_home()).count == 0
    document = (await town.intake.reports.by_id([receipt["report_id"]]))[receipt["report_id"]]
    assert "publish_at" not in document
    assert town.intake.publisher.place(receipt["report_id"]) is None


async def test_after_a_wipe_of_the_broker_whatever_is_not_home_travels_again(town: Town) -> None:
    receipts = [await town.taken() for _ in range(3)]
    await until(lambda: arrived(town, 3))
    await look(town)

    town.memory.wiped()

    assert await look(town) == 3
    assert sorted(await town.published_ids()) == sorted(each["report_id"] for each in receipts)


async def test_another_process_knows_the_offset_and_leaves_a_slow_router_alone(
    town: Town, mongo_url: str, tmp_path: Path
) -> None:
    await town.taken()
    await until(lambda: arrived(town, 1))
    town.clock.forward(LATER)
    assert await look(town) == 0

    prefix = town.settings.database_prefix
    async with a_town(mongo_url, tmp_path, prefix=prefix, bus=town.bus) as other:
        other.clock.forward(timedelta(hours=1))
        assert await look(other) == 0
        await town.router_read()
        other.clock.forward(timedelta(hours=1))
        assert await look(other) == 1


async def test_how_much_is_not_home_and_since_when_is_measured(town: Town) -> None:
    town.memory.down = True
    await town.taken()
    town.clock.forward(timedelta(minutes=5))
    await town.taken()

    not_home = await town.intake.again[0].not_home()

    assert not_home.count == 2
    assert not_home.oldest_at is not None
    assert town.clock.now() - not_home.oldest_at == timedelta(minutes=5)


async def test_a_full_queue_leaves_the_rest_to_be_looked_after() -> None:
    bus = MemoryBus()
    bus.down = True
    publisher = Publisher(bus, waiting_at_most=3)

    publisher.soon(Outgoing.report(a_blocked_drain()) for _ in range(5))
    assert publisher.waiting == 1, "the same report waits once"
    publisher.soon(Outgoing(str(number), Outgoing.report(a_blocked_drain()).message) for number in range(9))
    assert publisher.waiting == 3


async def test_a_replaced_broker_is_asked_for_everything_since_what_was_done(town: Town) -> None:
    def process(name: str) -> Followed:
        return Followed(town.client[town.settings.database("intake")], town.clock, name)

    started_at = town.clock.now()
    await until(lambda: noted(town))
    assert await town.on_topic(REPLAYS.name) == []
    town.clock.forward(timedelta(hours=2))

    town.memory.wiped()
    await process("next").begin(town.bus)

    [asked] = [read_replay(each) for each in await town.on_topic(REPLAYS.name)]
    assert asked.reader == "intake"
    assert asked.since <= started_at
    await process("after").begin(town.bus)
    assert len(await town.on_topic(REPLAYS.name)) == 1, "asked once, not by everybody who starts"


async def noted(town: Town) -> bool:
    return await town.collection("followed").count_documents({}) == 1


async def test_nothing_is_looked_after_while_kafka_is_away(town: Town) -> None:
    town.memory.down = True

    with pytest.raises(BusDown):
        await town.intake.again[0].look(town.clock.now())
