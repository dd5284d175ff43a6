"""A whistle inside a case, and each of its responders: what is true after the events so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.clocks import Clocks, met, started, stopped
from shaoyin.domain.copied import replace
from shaoyin.domain.events import Party, ResponderState, WhistleState
from shaoyin.domain.pack import Tier


@dataclass(frozen=True)
class Responder:
    responder: str
    party: Party
    state: ResponderState
    clocks: Clocks = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    arrived_at: datetime | None = None
    result_at: datetime | None = None
    mark: ev.Mark | None = None

    @property
    def is_person(self) -> bool:
        return self.party.post is None


@dataclass(frozen=True)
class Whistle:
    """A call to others inside a case; the whistle and each of its responders have a life of their own."""

    whistle_id: str
    type: str
    tier: Tier
    state: WhistleState
    blower: str
    blocking: bool
    area: str
    task: str
    asked: tuple[str, ...]
    responder_type: str | None
    requested_at: datetime
    lead: str | None = None
    places: int | None = None
    place: str | None = None
    starts_at: datetime | None = None
    dangerous: bool = False
    linked_to: str | None = None
    approvers: tuple[str, ...] = ()
    responders: Mapping[str, Responder] = field(default_factory=dict)
    tasks: tuple[ev.PlannedTask, ...] = ()
    tasks_done: frozenset[int] = frozenset()
    clocks: Clocks = field(default_factory=dict)

    @property
    def holds_the_case(self) -> bool:
        return self.blocking and self.state in ("requested", "blown", "working", "result_in", "rated")

    @property
    def ended(self) -> bool:
        return self.state in ("closed", "declined", "cancelled", "upgraded")


def requested(event: ev.WhistleRequested) -> Whistle:
    return Whistle(
        whistle_id=event.whistle_id, type=event.whistle_type, tier=event.tier, state="requested", blower=event.blower,
        blocking=event.blocking, area=event.area, task=event.task, asked=event.responders,
        responder_type=event.responder_type, requested_at=event.at, lead=event.lead, places=event.places,
        place=event.place, starts_at=event.starts_at, dangerous=event.dangerous, linked_to=event.linked_to,
        approvers=event.approvers, clocks=started({}, event.deadlines),
    )  # fmt: skip


def whistle_after(
    whistle: Whistle,
    event: ev.WhistleBlown | ev.WhistleDeclined | ev.WhistleAcknowledged | ev.WhistleWaitListed | ev.WhistleContacted
    | ev.WhistleArrived | ev.PlanAgreed | ev.ResponseSubmitted | ev.ResponderAbsent | ev.WhistleRated | ev.WhistleClosed
    | ev.WhistleCancelled | ev.WhistleOverdue,
) -> Whistle:  # fmt: skip
    at = event.at
    match event:
        case ev.WhistleBlown():
            responders = {
                each.responder: Responder(each.responder, each.party, "called", started({}, each.deadlines))
                for each in event.called
            }
            return replace(
                whistle, state="blown", responders=responders, lead=event.lead, places=event.places, place=event.place,
                starts_at=event.starts_at, clocks=started(met(whistle.clocks, at, "approval"), event.deadlines),
            )  # fmt: skip
        case ev.PlanAgreed():
            return _planned(whistle, event)
        case ev.WhistleRated():
            marks = {mark.responder: mark for mark in event.marks}
            clocks = started(met(whistle.clocks, at, "rating"), event.deadlines)
            return replace(whistle, state="rated", clocks=clocks, responders=_marked(whistle, marks))
        case ev.WhistleDeclined():
            return _ended(whistle, "declined", at)
        case ev.WhistleClosed():
            return _ended(whistle, "closed", at)
        case ev.WhistleCancelled():
            return _ended(whistle, "cancelled", at)
        case ev.WhistleOverdue():
            return _late(whistle, event)
        case _:
            return _with_responder(whistle, event)


def _with_responder(
    whistle: Whistle,
    event: ev.WhistleAcknowledged | ev.WhistleWaitListed | ev.WhistleContacted | ev.WhistleArrived
    | ev.ResponseSubmitted | ev.ResponderAbsent,
) -> Whistle:  # fmt: skip
    before = whistle.responders[event.responder]
    after = _responder_after(before, event)
    known = replace(whistle, responders={**whistle.responders, event.responder: after})
    match event:
        case ev.WhistleArrived():
            return replace(known, state="working") if event.starts_work else known
        case ev.ResponseSubmitted():
            return _all_in(replace(known, tasks_done=known.tasks_done | frozenset(event.tasks_done)), event)
        case ev.ResponderAbsent():
            return _all_in(known, event)
        case ev.WhistleAcknowledged() | ev.WhistleWaitListed() | ev.WhistleContacted():
            return known
        case _:
            assert_never(event)


def _responder_after(
    responder: Responder,
    event: ev.WhistleAcknowledged | ev.WhistleWaitListed | ev.WhistleContacted | ev.WhistleArrived
    | ev.ResponseSubmitted | ev.ResponderAbsent,
) -> Responder:  # fmt: skip
    at = event.at
    match event:
        case ev.WhistleAcknowledged():
            clocks = met(responder.clocks, at, "acknowledge")
            return replace(responder, state="acknowledged", acknowledged_at=at, clocks=clocks)
        case ev.WhistleWaitListed():
            return replace(responder, state="wait_listed", clocks=stopped(responder.clocks, at))
        case ev.WhistleContacted():
            return replace(responder, clocks=met(responder.clocks, at, "contact"))
        case ev.WhistleArrived():
            clocks = met(responder.clocks, at, "acknowledge", "contact", "arrive")
            return replace(responder, state=event.state, arrived_at=event.arrived_at, clocks=clocks)
        case ev.ResponseSubmitted():
            return replace(responder, state="result_in", result_at=at, clocks=stopped(responder.clocks, at))
        case ev.ResponderAbsent():
            return replace(responder, state="absent", clocks=stopped(responder.clocks, at))
        case _:
            assert_never(event)


def _planned(whistle: Whistle, event: ev.PlanAgreed) -> Whistle:
    def after(responder: Responder) -> Responder:
        state: ResponderState = "working" if responder.state == "on_site" else responder.state
        if responder.state in ("called", "acknowledged", "on_site", "working"):
            return replace(responder, state=state, clocks=started(responder.clocks, event.finish))
        return responder

    responders = {name: after(each) for name, each in whistle.responders.items()}
    return replace(whistle, state="working", tasks=event.tasks, responders=responders)


def _all_in(whistle: Whistle, event: ev.ResponseSubmitted | ev.ResponderAbsent) -> Whistle:
    clocks = started(whistle.clocks, event.deadlines)
    return replace(whistle, state="result_in", clocks=clocks) if event.all_in else whistle


def _marked(whistle: Whistle, marks: Mapping[str, ev.Mark]) -> Mapping[str, Responder]:
    return {name: replace(each, mark=marks.get(name)) for name, each in whistle.responders.items()}


def _ended(whistle: Whistle, state: WhistleState, at: datetime) -> Whistle:
    responders = {name: replace(each, clocks=stopped(each.clocks, at)) for name, each in whistle.responders.items()}
    return replace(whistle, state=state, clocks=stopped(whistle.clocks, at), responders=responders)


def _late(whistle: Whistle, event: ev.WhistleOverdue) -> Whistle:
    if event.responder is None:
        late = whistle.clocks[event.clock].announced_until(event.look_at)
        return replace(whistle, clocks={**whistle.clocks, event.clock: late})
    responder = whistle.responders[event.responder]
    late = responder.clocks[event.clock].announced_until(event.look_at)
    after = replace(responder, clocks={**responder.clocks, event.clock: late})
    return replace(whistle, responders={**whistle.responders, event.responder: after})
