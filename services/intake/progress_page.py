"""The page of one report without JavaScript: how it goes, and a plain form for everything its reporter may ask now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.intake.codes import grouped
from services.intake.dotted_form import nested
from services.intake.incoming import KEY_FIELD, form_of, hidden_key, read_form
from services.intake.intake import at_hand
from services.intake.pages import Page, Values, in_html, limited, new_key, page, wrongs
from services.intake.progress import Progress
from services.intake.wishes import Kind
from services.intake.words import when
from shaoyin.adapters.html_form import values_of
from shaoyin.adapters.problem import FieldError, Problem


@dataclass(frozen=True)
class Typed:
    """What came back with a form: the values, and what is wrong with them; both under `<wish>.<field>`."""

    values: Values = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()


@in_html
async def show(request: Request) -> Response:
    intake = at_hand(request)
    code, document = await intake.document(request.path_params["query_code"])
    return _shown(request, code, await intake.progress(document, "zh-CN"), Typed())


def ask(kind: Kind) -> Page:
    """303 back to the progress, where the wish is pending until the router has heard it."""

    @in_html
    async def asked(request: Request) -> Response:
        if (too_often := limited(request)) is not None:
            raise too_often
        intake = at_hand(request)
        code, document = await intake.document(request.path_params["query_code"])
        fields = await form_of(request)
        progress = await intake.progress(document, "zh-CN")
        try:
            body = read_form(kind.shape, nested((name, value) for name, value in fields if name != KEY_FIELD))
            await intake.asking.ask(progress, kind, body, hidden_key(fields))
        except Problem as problem:
            if problem.status != 422 or not problem.errors:
                raise
            errors = tuple(replace(each, field=f"{kind.name}.{each.field}") for each in problem.errors)
            values = {f"{kind.name}.{name}": typed for name, typed in values_of(fields).items()}
            return _shown(request, code, progress, Typed(values, errors), 422)
        return RedirectResponse(f"/reports/{code}", 303)

    return asked


def _shown(request: Request, code: str, chinese: Progress, typed: Typed, status: int = 200) -> Response:
    english, pack = chinese.read_in("en"), chinese.pack
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
        "may": chinese.may,
        "values": typed.values,
        "errors": wrongs(typed.errors),
        "key": new_key(),
        "here": f"/reports/{code}",
    }
    return page(request, "progress.html", context, status, pack)
