"""Who fills a role of the routing table at a place: the posts of a pack, and the bodies outside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Directory, Post
from shaoyin.domain.place import AreaTree, ManagedFrom
from shaoyin.domain.rules import OR

TEAM_ROLES: Mapping[str, str] = {
    "community": "community_duty",
    "street": "street_centre",
    "estate_branch": "estate_branch_secretary",
    "property": "property_duty",
    "owners_committee": "owners_committee_duty",
    "community_social_worker": "social_worker",
    "police_area": "area_police",
    "partner_unit": "unit_duty",
    "council": "council_chair",
    "joint_office": "district_joint_office",
}
"""Roles of the routing table (domain 4.1, 4.4) that are called otherwise than the kind of post that fills each."""
SPECIAL: Mapping[str, str] = {"dept": "dept_duty", "utility": "utility_duty", "street_section": "street_section"}
"""Roles with a speciality behind a colon, and the kind of post: `dept:sanitation`, `street_section:civil_affairs`."""
STANDS_FOR: Mapping[str, str] = {
    "mediation_committee": "community_mediator",
    "joint_meeting": "street_head",
    "grid_centre": "street_centre",
    "campaign_command_post": "street_centre",
    "competent_body": "street_centre",
    "council": "community_duty",
    "dept": "street_centre",
    "utility": "street_centre",
    "street_section": "street_centre",
}
"""Who takes the place of a role that the pack has no post for; a department's matter is the street centre's (4.4)."""
FIRMS = frozenset({"property_company", "community_trustee"})
"""Modes in which somebody is the firm: its own, or that of a trustee agreement while the agreement holds (4.4)."""
OUTSIDE: Mapping[str, tuple[str, str]] = {
    "fire_119": ("119", "fire"),
    "ambulance_120": ("120", "medical"),
    "police_110": ("110", "crime"),
    "gas_firm": ("", "gas"),
}
"""Bodies that are called, not dispatched to: the number, and the danger it is called for. The gas firm's is local."""
NOBODY = frozenset(
    {
        *OUTSIDE,
        "volunteer_pool",
        "owner",
        "guardian",
        "by_place",
        "next_on_chain",
        "duty_roster",
        "deputy",
        "other_grid",
        "dept",
        "utility",
    }
)
"""Roles that no post fills: who is called, whoever claims an order, the people concerned, and those found otherwise."""
MANAGED_BY: Mapping[str, str] = {
    "property": "property_duty",
    "managing_unit": "managing_unit",
    "owners_committee": "owners_committee_duty",
}
"""Roles whose body the management of the place names (`by`), and the kind of its post."""


RESIDENTS = frozenset({"building_chief", "building_group_lead", "micro_grid_lead", "association_head", "member"})
"""Kinds of posts that residents hold: no matter climbs to one of them."""
DEPUTY: Mapping[str, tuple[str, ...]] = {
    "community_duty": ("community_deputy",),
    "street_centre": ("street_deputy",),
    "grid_lead": ("grid_worker",),
}
"""Who takes over on the same chain where the open load is above the limit (row 73)."""


def base_of(role: str) -> str:
    return role.partition(":")[0]


def kind_of(role: str) -> str:
    """The kind of post that fills a role, its speciality kept."""
    base, colon, special = role.partition(":")
    return f"{SPECIAL[base]}:{special}" if colon and base in SPECIAL else TEAM_ROLES.get(role, role)


def known_role(role: str, directory: Directory) -> bool:
    """Whether somebody could fill it: its kind of post is declared, or others are called or stand for it.

    The kinds that every community has must be held; of the others a pack has what there is.
    """
    if role in NOBODY:
        return True
    kind = kind_of(role).partition(":")[0]
    if kind in NEEDED:
        return any(post.kind == kind and post.filled for post in directory.posts.values())
    return kind in directory.kinds or base_of(role) in STANDS_FOR


NEEDED = frozenset({"community_duty", "street_centre", "grid_lead", "community_mediator"})


@dataclass(frozen=True)
class Roles:
    """The posts of a pack, asked by role and place."""

    directory: Directory
    areas: AreaTree
    _known: dict[tuple[str, str], str | None] = field(init=False, repr=False, compare=False)
    _found: dict[tuple[str, str], Post | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What was looked up is kept; areas and roles are as many as a pack has."""
        object.__setattr__(self, "_known", {})
        object.__setattr__(self, "_found", {})

    def post_for(self, role: str, area: str) -> Post | None:
        """The nearest area upward that has it, somebody holding it; else whoever stands for such a post.

        Of several roles (`a|b`) the first that somebody fills.
        """
        key = (role, area)
        if key not in self._found:
            self._found[key] = self._first(role, area)
        return self._found[key]

    def _first(self, role: str, area: str) -> Post | None:
        for each in role.split(OR):
            found = self._filling(kind_of(each), area)
            if found is None and (other := STANDS_FOR.get(base_of(each))) is not None:
                found = self._filling(kind_of(other), area)
            if found is not None:
                return self.directory.posts[found]
        return None

    def at(self, role: str, area: str, managed: ManagedFrom | None) -> Post | None:
        """As `post_for`, by who manages the place: where nobody is the firm, nobody is `property`."""
        if role in MANAGED_BY and (here := self._of_body(role, managed)) is not None:
            return here
        if role == "property" and (managed is None or managed.mode not in FIRMS):
            return None
        return self.post_for(role, area)

    def _of_body(self, role: str, managed: ManagedFrom | None) -> Post | None:
        if managed is None or managed.by is None:
            return None
        posts: Iterator[Post] = (post for post in self.directory.of_org(managed.by) if self.directory.able(post))
        return next((post for post in posts if post.kind in (MANAGED_BY[role], _unit(role))), None)

    def _filling(self, kind: str, area: str) -> str | None:
        """Of an area without its own such post, whatever was found for the one around it."""
        key = (kind, area)
        if key not in self._known:
            post, around = self.directory.in_area(kind, area), self.areas.areas[area].parent
            if post is not None and self.directory.able(post):
                self._known[key] = post.post_id
            else:
                self._known[key] = None if around is None else self._filling(kind, around)
        return self._known[key]


def _unit(role: str) -> str | None:
    return "unit_duty" if role == "managing_unit" else None
