"""The one place where the domain's dataclasses become JSON or documents, and are checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter

from shaoyin.domain.events import EVENTS, Event

T = TypeVar("T")
TYPES: Mapping[str, type[Event]] = {each.type: each for each in EVENTS}


@cache
def adapter(kind: type[T]) -> TypeAdapter[T]:
    """The strictness of a reader: unknown fields of a newer writer are passed over, wrong ones are refused."""
    return TypeAdapter(kind)


@cache
def staying(kind: type[object]) -> frozenset[str]:
    """The fields that are stored with the case and never travel."""
    return frozenset(each.name for each in fields(kind) if each.metadata.get("stays"))  # type: ignore[arg-type]


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
