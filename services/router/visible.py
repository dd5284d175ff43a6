"""Who may read a case: staff whose area covers it, its handlers and responders; to everybody else it is not there."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

READ = "read"


def may_read(case: Case, person: str, pack: Pack) -> bool:
    """mechanics 26. A member sees only the cases whose whistle calls him."""
    posts = pack.directory.posts_of(person)
    if any(reads(post, pack) and pack.areas.covers(post.area, case.area or pack.root) for post in posts):
        return True
    parts = {party.post for party in (case.main, case.owner, *case.co, *case.informed) if party is not None}
    for whistle in case.whistles.values():
        parts |= {whistle.blower, *whistle.approvers, *whistle.responders}
    return any(post.post_id in parts for post in posts) or any(
        person in whistle.responders for whistle in case.whistles.values()
    )


def reads(post: Post, pack: Pack) -> bool:
    return pack.directory.has_right(post, READ)


def covered_areas(person: str, pack: Pack) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.area for post in pack.directory.posts_of(person) if reads(post, pack)))


def own_posts(person: str, pack: Pack) -> tuple[str, ...]:
    return (person, *(post.post_id for post in pack.directory.posts_of(person)))
