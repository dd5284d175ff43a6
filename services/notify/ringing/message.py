"""The message for one alert, and the digest of several: the alerts' own words and a link, nothing else of the case."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.notify.channels.sender import Message
from services.notify.tap_words import button
from services.notify.wording import facts_of, words
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.text_pages import text_page
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Level
from shaoyin.domain.ringing import useful_until
from shaoyin.domain.words import UNKNOWN

LISTED_AT_MOST = 20
URGENT_LAST: Sequence[Level] = ("info", "act", "urgent", "critical")


class Links(Protocol):
    """To one person; `shared` ones, for a group, let nobody answer."""

    acts: bool

    @property
    def shared(self) -> Links: ...

    def link(self, alert_id: str, until: datetime) -> str:
        """Opens the alert, for whoever has the link; it acts on nothing by itself."""


def message_of(document: Document, pack: Pack | None, links: Links, language: Language = "zh-CN") -> Message:
    title, body = words(document, pack, language)
    until = useful_until(document["raised_at"], document["level"])
    link = links.link(document["_id"], until)
    press = button(document) if links.acts else None
    facts = {} if pack is None else facts_of(document, pack, language)
    return Message(
        message_id=document["_id"], title=title, body=body, short=" ".join(filter(None, (document["number"], title))),
        link=link, level=document["level"], useful_until=until, language=language,
        act_text=None if press is None else press[language], act_link=None if press is None else link,
        number=facts.get("number"), place=facts.get("place"), category=facts.get("category"), due=facts.get("due"),
    )  # fmt: skip


def digest_of(
    documents: Sequence[Document], packs: Mapping[str, Pack], links: Links, language: Language = "zh-CN"
) -> Message:
    """Lists the cases, the most urgent first, whose link it carries; useful as long as any of them is."""
    ordered = sorted(documents, key=lambda each: -URGENT_LAST.index(each["level"]))
    lines = [_line(each, packs, language) for each in ordered[:LISTED_AT_MOST]]
    if len(ordered) > LISTED_AT_MOST:
        lines.append(said("digest.more", language).format(count=len(ordered) - LISTED_AT_MOST))
    first, title = ordered[0], said("digest.title", language).format(count=len(ordered))
    until = max(useful_until(each["raised_at"], each["level"]) for each in ordered)
    return Message(
        message_id=digest_id(each["_id"] for each in documents), title=title, body="\n".join(lines), short=title,
        link=links.link(first["_id"], until), level=first["level"], useful_until=until, language=language,
        template="digest", count=len(ordered),
    )  # fmt: skip


def digest_id(alert_ids: Iterable[str]) -> str:
    """The same alerts together are the same digest."""
    listed = "\0".join(sorted(alert_ids))
    return f"d{hashlib.sha256(listed.encode()).hexdigest()[:24]}"


def _line(document: Document, packs: Mapping[str, Pack], language: Language) -> str:
    title, _ = words(document, packs.get(document["pack"]), language)
    return said("digest.line", language).format(number=document["number"] or UNKNOWN, title=title)


def said(key: str, language: Language) -> str:
    return _texts()[key][language]


def _texts() -> Mapping[str, Mapping[str, str]]:
    return text_page("services.notify", "ringing")
