"""Notify as a program: alone in its process, its health and numbers, and what it does when a job crashes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.notify.app import create
from shaoyin.adapters.settings import Settings
from tests.services.intake_setup import until
from tests.services.notify_setup import Office, a_story, office, with_state

PACKS = Path(__file__).resolve().parent.parent.parent / "packs"


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def asked(app: FastAPI, *paths: str) -> list[httpx.Response]:
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(app=with_state(app, state or {}))
        async with httpx.AsyncClient(transport=transport, base_url="http://notify.test") as http:

            async def ready() -> bool:
                return (await http.get("/health/ready")).status_code == 200

            await until(ready)
            return [await http.get(path) for path in paths]


async def test_notify_runs_alone_and_says_how_it_is(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=mongo_name, local=tmp_path, packs=PACKS, bus="memory"
    )

    live, ready, numbers, described, unknown = await asked(
        create(settings), "/health/live", "/api/notify/health/ready", "/metrics", "/api/notify/openapi.json", "/api/no"
    )

    assert (live.status_code, ready.status_code) == (200, 200)
    assert "shaoyin" in numbers.text
    assert {"/api/inbox", "/api/inbox/{alert_id}/act", "/api/stream", "/api/deliveries"} <= set(
        described.json()["paths"]
    )
    assert unknown.headers["content-type"] == "application/problem+json"
    assert live.headers["x-content-type-options"] == "nosniff"


async def test_a_crashed_job_makes_it_unready_and_an_absent_broker_does_not(here: Office) -> None:
    async def prepared() -> bool:
        return here.notify.condition.store.away is None

    await until(prepared)
    here.bus.down = True
    waiting = await here.http.get("/health/ready")

    here.notify.jobs.start("crashes", crash)
    await asyncio.sleep(0)
    crashed = await here.http.get("/health/ready")

    assert (waiting.status_code, waiting.json()["checks"]["kafka"]["ok"]) == (200, False)
    assert crashed.status_code == 503
    assert crashed.json()["checks"]["jobs"] == {"ok": False, "why": "JobsFailing", "which": ["crashes"]}


async def crash() -> None:
    raise KeyError


async def test_the_numbers_tell_what_was_raised_and_what_is_overlooked_but_of_nobody(here: Office) -> None:
    await a_story().send(here.bus)
    await here.all_raised()
    await here.notify.deliveries.collection.update_many({"kind": "new_case"}, {"$set": {"level": "critical"}})
    here.clock.forward(timedelta(minutes=3))
    await here.notify.measure()

    numbers = (await here.http.get("/metrics")).text

    assert 'what="alerts_raised"' in numbers
    for level in ("lag", "open_streams"):
        assert f'what="{level}"' in numbers
    assert 'what="oldest_unread_critical_seconds"} 180.0' in numbers
    assert "p-jia" not in numbers
