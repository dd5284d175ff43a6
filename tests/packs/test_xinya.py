"""New Asia Sports City in Kunming: four areas, nine grids, 500 buildings, and households nobody reaches."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from shaoyin.domain.coverage import branch_of, gaps
from shaoyin.domain.households import covered, rate
from shaoyin.domain.pack import Pack
from shaoyin.domain.profile import Homes
from shaoyin.domain.roster import missing
from tests.packs.conftest import Copy, shipped
from tests.packs.matters import main_of, of_kind, reported, vacated

GRIDS = tuple(f"xy-g{number}" for number in range(1, 10))


def test_xy_01_a_rate_is_per_13350_households_and_says_of_which_day(xinya: Pack) -> None:
    found = rate(267, xinya.profile.figure("households"))

    assert (found.per_thousand, found.of.count, found.of.as_of) == (20.0, 13_350, date(2025, 1, 3))
    assert xinya.profile.figure("units").at_least
    assert xinya.profile.figure("commercial_buildings").count == 65


def test_xy_02_five_hundred_buildings_are_each_in_one_of_nine_grids_and_each_grid_in_one_of_four_areas(
    xinya: Pack,
) -> None:
    areas = xinya.areas
    around = [areas.nearest(building, {"micro_grid"}) for building in of_kind("building", xinya)]
    in_grids = [grid.area_id for grid in around if grid is not None]

    assert len(of_kind("sub_area", xinya)) == 4
    assert (len(in_grids), set(in_grids)) == (500, set(GRIDS))
    assert len(around) - len(in_grids) == 65
    assert {areas.areas[areas.areas[grid].parent or ""].kind for grid in GRIDS} == {"sub_area"}
    assert (gaps(xinya).in_no_grid, gaps(xinya).in_two_grids) == ((), ())
    assert all(branch_of(grid, xinya) is not None for grid in GRIDS)


def test_xy_02_the_chain_has_five_levels_below_the_street(xinya: Pack) -> None:
    core = xinya.directory.posts["core-4-post"]

    assert [org.org_id for org in xinya.bodies_above(core.org, core.area)] == [
        "group-4", "grid-4", "area-2", "xinya-committee", "ailiu-office",
    ]  # fmt: skip


def test_xy_03_a_grid_without_its_officer_is_incomplete_and_the_areas_officer_stands_in(xinya: Pack) -> None:
    crew = next(each for each in xinya.profile.crews if each.crew_id == "three-plus-x")
    after = vacated(xinya, "grid-3-police")

    assert missing(crew, xinya) == {}
    assert missing(crew, after) == {"xy-g3": ("police",)}
    own, other = (
        pack.post_for("police_area", "xy-g3-b10") or pack.post_for("area_police", "xy-g3-b10")
        for pack in (xinya, after)
    )
    assert own is not None
    assert other is not None
    assert (own.post_id, other.post_id) == ("grid-3-police", "area-2-police")


def test_xy_03_a_hazard_is_told_to_the_grids_officer_and_without_one_to_the_areas(xinya: Pack) -> None:
    for pack, officer in ((xinya, "grid-3-police"), (vacated(xinya, "grid-3-police"), "area-2-police")):
        case = reported(pack, "HAZ.fire_door", "xy-g3-b10", text="防火门关不上").open_case
        assert officer in {party.post for party in case.informed}


def test_xy_04_a_merchant_of_the_commercial_area_is_heard_by_the_area_and_not_by_an_estate(xinya: Pack) -> None:
    story = reported(xinya, "SAN.public_toilet", "xy-mall-b05", text="商场卫生间没有人打扫")

    assert (main_of(story).post_id, main_of(story).area) == ("area-2-lead", "xy-area-2")
    assert story.open_case.row == 20


def test_xy_05_twenty_two_people_reach_13200_of_13350_households_and_the_150_are_listed(xinya: Pack) -> None:
    staff = next(each for each in xinya.profile.covers if each.cover_id == "staff")
    found = covered(staff, xinya)

    assert sum(found.people.values()) == 22
    assert set(found.people) == set(GRIDS)
    assert staff.at_most * 22 == 13_200
    assert found.total == 13_200
    assert found.left == {"xy-g5": 50, "xy-g9": 100}
    assert found.total + found.total_left == 13_350


@cache
def _pack() -> Pack:
    return shipped("xinya")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3000), min_size=9, max_size=9))
def test_xy_05_however_the_households_lie_at_least_150_are_uncovered(weights: list[int]) -> None:
    pack = _pack()
    total = sum(weights) or 1
    shares = [13_350 * weight // total for weight in weights]
    shares[0] += 13_350 - sum(shares)
    homes = tuple(Homes(grid, share) for grid, share in zip(GRIDS, shares, strict=True))
    staff = pack.profile.covers[0]

    found = covered(staff, replace(pack, profile=replace(pack.profile, homes=homes)))

    assert found.total <= 13_200
    assert found.total_left >= 150
    assert found.total + found.total_left == 13_350


def test_xy_06_764_members_link_at_most_11460_households_of_their_own_buildings(xinya: Pack) -> None:
    members = next(each for each in xinya.profile.covers if each.cover_id == "members")
    found = covered(members, xinya)

    counted = Counter({each.area: each.members for each in xinya.profile.homes})
    assert counted.total() == 621 + 143
    assert found.total <= 764 * 15 == 11_460
    assert found.total_left >= 1_890
    assert found.total + found.total_left == 13_350
    assert set(found.left) == {area for area, rest in found.left.items() if rest > 0}


def test_xy_06_a_link_to_another_building_needs_its_reason(packs: Copy, xinya: Pack) -> None:
    (link,) = xinya.profile.elsewhere
    assert link.reason

    packs.own = packs.folder / "xinya"
    packs.change("xinya/profile.yaml", ", reason: 隔壁栋没有党员(示例)}", "}")

    assert packs.problem().code == "field_missing"


def test_xy_07_a_grid_without_a_branch_has_the_nearest_and_that_is_shown(xinya: Pack) -> None:
    linked = {grid: branch_of(grid, xinya) for grid in GRIDS}

    assert len([org for org in xinya.directory.orgs.values() if org.kind == "estate_branch"]) == 3
    assert {
        grid: (each.body.org_id, each.inherited) for grid, each in linked.items() if each is not None
    } == {
        "xy-g1": ("branch-1", False), "xy-g2": ("branch-1", True), "xy-g3": ("branch-1", True),
        "xy-g4": ("branch-1", True), "xy-g5": ("branch-5", False), "xy-g6": ("branch-5", True),
        "xy-g7": ("branch-5", True), "xy-g8": ("branch-8", False), "xy-g9": ("branch-8", True),
    }  # fmt: skip


def test_xy_16_unpaid_wages_are_labour_inspections_and_the_community_helps(xinya: Pack) -> None:
    story = reported(xinya, "LAB.wage_arrears", "xy-mall-b02", text="店里欠了三个月工资")

    assert main_of(story).speciality == "labour_inspection"
    assert [party.post for party in story.open_case.co] == ["duty"]


def test_xy_18_every_park_has_a_livelihood_post_that_takes_in_and_hands_on(xinya: Pack) -> None:
    posts = [xinya.post_for("service_post", f"{grid}-b05") for grid in GRIDS]

    assert [post.post_id for post in posts if post is not None] == [f"post-{number}" for number in range(1, 10)]
    assert all(post is not None and xinya.directory.has_right(post, "intake") for post in posts)


def test_xy_19_a_park_with_four_of_the_five_ones_lacks_its_officer(xinya: Pack) -> None:
    five = next(each for each in xinya.profile.crews if each.crew_id == "five-ones")
    after = vacated(xinya, "grid-6-police")

    assert list(five.needs) == ["organisation", "platform", "grid", "officer", "council"]
    assert missing(five, xinya) == {}
    assert missing(five, after) == {"xy-e6": ("officer",)}


def test_xy_24_firms_and_merchants_are_enrolled_as_units_and_found_by_what_they_offer(xinya: Pack) -> None:
    (firm,) = xinya.partner("enterprise", "parking_spaces")
    enrolled = {each.person for each in xinya.directory.registrations if each.kind == "unit" and each.state == "active"}

    assert firm.org_id == "example-firm"
    assert {post.post_id for post in xinya.directory.of_org(firm.org_id)} & enrolled == {"example-firm-duty"}
    assert xinya.partner("merchant", "haircut")
    assert xinya.partner("enterprise", "flushing_truck") == ()
