"""A whistle inside a case, and each of its responders: what is true after the events so far. No rules here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.clocks import Clocks, ended, met, moved, paused, started, stopped
from shaoyin.domain.copied import replace
from shaoyin.domain.events import Deadline, Party, ResponderState, WhistleState
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Tier

ANSWERED = ("acknowledge", "contact", "arrive")
STOPPED_BY_OBJECTION = ("contact", "arrive", "finish")


@dataclass(frozen=True)
class Responder:
    """A unit's duty post or a person. `listed` is the number in the line of those who wait for a place."""

    responder: str
    party: Party
    state: ResponderState
    clocks: Clocks = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    arrived_at: datetime | None = None
    result_at: datetime | None = None
    mark: ev.Mark | None = None
    objected: bool = False
    listed: int | None = None

    @property
    def is_person(self) -> bool:
        return self.party.post is None


@dataclass(frozen=True)
class Whistle:
    """A call to others inside a case; the whistle and each of its responders have a life of their own.

    `approved` is what the approver said, before the whistle or after an emergency one; `approved_by` his post.
    """

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
    source: str = "case"
    upgraded_from: str | None = None
    emergency: bool = False
    blown_at: datetime | None = None
    approved: bool | None = None
    approved_by: str | None = None

    @property
    def holds_the_case(self) -> bool:
        """Decisions 2.8: a blocking whistle holds its case until it has ended; a case closes over any other."""
        return self.blocking and not self.ended

    @property
    def ended(self) -> bool:
        return self.state in ("closed", "declined", "cancelled", "upgraded")


def requested(event: ev.WhistleRequested) -> Whistle:
    return Whistle(
        whistle_id=event.whistle_id, type=event.whistle_type, tier=event.tier, state="requested", blower=event.blower,
        blocking=event.blocking, area=event.area, task=event.task, asked=event.responders,
        responder_type=event.responder_type, requested_at=event.at, lead=event.lead, places=event.places,
        place=event.place, starts_at=event.starts_at, dangerous=event.dangerous, linked_to=event.linked_to,
        approvers=event.approvers, clocks=started({}, event.deadlines), source=event.source,
        upgraded_from=event.upgraded_from,
    )  # fmt: skip


def whistle_opened(event: ev.WhistleBlown) -> Whistle:
    """W4, a20: blown without having been requested."""
    opened = event.opened
    assert opened is not None, "a whistle that nobody requested says with its blow what it is"
    whistle = Whistle(
        whistle_id=event.whistle_id, type=opened.whistle_type, tier=opened.tier, state="requested",
        blower=opened.blower, blocking=opened.blocking, area=opened.area, task=opened.task,
        asked=tuple(each.responder for each in event.called if each.party.post is not None), responder_type=None,
        requested_at=event.at, approvers=opened.approvers, source=opened.source,
    )  # fmt: skip
    return _blown(whistle, event)


def whistle_after(whistle: Whistle, event: ev.WhistleEvent) -> Whistle:
    at = event.at
    match event:
        case ev.WhistleRequested():
            return whistle
        case ev.WhistleBlown():
            known = replace(whistle, clocks=met(whistle.clocks, at, "approval"), approved=True)
            return _blown(replace(known, approved_by=event.by.post), event)
        case ev.ApprovedAfterwards():
            clocks = met(whistle.clocks, at, "approval")
            return replace(whistle, clocks=clocks, approved=event.approved, approved_by=event.by.post)
        case ev.BlockingLifted():
            return replace(whistle, blocking=False)
        case ev.PlanAgreed():
            return _planned(whistle, event)
        case ev.WhistleRated():
            marks = {mark.responder: mark for mark in event.marks}
            clocks = started(met(whistle.clocks, at, "rating"), event.deadlines)
            return replace(whistle, state="rated", clocks=clocks, responders=_marked(whistle, marks))
        case ev.WhistleClosed() | ev.WhistleDeclined() | ev.WhistleCancelled() | ev.WhistleUpgraded():
            return _over(whistle, event)
        case ev.WhistleOverdue():
            return _late(whistle, event)
        case _:
            return _with_responder(whistle, event)


def _blown(whistle: Whistle, event: ev.WhistleBlown) -> Whistle:
    return replace(
        whistle, state="blown", responders={each.responder: _called(each) for each in event.called}, lead=event.lead,
        places=event.places, place=event.place, starts_at=event.starts_at, emergency=event.emergency,
        blown_at=event.at, clocks=started(whistle.clocks, event.deadlines),
    )  # fmt: skip


def _called(each: ev.Called) -> Responder:
    return Responder(each.responder, each.party, "called", started({}, each.deadlines))


ResponderEvent = (
    ev.WhistleAcknowledged
    | ev.WhistleWaitListed
    | ev.WhistleContacted
    | ev.WhistleArrived
    | ev.ResponseSubmitted
    | ev.ResponderAbsent
    | ev.ResponderAdded
    | ev.ResponderPromoted
    | ev.WhistleObjected
    | ev.ObjectionDecided
    | ev.SituationReported
    | ev.ResponseWithdrawn
)


def _with_responder(whistle: Whistle, event: ResponderEvent) -> Whistle:
    if isinstance(event, ev.ResponderAdded):
        added = _called(event.called)
        return _staffed(replace(whistle, responders={**whistle.responders, added.responder: added}), event.at)
    before = whistle.responders.get(event.responder) or _answering(whistle, event.responder)
    after = _responder_after(before, event, whistle)
    known = replace(whistle, responders={**whistle.responders, event.responder: after})
    match event:
        case ev.WhistleArrived():
            return replace(known, state="working") if event.starts_work else known
        case ev.ResponseSubmitted():
            done = replace(known, tasks_done=known.tasks_done | frozenset(event.tasks_done))
            return _all_in(done, event.at, event.deadlines) if event.all_in else done
        case ev.ResponderAbsent():
            return _all_in(known, event.at, event.deadlines) if event.all_in else known
        case ev.ResponseWithdrawn():
            return _left(known, event.at, event.all_in, event.deadlines, event.staffing)
        case ev.ObjectionDecided():
            return _left(known, event.at, event.all_in, event.rating, event.staffing)
        case ev.WhistleAcknowledged() | ev.ResponderPromoted():
            return _staffed(known, event.at)
        case ev.SituationReported():
            return replace(known, clocks=started(met(known.clocks, event.at, "situation"), event.deadlines))
        case ev.WhistleWaitListed() | ev.WhistleContacted() | ev.WhistleObjected():
            return known
        case _:
            assert_never(event)


def _answering(whistle: Whistle, person: str) -> Responder:
    """Somebody who was not called, but saw the call and answers (decisions 2.31)."""
    return Responder(person, Party(None, person, None, whistle.area), "called")


def _responder_after(responder: Responder, event: ResponderEvent, whistle: Whistle) -> Responder:
    at = event.at
    match event:
        case ev.WhistleAcknowledged():
            clocks = met(started(responder.clocks, event.deadlines), at, "acknowledge")
            return replace(responder, state="acknowledged", acknowledged_at=at, clocks=clocks)
        case ev.WhistleWaitListed():
            listed = 1 + max((each.listed or 0 for each in whistle.responders.values()), default=0)
            return replace(responder, state="wait_listed", listed=listed, clocks=stopped(responder.clocks, at))
        case ev.ResponderPromoted():
            clocks = started(responder.clocks, event.deadlines)
            return replace(responder, state="acknowledged", acknowledged_at=at, clocks=clocks)
        case ev.WhistleContacted():
            return replace(responder, clocks=met(responder.clocks, at, "contact"))
        case ev.WhistleArrived():
            clocks = met(responder.clocks, at, *ANSWERED)
            return replace(responder, state=event.state, arrived_at=event.arrived_at, clocks=clocks)
        case ev.ResponseSubmitted():
            clocks = stopped(met(responder.clocks, at, "finish"), at)
            return replace(responder, state="result_in", result_at=at, clocks=clocks)
        case ev.ResponderAbsent():
            return replace(responder, state="absent", clocks=stopped(responder.clocks, at))
        case ev.ResponseWithdrawn():
            return replace(responder, state="withdrawn", clocks=stopped(responder.clocks, at))
        case ev.WhistleObjected():
            return _objecting(responder, event)
        case ev.ObjectionDecided():
            return _decided(responder, event)
        case ev.SituationReported() | ev.ResponderAdded():
            return responder
        case _:
            assert_never(event)


def _objecting(responder: Responder, event: ev.WhistleObjected) -> Responder:
    """It answers the acknowledgement; what else runs for this responder stops, in an emergency nothing does."""
    answered = replace(responder, objected=True, clocks=met(responder.clocks, event.at, "acknowledge"))
    if not event.stops:
        return answered
    waiting = paused(answered.clocks, event.at, *STOPPED_BY_OBJECTION)
    return replace(answered, state="objected", clocks=started(waiting, event.deadlines))


def _decided(responder: Responder, event: ev.ObjectionDecided) -> Responder:
    clocks = met(responder.clocks, event.at, "objection")
    if event.decision == "uphold":
        return replace(responder, state="removed", clocks=stopped(clocks, event.at))
    clocks = moved(clocks, event.deadlines)
    return replace(responder, state="acknowledged", acknowledged_at=event.at, clocks=clocks)


def _planned(whistle: Whistle, event: ev.PlanAgreed) -> Whistle:
    def after(responder: Responder) -> Responder:
        state: ResponderState = "working" if responder.state == "on_site" else responder.state
        if responder.state in ("called", "acknowledged", "on_site", "working"):
            return replace(responder, state=state, clocks=started(responder.clocks, event.finish))
        return responder

    responders = {name: after(each) for name, each in whistle.responders.items()}
    return replace(whistle, state="working", tasks=event.tasks, responders=responders)


def _staffed(whistle: Whistle, at: datetime) -> Whistle:
    return replace(whistle, clocks=ended(whistle.clocks, at, "staffing"))


def _left(
    whistle: Whistle, at: datetime, all_in: bool, rating: Iterable[Deadline], staffing: Iterable[Deadline]
) -> Whistle:
    """One is out: it was the last and something is on record, or nobody is left and the blower has to act."""
    if all_in:
        return _all_in(whistle, at, rating)
    return replace(whistle, clocks=started(whistle.clocks, staffing))


def _all_in(whistle: Whistle, at: datetime, rating: Iterable[Deadline]) -> Whistle:
    clocks = ended(whistle.clocks, at, "situation", "staffing")
    return replace(whistle, state="result_in", clocks=started(clocks, rating))


def _marked(whistle: Whistle, marks: Mapping[str, ev.Mark]) -> Mapping[str, Responder]:
    return {name: replace(each, mark=marks.get(name)) for name, each in whistle.responders.items()}


def _over(
    whistle: Whistle, event: ev.WhistleClosed | ev.WhistleDeclined | ev.WhistleCancelled | ev.WhistleUpgraded
) -> Whistle:
    """All clocks stop, but the approval of an emergency may come after closing (decisions 2.12)."""
    at, clocks = event.at, whistle.clocks
    state: WhistleState
    match event:
        case ev.WhistleClosed():
            state, clocks = "closed", met(clocks, at, "closing")
        case ev.WhistleDeclined():
            state = "declined"
        case ev.WhistleCancelled():
            state = "cancelled"
        case ev.WhistleUpgraded():
            state = "upgraded"
        case _:
            assert_never(event)
    kept = ("approval",) if state == "closed" else ()
    clocks = ended(clocks, at, *(name for name in clocks if name not in kept))
    responders = {name: replace(each, clocks=stopped(each.clocks, at)) for name, each in whistle.responders.items()}
    return replace(whistle, state=state, clocks=clocks, responders=responders)


def _late(whistle: Whistle, event: ev.WhistleOverdue) -> Whistle:
    if event.responder is None:
        return replace(whistle, clocks=_announced(whistle.clocks, event))
    responder = whistle.responders[event.responder]
    after = replace(responder, clocks=_announced(responder.clocks, event))
    return replace(whistle, responders={**whistle.responders, event.responder: after})


def _announced(clocks: Clocks, event: ev.WhistleOverdue) -> Clocks:
    late = clocks[event.clock].announced_until(event.look_at)
    return moved({**clocks, event.clock: late}, event.deadlines)
