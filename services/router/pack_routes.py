"""The calls about packs: what is in force, its history, handing in a draft, and putting a version in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from services.router import described, show_packs
from services.router.approve import approve
from services.router.counted import counted
from services.router.hand_in import BODY_AT_MOST, hand_in
from services.router.show_rules import show_rules
from services.router.simulate import simulate
from services.router.versions import Versions
from services.router.views import View
from shaoyin.adapters.identity import signed_in
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.web import Answer, json_body, language

if TYPE_CHECKING:
    from services.router.app import Router

NUMBER_DIGITS = 6


def add_packs(api: APIRouter, here: Callable[[Request], Router]) -> None:
    """`here` finds the running router of a request."""

    @api.get("/api/packs")
    async def packs(request: Request) -> View:
        await signed_in(request, here(request).keys)
        return show_packs.list_packs(_versions(request), here(request).desk.clock.now())

    @api.get("/api/packs/{pack}", **described.READ)
    async def pack(request: Request, pack: str) -> View:
        await signed_in(request, here(request).keys)
        return await show_packs.show_pack(_versions(request), pack, here(request).desk.clock.now())

    @api.get("/api/packs/{pack}/rules", **described.READ_RULES)
    async def rules(request: Request, pack: str) -> View:
        await signed_in(request, here(request).keys)
        return await show_rules(_versions(request), pack, language(request))

    @api.get("/api/packs/{pack}/versions", **described.READ)
    async def versions(request: Request, pack: str) -> View:
        await signed_in(request, here(request).keys)
        return await show_packs.list_versions(_versions(request), pack)

    @api.get("/api/packs/{pack}/versions/{version}", **described.READ_VERSION)
    async def version(request: Request, pack: str, version: str) -> View:
        person = await signed_in(request, here(request).keys)
        return await show_packs.show_version(_versions(request), person, pack, _number(pack, version))

    @api.post("/api/packs/{pack}/versions", status_code=201, **described.HAND_IN)
    async def hand_in_version(request: Request, pack: str) -> Answer:
        router = here(request)
        person = await signed_in(request, router.keys)
        raw = await json_body(request, BODY_AT_MOST)
        with counted(router.metrics, "hand_in_version", COMMANDS):
            kept = await hand_in(router.desk, _versions(request), router.settings.packs, person, pack, raw)
        location = f"/api/packs/{pack}/versions/{kept.version.number}"
        view = show_packs.version_view(kept.version)
        return Answer(view, 201 if kept.new else 200, headers={"Location": location})

    @api.post("/api/packs/{pack}/versions/{version}/approve", **described.APPROVE)
    async def approve_version(request: Request, pack: str, version: str) -> View:
        router = here(request)
        person = await signed_in(request, router.keys)
        with counted(router.metrics, "approve_version", COMMANDS):
            await approve(router.desk, _versions(request), person, pack, _number(pack, version))
        return await show_packs.show_pack(_versions(request), pack, router.desk.clock.now())

    @api.post("/api/packs/{pack}/simulate", **described.SIMULATE)
    async def simulate_version(request: Request, pack: str) -> View:
        router = here(request)
        person = await signed_in(request, router.keys)
        raw = await json_body(request, BODY_AT_MOST)
        with counted(router.metrics, "simulate_version", COMMANDS):
            return await simulate(router.desk, _versions(request), person, pack, raw)

    def _versions(request: Request) -> Versions:
        found = here(request).desk.versions
        assert found is not None, "a router that runs knows its versions"
        return found


COMMANDS = frozenset({"hand_in_version", "approve_version", "simulate_version"})


def _number(pack: str, said: str) -> int:
    """Raises Problem 404: what is no number names no version."""
    if not said.isascii() or not said.isdigit() or len(said) > NUMBER_DIGITS:
        raise Problem(404, "unknown_version", {"pack": pack, "number": said[:NUMBER_DIGITS]})
    return int(said)
