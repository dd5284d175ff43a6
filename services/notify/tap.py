"""What a link shows, and what one confirmed tap on it does: the command that the alert offers, given for its person.

Nothing that comes with the request chooses the command, the case or the person: they are the stored alert's. Whether
that person may do it the router decides, as always.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import unquote

import httpx

from services.notify.act import REFUSED, address
from services.notify.act_links import ActLinks, LinkExpired, NotALink
from services.notify.inbox import Inbox
from services.notify.tap_words import tappable
from services.notify.taps import Tap, Taps
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.on_behalf import OnBehalf
from shaoyin.domain.ringing import useful_until

State = Literal[
    "unknown",
    "expired",
    "shown",
    "ask",
    "know",
    "done",
    "read",
    "used",
    "answered",
    "busy",
    "refused",
    "away",
    "unpressed",
]
STATUS: dict[State, int] = {"unknown": 404, "expired": 410, "busy": 409, "away": 503, "unpressed": 422}
"""All others 200, a tap that came too late 409, and a refusal the router's own."""
OTHERS_AT_MOST = 20
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page shows: of which alert, since when, and the router's own sentence where it refused."""

    state: State
    status: int
    document: Document | None = None
    at: datetime | None = None
    said: str | None = None


@dataclass(frozen=True)
class Tapping:
    """`clock` is the product's, by which links expire; `real` is that of tokens."""

    links: ActLinks
    inbox: Inbox
    taps: Taps
    router: httpx.AsyncClient
    on_behalf: OnBehalf
    clock: Clock
    real: Clock
    noticed: Callable[[str, int], None]

    async def see(self, said: str) -> Seen:
        """Changes nothing, however often: what looks into messages opens their links, too. Raises StoreDown."""
        try:
            alert_id, acts = self.links.opened(said, self.clock.now())
        except NotALink:
            return _seen("unknown")
        except LinkExpired:
            return _seen("expired")
        document = await self.inbox.deliveries.one(alert_id)
        if document is None or document["person"] is None:
            return _seen("unknown")
        if used_at := await self.taps.used_at(alert_id):
            return _seen("used", document, used_at)
        if document["answered_at"]:
            return _seen("answered", document, document["answered_at"])
        if not acts:
            return _seen("shown", document)
        if tappable(document) is not None:
            return _seen("ask", document)
        return _seen("read" if document["read_at"] else "know", document, document["read_at"])

    async def others(self, said: str) -> list[tuple[Document, str]]:
        """What else the person has not read yet, newest first, each with a link: the message may have been a digest.

        They only show: whoever was passed the link to one alert answers no other. Nothing for a group, nor for whoever
        has no link of ours. Raises StoreDown.
        """
        try:
            alert_id, acts = self.links.opened(said, self.clock.now())
        except (NotALink, LinkExpired):
            return []
        document = await self.inbox.deliveries.one(alert_id) if acts else None
        if document is None or document["person"] is None:
            return []
        found = await self.inbox.unread_besides(document["person"], alert_id, OTHERS_AT_MOST)
        links = self.links.shared
        return [(each, links.link(each["_id"], useful_until(each["raised_at"], each["level"]))) for each in found]

    async def press(self, said: str, language: str) -> Seen:
        """The one tap. Raises StoreDown."""
        seen = await self.see(said)
        if seen.document is None:
            return seen
        if seen.state == "ask":
            return await self._act(seen.document, language)
        if seen.state == "know":
            read = await self.inbox.read(seen.document["person"], seen.document["_id"], self.clock.now())
            return _seen("read", read, read["read_at"])
        return seen if seen.state == "read" else Seen(seen.state, 409, seen.document, seen.at)

    async def _act(self, document: Document, language: str) -> Seen:
        tap = await self.taps.begin(document["_id"])
        if tap is None:
            used_at = await self.taps.used_at(document["_id"])
            return _seen("busy", document) if used_at is None else Seen("used", 409, document, used_at)
        answer = await self._give(document, tap, language)
        if answer is None:
            await self.taps.unheard(tap)
            self.noticed("taps_unheard", 1)
            return _seen("away", document)
        return await self._became(document, tap, answer)

    async def _became(self, document: Document, tap: Tap, answer: httpx.Response) -> Seen:
        now = self.clock.now()
        if answer.is_success or answer.status_code == REFUSED:
            await self.inbox.read(document["person"], document["_id"], now)
        if answer.is_success:
            await self.taps.used(tap, now)
            self.noticed("taps_done", 1)
            return _seen("done", document, now)
        await self.taps.refused(tap)
        self.noticed("taps_refused", 1)
        return Seen("refused", answer.status_code, document, said=_detail(answer))

    async def _give(self, document: Document, tap: Tap, language: str) -> httpx.Response | None:
        """None where nobody knows what became of it."""
        offer = tappable(document)
        assert offer is not None, "only what can be tapped is given"
        to = address(document, str(offer["command"]))
        token = self.on_behalf.sign(document["person"], f"POST {unquote(to)}", document["_id"], self.real.now())
        headers = {"authorization": f"Bearer {token}", "idempotency-key": tap.key, "accept-language": language}
        try:
            answer = await self.router.post(to, json=_fields(document, offer), headers=headers)
        except httpx.TransportError:
            return None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            log.error("the router does not believe notify: SHAOYIN_SERVICE_TOKEN has to be the same for both")
        unheard = answer.status_code in (401, 429) or answer.is_server_error
        return None if unheard else answer


def _fields(document: Document, offer: dict[str, object]) -> dict[str, object]:
    """As the post that was told; a member acts as himself."""
    fields = offer["fields"]
    assert isinstance(fields, dict)
    return fields if document["post"] is None else {**fields, "as": document["post"]}


def _seen(state: State, document: Document | None = None, at: datetime | None = None) -> Seen:
    return Seen(state, STATUS.get(state, 200), document, at)


def _detail(answer: httpx.Response) -> str | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    detail = told.get("detail") if isinstance(told, dict) else None
    return detail if isinstance(detail, str) else None
