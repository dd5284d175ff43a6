"""A service whose indexes are not the wanted ones says so and takes nothing, until somebody has seen to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.reports import Reports
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from tests.services.intake_setup import Town, town, until


@pytest.mark.engines
async def test_an_index_that_was_hidden_keeps_intake_from_being_ready_until_it_is_seen_again(
    mongo_url: str, mongo_name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = connect(Settings(mongo_url=mongo_url))
    database = client[f"{mongo_name}_intake"]
    await Reports(database, "process-1").prepare()
    await database.command("collMod", "reports", index={"name": "not_home", "hidden": True})

    async with town(mongo_url, tmp_path, prefix=mongo_name, ready=False) as found:
        await until(lambda: _said(found, "keep_watch"))
        assert (await found.http.get("/health/ready")).status_code == 503
        assert "reports: not_home missing, hidden or another than wanted" in caplog.text

        await database.command("collMod", "reports", index={"name": "not_home", "hidden": False})
        await until(lambda: _ready(found), within=15)
    await close(client)


async def _said(found: Town, job: str) -> bool:
    return job in (await found.http.get("/health/ready")).text


async def _ready(found: Town) -> bool:
    return (await found.http.get("/health/ready")).status_code == 200
