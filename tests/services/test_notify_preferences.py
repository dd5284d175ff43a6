"""What is kept of how a person wants to be told: whole, by person, and one browser for one person only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from services.notify.preferences import SUBSCRIPTIONS_AT_MOST, Preference, Preferences, Subscribed
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.settings import Settings
from tests.services.notify_setup import connected

NOW = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
FULL = Preference(
    "p1", ("sms_aliyun", "mail"), {"sms": "13800138000", "mail": "p1@example.org"}, {}, (time(23), time(6, 30)),
    NOW + timedelta(days=3), "p2",
)  # fmt: skip


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=["motor", "pymongo"])
async def kept(
    request: pytest.FixtureRequest, mongo_url: str, mongo_name: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Preferences]:
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=mongo_name, local=tmp_path, driver=request.param
    )
    async with connected(settings) as client:
        preferences = Preferences(client[settings.database("notify")], clock)
        await preferences.prepare()
        yield preferences


async def test_who_never_said_anything_has_the_default(kept: Preferences) -> None:
    assert await kept.of(["p1", "p2"]) == {"p1": Preference("p1"), "p2": Preference("p2")}
    assert await kept.of([]) == {}


async def test_what_was_said_is_read_back_whole(kept: Preferences) -> None:
    await kept.keep(FULL)

    assert (await kept.of(["p1", "p2"])) == {"p1": FULL, "p2": Preference("p2")}


async def test_saying_it_again_replaces_it_and_leaves_the_browsers(kept: Preferences) -> None:
    await kept.keep(FULL)
    await kept.subscribe("p1", Subscribed("b1", "{}"))
    await kept.keep(Preference("p1", ("mail",), {"mail": "other@example.org"}))

    assert await kept.of(["p1"]) == {
        "p1": Preference("p1", ("mail",), {"mail": "other@example.org"}, {"b1": "{}"}),
    }


async def test_a_browser_is_there_once_however_often_it_comes_and_goes_once(kept: Preferences) -> None:
    for text in ("old", "new", "$new"):
        assert await kept.subscribe("p1", Subscribed("b1", text))
    assert dict((await kept.of(["p1"]))["p1"].subscriptions) == {"b1": "$new"}

    for _ in range(2):
        await kept.drop_subscription("p1", "b1")
    assert not (await kept.of(["p1"]))["p1"].subscriptions


async def test_whoever_signs_in_next_at_a_browser_takes_it_over(kept: Preferences) -> None:
    await kept.subscribe("p1", Subscribed("b1", "one"))
    await kept.subscribe("p2", Subscribed("b1", "two"))

    found = await kept.of(["p1", "p2"])

    assert (dict(found["p1"].subscriptions), dict(found["p2"].subscriptions)) == ({}, {"b1": "two"})


async def test_many_browsers_at_once_are_never_too_many(kept: Preferences) -> None:
    taken = await asyncio.gather(*(kept.subscribe("p1", Subscribed(f"b{number}", "{}")) for number in range(14)))

    assert sum(taken) == SUBSCRIPTIONS_AT_MOST == len((await kept.of(["p1"]))["p1"].subscriptions)


async def test_an_expired_browser_is_told_nothing_and_takes_no_place(kept: Preferences, clock: FakeClock) -> None:
    for number in range(SUBSCRIPTIONS_AT_MOST):
        await kept.subscribe("p1", Subscribed(f"b{number}", "{}", NOW + timedelta(hours=1)))
    assert not await kept.subscribe("p1", Subscribed("late", "{}"))

    clock.forward(timedelta(hours=1))

    assert not (await kept.of(["p1"]))["p1"].subscriptions
    assert await kept.subscribe("p1", Subscribed("late", "{}"))
    assert list((await kept.of(["p1"]))["p1"].subscriptions) == ["late"]


async def test_addresses_stand_in_nothing_that_a_log_could_show(kept: Preferences) -> None:
    shown = repr(FULL) + repr(Subscribed("b1", "https://push.example.org/secret"))

    assert "13800138000" not in shown
    assert "example.org" not in shown


async def test_whose_browser_it_was_is_read_from_an_index(kept: Preferences) -> None:
    await asyncio.gather(*(kept.keep(Preference(f"p{number}")) for number in range(50)))
    await kept.subscribe("p1", Subscribed("b1", "{}"))

    plan = await kept.collection.database.command(
        {"explain": {"find": "preferences", "filter": {"subscriptions.id": "b1", "_id": {"$ne": "p1"}}}}
    )

    assert "'subscription'" in str(plan["queryPlanner"]["winningPlan"])
