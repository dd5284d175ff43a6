"""A burst of deadlines: all announced, nobody held up, and nothing lost while the broker is away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import bson
import pytest
from bson.codec_options import CodecOptions

from bench.seed import case_id, stamped
from services.router import on_the_way, watch_deadlines
from services.router.app import topic_specs
from services.router.cases import Change
from services.router.change_case import Asked, change_case, decided
from services.router.desk import Desk
from services.router.documents import BUCKETS, Document, Stored, bucket_of
from services.router.memory_cases import MemoryCases
from services.router.numbers import MemoryNumbers
from services.router.publish_events import publish, sweep
from services.router.watch_deadlines import PassedOver, announce_due
from shaoyin.adapters.bus import Message, Placed
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.contracts.envelope import read_news
from shaoyin.contracts.topics import CASES
from shaoyin.domain import commands as cmd
from tests.domain.town import DUTY, MORNING, wulibao

MANY = 450
ALL = range(BUCKETS)
WITH_OFFSETS: CodecOptions[Document] = CodecOptions(tz_aware=True)
SECRETARY = ("p-jia-3", "secretary")


class Bus(MemoryBus):
    """Counts what was sent, and can hang as a broker does that answers nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Message] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def send(self, messages: Sequence[Message]) -> list[Placed]:
        await self.answers.wait()
        placed = await super().send(messages)
        self.sent += messages
        return placed

    def events(self) -> Counter[str]:
        return Counter(read_news(each).event_id for each in self.sent if each.topic == CASES.name)


@cache
def _due() -> tuple[bytes, ...]:
    """Documents of open cases that all fall due at once."""
    return tuple(stamped(wulibao(), MANY, open_share=1.0, due_at=MORNING, at=MORNING))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    bus, store = Bus(), MemoryCases()
    await bus.start()
    await bus.ensure_topics(topic_specs(4))
    for each in _due():
        document = bson.decode(each, WITH_OFFSETS)
        store.documents[str(document["_id"])] = document
    clock = FakeClock(MORNING + timedelta(seconds=1))
    yield Desk(store, bus, MemoryNumbers(), clock, {"wulibao": wulibao()})  # type: ignore[arg-type]
    await bus.stop()


def bus_of(desk: Desk) -> Bus:
    assert isinstance(desk.bus, Bus)
    return desk.bus


async def versions(desk: Desk) -> dict[str, int]:
    found = await desk.store.load([case_id(number) for number in range(MANY)])
    return {name: each.case.version for name, each in found.items()}


async def everything_published(desk: Desk) -> bool:
    """Each event after the opening once, and no mark left."""
    await desk.on_the_way.ended()
    events = bus_of(desk).events()
    last = {f"{name}:{version}" for name, version in (await versions(desk)).items()}
    return last <= set(events) and set(events.values()) == {1} and not await desk.store.unsent(MANY)


async def test_everything_due_at_once_is_announced_and_published_and_nothing_waits_for_the_sweep(desk: Desk) -> None:
    before = await versions(desk)

    assert await announce_due(desk, ALL) == MANY

    assert all(version > before[name] for name, version in (await versions(desk)).items())
    assert await everything_published(desk)
    assert await announce_due(desk, ALL) == 0


async def test_two_routers_that_watch_the_same_buckets_escalate_each_case_once(desk: Desk) -> None:
    other = Desk(desk.store, desk.bus, desk.numbers, desk.clock, desk.packs)

    both = await asyncio.gather(announce_due(desk, ALL), announce_due(other, ALL))

    assert sum(both) == MANY
    await other.on_the_way.ended()
    assert await everything_published(desk)


async def test_a_command_is_answered_while_a_burst_is_announced(desk: Desk) -> None:
    quiet = next(each for each in stamped(wulibao(), 50, open_share=1.0, at=MORNING, seed=2))
    document = bson.decode(quiet, WITH_OFFSETS)
    assert isinstance(desk.store, MemoryCases)
    desk.store.documents[str(document["_id"])] = document
    burst = asyncio.create_task(announce_due(desk, ALL))
    await asyncio.sleep(0)

    command = cmd.Supervise(
        at=desk.clock.now(), person=SECRETARY[0], post=SECRETARY[1], grade="ordinary", reason="领导交办"
    )
    await change_case(desk, Asked(case_id(0, 2), command))

    assert not burst.done()
    assert await burst == MANY


async def test_a_case_that_cannot_be_decided_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    noticed: Counter[str] = Counter()
    monkeypatch.setattr(watch_deadlines, "MOST", 1)
    poison = case_id(0)

    def poisoned(desk: Desk, stored: Stored, asked: Asked) -> Change | None:
        if stored.case.case_id == poison:
            raise LookupError("a fault of ours")
        return decided(desk, stored, asked)

    monkeypatch.setattr(watch_deadlines, "decided", poisoned)
    object.__setattr__(desk, "noticed", lambda what, many: noticed.update({what: many}))
    passed = PassedOver()

    assert await announce_due(desk, ALL, passed) == MANY - 1
    assert await announce_due(desk, ALL, passed) == 0

    assert noticed["deadlines_undecided"] == 1
    assert [each for each in caplog.records if poison in each.getMessage()]
    later = desk.clock.now() + watch_deadlines.AGAIN_AFTER
    assert passed.at(later) == []


async def test_deadlines_run_on_while_the_broker_refuses_and_all_is_swept_when_it_is_back(desk: Desk) -> None:
    bus_of(desk).down = True

    assert await announce_due(desk, ALL) == MANY
    await desk.on_the_way.ended()
    assert len(await desk.store.unsent(MANY)) == MANY

    bus_of(desk).down = False
    seen: dict[str, int] = {}
    assert await sweep(desk, seen) == 0
    assert await sweep(desk, seen) == MANY
    assert await everything_published(desk)


async def test_deadlines_run_on_while_the_broker_answers_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_deadlines, "MOST", 10)
    monkeypatch.setattr(on_the_way, "ROOM_WITHIN", 0.01)
    monkeypatch.setattr(on_the_way, "ENDS_WITHIN", 0.01)
    bus_of(desk).answers.clear()

    assert await announce_due(desk, ALL) == MANY

    await desk.on_the_way.ended()
    bus_of(desk).answers.set()
    assert await sweep(desk) == MANY
    assert await everything_published(desk)


async def test_a_look_ends_in_time_for_the_lease_to_be_renewed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_deadlines, "MOST", 5)

    first = await announce_due(desk, ALL, None, timedelta(microseconds=1))

    assert 0 < first < MANY
    assert first + await announce_due(desk, ALL) == MANY


async def test_the_next_look_is_when_something_falls_due_and_not_later_than_the_usual_one(desk: Desk) -> None:
    mine = [bucket_of(case_id(0))]
    gathers, usual = watch_deadlines.GATHERS.total_seconds(), watch_deadlines.LOOK_EVERY.total_seconds()

    async def pause(before: timedelta, buckets: Sequence[int] = mine) -> float:
        clock = FakeClock(MORNING - before)
        return await watch_deadlines._until_next(replace(desk, clock=clock), buckets)

    assert await pause(timedelta(seconds=-1)) == gathers
    assert await pause(timedelta(seconds=0.1)) == pytest.approx(0.1 + gathers)
    assert await pause(timedelta(hours=1)) == usual
    assert await pause(timedelta(), []) == usual


async def test_a_command_of_a_case_that_was_announced_meanwhile_is_decided_anew(desk: Desk) -> None:
    """The escalation and the command both stand in its history, in one order."""
    name, state = next(
        (name, each.case.state)
        for name, each in (await desk.store.load([case_id(number) for number in range(MANY)])).items()
        if each.case.state == "dispatched" and each.case.main is not None and each.case.main.post == DUTY[1]
    )
    sign = cmd.SignFor(at=desk.clock.now(), person=DUTY[0], post=DUTY[1])

    await asyncio.gather(announce_due(desk, ALL), change_case(desk, Asked(name, sign)))

    history = (await desk.store.load([name]))[name].history
    assert (state, [each.type for each in history].count("case.signed")) == ("dispatched", 1)
    assert await publish(desk, [desk.waiting.get_nowait()])
    assert await everything_published(desk)
