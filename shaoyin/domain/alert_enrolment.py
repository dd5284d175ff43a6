"""Who is told of an enrolment: the community that decides, and the member or unit; what one did, the other side hears.

Nothing here says who it is: membership is nobody else's business (decisions 2.10), and reasons stay with the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from shaoyin.domain import registration_events as ev
from shaoyin.domain.duty import on_duty
from shaoyin.domain.happened import SYSTEM, By
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert, Offer, to_persons, to_post, to_posts
from shaoyin.domain.registration import EnrolmentSeen
from shaoyin.domain.registration_events import RegistrationEvent

OF_THE_COMMUNITY = ("community_duty", "community_deputy", "community_secretary")
"""Who may confirm (row a34); the first of them is told."""
Said = ev.RegistrationPaused | ev.RegistrationResumed | ev.RegistrationEnded
"""What either side may do alone."""


def alerts_for_enrolment(event: RegistrationEvent, seen: EnrolmentSeen, pack: Pack) -> list[Alert]:
    """`seen` are the facts after the event's decision (rows a33-a39)."""
    return list(_of(event, seen, pack))


def _of(event: RegistrationEvent, seen: EnrolmentSeen, pack: Pack) -> Iterator[Alert]:
    """What was decided in the same breath is told once: a confirmation that holds at once by its beginning."""
    match event:
        case ev.RegistrationApplied():
            if seen.state == "applied":
                yield from _to_confirm(event, seen, pack)
        case ev.RegistrationConfirmed():
            if event.activates_at is not None:
                yield from _to_itself("your_registration_confirmed", seen)
        case ev.RegistrationActivated():
            if seen.state == "active":
                yield from _to_itself("your_registration_active", seen)
        case ev.RegistrationRefused():
            yield from _to_itself("your_registration_refused", seen)
        case ev.RegistrationPaused():
            yield from _to_other_side("registration_paused", event, seen, pack)
        case ev.RegistrationResumed():
            yield from _to_other_side("registration_resumed", event, seen, pack)
        case ev.RegistrationEnded():
            yield from _to_other_side("registration_ended", event, seen, pack)
        case _:
            assert_never(event)


def _to_confirm(event: ev.RegistrationApplied, seen: EnrolmentSeen, pack: Pack) -> Iterator[Alert]:
    able = _community(event.at, seen, pack)
    desk = able or pack.triage_post(_area(seen, pack))
    yield from to_post("registration_to_confirm", desk, "act", Offer("confirm") if able else None)


def _to_itself(kind: str, seen: EnrolmentSeen) -> Iterator[Alert]:
    """The person; of a unit its duty post."""
    told = to_posts if seen.kind == "unit" else to_persons
    yield from told(kind, [seen.who])


def _to_other_side(kind: str, event: Said, seen: EnrolmentSeen, pack: Pack) -> Iterator[Alert]:
    """What the system only took over from earlier records, nobody has done."""
    if event.by == SYSTEM:
        return
    if _by_itself(event.by, seen):
        yield from to_post(kind, _community(event.at, seen, pack) or pack.triage_post(_area(seen, pack)), "info")
    else:
        yield from _to_itself(f"your_{kind}", seen)


def _by_itself(by: By, seen: EnrolmentSeen) -> bool:
    """A unit speaks through its duty post, a person as himself, in whatever post."""
    return by.post == seen.who if seen.kind == "unit" else by.person == seen.who


def _community(at: datetime, seen: EnrolmentSeen, pack: Pack) -> Post | None:
    """The duty post; where only the very one is on duty there, the next, for nobody confirms his own."""
    own = _own_people(seen, pack)
    posts = (pack.post_for(kind, _area(seen, pack)) for kind in OF_THE_COMMUNITY)
    return next((post for post in posts if post and not own.issuperset(on_duty(post, at, pack))), None)


def _own_people(seen: EnrolmentSeen, pack: Pack) -> frozenset[str]:
    if seen.kind != "unit":
        return frozenset({seen.who})
    post = pack.directory.posts.get(seen.who)
    return frozenset() if post is None else frozenset((*post.holders, *post.stand_ins))


def _area(seen: EnrolmentSeen, pack: Pack) -> str:
    """An area that a newer version of the pack no longer has is answered for by the whole."""
    return seen.area if seen.area in pack.areas.areas else pack.root
