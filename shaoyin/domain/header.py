"""The public facts of a case after a decision; every event carries them, so that a reader needs no second look-up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shaoyin.domain.call import Whistle
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import Running
from shaoyin.domain.events import CaseState, Event, Grade, OfWhistle, Party, ResponderState, WhistleState
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Secrecy


@dataclass(frozen=True, slots=True)
class ClockSeen:
    clock: str
    due_at: datetime
    met_at: datetime | None
    provisional: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class ResponderSeen:
    responder: str
    post: str | None
    org: str | None
    state: ResponderState


@dataclass(frozen=True, slots=True)
class WhistleSeen:
    whistle_id: str
    type: str
    tier: str
    state: WhistleState
    blower: str
    places: int | None
    starts_at: datetime | None
    responders: tuple[ResponderSeen, ...]


@dataclass(frozen=True, slots=True)
class ReporterSeen:
    """A reporter's reference and how many words went out to it; readable by intake alone, who knows whose it is."""

    ref: str
    secrecy: Secrecy
    answered: bool


@dataclass(frozen=True, slots=True)
class Header:
    case_id: str
    report_id: str
    version: int
    number: str | None
    pack: str
    pack_version: str
    area: str | None
    category: str | None
    urgency: Urgency
    state: CaseState
    owner: Party
    main: Party | None
    co: tuple[Party, ...]
    informed: tuple[Party, ...]
    supervision: Grade | None
    hard: bool
    outcome: str | None
    clocks: tuple[ClockSeen, ...]
    whistles: tuple[WhistleSeen, ...]
    reporters: tuple[ReporterSeen, ...]


def header(case: Case, decided: Iterable[Event]) -> Header:
    """The facts after a decision, with the whistles that it touched."""
    touched = dict.fromkeys(event.whistle_id for event in decided if isinstance(event, OfWhistle))
    return Header(
        case_id=case.case_id, report_id=case.report_id, version=case.version, number=case.number, pack=case.pack,
        pack_version=case.pack_version, area=case.area, category=case.category, urgency=case.urgency, state=case.state,
        owner=case.owner, main=case.main, co=case.co, informed=case.informed, supervision=case.supervision,
        hard=case.hard, outcome=case.outcome,
        clocks=tuple(_clock(each) for each in case.clocks.values() if _shown(each)),
        whistles=tuple(_whistle(case.whistles[name]) for name in touched),
        reporters=tuple(ReporterSeen(each.ref, each.secrecy, each.answer is not None) for each in case.reporters),
    )  # fmt: skip


def _shown(clock: Running) -> bool:
    """Running, overdue or met; a clock that was stopped unmet is nobody's concern any more."""
    return clock.met_at is not None or clock.look_at is not None or clock.announced > 0


def _clock(clock: Running) -> ClockSeen:
    deadline = clock.deadline
    return ClockSeen(deadline.clock, deadline.due_at, clock.met_at, deadline.provisional, clock.announced > 0)


def _whistle(whistle: Whistle) -> WhistleSeen:
    responders = tuple(
        ResponderSeen(each.responder, each.party.post, each.party.org, each.state)
        for each in whistle.responders.values()
    )
    return WhistleSeen(
        whistle.whistle_id, whistle.type, whistle.tier, whistle.state, whistle.blower, whistle.places,
        whistle.starts_at, responders,
    )  # fmt: skip
