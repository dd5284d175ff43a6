"""Renders the pages of the rules, which need no script, and tells as a page what goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.router.rule_visits import Visitor, visitor
from services.router.versions import Versions
from services.router.words import problem_words
from shaoyin.adapters.html_pages import HtmlPages
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import RETRY_AFTER, Problem
from shaoyin.adapters.rate_limits import LIMITED, too_many
from shaoyin.adapters.words import LANGUAGES, Texts, problem_texts
from shaoyin.domain.pack import Pack

if TYPE_CHECKING:
    from services.router.app import Router

FOLDER = Path(__file__).parent / "pages"
PAGES = HtmlPages(FOLDER, style="/rules/-/page.css", home="/rules", view="/rules/-/view")
SIGN_IN = "/rules/-/sign-in"
Page = Callable[[Request], Awaitable[Response]]


def router_of(request: Request) -> Router:
    router: Router = request.state.router
    return router


def versions_of(request: Request) -> Versions:
    found = router_of(request).desk.versions
    assert found is not None, "a router that runs knows its versions"
    return found


async def visiting(request: Request) -> Visitor:
    """Raises Problem 401."""
    return await visitor(request, router_of(request))


def page(
    request: Request, name: str, context: Mapping[str, object], who: Visitor | None, status: int = 200
) -> HTMLResponse:  # fmt: skip
    known = {"who": who, "who_is": None if who is None else name_of(who.person, request), **context}
    return PAGES.page(request, name, known, status)


def name_of(person: str | None, request: Request) -> str:
    """As the packs call him; nobody is the system, which published the folder at the first start."""
    if person is None:
        return "系统 system"
    found = (pack.directory.people.get(person) for pack in router_of(request).desk.packs.values())
    return next((each.name for each in found if each is not None), person)


def in_html(shown: Page) -> Page:
    """Who is signed out is led to where he signs in; a form that he sent is told so, and stays in the browser."""

    @wraps(shown)
    async def answer(request: Request) -> Response:
        try:
            seconds: int | None = getattr(request.state, LIMITED, None)
            if seconds is not None:
                raise too_many(seconds)
            return await shown(request)
        except StoreDown:
            return trouble(request, Problem(503, "engine_away", headers={"Retry-After": RETRY_AFTER}))
        except Problem as problem:
            if problem.status == 401 and request.method == "GET":
                here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"{SIGN_IN}?to={quote(here, safe='/')}", 303)
            return trouble(request, problem)

    return answer


def trouble(request: Request, problem: Problem) -> HTMLResponse:
    zh, en = (
        {
            "title": texts().title(problem.code, language),
            "detail": texts().detail(problem.rule or problem.code, language, problem.params),
        }
        for language in LANGUAGES
    )
    answer = page(request, "trouble.html", {"zh": zh, "en": en, "signed_out": problem.status == 401}, None)
    answer.status_code = problem.status
    answer.headers.update({name: value for name, value in problem.headers.items() if name != "WWW-Authenticate"})
    return answer


@cache
def texts() -> Texts:
    return problem_texts(problem_words())


def pack_at(request: Request) -> Pack:
    """Raises Problem 404."""
    name = request.path_params["pack"]
    pack = versions_of(request).packs.get(name)
    if pack is None:
        raise Problem(404, "unknown_community", {"community": name})
    return pack
