"""Event → which reporters are told of it by a message, and what: a number and a date, nothing of the matter.

The progress page always tells all of it; this is a tap on the shoulder. It may lie on a lock screen that others see, so
no text of anybody's, no place, no category and no unit is in it: those stand under the query code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from shaoyin.domain import events as ev
from shaoyin.domain.events import Deadline, Event
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.header import Header, ReporterSeen
from shaoyin.domain.report import report_id_of

AnswerKind = Literal[
    "accepted", "question", "plan", "message", "more_time", "suspended", "late", "please_rate", "emergency",
    "closed", "not_accepted", "merged", "transferred_out",
]  # fmt: skip
ANSWERS: tuple[AnswerKind, ...] = get_args(AnswerKind)
"""Each has a title and a body in the pack."""
RESULTS: frozenset[AnswerKind] = frozenset({"closed", "not_accepted", "merged", "transferred_out"})
"""How the matter ended for this report: whoever left a way and could not be told of it is for the desk to reach."""
REPLY_OF: Mapping[AnswerKind, str] = {
    "message": "reply.message", "late": "reply.new_date", "please_rate": "reply.please_rate",
}  # fmt: skip
"""Events that do not always have a word for reporters: with this one they have."""
USEFUL_FOR: Mapping[bool, timedelta] = {True: timedelta(days=7), False: timedelta(days=3)}
"""By whether it is a result. Later a reporter has long looked, or been called back."""
URGENT_FOR = timedelta(hours=1)
FIRST_PAUSE: Mapping[bool, timedelta] = {True: timedelta(seconds=5), False: timedelta(seconds=30)}
LONGEST_PAUSE: Mapping[bool, timedelta] = {True: timedelta(minutes=1), False: timedelta(hours=1)}
"""By whether it is urgent."""
TRIES_BEFORE_NEXT, TRIES_BY_LAST = 4, 20
"""By one way, where there is another; and by the last one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one reporter. `report_id` is where intake finds him, `reporter_ref` which of those there he is.

    `due_at` is the date it tells, if it tells one; `reason` a suspension's, from the closed list; `call` whom to call.
    """

    kind: AnswerKind
    report_id: str
    reporter_ref: str
    number: str | None = None
    due_at: datetime | None = None
    reason: ev.SuspensionReason | None = None
    call: tuple[str, ...] = ()

    @property
    def urgent(self) -> bool:
        """Goes out at night, too."""
        return self.kind == "emergency"

    def useful_until(self, at: datetime) -> datetime:
        """Of an event of that instant. A question is worth nothing once its answer is not waited for any more."""
        if self.urgent:
            return at + URGENT_FOR
        until = at + USEFUL_FOR[self.kind in RESULTS]
        return min(until, self.due_at) if self.kind == "question" and self.due_at is not None else until


def answers_for(event: Event, header: Header) -> list[Answer]:
    """One for each reporter whom it concerns, merged ones too; of anonymous ones nothing is kept that could be told."""
    kind = _kind(event)
    if kind is None or not _has_word(event, kind):
        return []
    return [_answer(kind, each, event, header) for each in _told(event, header) if each.secrecy != "anonymous"]


def again_at(
    tries: int, now: datetime, roll: float, *, urgent: bool, last: bool, retry_after: timedelta | None = None
) -> datetime | None:
    """After so many tries by one way that may work later: when the next one is; None: the next way has its turn.

    Exponential with full jitter, and never sooner than the provider said.
    """
    if tries >= (TRIES_BY_LAST if last else TRIES_BEFORE_NEXT):
        return None
    doubled: timedelta = FIRST_PAUSE[urgent] * 2 ** (tries - 1)
    return now + (retry_after or timedelta()) + min(doubled, LONGEST_PAUSE[urgent]) * roll


def _kind(event: Event) -> AnswerKind | None:
    match event:
        case ev.CaseAccepted():
            return "accepted"
        case ev.InfoRequested():
            return "question"
        case ev.PlanAgreed():
            return "plan"
        case ev.CaseContacted():
            return "message"
        case ev.ExtensionApproved():
            return "more_time"
        case ev.CaseSuspended():
            return "suspended"
        case ev.CaseOverdue():
            return "late"
        case ev.CheckPassed() | ev.CheckSkipped():
            return "please_rate"
        case ev.EmergencyDiverted() | ev.EmergencyCalled():
            return "emergency"
        case _:
            return _end(event)


def _end(event: Event) -> AnswerKind | None:
    match event:
        case ev.CaseClosed():
            return "closed"
        case ev.CaseNotAccepted():
            return "not_accepted"
        case ev.CaseMerged():
            return "merged"
        case ev.CaseTransferredOut():
            return "transferred_out"
        case _:
            return None


def _has_word(event: Event, kind: AnswerKind) -> bool:
    """What the rules divert by themselves while it is reported has shown its number on the screen of the receipt."""
    if kind == "emergency":
        return event.by.post is not None
    wanted = REPLY_OF.get(kind)
    return wanted is None or any(each.key == wanted for each in event.replies)


def _told(event: Event, header: Header) -> Iterable[ReporterSeen]:
    """A word to one reporter alone is his; every other, and a plan, is for all."""
    only = {each.to for each in event.replies if each.to is not None}
    every = not event.replies or any(each.to is None for each in event.replies)
    return [each for each in header.reporters if every or each.ref in only]


def _answer(kind: AnswerKind, told: ReporterSeen, event: Event, header: Header) -> Answer:
    report_id = header.report_id if told.from_case is None else report_id_of(told.from_case)
    number = event.lead_number if isinstance(event, ev.CaseMerged) else header.number
    return Answer(
        kind, report_id, told.ref, number, _due_at(event),
        reason=event.reason if isinstance(event, ev.CaseSuspended) else None,
        call=event.numbers if isinstance(event, ev.EmergencyDiverted | ev.EmergencyCalled) else (),
    )  # fmt: skip


def _due_at(event: Event) -> datetime | None:
    match event:
        case ev.InfoRequested():
            return _of(event.deadlines, "info")
        case ev.PlanAgreed():
            return max((each.due_at for each in event.finish), default=None)
        case ev.ExtensionApproved():
            return event.until
        case ev.CaseSuspended():
            return event.review_at
        case ev.CaseOverdue():
            return event.look_at
        case _:
            return None


def _of(deadlines: Iterable[Deadline], clock: str) -> datetime | None:
    found: Iterator[datetime] = (each.due_at for each in deadlines if each.clock == clock)
    return next(found, None)
