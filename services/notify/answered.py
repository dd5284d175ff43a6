"""What an event answers: of the several who were asked, the first to act frees the others (decisions 2.25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain import events as ev

OF_CASE = ("triage", "new_case", "sign_overdue", "due_soon", "rework", "check_wanted", "call_back_wanted")
OF_WHISTLE = ("whistle_approval", "whistle_called", "member_called", "wait_listed", "whistle_all_in")
"""The kinds of alerts that ask for something; the others are for knowing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Earlier alerts that need nobody any more: of these kinds, of one whistle, to one responder where that is said."""

    case_id: str
    before_seq: int
    at: datetime
    kinds: tuple[str, ...]
    whistle_id: str | None = None
    responder: str | None = None


def answers(news: CaseNews) -> Answered | None:
    """None for an event that answers nothing, which is most of them."""
    event = news.event
    kinds = _kinds(event)
    if not kinds:
        return None
    whistle_id = event.whistle_id if isinstance(event, ev.OfWhistle) else None
    responder = event.responder if isinstance(event, ev.OfResponder) else None
    return Answered(news.header.case_id, news.seq, event.at, kinds, whistle_id, responder)


def _kinds(event: ev.Event) -> tuple[str, ...]:
    match event:
        case ev.CaseAccepted() if event.by.post is not None:
            return ("triage",)
        case ev.CaseSigned():
            return ("new_case", "sign_overdue")
        case ev.ResultSubmitted():
            return ("rework", "due_soon")
        case ev.CheckPassed():
            return ("check_wanted",)
        case ev.ReworkOrdered():
            return ("check_wanted", "call_back_wanted")
        case ev.CaseClosed():
            return OF_CASE
        case ev.WhistleBlown():
            return ("whistle_approval",)
        case ev.WhistleRated():
            return ("whistle_all_in",)
        case ev.WhistleDeclined() | ev.WhistleClosed() | ev.WhistleCancelled():
            return OF_WHISTLE
        case ev.WhistleAcknowledged() | ev.WhistleWaitListed() | ev.WhistleArrived() | ev.ResponderAbsent():
            return ("whistle_called", "member_called")
        case _:
            return ()
