"""The ids and codes that intake gives out, and the keyed hashes under which it finds them again.

Every hash is HMAC-SHA256 with a label, so that a phone never meets an idempotency key, and nothing can be tried out
without the key.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What people read aloud and copy by hand: no 0 and O, no 1, I and L."""
CODE_LENGTH = 10
"""About 49 bits: a million reports leave a guesser one chance in 800 million."""

_PAIRS = [first + second for first in CODE_SIGNS for second in CODE_SIGNS]
_TYPED = str.maketrans("", "", " -–—_.·\u3000")


@dataclass(frozen=True, slots=True)
class Codes:
    """Bound to the installation's `id_key`; another key finds nothing again."""

    key: bytes

    def report_id(self, community: str, idempotency_key: str | None, generation: int = 0) -> str:
        """The same key in the same community meets the same id; `generation` grows when an old key has run out."""
        if idempotency_key is None:
            return f"r{secrets.token_hex(16)}"
        return f"r{self._hash('report', community, idempotency_key, str(generation))[:16].hex()}"

    def request_id(self, report_id: str, asked: str, idempotency_key: str | None) -> str:
        if idempotency_key is None:
            return f"q{secrets.token_hex(16)}"
        return f"q{self._hash('request', report_id, asked, idempotency_key)[:16].hex()}"

    def code_hash(self, query_code: str) -> bytes:
        return self._hash("code", query_code)[:16]

    def body_hash(self, body: bytes) -> bytes:
        """Keyed, because a body holds a phone, and a phone can be guessed from a plain hash."""
        return hmac.digest(self.key, b"body\0" + body, "sha256")[:16]

    def phone_hash(self, community: str, phone: str) -> bytes:
        return self._hash("phone", community, phone)

    def consent_hash(self, openid: str, template: str) -> bytes:
        """Whose consent, and to which template: a WeChat id is no secret, and could be tried out on a plain hash."""
        return self._hash("consent", openid, template)

    def _hash(self, *parts: str) -> bytes:
        return hmac.digest(self.key, "\0".join(parts).encode(), "sha256")


def new_query_code() -> str:
    """Drawn from far more bits than it holds, so that no sign is likelier than another."""
    drawn = int.from_bytes(secrets.token_bytes(16))
    pairs = []
    for _ in range(CODE_LENGTH // 2):
        drawn, pair = divmod(drawn, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    return "".join(pairs)


def new_reporter_ref() -> str:
    return f"p{secrets.token_hex(10)}"


def as_typed(text: str) -> str | None:
    """The query code a person typed, however it was spaced and cased; None when it cannot be one."""
    code = text.translate(_TYPED).upper()
    return code if len(code) == CODE_LENGTH and not code.strip(CODE_SIGNS) else None


def grouped(query_code: str) -> str:
    """`ABCDE-FGHJK`: five signs are easier to keep in mind than ten."""
    return f"{query_code[:5]}-{query_code[5:]}"
