"""Reads news that lies there exactly as our router writes it, straight from its bytes; whatever else is read slowly.

The events of one decision carry the same bytes as header, so a batch reads each header once.
"""

from __future__ import annotations

import re

from pydantic import ValidationError
from pydantic_core import to_json

from shaoyin.contracts.codec import restored_json, staying, unsaid
from shaoyin.domain.events import Event
from shaoyin.domain.header import Header

Headers = dict[bytes, Header]
"""Those that were read before, by their bytes."""
HEADER, DATA, END, ESCAPE = b'{"header":', b',"data":', b"}", rb"\u"
_NOTES: dict[type[Event], tuple[re.Pattern[bytes] | None, bytes]] = {}


def read_as_written(kind: type[Event], value: bytes, headers: Headers) -> tuple[Header, Event] | None:
    """None where it is anything but `{"header":…,"data":…}`, or not right: then the other way finds out why.

    Two pieces that are both JSON can only be the two that were put together.
    """
    begins, ends = len(HEADER), value.find(DATA)
    if ends < 0 or not value.startswith(HEADER) or not value.endswith(END):
        return None
    try:
        event = _event(kind, value[ends + len(DATA) : -len(END)])
        return None if event is None else (_header(value[begins:ends], headers), event)
    except ValidationError:
        return None


def _header(written: bytes, headers: Headers) -> Header:
    known = headers.get(written)
    if known is None:
        known = headers[written] = restored_json(Header, written)
    return known


def _event(kind: type[Event], data: bytes) -> Event | None:
    """A note is never taken from the wire: what even looks like one is left to the other way."""
    note, instead = _notes(kind)
    if note is not None and (ESCAPE in data or note.search(data)):
        return None
    return restored_json(kind, data[: -len(END)] + instead if instead else data)


def _notes(kind: type[Event]) -> tuple[re.Pattern[bytes] | None, bytes]:
    """How the name of a note would be written, and the end of an object that has empty texts in place of them."""
    known = _NOTES.get(kind)
    if known is None:
        home, missing = staying(kind), unsaid(kind)
        note = re.compile(rf'"(?:{"|".join(sorted(home))})"\s*:'.encode()) if home else None
        known = _NOTES[kind] = (note, b"," + to_json(missing)[1:] if missing else b"")
    return known
