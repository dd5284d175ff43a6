"""Every shipped pack keeps what its scenarios promise: one test a scenario, named by pack and id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from shaoyin.adapters.packs import load
from shaoyin.adapters.scenarios import Written, written
from shaoyin.domain.judging import failures
from shaoyin.domain.pack import Pack
from tests.packs.conftest import SHIPPED

COMMUNITIES = sorted(folder.name for folder in SHIPPED.iterdir() if folder.is_dir() and folder.name != "base")


@cache
def pack_of(community: str) -> Pack:
    loaded = load(SHIPPED / community)
    assert loaded.pack is not None, "\n".join(map(str, loaded.problems))
    return loaded.pack


@cache
def scenarios_of(community: str) -> tuple[Written, ...]:
    pages = sorted((SHIPPED / community).glob("scenarios*.yaml"))
    found, wrong = written([(page, page.read_bytes()) for page in pages])
    assert not wrong, wrong
    return tuple(found)


TOLD = {
    f"{community}:{each.scenario.scenario_id}": each for community in COMMUNITIES for each in scenarios_of(community)
}


@pytest.mark.parametrize("named", TOLD)
def test_a_shipped_pack_keeps_what_its_scenario_promises(named: str) -> None:
    assert list(failures(TOLD[named].scenario, pack_of(named.partition(":")[0]))) == []


# The routing table of the specification


def of(kind: str) -> set[int]:
    """The rows that some scenario of Wulibao shows at work, or is one fact away from."""
    return {row for each in scenarios_of("wulibao") if each.scenario.kind == kind for row in each.scenario.rows}


@pytest.mark.parametrize("row", range(1, 101))
def test_each_of_the_hundred_rows_has_a_scenario_and_a_near_miss(row: int) -> None:
    assert row in of("positive")
    assert row in of("near_miss")


def test_a_near_miss_ends_elsewhere_and_names_what_was_lacking() -> None:
    """But for the rows of which the flow is the judge, and for a matter that waits for its place."""
    flow = {22, 34, 76, 77}
    for each in scenarios_of("wulibao"):
        told = each.scenario
        if told.kind == "near_miss" and not flow & set(told.rows):
            lacking = told.then["lacking"]
            assert isinstance(lacking, Mapping), told.scenario_id
            assert {int(row.rstrip("abcdefgh")) for row in lacking} == set(told.rows), told.scenario_id


@pytest.mark.parametrize("example", range(1, 11))
def test_each_worked_example_of_the_specification_is_a_scenario(example: int) -> None:
    assert any(each.scenario.scenario_id.startswith(f"x{example}-") for each in scenarios_of("wulibao"))


def test_the_meeting_of_december_makes_five_cases() -> None:
    """X5: fire doors, charging, lake, lift, two-way road."""
    rows = [each.scenario.rows for each in scenarios_of("wulibao") if each.scenario.scenario_id.startswith("x5-")]

    assert sorted(rows) == [(39,), (46,), (52,), (56,), (57,)]
