"""Every address intake answers: the residents' calls and pages, what can be reported, reading an identity."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.intake import described, form, progress_page
from services.intake.communities import form_for, listed
from services.intake.contacts import consents, contacts
from services.intake.identities import list_reads, open_identity
from services.intake.incoming import in_json, media_of, read_json
from services.intake.intake import at_hand
from services.intake.receive_reports import receive
from services.intake.suggest import suggest
from services.intake.wishes import WISHES, Kind
from shaoyin.adapters.described import Described, problems
from shaoyin.adapters.html_pages import view
from shaoyin.adapters.web import JSON, idempotency_key, language, read_body

Endpoint = Callable[[Request], Awaitable[Response]]


class Straight(APIRoute):
    """A route that is described like any other and called without FastAPI's dependencies: it gets the bare request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.endpoint


@dataclass(frozen=True, slots=True)
class Call:
    """One of the calls: what it answers with, and with which problems."""

    method: str
    path: str
    endpoint: Endpoint
    extra: Described
    status: int
    model: type[BaseModel]
    problems: tuple[int, ...]
    tag: str = "residents"


async def show_progress(request: Request) -> Response:
    """How far a report has come, in plain words; readable the moment the receipt was given."""
    intake = at_hand(request)
    code, document = await intake.document(request.path_params["query_code"])
    progress = await intake.progress(document, language(request))
    return in_json(request, progress.as_json(code))


def ask(kind: Kind) -> Endpoint:
    """202 and the request's id: pending, and answered in the progress; 409 where it is known to be refused."""

    async def asked(request: Request) -> Response:
        intake = at_hand(request)
        media_of(request, (JSON,))
        body, key = read_json(kind.shape, await read_body(request)), idempotency_key(request)
        _, document = await intake.document(request.path_params["query_code"])
        progress = await intake.progress(document, language(request))
        request_id = await intake.asking.ask(progress, kind, body, key)
        return in_json(request, {"request_id": request_id}, 202)

    asked.__name__, asked.__doc__ = kind.name, kind.about
    return asked


async def communities(request: Request) -> Response:
    """Where something can be reported."""
    return in_json(request, listed(at_hand(request).packs, language(request)))


async def community_form(request: Request) -> Response:
    """What can be reported there: categories, places to pick, questions."""
    intake = at_hand(request)
    pack = intake.pack_of(request.path_params["pack"])
    return in_json(request, form_for(pack, language(request), pack.calendar.local_day(intake.clock.now())))


EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CODE = "/api/reports/{query_code}"
CALLS = (
    Call(
        "POST", "/api/reports", receive, described.REPORT, 202, described.ReceiptShown,
        (400, 401, 403, 413, 415, 422, 429, 503),
    ),
    Call("GET", CODE, show_progress, described.PROGRESS, 200, described.ProgressShown, (404, 429, 503)),
    *(
        Call(
            "POST", f"{CODE}/{kind.name}", ask(kind), described.wish(kind), 202, described.RequestTaken,
            (400, 404, 409, 413, 415, 422, 429, 503),
        )
        for kind in WISHES.values()
    ),
    Call("GET", "/api/communities", communities, described.COMMUNITIES, 200, described.CommunitiesShown, (429, 503)),
    Call(
        "GET", "/api/communities/{pack}/form", community_form, described.FORM, 200, described.FormShown,
        (404, 429, 503),
    ),
    Call(
        "POST", "/api/communities/{pack}/suggest", suggest, described.SUGGEST, 200, described.SuggestionShown,
        (400, 404, 413, 415, 422, 429, 503),
    ),
    Call(
        "POST", "/api/identities/{report_id}/reads", open_identity, described.OPEN_IDENTITY, 200,
        described.IdentityShown, (400, 401, 403, 404, 413, 415, 422, 429, 503), "staff",
    ),
    Call(
        "GET", "/api/identities/reads", list_reads, described.READS, 200, described.ReadsShown,
        (401, 403, 422, 429, 503), "staff",
    ),
)  # fmt: skip
PAGES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/", form.home),
    ("GET", "/c/{community}", form.tell),
    ("POST", "/c/{community}", form.submit),
    ("POST", "/c/{community}/choose", form.choose),
    ("POST", "/c/{community}/suggested", form.suggested),
    ("GET", "/reports", form.look_up),
    ("GET", "/reports/{query_code}", progress_page.show),
    *(("POST", f"/reports/{{query_code}}/{kind.name}", progress_page.ask(kind)) for kind in WISHES.values()),
    ("GET", "/view", view),
    ("GET", "/intake.css", form.style),
    ("GET", "/static/suggest.js", form.script),
    ("GET", "/static/place.js", form.place_script),
)
BETWEEN_SERVICES: tuple[tuple[str, Endpoint], ...] = (
    ("/api/intake/contacts/{report_id}", contacts),
    ("/api/intake/contacts/{report_id}/consents", consents),
)
"""By every method, for by none are they there to anybody else."""


def routes() -> APIRouter:
    """Everything but health, which is the program's (`web.add_health`)."""
    api = APIRouter(route_class=Straight)
    for call in CALLS:
        answers: dict[int | str, Described] = {call.status: {"model": call.model}}
        api.add_api_route(
            call.path, call.endpoint, methods=[call.method], status_code=call.status, openapi_extra=call.extra,
            responses=answers | problems(*call.problems), tags=[call.tag],
        )  # fmt: skip
    for method, path, endpoint in PAGES:
        api.add_api_route(path, endpoint, methods=[method], include_in_schema=False)
    for path, endpoint in BETWEEN_SERVICES:
        api.add_api_route(path, endpoint, methods=EVERY, include_in_schema=False)
    return api
