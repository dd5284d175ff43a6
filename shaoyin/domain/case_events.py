"""What may have happened to a case: the public contract. An event carries every resolved fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from shaoyin.domain.conditions import Fact
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.happened import (
    STAYS,
    ClockName,
    Deadline,
    Grade,
    Ground,
    Happened,
    Outcome,
    Party,
    Publication,
    Scheduled,
    SuspensionReason,
    Vetting,
    WhistleDate,
)
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Answer, Origin, PlaceGiven, Report, Secrecy
from shaoyin.domain.rules import Mode, RowSeen


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
    also_reporters: tuple[tuple[str, Secrecy], ...] = ()
    opened_from: str | None = None
    attachments: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    row: int | None = None
    lines: tuple[str, ...] = ()
    mode: Mode | None = None
    explanation: tuple[RowSeen, ...] = field(default=(), metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(Happened):
    """`secrecy` is raised where the confirmed category masks its reporters (row 17); None: as it was.

    Where a person must still say whether it is posted for claim or dispatched, `row` and `mode` are what the rules
    propose (decisions 1.43).
    """

    type = "case.accepted"
    number: str
    category: str
    area: str
    urgency: Urgency
    answers: Mapping[str, Answer]
    deadlines: tuple[Deadline, ...]
    secrecy: Secrecy | None = None
    handler_proposed: str | None = None
    hazard: bool = False
    row: int | None = None
    lines: tuple[str, ...] = ()
    mode: Mode | None = None
    late: str | None = None
    scheduled: tuple[Scheduled, ...] = ()
    explanation: tuple[RowSeen, ...] = field(default=(), metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDispatched(Happened):
    """`unlabelled` are told that there is something at the place, and neither of what kind nor more (row 72)."""

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
    whistles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    scheduled: tuple[Scheduled, ...] = ()
    unlabelled: tuple[Party, ...] = ()
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
    meets_first_step: bool = False
    note: str = field(metadata=STAYS)
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRecorded(Happened):
    """What was made safe for the time being; it meets the 24 hours of a hazard (decisions 1.21)."""

    type = "case.temporary_measure_recorded"
    text: str
    photos: tuple[str, ...] = ()
    meets_first_step: bool = False
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSubmitted(Happened):
    type = "case.result_submitted"
    demand_true: bool
    solved: str
    public_reply: str
    work_done: str = field(metadata=STAYS)
    why_not: str | None = field(default=None, metadata=STAYS)
    why_no_photo: str | None = field(default=None, metadata=STAYS)
    beyond_duty: str | None = None
    contacted: str | None = field(default=None, metadata=STAYS)
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
    """`raised` from the fourth on: the matter is laid before the upper government (ladder, step 5)."""

    type = "case.rework_ordered"
    reason: str
    rework: int
    deadlines: tuple[Deadline, ...]
    raised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledBack(Happened):
    type = "case.called_back"
    reporter_ref: str
    outcome: Literal["solved", "partly_solved", "unsolved", "no_contact"]
    answered: bool
    satisfaction: str | None = None
    plan: str | None = None
    tries: tuple[datetime, ...] = ()
    explained: bool = False
    approved_for: str | None = None
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
    result: str | None = field(default=None, metadata=STAYS)
    attachments: tuple[str, ...] = ()


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
    handler: str | None = None
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSupervised(Happened):
    type = "case.supervised"
    grade: Grade
    told: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    reason: str = "overdue"
    supervisor: str | None = None


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
class EmergencyDiverted(Happened):
    """Row 3. Ended by the call to make now; `follow_up` is the ordinary matter behind it (decisions 1.31, 2.5)."""

    type = "case.diverted"
    numbers: tuple[str, ...]
    danger: str
    facts: Mapping[str, Answer] = field(default_factory=dict)
    follow_up: Report | None = field(default=None, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCalled(Happened):
    """Row 3 once dispatched: the call is added and the case goes on as critical."""

    type = "case.emergency_called"
    numbers: tuple[str, ...]
    danger: str
    facts: Mapping[str, Answer] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyChanged(Happened):
    """Row 43. `deadlines` are the unmet clocks counted anew."""

    type = "case.urgency_changed"
    urgency: Urgency
    reason: str
    deadlines: tuple[Deadline, ...]
    proposed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoRequested(Happened):
    """Row 4. The reply clock stops meanwhile, unless the matter is critical."""

    type = "case.info_requested"
    question: str
    deadlines: tuple[Deadline, ...]
    reply_runs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoSupplied(Happened):
    type = "case.info_supplied"
    text: str
    answers: Mapping[str, Answer]
    place: PlaceGiven | None = None
    area: str | None = None
    attachments: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    reporter_ref: str | None = None
    on_behalf: bool = False
    place_how: str | None = None
    place_seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoWaitOver(Happened):
    """a1. Nobody answered; triage decides with what there is (decisions 1.19)."""

    type = "case.info_wait_over"
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequested(Happened):
    type = "case.verify_requested"
    verifier: Party
    deadlines: tuple[Deadline, ...]
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerified(Happened):
    type = "case.verified"
    finding: Literal["confirmed", "could_not_be_verified"]
    text: str | None = field(default=None, metadata=STAYS)
    photos: tuple[str, ...] = ()
    why_none: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotAccepted(Happened):
    """Rows 6, 9, 12, a5. `where_instead` says where to go; the reply says how to disagree."""

    type = "case.not_accepted"
    ground: str
    where_instead: str | None = None
    finding_by: str | None = None
    proposed_by: str | None = None
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalDisputed(Happened):
    """a2. Another person looks: triage's superior owns it, with a new T0 (decisions 1.30)."""

    type = "case.refusal_disputed"
    text: str
    deadlines: tuple[Deadline, ...]
    reporter_ref: str | None = None
    on_behalf: bool = False
    owner: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMerged(Happened):
    type = "case.merged"
    lead: str
    lead_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterAttached(Happened):
    """a13. A reporter of a merged case; the lead's ends are told to him too (I5)."""

    type = "case.reporter_attached"
    reporter_ref: str
    secrecy: Secrecy
    from_case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterDetached(Happened):
    """Row 39. He is answered and out; a hazard goes on without him (decisions 1.22)."""

    type = "case.reporter_detached"
    reporter_ref: str
    reason: str | None = field(default=None, metadata=STAYS)
    on_behalf: bool = False
    origin: Origin | None = None
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(Happened):
    type = "case.withdrawn"
    reporter_ref: str | None = None
    reason: str | None = field(default=None, metadata=STAYS)
    on_behalf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferredOut(Happened):
    type = "case.transferred_out"
    receiver: str
    receipt_number: str
    how_to_follow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaChanged(Happened):
    """Row 40, another area of the same installation: its triage is the owner now."""

    type = "case.area_changed"
    area: str
    owner: Party
    deadlines: tuple[Deadline, ...]
    before: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPosted(Happened):
    """Row 15. `needed` claims make it signed: one, for minors two (decisions 2.15)."""

    type = "order.posted"
    publication: Publication
    task: str
    places: int
    needed: int
    deadlines: tuple[Deadline, ...]
    eligible: tuple[str, ...]
    agreed_at: datetime | None = None
    consent: bool = False
    vetting: Vetting = "none"
    dangerous: bool = False
    household: str | None = field(default=None, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClaimed(Happened):
    """Row 16. `completes`: with this claim the work has those it needs."""

    type = "order.claimed"
    claimant: Party
    completes: bool
    lead: bool
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUnclaimed(Happened):
    """Row 17. The window is over; the community assigns it or declines with a reason."""

    type = "order.unclaimed"
    deadlines: tuple[Deadline, ...]
    owner: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGivenBack(Happened):
    type = "order.given_back"
    claimant: str
    to: Literal["open_for_claim", "accepted"]
    owner: Party
    deadlines: tuple[Deadline, ...] = ()
    reason: str | None = field(default=None, metadata=STAYS)
    eligible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTakenBack(Happened):
    """a4. Without mark or penalty (decisions 2.13)."""

    type = "order.taken_back"
    claimant: str
    to: Literal["open_for_claim", "accepted"]
    owner: Party
    deadlines: tuple[Deadline, ...] = ()
    reason: str = field(metadata=STAYS)
    eligible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReturned(Happened):
    """Row 19. `number` of this cycle: at the first triage reassigns, at the second the adjudicator decides."""

    type = "case.returned"
    ground: Ground
    basis: str
    suggested: str
    number: int
    owner: Party
    deadlines: tuple[Deadline, ...]
    returned_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReassigned(Happened):
    """Row 20. T3 is not reset and no return is counted (decisions 1.6)."""

    type = "case.reassigned"
    main: Party
    co: tuple[Party, ...]
    before: Party | None
    reason: str
    deadlines: tuple[Deadline, ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAdjudicated(Happened):
    """Row 21. Locked: it cannot be returned any more (I7)."""

    type = "case.adjudicated"
    main: Party
    before: Party | None
    reasons: str
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerAdded(Happened):
    type = "case.handler_added"
    handler: Party
    reason: str
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyNotified(Happened):
    type = "case.party_notified"
    party: Party
    text: str = field(metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSubmitted(Happened):
    type = "case.part_submitted"
    handler: str
    text: str = field(metadata=STAYS)
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequested(Happened):
    """Row 26. T3 and the ladder run on until somebody decides (decisions 1.8)."""

    type = "case.extension_requested"
    until: datetime
    public_reason: str
    reason: str = field(metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionApproved(Happened):
    type = "case.extension_approved"
    until: datetime
    public_reason: str
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionDeclined(Happened):
    """a8. Silence declines it when T3 is due (decisions 1.8)."""

    type = "case.extension_declined"
    reason: str
    unanswered: bool = False
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSuspended(Happened):
    type = "case.suspended"
    reason: SuspensionReason
    review_at: datetime
    note_to_reporter: str
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed(Happened):
    """Row 28. T3 gets back the minutes that were left (decisions 1.16)."""

    type = "case.resumed"
    deadlines: tuple[Deadline, ...]
    reason: str | None = field(default=None, metadata=STAYS)
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Happened):
    """Row 37. A new cycle: returns, reworks and suspensions at 0, supervision stays."""

    type = "case.reopened"
    reason: str
    to: Literal["in_progress", "accepted"]
    deadlines: tuple[Deadline, ...]
    owner: Party
    reporter_ref: str | None = None
    on_behalf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUrged(Happened):
    """Row 41. `quiet`: kept for the morning, or the handler was urged twice today."""

    type = "case.urged"
    text: str | None = None
    reporter_ref: str | None = None
    on_behalf: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReclassified(Happened):
    """a11. A masked category raises the secrecy of every reporter."""

    type = "case.reclassified"
    category: str
    reason: str
    answers: Mapping[str, Answer]
    deadlines: tuple[Deadline, ...]
    secrecy: Secrecy | None = None
    hazard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSplitOff(Happened):
    """a12. The first case keeps its clocks; `follow_up` opens the other one (mechanics 4)."""

    type = "case.split_off"
    new_case: str
    new_number: str | None
    category: str
    follow_up: Report | None = field(default=None, metadata=STAYS)
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecrecyRaised(Happened):
    type = "case.secrecy_raised"
    reporter_ref: str
    secrecy: Secrecy
    on_behalf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksRecomputed(Happened):
    """a40. Both ways, never before now; rungs passed stay (decisions 1.42)."""

    type = "case.clocks_recomputed"
    calendar: str
    deadlines: tuple[Deadline, ...]
    parts: Mapping[str, Deadline] = field(default_factory=dict)
    of_whistles: tuple[WhistleDate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGivenUp(Happened):
    """a3 for a further claimant: one place is free again, the order goes on."""

    type = "order.place_given_up"
    claimant: str
    reason: str | None = field(default=None, metadata=STAYS)
