"""Quotas of providers: shared by all replicas, exactly at the limit, never above."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.notify.channels.calls import WITHIN
from services.notify.channels.sender import Quota
from services.notify.ringing.quotas import CRITICAL_FIRST, Quotas
from services.notify.ringing.rest import Rest
from shaoyin.adapters.mongo import Database
from shaoyin.adapters.settings import Settings
from tests.domain.town import MORNING
from tests.services.notify_setup import connected

A_MINUTE = timedelta(minutes=1)
ROBOT = [Quota("robot:1", 20, A_MINUTE)]
BOTH = [Quota("feishu:1", 100, A_MINUTE), Quota("feishu:1", 5, timedelta(milliseconds=300))]


@pytest.fixture(params=["motor", "pymongo"])
async def database(
    mongo_url: str, mongo_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=mongo_name, local=tmp_path, driver=request.param
    )
    async with connected(settings) as client:
        yield client[settings.database("notify")]


async def test_two_replicas_together_take_exactly_the_limit(database: Database) -> None:
    replicas = [Quotas(database), Quotas(database)]
    await replicas[0].prepare()

    waits = await asyncio.gather(*(replicas[n % 2].take(ROBOT, f"m{n}") for n in range(50)))

    assert sum(wait is None for wait in waits) == 20
    assert all(A_MINUTE < wait <= A_MINUTE + WITHIN + timedelta(milliseconds=1) for wait in waits if wait is not None)


async def test_after_its_try_a_message_counts_from_the_end_of_the_try(database: Database) -> None:
    quotas = Quotas(database)
    for n in range(20):
        await quotas.take(ROBOT, f"m{n}")
        await quotas.settle(ROBOT, f"m{n}")

    wait = await quotas.take(ROBOT, "one more")

    assert wait is not None
    assert wait <= A_MINUTE


async def test_the_narrower_window_opens_again_while_the_wider_counts_on(database: Database) -> None:
    quotas = Quotas(database)
    for n in range(5):
        assert await quotas.take(BOTH, f"m{n}") is None
        await quotas.settle(BOTH, f"m{n}")
    wait = await quotas.take(BOTH, "sixth")
    assert wait is not None
    assert wait < timedelta(seconds=1)

    await asyncio.sleep(wait.total_seconds())

    assert await quotas.take(BOTH, "sixth") is None


async def test_room_that_something_critical_waits_for_goes_to_nobody_else(database: Database) -> None:
    quotas, one = Quotas(database), [Quota("robot:2", 1, timedelta(milliseconds=300))]
    assert await quotas.take(one, "first") is None
    await quotas.settle(one, "first")
    wait = await quotas.take(one, "critical", critical=True)
    assert wait is not None

    await asyncio.sleep(wait.total_seconds())
    other = await quotas.take(one, "other")
    assert other is not None
    assert other > wait
    assert await quotas.take(one, "critical", critical=True) is None
    await quotas.settle(one, "critical")
    later = await quotas.take(one, "other")
    assert later is not None
    assert later <= CRITICAL_FIRST
    await asyncio.sleep(later.total_seconds())
    assert await quotas.take(one, "other") is None


async def test_room_that_opens_too_late_for_something_critical_is_kept_for_nobody(database: Database) -> None:
    quotas, one = Quotas(database), [Quota("member", 1, timedelta(hours=1))]
    assert await quotas.take(one, "first") is None
    assert await quotas.take(one, "critical", critical=True) is not None

    document = await quotas.collection.find_one({"_id": "member"})
    assert document is not None
    assert "critical_until" not in document


async def test_where_one_quota_is_full_the_other_is_given_back(database: Database) -> None:
    quotas, number = Quotas(database), Quota("number:1", 1, A_MINUTE)
    account = Quota("account", 2, A_MINUTE)
    assert await quotas.take([account, number], "first") is None
    assert await quotas.take([account, number], "second") is not None

    assert await quotas.take([account], "for somebody else") is None
    assert await quotas.take([account], "too many") is not None


async def test_what_a_provider_shut_stays_shut_for_as_long_as_it_said(database: Database) -> None:
    quotas = Quotas(database)
    await quotas.shut(ROBOT, timedelta(minutes=10))

    wait = await quotas.take(ROBOT, "now")

    assert wait is not None
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10, milliseconds=1)


async def test_a_message_without_a_quota_waits_for_nothing(database: Database) -> None:
    assert await Quotas(database).take([], "now") is None


async def test_a_person_has_the_minute_after_a_message_to_himself(database: Database) -> None:
    one, other = Rest(database), Rest(database)
    people = ["p-jia", "p-yi"]

    first, second = await asyncio.gather(one.reserve(people, MORNING, "b1"), other.reserve(people, MORNING, "b2"))

    rung = {"b1": set(people) - first.keys(), "b2": set(people) - second.keys()}
    assert sorted((*rung["b1"], *rung["b2"])) == people, "each is rung by exactly one of the two"
    later = MORNING + timedelta(seconds=59)
    assert await one.reserve(people, later, "b3") == dict.fromkeys(people, MORNING)
    assert await one.reserve(people, later + timedelta(seconds=1), "b4") == {}


async def test_the_third_urge_of_a_day_rings_no_more(database: Database) -> None:
    rest, day = Rest(database), date(2026, 9, 30)
    await rest.prepare()

    async def may(alert: str, on: date = day, about: str = "c1") -> bool:
        return await rest.may_urge("p-jia", about, on, alert, MORNING)

    assert [await may(each) for each in ("a1", "a2", "a3", "a1")] == [True, True, False, True]
    assert await may("a3", about="c2")
    assert await may("a3", date(2026, 10, 1))
