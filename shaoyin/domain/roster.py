"""Who has to be there: crews of grids, sets of an estate, teams with their rule, people who sit in several bodies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal

from shaoyin.domain.coverage import SMALLEST_GRIDS
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.profile import Crew, Team

MEMBER = "member"
Flaw = Literal["team_size", "team_source", "team_chairs", "team_chair_holds"]


def missing(crew: Crew, pack: Pack) -> Mapping[str, tuple[str, ...]]:
    """For each area that is not complete the needs that nothing there meets (XY-03, XY-19)."""
    there = _present(pack)
    areas = [area.area_id for area in pack.areas.areas.values() if area.kind == crew.of]
    found = {
        area: tuple(need for need, kinds in crew.needs.items() if not there.get(area, frozenset()) & set(kinds))
        for area in areas
    }
    return {area: needs for area, needs in found.items() if needs}


def _present(pack: Pack) -> Mapping[str, frozenset[str]]:
    """The kinds of held posts, bodies, enrolments and areas in an area, up to the smallest grid around it."""
    here: defaultdict[str, set[str]] = defaultdict(set)
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for kind, area in _stands(pack):
        here[area].add(kind)
        for around in pack.areas.upward(area):
            inside[around.area_id].add(kind)
    for area_id in pack.areas.areas:
        grid = pack.areas.nearest(area_id, SMALLEST_GRIDS)
        if grid is not None:
            inside[area_id] |= here[grid.area_id] | {grid.kind}
    return {area: frozenset(kinds) for area, kinds in inside.items()}


def _stands(pack: Pack) -> Iterator[tuple[str, str]]:
    directory = pack.directory
    yield from ((post.kind, post.area) for post in directory.posts.values() if post.holders)
    yield from ((org.kind, org.area) for org in directory.orgs.values())
    for each in directory.registrations:
        if each.kind == MEMBER and each.state == "active":
            yield MEMBER, each.household or each.area


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a team, and with whom."""

    flaw: Flaw
    about: str


def faults(team: Team, pack: Pack) -> Iterator[Fault]:
    """The rule of a team: so many, from these sources, one chair who is what a chair must be (WS-02)."""
    if len(team.members) != team.size:
        yield Fault("team_size", str(len(team.members)))
    for member in team.members:
        if member.source not in team.sources:
            yield Fault("team_source", member.person)
    if len(team.chairs) != 1:
        yield Fault("team_chairs", ", ".join(team.chairs))
    for chair in team.chairs:
        if not any(post.kind == team.chair_holds for post in pack.directory.posts_of(chair)):
            yield Fault("team_chair_holds", chair)


def rosters_of(person: str, pack: Pack) -> tuple[str, ...]:
    """The bodies in whose roster somebody stands (WS-01)."""
    return tuple(dict.fromkeys(post.org for post in pack.directory.posts_of(person) if person in post.holders))


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio of posts that names nobody: whether one is a member is told only with the person's consent (NM-03)."""

    members: int
    posts: int


def share_of_members(org: str, pack: Pack) -> Share:
    holders = [person for post in pack.directory.of_org(org) for person in post.holders]
    enrolled = {each.person for each in pack.directory.registrations if each.kind == MEMBER and each.state == "active"}
    return Share(sum(person in enrolled for person in holders), len(holders))
