"""What may have happened to a whistle and its responders: the public contract."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Literal

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.happened import STAYS, Called, ClockName, Deadline, Happened, Mark, PlannedTask
from shaoyin.domain.pack import Tier


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
    upgraded_from: str | None = None
    approvers: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class WhistleOpened:
    """A whistle that was blown without being requested first: an emergency (W4) or a standing one (a20)."""

    whistle_type: str
    tier: Tier
    source: str
    task: str
    blower: str
    blocking: bool
    area: str
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleBlown(OfWhistle):
    """W2, W4, a20. `opened` has what an emergency or standing whistle says, which nobody requested before."""

    type = "whistle.blown"
    called: tuple[Called, ...]
    lead: str | None
    places: int | None
    place: str | None
    starts_at: datetime | None
    deadlines: tuple[Deadline, ...] = ()
    emergency: bool = False
    opened: WhistleOpened | None = None
    warned: tuple[str, ...] = ()


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
    """W5. `deadlines`: the dates of a person who was not called, but saw the call and answered (decisions 2.31)."""

    type = "whistle.acknowledged"
    all_have: bool = False
    deadlines: tuple[Deadline, ...] = ()


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
    """W9. The first arrival in a type without plan makes the whistle itself working (decisions 2.4)."""

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
    meets_first_step: bool = False
    deadlines: tuple[Deadline, ...] = ()


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
    """a30. Never automatic: somebody said so, with a reason (decisions 2.3)."""

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


@dataclass(frozen=True, slots=True)
class Served:
    """The minutes a person was on site when the whistle ended without a result of his (decisions 2.38)."""

    person: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleCancelled(OfWhistle):
    """W16. Those on site keep their service record (decisions 2.19)."""

    type = "whistle.cancelled"
    reason: str
    served: tuple[Served, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleOverdue(OfWhistle):
    """A whistle's clock ran out: step 1 tells the slow post's head, step 2 the joint office after the same span.

    `deadlines`: the clock that begins again, where a report is due every so often (decisions 2.22).
    """

    type = "whistle.overdue"
    clock: ClockName
    step: int
    due_at: datetime
    told: tuple[str, ...]
    responder: str | None = None
    look_at: datetime | None = None
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAfterwards(OfWhistle):
    """a21. A no changes no responder's state; the blower decides whether to cancel (decisions 2.12)."""

    type = "whistle.approved_afterwards"
    approved: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockingLifted(OfWhistle):
    type = "whistle.blocking_lifted"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleUpgraded(OfWhistle):
    """W14. The old one ends, its results are kept unrated; blocking passes on (decisions 2.18)."""

    type = "whistle.upgraded"
    reason: Literal["plan_failed", "beyond_power"]
    new_whistle: str
    served: tuple[Served, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderAdded(OfWhistle):
    type = "whistle.responder_added"
    called: Called
    proposed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderPromoted(OfResponder):
    """a28. First in line takes the place that another gave up."""

    type = "whistle.promoted"
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistleObjected(OfResponder):
    """W6. It answers the acknowledgement; contact and arrive stop, in an emergency nothing does (decisions 2.17)."""

    type = "whistle.objected"
    ground: str
    basis: str
    stops: bool
    deciders: tuple[str, ...]
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDecided(OfResponder):
    """W7. Overruled, contact and arrive go on with what was left; upheld, the responder is out."""

    type = "whistle.objection_decided"
    decision: Literal["uphold", "overrule"]
    reason: str
    deadlines: tuple[Deadline, ...] = ()
    staffing: tuple[Deadline, ...] = ()
    all_in: bool = False
    rating: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationReported(OfResponder):
    type = "whistle.situation_reported"
    reported_at: datetime
    deadlines: tuple[Deadline, ...]
    note: str = field(default="", metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseWithdrawn(OfResponder):
    """a29. A person steps back before arrival, without ground; nobody left: the blower has 4 wh (decisions 2.31)."""

    type = "whistle.response_withdrawn"
    staffing: tuple[Deadline, ...] = ()
    all_in: bool = False
    deadlines: tuple[Deadline, ...] = ()
