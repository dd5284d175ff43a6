"""What one tap on a link can do, and the words of its button and its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notify.wording import offered
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.text_pages import text_page
from shaoyin.adapters.words import LANGUAGES, Language, filled

ONE_TAP = frozenset({"sign_for", "acknowledge", "claim"})
"""What needs nothing but a yes. Who approves or decides first looks at the case, signed in."""


def tappable(document: Document) -> dict[str, object] | None:
    """The command that one tap gives; None where the alert offers none, or one that needs more than a yes."""
    offer = offered(document)
    return offer if offer is not None and offer["command"] in ONE_TAP else None


def button(document: Document) -> Mapping[Language, str] | None:
    """What pressing it says; None where one tap does not answer it."""
    offer = tappable(document)
    return None if offer is None else said(f"press.{offer['command']}")


def said(key: str, part: str | None = None, at: Mapping[Language, str] | None = None) -> Mapping[Language, str]:
    """`at` fills in the instant, where the words have one."""
    found = _texts()[key] if part is None else _texts()[key][part]
    return {each: filled(found[each], {"at": (at or {}).get(each)}, each) for each in LANGUAGES}


def _texts() -> Mapping[str, Mapping[str, Any]]:
    return text_page("services.notify", "taps")
