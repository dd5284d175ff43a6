"""Where a point lies in a pack: the same in every reference system, one by one and in a batch, and within tolerance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
import shapely

from shaoyin.adapters.geometry import Ground, hits_of, hits_of_all
from shaoyin.domain.coordinates import converted
from shaoyin.domain.hits import Hit, Hits
from shaoyin.domain.place import Area, AreaTree
from shaoyin.domain.plane import Position
from shaoyin.domain.report import Crs, PlaceGiven, Point
from tests.domain.town import wulibao

WEST, SOUTH = 113.64, 34.72
EAST_DEGREE, NORTH_DEGREE = 91393.0, 111195.0


def at(x: float, y: float, crs: Crs = "GCJ02") -> PlaceGiven:
    """Metres east and north of the corner of the demonstration's plan."""
    return PlaceGiven(point=converted(Point(WEST + x / EAST_DEGREE, SOUTH + y / NORTH_DEGREE, "GCJ02"), crs))


@pytest.mark.parametrize("crs", ["WGS84", "GCJ02", "BD09"])
@pytest.mark.parametrize(
    ("x", "y", "area", "how"),
    [
        (20, 150, "wls-micro-51-1", "polygon"),
        (61, 100, "wls-micro-51-2", "nearest_entrance"),
        (57.5, 100, "courtyard-51", "border"),
        (180, 300, "courtyard-xinghua", "polygon"),
        (125, 300, "wls-micro-3-1", "polygon"),
        (550, 100, "mall-grid", "dedicated_grid"),
        (499, 100, "wls-micro-kn-1", "nearest_entrance"),
        (-10, 100, "wls-micro-51-1", "polygon"),
        (-30, 100, None, "unresolved"),
    ],
)
def test_a_point_on_the_plan_is_found_in_every_system(x: float, y: float, area: str | None, how: str, crs: Crs) -> None:
    pack, said = wulibao(), at(x, y, crs)
    found = pack.areas.find(said, None, hits_of(pack, said))

    assert (found.area, found.how) == (area, how)


def test_a_batch_finds_what_each_alone_finds_in_its_order() -> None:
    pack, dice = wulibao(), Random(51)
    places = [at(dice.uniform(-50, 650), dice.uniform(-50, 450)) for _ in range(500)]
    places[7] = PlaceGiven(building="courtyard-51-b1")

    alone = [hits_of(pack, each) for each in places]
    together = hits_of_all(pack, places)
    assert [set(map(str, each)) for each in together] == [set(map(str, each)) for each in alone]
    assert alone[7] == ()


def test_the_kept_squares_decide_as_the_polygons_themselves() -> None:
    """Larger areas are left out and answers are kept; neither may change where a place is found."""
    pack, dice = wulibao(), Random(63)
    ground = pack.polygons
    assert isinstance(ground, Ground)

    for said in [at(dice.uniform(-20, 620), dice.uniform(-20, 420)) for _ in range(2000)]:
        assert said.point is not None
        here = ground._metres(said.point)
        far = {
            area.area_id: shapely.distance(polygon, shapely.Point(here))
            for area, polygon in zip(ground._shaped, ground._polygons, strict=True)
        }
        every = tuple(Hit(area, metres, *ground._entrance(area, here)) for area, metres in far.items() if metres <= 15)
        wanted, found = (pack.areas.find(said, None, hits) for hits in (every, hits_of(pack, said)))
        assert (found.area, found.how) == (wanted.area, wanted.how)


def test_an_area_whose_days_end_leaves_the_larger_one_in_view() -> None:
    ends = replace(grid("格", (square(0, 0, 100),)), parent="社", until=date(2026, 12, 31))
    around = Area("社", "community", None, {"zh-CN": "社", "en": "C"}, shape=((square(0, 0, 200),),))

    assert {hit.area for hit in seen(ground_of(15, ends, around), 50, 50)} == {"社", "格"}
    assert {hit.area for hit in seen(ground_of(15, replace(ends, until=None), around), 50, 50)} == {"格"}


def square(x: float, y: float, side: float) -> tuple[Position, ...]:
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    return tuple((WEST + east / EAST_DEGREE, SOUTH + north / NORTH_DEGREE) for east, north in corners)


def ground_of(tolerance: float, *areas: Area) -> Ground:
    return Ground(AreaTree({each.area_id: each for each in areas}), "GCJ02", tolerance)


def grid(name: str, *parts: tuple[tuple[Position, ...], ...]) -> Area:
    return Area(name, "micro_grid", None, {"zh-CN": name, "en": name}, shape=parts)


def seen(ground: Ground, x: float, y: float) -> Hits:
    said = at(x, y).point
    assert said is not None
    return ground.hits(said)


@pytest.mark.parametrize(("tolerance", "areas"), [(0, []), (4.9, []), (5.1, ["格"]), (15, ["格"])])
def test_the_tolerance_is_in_metres(tolerance: float, areas: list[str]) -> None:
    ground = ground_of(tolerance, grid("格", (square(0, 0, 100),)))

    assert [hit.area for hit in seen(ground, 105, 50)] == areas
    assert [hit.area for hit in seen(ground, 50, -5)] == areas


def test_a_hole_is_not_inside_and_each_part_is() -> None:
    ring = grid("环", (square(0, 0, 100), square(30, 30, 40)), (square(200, 0, 50),))
    ground = ground_of(5, ring)

    assert [hit.metres for hit in seen(ground, 10, 10)] == [0]
    assert seen(ground, 50, 50) == ()
    assert [hit.metres for hit in seen(ground, 225, 25)] == [0]


def test_the_nearest_of_several_entrances_counts() -> None:
    doors = Area(
        "楼", "building", "甲", {"zh-CN": "楼", "en": "B"}, entrances=(square(90, 50, 1)[0], square(10, 50, 1)[0])
    )
    ground = ground_of(15, grid("甲", (square(0, 0, 100),)), doors, grid("乙", (square(100, 0, 100),)))
    near = {hit.area: hit for hit in seen(ground, 95, 50)}

    assert near["甲"].building == "楼"
    assert near["甲"].building_metres == pytest.approx(5, abs=0.1)
    assert (near["乙"].building, near["乙"].building_metres) == (None, None)


def test_a_pack_without_polygons_is_never_asked() -> None:
    bare = replace(wulibao(), polygons=None)

    assert bare.polygons is None
    assert hits_of(bare, at(20, 150)) == ()
    assert hits_of_all(bare, [at(20, 150)]) == [()]
    assert hits_of(wulibao(), None) == ()
