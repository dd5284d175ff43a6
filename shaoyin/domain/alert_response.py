"""Who is told of one responder's move: mostly whoever blew the whistle, and never a name (decisions 2.25, 2.34)."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain import events as ev
from shaoyin.domain.calling import EMERGENCY
from shaoyin.domain.header import Header, WhistleSeen
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import (
    Alert,
    Offer,
    area_of,
    counted,
    level_of_whistle,
    to_one,
    to_persons,
    to_post,
    to_posts,
)


def of_response(event: ev.OfResponder, seen: WhistleSeen, header: Header, pack: Pack) -> Iterator[Alert]:
    """An emergency tells its blower everything at once; any other waits for all to have answered (decisions 2.25).

    Who was not called and answers all the same brings dates of his own along: the blower hears of him at once (2.31).
    """
    each = seen.type == EMERGENCY
    match event:
        case ev.WhistleAcknowledged() if each or event.all_have or event.deadlines:
            yield from to_posts("whistle_answer", [seen.blower], "info", None, counted(seen))
        case ev.WhistleArrived() if each or event.first:
            yield from to_posts("whistle_answer", [seen.blower], "info", None, counted(seen))
        case ev.WhistleWaitListed():
            yield from to_persons("wait_listed", [event.responder], facts=(("position", str(event.position)),))
        case ev.ResponderPromoted():
            yield from to_persons("promoted", [event.responder], "act")
        case ev.SituationReported():
            yield from to_posts("situation", [seen.blower])
            yield from to_post("situation", pack.post_for("street_centre", area_of(header, pack)), "info")
        case ev.ResponseSubmitted() if event.all_in:
            yield from _all_in(event, seen)
        case _:
            yield from _of_leaving(event, seen, header, pack)


def _of_leaving(event: ev.OfResponder, seen: WhistleSeen, header: Header, pack: Pack) -> Iterator[Alert]:
    """Who objected, is out, stepped back or did not come; what the blower must do now comes before what he may know."""
    match event:
        case ev.WhistleObjected():
            yield from _of_objection(event, seen, header, pack)
        case ev.ObjectionDecided():
            upheld = event.decision == "uphold"
            kind = "objection_upheld" if upheld else "objection_overruled"
            yield to_one(kind, event.responder, "info" if upheld else "act", pack)
            yield from _left(event, seen, bool(event.staffing), event.all_in)
            yield from to_posts(kind, [seen.blower])
        case ev.ResponseWithdrawn():
            yield from _left(event, seen, bool(event.staffing), event.all_in)
            yield from to_posts("whistle_places", [seen.blower], "info", None, counted(seen))
        case ev.ResponderAbsent():
            yield to_one("marked_absent", event.responder, "info", pack)
            post = pack.directory.posts.get(event.responder)
            yield from to_post("marked_absent", pack.directory.head_of(post) if post else None, "info")
            yield from _left(event, seen, False, event.all_in)
        case _:
            return


def _of_objection(event: ev.WhistleObjected, seen: WhistleSeen, header: Header, pack: Pack) -> Iterator[Alert]:
    """In an emergency it is written down and nothing stops; else somebody decides within a day (decisions 2.17)."""
    yield from to_posts("whistle_objected", [seen.blower])
    if not event.stops:
        yield from to_posts("whistle_objected", event.deciders)
        return
    unit = event.responder if event.responder in pack.directory.posts else None
    offer = Offer("decide_objection", seen.whistle_id, unit)
    yield from to_posts("objection_to_decide", event.deciders, level_of_whistle(seen, header), offer)


def _left(event: ev.OfResponder, seen: WhistleSeen, nobody_left: bool, all_in: bool) -> Iterator[Alert]:
    if nobody_left:
        yield from to_posts("staffing", [seen.blower], "urgent", Offer("add_responder", event.whistle_id))
    elif all_in:
        yield from _all_in(event, seen)


def _all_in(event: ev.OfResponder, seen: WhistleSeen) -> Iterator[Alert]:
    yield from to_posts("whistle_all_in", [seen.blower], "act", Offer("rate_whistle", event.whistle_id), counted(seen))
