"""By which ways a person can be rung, in his order, and at last by the chat of the unit he acts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notify.addresses import ADDRESS_OF, WEB_PUSH, personal
from services.notify.channels.configured import Channels
from services.notify.preferences import Preference
from shaoyin.adapters.mongo import Document
from shaoyin.domain.pack import Pack
from shaoyin.domain.ringing import Leg, Route, steps


def route(document: Document, preference: Preference, channels: Channels, pack: Pack | None) -> Route:
    """Steps of the person's own channels, then of his unit's chats; a robot is nobody's own."""
    own = personal(channels.senders)
    order = [each for each in preference.channels if each in own] or own
    ways = {name: _ways(name, preference) for name in order}
    return [*steps(order, ways), *_of_unit(document, channels, pack)]


def address(leg: Leg, preference: Preference) -> str:
    """Raises KeyError where it was taken away a moment ago."""
    if leg.channel == WEB_PUSH:
        return preference.subscriptions[leg.to or ""]
    return leg.to if leg.to is not None else preference.addresses[ADDRESS_OF[leg.channel]]


def _ways(channel: str, preference: Preference) -> Sequence[str | None]:
    if channel == WEB_PUSH:
        return list(preference.subscriptions)
    return [None] if preference.addresses.get(ADDRESS_OF[channel]) else []


def _of_unit(document: Document, channels: Channels, pack: Pack | None) -> Iterator[tuple[Leg, ...]]:
    """A person who was called as himself has no unit."""
    post = pack.directory.posts.get(document["post"] or "") if pack is not None else None
    for channel in channels.groups.get(post.org, ()) if post is not None else ():
        yield (Leg(channel, post.org),)  # type: ignore[union-attr]
