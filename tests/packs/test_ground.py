"""What is wrong with days, borders and entrances, said at its cell with what to write instead, in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shaoyin.adapters.pack_check import check
from shaoyin.adapters.packs import Located
from shaoyin.domain.plane import Plane, crossing, far_outside
from tests.packs.conftest import Copy

AREAS, GROUND, PACK = "wulibao/areas.yaml", "wulibao/areas.geojson", "wulibao/pack.yaml"
TODAY = date(2026, 9, 14)
MALL = """  polygon:
    - [113.645471, 34.72]
    - [113.646565, 34.72]
    - [113.646565, 34.721799]
    - [113.645471, 34.721799]
"""


def one(packs: Copy, code: str) -> Located:
    """The one problem of a kind that publication finds, beside others."""
    (found,) = [each for each in check(packs.own, TODAY).problems if each.code == code]
    return found


def only(packs: Copy) -> Located:
    """The one problem that publication finds."""
    (found,) = check(packs.own, TODAY).problems
    return found


def cell(packs: Copy, found: Located) -> str:
    """What stands on the page from the problem's spot to the end of the line."""
    lines = Path(found.file).read_text(encoding="utf-8").splitlines()
    assert Path(found.file).parent.parent == packs.folder
    return lines[found.row - 1][found.column - 1 :]


def mall(packs: Copy, *corners: str) -> Copy:
    polygon = "".join(f"    - {corner}\n" for corner in corners)
    return packs.change(AREAS, MALL, f"  polygon:\n{polygon}" if corners else "")


# Cells


@pytest.mark.parametrize(
    "said", ["[34.72, 113.64]", "[113.64]", "[113.64, 34.72, 5]", "{x: 1}", "[yes, 34.72]", "113.64"]
)
def test_a_position_is_longitude_then_latitude(packs: Copy, said: str) -> None:
    found = only(packs.change(AREAS, "[113.646456, 34.720899]]", f"{said}]"))

    assert (found.code, cell(packs, found).startswith("entrance: [[113.645909")) == ("not_a_position", True)
    assert "先经度后纬度" in found.zh
    assert "[longitude, latitude]" in found.en


@pytest.mark.parametrize(
    "corners", [("[113.6, 34.7]", "[113.7, 34.7]"), ("[113.6, 34.7]",) * 4, ("[113.6, 34.7]", "x")]
)
def test_a_border_has_three_corners(packs: Copy, corners: tuple[str, ...]) -> None:
    found = only(mall(packs, *corners))

    assert found.code in ("not_a_polygon", "not_a_position")
    assert packs.where(found) == (AREAS, packs.row_of(AREAS, "  polygon:"), 3)


def test_a_border_may_say_its_first_corner_again_at_the_end(packs: Copy) -> None:
    closed = packs.change(AREAS, MALL, f"{MALL}    - [113.645471, 34.72]\n").pack()

    assert len(closed.areas.areas["mall-grid"].shape[0][0]) == 4


def test_a_map_page_that_is_no_json_is_shown_where_it_breaks(packs: Copy) -> None:
    found = only(packs.change(GROUND, '"FeatureCollection", ', '"FeatureCollection" '))

    assert (found.code, packs.where(found)) == ("not_json", (GROUND, 1, 30))
    assert found.zh.startswith("这里的写法不成 JSON,请检查括号")
    assert found.en.startswith("not JSON here, check brackets")


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ('"id": "road-45"', '"id": "road-46"', "unknown_area", '"road-46"'),
        ('"id": "road-45"', '"name": "road-45"', "field_missing", '"properties": {"name": "road-45"}'),
        ('"id": "road-45"', '"id": "mall"', "shape_twice", '"mall"'),
        ('"id": "road-45"', '"id": "road-47"', "id_twice", '{"type": "Feature", "properties": {"id": "road-47"}'),
        ('"id": "road-45"', '"id": "road-45", "id": "road-45"', "key_twice", '"id": "road-45"}'),
        ('"Point", "coordinates": [113.640438', '"Line", "coordinates": [113.640438', "not_a_geometry", '"geometry"'),
        ("[113.640438, 34.72027]", "[34.72027, 113.640438]", "not_a_position", '"geometry": {'),
        ("[113.640438, 34.72027]", "[NaN, 34.72027]", "not_a_position", '"geometry": {'),
        ('"type": "FeatureCollection",', '"type": "Features",', "not_one_of", '"Features"'),
        ('"FeatureCollection",', '"FeatureCollection", "crs": {},', "unknown_field", '"crs"'),
    ],
)  # fmt: skip
def test_a_broken_feature_is_shown_where_it_stands(packs: Copy, old: str, new: str, code: str, at: str) -> None:
    found = next(each for each in packs.change(GROUND, old, new).problems() if each.code == code)

    assert Path(found.file).name == "areas.geojson"
    assert cell(packs, found).startswith(at)


def test_what_else_a_map_program_writes_does_no_harm(packs: Copy) -> None:
    packs.change(GROUND, '"properties": {"id": "road-45"}', '"id": 7, "properties": {"id": "road-45", "fill": "#0f0"}')
    pack = packs.change(GROUND, "[113.640438, 34.72027]", "[113.640438, 34.72027, 103.5]").pack()

    assert pack.areas.areas["road-45"].entrances == ((113.640438, 34.72027),)


# Borders


def test_without_a_reference_system_no_border_means_anything(packs: Copy) -> None:
    found = only(packs.change(PACK, "coordinates: gcj02 ", "# "))

    assert (found.code, Path(found.file).name) == ("coordinates_unsaid", "pack.yaml")
    assert "coordinates: wgs84" in found.zh
    assert "coordinates: wgs84" in found.en


def test_a_border_that_crosses_itself_is_shown_with_its_edges(packs: Copy) -> None:
    corners = "[113.645471, 34.72]", "[113.646565, 34.721799]", "[113.646565, 34.72]", "[113.645471, 34.721799]"
    found = one(mall(packs, *corners), "polygon_crosses")

    assert packs.where(found) == (AREAS, packs.row_of(AREAS, "  polygon:"), 3)
    assert found.zh.startswith("边界的第1、3条边相交或重叠")
    assert found.en.startswith("edges 1 and 3 meet: write the corners in order")


def test_a_border_on_the_map_page_that_crosses_itself_is_shown_there(packs: Copy) -> None:
    good = "[113.642188, 34.72], [113.64383, 34.72], [113.64383, 34.721799], [113.642188, 34.721799]"
    bad = "[113.642188, 34.72], [113.64383, 34.72], [113.642188, 34.721799], [113.64383, 34.721799]"
    found = one(packs.change(GROUND, good, bad), "polygon_crosses")

    assert Path(found.file).name == "areas.geojson"
    assert cell(packs, found).startswith('"coordinates": [[[113.642188')


def test_a_hole_outside_its_border_is_no_whole_area(packs: Copy) -> None:
    end = "[113.642188, 34.721799], [113.642188, 34.72]]"
    found = only(packs.change(GROUND, end, f"{end}, [[113.65, 34.72], [113.651, 34.72], [113.651, 34.721]]"))

    assert found.code == "polygon_broken"
    assert "洞要在外圈里面" in found.zh
    assert "holes lie inside the outer ring" in found.en


def test_two_grids_over_one_another_are_both_named(packs: Copy) -> None:
    """WS-10."""
    west = "[113.645, 34.72]", "[113.646565, 34.72]", "[113.646565, 34.721799]", "[113.645, 34.721799]"
    found = only(mall(packs, *west))

    assert (found.code, packs.where(found)) == ("grids_overlap", (AREAS, packs.row_of(AREAS, "  polygon:"), 3))
    assert "“康宁苑东微网格”的范围重叠" in found.zh
    assert "lie in mall-grid and in wls-micro-kn-1: a place has one grid" in found.en


def test_an_overlap_within_the_tolerance_is_how_borders_are_drawn(packs: Copy) -> None:
    west = "[113.6454, 34.72]", "[113.646565, 34.72]", "[113.646565, 34.721799]", "[113.6454, 34.721799]"

    assert check(mall(packs, *west).own, TODAY).problems == ()


def test_a_spot_between_grids_is_shown_with_its_position(packs: Copy) -> None:
    """WS-10. The courtyard's border has what neither of its two grids has any more."""
    old = "[113.641313, 34.721799], [113.640657, 34.721799], [113.640657, 34.72054]]]"
    new = "[113.641313, 34.721799], [113.641, 34.721799], [113.641, 34.72054]]]"
    packs.change(GROUND, old, new).change(GROUND, "[[[113.640657, 34.72054], ", "[[[113.641, 34.72054], ")
    found = only(packs)

    assert (found.code, Path(found.file).name) == ("grids_leave_gap", "areas.geojson")
    assert "范围内有一块不属于任何网格,在 [113.640" in found.zh
    assert "square metres about [113.640" in found.en


def test_grids_that_close_in_a_hole_leave_a_gap(packs: Copy) -> None:
    for area in ("courtyard-63", "courtyard-xinghua"):
        packs.change(GROUND, f'"id": "{area}"', f'"id": "{area}-lost"')
    text = (packs.folder / GROUND).read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "-lost" not in line]
    (packs.folder / GROUND).write_text("\n".join(kept), encoding="utf-8")
    ring = "[113.64, 34.723597], [113.64, 34.721799]]"
    found = only(packs.change(GROUND, ring, f"{ring}, [[113.6405, 34.7221], [113.6412, 34.7221], [113.6412, 34.7227]]"))

    assert (found.code, Path(found.file).name) == ("grids_leave_gap", "areas.geojson")
    assert "lie in no grid" in found.en


def test_an_entrance_far_outside_its_grid_is_shown_with_the_distance(packs: Copy) -> None:
    found = only(packs.change(AREAS, "[113.646456, 34.720899]]", "[113.6479, 34.720899]]"))

    assert (found.code, cell(packs, found)[:26]) == ("entrance_outside", "entrance: [[113.645909, 34")
    assert found.zh.startswith("楼门在所属网格的边界之外(示例商场专属网格 122 m)")
    assert found.en.startswith("the entrance lies 122 m outside mall-grid: move the entrance")


def test_only_a_building_has_an_entrance(packs: Copy) -> None:
    found = only(packs.change(AREAS, MALL, f"  entrance: [113.646, 34.7205]\n{MALL}"))

    assert (found.code, cell(packs, found)) == ("entrance_of_no_building", "entrance: [113.646, 34.7205]")
    assert (found.zh, found.en) == (
        "entrance 是楼栋的门,只写在 kind: building 上", "an entrance is a building's: write it where kind is building",
    )  # fmt: skip


# Names and days

LATER = """- id: mall-2027
  kind: building
  parent: mall-grid
  name: {zh-CN: 示例商场, en: Example mall}
  since: 2027-01-01
"""


def test_a_name_that_two_areas_have_at_once_is_shown_at_the_second(packs: Copy) -> None:
    found = only(packs.change(AREAS, "aliases: [示例购物中心]", "aliases: [示例购物中心, 51号院]"))

    assert (found.code, cell(packs, found)) == ("alias_twice", "51号院]")
    assert found.zh == "“51号院”已经是另一个区域的名称或别名"
    assert found.en == "'51号院' also names courtyard-51"


def test_an_area_may_take_over_the_name_of_the_one_before_it(packs: Copy) -> None:
    packs.change(AREAS, "  aliases: [示例购物中心]\n", "  until: 2026-12-31\n").add(AREAS, LATER)

    assert check(packs.own, TODAY).problems == ()


def test_days_that_overlap_are_a_name_that_two_areas_have(packs: Copy) -> None:
    packs.change(AREAS, "  aliases: [示例购物中心]\n", "  until: 2027-01-01\n").add(AREAS, LATER)

    assert {each.code for each in packs.problems()} == {"alias_twice"}


def test_days_between_two_areas_of_a_name_belong_to_neither(packs: Copy) -> None:
    packs.change(AREAS, "  aliases: [示例购物中心]\n", "  until: 2026-12-30\n").add(AREAS, LATER)
    found = only(packs)

    assert (found.code, cell(packs, found)) == ("days_without_area", "2027-01-01")
    assert found.zh.endswith("这里写 since: 2026-12-31")
    assert found.en.endswith("write since: 2026-12-31")


@pytest.mark.parametrize(
    ("days", "code", "at", "zh", "en"),
    [
        ("since: 2026-12-31\n  until: 2026-12-30", "days_backwards", "2026-12-30", "since 是 2026-12-31",
         "since is 2026-12-31"),
        ("until: 2026-12-31", "ends_after_parent", "id: mall", "写 until: 2026-12-31", "write until: 2026-12-31"),
        ("since: 2026-01-01", "begins_before_parent", "id: mall", "写 since: 2026-01-01", "write since: 2026-01-01"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_shown_where_they_stand(
    packs: Copy, days: str, code: str, at: str, zh: str, en: str
) -> None:
    """The days are those of the mall's grid; the mall in it says none."""
    packs.change(AREAS, MALL, f"  {days}\n{MALL}")
    found = next(each for each in packs.problems() if each.code == code)

    assert cell(packs, found) == at
    assert zh in found.zh
    assert en in found.en


@pytest.mark.parametrize(
    ("modes", "code", "zh", "en"),
    [
        ("[{mode: none}, {mode: self_managed}]", "managed_twice", "只留一种", "keep one"),
        ("[{mode: none}, {mode: self_managed, since: 2026-01-01}, {mode: none, since: 2026-01-01}]", "managed_twice",
         "同一天(2026-01-01)", "on the same day (2026-01-01)"),
        ("[{mode: none, since: 2026-01-01}]", "managed_late", "2026-01-01 以前没有写", "before 2026-01-01 nobody"),
    ],
)  # fmt: skip
def test_of_each_day_it_is_said_once_who_manages(packs: Copy, modes: str, code: str, zh: str, en: str) -> None:
    packs.change(
        AREAS, "五里堡南社区51号院, 五十一号院]\n  management: [{mode: none}]", f"五十一号院]\n  management: {modes}"
    )
    found = next(each for each in packs.problems() if each.code == code)

    assert packs.where(found)[0] == AREAS
    assert zh in found.zh
    assert en in found.en


# The flat


def test_a_border_may_turn_and_touch_nothing() -> None:
    assert crossing(((0, 0), (2, 0), (2, 2), (1, 0.5), (0, 2))) is None


@pytest.mark.parametrize(
    ("ring", "edges"),
    [
        (((0, 0), (1, 1), (1, 0), (0, 1)), (1, 3)),
        (((0, 0), (2, 0), (2, 2), (1, 0), (0, 2)), (1, 4)),
        (((0, 0), (2, 0), (2, 2), (2, 0), (0, 2)), (1, 4)),
        (((0, 0), (2, 0), (1, 0), (1, 2)), (1, 2)),
    ],
)
def test_a_border_that_crosses_touches_or_folds_back_is_seen(
    ring: tuple[tuple[float, float], ...], edges: tuple[int, int]
) -> None:
    assert crossing(ring) == edges


def test_far_outside_is_metres_and_a_hole_is_outside() -> None:
    degree = 1 / 111195
    ring = ((0.0, 0.0), (100 * degree, 0.0), (100 * degree, 100 * degree), (0.0, 100 * degree))
    low, high = 40 * degree, 60 * degree
    hole = ((low, low), (high, low), (high, high), (low, high))

    assert far_outside(((ring,),), (50 * degree, 50 * degree)) == 0
    assert far_outside(((ring,),), (130 * degree, 50 * degree)) == pytest.approx(30, abs=0.1)
    assert far_outside(((ring, hole),), (45 * degree, 50 * degree)) == pytest.approx(5, abs=0.1)


def test_a_plane_leads_to_metres_and_back() -> None:
    plane = Plane.at((113.64, 34.72))

    assert plane.position(plane.metres((113.65, 34.73))) == pytest.approx((113.65, 34.73))
