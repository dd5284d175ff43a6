"""One line of the log for each channel of an alert or of an answer: what a program reads, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.notify.delivery_words import channel_name, heard, reason, word
from services.notify.residents.log import REPORTER, lines_of
from services.notify.residents.message import words as answer_words
from services.notify.wording import post_name, words
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack

MEMBER = "member"
"""An enrolled person: others do not learn who helps (decisions 2.34)."""
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the log, in which language, and whether as staff of the place."""

    person: str
    language: Language
    staff: bool


def lines(document: Document, pack: Pack | None, reader: Reader) -> list[Line]:
    """api.md, Delivery. How reporters are told is no helper's business."""
    if "ref" in document:
        found = lines_of(document) if reader.staff else []
        title = (word("answer", reader.language) or "").format(answer=answer_words(document, pack, reader.language)[0])
    else:
        found = list(_of_alert(document, reader))
        title, _ = words(document, pack, reader.language)
    named = {"case_id": document["case_id"], "number": document["number"], "title": title}
    return [_in_words({**each, **named}, pack, reader.language) for each in found]


def _of_alert(document: Document, reader: Reader) -> Iterator[Line]:
    for each in document["deliveries"]:
        yield {
            "alert_id": document["_id"], "at": document["at"], "kind": document["kind"], "level": document["level"],
            "post": document["post"], "recipient": _recipient(document, reader.person),
            "read_at": document["read_at"], "answered_at": document["answered_at"], "channel": each["channel"],
            "to": each.get("to"), "state": each["state"], "attempts": each["attempts"],
            "held": document.get("held"), "rang": document.get("rang"),
        }  # fmt: skip


def _recipient(document: Document, reader: str) -> str | None:
    """The person in a post; nobody where nobody holds it; a member only to himself."""
    person: str | None = document["person"]
    return MEMBER if document["post"] is None and person not in (None, reader) else person


def _in_words(line: Line, pack: Pack | None, language: Language) -> Line:
    channel, held, rang = line["channel"], line["held"], line.get("rang")
    attempts = [
        {
            **each, "outcome_said": word(f"state.{each['outcome']}", language),
            "said": _said(channel, each, language),
        }
        for each in line["attempts"]
    ]  # fmt: skip
    return {
        **line, "attempts": attempts, "channel_name": channel_name(channel, language),
        "state_said": word(f"state.{line['state']}", language) or line["state"],
        "post_name": None if line["post"] is None or pack is None else post_name(line["post"], pack, language),
        "recipient_name": _name(line["recipient"], pack, language), "held_said": _held(held, language),
        "rang_said": None if rang is None else word(f"rang.{rang}", language) or rang,
    }  # fmt: skip


def _said(channel: str, attempt: Document, language: Language) -> str:
    if attempt.get("afterwards"):
        return heard(attempt["outcome"], attempt["code"], language)
    if attempt["outcome"] == "accepted" and "receipt" in attempt:
        return heard("awaited", attempt["code"], language)
    return reason(channel, attempt["outcome"], attempt["code"], language)


def _name(recipient: str | None, pack: Pack | None, language: Language) -> str:
    """As the pack calls an invented person; an identity provider's are known by their ids alone."""
    if recipient is None or recipient in (MEMBER, REPORTER):
        return word(f"recipient.{recipient or 'nobody'}", language) or ""
    person = None if pack is None else pack.directory.people.get(recipient)
    return recipient if person is None else person.name


def _held(held: Document | str | None, language: Language) -> str | None:
    """Of an alert with the instant until when, of an answer the code alone."""
    if held is None:
        return None
    code = held["code"] if isinstance(held, dict) else held
    return word(f"held.{code}", language) or word("held.other", language)
