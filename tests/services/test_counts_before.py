"""What the rows count is counted before a report is decided: in the store, in hand and in the same batch alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.router.app import topic_specs
from services.router.cases import Counted
from services.router.crowds import CROWDED_FOR
from services.router.desk import Desk
from services.router.memory_cases import MemoryCases
from services.router.numbers import MemoryNumbers
from services.router.open_cases import decide_batch, open_cases, write_decided
from shaoyin.adapters.bus import Received
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.case import Case
from shaoyin.domain.facts import COUNTED_AT_MOST
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report
from tests.domain.town import MORNING, wulibao
from tests.services.test_router_jobs import SOON, message

PILES = "SAN.dead_corner"


def a_desk(pack: Pack, bus: MemoryBus) -> Desk:
    return Desk(MemoryCases(), bus, MemoryNumbers(), FakeClock(MORNING), {"wulibao": pack})  # type: ignore[arg-type]


@pytest.fixture
async def bus() -> AsyncIterator[MemoryBus]:
    bus = MemoryBus()
    await bus.start()
    await bus.ensure_topics(topic_specs(4))
    yield bus
    await bus.stop()


@pytest.fixture
def desk(bus: MemoryBus) -> Desk:
    return a_desk(wulibao(), bus)


def a_report(number: int, building: str, category: str = PILES, reporter: str | None = None) -> Report:
    return Report(
        report_id=f"r{number}", community="wulibao", pack_version="1", description="一堆垃圾没人管",
        place=PlaceGiven(building=building), received_at=MORNING, reporter_ref=reporter or f"ref{number}",
        category=category,
    )  # fmt: skip


def clock(desk: Desk) -> FakeClock:
    assert isinstance(desk.clock, FakeClock)
    return desk.clock


async def case(desk: Desk, case_id: str) -> Case:
    return (await desk.store.load([case_id]))[case_id].case


async def opened(desk: Desk, *reports: Report) -> None:
    now = desk.clock.now()
    await open_cases(desk, await received(desk, *(replace(each, received_at=now) for each in reports)))


async def received(desk: Desk, *reports: Report) -> Sequence[Received]:
    """As the topic gives them out."""
    await desk.bus.send([message(each) for each in reports])
    async with desk.bus.reader("router", [REPORTS.name]) as reader:
        batch = await reader.batch(1000, SOON)
        await reader.commit(batch)
        return batch


async def counted(desk: Desk, number: int) -> object:
    return (await case(desk, f"c{number}")).facts["san_in_compound_30d"]


async def test_a_batch_counts_its_own_earlier_reports_and_those_that_are_stored(desk: Desk) -> None:
    await opened(desk, a_report(1, "courtyard-51-b1"))
    await opened(desk, a_report(2, "courtyard-51-b2"), a_report(3, "courtyard-51-b3"))

    assert await counted(desk, 1) == 1
    by_count = {await counted(desk, number): await case(desk, f"c{number}") for number in (2, 3)}
    assert {count: len(each.scheduled) for count, each in by_count.items()} == {2: 0, 3: 1}


async def test_a_batch_in_hand_counts_before_it_is_written(desk: Desk) -> None:
    first = await decide_batch(desk, await received(desk, a_report(1, "courtyard-51-b1")))
    second = await decide_batch(desk, await received(desk, a_report(2, "courtyard-51-b2")))
    await write_decided(desk, first)
    await write_decided(desk, second)

    assert (await counted(desk, 1), await counted(desk, 2)) == (1, 2)
    assert desk.in_hand.counted("wulibao|san_in_compound_30d|courtyard-51") == {}


async def test_a_report_that_is_read_again_does_not_count_twice(desk: Desk) -> None:
    await opened(desk, a_report(1, "courtyard-51-b1"))
    again = await decide_batch(desk, await received(desk, a_report(1, "courtyard-51-b1")))

    ((stored, _),) = again.new
    assert stored.case.facts["san_in_compound_30d"] == 1


async def test_what_lies_before_the_window_does_not_count(desk: Desk) -> None:
    await opened(desk, a_report(1, "courtyard-51-b1"))
    clock(desk).forward(timedelta(days=31))
    await opened(desk, a_report(2, "courtyard-51-b2"))

    assert await counted(desk, 2) == 1


async def test_another_courtyard_counts_for_itself(desk: Desk) -> None:
    await opened(desk, a_report(1, "courtyard-51-b1"), a_report(2, "kangning-b1"))

    assert (await counted(desk, 1), await counted(desk, 2)) == (1, 1)


class Asked(MemoryCases):
    """Notes which names were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[frozenset[str]] = []

    async def counted(self, since: Mapping[str, datetime]) -> dict[str, Counted]:
        self.names.append(frozenset(since))
        return await super().counted(since)


async def test_a_crowd_is_told_as_a_hundred_and_not_counted_again_for_a_while(bus: MemoryBus) -> None:
    desk, store, name = a_desk(wulibao(), bus), Asked(), "wulibao|san_in_compound_30d|courtyard-51"
    desk = replace(desk, store=store)
    await opened(desk, *(a_report(number, "courtyard-51-b1") for number in range(COUNTED_AT_MOST + 1)))
    await opened(desk, a_report(101, "courtyard-51-b1"))
    await opened(desk, a_report(102, "courtyard-51-b1"), a_report(103, "kangning-b1"))

    first = {number: await counted(desk, number) for number in range(COUNTED_AT_MOST + 1)}
    assert sorted(map(str, first.values())) == sorted(map(str, [*range(1, COUNTED_AT_MOST + 1), COUNTED_AT_MOST]))
    assert [await counted(desk, number) for number in (101, 102)] == [COUNTED_AT_MOST, COUNTED_AT_MOST]
    assert [name in each for each in store.names] == [True, True, False]
    assert await counted(desk, 103) == 1

    clock(desk).forward(CROWDED_FOR)
    await opened(desk, a_report(104, "courtyard-51-b1"))
    assert name in store.names[-1]


async def test_after_its_days_a_crowd_is_gone(desk: Desk) -> None:
    await opened(desk, *(a_report(number, "courtyard-51-b1") for number in range(COUNTED_AT_MOST + 1)))
    await opened(desk, a_report(101, "courtyard-51-b1"))
    clock(desk).forward(timedelta(days=31))
    await opened(desk, a_report(102, "courtyard-51-b1"))

    assert (await counted(desk, 101), await counted(desk, 102)) == (100, 1)


async def test_the_same_reporters_same_matter_within_seven_days_joins_the_earlier_case(desk: Desk) -> None:
    """Routing row 19."""
    await opened(desk, a_report(1, "courtyard-51-b1", "LIG.corridor_light", "ref"))
    clock(desk).forward(timedelta(days=6))
    await opened(desk, a_report(2, "courtyard-51-b1", "LIG.corridor_light", "ref"))

    assert (await case(desk, "c2")).state == "merged"
    assert (await case(desk, "c2")).facts["same_reporter_case"] == "c1"


async def test_after_seven_days_it_is_a_matter_of_its_own(desk: Desk) -> None:
    """Routing row 19."""
    await opened(desk, a_report(1, "courtyard-51-b1", "LIG.corridor_light", "ref"))
    clock(desk).forward(timedelta(days=7, minutes=1))
    await opened(desk, a_report(2, "courtyard-51-b1", "LIG.corridor_light", "ref"))

    assert (await case(desk, "c2")).state != "merged"


async def test_a_post_with_too_many_open_cases_is_overloaded(bus: MemoryBus) -> None:
    """Routing row 73."""
    pack = wulibao()
    posts = {
        name: replace(post, most_open=1) if name == "duty" else post for name, post in pack.directory.posts.items()
    }
    desk = a_desk(replace(pack, directory=replace(pack.directory, posts=posts)), bus)
    await opened(desk, a_report(1, "courtyard-51-b1", "CON.consult"))
    assert "overloaded" not in (await case(desk, "c1")).facts

    desk.loads.forget()
    await opened(desk, a_report(2, "courtyard-51-b2", "CON.consult"))

    assert (await case(desk, "c2")).facts["overloaded"] == "duty"
