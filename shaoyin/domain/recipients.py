"""What an alert is, and how posts, parties and responders become its recipients. By post, and never a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Literal

from shaoyin.domain.calling import EMERGENCY
from shaoyin.domain.events import Party, Scheduled
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.header import Header, WhistleSeen
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.who import OUTSIDERS

Level = Literal["info", "act", "urgent", "critical"]
TAKES_PLACE = ("acknowledged", "on_site", "working", "result_in")
"""The states of a responder who holds a place."""
BESIDE = ("side_order", "side_topic")
"""What a row may propose beside the handling of one matter: an order of its own (93), a council topic (42, 65)."""
UNLABELLED = "unlabelled"
"""The kind of alert of which no recipient hears the category (row 72)."""
LEFT = ("wait_listed", "withdrawn", "removed")
"""Who is not concerned by what becomes of a whistle any more."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The command an alert offers; it carries only what names its object. A responder here is always a unit's post."""

    command: str
    whistle_id: str | None = None
    responder: str | None = None


Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """To a post (whoever is on duty in it) or to a person; `kind` is the key of its text in the pack.

    `once` names a thing that several events may tell of; whoever was told of it is not told again.
    """

    kind: str
    post: str | None
    person: str | None
    level: Level
    offer: Offer | None = None
    facts: Facts = field(default=())
    once: str | None = None

    @property
    def recipient(self) -> str:
        return self.post or f"person:{self.person}"


def level_of(header: Header) -> Level:
    if header.urgency == "critical":
        return "critical"
    return "urgent" if header.urgency == "urgent" else "act"


def level_of_whistle(seen: WhistleSeen, header: Header) -> Level:
    """An emergency whistle rings always, however urgent its case is (decisions 2.26)."""
    return "critical" if seen.type == EMERGENCY else level_of(header)


def to_posts(
    kind: str, posts: Iterable[str | None], level: Level = "info", offer: Offer | None = None, facts: Facts = ()
) -> Iterator[Alert]:
    for post in posts:
        if post is not None:
            yield Alert(kind, post, None, level, offer, facts)


def to_post(kind: str, post: Post | None, level: Level, offer: Offer | None = None) -> Iterator[Alert]:
    yield from to_posts(kind, [post.post_id] if post else [], level, offer)


def to_parties(
    kind: str, parties: Iterable[Party | None], level: Level = "info", offer: Offer | None = None, facts: Facts = ()
) -> Iterator[Alert]:
    for party in parties:
        if party is not None:
            yield Alert(kind, party.post, party.person if party.post is None else None, level, offer, facts)


def to_persons(
    kind: str, persons: Iterable[str | None], level: Level = "info", offer: Offer | None = None, facts: Facts = ()
) -> Iterator[Alert]:
    for person in persons:
        if person is not None:
            yield Alert(kind, None, person, level, offer, facts)


def to_one(kind: str, named: str, level: Level, pack: Pack, offer: Offer | None = None, facts: Facts = ()) -> Alert:
    """A responder or co-handler goes by one name: a post's, or else a person's."""
    is_post = named in pack.directory.posts
    return Alert(kind, named if is_post else None, None if is_post else named, level, offer, facts)


def to_responders(kind: str, seen: WhistleSeen, level: Level = "info") -> Iterator[Alert]:
    """Every unit, and the persons who promised; whoever was only asked is not troubled by what becomes of it."""
    for each in seen.responders:
        if each.post is not None or each.state not in ("called", *LEFT):
            yield Alert(kind, each.post, None if each.post else each.responder, level)


def of_proposals(scheduled: Iterable[Scheduled]) -> Iterator[Alert]:
    """What a count calls for, or an order beside; each is told once, whichever case it came with."""
    for each in scheduled:
        kind = each.what if each.what in BESIDE else "proposal"
        for post in each.told:
            yield Alert(kind, post, None, "act", None, (("count", str(each.row)),), once=each.proposal)


def handlers(header: Header) -> list[Party]:
    return [header.main] if header.main else [header.owner]


def counted(seen: WhistleSeen) -> Facts:
    """`n of m places`, without a name."""
    taken = sum(each.state in TAKES_PLACE for each in seen.responders)
    called = sum(each.state not in LEFT for each in seen.responders)
    return (("count", str(taken)), ("places", str(seen.places or called)))


def area_of(header: Header, pack: Pack) -> str:
    return header.area if header.area is not None and header.area in pack.areas.areas else pack.root


def triage_of(header: Header, pack: Pack) -> str:
    """The desk that answers for the place: the fallback owner throughout (decisions 2.13)."""
    return pack.triage_post(area_of(header, pack)).post_id


def superior_of_triage(header: Header, pack: Pack) -> Post | None:
    """The street deputy, else its head; never the post that handles the matter itself (decisions 1.8)."""
    own = header.main.post if header.main else None
    posts = (pack.post_for(kind, area_of(header, pack)) for kind in ("street_deputy", "street_head"))
    return next((post for post in posts if post is not None and post.post_id != own), None)


def outsider(right: str, header: Header, pack: Pack) -> Post | None:
    """The nearest post with the right that is not of the handlers' own organisations (decisions 1.14)."""
    bodies = {party.org for party in (*handlers(header), *header.co)}
    posts = (pack.post_for(role, area_of(header, pack)) for role in OUTSIDERS[right])
    able = [post for post in posts if post is not None and pack.directory.has_right(post, right)]
    return next((post for post in able if pack.own_work_by == "person" or post.org not in bodies), None)
