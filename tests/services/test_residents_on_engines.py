"""The whole product, on Kafka and MongoDB, texts a reporter through a provider that checks each signature; it is killed
while the message is under way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.local import Engines
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.topics import TOPICS
from tests.engines import own_engines
from tests.fakes import aliyun
from tests.fakes.aliyun import Aliyun
from tests.fakes.provider import CUT, Asked, Provider, running
from tests.flow.another_day import DAY
from tests.running import Program, environment
from tests.services.intake_setup import DRAIN
from tests.services.notify_setup import eventually

PHONE, PREFIX = "13800138000", "town"
ANSWER = {"title": "title", "number": "number"}
TEMPLATES = {
    "alert": {"code": "SMS_100000001", "parameters": {"number": "number", "place": "place", "category": "category",
                                                       "due": "due", "code": "link_code"}},
    "answer_progress": {"code": "SMS_100000003", "parameters": ANSWER},
    "answer_result": {"code": "SMS_100000003", "parameters": ANSWER},
}  # fmt: skip


@dataclass
class Town:
    """One process of all three services, whose SMS go to `fake`."""

    program: Program
    provider: Provider
    fake: Aliyun
    store: Any

    @property
    def answers(self) -> Any:
        return self.store[f"{PREFIX}_notify"]["answers"]

    async def report(self) -> str:
        async with httpx.AsyncClient(base_url=self.program.origin, timeout=30, trust_env=False) as http:
            answer = await http.post("/api/reports", json={**DRAIN, "reporter": {"phone": PHONE}})
        assert answer.status_code == 202, answer.text
        code: str = answer.json()["query_code"]
        return code

    async def told(self) -> dict[str, Any]:
        """The only answer, once it is over; the product's clock stands still unless it is moved."""

        async def over() -> bool:
            await self.advance()
            return bool(self.answers.count_documents({"state": {"$ne": "waiting"}}))

        await eventually(over, 60)
        found: dict[str, Any] = self.answers.find_one({})
        return found

    async def advance(self) -> None:
        async with httpx.AsyncClient(base_url=self.program.origin, timeout=60, trust_env=False) as http:
            moved = await http.post("/api/dev/clock", json={"advance": "PT1M"})
        assert moved.status_code == 200, moved.text

    async def asked(self, action: str) -> Asked:
        def calls() -> list[Asked]:
            return [each for each in self.provider.asked if each.headers["x-acs-action"] == action]

        async def come() -> bool:
            return bool(calls())

        await eventually(come, 60)
        return calls()[-1]


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Engines]:
    """Its own: topics of the whole product have no prefix."""
    with own_engines(tmp_path / "engines") as found:
        found.start()
        yield found


@asynccontextmanager
async def a_town(engines: Engines, folder: Path) -> AsyncIterator[Town]:
    """On a Monday morning."""
    fake = Aliyun(SystemClock())
    async with running(Provider(fake.takes)) as provider:
        around = environment(engines.kafka_address, engines.mongo_url, PREFIX, folder) | {
            DAY: "2026-08-03T09:30:00+08:00", "SHAOYIN_SMS_ALIYUN_ACCESS_KEY_ID": aliyun.KEY_ID,
            "SHAOYIN_SMS_ALIYUN_ACCESS_KEY_SECRET": aliyun.SECRET, "SHAOYIN_SMS_ALIYUN_SIGN_NAME": aliyun.SIGN_NAME,
            "SHAOYIN_SMS_ALIYUN_TEMPLATES": json.dumps(TEMPLATES), "SHAOYIN_SMS_ALIYUN_URL": provider.url,
            "SHAOYIN_SMS_ALIYUN_LIMITS": json.dumps({"to_one": [[10, 60]]}),
        }  # fmt: skip
        program = Program("tests.flow.another_day", around, folder / "product.log")
        program.environment["SHAOYIN_ROUTER_URL"] = program.environment["SHAOYIN_INTAKE_URL"] = program.origin
        await asyncio.to_thread(program.start)
        store: MongoClient[dict[str, Any]] = MongoClient(engines.mongo_url)
        try:
            yield Town(program, provider, fake, store)
        finally:
            await asyncio.to_thread(program.stop)
            store.close()


@pytest.mark.engines
async def test_a_reporter_is_texted_and_after_a_kill_in_the_middle_is_texted_once(
    engines: Engines, tmp_path: Path
) -> None:
    async with a_town(engines, tmp_path) as town:
        town.provider.silent = True
        await town.report()
        await town.asked("SendSms")
        assert town.answers.find_one({})["begun"]["channel"] == "sms_aliyun"

        town.program.kill()
        town.answers.update_many({}, {"$set": {"claimed_until": None}})  # as when a minute has passed
        town.provider.silent = False
        await asyncio.to_thread(town.program.start)
        answer = await town.told()

        await town.asked("QuerySendDetails")
        [sent] = town.fake.sent
        assert (sent.mobile, sent.parameters) == (PHONE, {"title": "已受理", "number": answer["number"]})
        [sms] = answer["deliveries"]
        assert [(each["outcome"], each["code"]) for each in sms["attempts"]] == [("retry", "cut"), ("accepted", "OK")]
        await nowhere(town, engines, PHONE)


@pytest.mark.engines
async def test_a_message_that_had_arrived_before_the_line_was_cut_does_not_go_again(
    engines: Engines, tmp_path: Path
) -> None:
    async with a_town(engines, tmp_path) as town:

        def cut(asked: Asked) -> bytes:
            town.provider.takes = town.fake.takes
            town.fake.takes(asked)
            return CUT

        town.provider.takes = cut
        await town.report()
        await town.asked("SendSms")

        answer = await town.told()

        assert answer["state"] == "told"
        assert len(town.fake.sent) == 1
        [sms] = answer["deliveries"]
        assert [each["outcome"] for each in sms["attempts"]] == ["retry", "accepted"]


async def nowhere(town: Town, engines: Engines, number: str) -> None:
    """In no database of notify and router, no topic and no log; in intake's it lies sealed."""
    for name in ("notify", "router", "intake"):
        database = town.store[f"{PREFIX}_{name}"]
        for kept in database.list_collection_names():
            assert number not in repr(list(database[kept].find())), f"{name}.{kept}"
    assert number not in town.program.log.read_text("utf-8", errors="replace")
    bus = KafkaBus(engines.kafka_address)
    await bus.start()
    try:
        async with bus.reader("looks", [topic.name for topic in TOPICS]) as reader:
            seen = [each async for each in _all(reader)]
    finally:
        await bus.stop()
    assert seen
    assert not [each for each in seen if number.encode() in each.value]


async def _all(reader: Any) -> AsyncIterator[Any]:
    empty = 0
    while empty < 3:
        batch = await reader.batch(1000, timedelta(seconds=1))
        empty = 0 if batch else empty + 1
        for each in batch:
            yield each
