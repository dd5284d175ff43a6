"""A receiver by Standard Webhooks, as its authors' libraries check: signature, then the age of the attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field

from tests.fakes.provider import Asked, answer

TOLERANCE = 5 * 60
"""Seconds, either way."""


@dataclass
class Receiver:
    """`key` is the Base64 behind `whsec_`. A repeat is known by its id, and taken once."""

    key: str
    taken: dict[str, bytes] = field(default_factory=dict)

    def takes(self, asked: Asked) -> bytes:
        identity, at, signatures = (asked.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        if "." in identity or not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE:
            return answer(400)
        content = identity.encode() + b"." + at.encode() + b"." + asked.body
        own = base64.b64encode(hmac.new(base64.b64decode(self.key), content, hashlib.sha256).digest()).decode()
        if not any(hmac.compare_digest(f"v1,{own}", each) for each in signatures.split(" ")):
            return answer(401)
        self.taken.setdefault(identity, asked.body)
        return answer(204)
