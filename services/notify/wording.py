"""An alert as its reader sees it: made when it is read, from the pack's newest texts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.who_is_told import INSTEAD_OF
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.words import UNKNOWN, filled, instant, place_name

Alert = dict[str, object]

PLAIN: Mapping[Language, str] = {"zh-CN": "事项 {number} 有新情况", "en": "News of case {number}"}
OF_ENROLMENT: Mapping[Language, str] = {"zh-CN": "报到登记有新情况", "en": "News of a registration"}
"""Where the pack has no words for it any more; an alert is never without any."""
INSTEAD: Mapping[str, Mapping[Language, str]] = {
    INSTEAD_OF: {
        "zh-CN": "“{post}”岗位现在没有人，所以通知您。",
        "en": "Nobody holds the post {post} now, so you are told.",
    },
    "unread_by": {
        "zh-CN": "“{post}”没有及时查看，所以通知您。",
        "en": "The post {post} has not read it in time, so you are told.",
    },
    "away_from": {
        "zh-CN": "“{post}”的人不在，由您代理，所以通知您。",
        "en": "Whoever holds the post {post} is away and you stand in, so you are told.",
    },
}
"""By the fact that names whose alert it was first."""


def as_json(document: Document, packs: Mapping[str, Pack], language: Language) -> Alert:
    """api.md, Alert, of a case or of an enrolment. `act` is the command it offers, until somebody has answered it."""
    title, body = words(document, packs.get(document["pack"]), language)
    return {
        "alert_id": document["_id"], "at": document["at"], "case_id": document["case_id"],
        "number": document["number"], "kind": document["kind"], "title": title, "body": body,
        "level": document["level"], "act": None if document["answered_at"] else offered(document),
        "due_at": document["due_at"], "read_at": document["read_at"], "answered_at": document["answered_at"],
        "registration_id": document.get("registration_id"),
    }  # fmt: skip


def offered(document: Document) -> Alert | None:
    """mechanics 36: the command, and the fields that name its object."""
    offer = document["offer"]
    if offer is None:
        return None
    named = {name: offer.get(name) for name in ("whistle_id", "responder")}
    return {"command": offer["command"], "fields": {name: each for name, each in named.items() if each is not None}}


def words(document: Document, pack: Pack | None, language: Language) -> tuple[str, str]:
    """Title and body; neither can hold a description, a reporter or a name, for the document has none."""
    kind = document["kind"]
    if pack is None or f"alert.{kind}.title" not in pack.texts or f"alert.{kind}.body" not in pack.texts:
        return _plain(document, language), ""
    facts = facts_of(document, pack, language)
    title, body = (filled(pack, f"alert.{kind}.{part}", language, facts) for part in ("title", "body"))
    return title, body + _instead(document, pack, language)


def _plain(document: Document, language: Language) -> str:
    if document.get("registration_id") is not None:
        return OF_ENROLMENT[language]
    return PLAIN[language].format(number=document["number"] or UNKNOWN)


def facts_of(document: Document, pack: Pack, language: Language) -> dict[str, str]:
    """Ids become names, instants the community's time; the place goes down to the building and no further."""
    category = pack.categories.get(document["category"] or "")
    known = {
        "number": document["number"],
        "place": place_name(pack, document["area"], language),
        "category": None if category is None else category.name[language],
        "due": None if document["due_at"] is None else instant(pack, document["due_at"], language),
        **{name: _named(name, value, pack, language) for name, value in document["facts"].items()},
    }
    return {name: value for name, value in known.items() if value is not None}


def _named(name: str, value: str, pack: Pack, language: Language) -> str:
    match name:
        case "clock" | "grade" | "urgency":
            words = pack.texts.get(f"{name}.{value}")
            return value if words is None else words[language]
        case "whistle":
            kind = pack.whistle_types.get(value)
            return value if kind is None else kind.name[language]
        case "post":
            return post_name(value, pack, language)
        case _:
            return value


def _instead(document: Document, pack: Pack, language: Language) -> str:
    """Whoever is told instead of somebody else is told so."""
    return "".join(
        ("" if language == "zh-CN" else " ") + why[language].format(post=post_name(post_id, pack, language))
        for fact, why in INSTEAD.items()
        if (post_id := document["facts"].get(fact)) is not None
    )


def post_name(post_id: str, pack: Pack, language: Language) -> str:
    post = pack.directory.posts.get(post_id)
    kind = None if post is None else pack.directory.kinds.get(post.kind)
    return post_id or UNKNOWN if kind is None else kind.name[language]
