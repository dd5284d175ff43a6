"""What is wrong with the days, borders and entrances of areas, as far as each can be judged by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise

from shaoyin.domain.naming import folded
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import SMALLEST, Area
from shaoyin.domain.plane import crossing, far_outside
from shaoyin.domain.problem import Path, Problem

DAY = timedelta(days=1)


def problems_of_ground(pack: Pack) -> Iterator[Problem]:
    numbers = {area: number for number, area in enumerate(pack.areas.areas)}
    yield from _problems_of_days(pack)
    yield from _problems_of_succession(pack.areas.areas, numbers)
    yield from _problems_of_modes(pack)
    yield from _problems_of_shapes(pack)


def _wrong(number: int, cell: str, code: str, detail: str, about: str = "") -> Problem:
    return Problem("areas.yaml", (number, cell), code, detail, about)


def _problems_of_days(pack: Pack) -> Iterator[Problem]:
    """An area counts from its first day to its last, and only while the one around it does."""
    areas = pack.areas.areas
    for number, area in enumerate(areas.values()):
        if area.since and area.until and area.until < area.since:
            yield _wrong(number, "until", "days_backwards", f"{area.until} is before {area.since}", str(area.since))
        around = areas[area.parent] if area.parent else None
        if around is None:
            continue
        if around.until and (area.until is None or area.until > around.until):
            detail = f"{around.area_id} around it ends on {around.until}"
            yield _wrong(number, "until", "ends_after_parent", detail, str(around.until))
        if around.since and (area.since is None or area.since < around.since):
            detail = f"{around.area_id} around it begins on {around.since}"
            yield _wrong(number, "since", "begins_before_parent", detail, str(around.since))


def _problems_of_succession(areas: Mapping[str, Area], numbers: Mapping[str, int]) -> Iterator[Problem]:
    """Areas of one name and kind follow one another without a day between; that none overlap is said of the names."""
    called: dict[tuple[str, str], list[Area]] = {}
    for area in areas.values():
        called.setdefault((area.kind, folded(area.name["zh-CN"])), []).append(area)
    for several in called.values():
        for earlier, later in pairwise(sorted(several, key=lambda each: each.since or date.min)):
            if earlier.until and later.since and later.since > earlier.until + DAY:
                detail = f"{earlier.area_id} ends on {earlier.until}, {later.area_id} begins on {later.since}"
                about = str(earlier.until + DAY)
                yield _wrong(numbers[later.area_id], "since", "days_without_area", detail, about)


def _problems_of_modes(pack: Pack) -> Iterator[Problem]:
    """From its first day on it is said of a compound who manages it, and of each day once."""
    for number, area in enumerate(pack.areas.areas.values()):
        days = [mode.since for mode in area.management]
        for mode, since in enumerate(days):
            if since in days[:mode]:
                where: Path = (number, "management", mode, "since" if since else "mode")
                told = str(since) if since else "—"
                yield Problem("areas.yaml", where, "managed_twice", f"two modes begin on the same day: {told}", told)
        first = min((since or date.min for since in days), default=None)
        if first is not None and first > (area.since or date.min) and _nobody_around(pack, area, first):
            detail = f"before {first} nobody is said to manage {area.area_id}"
            yield Problem("areas.yaml", (number, "management", 0, "since"), "managed_late", detail, str(first))


def _nobody_around(pack: Pack, area: Area, first: date) -> bool:
    return area.parent is None or pack.areas.management(area.parent, first - DAY) is None


def _problems_of_shapes(pack: Pack) -> Iterator[Problem]:
    areas = pack.areas.areas.values()
    if pack.coordinates is None and any(area.shape or area.entrances for area in areas):
        detail = "polygons and entrances are in no known reference system"
        yield Problem("pack.yaml", ("coordinates",), "coordinates_unsaid", detail)
    for number, area in enumerate(areas):
        for ring in (ring for part in area.shape for ring in part):
            if (crossed := crossing(ring)) is not None:
                one, other = crossed
                yield _wrong(number, "polygon", "polygon_crosses", f"edges {one} and {other} meet", f"{one}、{other}")
        if area.entrances and area.kind != "building":
            yield _wrong(number, "entrance", "entrance_of_no_building", f"{area.area_id} is no building", area.area_id)
        yield from _problems_of_entrances(pack, number, area)


def _problems_of_entrances(pack: Pack, number: int, area: Area) -> Iterator[Problem]:
    grid = pack.areas.nearest(area.area_id, SMALLEST)
    if grid is None or not grid.shape:
        return
    far = max((far_outside(grid.shape, each) for each in area.entrances), default=0.0)
    if far > pack.tolerance:
        detail = f"the entrance lies {far:.0f} m outside {grid.area_id}"
        yield _wrong(number, "entrance", "entrance_outside", detail, f"{grid.name['zh-CN']} {far:.0f} m")
