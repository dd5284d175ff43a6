"""How a delivery travels on `shaoyin.deliveries.v1`: that somebody was told, how and with what outcome; never who.

An event's id is `<alert id>:<channel>:<try>`, so a repeat is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from shaoyin.contracts.codec import restored
from shaoyin.contracts.envelope import JSON, Carried, Unreadable, Written
from shaoyin.domain.frozen import dataclass

TRIED = "delivery.tried"
Outcome = Literal["delivered", "accepted", "retry", "failed"]
"""delivered: the channel confirmed that the person has it. accepted: the provider took it, and has said no more."""


@dataclass(frozen=True, slots=True)
class DeliveryTried:
    """One try of one alert on one channel. `post` is None where a member was called as a person, who stays unnamed.

    What a provider says of it later, by its receipt, is the next try of the channel though nothing went out again.
    It is about a case or about an enrolment: one of `case_id` and `registration_id` is given. `code` says why; with
    `retry`, `next_at` is when it will be tried again.
    """

    alert_id: str
    event_id: str
    case_id: str | None
    kind: str
    post: str | None
    channel: str
    attempt: int
    at: datetime
    outcome: Outcome
    code: str
    next_at: datetime | None = None
    registration_id: str | None = None


def write_delivery(tried: DeliveryTried) -> Written:
    about = tried.case_id or tried.registration_id or tried.alert_id
    meta = (
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{tried.alert_id}:{tried.channel}:{tried.attempt}".encode()),
        ("ce_source", b"/shaoyin/notify"),
        ("ce_type", TRIED.encode()),
        ("ce_time", tried.at.isoformat().encode()),
        ("ce_subject", about.encode()),
        ("content-type", JSON),
    )
    return Written(about.encode(), to_json(tried), meta)


def read_delivery(message: Carried) -> DeliveryTried:
    """Raises Unreadable: another type of event, not JSON, a field that is missing or wrong."""
    kind = dict(message.headers).get("ce_type", b"").decode(errors="replace")
    if kind != TRIED:
        raise Unreadable("unknown_type", kind)
    try:
        return restored(DeliveryTried, _object(message.value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unreadable("wrong_field", f"{where}: {first['msg']}") from error


def _object(value: bytes) -> Mapping[str, object]:
    try:
        body = from_json(value)
    except ValueError as error:
        raise Unreadable("not_json", str(error)) from error
    if not isinstance(body, dict):
        raise Unreadable("not_an_object")
    return body
