"""Who is told of a whistle: those who are called, those who approve, the one who blew it; never who else helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.alert_response import of_response
from shaoyin.domain.events import WhistleEvent
from shaoyin.domain.header import Header, WhistleSeen
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import (
    Alert,
    Offer,
    area_of,
    counted,
    handlers,
    level_of_whistle,
    to_parties,
    to_post,
    to_posts,
    to_responders,
)


def of_whistle(event: WhistleEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    seen = next(each for each in header.whistles if each.whistle_id == event.whistle_id)
    if isinstance(event, ev.OfResponder):
        yield from of_response(event, seen, header, pack)
        return
    match event:
        case ev.WhistleRequested():
            yield from _of_request(event, seen, header)
        case ev.WhistleBlown():
            yield from _of_blow(event, seen, header, pack)
        case ev.ResponderAdded():
            yield from _called([event.called], seen, header)
        case ev.PlanAgreed():
            yield from to_responders("plan_agreed", seen)
            yield from to_posts("plan_agreed", [seen.blower])
        case ev.WhistleRated():
            yield from to_posts(
                "whistle_rated", [mark.responder for mark in event.marks if mark.responder != "members"]
            )
        case ev.WhistleOverdue():
            facts = (("clock", event.clock), ("step", str(event.step)), *counted(seen))
            yield from to_posts("whistle_overdue", event.told, level_of_whistle(seen, header), None, facts)
        case ev.ApprovedAfterwards():
            yield from _of_approval(event, seen)
        case ev.BlockingLifted():
            yield from to_posts("blocking_lifted", [seen.blower])
            yield from to_parties("blocking_lifted", handlers(header))
        case _:
            yield from _of_its_end(event, seen, header)


def _of_request(event: ev.WhistleRequested, seen: WhistleSeen, header: Header) -> Iterator[Alert]:
    """One who may approve his own request has done so in the same breath; the others only hear of it (W1)."""
    if seen.state == "requested":
        offer = Offer("approve_whistle", event.whistle_id)
        yield from to_posts("whistle_approval", event.approvers, level_of_whistle(seen, header), offer)
    else:
        yield from to_posts("whistle_blown", event.approvers)


def _of_blow(event: ev.WhistleBlown, seen: WhistleSeen, header: Header, pack: Pack) -> Iterator[Alert]:
    yield from _called(event.called, seen, header)
    if event.emergency:
        approvers = event.opened.approvers if event.opened else ()
        offer = Offer("approve_afterwards", event.whistle_id)
        yield from to_posts("emergency_to_approve", approvers, "urgent", offer)
        yield from to_post("emergency_blown", pack.post_for("street_centre", area_of(header, pack)), "critical")
    yield from to_posts("quiet_hours", event.warned)


def _called(called: list[ev.Called] | tuple[ev.Called, ...], seen: WhistleSeen, header: Header) -> Iterator[Alert]:
    for each in called:
        kind = "whistle_called" if each.party.post else "member_called"
        offer = Offer("acknowledge", seen.whistle_id)
        yield from to_parties(kind, [each.party], level_of_whistle(seen, header), offer)


def _of_approval(event: ev.ApprovedAfterwards, seen: WhistleSeen) -> Iterator[Alert]:
    """A no sends nobody home: the blower decides whether to cancel (decisions 2.12)."""
    if event.approved:
        yield from to_posts("emergency_approved", [seen.blower])
    elif seen.state in ("blown", "working", "result_in"):
        yield from to_posts("emergency_disapproved", [seen.blower], "act", Offer("cancel_whistle", event.whistle_id))
    else:
        yield from to_posts("emergency_disapproved", [seen.blower])


def _of_its_end(
    event: ev.WhistleDeclined | ev.WhistleClosed | ev.WhistleCancelled | ev.WhistleUpgraded,
    seen: WhistleSeen,
    header: Header,
) -> Iterator[Alert]:
    match event:
        case ev.WhistleDeclined():
            yield from to_posts("whistle_declined", [seen.blower], "act")
        case ev.WhistleClosed():
            yield from to_parties("whistle_closed", handlers(header), "act")
            yield from to_responders("whistle_closed", seen)
        case ev.WhistleCancelled():
            yield from to_parties("whistle_cancelled", handlers(header))
            yield from to_responders("whistle_cancelled", seen)
        case ev.WhistleUpgraded():
            yield from to_posts("whistle_upgraded", [seen.blower], "act")
            yield from to_responders("whistle_upgraded", seen)
        case _:
            assert_never(event)
