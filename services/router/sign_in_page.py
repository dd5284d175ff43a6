"""Signing in at the pages of the rules: with the town's provider's token, or in development as anybody invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.router import development
from services.router.rule_pages import in_html, page, router_of, visiting
from services.router.rule_visits import TOKEN_AT_MOST, let_in, let_out
from services.router.rules_officers import APPROVES, HANDS_IN, may
from shaoyin.adapters.html_form import Values, posted
from shaoyin.adapters.html_pages import local
from shaoyin.adapters.identity import signed_out
from shaoyin.adapters.problem import Problem
from shaoyin.domain.pack import Pack

if TYPE_CHECKING:
    from services.router.app import Router

FORM_AT_MOST, FIELDS_AT_MOST = 16 * 1024, 10


@in_html
async def ask(request: Request) -> Response:
    return _page(request, request.query_params.get("to", "/rules"), None)


@in_html
async def sign_in(request: Request) -> Response:
    """To where he wanted to go; what is no token comes back with the reason."""
    router, values = router_of(request), await posted(request, FORM_AT_MOST, FIELDS_AT_MOST)
    to = local(values.get("to", ["/rules"])[0], "/rules")
    try:
        token = await _token(router, values)
        await router.keys.person(token)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _page(request, to, problem)
    answer = RedirectResponse(to, 303)
    let_in(answer, token, secure=router.settings.production)
    return answer


@in_html
async def sign_out(request: Request) -> Response:
    (await visiting(request)).check(await posted(request, FORM_AT_MOST, FIELDS_AT_MOST))
    answer = RedirectResponse("/rules", 303)
    let_out(answer)
    return answer


async def _token(router: Router, values: Values) -> str:
    """Raises Problem: 401 what is no token, 422 who is nobody."""
    token, person = values.get("token", [""])[0].strip(), values.get("person", [""])[0]
    if person and not token:
        signed = await development.sign_in(router.desk.packs, router.issuer, {"person": person})
        return str(signed["token"])
    if not token or len(token) > TOKEN_AT_MOST or not (token.isascii() and token.isprintable()):
        raise signed_out()
    return token


def _page(request: Request, to: str, problem: Problem | None) -> Response:
    router = router_of(request)
    packs = router.desk.packs.values() if router.issuer is not None else ()
    people = [each for pack in sorted(packs, key=lambda pack: pack.name) for each in _people(pack)]
    context = {"to": local(to, "/rules"), "people": people, "wrong": problem is not None}
    return page(request, "sign_in.html", context, None, 200 if problem is None else 401)


def _people(pack: Pack) -> Iterator[Mapping[str, object]]:
    """Of the demonstration: those who hand in and who approve first."""
    officers = {
        person: (zh, en)
        for right, zh, en in ((HANDS_IN, "提交", "hands in"), (APPROVES, "批准", "approves"))
        for person in pack.directory.people
        if may(right, person, pack)
    }
    for person in sorted(pack.directory.people, key=lambda each: (each not in officers, each)):
        zh, en = officers.get(person, ("只看", "reads"))
        name = pack.directory.people[person].name
        yield {"person": person, "zh": f"{name},{pack.names['zh-CN']},{zh}", "en": en}
