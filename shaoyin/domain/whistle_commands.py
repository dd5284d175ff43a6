"""What may be asked of a whistle, and of each of its responders."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import Enrolled, Given
from shaoyin.domain.pack import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWhistle(Given):
    whistle_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWhistle(OfWhistle):
    """W1. `members` as in ApproveWhistle, for a post that approves its own request.

    `blocking` left open: by the source (decisions 2.8). `blower` and `upgraded_from` are the system's, which asks again
    one tier up for the post that blew first (decisions 2.18).
    """

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
    blocking: bool | None = None
    dangerous: bool = False
    linked_to: str | None = None
    members: tuple[Enrolled, ...] = ()
    blower: str | None = None
    upgraded_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveWhistle(OfWhistle):
    """W2. `members` are the enrolled persons of the area who may be called now, gathered by the caller."""

    responders: tuple[str, ...] = ()
    responder_type: str | None = None
    lead: str | None = None
    places: int | None = None
    place: str | None = None
    starts_at: datetime | None = None
    members: tuple[Enrolled, ...] = ()


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
    """W5. `enrolled` is the person's registration: one who was not called sees the whistle and may answer."""

    enrolled: Enrolled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(OfResponder):
    contacted_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive(OfResponder):
    arrived_at: datetime
    enrolled: Enrolled | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BlowEmergencyWhistle(OfWhistle):
    """W4. Blown at once, approved afterwards; `members` as in ApproveWhistle."""

    type: str
    tier: Tier
    task: str
    responders: tuple[str, ...] = ()
    responder_type: str | None = None
    place: str | None = None
    starts_at: datetime | None = None
    blocking: bool | None = None
    members: tuple[Enrolled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlowStanding(OfWhistle):
    """a20. One date of a standing rule of the pack, blown by the system a working day before."""

    rule: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAfterwards(OfWhistle):
    approved: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftBlocking(OfWhistle):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeWhistle(OfWhistle):
    reason: Literal["plan_failed", "beyond_power"]
    type: str
    why_not_below: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResponder(OfWhistle):
    """a27. `enrolled` is the person's registration, where a person is added."""

    responder: str
    proposed_by: str | None = None
    enrolled: Enrolled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(OfResponder):
    ground: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideObjection(OfWhistle):
    responder: str
    decision: Literal["uphold", "overrule"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawResponse(OfWhistle):
    """a29. One's own step back; or the system's, where `responder`'s registration has ended (row a39)."""

    responder: str | None = None
