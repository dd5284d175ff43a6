"""The polygons of a pack: which areas a point lies in or near to, and the nearest entrance in each.

Shapely, and numpy with it, is loaded when the first point is asked for: many communities never set one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import hypot
from typing import Any

from shaoyin.domain.coordinates import converted
from shaoyin.domain.hits import Hit, Hits
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import SMALLEST, Area, AreaTree
from shaoyin.domain.plane import Metres, Plane
from shaoyin.domain.report import Crs, PlaceGiven, Point

SIDE = 16.0
"""Metres: all over most squares of this size the answer is the same, and is kept."""
SQUARES_AT_MOST = 50_000


def with_polygons(pack: Pack) -> Pack:
    """The pack with something to ask for points, where it has polygons and says in which system they are."""
    if pack.coordinates is None or not any(area.shape for area in pack.areas.areas.values()):
        return pack
    return replace(pack, polygons=Ground(pack.areas, pack.coordinates, pack.tolerance))


def hits_of(pack: Pack, place: PlaceGiven | None) -> Hits:
    """What lies where a report's point is, as a fact for its command: nothing without a point or without polygons."""
    if place is None or place.point is None or pack.polygons is None:
        return ()
    return pack.polygons.hits(place.point)


def hits_of_all(pack: Pack, places: Sequence[PlaceGiven]) -> list[Hits]:
    """The same for a batch, in its order; the geometry is asked once."""
    points = [place.point for place in places if place.point is not None]
    if not points or pack.polygons is None:
        return [()] * len(places)
    found = iter(pack.polygons.hits_of_all(points))
    return [() if place.point is None else next(found) for place in places]


@dataclass(frozen=True, slots=True)
class Company:
    """Areas that may be near one point, the larger first. Bits stand for their places in the list: for each area which
    of the others lie around it, and which of those say nothing more once it is hit.
    """

    areas: tuple[str, ...]
    polygons: Any
    around: tuple[int, ...]
    needless: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Square:
    """What is near a small square: areas that contain all of it, areas to be measured, or the answer all over it."""

    company: Company
    contain: tuple[tuple[int, float], ...]
    measured: tuple[int, ...]
    polygons: Any
    everywhere: Hits | None


@dataclass(frozen=True)
class Ground:
    """Answers `hits` for one version of a pack."""

    tree: AreaTree
    crs: Crs
    tolerance: float
    _squares: dict[tuple[float, float], Square] = field(default_factory=dict, repr=False, compare=False)
    _companies: dict[tuple[int, ...], Company] = field(default_factory=dict, repr=False, compare=False)
    _entrances: dict[str, list[tuple[str, Metres]]] = field(default_factory=dict, repr=False, compare=False)

    def hits(self, point: Point) -> Hits:
        here = self._metres(point)
        corner = (here[0] // SIDE, here[1] // SIDE)
        square = self._squares.get(corner) or self._look(corner)
        return self._measured(square, here) if square.everywhere is None else square.everywhere

    def hits_of_all(self, points: Sequence[Point]) -> list[Hits]:
        """Each point's, in their order."""
        import shapely

        here = [self._metres(point) for point in points]
        spots = shapely.points(here)
        of_point, of_area = self._index.query(spots, predicate="dwithin", distance=self.tolerance)
        metres = shapely.distance(self._polygons[of_area], spots[of_point]).tolist()
        near: list[dict[int, float]] = [{} for _ in points]
        for number, area, far in zip(of_point.tolist(), of_area.tolist(), metres, strict=True):
            near[number][area] = far
        return [self._of(each, there) for each, there in zip(near, here, strict=True)]

    def _of(self, near: Mapping[int, float], here: Metres) -> Hits:
        numbers = tuple(sorted(near))
        company = self._companies.get(numbers) or self._company(numbers)
        return self._met(company, list(enumerate(near[number] for number in numbers)), here)

    def _metres(self, point: Point) -> Metres:
        there = point if point.crs == self.crs else converted(point, self.crs)
        return self._plane.metres((there.lng, there.lat))

    @cached_property
    def _shaped(self) -> list[Area]:
        """The larger before the smaller."""
        shaped = (area for area in self.tree.areas.values() if area.shape)
        return sorted(shaped, key=lambda each: len(self.tree.path(each.area_id)))

    @cached_property
    def _plane(self) -> Plane:
        return Plane.at(self._shaped[0].shape[0][0][0])

    @cached_property
    def _polygons(self) -> Any:
        """Flat ones, in the order of `_shaped`."""
        import numpy

        return numpy.array([flat(area, self._plane) for area in self._shaped])

    @cached_property
    def _index(self) -> Any:
        from shapely import STRtree

        return STRtree(self._polygons)

    def _look(self, corner: tuple[float, float]) -> Square:
        import shapely

        if len(self._squares) >= SQUARES_AT_MOST:
            self._squares.clear()
        x, y = corner[0] * SIDE, corner[1] * SIDE
        box = shapely.box(x, y, x + SIDE, y + SIDE)
        numbers = tuple(sorted(self._index.query(box, predicate="dwithin", distance=self.tolerance).tolist()))
        company = self._companies.get(numbers) or self._company(numbers)
        all_in = shapely.contains(company.polygons, box).tolist()
        contain = tuple((at, 0.0) for at, whole in enumerate(all_in) if whole)
        measured = tuple(at for at, whole in enumerate(all_in) if not whole)
        nested = not measured and self._nested(company, self._needed(company, contain))
        everywhere = self._met(company, contain, (x, y)) if nested else None
        square = Square(company, contain, measured, company.polygons[list(measured)], everywhere)
        self._squares[corner] = square
        return square

    def _company(self, numbers: tuple[int, ...]) -> Company:
        if len(self._companies) >= SQUARES_AT_MOST:
            self._companies.clear()
        shaped = [self._shaped[number] for number in numbers]
        ids = tuple(each.area_id for each in shaped)
        around = [self._bits(ids, self.tree.path(area)[:-1]) for area in ids]
        larger = self._bits(ids, [area for area in ids if self.tree.nearest(area, SMALLEST) is None])
        dated = [each.since is not None or each.until is not None for each in shaped]
        needless = [0 if may_end else bits & larger for bits, may_end in zip(around, dated, strict=True)]
        company = Company(ids, self._polygons[list(numbers)], tuple(around), tuple(needless))
        self._companies[numbers] = company
        return company

    def _bits(self, ids: Sequence[str], some: Collection[str]) -> int:
        return sum(1 << at for at, area in enumerate(ids) if area in some)

    def _measured(self, square: Square, here: Metres) -> Hits:
        import shapely

        metres = shapely.distance(square.polygons, shapely.points(here)).tolist()
        near = [(at, far) for at, far in zip(square.measured, metres, strict=True) if far <= self.tolerance]
        return self._met(square.company, sorted((*square.contain, *near)), here)

    def _met(self, company: Company, near: Sequence[tuple[int, float]], here: Metres) -> Hits:
        """The hits, with the nearest entrances where areas meet. Larger areas around one that is hit are left out."""
        kept, areas = self._needed(company, near), company.areas
        if self._nested(company, kept):
            return tuple([Hit(areas[at], far) for at, far in kept])
        return tuple([Hit(areas[at], far, *self._entrance(areas[at], here)) for at, far in kept])

    def _needed(self, company: Company, near: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
        left_out = 0
        for at, _ in near:
            left_out |= company.needless[at]
        return [each for each in near if not left_out >> each[0] & 1] if left_out else near

    def _nested(self, company: Company, near: Sequence[tuple[int, float]]) -> bool:
        """Whether each lies in the one before it, so that no two of them meet."""
        return all(company.around[inner] >> outer & 1 for (outer, _), (inner, _) in pairwise(near))

    def _entrance(self, area: str, here: Metres) -> tuple[str | None, float | None]:
        """The building of an area with the nearest entrance, and how far it is."""
        known = self._entrances.get(area)
        if known is None:
            known = self._entrances[area] = list(self._entrances_in(area))
        far = [(hypot(x - here[0], y - here[1]), building) for building, (x, y) in known]
        metres, building = min(far, default=(None, None))
        return building, metres

    def _entrances_in(self, area: str) -> Iterator[tuple[str, Metres]]:
        for each in self.tree.areas.values():
            if each.entrances and self.tree.covers(area, each.area_id):
                yield from ((each.area_id, self._plane.metres(position)) for position in each.entrances)


def flat(area: Area, plane: Plane) -> Any:
    """Its polygon in metres; of several parts, all of them together."""
    from shapely import MultiPolygon, Polygon

    parts = [Polygon(*_outer_and_holes([[plane.metres(at) for at in ring] for ring in rings])) for rings in area.shape]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _outer_and_holes(rings: list[list[Metres]]) -> tuple[list[Metres], list[list[Metres]]]:
    return rings[0], rings[1:]
