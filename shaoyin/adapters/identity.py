"""Who is calling: a JWT verified against the issuer's keys; in development a built-in issuer signs people in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request

from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Database, store_needed
from shaoyin.adapters.on_behalf import NotOnBehalf, OnBehalf, is_on_behalf
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.settings import Settings

DEV_ISSUER = "shaoyin-development"
VALID_FOR = timedelta(hours=12)
TICKET_FOR = timedelta(seconds=30)
FITTING: Mapping[str, tuple[str, ...]] = {"RSA": ("RS256", "PS256"), "EC": ("ES256",), "OKP": ("EdDSA",)}
"""By the kind of key: a token may not choose a way of signing that its key is not for."""
SEEN_AT_MOST = 10_000


class Keys(Protocol):
    async def person(self, token: str) -> str:
        """The person a token speaks for. Raises Problem `signed_out`."""


def signed_out() -> Problem:
    return Problem(401, "signed_out", headers={"WWW-Authenticate": "Bearer"})


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise signed_out()
    return token.strip()


async def signed_in(request: Request, keys: Keys) -> str:
    """Who calls. Raises Problem: 401, 503 where the issuer's keys cannot be had."""
    token = bearer(request)
    if isinstance(keys, KeysAndTaps) and is_on_behalf(token):
        return keys.tapped(token, f"{request.method} {request.scope['path']}")
    return await keys.person(token)


class KeysAndTaps:
    """The issuer's keys; and beside them, for the one call that it names, what notify signed for a tap on a link."""

    def __init__(self, keys: Keys, on_behalf: OnBehalf) -> None:
        self._keys, self._on_behalf = keys, on_behalf

    async def person(self, token: str) -> str:
        """Of an issuer's token alone: where no call can be compared, a tap counts for nothing."""
        return await self._keys.person(token)

    def tapped(self, token: str, call: str) -> str:
        try:
            return self._on_behalf.person(token, call)
        except NotOnBehalf as wrong:
            raise signed_out() from wrong


class Seen:
    """Tokens that were verified, until they run out: a signature costs more than the rest of a short request.

    Their hashes are kept and not the tokens; `most` of them, the oldest forgotten first.
    """

    def __init__(self, most: int = SEEN_AT_MOST) -> None:
        self._most = most
        self._claims: dict[bytes, tuple[str, float]] = {}

    def person(self, token: str) -> str | None:
        found = self._claims.get(_digest(token))
        return found[0] if found is not None and time.time() < found[1] else None

    def keep(self, token: str, claims: Mapping[str, Any]) -> str:
        """Returns whom it speaks for."""
        if len(self._claims) >= self._most:
            del self._claims[next(iter(self._claims))]
        person = str(claims["sub"])
        self._claims[_digest(token)] = (person, float(claims["exp"]))
        return person

    def forget(self) -> None:
        self._claims.clear()


def _digest(token: str) -> bytes:
    return hashlib.blake2b(token.encode(errors="replace"), digest_size=32).digest()


def claims_of(token: str, key: Any, algorithms: Sequence[str], issuer: str, audience: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(
            token, key, algorithms=list(algorithms), issuer=issuer, audience=audience,
            options={"require": ["exp", "sub", "iss", "aud"]},
        )  # fmt: skip
    except (jwt.PyJWTError, TypeError, ValueError) as wrong:
        raise signed_out() from wrong


class DevIssuer:
    """Signs anybody of the demonstration in, and verifies what it signed. Its key is shared through the development
    database, so that three processes agree. It does not exist in production.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        if settings.production:
            raise ValueError("the development issuer does not exist in production")
        self._database, self._clock = database, clock
        self._audience = settings.oidc_audience
        self._key: Ed25519PrivateKey | None = None
        self._seen = Seen()

    async def sign(self, person: str) -> str:
        now = self._clock.now()
        claims = {"sub": person, "iss": DEV_ISSUER, "aud": self._audience, "iat": now, "exp": now + VALID_FOR}
        return jwt.encode(claims, await self._shared(), algorithm="EdDSA")

    async def person(self, token: str) -> str:
        seen = self._seen.person(token)
        if seen is not None:
            return seen
        key = (await self._shared()).public_key()
        return self._seen.keep(token, claims_of(token, key, FITTING["OKP"], DEV_ISSUER, self._audience))

    @store_needed()
    async def _shared(self) -> Ed25519PrivateKey:
        if self._key is None:
            new = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            keys = self._database["keys"]
            await keys.update_one({"_id": "issuer"}, {"$setOnInsert": {"pem": new}}, upsert=True)
            found = await keys.find_one({"_id": "issuer"})
            assert found is not None
            key = serialization.load_pem_private_key(bytes(found["pem"]), password=None)
            assert isinstance(key, Ed25519PrivateKey)
            self._key = key
        return self._key


def on_behalf_of(settings: Settings) -> OnBehalf:
    """Raises ValueError where `Settings.checked` was gone round and there is no shared secret."""
    secret = settings.service_token
    return OnBehalf(secret.get_secret_value() if secret is not None else "", settings.oidc_audience)


def ticket(person: str, key: bytes, now: datetime) -> str:
    """A short-lived word for opening a stream, where a header cannot be sent (mechanics 36)."""
    claims = json.dumps([person, int((now + TICKET_FOR).timestamp())]).encode()
    return f"{_text(claims)}.{_text(hmac.digest(key, claims, hashlib.sha256))}"


def read_ticket(said: str, key: bytes, now: datetime) -> str:
    claims, _, sign = said.partition(".")
    try:
        told = base64.urlsafe_b64decode(claims.encode() + b"==")
        given = base64.urlsafe_b64decode(sign.encode() + b"==")
    except ValueError as wrong:
        raise signed_out() from wrong
    if not hmac.compare_digest(given, hmac.digest(key, told, hashlib.sha256)):
        raise signed_out()
    person, expires = json.loads(told)
    if now.timestamp() > int(expires):
        raise signed_out()
    return str(person)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
