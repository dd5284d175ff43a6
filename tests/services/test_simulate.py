"""A draft is tried on past cases: what would change is told row by row, and nothing is kept or decided by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.router.cases import MongoCases
from services.router.documents import Stored, opened
from services.router.past_cases import PastCases, Tried
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.domain.commands import Accept, AskInfo, Command, Dispatch, OpenCase, SupplyInfo
from shaoyin.domain.flow import decision
from shaoyin.domain.report import PlaceGiven, case_id_of
from shaoyin.domain.what_if import WhatIf
from tests.domain.test_place_of_case import BORDER, HERE
from tests.domain.town import DUTY, MORNING, wulibao
from tests.services.publication_setup import (
    APPROVER,
    DRAIN,
    OFFICER,
    STRANGER,
    Files,
    Office,
    a_drain,
    another_limit,
    changes,
    office,
)

DAY = timedelta(days=1)


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        await found.desk.store.insert([(drain(number), wulibao()) for number in (1, 2)])
        yield found


def drain(number: int, category: str = DRAIN) -> Stored:
    report = replace(a_drain(number), category=category)
    command = OpenCase(
        at=MORNING, report=report, case_id=case_id_of(report.report_id), number_if_accepted=f"N-{number}"
    )
    return opened(decision(None, command, wulibao()), "run-1")


def told_later(number: int) -> Stored:
    """Of a drain nobody could find; asked where, its reporter points between two grids whose doors are equally near."""
    report = replace(a_drain(number), place=PlaceGiven(text="桥洞底下"))
    name = case_id_of(report.report_id)
    command = OpenCase(at=MORNING, report=report, case_id=name, number_if_accepted="N-9")
    stored, (person, post) = opened(decision(None, command, wulibao()), "run-1"), DUTY
    said: list[Command] = [
        AskInfo(at=MORNING, person=person, post=post, question="在哪里?"),
        SupplyInfo(at=MORNING, reporter_ref=report.reporter_ref, text="在这里", place=HERE, hits=BORDER),
        Accept(
            at=MORNING, person=person, post=post, category=DRAIN, area="courtyard-51", urgency="urgent", number="N-9"
        ),
        Dispatch(at=MORNING, person=person, post=post),
    ]  # fmt: skip
    for each in said:
        stored = stored.after(decision(stored.case, each, wulibao()))
    return stored


async def test_a_place_that_was_told_later_is_tried_as_it_was_found_then(here: Office) -> None:
    """Rule 21: the community decides between two grids."""
    await here.desk.store.insert([(told_later(9), wulibao())])

    told = (await here.post("/wulibao/simulate", OFFICER, {"version": 1})).json()

    assert (told["asked"], told["changed"], told["undecided"]) == (3, 0, 0)


async def simulated(here: Office, files: Files, person: str = OFFICER, **said: object) -> Mapping[str, Any]:
    answer = await here.post("/wulibao/simulate", person, {"files": files, **said})
    assert answer.status_code == 200, answer.text
    told: Mapping[str, Any] = answer.json()
    return told


async def test_the_rules_in_force_would_change_nothing(here: Office) -> None:
    answer = await here.post("/wulibao/simulate", APPROVER, {"version": 1})

    assert answer.json() == {
        "pack": "wulibao", "version": 1, "against": 1, "days": 30, "asked": 2, "changed": 0, "by_person": 0,
        "undecided": 0, "impossible": [], "rows": [],
    }  # fmt: skip


async def test_an_order_that_hangs_out_is_none_of_a_handler_and_has_no_date_yet(here: Office) -> None:
    await here.desk.store.insert([(drain(3, "LIG.corridor_light"), wulibao())])

    told = (await here.post("/wulibao/simulate", OFFICER, {"version": 1})).json()

    assert (told["asked"], told["changed"], told["undecided"]) == (3, 0, 0)


async def test_a_shorter_limit_is_told_of_every_case_with_what_was_and_what_would_be(here: Office) -> None:
    told = await simulated(here, another_limit("1 h"))

    (row,) = told["rows"]
    assert (told["asked"], told["changed"], row["counts"]) == (2, 2, {"main": 0, "mode": 0, "result": 2})
    assert {each["case_id"]: each["number"] for each in row["changes"]} == {"c1": "N-1", "c2": "N-2"}
    first = row["changes"][0]
    assert first["cells"] == ["result"]
    assert first["would_be"]["result_due_at"] < first["was"]["result_due_at"]
    assert first["would_be"]["main"] == first["was"]["main"]


async def test_another_handler_is_told_with_the_row_that_names_it(here: Office) -> None:
    rows = [
        {"row": 36, "group": "category", "effect": "decides", "when": {"category": "WAT.sewer_blocked"},
         "then": {"main": "community", "mode": "WD"}, "basis": "wulibao 1"},
    ]  # fmt: skip
    was = (await simulated(here, another_limit("1 h")))["rows"][0]["changes"][0]["was"]

    told = await simulated(here, changes(rules=rows))

    assert {each["row"] for each in told["rows"]} == {36}
    assert told["rows"][0]["changes"][0]["was"] == was


async def test_only_the_days_and_cases_asked_for_are_tried(here: Office) -> None:
    assert (await simulated(here, another_limit("1 h"), most=1))["asked"] == 1
    assert isinstance(here.desk.clock, FakeClock)
    here.desk.clock.forward(2 * DAY)
    assert (await simulated(here, another_limit("1 h"), days=1))["asked"] == 0


async def test_a_draft_with_problems_is_refused_as_when_it_is_handed_in(here: Office) -> None:
    wrong = changes(rules=[{"row": 36, "group": "category", "effect": "decides", "then": {"mode": "NO"}, "basis": "x"}])

    answer = await here.post("/wulibao/simulate", OFFICER, {"files": wrong})

    assert (answer.status_code, answer.json()["code"]) == (422, "pack_refused")
    assert answer.json()["problems"][0]["file"] == "wulibao/rules.yaml"


@pytest.mark.parametrize("body", [{}, {"version": 1, "files": {"rules.yaml": ""}}, {"version": 1, "days": 367}])
async def test_what_is_asked_wrongly_is_refused(here: Office, body: Mapping[str, object]) -> None:
    assert (await here.post("/wulibao/simulate", OFFICER, body)).status_code == 422


async def test_only_officers_of_the_rules_may_try_a_draft_and_only_of_a_version_there_is(here: Office) -> None:
    assert (await here.post("/wulibao/simulate", STRANGER, {"version": 1})).status_code == 403
    assert (await here.post("/wulibao/simulate", OFFICER, {"version": 9})).status_code == 404


async def test_nothing_is_kept_of_a_simulation(here: Office) -> None:
    await simulated(here, another_limit("1 h"))

    assert [each["number"] for each in (await here.get("/wulibao/versions")).json()["items"]] == [1]


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_the_store_gives_past_cases_in_pages_the_latest_first(
    mongo_url: str, mongo_name: str, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.router.past_cases.PAGE", 2)
    client = connect(Settings(mongo_url=mongo_url, driver=driver))
    database = client[f"{mongo_name}_router"]
    cases, past = MongoCases(database), PastCases(database)
    await cases.prepare()
    await cases.insert([(drain(number), wulibao()) for number in range(1, 6)])

    pages: list[Tried] = [page async for page in past.since("wulibao", MORNING - DAY, 4)]
    again = WhatIf(wulibao())
    for page in pages:
        again.ask(page.cases)

    assert [each.case_id for page in pages for each in page.cases] == ["c5", "c4", "c3", "c2"]
    assert (again.asked, again.changed) == (4, 0)
    assert [page async for page in past.since("wulibao", MORNING + DAY, 4)] == []
    await close(client)
