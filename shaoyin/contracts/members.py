"""How the news of enrolments travels on `shaoyin.members.v1`, and how it is stored.

An event's id is `<registration id>:<number>`, so a repeat is recognised. Days are stored as their text: the store keeps
instants only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shaoyin.contracts.codec import REGISTRATION_TYPES, json_of, restored, stored, travelling
from shaoyin.contracts.envelope import (
    Carried,
    Unreadable,
    Written,
    checked,
    event_id,
    headers_in,
    headers_of,
    number_in,
    object_in,
    without_notes,
)
from shaoyin.domain.registration import EnrolmentSeen
from shaoyin.domain.registration_events import RegistrationEvent


@dataclass(frozen=True, slots=True)
class MemberNews:
    """One event of an enrolment with the public facts after its decision."""

    event_id: str
    seq: int
    header: EnrolmentSeen
    event: RegistrationEvent


def write_member_news(seq: int, event: RegistrationEvent, header: EnrolmentSeen) -> Written:
    ident = header.registration_id
    value = b'{"header":' + json_of(header) + b',"data":' + travelling(event) + b"}"
    meta = headers_of(event_id(ident, seq), event.type, "/shaoyin/router", event.at, ident)
    return Written(ident.encode(), value, meta)


def read_member_news(message: Carried) -> MemberNews:
    """Raises Unreadable: not JSON, an unknown type, a field that is missing or wrong."""
    meta = headers_in(message)
    kind = REGISTRATION_TYPES.get(meta["ce_type"])
    if kind is None:
        raise Unreadable("unknown_type", meta["ce_type"])
    body = object_in(message.value)
    seq = number_in(meta["ce_id"])
    event = checked(kind, without_notes(kind, body.get("data")))
    return MemberNews(meta["ce_id"], seq, checked(EnrolmentSeen, body.get("header")), event)


def stored_registration_event(event: RegistrationEvent) -> dict[str, object]:
    plain = {name: str(value) if type(value) is date else value for name, value in stored(event).items()}
    return {"type": event.type, **plain}


def restored_registration_event(document: Mapping[str, object]) -> RegistrationEvent:
    kind = REGISTRATION_TYPES[str(document["type"])]
    return restored(kind, {name: value for name, value in document.items() if name != "type"})
