"""Which date an alert shows: that of the clock it is about, of the recipient's own, or of the case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from shaoyin.domain import events as ev
from shaoyin.domain.alert import Alert
from shaoyin.domain.events import Event
from shaoyin.domain.header import Header

CLOCK_OF: Mapping[str, str] = {
    "triage": "reply", "info_supplied": "reply", "info_wait_over": "reply", "verified": "reply",
    "refusal_disputed": "reply", "area_changed": "reply", "to_dispatch": "dispatch", "to_post": "dispatch",
    "verify_wanted": "verify",
    "order_posted": "claim", "order_unclaimed": "assign", "returned": "reassign", "returned_twice": "adjudicate",
    "suspended": "review", "check_wanted": "check", "call_back_wanted": "call_back", "rated": "call_back",
    "whistle_approval": "approval", "emergency_to_approve": "approval", "whistle_called": "acknowledge",
    "member_called": "acknowledge", "promoted": "arrive", "staffing": "staffing", "plan_agreed": "finish",
    "objection_to_decide": "objection", "whistle_all_in": "rating", "review_due": "supervision_review",
    "supervised": "supervision_review",
}  # fmt: skip
"""Whose date a kind of alert shows; every other shows the date of the result."""
DATELESS = frozenset({
    "signed", "closed", "not_accepted", "merged", "joined", "withdrawn", "reporter_left", "transferred_out",
    "split_off", "diverted", "before_adjudicator", "reassigned", "adjudicated", "order_joined", "order_places",
    "order_given_back", "order_taken_back", "measure_recorded", "secrecy_raised", "wait_listed", "whistle_answer",
    "whistle_places", "whistle_blown", "quiet_hours", "emergency_blown", "emergency_approved",
    "emergency_disapproved", "blocking_lifted", "situation", "whistle_objected", "objection_upheld",
    "objection_overruled", "marked_absent", "whistle_declined", "whistle_cancelled", "whistle_closed",
    "whistle_rated", "whistle_upgraded",
})  # fmt: skip


def due_of(alert: Alert, event: Event, header: Header) -> datetime | None:
    """The date the alert is about: the clock that ran out, the recipient's own clock, else the case's."""
    if isinstance(event, ev.CaseOverdue | ev.WhistleOverdue):
        return event.due_at
    if isinstance(event, ev.ExtensionRequested):
        return event.until
    if alert.once is not None and isinstance(event, ev.CaseAccepted | ev.CaseDispatched):
        return next((each.due_at for each in event.scheduled if each.proposal == alert.once), None)
    if alert.kind in DATELESS:
        return None
    wanted = CLOCK_OF.get(alert.kind, "result")
    if isinstance(event, ev.WhistleBlown | ev.ResponderAdded):
        called = event.called if isinstance(event, ev.WhistleBlown) else (event.called,)
        starts_at = event.starts_at if isinstance(event, ev.WhistleBlown) else None
        return _of_called(alert, called, wanted) or _fresh(event, wanted) or starts_at
    if isinstance(event, ev.HandlerAdded) and alert.kind == "co_handler":
        wanted = "part"
    running = (each.due_at for each in header.clocks if each.clock == wanted and each.met_at is None)
    return _fresh(event, wanted) or next(running, None)


def _fresh(event: Event, clock: str) -> datetime | None:
    """Where it began with this very event; several fields of an event may hold some."""
    fields = ("deadlines", "finish", "staffing", "rating")
    found = [each.due_at for name in fields for each in getattr(event, name, ()) if each.clock == clock]
    return found[-1] if found else None


def _of_called(alert: Alert, called: Iterable[ev.Called], clock: str) -> datetime | None:
    mine = [each for each in called if (alert.post or alert.person) in (each.party.post, each.party.person)]
    return next((each.due_at for found in mine for each in found.deadlines if each.clock == clock), None)
