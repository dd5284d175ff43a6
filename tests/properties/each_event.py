"""What must hold of every single event: order and number, no date moved by a word, nobody born overdue."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from shaoyin.domain import events as ev
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import unit_of
from shaoyin.domain.events import Deadline, Event
from shaoyin.domain.evolve import SECRECY
from shaoyin.domain.pack import Pack
from tests.properties.tally import Tally

MOVE_T3 = (
    ev.CaseDispatched, ev.CaseAdjudicated, ev.CaseReassigned, ev.OrderClaimed, ev.ReworkOrdered, ev.ExtensionApproved,
    ev.CaseResumed, ev.UrgencyChanged, ev.CaseReclassified, ev.ClocksRecomputed, ev.CaseReopened, ev.CaseAccepted,
    ev.CaseClosed,
)  # fmt: skip
"""What may set the date of the result; a comment, an edit and an urge never do."""
WORDS = (
    ev.CaseUrged, ev.CaseContacted, ev.PartyNotified, ev.RequestAccepted, ev.RequestRefused, ev.SecrecyRaised,
    ev.CaseSplitOff, ev.ExtensionRequested, ev.ExtensionDeclined, ev.CaseRated, ev.CalledBack, ev.CaseReviewDue,
)  # fmt: skip
ZERO = ("returns", "reworks", "suspensions", "extensions", "failed_contacts")


COUNTED_EARLIER = ("hazard", "part", "finish")
"""Danger counts from the report; a part is due with the whole, and work by a plan with the plan, however late."""


def check_event(before: Case | None, event: Event, after: Case, tally: Tally, pack: Pack) -> None:
    if before is None:
        assert (after.version, after.last_at) == (1, event.at)
        return
    assert after.version == before.version + 1, "each event is one more version (I6)"
    assert after.last_at == event.at >= before.last_at, "nothing happens before what happened (I12)"
    _check_t3(before, event, after)
    _check_no_date_moved(before, event, after)
    _check_not_born_overdue(before, event)
    match event:
        case ev.CaseReopened():
            assert not any(getattr(after, name) for name in ZERO), "a new cycle counts from nothing (1.18)"
        case ev.CaseResumed():
            _check_minutes_given_back(before, event, pack)
        case ev.CaseAccepted() | ev.CaseReclassified():
            _check_masked(after, pack)
        case ev.CaseReturned():
            assert tally.cycle["returned"] <= 2, "two returns at most (I7)"
            assert not tally.cycle["adjudicated"], "after adjudication no return exists (I7)"
        case ev.WhistleRated():
            _check_marks(event, before)
        case _:
            pass


def _check_t3(before: Case, event: Event, after: Case) -> None:
    """T3 is where the events that may set it put it; a date that is promised does not move otherwise."""
    old, new = before.clocks.get("result"), after.clocks.get("result")
    if old is not None and new is not None and old.deadline.due_at != new.deadline.due_at:
        assert isinstance(event, MOVE_T3), f"{event.type} moved T3"


def _check_no_date_moved(before: Case, event: Event, after: Case) -> None:
    if not isinstance(event, WORDS):
        return
    for name, clock in before.clocks.items():
        if name != "supervision_review":
            assert after.clocks[name].deadline == clock.deadline, f"{event.type} moved {name}"


def _check_not_born_overdue(before: Case, event: Event) -> None:
    """Only danger counts from the report, and what was late before a pause stays late (decisions 1.15, 1.16, 1.21)."""
    if isinstance(event, ev.ObjectionDecided):
        return
    for each in (date for date in _dates(event) if date.look_at is not None):
        known = before.clocks.get(each.clock)
        late = known is not None and known.paused_at is not None and known.paused_at >= known.deadline.due_at
        paused = known is not None and known.paused_at is not None
        if each.clock not in COUNTED_EARLIER and not late:
            start = known.paused_at if paused and known is not None and known.paused_at else event.at
            assert each.due_at > start or each.due_at >= event.at, f"{event.type} starts {each.clock} overdue"


def _dates(event: Event) -> Iterable[Deadline]:
    called = event.called if isinstance(event, ev.WhistleBlown) else ()
    added = event.called.deadlines if isinstance(event, ev.ResponderAdded) else ()
    own: tuple[Deadline, ...] = getattr(event, "deadlines", ())
    return chain(own, added, *(each.deadlines for each in called))


def _check_minutes_given_back(before: Case, event: ev.CaseResumed, pack: Pack) -> None:
    """A suspension gives back the minutes that were left, counted the same way (decisions 1.16)."""
    old = before.clocks["result"]
    if old.paused_at is None:
        return
    new = next(each for each in event.deadlines if each.clock == "result")
    unit = unit_of(old.deadline).unit
    left = pack.calendar.minutes_between(old.paused_at, old.deadline.due_at, unit)
    given = pack.calendar.minutes_between(event.at, new.due_at, unit)
    assert given >= left if unit == "wd" else abs(given - left) <= 1, f"{left} minutes were left, {given} are given"


def _check_masked(after: Case, pack: Pack) -> None:
    category = pack.categories[after.category or ""]
    if category.masked:
        assert all(SECRECY.index(each.secrecy) >= 1 for each in after.reporters), "a masked matter names nobody"


def _check_marks(event: ev.WhistleRated, before: Case) -> None:
    """Units each, members as one group, never a person (I11, decisions 2.29)."""
    persons = {name for name, each in before.whistles[event.whistle_id].responders.items() if each.is_person}
    assert not persons & {mark.responder for mark in event.marks}, "no mark is given to a person"
