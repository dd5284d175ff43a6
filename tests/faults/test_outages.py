"""Services and engines killed or hanging where it hurts most, one after the other; afterwards all is there once."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import httpx
import pytest

from tests.faults.comparison import compared
from tests.faults.ledger import Ledger, Receipt
from tests.faults.settled import settled
from tests.faults.stage import Stage, building, stage, until
from tests.faults.table import shown

pytestmark = [pytest.mark.engines, pytest.mark.faults]
KILLS, MANY = 2, 50


def test_what_is_answered_while_parts_are_away_comes_through_once(tmp_path: Path) -> None:
    with stage(tmp_path, small_disk=False) as on:
        told = Ledger()
        a_router_is_killed_between_writing_and_publishing(on, told)
        while_kafka_is_away_reports_are_taken(on, told)
        while_mongodb_is_away_nothing_is_promised(on, told)

        left = settled(on, told)
        rows = compared(on, told)

        assert left == []
        assert sum(each.wrong for each in rows) == 0, "\n".join(shown(rows))


def a_router_is_killed_between_writing_and_publishing(on: Stage, told: Ledger) -> None:
    router, cases = on.parts["router"], on.database("router")["cases"]
    router.kill()
    for _ in range(KILLS):
        taken(on, told, MANY)
        before = cases.count_documents({})
        router.start(wait=False)
        until("a case is written", lambda seen=before: cases.count_documents({}) > seen, within=60)  # type: ignore[misc]
        router.kill()
    router.start()


def while_kafka_is_away_reports_are_taken(on: Stage, told: Ledger) -> None:
    on.engines.kill_kafka()
    taken(on, told, 20)
    on.engines.start_kafka()
    with hanging(on, "Kafka"):
        taken(on, told, 20)


def while_mongodb_is_away_nothing_is_promised(on: Stage, told: Ledger) -> None:
    """At once, whether it is dead or hangs; the first to meet the outage wait until it is known."""
    on.engines.kill_mongo()
    keys = refused(on, "dead")
    on.engines.start_mongo()
    taken_again(on, told, keys)
    with hanging(on, "mongod"):
        keys = refused(on, "hangs")
    taken_again(on, told, keys)


@contextmanager
def hanging(on: Stage, name: str) -> Iterator[None]:
    on.signal(name, signal.SIGSTOP)
    try:
        yield
    finally:
        on.signal(name, signal.SIGCONT)


def taken(on: Stage, told: Ledger, many: int) -> None:
    for _ in range(many):
        take(on, told, str(len(told.receipts)))


def take(on: Stage, told: Ledger, key: str) -> None:
    answer = report(on, key)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    told.taken(key, Receipt(receipt["report_id"], receipt["query_code"]))


def refused(on: Stage, why: str) -> list[str]:
    """The keys; what was written after all, when the engine went on, is the same report when it is told again."""
    keys = [f"{why}-{number}" for number in range(11)]
    for key in keys:
        began = time.monotonic()
        answer = report(on, key)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert time.monotonic() - began < 8, "the driver alone waits for ten seconds"
    return keys


def taken_again(on: Stage, told: Ledger, keys: list[str]) -> None:
    ready = f"{on.parts['intake'].origin}/health/ready"
    until("intake takes reports again", lambda: httpx.get(ready).status_code == 200, within=30)
    for key in keys:
        take(on, told, key)


def report(on: Stage, key: str) -> httpx.Response:
    body = {
        "community": "wulibao", "description": f"灯不亮:{key}", "category": "LIG.lamp_out",
        "place": {"building": building(crc32(key.encode()))},
    }  # fmt: skip
    headers = {"Idempotency-Key": key}
    return httpx.post(f"{on.parts['intake'].origin}/api/reports", json=body, headers=headers, timeout=30)
