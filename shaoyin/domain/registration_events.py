"""What happened to an enrolment (`report_in_registration`); the same types drive the store and `shaoyin.members.v1`.

A field marked `STAYS` is about a person: it is stored with the enrolment and never travels.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from typing import ClassVar, Literal, get_args

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.happened import STAYS, SYSTEM, By, Vetting
from shaoyin.domain.org import RegistrationKind

RegistrationState = Literal["applied", "confirmed", "active", "paused", "refused", "ended"]
STATES: tuple[RegistrationState, ...] = get_args(RegistrationState)
OPEN: frozenset[RegistrationState] = frozenset({"applied", "confirmed", "active", "paused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Enrolling:
    """What every one of them says: when, and by whom."""

    type: ClassVar[str]
    at: datetime
    by: By = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationApplied(_Enrolling):
    """`who` is the person's opaque id; of a unit its duty post."""

    type = "registration.applied"
    registration_id: str
    community: str
    kind: RegistrationKind
    who: str
    area: str
    start: date | None = None
    on_behalf: bool = False
    skills: tuple[str, ...] = field(default=(), metadata=STAYS)
    free_times: tuple[str, ...] = field(default=(), metadata=STAYS)
    area_limits: tuple[str, ...] = field(default=(), metadata=STAYS)
    at_home_only: bool = field(default=False, metadata=STAYS)
    household: str | None = field(default=None, metadata=STAYS)
    consent_shown: bool = field(default=False, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationConfirmed(_Enrolling):
    """`activates_at` where a later start was given: clock `activate`. `vetted_until` is the last day it holds."""

    type = "registration.confirmed"
    activates_at: datetime | None = None
    vetting: Vetting = field(default="none", metadata=STAYS)
    vetted_until: date | None = field(default=None, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationActivated(_Enrolling):
    type = "registration.activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRefused(_Enrolling):
    type = "registration.refused"
    reason: str | None = field(default=None, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPaused(_Enrolling):
    """`until` is what was said of the return; nobody is called again before he resumes."""

    type = "registration.paused"
    until: date | None = field(default=None, metadata=STAYS)
    reason: str | None = field(default=None, metadata=STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationResumed(_Enrolling):
    type = "registration.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationEnded(_Enrolling):
    type = "registration.ended"
    reason: str | None = field(default=None, metadata=STAYS)


RegistrationEvent = (
    RegistrationApplied
    | RegistrationConfirmed
    | RegistrationActivated
    | RegistrationRefused
    | RegistrationPaused
    | RegistrationResumed
    | RegistrationEnded
)
REGISTRATION_EVENTS: tuple[type[RegistrationEvent], ...] = get_args(RegistrationEvent)
