"""The calls of enrolment: the list, one of them, applying, and the commands of its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from services.router import described
from services.router.counted import counted
from services.router.enrol import apply, take_enrolment_action
from services.router.registration_bodies import MODELS
from services.router.registration_documents import StoredEnrolment
from services.router.registration_lists import enrolment_view, list_registrations, readable
from services.router.views import View
from shaoyin.adapters.identity import signed_in
from shaoyin.adapters.web import Answer, idempotency_key, if_match, language, staff_body

if TYPE_CHECKING:
    from services.router.app import Router


def add_registrations(api: APIRouter, here: Callable[[Request], Router]) -> None:
    """`here` finds the running router of a request."""

    @api.get("/api/registrations", **described.LIST_REGISTRATIONS)
    async def registrations(request: Request) -> View:
        person = await signed_in(request, here(request).keys)
        return await list_registrations(here(request).desk, person, dict(request.query_params), language(request))

    @api.get("/api/registrations/{registration_id}", **described.READ)
    async def registration(request: Request, registration_id: str) -> Answer:
        person = await signed_in(request, here(request).keys)
        return _answer(request, await readable(here(request).desk, person, registration_id), person)

    @api.post("/api/registrations", status_code=201, **described.APPLY)
    async def apply_to_register(request: Request) -> Answer:
        person = await signed_in(request, here(request).keys)
        found = await apply(here(request).desk, person, await staff_body(request), idempotency_key(request))
        return _answer(request, found, person, 201)

    @api.post("/api/registrations/{registration_id}/commands/{command}", **described.REGISTRATION_COMMAND)
    async def registration_command(request: Request, registration_id: str, command: str) -> Answer:
        person = await signed_in(request, here(request).keys)
        raw = await staff_body(request)
        key, version = idempotency_key(request), if_match(request)
        with counted(here(request).metrics, command, MODELS):
            found = await take_enrolment_action(here(request).desk, person, registration_id, command, raw, key, version)
        return _answer(request, found, person)

    def _answer(request: Request, found: StoredEnrolment, person: str, status: int = 200) -> Answer:
        enrolment = found.enrolment
        view = enrolment_view(found, person, here(request).desk.packs[enrolment.community], language(request))
        headers = {"ETag": f'"{enrolment.version}"', "Cache-Control": "no-store"}
        if status == 201:
            headers["Location"] = f"/api/registrations/{enrolment.registration_id}"
        return Answer(view, status, headers=headers)
