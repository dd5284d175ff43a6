"""What an event answers: of the several who were asked, the first to act frees the others (decisions 2.25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain import events as ev
from shaoyin.domain.header import Header

OF_TRIAGE = ("triage", "info_supplied", "info_wait_over", "verified", "refusal_disputed", "area_changed")
TO_ASSIGN = ("to_dispatch", "to_post", "order_unclaimed")
TO_SIGN = ("new_case", "sign_overdue")
TO_HANDLE = ("rework", "reopened", "resumed", "due_soon", "urged", "extension_wanted", "extension_declined")
TO_CLAIM = ("order_posted",)
RETURNED = ("returned", "returned_twice")
OF_CASE = (
    *OF_TRIAGE, *TO_ASSIGN, *TO_SIGN, *TO_HANDLE, *TO_CLAIM, *RETURNED, "verify_wanted", "check_wanted",
    "call_back_wanted", "rated",
)  # fmt: skip
CALLED = ("whistle_called", "member_called")
OF_WHISTLE = (
    "whistle_approval", *CALLED, "wait_listed", "promoted", "staffing", "objection_to_decide", "objection_overruled",
    "whistle_all_in", "emergency_disapproved",
)  # fmt: skip
"""The kinds of alerts that ask for something; the others are for knowing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Earlier alerts that need nobody any more: of these kinds, of one whistle, to one recipient where that is said.
    They are of one case, or of one enrolment.

    `about` is the unit whose objection was decided: the same deciders may be asked about another's.
    """

    case_id: str | None
    before_seq: int
    at: datetime
    kinds: tuple[str, ...]
    whistle_id: str | None = None
    recipient: str | None = None
    about: str | None = None
    registration_id: str | None = None


def answers(news: CaseNews) -> Answered | None:
    """None for an event that answers nothing, which is most of them."""
    event = news.event
    if isinstance(event, ev.OfWhistle):
        return _of_whistle(event, news)
    kinds = _kinds(event, news.header)
    if not kinds:
        return None
    recipient = _only(event, news.header)
    return Answered(news.header.case_id, news.seq, event.at, kinds, recipient=recipient)


def _kinds(event: ev.Event, header: Header) -> tuple[str, ...]:
    """What the system decides by itself in the opening asked nobody, so it answers nobody."""
    match event:
        case ev.InfoRequested() | ev.VerifyRequested():
            return OF_TRIAGE
        case ev.CaseAccepted() if event.by.post is not None:
            return OF_TRIAGE
        case ev.CaseVerified():
            return ("verify_wanted",)
        case ev.CaseDispatched() if event.chosen_by_person or event.by.post is not None:
            return TO_ASSIGN
        case ev.OrderPosted():
            return TO_ASSIGN
        case ev.OrderClaimed() | ev.OrderUnclaimed() | ev.OrderGivenBack() | ev.OrderTakenBack():
            return TO_CLAIM
        case ev.CaseSigned():
            return TO_SIGN
        case ev.CaseStarted():
            return TO_CLAIM if header.order is not None else ()
        case ev.CaseReturned():
            return TO_SIGN
        case ev.CaseReassigned():
            return (*TO_SIGN, *TO_HANDLE, *RETURNED)
        case ev.CaseAdjudicated():
            return RETURNED
        case _:
            return _of_work(event)


def _of_work(event: ev.Event) -> tuple[str, ...]:
    match event:
        case ev.CaseContacted():
            return ("urged",)
        case ev.ExtensionApproved():
            return ("extension_wanted", "urged", "due_soon")
        case ev.ExtensionDeclined():
            return ("extension_wanted",)
        case ev.CaseSuspended():
            return TO_HANDLE
        case ev.ResultSubmitted():
            return TO_HANDLE
        case ev.CheckPassed():
            return ("check_wanted",)
        case ev.ReworkOrdered():
            return ("check_wanted", "call_back_wanted", "rated")
        case (
            ev.CaseClosed() | ev.CaseNotAccepted() | ev.CaseMerged() | ev.CaseWithdrawn() | ev.CaseTransferredOut()
            | ev.EmergencyDiverted() | ev.AreaChanged()
        ):  # fmt: skip
            return OF_CASE
        case _:
            return ()


def _only(event: ev.Event, header: Header) -> str | None:
    """While places are free a claim answers its claimant's own question only; those who are left may still come."""
    if not isinstance(event, ev.OrderClaimed):
        return None
    full = header.order.free == 0 if header.order is not None else event.completes
    return None if full else event.claimant.person


def _of_whistle(event: ev.WhistleEvent, news: CaseNews) -> Answered | None:
    kinds = _kinds_of_whistle(event)
    if not kinds:
        return None
    own = isinstance(event, ev.OfResponder) and not isinstance(event, ev.ObjectionDecided)
    recipient = event.responder if own and isinstance(event, ev.OfResponder) else None
    about = event.responder if isinstance(event, ev.ObjectionDecided) else None
    return Answered(news.header.case_id, news.seq, event.at, kinds, event.whistle_id, recipient, about)


def _kinds_of_whistle(event: ev.WhistleEvent) -> tuple[str, ...]:
    match event:
        case ev.WhistleBlown() if event.opened is None:  # else nobody was asked: it was not requested before
            return ("whistle_approval",)
        case ev.ApprovedAfterwards():
            return ("emergency_to_approve",)
        case ev.ResponderAdded():
            return ("staffing",)
        case ev.ObjectionDecided():
            return ("objection_to_decide",)
        case ev.WhistleRated():
            return ("whistle_all_in",)
        case ev.WhistleClosed():
            return OF_WHISTLE
        case ev.WhistleDeclined() | ev.WhistleCancelled() | ev.WhistleUpgraded():
            return (*OF_WHISTLE, "emergency_to_approve")
        case ev.ResponderPromoted():
            return ("wait_listed",)
        case ev.WhistleArrived():
            return (*CALLED, "promoted", "objection_overruled")
        case ev.ResponseWithdrawn() | ev.ResponderAbsent():
            return (*CALLED, "wait_listed", "promoted", "objection_overruled")
        case ev.WhistleAcknowledged() | ev.WhistleWaitListed() | ev.WhistleObjected():
            return CALLED
        case _:
            return ()
