"""While MongoDB is away nothing is promised: 503 at once with a time to come back, and all is well when it returns."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from deploy.local import Engines
from tests.engines import own_engines
from tests.services.intake_setup import Town, problem, until
from tests.services.intake_setup import town as a_town

KEY = {"Idempotency-Key": "during-the-outage"}


async def test_while_mongodb_is_away_nobody_is_told_202_and_everybody_at_once(tmp_path: Path) -> None:
    with own_engines(tmp_path / "engines") as engines:
        await asyncio.to_thread(engines.start_mongo)
        async with a_town(engines.mongo_url, tmp_path / "keys") as town:
            before = await town.taken(headers=KEY)
            await asyncio.to_thread(engines.kill_mongo)
            await nothing_is_promised(town)
            await asyncio.to_thread(engines.start_mongo)
            await everything_is_there_again(town, engines, before)


async def test_a_mongodb_that_hangs_is_as_far_away_as_one_that_is_dead(tmp_path: Path) -> None:
    with own_engines(tmp_path / "engines") as engines:
        await asyncio.to_thread(engines.start_mongo)
        async with a_town(engines.mongo_url, tmp_path / "keys") as town:
            before = await town.taken(headers=KEY)
            pid = engines.mongo.child.pid()
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            try:
                await nothing_is_promised(town)
            finally:
                os.kill(pid, signal.SIGCONT)
            await everything_is_there_again(town, engines, before)


async def test_whoever_waits_when_the_outage_is_found_is_told_before_the_driver_gives_up(tmp_path: Path) -> None:
    with own_engines(tmp_path / "engines") as engines:
        await asyncio.to_thread(engines.start_mongo)
        async with a_town(engines.mongo_url, tmp_path / "keys") as town:
            pid = engines.mongo.child.pid()
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            try:
                async with asyncio.timeout(5):  # the driver alone waits for ten seconds
                    waited = await asyncio.gather(*(town.report() for _ in range(10)))
            finally:
                os.kill(pid, signal.SIGCONT)
            assert {problem(each)[:2] for each in waited} == {(503, "engine_away")}


async def nothing_is_promised(town: Town) -> None:
    first = await asyncio.gather(*(town.report() for _ in range(50)))
    assert {each.status_code for each in first} == {503}

    started = time.monotonic()
    refused = await asyncio.gather(*(town.report() for _ in range(50)))
    assert time.monotonic() - started < 1.0, "the outage is known by now: nobody waits for it"
    for answer in refused:
        assert problem(answer)[:2] == (503, "engine_away")
        assert int(answer.headers["retry-after"]) > 0
    page = await town.http.get("/reports/AAAAAAAAAA")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "系统暂时不可用" in page.text
    ready = await town.http.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["mongodb"]["ok"] is False
    assert (await town.http.get("/health/live")).status_code == 200


async def everything_is_there_again(town: Town, engines: Engines, before: dict[str, str]) -> None:
    async def taken_again() -> bool:
        return town.intake.watch.away is None and (await town.report()).status_code == 202

    await until(taken_again, within=20)
    assert await town.taken(headers=KEY) == before
    assert (await town.progress(before["query_code"]))["state"] == "reported"


async def test_before_the_store_was_ever_there_nothing_is_taken(tmp_path: Path) -> None:
    nobody = "mongodb://127.0.0.1:9/?replicaSet=rs0&serverSelectionTimeoutMS=200"
    async with a_town(nobody, tmp_path, ready=False, prefix="never") as town:
        assert problem(await town.report())[:2] == (503, "engine_away")
