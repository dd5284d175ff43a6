"""The desk's view of deliveries over HTTP: its page, the rates by channel, and a test message to oneself."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.notify.notify import at_hand
from services.notify.pages import STYLE, in_html, pages_at
from services.notify.rates import DESK, DESK_ASSETS
from services.notify.try_channel import Wanted
from shaoyin.adapters.described import LANGUAGE, body, parameters, problems, spelt_out
from shaoyin.adapters.html_pages import view
from shaoyin.adapters.identity import signed_in
from shaoyin.adapters.web import Answer, language, staff_body

SCRIPT = f"{DESK_ASSETS}deliveries.js"
PAGES = pages_at(DESK_ASSETS)
NO_STORE = {"Cache-Control": "no-store"}


@in_html(PAGES)
async def desk(request: Request) -> Response:
    """Nothing is in it yet: its script asks, with the token of whoever signs in."""
    return PAGES.page(request, "deliveries.html", {"script": SCRIPT})


async def style(request: Request) -> Response:
    return PAGES.style(STYLE)


async def script(request: Request) -> Response:
    return PAGES.script("deliveries.js")


def add_desk(api: APIRouter) -> None:
    for address, shown in (
        (DESK, desk), (f"{DESK_ASSETS}page.css", style), (SCRIPT, script), (f"{DESK_ASSETS}view", view)
    ):  # fmt: skip
        api.add_api_route(address, shown, methods=["GET"], include_in_schema=False)

    @api.get("/api/deliveries/rates", responses=problems(403), openapi_extra=parameters(LANGUAGE))
    async def rates(request: Request) -> Answer:
        """By channel, of the alerts and answers of the last 24 hours and 7 days: how many ended how."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return Answer(await notify.counts.of(person, language(request)), headers=NO_STORE)

    @api.post(
        "/api/deliveries/test", responses=problems(400, 413, 415, 422),
        openapi_extra=body(spelt_out(Wanted)) | parameters(LANGUAGE),
    )  # fmt: skip
    async def test(request: Request) -> Answer:
        """One message to the caller's own address on that channel, and what became of it; 5 in ten minutes."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        told = await notify.trying.send(person, await staff_body(request), language(request))
        return Answer(told, headers=NO_STORE)
