"""Whose households are looked after, and which are left over: the gap is listed, never rounded away (XY-05, XY-06)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.profile import Figure, HouseholdCover


@dataclass(frozen=True, slots=True)
class Covered:
    """Households by area: how many somebody looks after, and how many nobody does."""

    people: Mapping[str, int]
    covered: Mapping[str, int]
    left: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.covered.values())

    @property
    def total_left(self) -> int:
        return sum(self.left.values())


def covered(cover: HouseholdCover, pack: Pack) -> Covered:
    """Every person takes at most `at_most` households of the own area; links elsewhere add what they say."""
    homes: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for each in pack.profile.homes:
        area = pack.areas.nearest(each.area, {cover.of})
        if area is not None:
            homes[area.area_id] += each.households
            people[area.area_id] += 0 if cover.post_kind else each.members
    if cover.post_kind is not None:
        people.update({area: len(_holders(cover.post_kind, area, pack)) for area in homes})
    reach = Counter({area: number * cover.at_most for area, number in people.items()})
    if cover.post_kind is None:
        for link in pack.profile.elsewhere:
            reach[link.members_of] -= link.households
            reach[link.cover] += link.households
    shares = {area: min(households, max(reach[area], 0)) for area, households in homes.items()}
    left = {area: homes[area] - share for area, share in shares.items() if homes[area] > share}
    return Covered(people, shares, left)


def _holders(kind: str, area: str, pack: Pack) -> frozenset[str]:
    post = pack.directory.in_area(kind, area)
    return frozenset(post.holders) if post is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Rate:
    """So many per thousand; what they are per, and the day that number is of, stand beside it."""

    per_thousand: float
    of: Figure


def rate(number: int, of: Figure) -> Rate:
    return Rate(number * 1000 / of.count, of)
