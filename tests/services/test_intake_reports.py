"""Reports over HTTP: what is taken, what is refused, and what the receipt promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.intake_setup import Town, a_drain, problem, town


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def test_a_report_is_answered_with_a_receipt_whose_code_works_at_once(here: Town) -> None:
    receipt = await here.taken()

    assert receipt["status_url"] == f"/api/reports/{receipt['query_code']}"
    assert (await here.progress(receipt["query_code"]))["state"] == "reported"
