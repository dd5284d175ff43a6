"""The public facts of a case after a decision; every event carries them, so that a reader needs no second look-up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shaoyin.domain.call import Whistle
from shaoyin.domain.calling import EMERGENCY
from shaoyin.domain.case import Case, Order
from shaoyin.domain.clocks import Running
from shaoyin.domain.events import (
    CaseState,
    Event,
    Grade,
    OfWhistle,
    Party,
    Publication,
    ResponderState,
    WhistleState,
)
from shaoyin.domain.frozen import dataclass
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
    from_case: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimantSeen:
    """Who claimed a place. Readable by notify alone, who tells that person; nobody else is shown it (2.34)."""

    person: str
    lead: bool


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as everybody may see it; the task only where the orderer agreed to publish it (decisions 2.34)."""

    publication: Publication
    task: str | None
    places: int
    free: int
    agreed_at: datetime | None
    window_until: datetime
    claims: int
    claimants: tuple[ClaimantSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class PartSeen:
    """A co-handler's date: of a post, or of a person who took a further place."""

    post: str | None
    person: str | None
    due_at: datetime
    met_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What has a default came with a later version: a header of an older writer is read without it."""

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
    order: OrderSeen | None = None
    parts: tuple[PartSeen, ...] = ()
    merged_into: str | None = None
    opened_from: str | None = None
    disputed: bool = False
    hazard: bool = False
    supervisor: str | None = None
    emergency: bool = False


def header(case: Case, decided: Iterable[Event]) -> Header:
    """The facts after a decision, with the whistles that it touched."""
    decided = tuple(decided)
    touched = dict.fromkeys(event.whistle_id for event in decided if isinstance(event, OfWhistle))
    return Header(
        case_id=case.case_id, report_id=case.report_id, version=case.version, number=case.number, pack=case.pack,
        pack_version=case.pack_version, area=case.area, category=case.category, urgency=case.urgency, state=case.state,
        owner=case.owner, main=case.main, co=case.co, informed=case.informed, supervision=case.supervision,
        hard=case.hard, outcome=case.outcome,
        clocks=tuple(_clock(each) for each in case.clocks.values() if _shown(each)),
        whistles=tuple(_whistle(case.whistles[name]) for name in touched),
        reporters=tuple(
            ReporterSeen(each.ref, each.secrecy, each.answer is not None, each.from_case) for each in case.reporters
        ),
        order=None if case.order is None else _order(case.order),
        parts=tuple(_part(name, each, case) for name, each in case.parts.items() if each.stopped_at is None),
        merged_into=case.merged_into, opened_from=case.opened_from, disputed=case.disputed, hazard=case.hazard,
        supervisor=case.supervisor,
        emergency=any(each.type == EMERGENCY and not each.ended for each in case.whistles.values()),
    )  # fmt: skip


def _shown(clock: Running) -> bool:
    """Running, overdue or met; a clock that rests or was stopped unmet is nobody's date now."""
    return clock.met_at is not None or (clock.runs and (clock.look_at is not None or clock.announced > 0))


def _clock(clock: Running) -> ClockSeen:
    deadline = clock.deadline
    return ClockSeen(deadline.clock, deadline.due_at, clock.met_at, deadline.provisional, clock.announced > 0)


def _order(order: Order) -> OrderSeen:
    return OrderSeen(
        publication=order.publication, task=None if order.publication == "category_only" else order.task,
        places=order.places, free=order.free, agreed_at=order.agreed_at, window_until=order.window_until,
        claims=len(order.claims), claimants=tuple(ClaimantSeen(each.person, each.lead) for each in order.claims),
    )  # fmt: skip


def _part(name: str, clock: Running, case: Case) -> PartSeen:
    person = name if any(each.person == name for each in case.co) else None
    return PartSeen(None if person else name, person, clock.deadline.due_at, clock.met_at, clock.announced > 0)


def _whistle(whistle: Whistle) -> WhistleSeen:
    responders = tuple(
        ResponderSeen(each.responder, each.party.post, each.party.org, each.state)
        for each in whistle.responders.values()
    )
    return WhistleSeen(
        whistle.whistle_id, whistle.type, whistle.tier, whistle.state, whistle.blower, whistle.places,
        whistle.starts_at, responders,
    )  # fmt: skip
