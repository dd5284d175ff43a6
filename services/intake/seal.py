"""How intake seals what only it may read: AES-256-GCM, a fresh nonce each time, several keys at once.

The report's id is authenticated with the text, so that a sealed text cannot be moved to another report. The first four
bytes say which key sealed it: a key is rotated by putting a new one first and keeping the old one to open with.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID = 4
NONCE = 12


class CannotOpen(Exception):  # noqa: N818 - said of the sealed entry: none of our keys opens it, or it was moved
    """The key that sealed it is not among ours, or the entry was changed or belongs to another report."""


class Seal:
    """Seals with the first key, opens with any. Raises ValueError without a key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a vault needs a key")
        self._ciphers = {sha256(b"shaoyin vault\0" + key).digest()[:KEY_ID]: AESGCM(key) for key in keys}
        self._first = next(iter(self._ciphers))

    def seal(self, plain: bytes, report_id: str, what: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return self._first + nonce + self._ciphers[self._first].encrypt(nonce, plain, _bound_to(report_id, what))

    def is_by_first(self, sealed: bytes) -> bool:
        """Whether the key in force sealed it, so that no older one is needed for it."""
        return sealed[:KEY_ID] == self._first

    def open(self, sealed: bytes, report_id: str, what: str) -> bytes:
        """Raises CannotOpen."""
        cipher = self._ciphers.get(sealed[:KEY_ID])
        if cipher is None:
            raise CannotOpen("no such key")
        nonce = sealed[KEY_ID : KEY_ID + NONCE]
        try:
            return cipher.decrypt(nonce, sealed[KEY_ID + NONCE :], _bound_to(report_id, what))
        except InvalidTag as error:
            raise CannotOpen("changed, or of another report") from error


def _bound_to(report_id: str, what: str) -> bytes:
    return f"{report_id}/{what}".encode()
