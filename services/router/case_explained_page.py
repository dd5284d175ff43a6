"""Why a case went where it went, as a page: the stored decision, what each row before lacked, and the days counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.router.desk import Desk
from services.router.row_views import row_asked
from services.router.rule_pages import in_html, page, router_of, texts, visiting
from services.router.rule_rows import Both, Telling
from services.router.show_cases import ENDED, explain_case, list_cases
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.row_lacked import in_words
from shaoyin.adapters.words import LANGUAGES, Language
from shaoyin.domain.pack import Pack

NUMBER_AT_MOST = 40
Told = Mapping[str, Any]


@in_html
async def explained(request: Request) -> Response:
    """`case` is its number or its id; who may not see the case is told that there is none."""
    who, desk = await visiting(request), router_of(request).desk
    case, row = (request.query_params.get(name, "").strip()[:NUMBER_AT_MOST] for name in ("case", "row"))
    told: dict[str, object] = {"case": case, "asked_row": row, "found": None, "wrong": None}
    if not case:
        return page(request, "explained.html", told, who)
    try:
        asked = row_asked(row or None)
        zh, en = [await _explained(desk, who.person, case, language, asked) for language in LANGUAGES]
    except Problem as problem:
        if problem.status not in (404, 422):
            raise
        return page(request, "explained.html", {**told, "wrong": _wrong(problem)}, who, problem.status)
    pack = desk.packs[str(zh["pack"])]
    found = {"zh": zh, "en": en, "rows": list(zip(zh["rows"], en["rows"], strict=True)), "pack": pack,
             "tell": Telling(pack), "clocks": list(_clocks(zh, desk)), "lines": list(_lines(zh, pack))}  # fmt: skip
    return page(request, "explained.html", {**told, "found": found}, who)


async def _explained(desk: Desk, person: str, case: str, language: Language, row: int | None) -> Told:
    """Raises Problem 404, and 422 for a row that the table does not have."""
    try:
        return await explain_case(desk, person, case, language, row)
    except Problem as problem:
        if problem.status != 404:
            raise
        for states in ({}, {"state": ",".join(ENDED)}):
            listed: Told = await list_cases(desk, person, {"q": case, **states})
            for each in listed["items"]:
                return await explain_case(desk, person, str(each["case_id"]), language, row)
        raise


def _lines(told: Told, pack: Pack) -> Iterator[tuple[str, list[tuple[Both, str, Both]]]]:
    """Of the row that was asked about, line by line: each condition, its state, and what the case had."""
    telling = Telling(pack)
    for line in told.get("why_not", {}).get("lines", ()):
        yield line["line"], [_condition(each, telling) for each in line["conditions"]]


def _condition(each: Told, telling: Telling) -> tuple[Both, str, Both]:
    zh, en = (in_words(each["condition"], each["seen"], reading) for reading in (telling.zh, telling.en))
    return Both(zh[0], en[0]), each["state"], Both(zh[1], en[1])


def _clocks(told: Told, desk: Desk) -> Iterator[tuple[Both, Told]]:
    pack = desk.packs[str(told["pack"])]
    for each in told["clocks"]:
        key = f"clock.{each['clock']}"
        yield Both(pack.text(key, "zh-CN"), pack.text(key, "en")), each


def _wrong(problem: Problem) -> Both:
    """What is wrong with the row that was asked about, or that there is no such case for this reader."""
    if problem.status == 422:
        return Both("没有这一行", "there is no such row")
    return Both(*(texts().title("not_found", language) for language in LANGUAGES))
