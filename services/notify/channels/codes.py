"""What a provider says in the body of its answer: a number, and what each number means for us."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.notify.channels.sender import Became, Said

NO_CODE = Said("retry", "no_code")
"""A JSON object without the provider's number was written by something between."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """`waits` holds how long the provider refuses everything after that number, where it says so.

    A number that is not here is `refused`: it is not a success, and the next channel has its turn.
    """

    of: Mapping[int, Became]
    waits: Mapping[int, timedelta] = field(default_factory=dict)

    def said(self, code: int) -> Said:
        return Said(self.of.get(code, "refused"), str(code), self.waits.get(code))


def number_in(body: Mapping[str, object], name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def counted_under(channel: str, secret: str, *of: str) -> str:
    """The key of a quota: neither the secret nor the address can be found from it."""
    digest = hmac.new(secret.encode(), "\0".join((channel, *of)).encode(), hashlib.sha256).hexdigest()
    return f"{channel}:{digest[:32]}"
