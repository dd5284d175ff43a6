"""A token by which one service gives one command for a person who confirmed it by a link: for that call, a minute.

It is signed with a key made of the services' shared secret, and said to be what it is in its head (RFC 8725, 3.11), so
neither it nor an issuer's token is ever taken for the other. Whoever sees one can only repeat the call that it names.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import jwt

TYPE = "shaoyin-on-behalf+jwt"
ISSUER = "shaoyin-notify"
ALGORITHM = "HS256"
VALID_FOR = timedelta(seconds=60)
AHEAD = timedelta(seconds=10)
"""By which two machines' clocks may differ."""
_PURPOSE = b"shaoyin on behalf 1"


class NotOnBehalf(Exception):  # noqa: N818 - said of the token
    """Forged, too old, or of another call."""


def is_on_behalf(token: str) -> bool:
    """Whether it says so of itself; nothing of it is believed yet."""
    try:
        return jwt.get_unverified_header(token).get("typ") == TYPE
    except jwt.PyJWTError:
        return False


class OnBehalf:
    """`service_token` is the services' shared secret, `audience` the product's, as in an issuer's tokens."""

    def __init__(self, service_token: str, audience: str) -> None:
        if not service_token:
            raise ValueError("without a shared secret nobody can be believed")
        self._key = hmac.digest(service_token.encode(), _PURPOSE, "sha256")
        self._audience = audience

    def sign(self, person: str, call: str, alert_id: str, now: datetime) -> str:
        """`call` is method and path, as in `POST /api/cases/c1/commands/sign_for`. `act` as RFC 8693, 4.1 has it."""
        claims = {
            "sub": person, "call": call, "act": {"sub": ISSUER}, "alert_id": alert_id, "iss": ISSUER,
            "aud": self._audience, "iat": now, "exp": now + VALID_FOR,
        }  # fmt: skip
        return jwt.encode(claims, self._key, ALGORITHM, {"typ": TYPE})

    def person(self, token: str, call: str) -> str:
        """Whom it speaks for in that call. Raises NotOnBehalf."""
        if not is_on_behalf(token):
            raise NotOnBehalf
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[ALGORITHM], issuer=ISSUER, audience=self._audience,
                leeway=AHEAD, options={"require": ["exp", "iat", "sub", "iss", "aud", "call", "act"]},
            )  # fmt: skip
        except jwt.PyJWTError as wrong:
            raise NotOnBehalf from wrong
        lasts = timedelta(seconds=claims["exp"] - claims["iat"])
        if claims["call"] != call or claims["act"] != {"sub": ISSUER} or lasts > VALID_FOR:
            raise NotOnBehalf
        return str(claims["sub"])
