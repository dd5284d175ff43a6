"""Who is told of an order in the claim pool: members, claimants and the community; nobody hears who else helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.header import Header
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import (
    Alert,
    Facts,
    Offer,
    level_of,
    to_parties,
    to_persons,
    to_posts,
    triage_of,
)

OrderEvent = (
    ev.OrderPosted | ev.OrderClaimed | ev.OrderUnclaimed | ev.OrderGivenBack | ev.OrderTakenBack | ev.PlaceGivenUp
)


def of_order(event: OrderEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    match event:
        case ev.OrderPosted():
            yield from _asked(event.eligible, header)
        case ev.OrderClaimed():
            yield from _of_claim(event, header, pack)
        case ev.OrderUnclaimed():
            yield from to_parties("order_unclaimed", [event.owner], level_of(header), Offer("dispatch"))
        case ev.OrderGivenBack():
            yield from _back(event, header)
        case ev.OrderTakenBack():
            yield from to_persons("order_taken_back", [event.claimant])
            yield from _back(event, header)
        case ev.PlaceGivenUp():
            yield from to_posts("order_places", [triage_of(header, pack)], facts=_places(header))
            yield from to_persons("order_places", [_lead(header)], facts=_places(header))
        case _:
            assert_never(event)


def _asked(persons: tuple[str, ...], header: Header) -> Iterator[Alert]:
    """Voluntary: one question to each, and a clock for nobody."""
    yield from to_persons("order_posted", persons, "act", Offer("claim"), _places(header))


def _of_claim(event: ev.OrderClaimed, header: Header, pack: Pack) -> Iterator[Alert]:
    """The community hears that it is taken on; a further claimant his own place, and the lead that there are more."""
    if event.completes:
        yield from to_posts("order_claimed", [triage_of(header, pack)], facts=_places(header))
    lead = _lead(header)
    if lead != event.claimant.person:
        yield from to_persons("order_places", [lead], facts=_places(header))
    if not event.completes or lead != event.claimant.person:
        yield from to_parties("order_joined", [event.claimant], facts=_places(header))


def _back(event: ev.OrderGivenBack | ev.OrderTakenBack, header: Header) -> Iterator[Alert]:
    """While the window is open the others are asked again; afterwards the community assigns it (decisions 2.13)."""
    if event.to == "accepted":
        yield from to_parties("order_unclaimed", [event.owner], level_of(header), Offer("dispatch"))
        return
    yield from to_parties("order_given_back", [event.owner])
    yield from _asked(event.eligible, header)


def _lead(header: Header) -> str | None:
    """The claimant who leads; None before somebody does, and in a header of an older writer."""
    claimants = header.order.claimants if header.order else ()
    return next((each.person for each in claimants if each.lead), None)


def _places(header: Header) -> Facts:
    if header.order is None:
        return ()
    return (("count", str(header.order.claims)), ("places", str(header.order.places)))
