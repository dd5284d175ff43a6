"""The one address of every button of a draft of the rules; the draft travels in the form."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.router import read_rules
from services.router.draft_page import draft_page, handed_in, tried
from services.router.hand_in import BODY_AT_MOST
from services.router.row_form_page import beside, new_row, one_more, put, row_page
from services.router.rule_pages import in_html, pack_at, visiting
from services.router.rule_work import Work, begin
from shaoyin.adapters.html_form import posted

FIELDS_AT_MOST = 3000


@in_html
async def row(request: Request) -> Response:
    """A row by itself; for whoever may change it, in a form."""
    if not (await visiting(request)).hands_in(pack_at(request)):
        return await read_rules.row(request)
    return row_page(await begin(request, {}), request.path_params["row"])


@in_html
async def draft(request: Request) -> Response:
    """One address for every button of the draft: `do` says which, with the row behind a colon."""
    work = await begin(request, await posted(request, BODY_AT_MOST, FIELDS_AT_MOST))
    do, _, of = work.said("do").partition(":")
    match do:
        case "row":
            return row_page(work, of, problems=await beside(work, of))
        case "new":
            return new_row(work, of)
        case "add" | "whistle":
            return row_page(work, work.said("line"), one_more(do, work))
        case "put":
            return await _put(put(work))
        case "undo":
            return await draft_page(replace(work, draft=work.draft.without_row(of)))
        case "drop" | "restore" if of.isascii() and of.isdecimal():
            return await draft_page(replace(work, draft=work.draft.dropping(int(of), drop=do == "drop")))
        case "scenarios":
            return await draft_page(replace(work, draft=work.draft.model_copy(update={"scenarios": {}})))
        case "simulate":
            return await tried(work)
        case "hand_in":
            return await handed_in(work)
        case _:
            return await draft_page(work)


async def _put(work: Work) -> Response:
    """What is wrong with the row itself is told beside its cells, with all that was typed."""
    line = work.said("line")
    if found := await beside(work, line):
        return row_page(work, line, work.values, found)
    return await draft_page(work)


@in_html
async def start_again(request: Request) -> Response:
    """A draft lives in the page that sends it; what was left is begun anew at the table."""
    return RedirectResponse(f"/rules/{request.path_params['pack']}", 303)
