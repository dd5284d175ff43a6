"""Who has it instead once the rows have named somebody: past a party to the matter, past one with too much (16, 73)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shaoyin.domain.conditions import Facts
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.roles import DEPUTY, RESIDENTS


def past_parties(main: Post, area: str, facts: Facts, pack: Pack) -> Post:
    """Row 16: skip upward along the chain, past the one complained of and past residents."""
    if not _is_party(main, facts):
        return main
    for above in _above(main, pack):
        if above.filled and above.kind not in RESIDENTS and not _is_party(above, facts):
            return above
    return pack.post_for("street_centre", area) or main


def _above(post: Post, pack: Pack) -> Iterator[Post]:
    """The head of its own body, then of each body of the chain the desk and the head."""
    own = pack.directory.head_of(post)
    if own is not None:
        yield own
    for body in pack.bodies_above(post.org, post.area):
        yield from (each for each in pack.directory.of_org(body.org_id) if each.kind in DESKS)
        if body.head is not None:
            yield pack.directory.posts[body.head]


DESKS = ("community_duty", "street_centre")


def _is_party(post: Post, facts: Facts) -> bool:
    if not any(facts.get(each) for each in ("party_is", "complained_of", "target")):
        return False
    party = PARTIES.get(str(facts.get("party_is"))), PARTIES.get(str(facts.get("complained_of")))
    return any(post.kind in kinds for kinds in (*party, PARTIES.get(f"target {facts.get('target')}")) if kinds)


PARTIES: Mapping[str, tuple[str, ...]] = {
    "building_chief": ("building_chief",),
    "community_mediator": ("community_mediator", "mediation_committee"),
    "building_party_group": ("building_group_lead",),
    "target property": ("property_duty",),
    "target owners_committee": ("owners_committee_duty",),
    "target community": ("community_duty", "community_deputy", "community_secretary", "social_worker"),
    "target community_worker": ("community_duty", "community_deputy", "community_secretary", "social_worker"),
    "target grid_worker": ("grid_worker", "grid_lead", "micro_grid_lead"),
}
"""Who is party to a matter, or complained of, by the answers `party_is`, `complained_of` and `target` (15, 16)."""


def past_load(main: Post, facts: Facts, pack: Pack) -> Post:
    """Row 73: a deputy of the same body, where the handler's open load is above its limit and the deputy's is not."""
    over = str(facts.get("overloaded") or "").split(",")
    if main.post_id not in over:
        return main
    deputies = (post for post in pack.directory.of_org(main.org) if post.kind in DEPUTY.get(main.kind, ()))
    return next((post for post in deputies if post.filled and post.post_id not in over), main)
