"""The polygons of a pack: which areas a point lies in or near to, and the nearest entrance in each.

Shapely, and numpy with it, is loaded when the first point is asked for: many communities never set one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import hypot
from typing import Any

from shaoyin.domain.coordinates import converted
from shaoyin.domain.hits import Hit, Hits
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Area, AreaTree
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
class Square:
    """What is near a small square: the areas with their polygons, and the answer where it is the same all over."""

    areas: tuple[str, ...]
    polygons: Any
    everywhere: Hits | None


@dataclass(frozen=True)
class Ground:
    """Answers `hits` for one version of a pack."""

    tree: AreaTree
    crs: Crs
    tolerance: float
    _squares: dict[tuple[float, float], Square] = field(default_factory=dict, repr=False, compare=False)
    _entrances: dict[str, list[tuple[str, Metres]]] = field(default_factory=dict, repr=False, compare=False)

    def hits(self, point: Point) -> Hits:
        here = self._metres(point)
        corner = (here[0] // SIDE, here[1] // SIDE)
        square = self._squares.get(corner) or self._look(corner)
        return self._near(square, here) if square.everywhere is None else square.everywhere

    def hits_of_all(self, points: Sequence[Point]) -> list[Hits]:
        """Each point's, in their order."""
        import shapely

        here = [self._metres(point) for point in points]
        flat_points = shapely.points(here)
        of_point, of_area = self._index.query(flat_points, predicate="dwithin", distance=self.tolerance)
        metres = shapely.distance(self._polygons[of_area], flat_points[of_point]).tolist()
        near: list[list[tuple[str, float]]] = [[] for _ in points]
        for number, area, far in zip(of_point.tolist(), of_area.tolist(), metres, strict=True):
            near[number].append((self._shaped[area].area_id, far))
        return [self._met(each, there) for each, there in zip(near, here, strict=True)]

    def _metres(self, point: Point) -> Metres:
        there = point if point.crs == self.crs else converted(point, self.crs)
        return self._plane.metres((there.lng, there.lat))

    @cached_property
    def _shaped(self) -> list[Area]:
        return [area for area in self.tree.areas.values() if area.shape]

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
        numbers = self._index.query(box, predicate="dwithin", distance=self.tolerance)
        areas = tuple(self._shaped[number].area_id for number in numbers)
        near = self._polygons[numbers]
        alike = self._nested(areas) and bool(shapely.contains(near, box).all())
        square = Square((), None, tuple(Hit(area, 0.0) for area in areas)) if alike else Square(areas, near, None)
        self._squares[corner] = square
        return square

    def _nested(self, areas: Sequence[str]) -> bool:
        """Whether each lies in the next larger one, so that no two of them meet."""
        inward = sorted(areas, key=lambda each: len(self.tree.path(each)))
        return all(self.tree.covers(upper, lower) for upper, lower in pairwise(inward))

    def _near(self, square: Square, here: Metres) -> Hits:
        import shapely

        metres = shapely.distance(square.polygons, shapely.points(here)).tolist()
        near = [(area, far) for area, far in zip(square.areas, metres, strict=True) if far <= self.tolerance]
        return self._met(near, here)

    def _met(self, near: Sequence[tuple[str, float]], here: Metres) -> Hits:
        """Where areas may meet, with the entrances that decide between them."""
        if len(near) < 2 or self._nested([area for area, _ in near]):
            return tuple(Hit(area, far) for area, far in near)
        return tuple(Hit(area, far, *self._entrance(area, here)) for area, far in near)

    def _entrance(self, area: str, here: Metres) -> tuple[str | None, float | None]:
        """The building of an area with the nearest entrance, and how far it is."""
        if area not in self._entrances:
            self._entrances[area] = list(self._entrances_in(area))
        known = [(hypot(x - here[0], y - here[1]), building) for building, (x, y) in self._entrances[area]]
        metres, building = min(known, default=(None, None))
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
