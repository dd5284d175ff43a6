"""Where a matter is: the area tree, and how a place that was said becomes an area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from shaoyin.domain.frozen import dataclass
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
How = Literal["building", "area", "alias", "unresolved"]


@dataclass(frozen=True, slots=True)
class ManagedFrom:
    """Who manages a compound from a day on; an agreement changes later cases and leaves earlier ones alone."""

    mode: Management
    since: date | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    area_id: str
    kind: AreaKind
    parent: str | None
    name: Mapping[str, str]
    code: str | None = None
    aliases: tuple[str, ...] = ()
    management: tuple[ManagedFrom, ...] = ()


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
    _aliases: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_paths", {})
        object.__setattr__(self, "_aliases", {})
        for area in self.areas.values():
            for said in (*area.name.values(), *area.aliases):
                self._aliases.setdefault(folded(said), area.area_id)

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
        for area in self.upward(area_id):
            valid = [mode for mode in area.management if mode.since is None or mode.since <= day]
            if valid:
                return max(valid, key=lambda mode: mode.since or date.min)
        return None

    def find(self, said: PlaceGiven) -> Found:
        """Building, then area, then a name or alias that the text contains; the longest alias wins.

        Two places named at equal length are no place: a person decides. 51号院 is not found in 151号院.
        """
        if said.building is not None:
            return self._exactly(said.building, "building")
        if said.area is not None:
            return self._exactly(said.area, "area")
        text = folded(said.text or "")
        named = [alias for alias in self._aliases if len(alias) > 1 and _said_in(text, alias)]
        hits = [alias for alias in named if self._own(self.areas[self._aliases[alias]])]
        longest = [alias for alias in hits if len(alias) == max(map(len, hits))]
        if len({self._aliases[alias] for alias in longest}) == 1:
            return Found(self._aliases[longest[0]], "alias", longest[0])
        return Found(None, "unresolved", said.text or "")

    def _exactly(self, area_id: str, how: How) -> Found:
        area = self.areas.get(area_id)
        return Found(area_id, how, area_id) if area and self._own(area) else Found(None, "unresolved", area_id)

    def _own(self, area: Area) -> bool:
        return self.root is None or self.covers(self.root, area.area_id)


def _said_in(text: str, alias: str) -> bool:
    """Whether the text names it: a number at the edge of an alias must not go on in the text."""
    at = text.find(alias)
    while at >= 0:
        end = at + len(alias)
        edges = (text[at - 1 : at], alias[0]), (alias[-1], text[end : end + 1])
        if not any(left.isdecimal() and right.isdecimal() for left, right in edges):
            return True
        at = text.find(alias, at + 1)
    return False


def folded(text: str) -> str:
    """Full-width digits and letters read as plain ones; spaces do not count."""
    plain = "".join(chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) <= 0xFF5E else sign for sign in text)
    return "".join(plain.split()).casefold()
