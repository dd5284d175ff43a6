"""A place that was said becomes the right area, or honestly none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.domain.naming import folded
from shaoyin.domain.place import Area, AreaKind, AreaTree, Found, ManagedFrom
from shaoyin.domain.report import PlaceGiven, Point


def area(
    name: str,
    parent: str | None = None,
    kind: AreaKind = "courtyard",
    *aliases: str,
    managed: tuple[ManagedFrom, ...] = (),
) -> Area:
    return Area(name, kind, parent, {"zh-CN": name}, None, aliases, managed)


def tree(*areas: Area) -> AreaTree:
    return AreaTree({each.area_id: each for each in areas})


TOWN = tree(
    area("二七区", None, "district"),
    area("五里堡", "二七区", "street"),
    area("南社区", "五里堡", "community", "五里堡南社区"),
    area("51号院", "南社区", "courtyard", "大学北路51号院", managed=(ManagedFrom("none"),)),
    area("东微网格", "51号院", "micro_grid"),
    area("51号院2号楼", "东微网格", "building"),
    area("5号院", "南社区"),
    area("15号院", "南社区"),
    area("Block A", "南社区"),
)


def found(text: str) -> tuple[str | None, str]:
    said = TOWN.find(PlaceGiven(text=text))
    return said.area, said.how


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("大学北路51号院门口", "51号院"),
        ("51号院2号楼三单元", "51号院2号楼"),
        ("５１号院２号楼", "51号院2号楼"),
        (" 5 1 号 院 ", "51号院"),
        ("就在15号院里", "15号院"),
        ("block a 的门坏了", "Block A"),
        ("ＢＬＯＣＫ Ａ", "Block A"),
        ("五里堡南社区", "南社区"),
    ],
)
def test_the_longest_name_in_the_text_is_the_place(text: str, expected: str) -> None:
    assert found(text) == (expected, "alias")


@pytest.mark.parametrize("text", ["", "门口的路灯", "251号院", "大学北路151号院", "院"])
def test_a_text_that_names_no_place_is_left_to_a_person(text: str) -> None:
    assert found(text) == (None, "unresolved")


def test_a_number_that_goes_on_in_the_text_is_another_number() -> None:
    places = tree(area("路45", None), area("45号", None))

    assert places.find(PlaceGiven(text="路451")).area is None
    assert places.find(PlaceGiven(text="145号")).area is None
    assert places.find(PlaceGiven(text="145号和45号")).area == "45号"


def test_two_places_named_at_equal_length_are_no_place() -> None:
    assert found("15号院和51号院之间的井")[0] is None


def test_two_names_of_one_place_are_one_place() -> None:
    places = tree(area("甲院", None, "courtyard", "乙院"))

    assert places.find(PlaceGiven(text="甲院也叫乙院")).area == "甲院"


def test_what_lies_around_the_community_is_none_of_its_places() -> None:
    """The district in an address, or picked by a client, would be a place that no desk answers for."""
    community = AreaTree(TOWN.areas, "五里堡")

    assert community.find(PlaceGiven(area="二七区")) == Found(None, "unresolved", "二七区")
    assert community.find(PlaceGiven(building="二七区")).area is None
    assert community.find(PlaceGiven(text="二七区")).area is None
    assert community.find(PlaceGiven(text="二七区5号院")).area == "5号院"
    assert community.find(PlaceGiven(area="五里堡")).area == "五里堡"
    assert community.find(PlaceGiven(area="51号院2号楼")).area == "51号院2号楼"


def test_a_building_outranks_an_area_and_an_area_the_text() -> None:
    text = "15号院"

    assert TOWN.find(PlaceGiven(area="51号院", building="51号院2号楼", text=text)).how == "building"
    assert TOWN.find(PlaceGiven(area="51号院", text=text)).area == "51号院"


def test_an_unknown_building_is_not_replaced_by_what_the_text_says() -> None:
    said = TOWN.find(PlaceGiven(building="52号楼", text="51号院"))

    assert (said.area, said.how, said.seen) == (None, "unresolved", "52号楼")


def test_a_point_alone_is_said_but_not_resolved_without_polygons() -> None:
    said = PlaceGiven(point=Point(113.6, 34.7, "GCJ02"))

    assert said.said
    assert TOWN.find(said).how == "unresolved"


def test_nothing_said_is_nothing_said() -> None:
    assert not PlaceGiven().said
    assert not PlaceGiven(text="").said


# The tree


def test_the_path_runs_from_the_root_down_and_upward_runs_back() -> None:
    path = ("二七区", "五里堡", "南社区", "51号院", "东微网格", "51号院2号楼")

    assert TOWN.path("51号院2号楼") == path
    assert tuple(each.area_id for each in TOWN.upward("51号院2号楼")) == path[::-1]


def test_an_area_covers_itself_and_what_lies_in_it_and_nothing_else() -> None:
    assert TOWN.covers("51号院", "51号院")
    assert TOWN.covers("五里堡", "51号院2号楼")
    assert not TOWN.covers("51号院2号楼", "51号院")
    assert not TOWN.covers("15号院", "51号院2号楼")
    assert not TOWN.covers("五里堡", None)


def test_the_nearest_area_of_a_kind_may_be_the_area_itself() -> None:
    micro = TOWN.nearest("51号院2号楼", {"micro_grid", "dedicated_grid"})

    assert micro is not None
    assert micro.area_id == "东微网格"
    assert TOWN.nearest("东微网格", {"micro_grid"}) == micro
    assert TOWN.nearest("51号院", {"building"}) is None


# Who manages it


def test_the_mode_of_the_compound_holds_for_its_buildings_and_not_for_the_street() -> None:
    day = date(2026, 9, 12)
    managed = TOWN.management("51号院2号楼", day)

    assert managed is not None
    assert managed.mode == "none"
    assert TOWN.management("五里堡", day) is None


def test_an_agreement_changes_later_days_and_leaves_earlier_ones_alone() -> None:
    modes = (ManagedFrom("none"), ManagedFrom("community_trustee", date(2026, 11, 1), "firm"))
    places = tree(area("院", None, managed=modes), area("楼", "院", "building"))

    before, after = places.management("楼", date(2026, 10, 31)), places.management("楼", date(2026, 11, 1))
    assert before is not None
    assert after is not None
    assert (before.mode, after.mode, after.by) == ("none", "community_trustee", "firm")


def test_a_mode_that_has_not_begun_yet_leaves_what_holds_around_it() -> None:
    places = tree(
        area("苑", None, "estate", managed=(ManagedFrom("property_company"),)),
        area("院", "苑", managed=(ManagedFrom("self_managed", date(2027, 1, 1)),)),
    )
    managed = places.management("院", date(2026, 9, 12))

    assert managed is not None
    assert managed.mode == "property_company"


@given(st.text(alphabet="0123456789号院楼AbＡ５ ", max_size=12), st.sampled_from(["5号院", "15号院", "51号院"]))
def test_a_place_that_is_found_stands_in_the_text_with_no_digit_before_it(before: str, name: str) -> None:
    said = TOWN.find(PlaceGiven(text=before + name))

    text = folded(before + name)
    if said.area is not None:
        at = [at for at in range(len(text)) if text.startswith(said.seen, at)]
        assert any(not text[here - 1 : here].isdecimal() for here in at)
    if not folded(before)[-1:].isdecimal() and folded(before).count("院") == 0:
        assert said.area == name
