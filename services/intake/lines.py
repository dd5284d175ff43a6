"""What of a case's news intake keeps to show a resident: public facts, by id, and the words that went to reporters.

Names are looked up and sentences made when somebody reads them, so that they are in the reader's language and in the
texts of the pack that is in force then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shaoyin.adapters.mongo import Document
from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain import events as ev
from shaoyin.domain.events import Deadline, Event
from shaoyin.domain.header import Header

AWAITED = ("result", "check", "call_back", "reply", "dispatch")
"""Whose date a resident is told: the first of these that still runs."""
SHOWN = frozenset(
    each.type
    for each in (
        ev.CaseReported, ev.CaseAccepted, ev.CaseDispatched, ev.CaseSigned, ev.CaseStarted, ev.CaseContacted,
        ev.MeasureRecorded, ev.ResultSubmitted, ev.CheckPassed, ev.ReworkOrdered, ev.CalledBack, ev.CaseRated,
        ev.CaseClosed, ev.CaseArchived, ev.CaseOverdue, ev.CaseSupervised, ev.WhistleBlown, ev.WhistleArrived,
        ev.ResponseSubmitted, ev.WhistleClosed,
    )
)  # fmt: skip
"""What is news to the one who reported; the rest is how the house works."""


def head_of(header: Header) -> Document:
    """Where the case stands after a decision; units, never persons."""
    return {
        "version": header.version,
        "number": header.number,
        "area": header.area,
        "category": header.category,
        "urgency": header.urgency,
        "state": header.state,
        "org": header.owner.org,
        "outcome": header.outcome,
        "due_at": due_at(header),
    }


def line_of(news: CaseNews) -> Document:
    """One event as one line; the same event always makes the same line, so a repeat changes nothing."""
    event = news.event
    facts = _facts_of_case(news.header) | _facts_of_event(event) | _facts_of_whistle(event, news.header)
    return {
        "at": event.at,
        "type": event.type,
        "shown": _shown(event),
        "facts": {name: value for name, value in facts.items() if value is not None},
        "replies": [{"key": each.key, "words": each.words, "to": each.to} for each in event.replies],
    }


def due_at(header: Header) -> datetime | None:
    running = {clock.clock: clock.due_at for clock in header.clocks if clock.met_at is None}
    return next((running[clock] for clock in AWAITED if clock in running), None)


def _shown(event: Event) -> bool:
    """A try that reached nobody, the twelfth arrival and each helper's own report are no news."""
    match event:
        case ev.CaseContacted() | ev.CalledBack():
            return event.outcome not in ("failed", "no_contact")
        case ev.WhistleArrived():
            return event.first
        case ev.ResponseSubmitted():
            return event.all_in or event.minutes is None
        case _:
            return event.type in SHOWN


def _facts_of_case(header: Header) -> Document:
    return {
        "number": header.number,
        "area": header.area,
        "category": header.category,
        "org": (header.main or header.owner).org,
        "due_at": due_at(header),
        "outcome": header.outcome,
    }


def _facts_of_event(event: Event) -> Document:
    """`ref` names the one reporter whom the line concerns; the others do not see it. Of what is late the date is the
    new one, when somebody looks again.
    """
    match event:
        case ev.CaseReported():
            return {"how": event.place_how, "place_seen": event.place_seen, **_counted(event.deadlines, "reply")}
        case ev.CaseDispatched():
            chosen = event.chosen_by_person or None
            return {"org": event.main.org, "row": event.row, "chosen": chosen, **_counted(event.deadlines, "result")}
        case ev.MeasureRecorded():
            return {"message": event.text}
        case ev.ResultSubmitted():
            return {"message": event.public_reply}
        case ev.CaseOverdue():
            return {"clock": event.clock} | ({} if event.look_at is None else {"due_at": event.look_at})
        case ev.CaseSupervised():
            return {"grade": event.grade}
        case ev.RequestRefused():
            return {"ref": event.reporter_ref, "code": event.code}
        case ev.CaseRated() | ev.CalledBack() | ev.RequestAccepted():
            return {"ref": event.reporter_ref}
        case _:
            return {}


def _counted(deadlines: Sequence[Deadline], clock: str) -> Document:
    """How a date was counted: from when, how long, by which calendar."""
    for each in deadlines:
        if each.clock == clock:
            return {
                "clock": each.clock,
                "from_at": each.from_at,
                "within": each.within,
                "calendar": each.calendar,
                "due_at": each.due_at,
                "provisional": each.provisional or None,
            }
    return {}


def _facts_of_whistle(event: Event, header: Header) -> Document:
    if not isinstance(event, ev.OfWhistle):
        return {}
    seen = next((each for each in header.whistles if each.whistle_id == event.whistle_id), None)
    if seen is None:
        return {}
    facts: Document = {"whistle": seen.type, "places": seen.places, "count": len(seen.responders)}
    if isinstance(event, ev.OfResponder):
        orgs = [each.org for each in seen.responders if each.responder == event.responder]
        facts["responder"] = orgs[0] if orgs and orgs[0] else "member"
    return facts
