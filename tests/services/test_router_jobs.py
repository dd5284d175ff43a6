"""The router's jobs on the in-memory twins: batches, repeats, dead letters, outages, and what a crash leaves behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from services.router.app import topic_specs
from services.router.change_case import Asked, change_case
from services.router.desk import Desk
from services.router.documents import BUCKETS, Stored
from services.router.memory_cases import MemoryCases
from services.router.numbers import MemoryNumbers, with_check_digit
from services.router.open_cases import decide_batch, open_cases, write_decided
from services.router.publish_events import publish, sweep
from services.router.replay_news import publish_since
from services.router.watch_deadlines import announce_due
from shaoyin.adapters.bus import BusDown, Message, Received
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import StoreDown
from shaoyin.contracts.envelope import CaseNews, read_news, write_report, write_request
from shaoyin.contracts.topics import CASES, REPORTS
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.report import PlaceGiven, Report, Request
from tests.domain.town import DUTY, MORNING, wulibao

SOON = timedelta(milliseconds=200)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    bus = MemoryBus()
    await bus.start()
    await bus.ensure_topics(topic_specs(4))
    yield Desk(MemoryCases(), bus, MemoryNumbers(), FakeClock(MORNING), {"wulibao": wulibao()})  # type: ignore[arg-type]
    await bus.stop()


def a_report(number: int = 1, building: str = "courtyard-51-b1") -> Report:
    return Report(
        report_id=f"r{number}", community="wulibao", pack_version="1", description="堵了",
        place=PlaceGiven(building=building), received_at=MORNING, reporter_ref=f"ref{number}",
        category="WAT.sewer_blocked",
    )  # fmt: skip


def message(report: Report) -> Message:
    written = write_report(report)
    return Message(REPORTS.name, written.key, written.value, written.headers)


async def read(desk: Desk, topic: str) -> Sequence[Received]:
    async with desk.bus.reader("checks", [topic]) as reader:
        return await reader.batch(1000, SOON)


async def news(desk: Desk) -> list[CaseNews]:
    return [read_news(each) for each in await read(desk, CASES.name)]


@asynccontextmanager
async def batch_of(desk: Desk, *messages: Message) -> AsyncIterator[Sequence[Received]]:
    await desk.bus.send(messages)
    async with desk.bus.reader("router", [REPORTS.name]) as reader:
        yield await reader.batch(1000, SOON)


async def routed(desk: Desk, *messages: Message) -> None:
    await desk.bus.send(messages)
    async with desk.bus.reader("router", [REPORTS.name]) as reader:
        batch = await reader.batch(1000, SOON)
        await open_cases(desk, batch)
        await reader.commit(batch)


async def given(desk: Desk, command: cmd.Command) -> None:
    await change_case(desk, Asked("c1", command))


def sign() -> cmd.SignFor:
    return cmd.SignFor(at=MORNING + timedelta(minutes=1), person=DUTY[0], post=DUTY[1])


async def test_a_batch_of_reports_becomes_cases_with_their_news(desk: Desk) -> None:
    await routed(desk, message(a_report(1)), message(a_report(2, "kangning-b1")))

    told = await news(desk)

    assert [each.event_id for each in told if each.header.case_id == "c1"] == [f"c1:{seq}" for seq in range(1, 6)]
    assert {each.header.number for each in told} == {
        each.case.number for each in (await desk.store.load(["c1", "c2"])).values()
    }


async def test_the_same_report_twice_opens_one_case_and_says_the_same_again(desk: Desk) -> None:
    await routed(desk, message(a_report()))
    await routed(desk, message(a_report()))

    told = await news(desk)

    assert len(told) == 10
    assert len({each.event_id for each in told}) == 5


async def test_a_message_that_cannot_be_read_goes_to_the_dead_letters_and_the_batch_goes_on(desk: Desk) -> None:
    broken = Message(
        REPORTS.name, b"x", b"{", (("ce_type", b"report.received"), ("ce_id", b"x"), ("ce_specversion", b"1.0"))
    )
    strange = Message(REPORTS.name, b"y", b"{}", ())

    await routed(desk, broken, strange, message(a_report()))

    dead = await read(desk, REPORTS.dead_letters)
    assert sorted(dict(each.headers)["reason"] for each in dead) == [b"header_missing", b"not_json"]
    assert set(await desk.store.load(["c1"])) == {"c1"}


async def test_a_report_that_cannot_be_read_but_has_an_id_still_gets_an_owner(desk: Desk) -> None:
    meta = message(a_report(7)).headers
    await routed(desk, Message(REPORTS.name, b"r7", b'{"community": "wulibao"}', meta))

    case = (await desk.store.load(["c7"]))["c7"].case

    assert (case.state, case.owner.post, case.category) == ("reported", "duty", None)
    assert len(await read(desk, REPORTS.dead_letters)) == 1


async def test_a_second_report_of_the_same_matter_in_one_batch_is_shown_to_triage(desk: Desk) -> None:
    await routed(desk, message(a_report(1)), message(a_report(2)))

    found = await desk.store.load(["c1", "c2"])

    assert found["c1"].case.state == "dispatched"
    assert found["c2"].case.triage_because == ("duplicate_open",)


async def test_a_crash_between_writing_and_publishing_publishes_the_same_events_afterwards(desk: Desk) -> None:
    assert isinstance(desk.bus, MemoryBus)
    async with batch_of(desk, message(a_report())) as batch:
        desk.bus.down = True
        with pytest.raises(BusDown):
            await open_cases(desk, batch)
        desk.bus.down = False
        assert set(await desk.store.load(["c1"])) == {"c1"}
        await open_cases(desk, batch)

    assert [each.seq for each in await news(desk)] == [1, 2, 3, 4, 5]


async def test_a_command_before_the_opening_was_published_publishes_the_opening_first(desk: Desk) -> None:
    assert isinstance(desk.bus, MemoryBus)
    async with batch_of(desk, message(a_report())) as batch:
        desk.bus.down = True
        with pytest.raises(BusDown):
            await open_cases(desk, batch)
        desk.bus.down = False
    await given(desk, sign())

    assert [int(read_news(each).seq) for each in desk.waiting.get_nowait().messages] == [1, 2, 3, 4, 5, 6]


async def test_what_the_broker_did_not_take_is_swept_and_then_marked(desk: Desk) -> None:
    assert isinstance(desk.bus, MemoryBus)
    await routed(desk, message(a_report()))
    await given(desk, sign())
    desk.bus.down = True
    assert not await publish(desk, [desk.waiting.get_nowait()])
    desk.bus.down = False

    assert await sweep(desk) == 1
    assert await sweep(desk) == 0
    assert [each.seq for each in await news(desk)] == [1, 2, 3, 4, 5, 6]


async def test_what_a_killed_router_left_unsent_goes_out_after_the_next_command_of_another(desk: Desk) -> None:
    await routed(desk, message(a_report()))
    await given(desk, sign())
    desk.waiting.get_nowait()  # killed before it was published
    await given(desk, cmd.Start(at=MORNING + timedelta(minutes=2), person=DUTY[0], post=DUTY[1]))
    assert await publish(desk, [desk.waiting.get_nowait()])

    assert await sweep(desk) == 1
    assert {each.seq for each in await news(desk)} == {1, 2, 3, 4, 5, 6, 7}
    assert await sweep(desk) == 0


async def test_decisions_that_go_out_together_are_marked_together(desk: Desk) -> None:
    await routed(desk, message(a_report()))
    await given(desk, sign())
    await given(desk, cmd.Start(at=MORNING + timedelta(minutes=2), person=DUTY[0], post=DUTY[1]))

    assert await publish(desk, [desk.waiting.get_nowait(), desk.waiting.get_nowait()])

    assert await sweep(desk) == 0


async def test_a_residents_rating_is_answered_by_exactly_one_event(desk: Desk) -> None:
    request = Request("q1", "r1", "rate", MORNING, "ref1", "solved")
    written = write_request(request)
    asked = Message(REPORTS.name, written.key, written.value, written.headers)

    await routed(desk, message(a_report()), asked, asked)

    history = (await desk.store.load(["c1"]))["c1"].history
    assert [event.type for event in history].count("case.request_refused") == 1


async def test_a_request_about_no_case_is_a_dead_letter(desk: Desk) -> None:
    written = write_request(Request("q1", "r9", "rate", MORNING, "ref1", "solved"))

    await routed(desk, Message(REPORTS.name, written.key, written.value, written.headers))

    assert dict((await read(desk, REPORTS.dead_letters))[0].headers)["reason"] == b"no_case"


async def test_what_fell_due_is_announced_once_even_by_two_routers(desk: Desk) -> None:
    await routed(desk, message(a_report()))
    assert isinstance(desk.clock, FakeClock)
    desk.clock.forward(timedelta(minutes=61))

    first, second = await announce_due(desk, range(BUCKETS)), await announce_due(desk, range(BUCKETS))

    late = [event for event in (await desk.store.load(["c1"]))["c1"].history if event.type == "case.overdue"]
    assert (first, second) == (1, 0)
    assert len(late) == 1


async def test_a_reader_that_lost_the_broker_gets_everything_since_again(desk: Desk) -> None:
    await routed(desk, message(a_report(1)), message(a_report(2, "kangning-b1")))
    before = {each.event_id for each in await news(desk)}

    await publish_since(desk, MORNING - timedelta(minutes=1))

    assert {each.event_id for each in await news(desk)} == before


def test_the_check_digit_notices_a_wrong_digit_and_swapped_neighbours() -> None:
    number = with_check_digit("4101039010012026091400017")

    assert with_check_digit("0794") == "07945"
    for place in range(len(number) - 1):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 : -1]
        assert with_check_digit(wrong) != wrong + number[-1]


async def test_a_matter_told_twice_is_noticed_while_the_first_is_still_being_written(desk: Desk) -> None:
    async with desk.bus.reader("router", [REPORTS.name]) as reader:
        await desk.bus.send([message(a_report(1))])
        first = await decide_batch(desk, await reader.batch(10, SOON))
        await desk.bus.send([message(a_report(2))])
        second = await decide_batch(desk, await reader.batch(10, SOON))

    await write_decided(desk, first)
    await write_decided(desk, second)

    opened = [each.event for each in await news(desk) if isinstance(each.event, ev.CaseReported)]
    assert [event.duplicates for event in opened] == [(), ("c1",)]
    assert desk.in_hand.like("courtyard-51-b1|WAT.sewer_blocked") == []


class Lagging(MemoryCases):
    """What another router has just written is refused as a duplicate, and not yet read by the majority."""

    async def load(self, case_ids: Iterable[str], *, explained: bool = False) -> dict[str, Stored]:
        return {}


async def test_a_repeat_whose_case_cannot_be_read_yet_is_given_back_and_not_passed_over(desk: Desk) -> None:
    store = Lagging()
    lagging = replace(desk, store=store)
    await routed(lagging, message(a_report()))

    with pytest.raises(StoreDown):
        await routed(lagging, message(a_report()))

    assert len(store.documents) == 1
