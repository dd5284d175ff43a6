"""A resident who comes too often keeps what was typed, and always sees whom to call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.intake.rates import EMERGENCY, rate_of
from shaoyin.adapters.limits import Limits, Rate
from shaoyin.adapters.rate_limits import RateLimits
from tests.services.intake_setup import Town, program, town

FEW = Limits(limit_device_reports=Rate(1, 600), limit_network=Rate(10, 600), limit_guesses=Rate(2, 600))
FIELDS = {"place.building": "courtyard-51-b1", "description": "下水道堵了"}


@pytest.fixture
async def here(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(mongo_url, tmp_path) as found:
        yield found


@asynccontextmanager
async def far_away(here: Town) -> AsyncIterator[httpx.AsyncClient]:
    app = RateLimits(program(here.intake), FEW, rate_of, EMERGENCY, now=lambda: 0.0)
    transport = httpx.ASGITransport(app, client=("203.0.113.7", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://town") as http:
        yield http


async def test_a_form_that_comes_too_often_is_shown_again_with_what_was_typed(here: Town) -> None:
    async with far_away(here) as http:
        await http.get("/c/wulibao?category=WAT.sewer_blocked")
        assert len(http.cookies["device"]) == 32
        assert (await http.post("/c/wulibao", data=FIELDS)).status_code == 303

        again = await http.post("/c/wulibao", data={**FIELDS, "description": "楼道里有煤气味"})

    assert (again.status_code, again.headers["retry-after"]) == (429, "600")
    assert "楼道里有煤气味" in again.text
    assert "操作太频繁，请在 600 秒后再试。" in again.text
    assert 'href="tel:119"' in again.text
    assert len(await here.collection("reports").distinct("_id")) == 1


async def test_a_page_that_is_asked_for_too_often_says_so_and_whom_to_call(here: Town) -> None:
    async with far_away(here) as http:
        answers = [await http.get("/") for _ in range(11)]

    assert [each.status_code for each in answers[-2:]] == [200, 429]
    assert "Too many requests" in answers[-1].text
    assert 'href="tel:120"' in answers[-1].text


async def test_who_tries_codes_is_stopped_and_reports_all_the_same(here: Town) -> None:
    async with far_away(here) as http:
        found = [(await http.get(f"/reports/{code}")).status_code for code in ("AAAAAAAAAA", "BBBBBBBBBB")]
        stopped = await http.get("/api/reports/CCCCCCCCCC")
        wish = await http.post("/reports/DDDDDDDDDD/urge", data={"text": "快一点"})
        report = await http.post("/c/wulibao", data=FIELDS)

    assert found == [404, 404]
    assert (stopped.status_code, wish.status_code, report.status_code) == (429, 429, 303)
    assert {each["number"] for each in stopped.json()["emergency"]} == {"110", "119", "120"}
