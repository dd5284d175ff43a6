"""Coordinates in China's three reference systems, each converted to each.

WGS-84 is what a phone's receiver gives. GCJ-02 shifts it by some hundred metres, in China alone; AMap, Tencent and
WeChat show it. BD-09 moves GCJ-02 further; Baidu shows it. Their owners publish neither shift: the formulas are those
that have circulated since 2013 (eviltransform, coordtransform, gcoord) and agree with the maps to some decimetres.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import get_args

from shaoyin.domain.report import Crs, Point

AXIS = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
"""Krasovsky's ellipsoid of 1940, on which the shift of GCJ-02 is written."""
EARTH = 6371008.8
"""Mean radius in metres."""
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""Outside this box nothing is shifted. The box is the formula's own, and wider than the country."""
STEPS = 10
"""Towards the spot that a formula leads here from; four are enough for a millimetre anywhere in China."""
CLOSE = 1e-10
"""Degrees: a hundredth of a millimetre."""

_Spot = tuple[float, float]


def converted(point: Point, crs: Crs) -> Point:
    """The same spot in another system; on the way there and back less than a millimetre is lost."""
    here, now, wanted = (point.lng, point.lat), _SYSTEMS.index(point.crs), _SYSTEMS.index(crs)
    for onward in _ONWARD[now:wanted]:
        here = onward(here)
    for onward in reversed(_ONWARD[wanted:now]):
        here = _back(onward, here)
    return Point(*here, crs)


def in_china(lng: float, lat: float) -> bool:
    return WEST <= lng <= EAST and SOUTH <= lat <= NORTH


def metres_between(one: Point, other: Point) -> float:
    """On the plane that touches the earth there: right to a thousandth within a town."""
    assert one.crs == other.crs, "there is no distance between two reference systems"
    across = radians(other.lng - one.lng) * cos(radians((one.lat + other.lat) / 2))
    return EARTH * hypot(across, radians(other.lat - one.lat))


def _shifted(wgs: _Spot) -> _Spot:
    """GCJ-02 of WGS-84: a sum of waves in metres, counted from 105° E 35° N, laid on the ellipsoid."""
    lng, lat = wgs
    if not in_china(lng, lat):
        return wgs
    east, north = _metres(lng - 105.0, lat - 35.0)
    flat = 1.0 - ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    metres_a_degree_north = radians(AXIS * (1.0 - ECCENTRICITY_SQUARED) / (flat * sqrt(flat)))
    metres_a_degree_east = radians(AXIS / sqrt(flat) * cos(radians(lat)))
    return lng + east / metres_a_degree_east, lat + north / metres_a_degree_north


def _metres(x: float, y: float) -> _Spot:
    both = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    east = 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi) + 150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)
    north = 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi) + 160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y / 30.0 * pi)
    root = sqrt(abs(x))
    return (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (both + east) * 2.0 / 3.0,
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (both + north) * 2.0 / 3.0,
    )


def _moved(gcj: _Spot) -> _Spot:
    """BD-09 of GCJ-02: a little further from the origin and a little round it, then a fixed step."""
    lng, lat = gcj
    if not in_china(lng, lat):
        return gcj
    turn = pi * 3000.0 / 180.0
    far = hypot(lng, lat) + 0.00002 * sin(lat * turn)
    angle = atan2(lat, lng) + 0.000003 * cos(lng * turn)
    return far * cos(angle) + 0.0065, far * sin(angle) + 0.006


def _back(onward: Callable[[_Spot], _Spot], there: _Spot) -> _Spot:
    """The spot that leads there: the miss is taken off the guess until there is none."""
    lng, lat = there
    for _ in range(STEPS):
        seen = onward((lng, lat))
        lng, lat = lng - (seen[0] - there[0]), lat - (seen[1] - there[1])
        if max(abs(seen[0] - there[0]), abs(seen[1] - there[1])) < CLOSE:
            break
    return lng, lat


_SYSTEMS: tuple[Crs, ...] = get_args(Crs)
_ONWARD = (_shifted, _moved)
"""From each system to the next."""
