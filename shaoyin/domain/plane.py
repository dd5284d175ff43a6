"""Polygons on the flat: metres east and north of a corner, what lies inside, and whether a border crosses itself."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, hypot, radians

from shaoyin.domain.coordinates import EARTH
from shaoyin.domain.frozen import dataclass

Position = tuple[float, float]
"""Longitude and latitude, in the pack's own reference system."""
Ring = tuple[Position, ...]
Shape = tuple[tuple[Ring, ...], ...]
"""Polygons, each an outer ring and the holes in it; a ring does not repeat its first position."""
Metres = tuple[float, float]
Edge = tuple[Metres, Metres]
NORTH_DEGREE = radians(EARTH)


@dataclass(frozen=True, slots=True)
class Plane:
    """Right to a decimetre within ten kilometres of its corner."""

    west: float
    south: float
    east_degree: float

    @classmethod
    def at(cls, corner: Position) -> Plane:
        return cls(*corner, NORTH_DEGREE * cos(radians(corner[1])))

    def metres(self, position: Position) -> Metres:
        return (position[0] - self.west) * self.east_degree, (position[1] - self.south) * NORTH_DEGREE

    def position(self, metres: Metres) -> Position:
        return self.west + metres[0] / self.east_degree, self.south + metres[1] / NORTH_DEGREE


def edges(corners: tuple[Metres, ...]) -> Iterator[Edge]:
    return zip(corners, (*corners[1:], *corners[:1]), strict=True)


def far_outside(shape: Shape, position: Position) -> float:
    """Metres from a shape; 0 inside it."""
    plane = Plane.at(position)
    rings = [tuple(map(plane.metres, ring)) for part in shape for ring in part]
    crossed = sum(_passes_east(edge) for ring in rings for edge in edges(ring))
    return 0.0 if crossed % 2 else min(_far(edge) for ring in rings for edge in edges(ring))


def _passes_east(edge: Edge) -> bool:
    """Whether the way from the origin to the east meets the edge; an odd number of times: from inside."""
    (x, y), (to_x, to_y) = edge
    return (y > 0) != (to_y > 0) and x + (0 - y) * (to_x - x) / (to_y - y) > 0


def _far(edge: Edge) -> float:
    """From the origin to the nearest point of the edge."""
    (x, y), (to_x, to_y) = edge
    east, north = to_x - x, to_y - y
    along = 0.0 if (east, north) == (0, 0) else -(x * east + y * north) / (east * east + north * north)
    share = min(1.0, max(0.0, along))
    return hypot(x + share * east, y + share * north)


def crossing(ring: Ring) -> tuple[int, int] | None:
    """The first two edges that cross or touch where they should not, counted from 1; edge 1 leaves corner 1."""
    plane = Plane.at(ring[0])
    numbered = sorted(enumerate(edges(tuple(map(plane.metres, ring))), start=1), key=lambda each: _west_end(each[1]))
    for index, (number, edge) in enumerate(numbered):
        east_end = max(edge[0][0], edge[1][0])
        for other_number, other in numbered[index + 1 :]:
            if _west_end(other) > east_end:
                break
            neighbours = abs(number - other_number) in (1, len(ring) - 1)
            if _folds_back(edge, other) if neighbours else _meet(edge, other):
                return min(number, other_number), max(number, other_number)
    return None


def _west_end(edge: Edge) -> float:
    return min(edge[0][0], edge[1][0])


def _turn(edge: Edge, point: Metres) -> float:
    (x, y), (to_x, to_y) = edge
    return (to_x - x) * (point[1] - y) - (to_y - y) * (point[0] - x)


def _meet(one: Edge, other: Edge) -> bool:
    sides = _turn(one, other[0]), _turn(one, other[1])
    others = _turn(other, one[0]), _turn(other, one[1])
    if sides[0] * sides[1] < 0 and others[0] * others[1] < 0:
        return True
    ends = zip((one, one, other, other), (*other, *one), (*sides, *others), strict=True)
    return any(turn == 0 and _between(edge, point) for edge, point, turn in ends)


def _between(edge: Edge, point: Metres) -> bool:
    """Of a point on the edge's line."""
    return all(min(one, other) <= here <= max(one, other) for one, other, here in zip(*edge, point, strict=True))


def _folds_back(one: Edge, other: Edge) -> bool:
    """Two edges that share a corner and run over one another."""
    first, then = (one, other) if one[1] == other[0] else (other, one)
    back = _turn(first, then[1]) == 0 and _between(first, then[1])
    return first[1] == then[0] and (back or (_turn(then, first[0]) == 0 and _between(then, first[0])))
