"""How facts travel: CloudEvents 1.0 in Kafka's binary mode. Headers say what it is, the value is the JSON of it.

Source: CloudEvents 1.0.2, Kafka protocol binding 3.2. An event's id is `<case id>:<number>`, so a repeat is recognised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Literal, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from shaoyin.contracts.as_written import Headers, read_as_written
from shaoyin.contracts.codec import TYPES, json_of, restored, restored_json, staying, travelling, unsaid
from shaoyin.domain.events import Event
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.header import Header
from shaoyin.domain.registration_events import RegistrationEvent
from shaoyin.domain.report import Report, Request

T = TypeVar("T")
JSON = b"application/json; charset=utf-8"
REPORT = "report.received"
REQUEST = "report.request"
REPLAY = "replay.asked"
_ID = re.compile(r".+:([1-9][0-9]{0,17})", re.ASCII | re.DOTALL)


class Unreadable(Exception):  # noqa: N818 - it is the message that cannot be read; its reason goes to the dead letters
    """A message that no retry will make readable; `reason` is a stable code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Carried(Protocol):
    """What a bus hands over, as far as this page needs it."""

    @property
    def value(self) -> bytes: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


@dataclass(frozen=True, slots=True)
class Written:
    """A message ready for the bus: key, headers and value."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class CaseNews:
    """One event of a case with the public facts after its decision."""

    event_id: str
    seq: int
    header: Header
    event: Event


@dataclass(frozen=True, slots=True)
class ReplayAsked:
    """A reader whose broker was replaced asks for everything since an instant (mechanics 15)."""

    reader: Literal["intake", "notify"]
    since: datetime


def event_id(case_id: str, seq: int) -> str:
    return f"{case_id}:{seq}"


def write_news(case_id: str, seq: int, event: Event, header: bytes) -> Written:
    """`header` is the JSON of the decision's header, made once for all its events."""
    value = b'{"header":' + header + b',"data":' + travelling(event) + b"}"
    meta = headers_of(event_id(case_id, seq), event.type, "/shaoyin/router", event.at, case_id)
    return Written(case_id.encode(), value, meta)


def header_json(header: Header) -> bytes:
    return json_of(header)


def read_news(message: Carried, headers: Headers | None = None) -> CaseNews:
    """Raises Unreadable: not JSON, an unknown type, a field that is missing or wrong.

    Whoever reads many gives the same `headers` with each, so that a decision's header is read once.
    """
    meta = headers_in(message)
    kind = TYPES.get(meta["ce_type"])
    if kind is None:
        raise Unreadable("unknown_type", meta["ce_type"])
    at_once = read_as_written(kind, message.value, {} if headers is None else headers)
    if at_once is not None:
        return CaseNews(meta["ce_id"], number_in(meta["ce_id"]), *at_once)
    body = object_in(message.value)
    seq = number_in(meta["ce_id"])
    event = checked(kind, without_notes(kind, body.get("data")))
    return CaseNews(meta["ce_id"], seq, checked(Header, body.get("header")), event)


def number_in(ident: str) -> int:
    """The event's number, at the end of its id."""
    numbered = _ID.fullmatch(ident)
    if numbered is None:
        raise Unreadable("bad_id", ident)
    return int(numbered[1])


def write_report(report: Report) -> Written:
    meta = headers_of(report.report_id, REPORT, "/shaoyin/intake", report.received_at, report.report_id)
    return Written(report.report_id.encode(), to_json(report), meta)


def write_request(request: Request) -> Written:
    meta = headers_of(request.request_id, REQUEST, "/shaoyin/intake", request.requested_at, request.report_id)
    return Written(request.report_id.encode(), to_json(request), meta)


def read_report(message: Carried) -> Report | Request:
    """Raises Unreadable, as `read_news`."""
    kind = headers_in(message)["ce_type"]
    if kind == REPORT:
        try:
            return restored_json(Report, message.value)
        except ValidationError:  # the other way says what is wrong
            return checked(Report, object_in(message.value))
    if kind == REQUEST:
        return checked(Request, object_in(message.value))
    raise Unreadable("unknown_type", kind)


def write_replay(asked: ReplayAsked) -> Written:
    meta = headers_of(
        f"{asked.reader}:{asked.since.isoformat()}", REPLAY, f"/shaoyin/{asked.reader}", asked.since, asked.reader
    )
    return Written(asked.reader.encode(), to_json(asked), meta)


def read_replay(message: Carried) -> ReplayAsked:
    """Raises Unreadable, as `read_news`."""
    kind = headers_in(message)["ce_type"]
    if kind != REPLAY:
        raise Unreadable("unknown_type", kind)
    return checked(ReplayAsked, object_in(message.value))


def headers_of(ident: str, kind: str, source: str, at: datetime, subject: str) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", ident.encode()),
        ("ce_source", source.encode()),
        ("ce_type", kind.encode()),
        ("ce_time", _written(at, at.tzinfo)),
        ("ce_subject", subject.encode()),
        ("content-type", JSON),
    )


@lru_cache(maxsize=1024)
def _written(at: datetime, _offset: tzinfo | None) -> bytes:
    """The events of a batch happened at one instant; the same one with another offset is written otherwise."""
    return at.isoformat().encode()


def headers_in(message: Carried) -> Mapping[str, str]:
    try:
        meta = {name: value.decode() for name, value in message.headers}
    except UnicodeDecodeError as error:
        raise Unreadable("bad_header") from error
    for name in ("ce_id", "ce_type", "ce_specversion"):
        if name not in meta:
            raise Unreadable("header_missing", name)
    if meta["ce_specversion"] != "1.0":
        raise Unreadable("unknown_specversion", meta["ce_specversion"])
    return meta


def without_notes(kind: type[Event | RegistrationEvent], data: object) -> object:
    """A note is never taken from the wire, whoever wrote it there."""
    home = staying(kind)
    if not home or not isinstance(data, dict):
        return data
    return {name: value for name, value in data.items() if name not in home} | unsaid(kind)


def object_in(value: bytes) -> Mapping[str, object]:
    try:
        body = from_json(value)
    except ValueError as error:
        raise Unreadable("not_json", str(error)) from error
    if not isinstance(body, dict):
        raise Unreadable("not_an_object")
    return body


def checked(kind: type[T], body: object) -> T:
    if not isinstance(body, dict):
        raise Unreadable("not_an_object")
    try:
        return restored(kind, body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unreadable("wrong_field", f"{where}: {first['msg']}") from error
