"""What is wrong with the bodies of a pack: chain, organisations, posts, and who is enrolled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from shaoyin.domain.pack import Pack, Vetting
from shaoyin.domain.problem import Path, Problem, unknown

VETTINGS: tuple[Vetting, ...] = get_args(Vetting)
LAST_ON_CHAIN = frozenset({"supervise", "joint_office"})
"""What the head of the last body of a chain may do: a matter must not end with people who can only ask again."""


def problems_of_chain(pack: Pack) -> Iterator[Problem]:
    """A step is a body or a kind of body; a body that stands there by both stands there twice."""
    orgs = pack.directory.orgs
    kinds = {org.kind for org in orgs.values()}
    for index, step in enumerate(pack.chain):
        yield from unknown("org", "pack.yaml", ("chain", index), step, {*orgs, *kinds})
        if step in orgs and orgs[step].kind in pack.chain:
            yield Problem("pack.yaml", ("chain", index), "chain_loops", f"{step} stands twice in the linkage chain")
    for org in (org for org in orgs.values() if pack.chain and pack.chain[-1] in (org.org_id, org.kind)):
        head = pack.directory.posts.get(org.head or "")
        kind = pack.directory.kinds.get(head.kind) if head is not None else None
        if kind is None or not kind.rights & LAST_ON_CHAIN:
            detail = f"the head of {org.org_id} may not supervise anybody"
            yield Problem("pack.yaml", ("chain", len(pack.chain) - 1), "chain_ends_low", detail, org.org_id)


def problems_of_posts(pack: Pack) -> Iterator[Problem]:
    directory, areas = pack.directory, pack.areas.areas
    for index, post in enumerate(directory.posts.values()):
        where: Path = ("posts", index)
        yield from unknown("post_kind", "orgs.yaml", (*where, "kind"), post.kind, directory.kinds)
        yield from unknown("area", "orgs.yaml", (*where, "area"), post.area, areas)
        yield from unknown("org", "orgs.yaml", (*where, "org"), post.org, directory.orgs)
        for list_of, people in (("holders", post.holders), ("stand_ins", post.stand_ins)):
            for number, person in enumerate(people):
                yield from unknown("person", "orgs.yaml", (*where, list_of, number), person, directory.people)
    yield from _problems_of_screening(pack)
    for index, org in enumerate(directory.orgs.values()):
        where = ("orgs", index)
        yield from unknown("area", "orgs.yaml", (*where, "area"), org.area, areas)
        yield from unknown("post", "orgs.yaml", (*where, "head"), org.head, directory.posts)
        head = directory.posts.get(org.head or "")
        if head is not None and head.org != org.org_id:
            detail = f"{head.post_id} belongs to {head.org}"
            yield Problem("orgs.yaml", (*where, "head"), "head_of_another", detail, head.post_id)


def _problems_of_screening(pack: Pack) -> Iterator[Problem]:
    """Who holds a post of a screened kind has been vetted so far at the enrolment (DX-05)."""
    directory = pack.directory
    vetted = {each.person: VETTINGS.index(each.vetting) for each in directory.registrations if each.state == "active"}
    for index, post in enumerate(directory.posts.values()):
        kind = directory.kinds.get(post.kind)
        wanted = 0 if kind is None else VETTINGS.index(kind.vetting)
        for list_of, people in (("holders", post.holders), ("stand_ins", post.stand_ins)):
            for number, person in enumerate(people):
                if vetted.get(person, 0) < wanted:
                    detail = f"{person} holds {post.post_id} without having been screened"
                    yield Problem("orgs.yaml", ("posts", index, list_of, number), "not_screened", detail, person)


def problems_of_registrations(pack: Pack) -> Iterator[Problem]:
    directory, areas = pack.directory, pack.areas.areas
    for index, each in enumerate(directory.registrations):
        where: Path = ("registrations", index)
        if each.kind == "unit":
            yield from unknown("post", "people.yaml", (*where, "person"), each.person, directory.posts)
        else:
            yield from unknown("person", "people.yaml", (*where, "person"), each.person, directory.people)
        yield from unknown("area", "people.yaml", (*where, "area"), each.area, areas)
        for number, limit in enumerate(each.area_limits):
            yield from unknown("area", "people.yaml", (*where, "area_limits", number), limit, areas)
