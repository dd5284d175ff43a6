"""The alerts over HTTP: a person's inbox, its stream, acting from it, and the log of who was told of a case."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.notify.notify import at_hand
from services.notify.stream import last_seen, listening
from shaoyin.adapters.identity import TICKET_FOR, signed_in, ticket
from shaoyin.adapters.web import Answer, json_body, language

NO_STORE = {"Cache-Control": "no-store"}


def routes() -> APIRouter:
    api = APIRouter(tags=["notify"])

    @api.get("/api/inbox")
    async def inbox(request: Request) -> Answer:
        """The caller's alerts, newest first; `?unread=true` for those not read yet."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return Answer(await notify.inbox.page(person, request.query_params, language(request)), headers=NO_STORE)

    @api.post("/api/inbox/{alert_id}/read")
    async def read(request: Request, alert_id: str) -> Answer:
        """The alert, now read; reading it again changes nothing."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        document = await notify.inbox.read(person, alert_id, notify.clock.now())
        return Answer(notify.inbox.shown(document, language(request)), headers=NO_STORE)

    @api.post("/api/inbox/{alert_id}/act")
    async def act(request: Request, alert_id: str) -> Response:
        """Gives the command that the alert offers; the body holds its other fields. The answer is the router's."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return await notify.act.act(person, alert_id, await json_body(request), request)

    @api.get("/api/deliveries")
    async def deliveries(request: Request) -> Answer:
        """Every try to tell somebody of a case (`?case=`) or an enrolment (`?registration=`), with its code."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return Answer(await notify.log.page(person, request.query_params), headers=NO_STORE)

    @api.post("/api/stream/tickets", status_code=201)
    async def tickets(request: Request) -> Answer:
        """A short-lived word for opening the stream from a browser, which can send no header there."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        now = notify.real.now()
        told = {"ticket": ticket(person, notify.ticket_key, now), "expires_at": now + TICKET_FOR}
        return Answer(told, 201, headers=NO_STORE)

    @api.get("/api/stream")
    async def stream(request: Request) -> Response:
        """The inbox as Server-Sent Events; `Last-Event-ID` resumes."""
        notify = at_hand(request)
        person = await listening(request, notify.keys, notify.ticket_key, notify.real.now())
        return notify.streams.open(person, last_seen(request), language(request))

    return api
