"""The three reference systems: published pairs, there and back, and nothing shifted outside China."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.domain.coordinates import EAST, NORTH, SOUTH, WEST, converted, in_china, metres_between
from shaoyin.domain.report import Crs, Point

SYSTEMS: tuple[Crs, ...] = get_args(Crs)
ANY = st.sampled_from(SYSTEMS)
IN_CHINA = st.tuples(st.floats(73.5, 135.1), st.floats(3.8, 53.6))
"""From the Pamirs to the Ussuri, from the southern isles to the Amur."""

PUBLISHED = [
    # eviltransform, python/test.py: Shanghai, Shenzhen, Beijing (its own BD-09 pairs turn by another angle than Baidu)
    ("WGS84", (121.5272106, 31.1774276), "GCJ02", (121.531541859215, 31.17530398364597)),
    ("WGS84", (113.912316, 22.543847), "GCJ02", (113.9171764808363, 22.540796131694766)),
    ("WGS84", (116.377817, 39.911954), "GCJ02", (116.38404722455657, 39.91334545536069)),
    # coordtransform, README: Tian'anmen
    ("WGS84", (116.404, 39.915), "GCJ02", (116.41024449916938, 39.91640428150164)),
    ("GCJ02", (116.404, 39.915), "BD09", (116.41036949371029, 39.92133699351021)),
    ("WGS84", (116.404, 39.915), "BD09", (116.41662724378733, 39.922699552216216)),
    # gcoord, README: Tian'anmen
    ("WGS84", (116.403988, 39.914266), "BD09", (116.41661560068297, 39.92196580126834)),
]


@pytest.mark.parametrize(("crs", "here", "other", "there"), PUBLISHED)
def test_a_published_pair_is_met_to_the_millimetre(
    crs: Crs, here: tuple[float, float], other: Crs, there: tuple[float, float]
) -> None:
    one, two = Point(*here, crs), Point(*there, other)

    assert metres_between(converted(one, other), two) < 0.001
    assert metres_between(converted(two, crs), one) < 0.001


@given(IN_CHINA, ANY, ANY)
def test_there_and_back_less_than_a_millimetre_is_lost(here: tuple[float, float], crs: Crs, other: Crs) -> None:
    point = Point(*here, crs)

    assert metres_between(converted(converted(point, other), crs), point) < 0.001


@given(IN_CHINA, ANY, ANY, ANY)
def test_a_way_round_over_the_third_system_leads_to_the_same_spot(
    here: tuple[float, float], crs: Crs, over: Crs, other: Crs
) -> None:
    point = Point(*here, crs)

    assert metres_between(converted(converted(point, over), other), converted(point, other)) < 0.001


@given(IN_CHINA)
def test_in_china_the_systems_lie_between_a_few_metres_and_two_kilometres_apart(here: tuple[float, float]) -> None:
    point = Point(*here, "WGS84")
    moved = [Point(*here_in(converted(point, crs)), "WGS84") for crs in ("GCJ02", "BD09")]

    assert all(1 < metres_between(point, each) < 2000 for each in moved)


@given(st.floats(-180, 180), st.floats(-90, 90), ANY, ANY)
def test_outside_the_box_nothing_is_shifted(lng: float, lat: float, crs: Crs, other: Crs) -> None:
    there = converted(Point(lng, lat, crs), other)
    edge = 0.05

    if not (WEST - edge < lng < EAST + edge and SOUTH - edge < lat < NORTH + edge):
        assert here_in(there) == (lng, lat)
        assert not in_china(lng, lat)


def test_a_metre_is_a_metre() -> None:
    here = Point(113.64, 34.72, "GCJ02")

    assert metres_between(here, Point(113.64, 34.72 + 100 / 111195, "GCJ02")) == pytest.approx(100, abs=0.1)
    assert metres_between(here, Point(113.64 + 100 / 91393, 34.72, "GCJ02")) == pytest.approx(100, abs=0.2)


def test_there_is_no_distance_between_two_systems() -> None:
    with pytest.raises(AssertionError, match="two reference systems"):
        metres_between(Point(113.64, 34.72, "GCJ02"), Point(113.64, 34.72, "WGS84"))


def here_in(point: Point) -> tuple[float, float]:
    return point.lng, point.lat
