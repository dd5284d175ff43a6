"""Vertical to the bottom, horizontal to the edge (`coverage_check`): what is vacant, doubled or without its branch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Org, Post
from shaoyin.domain.pack import Pack

SMALLEST_GRIDS = frozenset({"micro_grid", "dedicated_grid"})
GRIDS = frozenset({"grid", *SMALLEST_GRIDS})
ONE_HERE = frozenset(
    {
        "community_duty", "street_centre", "grid_lead", "micro_grid_lead", "building_chief", "building_group_lead",
        "property_duty", "owners_committee_duty", "estate_branch_secretary", "community_mediator", "social_worker",
        "area_police",
    }
)  # fmt: skip
"""Kinds of posts that are looked up by place: of a second one for the same place nobody would ever hear."""
BRANCHES = ("building_party_group", "estate_branch", "community_party_body", "big_party_committee")
"""Party bodies that answer for a grid, the nearest kind first."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of all areas of a kind those in which somebody holds the post, and those in which nobody does."""

    held: tuple[str, ...]
    vacant: tuple[str, ...]

    def __str__(self) -> str:
        return f"{len(self.held)}/{len(self.held) + len(self.vacant)}"


def coverage(kind: str, of: str, pack: Pack) -> Coverage:
    """A stand-in keeps the work going and fills no vacancy: somebody has to be found."""
    areas = [area.area_id for area in pack.areas.areas.values() if area.kind == of]
    held = tuple(area for area in areas if holder_of(kind, area, pack) is not None)
    return Coverage(held, tuple(area for area in areas if area not in set(held)))


def holder_of(kind: str, area: str, pack: Pack) -> Post | None:
    """Who holds the post for the place, up to the smallest grid around it and no further."""
    for each in pack.areas.upward(area):
        post = pack.directory.in_area(kind, each.area_id)
        if post is not None and post.holders:
            return post
        if each.kind in SMALLEST_GRIDS:
            break
    return None


@dataclass(frozen=True, slots=True)
class Gaps:
    """Everything that is not covered once: nothing in each means whole-area coverage (EQ-01)."""

    in_no_grid: tuple[str, ...]
    in_two_grids: tuple[str, ...]
    without_lead: tuple[str, ...]
    doubled: tuple[tuple[str, str], ...]


def gaps(pack: Pack) -> Gaps:
    around = {
        area.area_id: sum(each.kind in SMALLEST_GRIDS for each in pack.areas.upward(area.area_id))
        for area in pack.areas.areas.values()
        if area.kind == "building"
    }
    return Gaps(
        in_no_grid=tuple(area for area, grids in around.items() if grids == 0),
        in_two_grids=tuple(area for area, grids in around.items() if grids > 1),
        without_lead=tuple(_without_lead(pack)),
        doubled=tuple((first.post_id, second.post_id) for first, second in doubled(pack)),
    )


def _without_lead(pack: Pack) -> Iterator[str]:
    for area in pack.areas.areas.values():
        if area.kind in GRIDS:
            kinds = ("micro_grid_lead", "grid_lead") if area.kind == "micro_grid" else ("grid_lead",)
            posts = (pack.directory.in_area(kind, area.area_id) for kind in kinds)
            if not any(post is not None and post.holders for post in posts):
                yield area.area_id


def doubled(pack: Pack) -> Iterator[tuple[Post, Post]]:
    """Two posts of one kind for one place, named both (NM-02)."""
    found: dict[tuple[str, str], list[Post]] = defaultdict(list)
    for post in pack.directory.posts.values():
        if post.kind in ONE_HERE:
            found[post.kind, post.area].append(post)
    for posts in found.values():
        yield from ((posts[0], post) for post in posts[1:])


@dataclass(frozen=True, slots=True)
class Linked:
    """The party body that answers for a grid (`dual_grid_link`), and whether it is another grid's (XY-07)."""

    body: Org
    inherited: bool


def branch_of(grid: str, pack: Pack) -> Linked | None:
    """The grid's own, else the nearest branch: the fewest steps through the area tree, of equals the first."""
    own = next((body for kind in BRANCHES if (body := pack.directory.body(kind, grid)) is not None), None)
    if own is not None:
        return Linked(own, inherited=False)
    branches = [org for org in pack.directory.orgs.values() if org.kind == "estate_branch"]
    nearest = min(branches, key=lambda org: _steps(grid, org.area, pack), default=None)
    return None if nearest is None else Linked(nearest, inherited=True)


def _steps(one: str, other: str, pack: Pack) -> int:
    up, down = pack.areas.path(one), pack.areas.path(other)
    shared = sum(1 for mine, theirs in zip(up, down, strict=False) if mine == theirs)
    return len(up) + len(down) - 2 * shared
