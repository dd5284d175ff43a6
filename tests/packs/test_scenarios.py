"""Every shipped pack keeps what its scenarios promise: one test a scenario, named by pack and id."""

from __future__ import annotations

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
