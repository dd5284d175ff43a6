"""The same on the real broker: reports out under their keys, news of cases in, and the offset committed last."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.follow_reports import GROUP
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.topics import CASES
from tests.services.intake_setup import Town, routed, until
from tests.services.intake_setup import town as a_town


@pytest.mark.engines
async def test_a_report_travels_over_kafka_and_its_case_comes_back(
    kafka_address: str, mongo_url: str, topic_prefix: str, tmp_path: Path
) -> None:
    bus = KafkaBus(kafka_address, prefix=topic_prefix, copies=1)
    await bus.start()
    try:
        async with a_town(mongo_url, tmp_path, bus=bus) as town:
            receipt = await town.taken()
            report = await town.travelled(receipt["report_id"])
            story = routed(report)
            await town.bus.send([*reversed(story.news), *story.news])
            await until(lambda: reads(town, receipt["query_code"], "dispatched"), within=20)
            await until(lambda: committed(town, 2 * len(story.news)), within=10)
            assert (await town.http.get("/health/ready")).json()["checks"]["kafka"] == {"ok": True}
    finally:
        await bus.stop()


async def reads(town: Town, code: str, state: str) -> bool:
    return (await town.progress(code))["state"] == state


async def committed(town: Town, count: int) -> bool:
    return sum((await town.bus.committed(GROUP, CASES.name)).values()) == count
