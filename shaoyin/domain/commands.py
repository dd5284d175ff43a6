"""What may be asked. A command carries its time, who gives it and the facts its caller gathered; nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shaoyin.domain.pack import Tier, Urgency
from shaoyin.domain.report import Answer, Report, Request

Solved = Literal["solved", "partly_solved", "unsolved"]
Satisfaction = Literal["satisfied", "fairly_satisfied", "dissatisfied", "not_rated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What every command has: when, by which person, as which post. Neither person nor post: the system itself."""

    at: datetime
    person: str | None = None
    post: str | None = None

    @property
    def by_system(self) -> bool:
        return self.person is None and self.post is None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Given):
    """Row 2. `number_if_accepted` and `duplicates` (ids of likely duplicates) are gathered by the caller."""

    report: Report
    case_id: str
    number_if_accepted: str
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Given):
    category: str
    area: str
    urgency: Urgency
    number: str = ""
    answers: Mapping[str, Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch(Given):
    """Row 14. Without `main` the rules name the handler; a person may name another."""

    main: str | None = None
    co: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFor(Given):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Given):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactReporter(Given):
    outcome: Literal["reached", "message", "failed"]
    contacted_at: datetime
    note: str
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTemporaryMeasure(Given):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResult(Given):
    demand_true: bool
    solved: Solved
    work_done: str
    public_reply: str
    why_not: str | None = None
    plan: str | None = None
    attachments: tuple[str, ...] = ()
    why_no_photo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCheck(Given):
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailCheck(Given):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCallBack(Given):
    reporter_ref: str
    outcome: Literal["solved", "partly_solved", "unsolved", "no_contact"]
    note: str
    satisfaction: Satisfaction | None = None
    plan: str | None = None
    lawful_explanation: str | None = None
    proposed_by: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Given):
    """A reporter's own answer, carried by `hear_residents` (mechanics 3)."""

    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(Given):
    """The clock looked: announce what ran out, one rung a check (mechanics 20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWhistle(Given):
    whistle_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWhistle(OfWhistle):
    """W1. `members` as in ApproveWhistle, for a post that approves its own request."""

    type: str
    tier: Tier
    task: str
    source: Literal["case", "council", "patrol", "instruction", "campaign", "standing"] = "case"
    why_not_below: str | None = None
    responders: tuple[str, ...] = ()
    responder_type: str | None = None
    lead: str | None = None
    places: int | None = None
    place: str | None = None
    starts_at: datetime | None = None
    blocking: bool = True
    dangerous: bool = False
    linked_to: str | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveWhistle(OfWhistle):
    """W2. `members` are the enrolled persons of the area who may be called now, gathered by the caller."""

    responders: tuple[str, ...] = ()
    lead: str | None = None
    places: int | None = None
    place: str | None = None
    starts_at: datetime | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineWhistle(OfWhistle):
    reason: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfResponder(OfWhistle):
    """A responder's own move; the blower or a post on site may make it for a person (decisions 2.33)."""

    responder: str | None = None
    on_behalf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(OfResponder):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(OfResponder):
    contacted_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive(OfResponder):
    arrived_at: datetime
    where: Literal["meeting", "site"]
    headcount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    text: str
    due: datetime
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreePlan(OfResponder):
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResponse(OfResponder):
    text: str
    attachments: tuple[str, ...] = ()
    tasks_done: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAbsent(OfWhistle):
    responder: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One unit's marks 1-5, or all members as one group (`responder = "members"`); None: nobody concerned."""

    responder: str
    promptness: int | None = None
    attendance: int | None = None
    quality: int | None = None
    resident_view: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateWhistle(OfWhistle):
    ratings: tuple[Score, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWhistle(OfWhistle):
    moved_tasks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWhistle(OfWhistle):
    reason: str


WhistleCommand = (
    RequestWhistle
    | ApproveWhistle
    | DeclineWhistle
    | Acknowledge
    | Contact
    | Arrive
    | AgreePlan
    | SubmitResponse
    | MarkAbsent
    | RateWhistle
    | CloseWhistle
    | CancelWhistle
)
CaseCommand = (
    OpenCase
    | Accept
    | Dispatch
    | SignFor
    | Start
    | ContactReporter
    | RecordTemporaryMeasure
    | SubmitResult
    | PassCheck
    | FailCheck
    | RecordCallBack
    | Rate
    | TimePassed
)
Command = CaseCommand | WhistleCommand
