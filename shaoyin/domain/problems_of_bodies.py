"""What is wrong with the bodies of a pack: chain, organisations, posts, and who is enrolled."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Problem


def problems_of_chain(pack: Pack) -> Iterator[Problem]:
    yield from (
        Problem("pack.yaml", ("chain", index), "unknown_org", f"there is no organisation {org!r}", org)
        for index, org in enumerate(pack.chain)
        if org not in pack.directory.orgs
    )
    if len(set(pack.chain)) != len(pack.chain):
        yield Problem("pack.yaml", ("chain",), "chain_loops", "a body stands twice in the linkage chain")


def problems_of_posts(pack: Pack) -> Iterator[Problem]:
    directory = pack.directory
    posts = list(directory.posts.values())
    for index, post in enumerate(posts):
        if post.kind not in directory.kinds:
            yield Problem(
                "orgs.yaml", ("posts", index, "kind"), "unknown_post_kind", f"no kind {post.kind!r}", post.kind
            )
        if post.area not in pack.areas.areas:
            yield Problem("orgs.yaml", ("posts", index, "area"), "unknown_area", f"no area {post.area!r}", post.area)
        if post.org not in directory.orgs:
            yield Problem(
                "orgs.yaml", ("posts", index, "org"), "unknown_org", f"no organisation {post.org!r}", post.org
            )
        for list_of, people in (("holders", post.holders), ("stand_ins", post.stand_ins)):
            for number, person in enumerate(people):
                if person not in directory.people:
                    where = ("posts", index, list_of, number)
                    yield Problem("orgs.yaml", where, "unknown_person", f"no person {person!r}", person)
    for index, org in enumerate(directory.orgs.values()):
        if org.area not in pack.areas.areas:
            yield Problem("orgs.yaml", ("orgs", index, "area"), "unknown_area", f"no area {org.area!r}", org.area)
        if org.head is not None and org.head not in directory.posts:
            yield Problem("orgs.yaml", ("orgs", index, "head"), "unknown_post", f"no post {org.head!r}", org.head)
        elif org.head is not None and directory.posts[org.head].org != org.org_id:
            detail = f"{org.head} belongs to {directory.posts[org.head].org}"
            yield Problem("orgs.yaml", ("orgs", index, "head"), "head_of_another", detail, org.head)


def problems_of_registrations(pack: Pack) -> Iterator[Problem]:
    for index, each in enumerate(pack.directory.registrations):
        where = ("registrations", index)
        if each.kind == "unit" and each.person not in pack.directory.posts:
            yield Problem("people.yaml", (*where, "person"), "unknown_post", f"no post {each.person!r}", each.person)
        if each.kind != "unit" and each.person not in pack.directory.people:
            yield Problem(
                "people.yaml", (*where, "person"), "unknown_person", f"no person {each.person!r}", each.person
            )
        areas = ((("area",), each.area), *((("area_limits", n), limit) for n, limit in enumerate(each.area_limits)))
        for cell, area in areas:
            if area not in pack.areas.areas:
                yield Problem("people.yaml", (*where, *cell), "unknown_area", f"no area {area!r}", area)
