"""Where a matter lies as it was told last, by the report, by a later answer or by a person, and how that was found."""

from __future__ import annotations

from collections.abc import Iterable

from shaoyin.domain import events as ev
from shaoyin.domain.events import Event
from shaoyin.domain.frozen import dataclass

BY_PERSON = "by_person"
"""How a place was found that somebody at a desk said; the rows that ask how are asked as of a known place."""


@dataclass(frozen=True, slots=True)
class Located:
    """`seen` is what was seen in the words or at the point; nothing where a person said it."""

    area: str | None
    how: str
    seen: str = ""


def located(history: Iterable[Event]) -> Located:
    found = Located(None, "unresolved")
    for event in history:
        match event:
            case ev.CaseReported():
                found = Located(event.area, event.place_how, event.place_seen)
            case ev.InfoSupplied() if event.area is not None and event.place_how is not None:
                found = Located(event.area, event.place_how, event.place_seen or "")
            case ev.CaseAccepted() | ev.AreaChanged() if event.area != found.area:
                found = Located(event.area, BY_PERSON)
            case _:
                pass
    return found
