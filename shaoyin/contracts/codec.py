"""The one place where the domain's dataclasses become JSON or documents, and are checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar, cast

from pydantic import TypeAdapter

from shaoyin.domain.events import EVENTS, Event

T = TypeVar("T")
TYPES: Mapping[str, type[Event]] = {each.type: each for each in EVENTS}


_ADAPTERS: dict[object, TypeAdapter[object]] = {}
_STAYING: dict[object, frozenset[str]] = {}


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """The strictness of a reader: unknown fields of a newer writer are passed over, wrong ones are refused."""
    known = _ADAPTERS.get(kind)
    if known is None:
        known = _ADAPTERS[kind] = TypeAdapter(kind)
    return cast("TypeAdapter[T]", known)


def staying(kind: type[Event]) -> frozenset[str]:
    """The fields that are stored with the case and never travel."""
    known = _STAYING.get(kind)
    if known is None:
        known = _STAYING[kind] = frozenset(each.name for each in fields(kind) if each.metadata.get("stays"))
    return known


def stored(value: object) -> dict[str, object]:
    """A document: native times, nothing left out."""
    document: dict[str, object] = adapter(type(value)).dump_python(value)
    return document


def restored(kind: type[T], document: Mapping[str, object]) -> T:
    return adapter(kind).validate_python(document)


def stored_event(event: Event) -> dict[str, object]:
    return {"type": event.type, **stored(event)}


def restored_event(document: Mapping[str, object]) -> Event:
    kind = TYPES[str(document["type"])]
    return restored(kind, {name: value for name, value in document.items() if name != "type"})
