"""Where a matter is: the area tree, and how a place that was said becomes an area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.hits import Hit, Hits, nearest_entrance, to_entrance
from shaoyin.domain.naming import Names, folded
from shaoyin.domain.plane import Position, Shape
from shaoyin.domain.report import PlaceGiven

AreaKind = Literal[
    "district",
    "street",
    "community",
    "sub_area",
    "estate",
    "courtyard",
    "grid",
    "micro_grid",
    "dedicated_grid",
    "building",
]
Management = Literal["property_company", "self_managed", "unit_managed", "community_trustee", "none"]
How = Literal[
    "building", "area", "alias", "polygon", "border", "nearest_entrance", "dedicated_grid", "service_post", "fallback",
    "unresolved",
]  # fmt: skip
"""How a place was found. The first three were said, the next four came of a point; at a `border` no grid was nearer.
`service_post` and `fallback`: nobody said where, and the matter could not wait (row 22).
"""
SMALLEST = frozenset({"micro_grid", "dedicated_grid"})
"""The grids that share out a community; a building lies in exactly one."""


@dataclass(frozen=True, slots=True)
class ManagedFrom:
    """Who manages a compound from a day on; an agreement changes later cases and leaves earlier ones alone.

    `confirmed`: a firm takes it over although the renovation is not done, and somebody has said that this is meant.
    """

    mode: Management
    since: date | None = None
    by: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the tree. `until` is its last day; what comes after it has an id of its own, so cases keep theirs."""

    area_id: str
    kind: AreaKind
    parent: str | None
    name: Mapping[str, str]
    code: str | None = None
    aliases: tuple[str, ...] = ()
    management: tuple[ManagedFrom, ...] = ()
    since: date | None = None
    until: date | None = None
    entrances: tuple[Position, ...] = ()
    shape: Shape = ()
    renovated: bool | None = None

    def valid_on(self, day: date | None) -> bool:
        if day is None:
            return True
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def meets(self, other: Area) -> bool:
        """Whether there is a day on which both are valid."""
        first = max(self.since or date.min, other.since or date.min)
        return first <= min(self.until or date.max, other.until or date.max)


@dataclass(frozen=True, slots=True)
class Found:
    """A place that was resolved, and how; `unresolved` sends the report to the triage desk."""

    area: str | None
    how: How
    seen: str


@dataclass(frozen=True)
class AreaTree:
    """Containment. Parentage is data, never read out of a code (domain 2.7).

    `root` is the community's own top: the district around it is known by name, and is not one of its places.
    """

    areas: Mapping[str, Area]
    root: str | None = None
    _paths: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _managed: dict[str, tuple[tuple[ManagedFrom, ...], ...]] = field(init=False, repr=False, compare=False)
    """Of an area that was asked about: the modes of each compound around it, nearest first, by their first day."""
    _names: Names = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        said = ((name, area.area_id) for area in self.areas.values() for name in (*area.name.values(), *area.aliases))
        object.__setattr__(self, "_paths", {})
        object.__setattr__(self, "_managed", {})
        object.__setattr__(self, "_names", Names.of(said))

    def path(self, area_id: str) -> tuple[str, ...]:
        """From the root down to the area itself."""
        known = self._paths.get(area_id)
        if known is None:
            parent = self.areas[area_id].parent
            known = (*(self.path(parent) if parent else ()), area_id)
            self._paths[area_id] = known
        return known

    def covers(self, upper: str, lower: str | None) -> bool:
        return lower is not None and upper in self.path(lower)

    def upward(self, area_id: str) -> Iterator[Area]:
        """The area itself, then each one that contains it."""
        return (self.areas[each] for each in reversed(self.path(area_id)))

    def nearest(self, area_id: str, kinds: frozenset[str] | set[str]) -> Area | None:
        return next((area for area in self.upward(area_id) if area.kind in kinds), None)

    def management(self, area_id: str, day: date) -> ManagedFrom | None:
        """The mode in force on a day, from the nearest compound around; None where nobody said (a public road)."""
        around = self._managed.get(area_id)
        if around is None:
            around = tuple(
                tuple(sorted(each.management, key=_since)) for each in self.upward(area_id) if each.management
            )
            self._managed[area_id] = around
        for modes in around:
            if valid := [each for each in modes if _since(each) <= day]:
                return valid[-1]
        return None

    def find(self, said: PlaceGiven, day: date | None = None, hits: Hits = ()) -> Found:
        """Building, then area, then what the text names, then where the point is; as they are on that day.

        The longest name in a text wins. Two places named at equal length are no place, and only a point can tell.
        A point in what the text names says it more exactly; elsewhere it is not believed.
        """
        if said.building is not None:
            return self._exactly(said.building, "building", day)
        if said.area is not None:
            return self._exactly(said.area, "area", day)
        named = self._named(said.text or "", day)
        here = self._at(tuple(each for each in hits if self._counts(self.areas.get(each.area), day)))
        if here is None:
            return named
        exact = named.area is not None and (named.area == here.area or not self.covers(named.area, here.area))
        return named if exact else here

    def _exactly(self, area_id: str, how: How, day: date | None) -> Found:
        """An area that has been renewed since the form was made stands for the one of the same name now."""
        area = self.areas.get(area_id)
        if area is not None and not area.valid_on(day):
            renewed = (self.areas[each] for each in self._names.areas.get(folded(area.name["zh-CN"]), ()))
            area = next((each for each in renewed if each.valid_on(day) and each.kind == area.kind), None)
        return Found(area.area_id, how, area_id) if area and self._own(area) else Found(None, "unresolved", area_id)

    def _named(self, text: str, day: date | None) -> Found:
        found: dict[str, str] = {}
        for name in self._names.named_in(text):
            for each in self._names.areas[name]:
                if self._counts(self.areas[each], day):
                    found.setdefault(name, each)
        longest = [name for name in found if len(name) == max(map(len, found))]
        if len({found[name] for name in longest}) == 1:
            return Found(found[longest[0]], "alias", longest[0])
        return Found(None, "unresolved", text)

    def _at(self, hits: Hits) -> Found | None:
        """The grid a point is in; where several meet, that of the nearer entrance, else what they have in common."""
        above = {upper for hit in hits for upper in self.path(hit.area)[:-1]}
        meeting: dict[str, Hit] = {}
        for hit in hits:
            grid = self.nearest(hit.area, SMALLEST)
            if grid is not None or hit.area not in above:
                key = grid.area_id if grid is not None else hit.area
                meeting[key] = min(meeting.get(key, hit), hit, key=to_entrance)
        if len(meeting) < 2:
            return next((self._inside(key, hits) for key in meeting), None)
        seen = ", ".join(map(str, meeting.values()))
        nearer = nearest_entrance(tuple(meeting.values()))
        if nearer is None:
            return Found(self._common(tuple(meeting)), "border", seen)
        grid_there = next(key for key, hit in meeting.items() if hit is nearer)
        return Found(self._inside(grid_there, hits).area, "nearest_entrance", seen)

    def _inside(self, key: str, hits: Hits) -> Found:
        """The smallest area there that really contains the point; one that is only near to it is its grid alone."""
        within = {hit.area: hit.metres for hit in hits if self.covers(key, hit.area)}
        area = max((each for each, metres in within.items() if metres == 0), key=self._depth, default=key)
        how: How = "dedicated_grid" if self._in_dedicated_grid(area) else "polygon"
        return Found(area, how, f"{area} {within.get(area, min(within.values())):.0f}")

    def _depth(self, area_id: str) -> int:
        return len(self.path(area_id))

    def _in_dedicated_grid(self, area_id: str) -> bool:
        return self.nearest(area_id, {"dedicated_grid"}) is not None

    def _common(self, area_ids: tuple[str, ...]) -> str | None:
        steps = [each[0] for each in zip(*map(self.path, area_ids), strict=False) if len(set(each)) == 1]
        return steps[-1] if steps else None

    def _counts(self, area: Area | None, day: date | None) -> bool:
        return area is not None and area.valid_on(day) and self._own(area)

    def _own(self, area: Area) -> bool:
        return self.root is None or self.covers(self.root, area.area_id)

    def seen_in(self, found_how: str, seen: str, language: str) -> str:
        """What was seen, for people: names and metres where geometry found the place, else as it was said."""
        if found_how not in ("border", "nearest_entrance"):
            return seen
        pairs = [each.rsplit(" ", 1) for each in seen.split(", ")]
        return ", ".join(
            f"{self.areas[area].name[language]} {metres} m" for area, metres in pairs if area in self.areas
        )

    def facts(self, area_id: str, how: str | None) -> Mapping[str, bool]:
        """What the rows of the group `grid` ask (rows 20 to 22); `how` is None where a person said the place later."""
        return {
            "dedicated_grid": self._in_dedicated_grid(area_id),
            "on_border": how in ("border", "nearest_entrance"),
            "equally_near": how == "border",
            "place_known": how not in ("service_post", "fallback"),
        }


def _since(mode: ManagedFrom) -> date:
    return mode.since or date.min
