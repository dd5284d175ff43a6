"""The alerts over HTTP: a person's inbox, its stream, acting from it, and the log of who was told of a case."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.notify import inbox as inbox_list
from services.notify import show_deliveries as log_list
from services.notify.delivery_routes import add_desk
from services.notify.inbox import STREAM_ID
from services.notify.notify import at_hand
from services.notify.preference_routes import add_preferences
from services.notify.stream import last_seen, listening
from services.notify.tap_pages import add_tap_pages
from shaoyin.adapters.described import (
    CALLS_OF_STAFF,
    COMMANDS_OF_STAFF,
    KEY,
    LANGUAGE,
    READS_OF_STAFF,
    VERSION,
    Described,
    body,
    in_header,
    in_query,
    parameters,
    problems,
)
from shaoyin.adapters.identity import TICKET_FOR, signed_in, ticket
from shaoyin.adapters.web import Answer, language, staff_body

STREAM: dict[int | str, Described] = {
    200: {"description": "Alerts as they come.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
RESUMED = (
    in_header("Last-Event-ID", "The last alert that was seen.", pattern=STREAM_ID),
    {
        "name": "ticket", "in": "query", "required": False, "schema": {"type": "string"},
        "description": "Instead of a token, where no header can be sent.",
    },
)  # fmt: skip
NO_STORE = {"Cache-Control": "no-store"}


def routes() -> APIRouter:
    api = APIRouter(tags=["notify"], responses=problems(*CALLS_OF_STAFF))

    @api.get("/api/inbox", responses=problems(422), openapi_extra=parameters(*in_query(inbox_list.Query), LANGUAGE))
    async def inbox(request: Request) -> Answer:
        """The caller's alerts, newest first; `?unread=true` for those not read yet."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return Answer(await notify.inbox.page(person, request.query_params, language(request)), headers=NO_STORE)

    @api.post("/api/inbox/{alert_id}/read", responses=problems(*READS_OF_STAFF))
    async def read(request: Request, alert_id: str) -> Answer:
        """The alert, now read; reading it again changes nothing."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        document = await notify.inbox.read(person, alert_id, notify.clock.now())
        return Answer(notify.inbox.shown(document, language(request)), headers=NO_STORE)

    @api.post(
        "/api/inbox/{alert_id}/act", responses=problems(*COMMANDS_OF_STAFF),
        openapi_extra=body({"type": "object"}) | parameters(KEY, VERSION, LANGUAGE),
    )  # fmt: skip
    async def act(request: Request, alert_id: str) -> Response:
        """Gives the command that the alert offers; the body holds its other fields. The answer is the router's."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return await notify.act.act(person, alert_id, await staff_body(request), request)

    @api.get(
        "/api/deliveries", responses=problems(404, 422), openapi_extra=parameters(*in_query(log_list.Query), LANGUAGE)
    )
    async def deliveries(request: Request) -> Answer:
        """Every try to tell somebody, with its code and in words: of a case (`?case=`), of an enrolment
        (`?registration=`), or to tell the caller (`?person=me`).
        """
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return Answer(await notify.log.page(person, request.query_params, language(request)), headers=NO_STORE)

    @api.post("/api/stream/tickets", status_code=201)
    async def tickets(request: Request) -> Answer:
        """A short-lived word for opening the stream from a browser, which can send no header there."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        now = notify.real.now()
        told = {"ticket": ticket(person, notify.ticket_key, now), "expires_at": now + TICKET_FOR}
        return Answer(told, 201, headers=NO_STORE)

    @api.get("/api/stream", responses=problems(400) | STREAM, openapi_extra=parameters(*RESUMED))
    async def stream(request: Request) -> Response:
        """The inbox as Server-Sent Events; `Last-Event-ID` resumes."""
        notify = at_hand(request)
        person = await listening(request, notify.keys, notify.ticket_key, notify.real.now())
        return notify.streams.open(person, last_seen(request), language(request))

    add_preferences(api)
    add_tap_pages(api)
    add_desk(api)
    return api
