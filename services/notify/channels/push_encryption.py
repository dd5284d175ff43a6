"""A Web Push payload that only the browser of the subscription can read: RFC 8291 on aes128gcm of RFC 8188."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD: Final = 4096
PLAIN_AT_MOST: Final = 3993
"""Bytes (RFC 8291, 4): a push service need not take a body over 4096."""


def point(key: EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypted(
    plain: bytes,
    receiver: EllipticCurvePublicKey,
    auth: bytes,
    *,
    salt: bytes | None = None,
    sender: EllipticCurvePrivateKey | None = None,
) -> bytes:
    """One record. `salt` and `sender` are fresh for every message; only the RFC's example fixes them."""
    salt = salt or secrets.token_bytes(16)
    sender = sender or generate_private_key(SECP256R1())
    own = point(sender.public_key())
    key, nonce = keys_of(sender.exchange(ECDH(), receiver), auth, salt, b"WebPush: info\0" + point(receiver) + own)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(own)]) + own
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def keys_of(shared: bytes, auth: bytes, salt: bytes, info: bytes) -> tuple[bytes, bytes]:
    """The content key and the nonce of the only record."""
    secret = HKDF(SHA256(), 32, auth, info).derive(shared)
    key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
    return key, HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
