"""The residents' form and progress page without JavaScript: choose a community and a category, tell, follow, rate."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from services.intake.codes import as_typed, grouped
from services.intake.communities import compounds, group_name, questions_of
from services.intake.communities import grouped as by_group
from services.intake.dotted_form import Fields, nested
from services.intake.incoming import KEY_FIELD, form_of, hidden_key, read_form
from services.intake.intake import at_hand
from services.intake.pages import ELDER, FOLDER, page, trouble, wrongs
from services.intake.rate_case import RATING_BODY
from services.intake.receive_reports import counted, report_in_form, take
from services.intake.words import when
from shaoyin.adapters.mongo import Document, StoreDown
from shaoyin.adapters.problem import RETRY_AFTER, FieldError, Problem
from shaoyin.domain.pack import Pack

UNSURE = "unsure"
"""In the address of the second step: no category was chosen."""
YEAR = 365 * 24 * 3600
Page = Callable[[Request], Awaitable[Response]]
Values = Mapping[str, list[str]]


def in_html(shown: Page) -> Page:
    """What goes wrong is told as a page, too; 503 says when to come back."""

    @wraps(shown)
    async def answer(request: Request) -> Response:
        try:
            return await shown(request)
        except StoreDown:
            return trouble(request, Problem(503, "engine_away", headers={"Retry-After": RETRY_AFTER}))
        except Problem as problem:
            return trouble(request, problem)

    return answer


@in_html
async def home(request: Request) -> Response:
    packs = sorted(at_hand(request).packs.values(), key=lambda pack: pack.name)
    return page(request, "communities.html", {"communities": packs, "code": ""})


@in_html
async def look_up(request: Request) -> Response:
    """A code that was typed leads to its page; one that cannot be a code comes back with the reason."""
    typed = request.query_params.get("code", "")
    code = as_typed(typed)
    if code is not None:
        return RedirectResponse(f"/reports/{code}", 303)
    packs = sorted(at_hand(request).packs.values(), key=lambda pack: pack.name)
    errors = wrongs([FieldError("code", "not_a_code")])
    return page(request, "communities.html", {"communities": packs, "code": typed, "errors": errors}, 422)


@in_html
async def tell(request: Request) -> Response:
    """Without a category the first step, which asks for it; with one the form, which asks its questions."""
    pack = at_hand(request).pack_of(request.path_params["community"])
    category = request.query_params.get("category")
    if category == UNSURE or category in pack.categories:
        values = {} if category == UNSURE else {"category": [str(category)]}
        return _form(request, pack, values, [], _new_key())
    groups = [
        {"zh": group_name(group, "zh-CN"), "en": group_name(group, "en"), "categories": categories}
        for group, categories in by_group(pack).items()
    ]
    return page(request, "category.html", {"pack": pack, "groups": groups}, pack=pack)


@in_html
async def submit(request: Request) -> Response:
    """303 to the progress page; what has to be corrected comes back with everything that was typed."""
    intake = at_hand(request)
    pack = intake.pack_of(request.path_params["community"])
    fields = await form_of(request)
    values = _values(fields)
    try:
        with counted(intake):
            body = report_in_form([*fields, ("community", pack.name)], intake)
            receipt = await take(intake, request, body, hidden_key(fields))
    except Problem as problem:
        if problem.status != 422:
            raise
        return _again(request, pack, values, problem)
    return RedirectResponse(f"/reports/{receipt.query_code}", 303)


@in_html
async def show(request: Request) -> Response:
    code, document = await at_hand(request).document(request.path_params["query_code"])
    return await _progress(request, code, document, {}, [])


@in_html
async def rate(request: Request) -> Response:
    """303 back to the progress, where the rating is pending until the router has heard it."""
    intake = at_hand(request)
    code, document = await intake.document(request.path_params["query_code"])
    fields = await form_of(request)
    values = _values(fields)
    try:
        body = read_form(RATING_BODY, nested((name, value) for name, value in fields if name != KEY_FIELD))
        progress = await intake.progress(document, "zh-CN")
        await intake.rating.rate(document, body, hidden_key(fields), progress.state_text)
    except Problem as problem:
        if problem.status != 422 or not problem.errors:
            raise
        return await _progress(request, code, document, values, problem.errors, 422)
    return RedirectResponse(f"/reports/{code}", 303)


async def view(request: Request) -> Response:
    """The elder version on or off, kept in a cookie; back to where the reader came from, and nowhere else."""
    to = request.query_params.get("to", "/")
    local = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    answer = RedirectResponse(to if local else "/", 303)
    if request.query_params.get("elder") == "1":
        answer.set_cookie("view", ELDER, max_age=YEAR, httponly=True, samesite="lax")
    else:
        answer.delete_cookie("view")
    return answer


async def style(request: Request) -> Response:
    return FileResponse(FOLDER / "intake.css", media_type="text/css", headers={"Cache-Control": "max-age=300"})


def _again(request: Request, pack: Pack, values: Values, problem: Problem) -> Response:
    """A key that was used for other words gets a new one: sending the page again is then a new report, as meant."""
    errors = list(problem.errors) or [FieldError("main", problem.code, problem.params)]
    reused = problem.code == "idempotency_key_reused"
    key = _new_key() if reused else values.get(KEY_FIELD, [_new_key()])[0]
    return _form(request, pack, values, errors, key, 422)


def _form(
    request: Request, pack: Pack, values: Values, errors: list[FieldError], key: str, status: int = 200
) -> Response:
    chosen = values.get("category", [""])[0]
    category = pack.categories.get(chosen)
    context = {
        "pack": pack,
        "category": category,
        "compounds": compounds(pack),
        "questions": questions_of(pack, None if category is None else category.code),
        "values": values,
        "errors": wrongs(errors),
        "key": key,
        "here": f"/c/{pack.name}?category={UNSURE if category is None else category.code}",
    }
    return page(request, "report.html", context, status, pack)


async def _progress(
    request: Request, code: str, document: Document, values: Values, errors: tuple[FieldError, ...] | list[FieldError],
    status: int = 200,
) -> Response:  # fmt: skip
    intake = at_hand(request)
    chinese = await intake.progress(document, "zh-CN")
    english = chinese.read_in("en")
    pack = chinese.pack
    due_at = chinese.due_at()
    context = {
        "code": grouped(code),
        "raw_code": code,
        "zh": chinese.as_json(code),
        "en": english.as_json(code),
        "replies": list(zip(chinese.replies(), english.replies(), strict=True)),
        "timeline": [
            (when(zh.at, pack, "zh-CN"), zh, en) for zh, en in zip(chinese.timeline(), english.timeline(), strict=True)
        ],
        "due": due_at and {"zh": when(due_at, pack, "zh-CN"), "en": when(due_at, pack, "en")},
        "may_rate": "rating" in chinese.may,
        "values": values,
        "errors": wrongs(errors),
        "key": _new_key(),
        "here": f"/reports/{code}",
    }
    return page(request, "progress.html", context, status, pack)


def _values(fields: Fields) -> Values:
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return values


def _new_key() -> str:
    return secrets.token_hex(16)
