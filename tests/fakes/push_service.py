"""A push service and the browser behind it: checks the server's signature, and decrypts as the browser would.

Written from the RFCs with hashes and curves alone, so that a mistake in ours is not made here too.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.provider import Asked, answer

AUTH = b"sixteen bytes..."
A_DAY = 24 * 3600


@dataclass
class Browser:
    """`vapid` is the server's key that the subscription was made for; `now` its clock, in seconds."""

    vapid: str
    received: list[dict[str, str]] = field(default_factory=list)
    now: float | None = None

    def __post_init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        self._point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, url: str) -> str:
        return json.dumps({"endpoint": f"{url}/push/1", "keys": {"p256dh": _text(self._point), "auth": _text(AUTH)}})

    def takes(self, asked: Asked) -> bytes:
        """RFC 8030, 5 and 7.2; RFC 8292, 4.2."""
        sent = asked.headers
        if "authorization" not in sent:
            return answer(401)
        if not self._signed(sent["authorization"], sent["host"]):
            return answer(403)
        if len(asked.body) > 4096:
            return answer(413)
        if not sent.get("ttl", "").isdigit() or len(sent.get("topic", "")) > 32:
            return answer(400)
        if sent.get("content-encoding") != "aes128gcm":
            return answer(415)
        self.received.append(json.loads(self.decrypted(asked.body)))
        return answer(201, location="/message/1")

    def _signed(self, authorization: str, host: str) -> bool:
        """RFC 8292, 2 and 3."""
        scheme, _, fields = authorization.partition(" ")
        given = dict(part.strip().split("=", 1) for part in fields.split(","))
        head, claims, signature = given["t"].split(".")
        return (
            (scheme, given["k"]) == ("vapid", self.vapid)
            and json.loads(_raw(head)) == {"typ": "JWT", "alg": "ES256"}
            and _verified(_raw(given["k"]), f"{head}.{claims}".encode(), _raw(signature))
            and self._claimed(json.loads(_raw(claims)), host)
        )

    def _claimed(self, claims: dict[str, object], host: str) -> bool:
        until, now = claims["exp"], self.now or time.time()
        to = urlsplit(str(claims["aud"]))
        return (
            isinstance(until, int) and now < until <= now + A_DAY
            and (to.netloc, to.path) == (host, "")
            and str(claims["sub"]).startswith(("mailto:", "https:"))
        )  # fmt: skip

    def decrypted(self, body: bytes) -> bytes:
        """RFC 8188, 2 and RFC 8291, 3.4: one record, closed by the delimiter of a last one."""
        salt, record, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= record
        shared = self._key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender))
        secret = _expanded(_hash(AUTH, shared), b"WebPush: info\0" + self._point + sender, 32)
        extracted = _hash(salt, secret)
        key = _expanded(extracted, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expanded(extracted, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain.endswith(b"\x02")
        return plain[:-1]


def _verified(point: bytes, signed: bytes, signature: bytes) -> bool:
    """RFC 7518, 3.4: R and S, 32 bytes each."""
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        public.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return len(signature) == 64


def _hash(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _expanded(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, 2.3, for at most one hash."""
    return _hash(key, info + b"\x01")[:length]


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
