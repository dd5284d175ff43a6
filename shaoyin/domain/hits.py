"""What lies where a point was set: geometry finds it, and hands it over as facts (mechanics 6)."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Protocol

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.report import Point

EQUALLY_NEAR = 1.0
"""Metres by which one entrance must be nearer than another; below that no map can tell."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An area whose polygon the point is in (0 metres) or near to, and the building in it with the nearest entrance."""

    area: str
    metres: float
    building: str | None = None
    building_metres: float | None = None

    def __str__(self) -> str:
        """Ids and whole metres; where the point was is not in it."""
        if self.building is None or self.building_metres is None:
            return f"{self.area} {self.metres:.0f}"
        return f"{self.building} {self.building_metres:.0f}"


Hits = tuple[Hit, ...]


class Polygons(Protocol):
    """The polygons of a pack. Whoever gathers facts asks; a decision never does."""

    def hits(self, point: Point) -> Hits:
        """The areas within the pack's tolerance of the point, in whichever system it was measured.

        Of areas around one another the larger may be left out, down to the grid.
        """
        ...

    def hits_of_all(self, points: Sequence[Point]) -> Sequence[Hits]:
        """Each point's, in their order."""
        ...


def to_entrance(hit: Hit) -> float:
    return inf if hit.building_metres is None else hit.building_metres


def nearest_entrance(hits: Sequence[Hit]) -> Hit | None:
    """Of two areas and more that meet the one with the nearest entrance; None where that cannot be told (row 21).

    An area whose entrances nobody wrote down may have the nearest.
    """
    first, second, *others = sorted(hits, key=to_entrance)
    unknown = to_entrance((others or [second])[-1]) == inf
    return None if unknown or to_entrance(second) - to_entrance(first) < EQUALLY_NEAR else first
