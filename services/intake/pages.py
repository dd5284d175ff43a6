"""Renders the residents' pages: plain HTML that needs no script, Chinese and English, larger for elders."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.intake.intake import at_hand
from services.intake.words import problem_words
from shaoyin.adapters.html_pages import YEAR, HtmlPages
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import RETRY_AFTER, FieldError, Problem
from shaoyin.adapters.rate_limits import DEVICE_COOKIE, LIMITED, too_many
from shaoyin.adapters.words import LANGUAGES, Language, Texts, problem_texts
from shaoyin.domain.pack import Pack

FOLDER = Path(__file__).parent / "pages"
PAGES = HtmlPages(FOLDER, style="/intake.css", home="/", view="/view")

CALLS: Mapping[str, tuple[str, str]] = {
    "110": ("警察", "Police"),
    "119": ("火警、救援、燃气泄漏", "Fire, rescue, gas leak"),
    "120": ("急救", "Ambulance"),
}
LABELS: Mapping[str, tuple[str, str]] = {
    "description": ("出了什么事", "What is the matter"),
    "place": ("在哪里", "Where"),
    "place-area": ("楼院和楼栋", "Courtyard and building"),
    "place-text": ("具体位置", "More exactly"),
    "reporter-name": ("怎么称呼您", "Your name"),
    "reporter-phone": ("电话", "Phone"),
    "reporter-secrecy": ("谁可以知道", "Who may know"),
    "reporter-answer_by": ("怎么告诉您进展", "How to tell you how it goes"),
    "info-text": ("您的回答", "Your answer"),
    "rating-solved": ("事情解决了吗", "Is the matter solved"),
    "rating-satisfaction": ("您满意吗", "Are you content"),
    "rating-text": ("还想说什么", "Anything else"),
    "reopen-reason": ("哪里没有修好", "What is not fixed"),
    "urge-text": ("想对办理的人说什么", "A word for those in charge"),
    "dispute-text": ("为什么不同意", "Why you disagree"),
    "secrecy-secrecy": ("谁可以知道", "Who may know"),
    "withdraw-reason": ("为什么收回", "Why you take it back"),
    "code": ("查询码", "Query code"),
}
SAME_ELEMENT = {
    "place-building": "place-area", "place-point": "place", "place-point-lng": "place", "place-point-lat": "place",
    "place-point-crs": "place",
}  # fmt: skip
Page = Callable[[Request], Awaitable[Response]]
Values = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error as the page shows it: the element it leads to, and its words in both languages."""

    id: str
    zh: str
    en: str


@cache
def texts() -> Texts:
    return problem_texts(problem_words())


def page(
    request: Request, name: str, context: Mapping[str, object], status: int = 200, pack: Pack | None = None
) -> HTMLResponse:
    answer = PAGES.page(request, name, {"numbers": calls(pack), **context}, status)
    if DEVICE_COOKIE not in request.cookies:
        answer.set_cookie(DEVICE_COOKIE, new_key(), max_age=YEAR, httponly=True, samesite="lax")
    return answer


def calls(pack: Pack | None) -> list[dict[str, str]]:
    """The numbers on top of every page: the usual three, and whatever else the community's pack names."""
    shown = dict(CALLS)
    for sign in () if pack is None else pack.emergencies:
        shown.setdefault(sign.number, (sign.say["zh-CN"], sign.say["en"]))
    return [{"number": number, "zh": zh, "en": en} for number, (zh, en) in shown.items()]


def wrongs(errors: Iterable[FieldError]) -> list[Wrong]:
    found = []
    for error in errors:
        name = error.field.replace(".", "-")
        element = SAME_ELEMENT.get(name, name)
        code = "place_missing" if (element, error.code) == ("place", "missing") else error.code
        label = LABELS.get(element)
        known = label is not None or element.startswith("answers-")
        words = [texts().detail(code, language, error.params) for language in LANGUAGES]
        if label is not None:
            words = [f"{label[0]}：{words[0]}", f"{label[1]}: {words[1]}"]
        found.append(Wrong(element if known else "main", *words))
    return found


def limited(request: Request) -> Problem | None:
    """Why this page is not to be made now: its caller called too often."""
    seconds: int | None = getattr(request.state, LIMITED, None)
    return None if seconds is None else too_many(seconds)


def in_html(shown: Page) -> Page:
    """What goes wrong is told as a page, too; 429 and 503 say when to come back."""

    @wraps(shown)
    async def answer(request: Request) -> Response:
        try:
            if request.method == "GET" and (problem := limited(request)) is not None:
                raise problem
            return await shown(request)
        except StoreDown:
            return trouble(request, Problem(503, "engine_away", headers={"Retry-After": RETRY_AFTER}))
        except Problem as problem:
            return trouble(request, problem)

    return answer


def trouble(request: Request, problem: Problem) -> HTMLResponse:
    """Any other problem as a page of its own; a rule of the pack in the pack's own words."""
    known = at_hand(request).texts
    words = {"zh": _in_words(known, problem, "zh-CN"), "en": _in_words(known, problem, "en")}
    answer = page(request, "trouble.html", words, problem.status)
    answer.headers.update(problem.headers)
    return answer


def _in_words(known: Texts, problem: Problem, language: Language) -> dict[str, str]:
    return {
        "title": known.title(problem.code, language),
        "detail": known.detail(problem.rule or problem.code, language, problem.params),
    }


def new_key() -> str:
    return secrets.token_hex(16)
