"""A signed call to another system, by Standard Webhooks: id, timestamp, signature, and several keys while one is
being replaced.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace

import httpx
import orjson
from pydantic import SecretStr

from services.notify.channels.calls import called, client_of
from services.notify.channels.keys import WrongKey, from_base64, given
from services.notify.channels.public_network import client_of_public
from services.notify.channels.safe_address import wrong_with
from services.notify.channels.sender import Message, Quota, Said
from shaoyin.adapters.clock import Clock, SystemClock

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a key, as the standard has them."""


class Webhook:
    """The address is the receiver's URL. Every key signs, so that a receiver may change over in its own time."""

    name = "webhook"

    def __init__(self, keys: Sequence[SecretStr], *, inside: bool = False, clock: Clock | None = None) -> None:
        if not keys:
            raise WrongKey("webhook_keys", "至少一把 / at least one")
        self._keys = [_key(secret) for secret in keys]
        self.inside = inside
        self._clock = clock or SystemClock()
        self._client = client_of("") if inside else client_of_public()

    def quotas(self, address: str) -> Sequence[Quota]:
        return ()

    async def send(self, message: Message, address: str) -> Said:
        if wrong := wrong_with(address, inside=self.inside):
            return Said("unknown_address", wrong)
        at = self._clock.now()
        body = orjson.dumps({"type": "alert", "timestamp": at.isoformat(), "data": _told(message)})
        headers = {"content-type": "application/json", **self._signed(message.message_id, int(at.timestamp()), body)}
        answer = await called(self._client, self._client.build_request("POST", address, content=body, headers=headers))
        if isinstance(answer, Said):
            return _still_there(answer)
        return Said("accepted", f"http_{answer.status}")

    def _signed(self, message_id: str, at: int, body: bytes) -> httpx.Headers:
        signatures = " ".join(signature(key, message_id, at, body) for key in self._keys)
        return httpx.Headers({"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signatures})

    async def close(self) -> None:
        await self._client.aclose()


def _still_there(said: Said) -> Said:
    """The standard ends an address by 410 alone; 404 may be a receiver that is being replaced."""
    return replace(said, became="retry") if said.code == f"http_{httpx.codes.NOT_FOUND.value}" else said


def signature(key: bytes, message_id: str, at: int, body: bytes) -> str:
    signed = hmac.new(key, b"%s.%d.%s" % (message_id.encode(), at, body), hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def _key(secret: SecretStr) -> bytes:
    text = given("webhook_keys", secret)
    raw = from_base64(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else None
    if raw is None or not SHORTEST <= len(raw) <= LONGEST:
        must = (
            f"{PREFIX} 加 {SHORTEST} 至 {LONGEST} 字节的 Base64 / {PREFIX} and {SHORTEST} to {LONGEST} bytes in Base64"
        )
        raise WrongKey("webhook_keys", must)
    return raw


def _told(message: Message) -> dict[str, object]:
    return {
        "id": message.message_id, "title": message.title, "body": message.body, "level": message.level,
        "link": message.link, "language": message.language, "useful_until": message.useful_until.isoformat(),
    }  # fmt: skip
