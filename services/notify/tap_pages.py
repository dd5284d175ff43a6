"""The page behind a link in a message: plain HTML in two languages, the same for everybody who has the link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from services.notify.act_links import PATH
from services.notify.notify import at_hand
from services.notify.pages import STYLE, Both, both, in_html, pages_at
from services.notify.rates import ASSETS
from services.notify.tap import Seen
from services.notify.tap_words import button, said, tappable
from services.notify.wording import offered, words
from shaoyin.adapters.html_form import URLENCODED, posted
from shaoyin.adapters.html_pages import view
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import RETRY_AFTER
from shaoyin.adapters.web import language, media_type
from shaoyin.adapters.words import LANGUAGES, Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.words import instant

PAGES = pages_at(ASSETS)
FORM_AT_MOST, FIELDS_AT_MOST = 4096, 10


@in_html(PAGES)
async def see(request: Request, code: str) -> Response:
    """Acts on nothing: what looks into messages before people do opens their links (RFC 9110, 9.2.1)."""
    notify = at_hand(request)
    return _page(request, await notify.tapping.see(code), await notify.tapping.others(code))


@in_html(PAGES)
async def press(request: Request, code: str) -> Response:
    notify = at_hand(request)
    if not await _confirmed(request):
        seen = await notify.tapping.see(code)
        return _page(request, Seen("unpressed", 422, seen.document) if seen.state in ("ask", "know") else seen)
    seen = await notify.tapping.press(code, language(request))
    return _page(request, seen, await notify.tapping.others(code))


async def style(request: Request) -> Response:
    return PAGES.style(STYLE)


def add_tap_pages(api: APIRouter) -> None:
    api.add_api_route(f"{ASSETS}page.css", style, methods=["GET"], include_in_schema=False)
    api.add_api_route(f"{ASSETS}view", view, methods=["GET"], include_in_schema=False)
    address = f"{PATH}{{code}}"
    api.add_api_route(address, see, methods=["GET", "HEAD"], include_in_schema=False)
    api.add_api_route(address, press, methods=["POST"], include_in_schema=False)


async def _confirmed(request: Request) -> bool:
    """By the page's own button; a call without it was no tap."""
    if media_type(request) != URLENCODED:
        return False
    return (await posted(request, FORM_AT_MOST, FIELDS_AT_MOST)).get("confirm") == ["yes"]


def _page(request: Request, seen: Seen, others: Sequence[tuple[Document, str]] = ()) -> HTMLResponse:
    pack = None if seen.document is None else at_hand(request).packs.get(seen.document["pack"])
    at = _instants(pack, seen.at)
    context = {
        "title": _said(f"state.{seen.state}", "title"), "detail": _said(f"state.{seen.state}", "detail", at),
        "said": seen.said, "press": _button(seen), "sign_in": _sign_in(seen),
        "alert": None if seen.document is None else _alert(seen.document, pack),
        "others": [{"title": _title(each, at_hand(request).packs), "href": link} for each, link in others],
        "others_said": _said("others"),
    }  # fmt: skip
    answer = PAGES.page(request, "alert.html", context, seen.status)
    if seen.state in ("away", "busy"):
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _button(seen: Seen) -> Both | None:
    if seen.document is None or seen.state not in ("ask", "know", "away", "unpressed"):
        return None
    return both(button(seen.document) or said("press.read"))


def _sign_in(seen: Seen) -> Both | None:
    """Where the alert asks for more than a yes."""
    document = seen.document
    if document is None or seen.state not in ("know", "read"):
        return None
    if offered(document) is None or tappable(document) is not None:
        return None
    return _said("sign_in")


def _alert(document: Document, pack: Pack | None) -> dict[str, object]:
    """As a lock screen may show it: no identity, no description. What its words say already is not said again."""
    told = {each: words(document, pack, each) for each in LANGUAGES}
    body = {each: text for each, (_, text) in told.items()}
    due = _instants(pack, document["due_at"])
    facts = {"number": dict.fromkeys(LANGUAGES, document["number"]), "due": due or dict.fromkeys(LANGUAGES)}
    return {
        "title": both({each: title for each, (title, _) in told.items()}),
        "body": both(body),
        "facts": [{"name": _said(name), "value": both(each)} for name, each in facts.items() if _is_new(each, body)],
    }


def _title(document: Document, packs: Mapping[str, Pack]) -> Both:
    pack, number = packs.get(document["pack"]), document["number"]
    told = {each: words(document, pack, each)[0] for each in LANGUAGES}
    return both({each: " ".join(filter(None, (number, title))) for each, title in told.items()})


def _is_new(fact: Mapping[Language, str | None], body: Mapping[Language, str]) -> bool:
    return any(value is not None and value not in body[each] for each, value in fact.items())


def _instants(pack: Pack | None, at: datetime | None) -> dict[Language, str]:
    """In the community's time; nothing where it is not known."""
    return {} if at is None or pack is None else {each: instant(pack, at, each) for each in LANGUAGES}


def _said(key: str, part: str | None = None, at: Mapping[Language, str] | None = None) -> Both:
    return both(said(key, part, at))
