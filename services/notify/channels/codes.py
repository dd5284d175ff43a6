"""What a provider says in the body of its answer: a number or a name, and what each means for us."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.notify.channels.sender import Became, Said

NO_CODE = Said("retry", "no_code")
"""A JSON object without the provider's number was written by something between."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")
_COULD_BE_A_TELEPHONE = re.compile(r"[0-9]{7}")


@dataclass(frozen=True, slots=True)
class Meanings:
    """`waits` holds how long the provider refuses everything after that number, where it says so.

    A number that is not here is `refused`: it is not a success, and the next channel has its turn.
    """

    of: Mapping[int, Became]
    waits: Mapping[int, timedelta] = field(default_factory=dict)

    def said(self, code: int) -> Said:
        return Said(self.of.get(code, "refused"), str(code), self.waits.get(code))


@dataclass(frozen=True, slots=True)
class Names:
    """For providers whose codes are names: `isv.OUT_OF_SERVICE`, `LimitExceeded.AppDailyLimit`.

    `of` holds whole names, `families` what stands before the first dot of any other. A name in neither is `refused`.
    `waits` as in Meanings.
    """

    of: Mapping[str, Became]
    families: Mapping[str, Became]
    waits: Mapping[str, timedelta] = field(default_factory=dict)

    def said(self, name: str) -> Said:
        family = name.partition(".")[0]
        return Said(self.of.get(name) or self.families.get(family, "refused"), name, self.waits.get(name))


def name_in(body: Mapping[str, object], key: str) -> str | None:
    """None also where it has the form of no code, or could carry a telephone number."""
    value = body.get(key)
    if not isinstance(value, str) or _NAME.fullmatch(value) is None or _COULD_BE_A_TELEPHONE.search(value):
        return None
    return value


def number_in(body: Mapping[str, object], name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def counted_under(channel: str, secret: str, *of: str) -> str:
    """The key of a quota: neither the secret nor the address can be found from it."""
    digest = hmac.new(secret.encode(), "\0".join((channel, *of)).encode(), hashlib.sha256).hexdigest()
    return f"{channel}:{digest[:32]}"
