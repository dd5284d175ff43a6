"""Whether the grids of a pack share out the ground: no two of them over the same spot, no spot between them.

Judged at publication, because it needs shapely; a pack in force was judged before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from shaoyin.adapters.geometry import flat
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import SMALLEST, Area
from shaoyin.domain.plane import Plane
from shaoyin.domain.problem import Problem


@dataclass(frozen=True)
class _Drawn:
    """An area with its number in the pack and its polygon in metres."""

    number: int
    area: Area
    polygon: Any

    def problem(self, code: str, detail: str, about: str) -> Problem:
        return Problem("areas.yaml", (self.number, "polygon"), code, detail, about)


def problems_of_borders(pack: Pack, day: date) -> Iterator[Problem]:
    """Whatever is wrong by more than the tolerance, among the areas of that day and later."""
    shaped = [each for each in enumerate(pack.areas.areas.values()) if each[1].shape and _still(each[1], day)]
    if not shaped:
        return
    plane = Plane.at(shaped[0][1].shape[0][0][0])
    drawn = [_Drawn(number, area, flat(area, plane)) for number, area in shaped]
    broken = list(_broken(drawn))
    yield from broken
    if not broken:
        grids = [each for each in drawn if each.area.kind in SMALLEST]
        yield from _overlaps(grids, pack.tolerance)
        yield from _gaps([each for each in drawn if each.area.valid_on(day)], pack, plane)


def _still(area: Area, day: date) -> bool:
    return area.until is None or area.until >= day


def _broken(drawn: list[_Drawn]) -> Iterator[Problem]:
    from shapely import is_valid_reason

    for each in drawn:
        if not each.polygon.is_valid:
            yield each.problem("polygon_broken", is_valid_reason(each.polygon).partition("[")[0], each.area.area_id)


def _overlaps(grids: list[_Drawn], tolerance: float) -> Iterator[Problem]:
    from shapely import STRtree

    index = STRtree([each.polygon for each in grids])
    for number, each in enumerate(grids):
        for other in (grids[found] for found in sorted(index.query(each.polygon)) if found < number):
            common = each.polygon.intersection(other.polygon)
            if each.area.meets(other.area) and _wide(common, tolerance):
                detail = f"{common.area:.0f} square metres lie in {each.area.area_id} and in {other.area.area_id}"
                yield each.problem("grids_overlap", detail, other.area.name["zh-CN"])


def _wide(shape: Any, tolerance: float) -> bool:
    """Whether it is anywhere wider than the tolerance."""
    return not shape.buffer(-max(tolerance, 0.1) / 2).is_empty


def _gaps(drawn: list[_Drawn], pack: Pack, plane: Plane) -> Iterator[Problem]:
    """Holes that the grids close in; then what a larger area with a border of its own has, and none of its grids."""
    from shapely import Polygon, union_all

    grids = [each for each in drawn if each.area.kind in SMALLEST]
    together = union_all([each.polygon for each in grids])
    holes = [Polygon(ring) for part in getattr(together, "geoms", [together]) for ring in part.interiors]
    for hole in (each for each in holes if _wide(each, pack.tolerance)):
        beside = max(grids, key=lambda each: each.polygon.intersection(hole.buffer(0.5)).area)
        yield _gap(beside, hole, plane)
    shared = union_all([together, *holes])
    for each in (each for each in drawn if each.area.kind not in (*SMALLEST, "building")):
        divided = any(pack.areas.covers(each.area.area_id, grid.area.area_id) for grid in grids)
        rest = each.polygon.difference(shared)
        if divided and _wide(rest, pack.tolerance):
            yield _gap(each, rest, plane)


def _gap(beside: _Drawn, hole: Any, plane: Plane) -> Problem:
    spot = hole.representative_point()
    lng, lat = plane.position((spot.x, spot.y))
    detail = f"{hole.area:.0f} square metres about [{lng:.6f}, {lat:.6f}] lie in no grid"
    return beside.problem("grids_leave_gap", detail, f"[{lng:.6f}, {lat:.6f}]")
