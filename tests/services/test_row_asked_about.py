"""Why a row did not decide, as the desk asks it: of a stored case, and of a report that nobody made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from tests.domain.town import DUTY, wulibao
from tests.services.publication_setup import Office, office
from tests.services.test_simulate import drain

REPORT = {
    "community": "wulibao", "category": "WAT.sewer_blocked", "description": "堵了",
    "place": {"building": "courtyard-51-b1"},
}  # fmt: skip


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        await found.desk.store.insert([(drain(1), wulibao())])
        yield found


async def explained(here: Office, query: str, language: str = "zh-CN") -> httpx.Response:
    headers = {"authorization": f"Bearer {DUTY[0]}", "accept-language": language}
    return await here.http.get(f"/api/cases/c1/explanation{query}", headers=headers)


async def invented(here: Office, **said: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {DUTY[0]}"}
    return await here.http.post("/api/explain", headers=headers, json={**REPORT, **said})


async def test_a_stored_case_says_of_a_row_which_condition_it_lacked_and_by_which_version(here: Office) -> None:
    told: Mapping[str, Any] = (await explained(here, "?row=37", "en")).json()

    why = told["why_not"]
    assert (told["number"], told["row"], why["row"], why["because"]) == (1, 36, 37, "unmet")
    assert "not_known" in [each["state"] for line in why["lines"] for each in line["conditions"]]
    assert why["text"] == "Not every condition of row 37 is met."


async def test_every_row_that_was_asked_says_in_words_what_it_lacked_and_what_is_not_known_by_its_name(
    here: Office,
) -> None:
    zh, en = (await explained(here, "")).json()["rows"], (await explained(here, "", "en")).json()["rows"]
    (row_37,) = (each for each in zh if each["row"] == 37)

    assert row_37["lacking"] == [{"condition": "public_main is True", "seen": None, "state": "not_known"}]
    assert row_37["text"] == "没有用第37行:它要求“是院子外面马路上的市政管道吗：是”,而这里是“不知道”。"
    assert next(each["text"] for each in en if each["row"] == 37).endswith("and here it is “not known”.")
    assert {each["row"] for each in zh if each["text"] is None} == {each["row"] for each in zh if each["matched"]}


@pytest.mark.parametrize("place", [{}, {"building": "courtyard-51-b1"}])
async def test_a_row_may_be_asked_about_where_the_category_is_not_one_of_the_packs(
    here: Office, place: Mapping[str, str]
) -> None:
    told = await invented(here, category="0", place=place, row=1)

    assert told.status_code == 200
    assert (told.json()["state"], told.json()["why_not"]["because"]) == ("reported", "unmet")


async def test_who_asks_about_no_row_is_told_of_none(here: Office) -> None:
    assert "why_not" not in (await explained(here, "")).json()


async def test_an_invented_report_is_asked_the_same_way(here: Office) -> None:
    told = (await invented(here, row=36)).json()
    answered = (await invented(here, row=37, answers={"public_main": False})).json()

    assert (told["why_not"]["because"], told["why_not"]["text"]) == ("decided", "就是第36行定的。")
    assert "unmet" in [each["state"] for line in answered["why_not"]["lines"] for each in line["conditions"]]


@pytest.mark.parametrize("row", ["x", "99999", "9999", ""])
async def test_a_row_that_cannot_be_is_refused(here: Office, row: str) -> None:
    assert (await explained(here, f"?row={row}")).status_code == 422
