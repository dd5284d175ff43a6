"""The link in a message outside the application: it opens one alert for whoever has it, until it expires.

What follows the last `/` is the whole of it, 33 letters and digits that no messenger breaks and an SMS template takes.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import NamedTuple

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PATH = "/alerts/"
ALERT_ID = re.compile(r"a[0-9a-f]{24}")
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Base 58: without the signs that look alike."""
ID_BYTES, TIME_BYTES, TAG_BYTES = 12, 4, 8
BYTES = ID_BYTES + TIME_BYTES + TAG_BYTES
SIGNS = 33
"""As many as 24 bytes may need."""
_SAID = re.compile(rf"[{ALPHABET}]{{{SIGNS}}}")
_PURPOSES = {True: b"shaoyin act link 1", False: b"shaoyin show link 1"}


class PublicAddress(BaseSettings):
    """Where people reach the product from their phones."""

    model_config = SettingsConfigDict(env_prefix="SHAOYIN_", frozen=True, env_ignore_empty=True)

    public_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://[^/]+/?$")


class NotALink(ValueError):  # noqa: N818 - said of what was opened
    """We never gave it."""


class LinkExpired(Exception):  # noqa: N818
    """We gave it, and its time is over."""


class Opened(NamedTuple):
    """`acts`: its person alone was given it; a link that a whole group was shown answers for nobody."""

    alert_id: str
    acts: bool


class ActLinks:
    """`ticket_key` signs, under purposes of their own; `base_url` is the product's public address. `acts`: whether the
    links that are given let their holder answer.

    A tag of 64 bits can be guessed nowhere but here, where guesses are counted; what it opens acts on nothing unasked.
    """

    def __init__(self, ticket_key: bytes, base_url: str, *, acts: bool = True) -> None:
        self._keys = {each: hmac.digest(ticket_key, purpose, "sha256") for each, purpose in _PURPOSES.items()}
        self._base = base_url.rstrip("/") + PATH
        self._shared = ActLinks(ticket_key, base_url, acts=False) if acts else self
        self.acts = acts

    @property
    def shared(self) -> ActLinks:
        """Links for a group's chat: in it nobody answers in another's name."""
        return self._shared

    def link(self, alert_id: str, until: datetime) -> str:
        """Raises ValueError for what is no id of an alert."""
        if ALERT_ID.fullmatch(alert_id) is None:
            raise ValueError("no id of an alert")
        seconds = min(max(int(until.timestamp()), 0), 2 ** (8 * TIME_BYTES) - 1)
        opened = bytes.fromhex(alert_id[1:]) + seconds.to_bytes(TIME_BYTES, "big")
        return self._base + _written(opened + self._tag(opened, acts=self.acts))

    def opened(self, said: str, now: datetime) -> Opened:
        """Which alert it opens, and for whom. Raises NotALink and LinkExpired."""
        raw = _read(said)
        opened, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
        fits = [acts for acts in _PURPOSES if hmac.compare_digest(tag, self._tag(opened, acts=acts))]
        if not fits:
            raise NotALink
        if now.timestamp() >= int.from_bytes(opened[ID_BYTES:], "big"):
            raise LinkExpired
        return Opened(f"a{opened[:ID_BYTES].hex()}", fits[0])

    def _tag(self, opened: bytes, *, acts: bool) -> bytes:
        return hmac.digest(self._keys[acts], opened, "sha256")[:TAG_BYTES]


def _written(raw: bytes) -> str:
    number, signs = int.from_bytes(raw, "big"), ""
    while len(signs) < SIGNS:
        number, sign = divmod(number, len(ALPHABET))
        signs = ALPHABET[sign] + signs
    return signs


def _read(said: str) -> bytes:
    """One text for one link. Raises NotALink."""
    if _SAID.fullmatch(said) is None:
        raise NotALink
    number = 0
    for sign in said:
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    try:
        return number.to_bytes(BYTES, "big")
    except OverflowError:
        raise NotALink from None
