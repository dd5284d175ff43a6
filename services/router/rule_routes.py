"""The addresses of the pages of the rules. What is no community's lies under `-`, which no pack is called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.router import case_explained_page, draft_rules, read_rules, sign_in_page, version_pages
from services.router.rule_pages import PAGES
from shaoyin.adapters.html_pages import view


async def style(request: Request) -> Response:
    return PAGES.style("rules.css")


async def script(request: Request) -> Response:
    """What looks for rows while words are typed; the page's own button does the same without it."""
    return PAGES.script("rules.js")


async def draft_script(request: Request) -> Response:
    """What asks before a draft is left by mistake."""
    return PAGES.script("draft.js")


ROUTES: tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...] = (
    ("GET", "/rules", read_rules.communities),
    ("GET", "/rules/-/sign-in", sign_in_page.ask),
    ("POST", "/rules/-/sign-in", sign_in_page.sign_in),
    ("POST", "/rules/-/sign-out", sign_in_page.sign_out),
    ("GET", "/rules/-/case", case_explained_page.explained),
    ("GET", "/rules/-/view", view),
    ("GET", "/rules/-/page.css", style),
    ("GET", "/rules/-/rules.js", script),
    ("GET", "/rules/-/draft.js", draft_script),
    ("GET", "/rules/{pack}", read_rules.table),
    ("GET", "/rules/{pack}/-/found", read_rules.found),
    ("GET", "/rules/{pack}/rows/{row}", draft_rules.row),
    ("GET", "/rules/{pack}/draft", draft_rules.start_again),
    ("POST", "/rules/{pack}/draft", draft_rules.draft),
    ("GET", "/rules/{pack}/versions", version_pages.history),
    ("GET", "/rules/{pack}/versions/{number}", version_pages.version),
    ("POST", "/rules/{pack}/versions/{number}", version_pages.act),
)


def add_rule_pages(api: APIRouter) -> None:
    for method, path, endpoint in ROUTES:
        api.add_route(path, endpoint, methods=[method], include_in_schema=False)
