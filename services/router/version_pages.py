"""The versions of the rules as pages: who handed in what and why, what it changes, and the second's approval."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.router.approve import approve
from services.router.counted import counted
from services.router.draft_again import draft_between
from services.router.hand_in import in_force
from services.router.pack_routes import COMMANDS
from services.router.pack_versions import InForce, Version
from services.router.rule_changes import other_pages, row_changes
from services.router.rule_drafts import written
from services.router.rule_pages import in_html, name_of, pack_at, page, router_of, versions_of, visiting
from services.router.rule_rows import Telling
from services.router.rule_visits import Visitor
from services.router.rule_work import whole_number
from services.router.show_packs import found, list_versions, officers_only
from services.router.simulate import simulate
from shaoyin.adapters.html_form import posted
from shaoyin.adapters.pack_cells import unpacked_pages
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.rule_reading import columns
from shaoyin.domain.pack import Pack

FORM_AT_MOST, FIELDS_AT_MOST = 16 * 1024, 20
DAYS = 30


@dataclass(frozen=True)
class Looked:
    """One request about a version, by an officer."""

    request: Request
    who: Visitor
    pack: Pack
    line: InForce
    version: Version


@in_html
async def history(request: Request) -> Response:
    """The latest first; everybody who is signed in may read it, as over the API."""
    who, versions, pack = await visiting(request), versions_of(request), pack_at(request)
    await versions.settle_first()
    told = await list_versions(versions, pack.name)
    context = {
        "pack": pack, "items": told["items"], "tell": Telling(pack), "opens": who.hands_in(pack) or who.approves(pack),
        "name_of": lambda person: name_of(person, request),
    }  # fmt: skip
    return page(request, "versions.html", context, who)


@in_html
async def version(request: Request) -> Response:
    return await _shown(await _looked(request))


@in_html
async def act(request: Request) -> Response:
    """303 to the version once it is in force. What keeps it from being approved today is told on its page."""
    values = await posted(request, FORM_AT_MOST, FIELDS_AT_MOST)
    looked = await _looked(request)
    looked.who.check(values)
    number, router = looked.version.number, router_of(request)
    try:
        if values.get("do") == ["approve"]:
            with counted(router.metrics, "approve_version", COMMANDS):
                await approve(router.desk, versions_of(request), looked.who.person, looked.pack.name, number)
            return RedirectResponse(f"/rules/{looked.pack.name}/versions/{number}", 303)
        days = "".join(values.get("days", ())) or str(DAYS)
        asked = {"version": number, "days": whole_number(days)}
        with counted(router.metrics, "simulate_version", COMMANDS):
            told = await simulate(router.desk, versions_of(request), looked.who.person, looked.pack.name, asked)
    except Problem as problem:
        if problem.code == "pack_refused":
            return await _shown(looked, 422, problems=problem.members["problems"])
        if problem.code == "invalid_fields":
            return await _shown(looked, 422, wrong=True)
        raise
    return await _shown(looked, simulated=told, days=days)


async def _looked(request: Request) -> Looked:
    """401 → 404 → 403, as over the API."""
    who, versions, pack = await visiting(request), versions_of(request), pack_at(request)
    await versions.look()
    pack, line = in_force(versions, pack.name)
    officers_only(who.person, pack)
    said = request.path_params["number"]
    number = whole_number(said)
    if not isinstance(number, int):
        raise Problem(404, "unknown_version", {"pack": pack.name, "number": said[:6]})
    return Looked(request, who, pack, line, await found(versions, pack.name, number))


async def _shown(looked: Looked, status: int = 200, **more: object) -> Response:
    version, line, pack = looked.version, looked.line, looked.pack
    is_in_force = version.number == line.number
    against = version.based_on if is_in_force else line.number
    after = await _pages(looked, version.number)
    before = after if against is None else await _pages(looked, against)
    begun = None if is_in_force else draft_between(before, after, line.number)
    context: dict[str, Any] = {
        "pack": pack, "version": version, "number": line.number, "in_force": is_in_force, "against": against,
        "changes": row_changes(before, after, pack), "pages": other_pages(before, after), "columns": columns(),
        "tell": Telling(pack), "handed_in_by": name_of(version.handed_in.person, looked.request),
        "own": version.handed_in.person == looked.who.person, "approves": looked.who.approves(pack),
        "draft": written(begun) if begun is not None and looked.who.hands_in(pack) else None,
        "simulated": None, "problems": (), "wrong": False, "days": DAYS, **more,
    }  # fmt: skip
    return page(looked.request, "version.html", context, looked.who, status)


async def _pages(looked: Looked, number: int) -> Handed:
    packed = await versions_of(looked.request).store.pages(looked.pack.name, number)
    assert packed is not None, f"version {number} of {looked.pack.name} is stored with its pages"
    return await asyncio.to_thread(unpacked_pages, packed)
