"""What may have happened: the public contract. An event carries every resolved fact, so replay consults no rules.

A field marked `STAYS` is stored with the case and never travels: explanations, and notes that only handlers read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, get_args

from shaoyin.domain.org import Post
from shaoyin.domain.pack import Tier, Urgency
from shaoyin.domain.report import Answer, Origin, PlaceGiven, Secrecy
from shaoyin.domain.rules import Fact, Mode

STAYS: Mapping[str, bool] = {"stays": True}

CaseState = Literal[
    "reported", "needs_info", "verifying", "accepted", "open_for_claim", "dispatched", "returned", "signed",
    "in_progress", "suspended", "result_submitted", "calling_back",
    "closed", "archived", "not_accepted", "merged", "withdrawn", "transferred_out",
]  # fmt: skip
OPEN: frozenset[CaseState] = frozenset(get_args(CaseState)[:12])
WhistleState = Literal[
    "requested", "blown", "working", "result_in", "rated", "closed", "declined", "cancelled", "upgraded"
]
ResponderState = Literal[
    "called", "acknowledged", "wait_listed", "objected", "on_site", "working", "result_in",
    "absent", "withdrawn", "removed",
]  # fmt: skip
ClockName = Literal[
    "reply", "sign", "contact", "result", "call_back", "info", "verify", "dispatch", "first_step", "hazard",
    "supervision_review", "reassign", "adjudicate", "claim", "assign", "check", "review", "archive", "part",
    "approval", "acknowledge", "arrive", "finish", "objection", "rating", "closing", "staffing", "situation",
]  # fmt: skip
Grade = Literal["ordinary", "yellow_card", "red_card"]
Outcome = Literal["solved", "partly_solved", "unsolved_explained", "no_contact", "no_reporter"]


@dataclass(frozen=True, slots=True)
class By:
    """Who acted: a post and the person in it; a reporter by reference; all empty: the system."""

    post: str | None = None
    person: str | None = None
    reporter: str | None = None


SYSTEM = By()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock as it was started: the instant, and the arithmetic that made it.

    `look_at` is when somebody must look first; None for a date that is nobody's lateness.
    """

    clock: ClockName
    from_at: datetime
    within: str
    due_at: datetime
    look_at: datetime | None
    calendar: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """An owner, handler or responder as others see it: a post or a person, its body and its area."""

    post: str | None
    person: str | None
    org: str | None
    area: str

    @classmethod
    def of(cls, post: Post) -> Party:
        return cls(post.post_id, None, post.org, post.area)


@dataclass(frozen=True, slots=True)
class Called:
    """A responder and the clocks that began for it; a person is never late (decisions 2.10)."""

    responder: str
    party: Party
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A word to a reporter: a text of the pack by its key, or free words. To everybody when `to` is None."""

    key: str
    words: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class RowSeen:
    """One row of the explanation; `lacking` names the first condition that failed, `seen` the value it met."""

    row: int
    lacking: str | None = None
    seen: Fact = None


@dataclass(frozen=True, slots=True)
class PlannedTask:
    text: str
    due_at: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class Mark:
    responder: str
    promptness: int | None
    attendance: int | None
    quality: int | None
    resident_view: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What every event says: when, by whom, and which words went to reporters with it."""

    type: ClassVar[str]
    at: datetime
    by: By = SYSTEM
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReported(Happened):
    type = "case.reported"
    case_id: str
    report_id: str
    pack: str
    pack_version: str
    description: str
    place: PlaceGiven
    place_how: str
    place_seen: str
    area: str | None
    category: str | None
    urgency: Urgency
    secrecy: Secrecy
    origin: Origin
    channel: str
    received_at: datetime
    owner: Party
    reporter_ref: str | None = None
    occurred_at: datetime | None = None
    on_behalf: bool = False
    answers: Mapping[str, Answer] = field(default_factory=dict)
    emergency_shown: tuple[str, ...] = ()
    triage_because: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(Happened):
    type = "case.accepted"
    number: str
    category: str
    area: str
    urgency: Urgency
    answers: Mapping[str, Answer]
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDispatched(Happened):
    type = "case.dispatched"
    main: Party
    co: tuple[Party, ...]
    informed: tuple[Party, ...]
    mode: Mode
    urgency: Urgency
    row: int
    added_rows: tuple[int, ...]
    rules_version: str
    late: str | None
    chosen_by_person: bool
    deadlines: tuple[Deadline, ...]
    explanation: tuple[RowSeen, ...] = field(default=(), metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSigned(Happened):
    type = "case.signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted(Happened):
    type = "case.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContacted(Happened):
    type = "case.contacted"
    outcome: Literal["reached", "message", "failed"]
    contacted_at: datetime
    met: bool
    note: str = field(metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRecorded(Happened):
    """What was made safe for the time being; it meets the 24 hours of a hazard (decisions 1.21)."""

    type = "case.temporary_measure_recorded"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSubmitted(Happened):
    type = "case.result_submitted"
    demand_true: bool
    solved: str
    public_reply: str
    work_done: str = field(metadata=STAYS)
    why_not: str | None = field(default=None, metadata=STAYS)
    why_no_photo: str | None = field(default=None, metadata=STAYS)
    plan: str | None = None
    attachments: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPassed(Happened):
    type = "case.check_passed"
    deadlines: tuple[Deadline, ...]
    note: str | None = field(default=None, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSkipped(Happened):
    type = "case.check_skipped"
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkOrdered(Happened):
    type = "case.rework_ordered"
    reason: str
    rework: int
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledBack(Happened):
    type = "case.called_back"
    reporter_ref: str
    outcome: Literal["solved", "partly_solved", "unsolved", "no_contact"]
    answered: bool
    satisfaction: str | None = None
    plan: str | None = None
    note: str = field(default="", metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRated(Happened):
    type = "case.rated"
    reporter_ref: str
    solved: str
    answered: bool
    satisfaction: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAccepted(Happened):
    type = "case.request_accepted"
    request_id: str
    reporter_ref: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused(Happened):
    type = "case.request_refused"
    request_id: str
    reporter_ref: str
    asked: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Happened):
    type = "case.closed"
    outcome: Outcome
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseArchived(Happened):
    type = "case.archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDueSoon(Happened):
    type = "case.due_soon"
    clock: ClockName
    look_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverdue(Happened):
    """A clock ran out. For `result` a hop of the ladder: the body now told, those skipped because nobody is there."""

    type = "case.overdue"
    clock: ClockName
    due_at: datetime
    told: tuple[str, ...]
    hop: int = 0
    body: str | None = None
    skipped: tuple[str, ...] = ()
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSupervised(Happened):
    type = "case.supervised"
    grade: Grade
    told: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    reason: str = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReviewDue(Happened):
    type = "case.review_due"
    told: tuple[str, ...]
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMarkedHard(Happened):
    type = "case.marked_hard"
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWhistle(Happened):
    whistle_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleRequested(OfWhistle):
    type = "whistle.requested"
    whistle_type: str
    tier: Tier
    source: str
    task: str
    blower: str
    blocking: bool
    area: str
    why_not_below: str | None = None
    responders: tuple[str, ...] = ()
    responder_type: str | None = None
    lead: str | None = None
    places: int | None = None
    place: str | None = None
    starts_at: datetime | None = None
    dangerous: bool = False
    linked_to: str | None = None
    approvers: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleBlown(OfWhistle):
    type = "whistle.blown"
    called: tuple[Called, ...]
    lead: str | None
    places: int | None
    place: str | None
    starts_at: datetime | None
    deadlines: tuple[Deadline, ...] = ()
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleDeclined(OfWhistle):
    type = "whistle.declined"
    reason: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfResponder(OfWhistle):
    responder: str
    on_behalf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleAcknowledged(OfResponder):
    type = "whistle.acknowledged"
    all_have: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleWaitListed(OfResponder):
    type = "whistle.wait_listed"
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleContacted(OfResponder):
    type = "whistle.contacted"
    contacted_at: datetime
    note: str = field(default="", metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleArrived(OfResponder):
    type = "whistle.arrived"
    arrived_at: datetime
    where: str
    state: Literal["on_site", "working"]
    first: bool
    starts_work: bool
    headcount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAgreed(OfWhistle):
    type = "whistle.plan_agreed"
    tasks: tuple[PlannedTask, ...]
    finish: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSubmitted(OfResponder):
    """W11. `minutes` goes into a person's service record: first arrival to result (decisions 2.38)."""

    type = "whistle.result_submitted"
    text: str
    minutes: int | None
    all_in: bool
    attachments: tuple[str, ...] = ()
    tasks_done: tuple[int, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderAbsent(OfResponder):
    type = "whistle.responder_absent"
    reason: str
    all_in: bool
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleRated(OfWhistle):
    type = "whistle.rated"
    marks: tuple[Mark, ...]
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleClosed(OfWhistle):
    type = "whistle.closed"
    moved_tasks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleCancelled(OfWhistle):
    type = "whistle.cancelled"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleOverdue(OfWhistle):
    """A whistle's clock ran out: step 1 tells the slow post's head, step 2 the joint office after the same span."""

    type = "whistle.overdue"
    clock: ClockName
    step: int
    due_at: datetime
    told: tuple[str, ...]
    responder: str | None = None
    look_at: datetime | None = None


WhistleEvent = (
    WhistleRequested
    | WhistleBlown
    | WhistleDeclined
    | WhistleAcknowledged
    | WhistleWaitListed
    | WhistleContacted
    | WhistleArrived
    | PlanAgreed
    | ResponseSubmitted
    | ResponderAbsent
    | WhistleRated
    | WhistleClosed
    | WhistleCancelled
    | WhistleOverdue
)
CaseEvent = (
    CaseReported
    | CaseAccepted
    | CaseDispatched
    | CaseSigned
    | CaseStarted
    | CaseContacted
    | MeasureRecorded
    | ResultSubmitted
    | CheckPassed
    | CheckSkipped
    | ReworkOrdered
    | CalledBack
    | CaseRated
    | RequestAccepted
    | RequestRefused
    | CaseClosed
    | CaseArchived
    | CaseDueSoon
    | CaseOverdue
    | CaseSupervised
    | CaseReviewDue
    | CaseMarkedHard
)
Event = CaseEvent | WhistleEvent
EVENTS: tuple[type[Event], ...] = (*get_args(CaseEvent), *get_args(WhistleEvent))
