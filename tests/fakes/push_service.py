"""A push service and the browser behind it: checks the server's signature, and decrypts as the browser would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.notify.channels.keys import from_base64, url_safe
from services.notify.channels.push_encryption import keys_of, point
from tests.fakes.provider import Asked, answer

AUTH = b"sixteen bytes..."


@dataclass
class Browser:
    """`vapid` is the server's key that the subscription was made for."""

    vapid: str
    received: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = generate_private_key(SECP256R1())

    def subscription(self, url: str) -> str:
        keys = {"p256dh": url_safe(point(self._key.public_key())), "auth": url_safe(AUTH)}
        return json.dumps({"endpoint": f"{url}/push/1", "keys": keys})

    def takes(self, asked: Asked) -> bytes:
        if not self._signed(asked):
            return answer(403)
        if len(asked.body) > 4096:
            return answer(413)
        if not asked.headers["ttl"].isdigit() or asked.headers["content-encoding"] != "aes128gcm":
            return answer(400)
        self.received.append(json.loads(self.decrypted(asked.body)))
        return answer(201, location="/message/1")

    def _signed(self, asked: Asked) -> bool:
        token, _, key = asked.headers["authorization"].removeprefix("vapid t=").partition(", k=")
        public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), from_base64(key) or b"")
        own = f"http://{asked.headers['host']}"
        try:
            jwt.decode(token, public, algorithms=["ES256"], audience=own, options={"require": ["exp", "sub", "aud"]})
        except jwt.InvalidTokenError:
            return False
        return key == self.vapid

    def decrypted(self, body: bytes) -> bytes:
        salt, length = body[:16], body[20]
        sender = body[21 : 21 + length]
        shared = self._key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender))
        info = b"WebPush: info\0" + point(self._key.public_key()) + sender
        key, nonce = keys_of(shared, AUTH, salt, info)
        plain = AESGCM(key).decrypt(nonce, body[21 + length :], None)
        assert plain.endswith(b"\x02")
        return plain[:-1]
