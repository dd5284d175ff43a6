"""Who may read a case: staff whose area covers it, its handlers and responders; to everybody else it is not there."""

from __future__ import annotations

from dataclasses import dataclass

from shaoyin.domain.case import Case
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

READ = "read"
NAMED_READERS = frozenset({"street_centre", "street_deputy", "street_head", "street_adjudicator"})
"""Who reads a complaint about a worker or a clue beside those who have a part in it (mechanics 26)."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Where a case lies and who has a part in it, as a post (`parts`) or as a person: enough to say who may read it."""

    area: str | None
    category: str | None
    parts: frozenset[str]
    persons: frozenset[str]

    def include(self, person: str, pack: Pack) -> bool:
        """mechanics 26. A member sees only what calls him or what he claimed, and no more than that of it."""
        return self.include_whole(person, pack) or person in self.persons

    def include_whole(self, person: str, pack: Pack) -> bool:
        """Staff whose area covers it, and whoever has a part in it as a post."""
        posts = pack.directory.posts_of(person)
        return any(post.post_id in self.parts or _reads_there(post, self, pack) for post in posts)


def may_read(case: Case, person: str, pack: Pack) -> bool:
    return readers_of(case).include(person, pack)


def reads_whole(case: Case, person: str, pack: Pack) -> bool:
    return readers_of(case).include_whole(person, pack)


def readers_of(case: Case) -> Readers:
    """The posts of all parties and of the whistles; the persons who are called, placed or claimants."""
    handlers = [party for party in (case.main, *case.co) if party is not None]
    others = [party for party in (case.owner, *case.informed, case.verifier) if party is not None]
    parts = {party.post for party in (*handlers, *others)}
    persons = {party.person for party in handlers}
    for whistle in case.whistles.values():
        parts |= {whistle.blower, *whistle.approvers, *whistle.responders}
        persons |= set(whistle.responders)
    persons |= set() if case.order is None else {claim.person for claim in case.order.claims}
    return Readers(
        case.area, case.category, frozenset(filter(None, parts)), frozenset(filter(None, persons))
    )  # fmt: skip


def restricted(category_code: str | None, pack: Pack) -> bool:
    category = pack.categories.get(category_code or "")
    return category is not None and category.restricted


def _reads_there(post: Post, readers: Readers, pack: Pack) -> bool:
    """A place that a newer version of the pack no longer has lies in the community as a whole."""
    if restricted(readers.category, pack) and post.kind not in NAMED_READERS:
        return False
    there = readers.area if readers.area in pack.areas.areas else pack.root
    return reads(post, pack) and pack.areas.covers(post.area, there)


def reads(post: Post, pack: Pack) -> bool:
    return pack.directory.has_right(post, READ)


def covered_areas(person: str, pack: Pack) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.area for post in pack.directory.posts_of(person) if reads(post, pack)))


def own_posts(person: str, pack: Pack) -> tuple[str, ...]:
    return (person, *(post.post_id for post in pack.directory.posts_of(person)))
