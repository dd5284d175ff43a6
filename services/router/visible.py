"""Who may read a case: staff whose area covers it, its handlers and responders; to everybody else it is not there."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

READ = "read"
NAMED_READERS = frozenset({"street_centre", "street_deputy", "street_head", "street_adjudicator"})
"""Who reads a complaint about a worker or a clue beside those who have a part in it (mechanics 26)."""


def may_read(case: Case, person: str, pack: Pack) -> bool:
    """mechanics 26. A member sees only what calls him or what he claimed, and no more than that of it."""
    return reads_whole(case, person, pack) or takes_part(case, person)


def reads_whole(case: Case, person: str, pack: Pack) -> bool:
    """Staff whose area covers it, and whoever has a part in it as a post."""
    posts = pack.directory.posts_of(person)
    parts = parts_of(case)
    return any(post.post_id in parts or _reads_there(post, case, pack) for post in posts)


def takes_part(case: Case, person: str) -> bool:
    """A person who is called, placed or a claimant."""
    called = any(person in whistle.responders for whistle in case.whistles.values())
    return called or any(party.person == person for party in (case.main, *case.co) if party is not None) or (
        case.order is not None and case.order.claimed_by(person)
    )  # fmt: skip


def parts_of(case: Case) -> set[str | None]:
    """The posts that have a part in it."""
    parties = (case.main, case.owner, *case.co, *case.informed, case.verifier)
    parts = {party.post for party in parties if party is not None}
    for whistle in case.whistles.values():
        parts |= {whistle.blower, *whistle.approvers, *whistle.responders}
    return parts


def restricted(case: Case, pack: Pack) -> bool:
    """Nothing for the grid it comes from: a complaint about a worker, a clue (mechanics 26, 33)."""
    category = pack.categories.get(case.category or "")
    return category is not None and category.sensitive and not category.home_grid_allowed


def _reads_there(post: Post, case: Case, pack: Pack) -> bool:
    if restricted(case, pack) and post.kind not in NAMED_READERS:
        return False
    return reads(post, pack) and pack.areas.covers(post.area, case.area or pack.root)


def reads(post: Post, pack: Pack) -> bool:
    return pack.directory.has_right(post, READ)


def covered_areas(person: str, pack: Pack) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.area for post in pack.directory.posts_of(person) if reads(post, pack)))


def own_posts(person: str, pack: Pack) -> tuple[str, ...]:
    return (person, *(post.post_id for post in pack.directory.posts_of(person)))
