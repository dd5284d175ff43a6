"""Renders the residents' pages: plain HTML, no script, Chinese first and English beside, larger for elders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.intake.words import problem_words
from shaoyin.adapters.problem import FieldError, Problem
from shaoyin.adapters.words import LANGUAGES, Language, Texts, problem_texts
from shaoyin.domain.pack import Pack

FOLDER = Path(__file__).parent / "pages"
ELDER = "elder"
SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""A page's address may hold a query code: it is kept nowhere and told to nobody."""

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
    "solved": ("事情解决了吗", "Is the matter solved"),
    "satisfaction": ("您满意吗", "Are you content"),
    "text": ("还想说什么", "Anything else"),
    "code": ("查询码", "Query code"),
}
SAME_ELEMENT = {"place-building": "place-area"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error as the page shows it: the element it leads to, and its words in both languages."""

    id: str
    zh: str
    en: str


@cache
def texts() -> Texts:
    return problem_texts(problem_words())


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    request: Request, name: str, context: Mapping[str, object], status: int = 200, pack: Pack | None = None
) -> HTMLResponse:
    known = {
        "errors": [],
        "elder": request.cookies.get("view") == ELDER,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query and request.method == "GET" else ""),
        "numbers": calls(pack),
        **context,
    }
    return HTMLResponse(_templates().get_template(name).render(known), status, headers=SAFE)


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


def trouble(request: Request, problem: Problem) -> HTMLResponse:
    """Any other problem as a page of its own."""
    words = {"zh": _in_words(problem, "zh-CN"), "en": _in_words(problem, "en")}
    answer = page(request, "trouble.html", words, problem.status)
    answer.headers.update(problem.headers)
    return answer


def _in_words(problem: Problem, language: Language) -> dict[str, str]:
    return {
        "title": texts().title(problem.code, language),
        "detail": texts().detail(problem.rule or problem.code, language, problem.params),
    }
