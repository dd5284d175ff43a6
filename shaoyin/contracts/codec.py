"""The one place where the domain's dataclasses become JSON or documents, and are checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import TypeVar, cast

from pydantic import TypeAdapter
from pydantic_core import CoreSchema, SchemaSerializer, SchemaValidator

from shaoyin.domain.events import EVENTS, Event
from shaoyin.domain.registration_events import REGISTRATION_EVENTS, RegistrationEvent

T = TypeVar("T")
TYPES: Mapping[str, type[Event]] = {each.type: each for each in EVENTS}
REGISTRATION_TYPES: Mapping[str, type[RegistrationEvent]] = {each.type: each for each in REGISTRATION_EVENTS}


_ADAPTERS: dict[object, TypeAdapter[object]] = {}
_READERS: dict[object, SchemaValidator] = {}
_WRITERS: dict[object, SchemaSerializer] = {}
_EXCLUDED: dict[object, set[str] | None] = {}
_STAYING: dict[object, frozenset[str]] = {}


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """Writes a value, and describes it; reading is `restored`."""
    known = _ADAPTERS.get(kind)
    if known is None:
        known = _ADAPTERS[kind] = TypeAdapter(kind)
    return cast("TypeAdapter[T]", known)


def staying(kind: type[Event | RegistrationEvent]) -> frozenset[str]:
    """The fields that are stored with the case, or the enrolment, and never travel."""
    known = _STAYING.get(kind)
    if known is None:
        known = _STAYING[kind] = frozenset(each.name for each in fields(kind) if each.metadata.get("stays"))
    return known


def unsaid(kind: type[Event | RegistrationEvent]) -> dict[str, object]:
    """What a reader of news has in place of the notes that stayed at home and have no default: an empty text."""
    home = staying(kind)
    return {each.name: "" for each in fields(kind) if each.name in home and _must_be_given(each)}


def stored(value: object) -> dict[str, object]:
    """A document: native times, nothing left out."""
    document: dict[str, object] = _writer(type(value)).to_python(value)
    return document


def json_of(value: object) -> bytes:
    return _writer(type(value)).to_json(value)


def travelling(event: Event | RegistrationEvent) -> bytes:
    """The JSON of what travels of an event: all but the notes that stay at home."""
    kind = type(event)
    return _writer(kind).to_json(event, exclude=_exclude(kind))


def restored(kind: type[T], document: Mapping[str, object]) -> T:
    """Unknown fields of a newer writer are passed over; wrong ones and times without an offset: ValidationError."""
    return cast("T", _reader(kind).validate_python(document))


def restored_json(kind: type[T], written: bytes) -> T:
    """As `restored`, from JSON."""
    return cast("T", _reader(kind).validate_json(written))


def stored_event(event: Event) -> dict[str, object]:
    return {"type": event.type, **stored(event)}


def restored_event(document: Mapping[str, object]) -> Event:
    kind = TYPES[str(document["type"])]
    return restored(kind, {name: value for name, value in document.items() if name != "type"})


def _writer(kind: type[object]) -> SchemaSerializer:
    known = _WRITERS.get(kind)
    if known is None:
        known = _WRITERS[kind] = adapter(kind).serializer
    return known


def _exclude(kind: type[Event | RegistrationEvent]) -> set[str] | None:
    if kind not in _EXCLUDED:
        _EXCLUDED[kind] = set(staying(kind)) or None
    return _EXCLUDED[kind]


def _reader(kind: type[T]) -> SchemaValidator:
    known = _READERS.get(kind)
    if known is None:
        known = _READERS[kind] = SchemaValidator(cast("CoreSchema", _with_offsets(adapter(kind).core_schema)))
    return known


def _with_offsets(schema: object) -> object:
    """The same schema, in which every time must carry an offset; the domain says `datetime` and means an instant."""
    if isinstance(schema, list):
        return [_with_offsets(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _with_offsets(each) for name, each in schema.items()}
    return inner | {"tz_constraint": "aware"} if schema.get("type") == "datetime" else inner


def _must_be_given(each: Field[object]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING
