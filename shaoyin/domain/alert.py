"""Event → who is told what, how urgently, and which command the alert offers. By post, and never a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.alert_case import of_ends, of_reporters, of_triage
from shaoyin.domain.alert_late import of_silence
from shaoyin.domain.alert_whistle import of_whistle
from shaoyin.domain.alert_work import of_handing, of_work
from shaoyin.domain.events import Event
from shaoyin.domain.header import Header
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert, Level, Offer

__all__ = ["KINDS", "Alert", "Level", "Offer", "alerts_for"]

KINDS = (
    # before somebody is responsible
    "triage", "to_dispatch", "to_post", "proposal", "side_order", "side_topic", "info_supplied", "info_wait_over",
    "verify_wanted", "verified", "refusal_disputed", "area_changed", "diverted", "not_accepted", "merged", "joined",
    "withdrawn", "reporter_left", "transferred_out", "split_off",
    # orders
    "order_posted", "order_claimed", "order_joined", "order_places", "order_unclaimed", "order_given_back",
    "order_taken_back",
    # whoever handles it
    "new_case", "co_handler", "informed", "unlabelled", "signed", "returned", "returned_twice", "before_adjudicator",
    "reassigned", "adjudicated", "handler_added", "party_notified", "part_submitted", "measure_recorded",
    "urgency_changed", "reclassified", "emergency_called", "urged", "rework", "rework_again", "raised", "reopened",
    "closed",
    # more time
    "extension_wanted", "extension_approved", "extension_declined", "suspended", "resumed", "clocks_recomputed",
    # whoever looks after it
    "check_wanted", "call_back_wanted", "rated", "secrecy_raised", "due_soon", "sign_overdue", "clock_overdue",
    "result_overdue", "supervised", "review_due", "hard_case", "unreached", "reporter_unreached",
    # whistles
    "whistle_approval", "whistle_blown", "quiet_hours", "emergency_blown", "emergency_to_approve",
    "emergency_approved", "emergency_disapproved", "blocking_lifted", "whistle_called", "member_called", "wait_listed",
    "promoted", "whistle_answer", "whistle_places", "staffing", "plan_agreed", "situation", "whistle_objected",
    "objection_to_decide", "objection_upheld", "objection_overruled", "marked_absent", "whistle_all_in",
    "whistle_overdue", "whistle_declined", "whistle_cancelled", "whistle_closed", "whistle_rated", "whistle_upgraded",
    # enrolment (alert_enrolment.py): the community, then the member or unit
    "registration_to_confirm", "registration_paused", "registration_resumed", "registration_ended",
    "your_registration_confirmed", "your_registration_active", "your_registration_refused",
    "your_registration_paused", "your_registration_resumed", "your_registration_ended",
)  # fmt: skip
"""Every kind of alert. Each has a title and a body in the pack."""
TO_ONESELF = frozenset({"quiet_hours"})
"""A warning of what one has just done (decisions 2.26)."""


def alerts_for(event: Event, header: Header, pack: Pack) -> list[Alert]:
    """Whoever must act, and whoever must know; each recipient once, by what concerns him first, and of each proposal.

    A post is not told what it did itself, unless it is asked for the next step, a proposal's answer among them.
    """
    told: dict[tuple[str, str | None], Alert] = {}
    for alert in _of(event, header, pack):
        own = alert.post is not None and alert.post == event.by.post
        if not own or alert.offer is not None or alert.once is not None or alert.kind in TO_ONESELF:
            told.setdefault((alert.recipient, alert.once), alert)
    return list(told.values())


def _of(event: Event, header: Header, pack: Pack) -> Iterator[Alert]:
    if isinstance(event, ev.OfWhistle):
        return of_whistle(event, header, pack)
    if isinstance(event, ev.TriageEvent):
        return of_triage(event, header, pack)
    if isinstance(event, ev.HandingEvent):
        return of_handing(event, header, pack)
    if isinstance(event, ev.WorkEvent):
        return of_work(event, header, pack)
    if isinstance(event, ev.EndEvent):
        return of_ends(event, header, pack)
    if isinstance(event, ev.ReporterEvent):
        return of_reporters(event, header, pack)
    if isinstance(event, ev.SilenceEvent):
        return of_silence(event, header, pack)
    assert_never(event)
