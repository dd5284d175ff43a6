"""A place that was pointed at: geometry's hits become an area, by the border rule and the day they are asked for."""

from __future__ import annotations

from datetime import date

import pytest

from shaoyin.domain.hits import Hit, nearest_entrance
from shaoyin.domain.place import Area, AreaKind, AreaTree, Found
from shaoyin.domain.report import PlaceGiven, Point

HERE = PlaceGiven(point=Point(113.64, 34.72, "GCJ02"))


def area(name: str, parent: str | None, kind: AreaKind, since: date | None = None, until: date | None = None) -> Area:
    return Area(name, kind, parent, {"zh-CN": name, "en": f"The {name}"}, since=since, until=until)


def tree(*areas: Area, root: str | None = "社区") -> AreaTree:
    return AreaTree({each.area_id: each for each in areas}, root)


TOWN = tree(
    area("街道", None, "street"),
    area("社区", "街道", "community"),
    area("一院", "社区", "courtyard"),
    area("东格", "一院", "micro_grid"),
    area("西格", "一院", "micro_grid"),
    area("东楼", "东格", "building"),
    area("西楼", "西格", "building"),
    area("南格", "社区", "micro_grid"),
    area("二院", "南格", "courtyard"),
    area("三院", "南格", "courtyard"),
    area("商场", "社区", "dedicated_grid"),
    area("商场楼", "商场", "building"),
    area("外街道", None, "street"),
)


def at(*hits: Hit, said: PlaceGiven = HERE) -> Found:
    return TOWN.find(said, None, hits)


def test_a_point_in_one_grid_lies_in_that_grid() -> None:
    assert at(Hit("东格", 0)) == Found("东格", "polygon", "东格 0")


def test_a_point_lies_in_the_smallest_area_that_contains_it() -> None:
    assert at(Hit("南格", 0), Hit("二院", 0)).area == "二院"
    assert at(Hit("社区", 0), Hit("一院", 0)).area == "一院"


def test_a_courtyard_that_is_only_near_is_not_where_the_point_is() -> None:
    assert at(Hit("南格", 0), Hit("二院", 5), Hit("三院", 5)) == Found("南格", "polygon", "南格 0")


def test_a_point_just_outside_a_single_grid_still_belongs_to_it() -> None:
    assert at(Hit("东格", 9.6)) == Found("东格", "polygon", "东格 10")


def test_a_point_near_two_grids_goes_to_the_one_with_the_nearer_entrance() -> None:
    found = at(Hit("东格", 0, "东楼", 31.2), Hit("西格", 4, "西楼", 12.4))

    assert found == Found("西格", "nearest_entrance", "东楼 31, 西楼 12")


def test_two_entrances_equally_near_leave_the_place_to_what_the_grids_have_in_common() -> None:
    assert at(Hit("东格", 0, "东楼", 20.0), Hit("西格", 4, "西楼", 20.9)) == Found("一院", "border", "东楼 20, 西楼 21")
    assert at(Hit("东格", 0, "东楼", 20), Hit("南格", 4, "东楼", 20)).area == "社区"


def test_a_grid_without_a_known_entrance_may_have_the_nearest_so_nobody_guesses() -> None:
    assert at(Hit("东格", 0, "东楼", 3), Hit("西格", 4)) == Found("一院", "border", "东楼 3, 西格 4")


def test_the_courtyard_around_two_grids_is_no_third_party_at_their_border() -> None:
    found = at(Hit("一院", 0, "西楼", 12), Hit("东格", 0, "东楼", 31), Hit("西格", 4, "西楼", 12))

    assert (found.area, found.how) == ("西格", "nearest_entrance")


def test_a_courtyard_without_polygons_of_its_grids_meets_the_neighbour_as_a_whole() -> None:
    assert at(Hit("一院", 0, "东楼", 5), Hit("南格", 3, "西楼", 9)).area == "一院"


def test_a_point_in_a_dedicated_grid_is_found_as_such_and_at_its_border_like_any_other() -> None:
    assert at(Hit("商场", 0)).how == "dedicated_grid"
    assert at(Hit("商场", 0, "商场楼", 40), Hit("东格", 3, "东楼", 8)) == Found(
        "东格", "nearest_entrance", "商场楼 40, 东楼 8"
    )


def test_three_grids_meet_and_the_nearest_entrance_wins() -> None:
    hits = (Hit("东格", 2, "东楼", 30), Hit("西格", 0, "西楼", 25), Hit("南格", 4, "商场楼", 20))

    assert at(*hits).area == "南格"
    assert nearest_entrance((*hits[:2], Hit("南格", 4, None, None))) is None


def test_a_hit_outside_the_community_or_of_an_area_that_is_gone_is_none() -> None:
    assert at(Hit("外街道", 0)).how == "unresolved"
    assert at(Hit("没有", 0)).how == "unresolved"


# Beside what was said


def test_a_point_says_more_exactly_what_a_text_names_at_large() -> None:
    assert at(Hit("东格", 0), said=PlaceGiven(text="一院门口", point=HERE.point)).area == "东格"


def test_a_text_that_names_the_building_is_believed_before_the_point() -> None:
    found = at(Hit("东格", 0), said=PlaceGiven(text="东楼三单元", point=HERE.point))

    assert (found.area, found.how) == ("东楼", "alias")


def test_a_point_that_contradicts_the_text_is_not_believed() -> None:
    assert at(Hit("商场", 0), said=PlaceGiven(text="西楼", point=HERE.point)).area == "西楼"


def test_where_the_text_names_two_places_the_point_tells() -> None:
    assert at(Hit("西格", 0), said=PlaceGiven(text="东楼和西楼之间", point=HERE.point)).area == "西格"


def test_a_building_that_was_picked_is_not_moved_by_a_point() -> None:
    assert at(Hit("商场", 0), said=PlaceGiven(building="东楼", point=HERE.point)).area == "东楼"


# Facts for the rows


@pytest.mark.parametrize(
    ("area_id", "how", "true"),
    [
        ("东楼", "building", {"place_known"}),
        ("商场楼", "building", {"dedicated_grid", "place_known"}),
        ("商场", "dedicated_grid", {"dedicated_grid", "place_known"}),
        ("东格", "nearest_entrance", {"on_border", "place_known"}),
        ("一院", "border", {"on_border", "equally_near", "place_known"}),
        ("社区", "service_post", set[str]()),
        ("社区", "fallback", set[str]()),
        ("社区", None, {"place_known"}),
    ],
)
def test_the_rows_of_the_grid_group_ask_four_facts(area_id: str, how: str | None, true: set[str]) -> None:
    facts = TOWN.facts(area_id, how)

    assert {name for name, holds in facts.items() if holds} == true
    assert facts.keys() == {"dedicated_grid", "on_border", "equally_near", "place_known"}


def test_what_was_seen_at_a_border_is_told_by_name() -> None:
    assert TOWN.seen_in("border", "东楼 20, 西楼 21", "en") == "The 东楼 20 m, The 西楼 21 m"
    assert TOWN.seen_in("alias", "东楼 20", "en") == "东楼 20"


# What is valid on a day

DIVIDED = tree(
    area("社区", None, "community"),
    area("旧格", "社区", "micro_grid", until=date(2026, 12, 31)),
    Area("楼", "building", "旧格", {"zh-CN": "一号楼", "en": "B1"}, aliases=("1栋",), until=date(2026, 12, 31)),
    area("新格", "社区", "micro_grid", since=date(2027, 1, 1)),
    Area("楼-2027", "building", "新格", {"zh-CN": "一号楼", "en": "B1"}, aliases=("1栋",), since=date(2027, 1, 1)),
)
BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 1)


@pytest.mark.parametrize(("day", "expected"), [(BEFORE, "楼"), (AFTER, "楼-2027")])
@pytest.mark.parametrize("said", [PlaceGiven(text="一号楼门口"), PlaceGiven(text="1栋"), PlaceGiven(building="楼")])
def test_a_building_is_the_one_that_counts_that_day(said: PlaceGiven, day: date, expected: str) -> None:
    assert DIVIDED.find(said, day).area == expected


def test_a_building_that_is_gone_and_has_no_successor_is_no_place() -> None:
    places = tree(area("社区", None, "community"), area("楼", "社区", "building", until=BEFORE))

    assert places.find(PlaceGiven(building="楼"), AFTER) == Found(None, "unresolved", "楼")


@pytest.mark.parametrize(("day", "expected"), [(BEFORE, "旧格"), (AFTER, "新格")])
def test_a_point_is_in_the_grid_that_counts_that_day(day: date, expected: str) -> None:
    assert DIVIDED.find(HERE, day, (Hit("旧格", 0), Hit("新格", 0))).area == expected


def test_an_area_counts_on_its_first_day_and_its_last() -> None:
    one_day = area("格", None, "grid", since=BEFORE, until=BEFORE)

    assert one_day.valid_on(BEFORE)
    assert one_day.valid_on(None)
    assert not one_day.valid_on(AFTER)
    assert not one_day.valid_on(date(2026, 12, 30))
