"""Intake and notify follow what is published: the next form, the next words, and what they find after a restart."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from shaoyin.adapters import follow_packs
from shaoyin.adapters.bus import Message, TopicSpec
from shaoyin.adapters.follow_packs import FollowPacks
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import Database, close, connect
from shaoyin.adapters.packs_in_force import Packs
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.topics import PACKS as TOPIC
from tests.domain.town import wulibao
from tests.services.intake_setup import Town, a_drain, until
from tests.services.intake_setup import town as a_town
from tests.services.notify_setup import a_story
from tests.services.notify_setup import office as notify
from tests.services.publication_setup import another_limit, on_topic, one_more_category, other_words, published

CATEGORY = "WAT.invented"
SPEC = TopicSpec(TOPIC.name, 1, None, compacted=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_packs, "LOOK_EVERY", follow_packs.LOOK_EVERY / 50)


@asynccontextmanager
async def database(mongo_url: str, name: str) -> AsyncIterator[Database]:
    client = connect(Settings(mongo_url=mongo_url))
    yield client[f"{name}_intake"]
    await close(client)


async def offered(town: Town) -> set[str]:
    form = (await town.http.get("/api/communities/wulibao/form")).json()
    return {each["category"] for group in form["groups"] for each in group["categories"]}


async def test_the_next_form_offers_the_new_category_and_a_report_of_it_names_its_version(
    mongo_url: str, tmp_path: Path
) -> None:
    async with a_town(mongo_url, tmp_path) as town:
        assert (await town.report(a_drain(category=CATEGORY))).status_code == 422
        new = published(one_more_category(CATEGORY))
        await town.bus.send(on_topic(new))

        async def is_offered() -> bool:
            return CATEGORY in await offered(town)

        await until(is_offered)
        receipt = await town.taken(a_drain(category=CATEGORY))
        report = await town.travelled(receipt["report_id"])

        assert (report.category, report.pack_version) == (CATEGORY, new.version)


async def test_a_start_without_kafka_finds_what_was_last_in_force(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    bus = MemoryBus()
    async with a_town(mongo_url, tmp_path, prefix=mongo_name, bus=bus) as town:
        await town.bus.send(on_topic(published(one_more_category(CATEGORY))))

        async def is_kept() -> bool:
            return await town.collection("packs_in_force").count_documents({"publication": 2}) == 1

        await until(is_kept)
    away = MemoryBus()
    away.down = True
    async with a_town(mongo_url, tmp_path, prefix=mongo_name, bus=away, ready=False) as town:

        async def is_taken() -> bool:
            return (await town.report(a_drain(category=CATEGORY))).status_code == 202

        await until(is_taken)
        assert CATEGORY in await offered(town)


async def test_alerts_are_read_in_the_words_in_force_when_they_are_read(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with notify(mongo_url, mongo_name, tmp_path) as here:
        await a_story().send(here.bus)
        await here.all_raised()
        (before,) = await here.inbox("p-jia-1", "en")
        key = f"alert.{before['kind']}.title"
        await here.bus.send(on_topic(published(other_words(key, "换了说法", "In other words"))))

        async def other() -> bool:
            return (await here.inbox("p-jia-1", "en"))[0]["title"] == "In other words"

        await until(other)
        assert before["title"] != "In other words"


async def test_the_latest_publication_wins_in_whatever_order_they_come(mongo_url: str, mongo_name: str) -> None:
    async with database(mongo_url, mongo_name) as store:
        bus, packs = MemoryBus(), Packs({"wulibao": wulibao()})
        await bus.ensure_topics([SPEC])
        following = FollowPacks(bus, store, packs)
        await following.restore()
        second, third = published(another_limit("7 h"), 2), published(another_limit("8 h"), 3)

        await bus.send(on_topic(third, second))
        await following.look()
        await bus.send(on_topic(second))
        await following.look()

        assert packs["wulibao"].version == third.version
        again = Packs({"wulibao": wulibao()})
        await FollowPacks(bus, store, again).restore()
        assert again["wulibao"].version == third.version


async def test_after_a_wiped_broker_what_comes_is_read_from_its_beginning(mongo_url: str, mongo_name: str) -> None:
    async with database(mongo_url, mongo_name) as store:
        bus, packs = MemoryBus(), Packs({"wulibao": wulibao()})
        await bus.ensure_topics([SPEC])
        following = FollowPacks(bus, store, packs)
        await bus.send(on_topic(*(published(another_limit(f"{each} h"), each) for each in range(2, 6))))
        await following.look()

        bus.wiped()
        last = published(another_limit("9 h"), 6)
        await bus.send(on_topic(last))
        await following.look()

        assert packs["wulibao"].version == last.version


async def test_what_cannot_be_read_or_used_is_said_and_what_was_in_force_stays(
    mongo_url: str, mongo_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with database(mongo_url, mongo_name) as store:
        bus, packs = MemoryBus(), Packs({"wulibao": wulibao()})
        await bus.ensure_topics([SPEC])
        following = FollowPacks(bus, store, packs)
        broken = replace(published(another_limit("7 h"), 2), cells="no cells")

        with caplog.at_level(logging.ERROR):
            await bus.send([Message(TOPIC.name, b"wulibao", b"{", ()), *on_topic(broken)])
            await following.look()
            await following.look()

        assert packs["wulibao"] is not None
        assert packs["wulibao"].version == wulibao().version
        assert list(packs.unusable) == ["wulibao"]
        assert len([each for each in caplog.records if each.levelno == logging.ERROR]) == 2, "once each"
        await bus.send(on_topic(published(another_limit("8 h"), 3)))
        await following.look()
        assert list(packs.unusable) == []


async def test_a_community_that_is_new_comes_with_its_first_publication(mongo_url: str, mongo_name: str) -> None:
    async with database(mongo_url, mongo_name) as store:
        bus, packs = MemoryBus(), Packs({})
        await bus.ensure_topics([SPEC])
        told: list[tuple[bool, str]] = []
        packs.tell(lambda before, after: told.append((before is None, after.name)))

        await bus.send(on_topic(published(another_limit("7 h"), 1)))
        await FollowPacks(bus, store, packs).look()

        assert list(packs) == ["wulibao"]
        assert told == [(True, "wulibao")]
