"""What the router says of its backlog: how much, how old, asked of small indexes; and which dead letters are open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.router.app import topic_specs
from services.router.backlog import Backlog, OpenLetters
from services.router.cases import MongoCases
from services.router.counted import counted
from services.router.desk import Desk
from services.router.memory_cases import MemoryCases
from services.router.numbers import MemoryNumbers
from services.router.open_cases import open_cases
from services.router.registrations import MongoRegistrations
from shaoyin.adapters.bus import Received
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.condition import Condition, TopicsMissing
from shaoyin.adapters.dead_letters import dead_letter, dead_letters, replay
from shaoyin.adapters.groups_watch import GroupsWatch
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Client, StoreDown, close, connect
from shaoyin.adapters.problem import Problem, not_now
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.store_pulse import StorePulse
from shaoyin.contracts.envelope import write_report
from shaoyin.contracts.topics import REPORTS
from tests.domain.town import MORNING, wulibao
from tests.services.test_router_jobs import a_report, message


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, {"service": "router", **labels})


@pytest.fixture
async def client(mongo_url: str) -> AsyncIterator[Client]:
    made = connect(Settings.checked(env="test", mongo_url=mongo_url))
    yield made
    await close(made)


async def test_what_is_unsent_and_overdue_is_counted_and_its_age_told(client: Client, mongo_name: str) -> None:
    database, metrics = client[f"{mongo_name}_router"], Metrics("router")
    await MongoCases(database).prepare()
    await MongoRegistrations(database).prepare()
    backlog = Backlog(database, FakeClock(MORNING), metrics)
    await backlog.measure_outboxes()
    await backlog.measure_overdue()
    assert value(metrics, "shaoyin_outbox_unsent", of="cases") == 0
    assert value(metrics, "shaoyin_deadlines_oldest_overdue_seconds") == 0

    ago = [MORNING - timedelta(seconds=seconds) for seconds in (30, 90)]
    await database["cases"].insert_many(
        [{"_id": f"c{at}", "unsent_from": 2, "last_at": at, "next_due_at": at} for at in ago]
        + [{"_id": "out", "last_at": ago[1], "next_due_at": MORNING + timedelta(hours=1)}, {"_id": "none"}]
    )
    await backlog.measure_outboxes()
    await backlog.measure_overdue()

    assert value(metrics, "shaoyin_outbox_unsent", of="cases") == 2
    assert value(metrics, "shaoyin_outbox_oldest_seconds", of="cases") == 90
    assert value(metrics, "shaoyin_outbox_unsent", of="enrolments") == 0
    assert value(metrics, "shaoyin_deadlines_overdue") == 2
    assert value(metrics, "shaoyin_deadlines_oldest_overdue_seconds") == 90


@pytest.fixture
async def bus() -> MemoryBus:
    bus = MemoryBus()
    await bus.ensure_topics(topic_specs(2))
    return bus


async def test_dead_letters_are_open_until_somebody_saw_to_them_or_the_broker_forgot_them(bus: MemoryBus) -> None:
    metrics = Metrics("router")
    letters = OpenLetters(bus, metrics)

    async def still_open() -> float | None:
        await letters.measure()
        return value(metrics, "shaoyin_dead_letters_open", topic=REPORTS.name)

    assert await still_open() == 0
    dead = [dead_letter(write_report(a_report(number)), REPORTS, "router", "why") for number in range(3)]
    await bus.send(dead[:2])
    assert await still_open() == 2
    await replay(bus, REPORTS, await dead_letters(bus, REPORTS))
    await bus.send(dead[2:])
    assert await still_open() == 1
    bus.wiped()
    assert await still_open() == 0


async def test_cases_that_the_rules_did_not_settle_are_counted(bus: MemoryBus) -> None:
    metrics = Metrics("router")
    desk = Desk(
        MemoryCases(), bus, MemoryNumbers(), FakeClock(MORNING), {"wulibao": wulibao()},  # type: ignore[arg-type]
        noticed=metrics.count, buried=metrics.buried,
    )  # fmt: skip
    reports = [a_report(1), replace(a_report(2, "kangning-b1"), category=None)]
    strange = replace(message(a_report(3)), headers=())
    async with bus.reader("router", [REPORTS.name]) as reader:
        await bus.send([*map(message, reports), strange])
        batch: list[Received] = []
        while len(batch) < 3:
            batch += await reader.batch(10, timedelta(milliseconds=200))
        await open_cases(desk, batch)

    assert value(metrics, "shaoyin_events_total", what="cases_opened") == 3, "one of them bare (row 78)"
    assert value(metrics, "shaoyin_events_total", what="cases_left_to_triage") == 2
    assert value(metrics, "shaoyin_events_total", what="cases_by_fallback_row") == 0
    assert value(metrics, "shaoyin_dead_letters_total", topic=REPORTS.name, reason="header_missing") == 1


def test_a_command_is_counted_by_what_became_of_it_and_an_invented_one_without_its_name() -> None:
    metrics = Metrics("router")
    outcomes = (None, Problem(404, "not_found"), not_now("info_rounds_used", {}, ()), StoreDown())
    for outcome in outcomes:
        try:
            with counted(metrics, "sign", {"sign"}):
                if outcome is not None:
                    raise outcome
        except (Problem, StoreDown):
            continue
    with pytest.raises(Problem), counted(metrics, "13812345678", {"sign"}):
        raise Problem(404, "unknown_command")

    for outcome_told in ("taken", "not_found", "info_rounds_used", "engine_away"):
        assert value(metrics, "shaoyin_commands_total", command="sign", outcome=outcome_told) == 1
    assert value(metrics, "shaoyin_commands_total", command="unknown", outcome="unknown_command") == 1


async def test_a_topic_that_is_not_there_is_named(
    client: Client, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics("router")
    condition = Condition(bus, StorePulse(client["any"]), GroupsWatch(bus, metrics, []), Jobs(), metrics)
    await condition.check_kafka()

    async def missing() -> frozenset[str]:
        return frozenset({REPORTS.name})

    monkeypatch.setattr(bus, "missing", missing)
    with pytest.raises(TopicsMissing) as told:
        await condition.check_kafka()
    assert told.value.which == (REPORTS.name,)
