"""Minggong Road street with its unmanaged courtyards: the directory and routing mechanisms MG of the specification."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from shaoyin.adapters.packs import load
from shaoyin.domain.pack import Pack
from tests.packs.conftest import SHIPPED

BEFORE = date(2026, 9, 14)


@pytest.fixture(scope="module")
def minggong() -> Pack:
    loaded = load(SHIPPED / "minggong")
    assert loaded.pack is not None, loaded.problems
    return loaded.pack


def unmanaged(pack: Pack, day: date) -> list[str]:
    return [
        area.area_id
        for area in pack.areas.areas.values()
        if area.kind == "courtyard" and (managed := pack.areas.management(area.area_id, day)) and managed.mode == "none"
    ]


def test_mg_01_fifty_seven_courtyards_have_neither_firm_nor_unit(minggong: Pack) -> None:
    assert len(unmanaged(minggong, BEFORE)) == 57


def test_mg_03_the_agreement_covers_twenty_of_them_each_from_a_day_of_its_own(minggong: Pack) -> None:
    covered = [area for area in minggong.areas.areas.values() if area.kind == "courtyard" and len(area.management) > 1]

    assert len(covered) == 20
    assert len({area.management[-1].since for area in covered}) == 2
    for area in covered:
        first, agreed = area.management
        assert (first.mode, agreed.mode, agreed.by) == ("none", "community_trustee", "red-property")
        assert agreed.since is not None
        assert minggong.areas.management(area.area_id, agreed.since - timedelta(days=1)) == first
        assert minggong.areas.management(area.area_id, agreed.since) == agreed
    assert len(unmanaged(minggong, date(2027, 1, 1))) == 37


def test_mg_04_a_hundred_and_ninety_micro_grids_lie_in_forty_five_grids(minggong: Pack) -> None:
    areas = minggong.areas.areas
    kinds = Counter(area.kind for area in areas.values())
    parents = Counter(area.parent for area in areas.values() if area.kind == "micro_grid")

    assert (kinds["grid"], kinds["micro_grid"]) == (45, 190)
    assert {areas[parent or ""].kind for parent in parents} == {"grid"}
    assert round(parents.total() / len(parents), 1) == 4.2


def test_mg_04_every_grid_and_micro_grid_has_somebody_who_leads_it(minggong: Pack) -> None:
    directory = minggong.directory
    for area in minggong.areas.areas.values():
        if area.kind in ("grid", "micro_grid"):
            post = directory.in_area(f"{area.kind}_lead", area.area_id)
            assert post is not None, area.area_id
            assert post.filled, area.area_id


def test_every_name_is_plainly_invented(minggong: Pack) -> None:
    assert all(person.name.startswith("示例·") for person in minggong.directory.people.values())
