"""What a resident told us. Nobody's identity is in it: that stays in intake's vault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from shaoyin.domain.frozen import dataclass

Secrecy = Literal["open", "confidential", "anonymous"]
Origin = Literal["reported", "discovered", "campaign", "derived", "transferred_in"]
Answer = bool | int | str | tuple[str, ...]
Crs = Literal["WGS84", "GCJ02", "BD09"]

DESCRIPTION_AT_MOST = 4000
"""Characters; mechanics: one limit for the form, the API and Open311."""


@dataclass(frozen=True, slots=True)
class Point:
    """A coordinate always says its reference system (domain 6.8)."""

    lng: float
    lat: float
    crs: Crs


@dataclass(frozen=True, slots=True)
class PlaceGiven:
    """Where, as the reporter said it; none of the four where a desk took down what cannot wait, or its own (row 22)."""

    area: str | None = None
    building: str | None = None
    text: str | None = None
    point: Point | None = None

    @property
    def said(self) -> bool:
        return bool(self.area or self.building or self.text or self.point)


@dataclass(frozen=True, slots=True)
class Shown:
    """A number that was shown to the reporter at once, and the words beside it."""

    number: str
    say: str


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it travels on `shaoyin.reports.v1`; free text has lost names and phones before (mechanics 8).

    `taken_by` is the post that took it down by another door than the public form.
    """

    report_id: str
    community: str
    pack_version: str
    description: str
    place: PlaceGiven
    received_at: datetime
    reporter_ref: str | None = None
    secrecy: Secrecy = "open"
    category: str | None = None
    origin: Origin = "reported"
    channel: str = "form"
    occurred_at: datetime | None = None
    on_behalf: bool = False
    answers: Mapping[str, Answer] | None = None
    emergency_shown: tuple[Shown, ...] = ()
    attachments: tuple[str, ...] = ()
    opened_from: str | None = None
    taken_by: str | None = None
    also_reporters: tuple[tuple[str, Secrecy], ...] = ()


Wish = Literal["info", "rate", "reopen", "withdraw", "urge", "dispute", "secrecy"]
"""What a reporter may ask of an existing case (mechanics 3)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a reporter asks of an existing case, stored by intake and answered by exactly one event (mechanics 3).

    Each wish has its own fields: `rate` solved and satisfaction, `secrecy` the new level, `info` answers and place;
    `text` is what the reporter wrote.
    """

    request_id: str
    report_id: str
    asked: Wish
    requested_at: datetime
    reporter_ref: str
    text: str | None = None
    solved: Literal["solved", "partly_solved", "unsolved"] | None = None
    satisfaction: Literal["satisfied", "fairly_satisfied", "dissatisfied", "not_rated"] | None = None
    secrecy: Literal["confidential", "anonymous"] | None = None
    answers: Mapping[str, Answer] | None = None
    place: PlaceGiven | None = None
    attachments: tuple[str, ...] = ()


def case_id_of(report_id: str) -> str:
    """A repeat of a report meets the same case document, because the ids are made from one another."""
    return f"c{report_id.removeprefix('r')}"


def report_id_of(case_id: str) -> str:
    return f"r{case_id.removeprefix('c')}"
