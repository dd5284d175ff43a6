"""`/health/ready` tells the truth: what is away is named, at once and at every address, and what is back is ready."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.local import Engines
from tests.engines import own_engines
from tests.running import Program, product

pytestmark = pytest.mark.engines
SERVICES = ("intake", "router", "notify")
NOTICED_WITHIN = 5.0
"""Seconds: three for the silence of the store, and some for a busy machine."""


@dataclass
class Place:
    engines: Engines
    running: Program

    def ready(self, path: str = "/health/ready") -> tuple[int, dict[str, Any]]:
        answer = httpx.get(f"{self.running.origin}{path}", timeout=10)
        return answer.status_code, answer.json()["checks"]

    def until(self, true: Callable[[], bool], within: float = NOTICED_WITHIN) -> None:
        ends_at = time.monotonic() + within
        while not true():
            assert time.monotonic() < ends_at, self.ready()
            time.sleep(0.05)

    def all_well(self) -> bool:
        status, checks = self.ready()
        return status == 200 and all(each["ok"] for each in checks.values())

    def admin(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(self.engines.mongo_url)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("readiness")
    with own_engines(folder / "engines") as engines:
        engines.start()
        with product(engines.kafka_address, engines.mongo_url, "readiness", folder) as running:
            place = Place(engines, running)
            place.until(place.all_well, within=30)
            yield place


def test_one_process_speaks_for_every_service_and_each_for_itself(here: Place) -> None:
    names = {"mongodb", "kafka", "readers", "jobs"}

    assert set(here.ready()[1]) == {f"{of}.{name}" for of in SERVICES for name in names} | {"intake.taking"}
    for service in SERVICES:
        status, checks = here.ready(f"/api/{service}/health/ready")
        assert (status, set(checks) - {"taking"}) == (200, names)


def test_a_store_that_stands_still_makes_everybody_unready_until_it_goes_on(here: Place) -> None:
    mongod = here.engines.mongo.child.pid()
    assert mongod is not None
    os.kill(mongod, signal.SIGSTOP)
    try:
        began = time.monotonic()
        here.until(lambda: all(here.ready(path)[0] == 503 for path in PATHS))
        for service in SERVICES:
            assert here.ready()[1][f"{service}.mongodb"] == {"ok": False, "why": "StoreDown"}
        asked = time.monotonic()
        here.ready()
        assert time.monotonic() - asked < 2.5, "whoever asks is answered at once"
        assert time.monotonic() - began < NOTICED_WITHIN + 5
    finally:
        os.kill(mongod, signal.SIGCONT)
    here.until(here.all_well, within=20)


PATHS = ("/health/ready", *(f"/api/{service}/health/ready" for service in SERVICES))


def test_a_store_that_answers_and_cannot_write_is_as_good_as_none(here: Place) -> None:
    with here.admin() as mongo:
        mongo.admin.command("fsync", lock=True)
        try:
            here.until(lambda: here.ready()[0] == 503)
            assert mongo.admin.command("ping")["ok"] == 1.0
        finally:
            mongo.admin.command("fsyncUnlock")
    here.until(here.all_well, within=20)


def test_without_kafka_every_service_says_so_and_works_on(here: Place) -> None:
    here.engines.kill_kafka()
    here.until(lambda: not any(here.ready()[1][f"{service}.kafka"]["ok"] for service in SERVICES))

    for path in PATHS:
        status, checks = here.ready(path)
        assert status == 200, checks
    here.until(lambda: not any(here.ready()[1][f"{service}.readers"]["ok"] for service in SERVICES))
    gone = here.ready()[1]
    assert all(gone[f"{service}.mongodb"]["ok"] for service in SERVICES)

    here.engines.start_kafka()
    here.until(here.all_well, within=30)
