"""Notify's own pages within the frame that all share, and what goes wrong with one, told as a page too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from pathlib import Path

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from shaoyin.adapters.html_pages import HtmlPages
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import RETRY_AFTER, Problem
from shaoyin.adapters.rate_limits import LIMITED, too_many
from shaoyin.adapters.words import LANGUAGES, Language, problem_texts

FOLDER = Path(__file__).parent / "pages"
STYLE = "notify.css"
Both = Mapping[str, str]
Shown = Callable[..., Awaitable[Response]]
"""Of the request, and of what the path names."""


def pages_at(assets: str) -> HtmlPages:
    """`assets` is where their style lies and their larger view is turned on."""
    return HtmlPages(FOLDER, style=f"{assets}page.css", home="/", view=f"{assets}view")


def both(told: Mapping[Language, str | None]) -> Both:
    return {"zh": told["zh-CN"] or "", "en": told["en"] or ""}


def in_html(pages: HtmlPages) -> Callable[[Shown], Shown]:
    """What goes wrong is told as a page, too; 429 and 503 say when to come back."""

    def telling(shown: Shown) -> Shown:
        @wraps(shown)
        async def answer(request: Request, **named: str) -> Response:
            try:
                seconds: int | None = getattr(request.state, LIMITED, None)
                if seconds is not None:
                    raise too_many(seconds)
                return await shown(request, **named)
            except StoreDown:
                return _trouble(pages, request, Problem(503, "engine_away", headers={"Retry-After": RETRY_AFTER}))
            except Problem as problem:
                return _trouble(pages, request, problem)

        return answer

    return telling


def _trouble(pages: HtmlPages, request: Request, problem: Problem) -> HTMLResponse:
    texts = problem_texts()
    context = {
        "title": both({each: texts.title(problem.code, each) for each in LANGUAGES}),
        "detail": both({each: texts.detail(problem.code, each, problem.params) for each in LANGUAGES}),
    }
    answer = pages.page(request, "trouble.html", context, problem.status)
    answer.headers.update(problem.headers)
    return answer
