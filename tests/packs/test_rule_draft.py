"""A draft of a few rows put into the community's own pages: nothing else changes, and each problem finds its row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shaoyin.adapters.pack_check import check_handed
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.packs import pages_of
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_draft import RuleDraft, drafted, next_own_number, own_numbers
from shaoyin.adapters.rule_problems import in_rows
from shaoyin.adapters.rule_table import PAGE, Written, rows_of
from tests.packs.conftest import SHIPPED

TODAY = date(2026, 11, 10)


@pytest.fixture(scope="module")
def wulibao() -> Handed:
    return pages_of(SHIPPED / "wulibao")


@pytest.fixture(scope="module")
def daxin() -> Handed:
    return pages_of(SHIPPED / "daxin")


def row(pages: Handed, line: str, **then: object) -> Written:
    entry = rows_of(pages)[line].entry
    data = in_codes(entry.data)
    return Written({**data, "then": {**data["then"], **then}}, entry.comment)


def test_a_draft_that_says_nothing_changes_no_page(wulibao: Handed, daxin: Handed) -> None:
    for pages in (wulibao, daxin):
        found = drafted(pages, RuleDraft())

        assert found.files == {}
        assert found.pages == pages


def test_a_changed_row_of_the_base_becomes_the_communitys_own_and_all_its_lines_with_it(wulibao: Handed) -> None:
    found = drafted(wulibao, RuleDraft({"36": row(wulibao, "36", result_within="5 h")}))

    assert list(found.files) == [PAGE]
    assert found.files[PAGE].count("- row:") == 1
    assert "result_within: 5 h" in found.files[PAGE]
    assert rows_of(found.pages)["36"].pack == "wulibao"

    several = drafted(wulibao, RuleDraft({"4a": row(wulibao, "4a", late="street")}))
    lines = [line for line in rows_of(wulibao) if line.startswith("4") and line[1:].isalpha()]
    assert several.files[PAGE].count("- row: 4\n") == len(lines) > 1


def test_other_own_rows_stay_to_the_last_sign(daxin: Handed) -> None:
    before = daxin["daxin"][PAGE].decode()
    found = drafted(daxin, RuleDraft({"36": row(daxin, "36", result_within="5 h")}))

    assert found.files[PAGE].startswith(before.rstrip("\n"))


def test_an_own_row_can_go_and_the_inherited_one_is_back(daxin: Handed) -> None:
    own = own_numbers(daxin)
    assert own
    number, inherited = next(iter(own.items()))

    found = drafted(daxin, RuleDraft(dropped=frozenset({number})))

    assert f"row: {number}\n" not in found.files[PAGE]
    there = {row.entry.data["row"]: row.pack for row in rows_of(found.pages).values()}
    assert there.get(number) == ("base" if inherited else None)
    assert set(own) - {number} == set(own_numbers(found.pages))


def test_the_last_own_row_that_goes_leaves_an_empty_page_that_can_be_read(wulibao: Handed) -> None:
    one = drafted(wulibao, RuleDraft({"36": row(wulibao, "36", result_within="5 h")}))

    none = drafted(one.pages, RuleDraft(dropped=frozenset({36})))

    assert none.files[PAGE].endswith("[]\n")
    assert rows_of(none.pages)["36"].pack == "base"


def test_a_new_row_has_the_first_number_that_is_free_and_is_asked_before_the_inherited(wulibao: Handed) -> None:
    number = next_own_number(wulibao, RuleDraft())
    assert number == 201
    data = {**row(wulibao, "36").data, "row": number}

    draft = RuleDraft({str(number): Written(data, "为什么")})
    found = drafted(wulibao, draft)

    assert next(iter(rows_of(found.pages))) == "201"
    assert "# 为什么\n- row: 201" in found.files[PAGE]
    assert next_own_number(wulibao, draft) == 202
    assert next_own_number(found.pages, RuleDraft()) == 202


@pytest.mark.parametrize(
    ("then", "steps"),
    [({"main": "nobody_such"}, ("then", "main")), ({"result_within": "two"}, ("then", "result_within"))],
)
def test_a_problem_finds_its_row_and_its_cell(wulibao: Handed, then: dict[str, Any], steps: tuple[str, ...]) -> None:
    draft = RuleDraft({"36": row(wulibao, "36", **then), "43": row(wulibao, "43", claim="3 d")})
    found = drafted(wulibao, draft)

    about, elsewhere = in_rows(check_handed("wulibao", found.pages, TODAY).problems, found.starts)

    assert ("36", steps) in {(each.line, each.steps) for each in about}
    assert elsewhere == []


def test_a_scenario_that_no_longer_comes_true_is_found_and_can_be_written_anew_or_go(wulibao: Handed) -> None:
    rows = {"36": row(wulibao, "36", result_within="5 h", main="street")}
    found = drafted(wulibao, RuleDraft(rows))
    problems = check_handed("wulibao", found.pages, TODAY).problems
    assert {each.code for each in problems} <= {"scenario_fails", "scenario_stops"}
    failing = {}
    for each in problems:
        file = each.file.removeprefix("wulibao/")
        scenario = found.scenario_at(file, each.row)
        assert scenario is not None
        assert scenario.scenario in each.zh
        assert scenario.text.startswith(f"- id: {scenario.scenario}\n")
        failing[file, scenario.scenario] = scenario.text
    texts: dict[str, dict[str, str]] = {}
    for file, scenario_id in failing:
        texts.setdefault(file, {})[scenario_id] = ""

    gone = drafted(wulibao, RuleDraft(rows, scenarios=texts))

    assert check_handed("wulibao", gone.pages, TODAY).problems == ()
    assert set(gone.files) == {PAGE, *texts}
    (file, scenario_id), text = next(iter(failing.items()))
    again = drafted(wulibao, RuleDraft(rows, scenarios={**texts, file: {**texts[file], scenario_id: text}}))
    left = check_handed("wulibao", again.pages, TODAY).problems
    assert left
    assert all(scenario_id in each.zh for each in left)


def test_a_scenario_that_cannot_be_read_is_told_where_it_was_written(wulibao: Handed) -> None:
    first = drafted(wulibao, RuleDraft()).scenarios["scenarios.yaml"][1]

    found = drafted(wulibao, RuleDraft(scenarios={"scenarios.yaml": {first.scenario: "- id: [\n"}}))
    (problem,) = check_handed("wulibao", found.pages, TODAY).problems

    at = found.scenario_at("scenarios.yaml", problem.row)
    assert at is not None
    assert found.scenarios["scenarios.yaml"].index(at) in (1, 2)
