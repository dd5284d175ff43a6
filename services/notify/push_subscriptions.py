"""A browser's push subscription as it gives it, checked before it is kept: its keys, its endpoint, its expiry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.addresses import WEB_PUSH
from services.notify.channels.keys import from_base64, url_safe
from services.notify.channels.sender import Said, Sender
from services.notify.channels.web_push import AUTH_BYTES, WebPush, subscription
from services.notify.preferences import Preference, Subscribed
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
IN_MILLISECONDS_AT_MOST = 10**14
Key = Annotated[str, Field(max_length=200)]


class PushKeys(BaseModel):
    p256dh: Key
    auth: Key


class PushSubscription(BaseModel):
    """As `toJSON()` of a browser's subscription gives it (Push API, 8.2); what else a browser adds is left."""

    model_config = ConfigDict(hide_input_in_errors=True)

    endpoint: Annotated[str, Field(min_length=1, max_length=2000)]
    expiration_time: Annotated[float | None, Field(alias="expirationTime", ge=0, le=IN_MILLISECONDS_AT_MOST)] = None
    keys: PushKeys


def web_push_of(senders: Mapping[str, Sender]) -> WebPush:
    """Raises Problem 404 where it is not set up."""
    sender = senders.get(WEB_PUSH)
    if not isinstance(sender, WebPush):
        raise Problem(404, "channel_not_set_up", {"channel": WEB_PUSH})
    return sender


def checked(raw: Mapping[str, object], web_push: WebPush, now: datetime) -> Subscribed:
    """Raises Problem 422, naming the field; no key and no endpoint is repeated."""
    try:
        given = PushSubscription.model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    text = orjson.dumps({"endpoint": given.endpoint, "keys": given.keys.model_dump()}).decode()
    read = subscription(text, inside=web_push.inside)
    if isinstance(read, Said):
        raise invalid([FieldError(_field(read.code, given.keys), read.code)])
    expires_at = _instant(given.expiration_time)
    if expires_at is not None and expires_at <= now:
        raise invalid([FieldError("expirationTime", "subscription_expired")])
    return Subscribed(id_of(given.endpoint), text, expires_at)


def id_of(endpoint: str) -> str:
    """One for each browser; the endpoint, which anybody could send to, cannot be found from it."""
    return url_safe(hashlib.sha256(endpoint.encode()).digest())[:22]


def shown(preference: Preference) -> list[dict[str, str]]:
    """Which browsers, by their push service alone."""
    return [
        {"id": ident, "service": httpx.URL(orjson.loads(text)["endpoint"]).host}
        for ident, text in preference.subscriptions.items()
    ]


def _field(code: str, keys: PushKeys) -> str:
    if code != "subscription_key":
        return "endpoint"
    auth = from_base64(keys.auth)
    return "keys.auth" if auth is None or len(auth) != AUTH_BYTES else "keys.p256dh"


def _instant(milliseconds: float | None) -> datetime | None:
    """DOMHighResTimeStamp since 1970; null for one that does not expire."""
    return None if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)
