"""A line of a list: what is shown of a case and who may see it, kept beside its history, so that no list replays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from services.router.visible import Readers, readers_of
from shaoyin.contracts.codec import stored
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import Running

Document = dict[str, object]
View = dict[str, object]
ROW = "row"
SHOWN = (
    "number", "version", "pack", "state", "urgency", "category", "supervision", "received_at", "next_due_at",
    "result_due_at", ROW,
)  # fmt: skip
"""What a line needs of a document."""


@dataclass(frozen=True, slots=True)
class Listed:
    """`listed_at` is the date by which an open case is listed: the first of its running clocks, else its receipt."""

    case_id: str
    pack: str
    readers: Readers
    received_at: datetime
    listed_at: datetime
    view: View


def row_of(case: Case) -> Document:
    """What the fields that lists ask for do not say already."""
    readers = readers_of(case)
    return {
        "area": case.area, "owner": stored(case.owner), "clocks": [clock_row(each) for each in case.clocks.values()],
        "parts": sorted(readers.parts), "persons": sorted(readers.persons),
    }  # fmt: skip


def clock_row(each: Running) -> Document:
    deadline = each.deadline
    return {
        "clock": deadline.clock, "due_at": deadline.due_at, "met_at": each.met_at,
        "provisional": deadline.provisional, "overdue": each.announced > 0,
    }  # fmt: skip


def listed_from(document: Mapping[str, Any]) -> Listed:
    """Enough to choose from, nothing to read at length."""
    row, received_at = document[ROW], document["received_at"]
    readers = Readers(row["area"], document["category"], frozenset(row["parts"]), frozenset(row["persons"]))
    view = {
        "case_id": document["_id"], "number": document["number"], "version": document["version"],
        "community": document["pack"], "state": document["state"], "urgency": document["urgency"],
        "category": document["category"], "area": row["area"], "owner": row["owner"],
        "supervision": document["supervision"], "received_at": received_at, "due_at": document["next_due_at"],
        "clocks": row["clocks"],
    }  # fmt: skip
    listed_at = cast("datetime", document["result_due_at"] or received_at)
    return Listed(str(document["_id"]), str(document["pack"]), readers, received_at, listed_at, view)
