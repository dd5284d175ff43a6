"""Wulibao street and its district: every place is covered once, and courtyard 51 gets the unit with the right truck."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain.coverage import gaps
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import AreaTree
from tests.domain.town import Story, a_blocked_drain, at
from tests.packs.conftest import SHIPPED, shipped
from tests.packs.matters import main_of, vacated

PLACES = sorted(folder.name for folder in SHIPPED.iterdir() if (folder / "areas.yaml").exists())


@pytest.mark.parametrize("name", PLACES)
def test_eq_01_in_every_shipped_pack_nothing_is_uncovered_and_nothing_covered_twice(name: str) -> None:
    found = gaps(shipped(name))

    assert (found.in_no_grid, found.in_two_grids, found.doubled) == ((), (), ())


def test_eq_01_what_is_not_covered_is_listed(wulibao: Pack) -> None:
    """A building hung on the street, a building in two grids, a grid whose lead has gone."""
    areas = dict(wulibao.areas.areas)
    areas["road-45"] = replace(areas["road-45"], parent="wls-grid-1")
    areas["wls-micro-51-2"] = replace(areas["wls-micro-51-2"], parent="wls-micro-51-1")
    broken = replace(vacated(wulibao, "grid-2-lead"), areas=AreaTree(areas, wulibao.root))

    found = gaps(broken)

    assert found.in_no_grid == ("road-45",)
    assert found.in_two_grids == ("courtyard-51-b3", "courtyard-51-b4")
    assert found.without_lead == ("wls-grid-2",)


def test_eq_01_two_posts_for_one_role_at_one_place_are_both_named(wulibao: Pack) -> None:
    posts = dict(wulibao.directory.posts)
    posts["second-lead"] = replace(posts["grid-1-lead"], post_id="second-lead", holders=("p-yi-9",))
    twice = replace(wulibao, directory=replace(wulibao.directory, posts=posts))

    assert gaps(twice).doubled == (("grid-1-lead", "second-lead"),)


def test_wl_01_the_drain_of_courtyard_51_is_the_communitys_and_the_unit_with_the_truck_is_called() -> None:
    story = Story()
    story.now = at("2026-09-12 09:30")
    story.report(a_blocked_drain(received_at=story.now))

    case = story.open_case
    calls = {each.type: each for each in case.whistles.values()}
    assert (main_of(story).kind, case.urgency, case.row) == ("community_duty", "urgent", 36)
    assert set(calls) == {"partner_unit_whistle", "member_service_whistle"}
    (unit,) = calls["partner_unit_whistle"].asked
    assert "flushing_truck" in story.pack.directory.orgs[story.pack.directory.posts[unit].org].resources
