"""Alerts to somebody else, because the first did not read a critical one, is away, or could not be reached at all.

Each is an alert of its own, with an id made of the first one's event: whoever was told of it already is not told again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.alert_documents import telling_of
from services.notify.channels.channel import Channel
from services.notify.deliveries import Deliveries
from services.notify.publish_deliveries import PublishDeliveries, said_of
from services.notify.who_is_told import Reached, Telling, alert_id, answering_for, known_area
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.mongo import Document
from shaoyin.domain.duty import off_duty, on_duty
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.ringing import PASSED_ON_AT_MOST, READ_WITHIN

UNREAD_BY, AWAY_FROM, UNREACHED = "unread_by", "away_from", "unreached"
HOPS = "hops"
MOST = 200
LOOK_EVERY = 2.0
"""Seconds."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PassOn:
    deliveries: Deliveries
    in_app: Channel
    publisher: PublishDeliveries
    packs: Mapping[str, Pack]
    clock: Clock
    alert_key: bytes
    noticed: Callable[[str, int], None]

    async def watch_unread(self) -> None:
        """Until cancelled. A critical alert that was not read within its time goes to whoever answers next."""
        while True:
            while await self.pass_unread_on() == MOST:
                turned()
            turned()
            await asyncio.sleep(LOOK_EVERY)

    async def pass_unread_on(self) -> int:
        """Returns how many were looked at. Told first, then marked: a repeat tells nobody twice. Raises StoreDown."""
        now = self.clock.now()
        unread = await self.deliveries.critical_unread(now - READ_WITHIN, MOST)
        tellings = [each for document in unread for each in self._next(document, now)]
        await self._tell(tellings)
        await self.deliveries.mark_passed_on([each["_id"] for each in unread], now)
        self.noticed("alerts_passed_on", len(tellings))
        return len(unread)

    async def to_stand_in(self, document: Document, stand_in: str) -> None:
        """Whoever stands in while a person is away; he may act where he serves in the post himself."""
        pack = self.packs.get(document["pack"])
        post = pack.directory.posts.get(document["post"] or "") if pack is not None else None
        reached = Reached(document["post"], stand_in)
        offer = document["offer"] if post is not None and post.held_by(stand_in) else None
        telling = self._told(document | {"offer": offer}, reached, AWAY_FROM)
        await self._tell([telling])

    async def to_the_desk(self, document: Document, code: str) -> None:
        """A dead alert: nothing outside the application took it. One alert a case and person, to the triage post."""
        pack = self.packs.get(document["pack"])
        if pack is None or document["kind"] == UNREACHED:
            return
        desk = pack.triage_post(known_area(document["area"], pack))
        once = f"{UNREACHED}:{document['case_id'] or document['registration_id']}:{document['person']}"
        first = telling_of(document)._replace(offer=None, whistle_id=None, kind=UNREACHED, level="urgent", due_at=None)
        await self._tell([
            first._replace(
                alert_id=alert_id(self.alert_key, once, Reached(desk.post_id, person), UNREACHED), post=desk.post_id,
                person=person, facts={"post": document["post"] or "", "code": code},
            )
            for person in on_duty(desk, self.clock.now(), pack) if person != document["person"]
        ])  # fmt: skip

    def _next(self, document: Document, now: datetime) -> Iterator[Telling]:
        """The stand-ins of the post, or who holds it and has no shift; else the first above it with somebody else in
        it. A member called as himself has nobody, and the whistle's own clock speaks for him.
        """
        pack = self.packs.get(document["pack"])
        post = pack.directory.posts.get(document["post"] or "") if pack is not None else None
        if pack is None or post is None or int(document["facts"].get(HOPS, "0")) >= PASSED_ON_AT_MOST:
            return
        if others := _others(document, _not_told(document, post, pack)):
            yield from (self._told(document, Reached(post.post_id, each), UNREAD_BY) for each in others)
            return
        for above in answering_for(post, document["area"], pack):
            if others := _others(document, on_duty(above, now, pack)):
                yield from (
                    self._told(document | {"offer": None}, Reached(above.post_id, each), UNREAD_BY) for each in others
                )
                return

    def _told(self, document: Document, reached: Reached, why: str) -> Telling:
        hops = int(document["facts"].get(HOPS, "0")) + 1
        facts = {**document["facts"], why: document["post"] or "", HOPS: str(hops)}
        ident = alert_id(self.alert_key, document["event_id"], reached, document["kind"])
        return telling_of(document)._replace(alert_id=ident, post=reached.post, person=reached.person, facts=facts)

    async def _tell(self, tellings: Sequence[Telling]) -> None:
        if not tellings:
            return
        tried = await self.in_app.deliver(tellings)
        for each in tellings:
            log.info("%s of %s is passed on to %s", each.kind, each.about, each.post)
        await self.publisher.say(
            [said_of(telling, each, self.in_app.name) for telling, each in zip(tellings, tried, strict=True)]
        )


def _others(document: Document, persons: Sequence[str]) -> Sequence[str]:
    return [each for each in persons if each != document["person"]]


def _not_told(document: Document, post: Post, pack: Pack) -> Sequence[str]:
    """Those of the post who were not on duty when the alert was made; once these were told, nobody is left in it."""
    if document["facts"].get(UNREAD_BY) == post.post_id:
        return ()
    made_at: datetime = document["raised_at"] if HOPS in document["facts"] else document["at"]
    return off_duty(post, made_at, pack)
