"""A message to a browser: Web Push (RFC 8030), encrypted (RFC 8291), signed with the server's own key (RFC 8292)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, derive_private_key
from pydantic import SecretStr

from services.notify.channels.calls import called, client_of
from services.notify.channels.keys import WrongKey, from_base64, given, url_safe
from services.notify.channels.public_network import client_of_public
from services.notify.channels.push_encryption import PLAIN_AT_MOST, encrypted, point
from services.notify.channels.safe_address import wrong_with
from services.notify.channels.sender import Message, Quota, Said
from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.domain.alert import Level

KEY_BYTES, POINT_BYTES, AUTH_BYTES = 32, 65, 16
SIGNED_FOR = timedelta(hours=12)
"""RFC 8292, 2: at most 24 hours."""
SIGNED_AGAIN = timedelta(hours=1)
SERVICES_AT_MOST = 100
"""Whose signatures are kept; browsers know a handful of push services."""
SUBSCRIPTIONS_KNOWN = 2_000
"""That need not be read and checked anew for the next message."""
URGENCY: Mapping[Level, str] = {"info": "low", "act": "normal", "urgent": "high", "critical": "high"}


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave. `auth` and `p256dh`, a public key, are never shown."""

    endpoint: httpx.URL
    p256dh: EllipticCurvePublicKey = field(repr=False)
    auth: bytes = field(repr=False)

    @property
    def audience(self) -> str:
        """RFC 8292, 2: the push service, as a signature names it."""
        return f"{self.endpoint.scheme}://{self.endpoint.netloc.decode()}"


class WebPush:
    """The address is the subscription as JSON: `endpoint`, `p256dh`, `auth`, or as a browser's `toJSON()` gives it.

    `told` is the clock by which a message is useful until then; signatures are by the real one (mechanics 23).
    """

    name = "web_push"

    def __init__(
        self, key: SecretStr, contact: str, *, inside: bool = False, clock: Clock | None = None,
        told: Clock | None = None,
    ) -> None:  # fmt: skip
        raw = from_base64(given("web_push_key", key))
        if raw is None or len(raw) != KEY_BYTES:
            raise WrongKey("web_push_key", "须为 32 字节的 Base64 / must be 32 bytes in Base64")
        if not contact.startswith(("mailto:", "https:")):
            raise WrongKey("web_push_contact", "须为 mailto: 或 https: / must be mailto: or https:")
        try:
            self._key = derive_private_key(int.from_bytes(raw, "big"), SECP256R1())
        except ValueError as wrong:
            raise WrongKey("web_push_key", "不是 P-256 私钥 / is no private key on P-256") from wrong
        self.public_key = url_safe(point(self._key.public_key()))
        self._contact, self.inside, self._clock = contact, inside, clock or SystemClock()
        self._told = told or self._clock
        self._client = client_of("") if inside else client_of_public()
        self._signed: dict[str, tuple[datetime, str]] = {}

    def quotas(self, address: str) -> Sequence[Quota]:
        return ()

    async def send(self, message: Message, address: str) -> Said:
        """Each message has its own encryption; a service that knows its topic replaces what it still holds of it."""
        to = subscription(address, inside=self.inside)
        if isinstance(to, Said):
            return to
        lives = int((message.useful_until - self._told.now()).total_seconds())
        if lives <= 0:
            return Said("refused", "too_late")
        named = topic(message.message_id)
        plain = payload(message, named)
        if len(plain) > PLAIN_AT_MOST:
            return Said("refused", "too_long")
        headers = {
            "authorization": self._vapid(to.audience), "content-encoding": "aes128gcm", "ttl": str(lives),
            "urgency": URGENCY[message.level], "topic": named,
            "content-type": "application/octet-stream",
        }  # fmt: skip
        body = encrypted(plain, to.p256dh, to.auth)
        return await self._said(httpx.Request("POST", to.endpoint, content=body, headers=headers))

    async def _said(self, request: httpx.Request) -> Said:
        """RFC 8030, 5: 201 is the only word for "taken"; another 2xx comes from something between."""
        answer = await called(self._client, request)
        if isinstance(answer, Said):
            return answer
        taken = answer.status == httpx.codes.CREATED
        return Said("accepted" if taken else "retry", f"http_{answer.status}")

    def _vapid(self, audience: str) -> str:
        """Names the push service and the time alone, so one is good for all messages to that service (RFC 8292, 2)."""
        now = self._clock.now()
        signed_at, vapid = self._signed.get(audience, (now - SIGNED_AGAIN, ""))
        if signed_at <= now - SIGNED_AGAIN or signed_at > now:
            vapid = self._signature(audience, now + SIGNED_FOR)
            if len(self._signed) >= SERVICES_AT_MOST:
                self._signed.clear()
            self._signed[audience] = now, vapid
        return vapid

    def _signature(self, audience: str, until: datetime) -> str:
        claims = {"aud": audience, "exp": int(until.timestamp()), "sub": self._contact}
        return f"vapid t={jwt.encode(claims, self._key, algorithm='ES256')}, k={self.public_key}"

    async def close(self) -> None:
        await self._client.aclose()


def topic(message_id: str) -> str:
    """RFC 8030, 5.4: at most 32 characters of the URL-safe alphabet."""
    return url_safe(hashlib.sha256(message_id.encode()).digest())[:32]


def payload(message: Message, tag: str) -> bytes:
    """With the short form instead of the body where the whole would not fit."""
    told = {"title": message.title, "body": message.body, "link": message.link, "tag": tag}
    if message.act_link and message.act_text:
        told |= {"act_text": message.act_text, "act_link": message.act_link}
    whole = orjson.dumps(told)
    return whole if len(whole) <= PLAIN_AT_MOST else orjson.dumps(told | {"body": message.short})


@lru_cache(maxsize=SUBSCRIPTIONS_KNOWN)
def subscription(address: str, *, inside: bool = False) -> Subscription | Said:
    """Refused before anything is sent: keys of a wrong length or off the curve, an endpoint that is not public."""
    try:
        read = orjson.loads(address)
    except orjson.JSONDecodeError:
        return Said("unknown_address", "subscription_not_json")
    if not isinstance(read, dict):
        return Said("unknown_address", "subscription_not_json")
    keys = read["keys"] if isinstance(read.get("keys"), dict) else read
    endpoint, p256dh, auth = read.get("endpoint"), _public_key(_raw(keys, "p256dh")), _raw(keys, "auth")
    if not isinstance(endpoint, str):
        return Said("unknown_address", "address_not_readable")
    if wrong := wrong_with(endpoint, inside=inside):
        return Said("unknown_address", wrong)
    if len(auth) != AUTH_BYTES or p256dh is None:
        return Said("unknown_address", "subscription_key")
    return Subscription(httpx.URL(endpoint), p256dh, auth)


def _raw(keys: Mapping[str, object], name: str) -> bytes:
    value = keys.get(name)
    return (from_base64(value) or b"") if isinstance(value, str) else b""


def _public_key(p256dh: bytes) -> EllipticCurvePublicKey | None:
    if len(p256dh) != POINT_BYTES:
        return None
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), p256dh)
    except ValueError:
        return None
