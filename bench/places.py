"""How fast the place of a report is found: a point among 1,166 polygons, and the names in a text among thousands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import numpy
import shapely

from bench.figures import Figure, at_least
from bench.scale import Scale
from shaoyin.adapters.geometry import Ground, hits_of_all
from shaoyin.adapters.packs import load
from shaoyin.domain.coordinates import converted
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Point

PACKS = Path(__file__).resolve().parent.parent / "packs"
POINTS, TURNS = 50_000, 3


def measure(_scale: Scale) -> Iterator[Figure]:
    """Points all over the street, in its own system unless said otherwise; the floor is shapely with nothing around."""
    pack = load(PACKS / "songshan").pack
    assert pack is not None
    ground = pack.polygons
    assert isinstance(ground, Ground)
    points = points_in(pack)
    raw, raw_batch = shapely_alone(ground, points)
    anew = once(lambda: [ground.hits(point) for point in points])
    alone = best(lambda: [ground.hits(point) for point in points])
    many = f"{len(ground._shaped):,} polygons"
    yield Figure("places", f"points hit in {many}, one by one", alone, "1/s", raw, at_least(50_000))
    yield Figure("places", "the same, each square looked at for the first time", anew, "1/s")
    together = best(lambda: ground.hits_of_all(points))
    yield Figure("places", f"points hit in {many}, a batch of {POINTS:,}", together, "1/s", raw_batch, at_least(50_000))
    phones = [converted(point, "WGS84") for point in points]
    yield Figure("places", "the same, measured by phones (WGS-84)", best(lambda: ground.hits_of_all(phones)), "1/s")
    places = [PlaceGiven(point=point) for point in points]
    hits = hits_of_all(pack, places)
    asked = list(zip(places, hits, strict=True))
    yield Figure("places", "areas decided of hits, border rule included",
                 best(lambda: [pack.areas.find(place, None, found) for place, found in asked]), "1/s")  # fmt: skip
    texts = [PlaceGiven(text=f"我在{name}门口,灯不亮") for name in names(pack)]
    yield Figure("places", f"texts searched for {len(texts):,} names",
                 best(lambda: [pack.areas.find(text) for text in texts], len(texts)), "1/s")  # fmt: skip


def points_in(pack: Pack) -> Sequence[Point]:
    corners = [at for area in pack.areas.areas.values() for part in area.shape for ring in part for at in ring]
    (west, east), (south, north) = ((min(each), max(each)) for each in zip(*corners, strict=True))
    dice, crs = Random(1166), pack.coordinates
    assert crs is not None
    return [Point(dice.uniform(west, east), dice.uniform(south, north), crs) for _ in range(POINTS)]


def names(pack: Pack) -> Sequence[str]:
    return [said for area in pack.areas.areas.values() for said in (area.name["zh-CN"], *area.aliases)]


def shapely_alone(ground: Ground, points: Sequence[Point]) -> tuple[float, float]:
    """The index asked for all within the tolerance and how far it is: one point at a time, and all at once."""
    flat, index, tolerance = ground._polygons, ground._index, ground.tolerance
    metres = numpy.array([ground._metres(point) for point in points])

    def one_by_one() -> None:
        for here in metres:
            point = shapely.points(here)
            shapely.distance(flat[index.query(point, predicate="dwithin", distance=tolerance)], point)

    def batch() -> None:
        spots = shapely.points(metres)
        of_point, of_area = index.query(spots, predicate="dwithin", distance=tolerance)
        shapely.distance(flat[of_area], spots[of_point])

    return best(one_by_one), best(batch)


def once(work: Callable[[], object], many: int = POINTS) -> float:
    began = time.perf_counter()
    work()
    return many / (time.perf_counter() - began)


def best(work: Callable[[], object], many: int = POINTS) -> float:
    return max(once(work, many) for _ in range(TURNS))
