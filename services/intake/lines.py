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
        ev.PlanAgreed, ev.ResponseSubmitted, ev.WhistleClosed,
        ev.InfoRequested, ev.InfoSupplied, ev.InfoWaitOver, ev.VerifyRequested, ev.CaseVerified, ev.CaseNotAccepted,
        ev.RefusalDisputed, ev.CaseMerged, ev.ReporterDetached, ev.CaseWithdrawn, ev.CaseTransferredOut,
        ev.AreaChanged, ev.EmergencyDiverted, ev.EmergencyCalled, ev.OrderPosted, ev.CaseReturned, ev.CaseReassigned,
        ev.CaseAdjudicated, ev.ExtensionApproved, ev.CaseSuspended, ev.CaseResumed, ev.CaseReopened, ev.CaseUrged,
        ev.CaseReclassified, ev.CaseSplitOff, ev.SecrecyRaised,
    )
)  # fmt: skip
"""What is news to the one who reported; the rest is how the house works."""


def head_of(header: Header) -> Document:
    """Where the case stands after a decision; units and posts, never persons. `refs` are those who report it now."""
    handlers = [each for each in (header.main, *header.co) if each is not None]
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
        "main": None if header.main is None else header.main.post,
        "handling": sorted({each.org for each in handlers if each.org is not None}),
        "refs": [each.ref for each in header.reporters],
        "info_by": _due(header, "info"),
        "archive_by": _due(header, "archive"),
    }


def end_of(news: CaseNews) -> Document | None:
    """Where the count of retention begins or, for a matter that is open again, stops; None for all other news."""
    match news.event:
        case (
            ev.CaseClosed() | ev.CaseNotAccepted() | ev.CaseMerged() | ev.CaseWithdrawn() | ev.CaseTransferredOut()
            | ev.EmergencyDiverted()
        ):  # fmt: skip
            return {"seq": news.seq, "ended_at": news.event.at}
        case ev.CaseReopened() | ev.RefusalDisputed():
            return {"seq": news.seq, "ended_at": None}
        case _:
            return None


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
    """None while the reporter is asked: our own clock waits, unless the matter is critical (row 4)."""
    if header.state == "needs_info" and header.urgency != "critical":
        return None
    running = {clock.clock: clock.due_at for clock in header.clocks if clock.met_at is None}
    return next((running[clock] for clock in AWAITED if clock in running), None)


def _due(header: Header, clock: str) -> datetime | None:
    return next((each.due_at for each in header.clocks if each.clock == clock), None)


def _shown(event: Event) -> bool:
    """A try that reached nobody, the twelfth arrival and each helper's own report are no news."""
    match event:
        case ev.CaseContacted() | ev.CalledBack():
            return event.outcome not in ("failed", "no_contact")
        case ev.WhistleArrived():
            return event.first
        case ev.ResponseSubmitted():
            return event.all_in or event.minutes is None
        case ev.CaseUrged():
            return event.reporter_ref is not None
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
        case (
            ev.CaseRated() | ev.CalledBack() | ev.RequestAccepted() | ev.ReporterDetached()
            | ev.CaseWithdrawn() | ev.SecrecyRaised()
        ):  # fmt: skip
            return {"ref": event.reporter_ref}
        case ev.InfoSupplied():
            found = {"how": event.place_how, "place_seen": event.place_seen} if event.area is not None else {}
            return {"ref": event.reporter_ref, **found}
        case ev.CaseUrged() | ev.RefusalDisputed():
            return {"ref": event.reporter_ref, "by": event.reporter_ref}
        case ev.CaseReopened():
            return {"org": event.owner.org, "by": event.reporter_ref}
        case _:
            return _facts_of_turn(event)


def _facts_of_turn(event: Event) -> Document:
    """Where the matter went, and what was said of it."""
    match event:
        case ev.InfoRequested():
            return {"question": event.question}
        case ev.CaseMerged():
            return {"lead": event.lead_number}
        case ev.CaseTransferredOut():
            return {"receiver": event.receiver}
        case ev.EmergencyDiverted() | ev.EmergencyCalled():
            return {"numbers": list(event.numbers)}
        case ev.CaseReassigned() | ev.CaseAdjudicated():
            return {"org": event.main.org}
        case ev.AreaChanged():
            return {"org": event.owner.org}
        case ev.CaseSuspended():
            return {"due_at": event.review_at}
        case ev.VerifyRequested():
            return {"responder": event.verifier.org}
        case ev.CaseVerified():
            return {"finding": event.finding}
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
