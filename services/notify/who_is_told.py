"""An event → the persons who are told: a post becomes whoever is on duty in it then, an empty one whoever answers for
it (2.25).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from services.notify.date_shown import due_of
from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain import events as ev
from shaoyin.domain.alert import Alert, Level, Offer, alerts_for
from shaoyin.domain.duty import on_duty
from shaoyin.domain.header import Header
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import UNLABELLED

NOBODY = "nobody_in_post"
GONE = "no_such_post"
INSTEAD_OF = "instead_of"
"""The fact that names the post which nobody holds, in an alert to the one who answers for it."""


class Telling(NamedTuple):
    """One alert to one person, about a case or about an enrolment. Without a person it reached nobody, and `code`
    says why.

    It holds no description, no reporter and no name: only what may be seen on a lock screen (promise 5).
    """

    alert_id: str
    event_id: str
    seq: int
    at: datetime
    case_id: str | None
    number: str | None
    pack: str
    area: str | None
    category: str | None
    kind: str
    level: Level
    post: str | None
    person: str | None
    facts: Mapping[str, str]
    whistle_id: str | None = None
    offer: Offer | None = None
    due_at: datetime | None = None
    code: str | None = None
    registration_id: str | None = None

    @property
    def about(self) -> str | None:
        return self.case_id or self.registration_id


class Reached(NamedTuple):
    """One whom an alert reaches. Without a person it reached nobody, and `code` says why; `instead_of` names the post
    that nobody holds, where this is the one who answers for it.
    """

    post: str | None
    person: str | None
    code: str | None = None
    instead_of: str | None = None

    @property
    def may_act(self) -> bool:
        """The command stays with the post that it belongs to."""
        return self.code is None and self.instead_of is None


def tellings(news: CaseNews, pack: Pack, key: bytes) -> list[Telling]:
    """Each person once for each kind of alert. `key` makes the ids, which tell nobody who is behind them."""
    header = news.header if news.header.area in pack.areas.areas else replace(news.header, area=None)
    alerts = alerts_for(news.event, header, pack)
    found = [(alert, reached) for alert in alerts for reached in reached_by(alert, header.area, pack, news.event.at)]
    return each_once(found, lambda alert, reached, ident: _telling(alert, reached, ident, news), news.event_id, key)


def each_once(
    found: Sequence[tuple[Alert, Reached]], telling: Callable[[Alert, Reached, str], Telling], event_id: str, key: bytes
) -> list[Telling]:
    """Gives alerts their ids; whoever is meant himself comes before whoever stands in for an empty post."""
    told: dict[str, Telling] = {}
    for alert, reached in sorted(found, key=lambda each: each[1].instead_of is not None):
        ident = alert_id(key, alert.once or event_id, reached, alert.kind)
        if ident not in told:
            told[ident] = telling(alert, reached, ident)
    return list(told.values())


def alert_id(key: bytes, event_id: str, reached: Reached, kind: str) -> str:
    """Made of the event and the recipient: a repeat is the same alert, whoever raises it (promise 2)."""
    recipient = reached.person or f"post:{reached.post}"
    made_of = "\0".join(("alert", event_id, recipient, kind))
    return f"a{hmac.digest(key, made_of.encode(), 'sha256').hex()[:24]}"


def offer_to(reached: Reached, alert: Alert) -> Offer | None:
    return alert.offer if reached.may_act else None


def facts_for(reached: Reached, alert: Alert) -> dict[str, str]:
    facts = dict(alert.facts)
    return facts if reached.instead_of is None else {**facts, INSTEAD_OF: reached.instead_of}


def _telling(alert: Alert, reached: Reached, ident: str, news: CaseNews) -> Telling:
    header, event = news.header, news.event
    whistle_id, facts = None, facts_for(reached, alert)
    if isinstance(event, ev.OfWhistle):
        whistle_id, facts = event.whistle_id, {**facts, **_of_whistle(event, header)}
    return Telling(
        alert_id=ident, event_id=news.event_id, seq=news.seq, at=event.at, case_id=header.case_id, number=header.number,
        pack=header.pack, area=header.area, category=None if alert.kind == UNLABELLED else header.category,
        kind=alert.kind, level=alert.level,
        post=reached.post, person=reached.person, offer=offer_to(reached, alert), due_at=due_of(alert, event, header),
        whistle_id=whistle_id, facts=facts, code=reached.code,
    )  # fmt: skip


def _of_whistle(event: ev.OfWhistle, header: Header) -> Mapping[str, str]:
    seen = next((each for each in header.whistles if each.whistle_id == event.whistle_id), None)
    return {} if seen is None else {"whistle": seen.type}


def reached_by(alert: Alert, area: str | None, pack: Pack, at: datetime) -> Iterator[Reached]:
    """Whoever is on duty in the post; a post with nobody in it is recorded, and its head is told.

    `at` is when it happened, so that a repeat reaches the same persons however late it comes (promise 2).
    """
    if alert.post is None:
        yield Reached(None, alert.person)
        return
    post = pack.directory.posts.get(alert.post)
    if post is None:
        yield Reached(alert.post, None, GONE)
        yield from _instead(alert.post, [pack.triage_post(known_area(area, pack))], at, pack)
    elif post.filled:
        yield from (Reached(alert.post, person) for person in on_duty(post, at, pack))
    else:
        yield Reached(alert.post, None, NOBODY)
        yield from _instead(alert.post, answering_for(post, area, pack), at, pack)


def _instead(empty: str, posts: Iterable[Post], at: datetime, pack: Pack) -> Iterator[Reached]:
    """The first one with somebody in it."""
    for post in posts:
        if post.filled:
            yield from (Reached(post.post_id, person, instead_of=empty) for person in on_duty(post, at, pack))
            return


def answering_for(post: Post, area: str | None, pack: Pack) -> Iterator[Post]:
    """Who answers for a post: head by head upward; the triage post of the place, which is never empty, comes last."""
    seen = {post.post_id}
    head = pack.head_above(post)
    while head is not None and head.post_id not in seen:
        seen.add(head.post_id)
        yield head
        head = pack.head_above(head)
    yield pack.triage_post(known_area(area, pack))


def known_area(area: str | None, pack: Pack) -> str:
    """An area that a newer version of the pack no longer has is answered for by the whole."""
    return area if area is not None and area in pack.areas.areas else pack.root
