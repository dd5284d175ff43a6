"""A key for Web Push, and subscriptions as browsers give them."""

from __future__ import annotations

import json
import secrets

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from services.notify.channels.keys import url_safe
from services.notify.channels.push_encryption import point


def a_key() -> str:
    """A private key on P-256, as SHAOYIN_WEB_PUSH_KEY takes it."""
    return url_safe(generate_private_key(SECP256R1()).private_numbers().private_value.to_bytes(32, "big"))


def a_subscription(endpoint: str) -> str:
    """Nobody can read what is sent to it: the browser's private key is thrown away."""
    keys = {
        "p256dh": url_safe(point(generate_private_key(SECP256R1()).public_key())),
        "auth": url_safe(secrets.token_bytes(16)),
    }
    return json.dumps({"endpoint": endpoint, "keys": keys})
