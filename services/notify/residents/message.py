"""The message of an answer, from the pack's newest words: a number and a date, and where to look."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.channels.sender import Message
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.words import Language
from shaoyin.domain.answer import RESULTS
from shaoyin.domain.pack import Pack
from shaoyin.domain.words import UNKNOWN, filled, instant

PROGRESS, RESULT = "answer_progress", "answer_result"
"""The registered templates: a reporter consents in WeChat to either, one message each (domain 6.9)."""
PLAIN: Mapping[Language, tuple[str, str]] = {
    "zh-CN": ("有新进展", "您反映的事有新的进展，请凭查询码查看。"),
    "en": ("News", "There is news of your matter. See it with your query code."),
}
"""Where a pack has no words for it: one that is older than this version, or was taken away."""
SHORT: Mapping[Language, str] = {"zh-CN": "{title},请凭查询码查看", "en": "{title}: see it with your query code"}
"""For a template that has room for one line."""
NO_NUMBER: Mapping[Language, str] = {"zh-CN": "暂无", "en": "none yet"}
"""Before it is accepted; a template that wants a number is filled all the same."""


def template_of(answer: Document) -> str:
    return RESULT if answer["kind"] in RESULTS else PROGRESS


def message_of(answer: Document, pack: Pack | None, address: str, language: Language) -> Message:
    """`address` is the page where a query code is typed; no link leads further, for whoever has the phone could go."""
    title, body = words(answer, pack, language)
    due_at = answer["due_at"]
    return Message(
        message_id=answer["_id"], title=title, body=body, short=SHORT[language].format(title=title),
        link=address,
        level="critical" if answer["urgent"] else "info", useful_until=answer["useful_until"], language=language,
        template=template_of(answer), number=answer["number"] or NO_NUMBER[language],
        due=None if pack is None or due_at is None else instant(pack, due_at, language),
    )  # fmt: skip


def words(answer: Document, pack: Pack | None, language: Language) -> tuple[str, str]:
    """Title and body."""
    key = f"answer.{answer['kind']}"
    if pack is None or f"{key}.title" not in pack.texts or f"{key}.body" not in pack.texts:
        return PLAIN[language]
    facts = _facts(answer, pack, language)
    title, body = (filled(pack, f"{key}.{part}", language, facts) for part in ("title", "body"))
    return title, body


def _facts(answer: Document, pack: Pack, language: Language) -> dict[str, str]:
    reason = pack.texts.get(f"suspension.{answer['reason']}")
    return {
        "number": answer["number"] or UNKNOWN,
        "due": UNKNOWN if answer["due_at"] is None else instant(pack, answer["due_at"], language),
        "reason": UNKNOWN if reason is None else reason[language],
        "call": ("、" if language == "zh-CN" else ", ").join(answer["call"]),
    }
