"""`kill -9` where it hurts most: afterwards every report is routed once, alerted once, and nothing is doubled."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local import Engines
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.envelope import CaseNews, read_news
from shaoyin.contracts.topics import CASES
from tests.engines import own_engines
from tests.running import Program, environment

pytestmark = [pytest.mark.engines, pytest.mark.faults]
MANY = 300
KILLS = 3
PATIENCE = 60.0


@dataclass
class Parts:
    """The three services, each a process of its own, on engines of their own."""

    engines: Engines
    intake: Program
    router: Program
    notify: Program
    stores: MongoClient[dict[str, Any]]
    prefix: str

    def database(self, service: str) -> Database[dict[str, Any]]:
        return self.stores[f"{self.prefix}_{service}"]

    def report(self, number: int) -> str:
        body = {
            "community": "wulibao", "description": f"第{number}号井堵了", "category": "LIG.lamp_out",
            "place": {"building": "courtyard-51-b1"},
        }  # fmt: skip
        answer = httpx.post(f"{self.intake.origin}/api/reports", json=body, timeout=30)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["report_id"])

    def until(self, what: str, ask: Callable[[], bool]) -> None:
        ends_at = time.monotonic() + PATIENCE
        while not ask():
            assert time.monotonic() < ends_at, f"{what}: not within {PATIENCE:.0f} s"
            time.sleep(0.05)

    def cases(self) -> int:
        return self.database("router")["cases"].count_documents({})


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    with own_engines(tmp_path / "engines") as engines:
        engines.start()
        prefix = f"t{uuid4().hex[:8]}"
        around = environment(engines.kafka_address, engines.mongo_url, prefix, tmp_path)
        names = ("intake", "router", "notify")
        programs = [Program(f"services.{name}", dict(around), tmp_path / f"{name}.log") for name in names]
        programs[2].environment["SHAOYIN_ROUTER_URL"] = programs[1].origin
        stores: MongoClient[dict[str, Any]] = MongoClient(engines.mongo_url, tz_aware=True)
        try:
            yield Parts(engines, programs[0], programs[1], programs[2], stores, prefix)
        finally:
            for program in programs:
                program.stop()
            stores.close()


async def published(kafka: str) -> list[CaseNews]:
    bus = KafkaBus(kafka)
    await bus.start()
    news: list[CaseNews] = []
    try:
        async with bus.reader(f"check-{uuid4().hex}", [CASES.name]) as reader:
            while batch := await reader.batch(2000, timedelta(seconds=4)):
                news += [read_news(message) for message in batch]
    finally:
        await bus.stop()
    return news


def check_ledger(parts: Parts, report_ids: list[str]) -> None:
    """One case a report, no event number missing, each known to Kafka, each alert there once."""
    cases = list(parts.database("router")["cases"].find())
    assert Counter(f"r{case['_id'][1:]}" for case in cases) == Counter(report_ids)
    news = asyncio.run(published(parts.engines.kafka_address))
    seen = {(each.header.case_id, each.seq) for each in news}
    assert seen == {(case["_id"], seq) for case in cases for seq in range(1, case["version"] + 1)}
    payloads: dict[str, set[str]] = {}
    for each in news:
        payloads.setdefault(each.event_id, set()).add(repr(each.event))
    assert all(len(said) == 1 for said in payloads.values()), "a repeat said something else"
    told = Counter(
        (alert["event_id"], alert["person"], alert["kind"]) for alert in parts.database("notify")["alerts"].find()
    )
    assert set(told.values()) == {1}, "somebody was told twice"


def more_cases(parts: Parts, than: int) -> bool:
    return parts.cases() > than


def everybody_alerted(parts: Parts, report_ids: list[str]) -> bool:
    """Each case told its handler or its triage post."""
    told = parts.database("notify")["alerts"].distinct("case_id")
    return {f"c{each[1:]}" for each in report_ids} <= set(told)


def test_a_router_killed_between_writing_and_publishing_routes_every_report_once(parts: Parts) -> None:
    parts.intake.start()
    parts.notify.start()
    reports: list[str] = []
    for _ in range(KILLS):
        reports += [parts.report(number) for number in range(MANY // KILLS)]
        before = parts.cases()
        parts.router.start(wait=False)
        parts.until("a case of this round is written", partial(more_cases, parts, before))
        parts.router.kill()
    parts.router.start()

    parts.until("every report is a case", lambda: parts.cases() == MANY)
    parts.until("everybody is alerted", lambda: everybody_alerted(parts, reports))

    check_ledger(parts, reports)


def test_a_broker_killed_between_report_and_routing_loses_nothing(parts: Parts) -> None:
    parts.intake.start()
    parts.notify.start()
    reports = [parts.report(number) for number in range(20)]
    parts.engines.kill_kafka()
    reports += [parts.report(number) for number in range(20, 40)]
    parts.router.start(wait=False)
    parts.engines.start_kafka()
    parts.router.wait_until_ready()

    parts.until("every report is a case", lambda: parts.cases() == 40)
    parts.until("everybody is alerted", lambda: everybody_alerted(parts, reports))

    check_ledger(parts, reports)


def test_while_mongodb_is_away_intake_says_503_at_once_and_never_202(parts: Parts) -> None:
    parts.intake.start()
    parts.engines.kill_mongo()
    time.sleep(1)

    answers = []
    for _ in range(5):
        began = time.monotonic()
        answer = httpx.post(
            f"{parts.intake.origin}/api/reports", timeout=30,
            json={"community": "wulibao", "description": "堵了", "place": {"area": "courtyard-51"}},
        )  # fmt: skip
        answers.append((answer.status_code, "retry-after" in answer.headers, time.monotonic() - began < 10))

    assert set(answers) == {(503, True, True)}
    parts.engines.start_mongo()
    parts.until("intake takes reports again", lambda: _taken(parts))


def _taken(parts: Parts) -> bool:
    body = {"community": "wulibao", "description": "堵了", "place": {"area": "courtyard-51"}}
    return httpx.post(f"{parts.intake.origin}/api/reports", json=body, timeout=30).status_code == 202
