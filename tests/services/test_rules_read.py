"""The rules in force over HTTP, in words: for everybody who is signed in, and never a page behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.services.publication_setup import STRANGER, Office, another_row, office


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


async def rules(here: Office, language: str = "zh-CN") -> Mapping[str, Any]:
    headers = {"authorization": f"Bearer {STRANGER}", "accept-language": language}
    answer = await here.http.get("/api/packs/wulibao/rules", headers=headers)
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def row(told: Mapping[str, Any], line: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(each for each in told["items"] if each["row"] == line)
    return found


async def test_the_rows_in_force_are_told_in_the_order_of_asking_with_the_columns_of_the_table(here: Office) -> None:
    told = await rules(here)

    lines = [each["row"] for each in told["items"]]
    assert (told["pack"], told["number"], lines[0], lines[-1]) == ("wulibao", 1, "17a", "78")
    assert told["columns"][:2] == [{"column": "row", "title": "行号"}, {"column": "asked", "title": "什么情况"}]
    assert row(told, "1")["cells"] == {
        "asked": ["现在有没有危险：着火了 或 在冒烟 或 爆炸"],
        "handler": ["119"],
        "mode": ["转出险情"],
        "informed": ["网格长", "物业值班岗"],
        "basis": ["《消防法》;着火、冒烟、爆炸先打119"],
    }


async def test_the_rules_are_told_in_english_to_who_reads_english(here: Office) -> None:
    told = await rules(here, "en")

    assert told["columns"][1]["title"] == "When"
    assert {**row(told, "4a"), "cells": None} == {
        "row": "4a", "number": 4, "from": "base", "group": "emergency · adds", "cells": None, "comment": "",
    }  # fmt: skip


async def test_a_row_that_was_published_stands_in_the_place_of_the_one_it_replaces(here: Office) -> None:
    before = [each["row"] for each in (await rules(here))["items"]]
    number = await here.publishes(another_row(36, result_within="5 h"))

    told = await rules(here)

    assert told["number"] == number
    assert row(told, "36")["from"] == "wulibao"
    assert "5小时内办结" in row(told, "36")["cells"]["first"]
    assert sorted(before) == sorted(each["row"] for each in told["items"])


async def test_nobody_reads_them_without_signing_in_and_an_unknown_pack_has_none(here: Office) -> None:
    assert (await here.http.get("/api/packs/wulibao/rules")).status_code == 401
    assert (await here.get("/nowhere/rules", STRANGER)).status_code == 404
