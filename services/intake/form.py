"""The residents' form, whole without JavaScript: choose where and what about, tell; the larger view for elders."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.intake.codes import as_typed
from services.intake.communities import compounds, questions_of
from services.intake.communities import grouped as by_group
from services.intake.incoming import KEY_FIELD, form_of, hidden_key
from services.intake.intake import at_hand
from services.intake.pages import PAGES, Values, in_html, limited, new_key, page, wrongs
from services.intake.receive_reports import counted, report_in_form, take
from shaoyin.adapters.category_groups import group_name
from shaoyin.adapters.html_form import values_of
from shaoyin.adapters.problem import FieldError, Problem
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import DESCRIPTION_AT_MOST
from shaoyin.domain.suggesting import Suggestion

UNSURE = "unsure"
"""In the address of the second step: no category was chosen."""


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
        return _form(request, pack, values, [], new_key())
    groups = [
        {"zh": group_name(group, "zh-CN"), "en": group_name(group, "en"), "categories": categories}
        for group, categories in by_group(pack).items()
    ]
    return page(request, "category.html", {"pack": pack, "groups": groups}, pack=pack)


@in_html
async def submit(request: Request) -> Response:
    """303 to the progress page; what has to be corrected, or came too often, comes back with all that was typed."""
    intake = at_hand(request)
    pack = intake.pack_of(request.path_params["community"])
    fields = await form_of(request)
    values = values_of(fields)
    if (too_often := limited(request)) is not None:
        return _again(request, pack, values, too_often)
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
async def choose(request: Request) -> Response:
    """The same page with what was typed: of the category that was tapped, or with what the words may be about."""
    pack = at_hand(request).pack_of(request.path_params["community"])
    values = dict(values_of(await form_of(request)))
    chosen = values.pop("choose", [""])[-1]
    if (too_often := limited(request)) is not None:
        return _again(request, pack, values, too_often)
    if chosen in pack.categories:
        values["category"] = [chosen]
    return _form(request, pack, values, [], values.get(KEY_FIELD, [new_key()])[0])


@in_html
async def suggested(request: Request) -> Response:
    """The part of the page that says what the words may be about, for the script that asks while they are typed."""
    pack = at_hand(request).pack_of(request.path_params["community"])
    values = values_of(await form_of(request))
    if (too_often := limited(request)) is not None:
        raise too_often
    return page(request, "suggested.html", {"pack": pack, "suggested": _guessed(pack, values)}, pack=pack)


def _guessed(pack: Pack, values: Values) -> Suggestion:
    return pack.suggesting.suggest(values.get("description", [""])[0][:DESCRIPTION_AT_MOST])


async def style(request: Request) -> Response:
    return PAGES.style("intake.css")


async def script(request: Request) -> Response:
    """What asks for suggestions while the resident types; the page's own button does the same without it."""
    return PAGES.script("suggest.js")


async def place_script(request: Request) -> Response:
    """What reads the phone's position, once, when its button is tapped; without it there is no such button."""
    return PAGES.script("place.js")


def _again(request: Request, pack: Pack, values: Values, problem: Problem) -> Response:
    """A key that was used for other words gets a new one: sending the page again is then a new report, as meant."""
    errors = list(problem.errors) or [FieldError("main", problem.code, problem.params)]
    reused = problem.code == "idempotency_key_reused"
    key = new_key() if reused else values.get(KEY_FIELD, [new_key()])[0]
    answer = _form(request, pack, values, errors, key, problem.status)
    answer.headers.update(problem.headers)
    return answer


def _form(
    request: Request, pack: Pack, values: Values, errors: list[FieldError], key: str, status: int = 200
) -> Response:
    chosen = values.get("category", [""])[0]
    category = pack.categories.get(chosen)
    context = {
        "pack": pack,
        "category": category,
        "compounds": compounds(pack, pack.calendar.local_day(at_hand(request).clock.now())),
        "questions": questions_of(pack, None if category is None else category.code),
        "suggested": None if category is not None else _guessed(pack, values),
        "values": values,
        "errors": wrongs(errors),
        "key": key,
        "here": f"/c/{pack.name}?category={UNSURE if category is None else category.code}",
    }
    return page(request, "report.html", context, status, pack)
