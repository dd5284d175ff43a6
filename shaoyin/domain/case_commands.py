"""What may be asked of a case. A command carries its time, who gives it and the facts its caller gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from shaoyin.domain.conditions import Fact
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import ByReporter, Enrolled, Given
from shaoyin.domain.happened import ClockName, Grade, Ground, Publication, SuspensionReason, Vetting
from shaoyin.domain.hits import Hits
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Answer, PlaceGiven, Report, Secrecy
from shaoyin.domain.rules import Mode

Solved = Literal["solved", "partly_solved", "unsolved"]
Satisfaction = Literal["satisfied", "fairly_satisfied", "dissatisfied", "not_rated"]
Raised = Literal["confidential", "anonymous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Given):
    """Row 2. `number_if_accepted` and `duplicates` (ids of likely duplicates) are gathered by the caller.

    `facts` too: the pack's counts by name, this case included; `same_reporter_case`, the open case of the same
    reporter, place and category within seven days, and its number; `overloaded`, the posts above their load, joined by
    commas. And `hits`: what lies where the report's point is. `to_triage`: split off by somebody who is not triage, so
    a person looks first (a12).
    """

    report: Report
    case_id: str
    number_if_accepted: str
    duplicates: tuple[str, ...] = ()
    to_triage: bool = False
    hits: Hits = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DivertEmergency(Given):
    numbers: tuple[str, ...]
    danger: str
    facts: Mapping[str, Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskInfo(Given):
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyInfo(ByReporter):
    text: str
    answers: Mapping[str, Answer] | None = None
    place: PlaceGiven | None = None
    attachments: tuple[str, ...] = ()
    hits: Hits = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpInfo(Given):
    """Row 6, by the clock alone."""

    clock: ClockName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive(Given):
    """Row 38, by the clock alone."""

    clock: ClockName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendVerify(Given):
    to_post: str
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Given):
    finding: Literal["confirmed", "could_not_be_verified"]
    text: str | None = None
    photos: tuple[str, ...] = ()
    why_none: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(Given):
    outcome: Literal["not_accepted", "already_fixed"]
    finding_by: str
    public_reply: str
    ground: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOnSpot(Given):
    result: str
    public_reply: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """The case into which another is merged, as the caller found it; a merged lead stands for its own lead."""

    case_id: str
    number: str | None
    open: bool
    category: str | None
    area: str | None
    same_reporter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeInto(Given):
    """Row 11. `found` is the lead as the caller found it, with the reporters attached already (mechanics 4)."""

    lead: str
    found: Lead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachReporter(Given):
    reporter_ref: str
    from_case: str
    secrecy: Secrecy
    urgency_of_newcomer: Urgency = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Given):
    ground: str
    public_reply: str
    where_instead: str
    proposed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRefusal(ByReporter):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Given):
    category: str
    area: str
    urgency: Urgency
    number: str = ""
    answers: Mapping[str, Answer] | None = None
    handler_proposed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch(Given):
    """Row 14. Without `main` the rules name the handler; a person may name another."""

    main: str | None = None
    co: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    mode: Mode | None = None
    routing_row: int | None = None
    whistles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostForClaim(Given):
    """Row 15. `members` are the enrolled persons of the area; `household` is whose order it is (decisions 2.27)."""

    publication: Publication | None = None
    task: str
    places: int = 1
    agreed_time: datetime | None = None
    consent: bool = False
    vetting: Vetting = "none"
    dangerous: bool = False
    household: str | None = None
    members: tuple[Enrolled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Given):
    """Row 16. `member` is the claimant's registration, None where there is none in force."""

    member: Enrolled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack(Given):
    """a3. The claimant's own; or the system's, where `claimant`'s registration has ended (row a39)."""

    reason: str | None = None
    claimant: str | None = None
    members: tuple[Enrolled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(Given):
    reason: str
    members: tuple[Enrolled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOrder(Given):
    ground: str
    public_reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFor(Given):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCase(Given):
    ground: Ground
    basis: str
    suggested: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign(Given):
    main: str
    reason: str
    co: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudicate(Given):
    main: str
    reasons: str


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
class AddHandler(Given):
    to_post: str
    reason: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyParty(Given):
    to_post: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPart(Given):
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtension(Given):
    until: datetime
    reason: str
    public_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveExtension(Given):
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineExtension(Given):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspend(Given):
    reason: SuspensionReason
    review_at: datetime
    note_to_reporter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Given):
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTemporaryMeasure(Given):
    text: str
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResult(Given):
    demand_true: bool
    solved: Solved
    work_done: str
    public_reply: str
    beyond_duty: str | None = None
    contacted: str | None = None
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
    tries: tuple[datetime, ...] = ()
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(ByReporter):
    solved: Solved
    satisfaction: Satisfaction | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(ByReporter):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(ByReporter):
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseSecrecy(ByReporter):
    secrecy: Raised


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge(ByReporter):
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOut(Given):
    """Row 40. To an outside body with its receipt number; or, with `area` alone, within the installation."""

    public_reply: str
    receiver: str | None = None
    receipt_number: str | None = None
    how_to_follow: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise(Given):
    grade: Grade
    reason: str
    review_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUrgency(Given):
    urgency: Urgency
    reason: str
    proposed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassify(Given):
    category: str
    reason: str
    answers: Mapping[str, Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff(Given):
    """a12. `new_number` is the number the new case gets if it is accepted at once, taken by the caller."""

    description: str
    category: str
    place: PlaceGiven | None = None
    accepted: bool = False
    new_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputeClocks(Given):
    calendar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(Given):
    """The clock looked: announce what ran out, one rung a check (mechanics 20).

    Given without a clock; the flow names each one that ran out, with its whistle and responder.
    """

    clock: ClockName | None = None
    whistle_id: str | None = None
    responder: str | None = None
