"""Walk-in posts: which one is open on a day, and which is the next nearest when one is not (NM-06)."""

from __future__ import annotations

from datetime import date
from math import cos, hypot, radians

from shaoyin.domain.pack import Pack
from shaoyin.domain.profile import Station


def is_open(station: Station, day: date, pack: Pack) -> bool:
    post = pack.directory.posts[station.post]
    return day.weekday() not in station.closed and post.filled


def nearest_open(station: Station, day: date, pack: Pack) -> Station | None:
    """The station itself, else of those that are open that day the nearest as the crow flies; None on no day's duty."""
    if is_open(station, day, pack):
        return station
    others = (each for each in pack.profile.stations if is_open(each, day, pack))
    return min(others, key=lambda each: _apart(station.at, each.at), default=None)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Degrees of latitude; within a town the earth is flat."""
    return hypot((one[0] - other[0]) * cos(radians(one[1])), one[1] - other[1])
