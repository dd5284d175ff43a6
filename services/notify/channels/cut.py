"""A text that fits a provider's limit: cut between two characters as a reader sees them, with the links kept."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import regex

from services.notify.channels.sender import Message

Size = Callable[[str], int]
CUT = "…"
_SEEN_AS_ONE = regex.compile(r"\X")
"""UAX 29: an emoji with its joiners, a letter with its accents and a flag are one."""


def in_characters(text: str) -> int:
    return len(text)


def in_bytes(text: str) -> int:
    return len(text.encode())


def in_json(text: str) -> int:
    """Bytes inside a JSON string: for limits on the whole body of a request."""
    return len(orjson.dumps(text)) - 2


def cut(text: str, most: int, size: Size) -> str:
    """The text, or as much of its beginning as fits with `…` behind it; empty where not even that fits.

    `size` of a whole must be the sum of its parts.
    """
    if size(text) <= most:
        return text
    room, end = most - size(CUT), 0
    if room < 0:
        return ""
    for each in _SEEN_AS_ONE.finditer(text):
        room -= size(each.group())
        if room < 0:
            break
        end = each.end()
    return text[:end].rstrip() + CUT


def text_of(message: Message, most: int, size: Size) -> str | None:
    """Title, body and links, a line each. None where not even the links fit: a message without them helps nobody.

    Nothing in the title or the body is markup to a provider: no `<@all>` or `<at …>` calls a whole group.
    """
    links = [message.link]
    if message.act_text and message.act_link:
        links = [each for each in links if each != message.act_link]
        links.append(f"{_plain(message.act_text)} {message.act_link}")
    tail = "".join(f"\n{link}" for link in links)
    room = most - size(tail)
    return cut(_plain(f"{message.title}\n{message.body}".strip()), room, size) + tail if room >= 0 else None


def _plain(text: str) -> str:
    return text.replace("<", "＜")
