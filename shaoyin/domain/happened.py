"""What every event is made of: who acted, which clocks began, who was told.

A field marked `STAYS` is stored with the case and never travels: explanations, and notes that only handlers read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal, get_args

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Post

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
Outcome = Literal[
    "solved", "partly_solved", "unsolved_explained", "no_contact", "no_reporter", "already_fixed", "solved_on_spot"
]
Ground = Literal[
    "wrong_area", "wrong_duty", "ownership_unclear", "duplicate", "already_fixed", "beyond_power",
    "not_a_government_matter",
]  # fmt: skip
SuspensionReason = Literal[
    "awaiting_deliberation", "awaiting_funds_vote", "engineering_lead_time", "season_bound",
    "third_party_legal_process", "reporter_unreachable", "evidence_pending",
]  # fmt: skip
Publication = Literal["category_only", "short", "full"]
Vetting = Literal["none", "basic", "minors"]


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

    `look_at` is when somebody must look first; None for a date that is nobody's lateness. `left` are the minutes that
    were counted from `from_at` where they are not the whole of `within`: given back after a pause, or half for a
    rework; `length` is then the whole length in minutes, of which the shares of the ladder are taken.
    """

    clock: ClockName
    from_at: datetime
    within: str
    due_at: datetime
    look_at: datetime | None
    calendar: str
    provisional: bool = False
    left: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class WhistleDate:
    """A clock of a whistle, or of one of its responders, with its new date."""

    whistle_id: str
    responder: str | None
    deadline: Deadline


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
class Scheduled:
    """A proposal beside the handling, a campaign, a council topic, an order: its id is made of row, place and window.

    The same id is the same proposal, whichever case it came with, so it is told once (mechanics 5).
    """

    proposal: str
    row: int
    what: str
    place: str
    due_at: datetime
    told: tuple[str, ...]


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
