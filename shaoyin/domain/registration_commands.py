"""What may be asked of an enrolment; the fields are those of the specification's table (rows a33-a39)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import Given
from shaoyin.domain.happened import Vetting
from shaoyin.domain.org import RegistrationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRegistration(Given):
    registration_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(OfRegistration):
    """a33. `who` is a person, or for a unit its duty post.

    `open_areas` the caller gathers: the areas in which the same one is enrolled or has applied already.
    """

    kind: RegistrationKind
    who: str
    area: str
    start: date | None = None
    skills: tuple[str, ...] = ()
    free_times: tuple[str, ...] = ()
    area_limits: tuple[str, ...] = ()
    at_home_only: bool = False
    household: str | None = None
    consent_shown: bool = False
    on_behalf: bool = False
    open_areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(OfRegistration):
    vetting: Vetting | None = None
    vetted_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(Given):
    clock: Literal["activate"] = "activate"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseRegistration(OfRegistration):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(OfRegistration):
    until: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRegistration(OfRegistration):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class End(OfRegistration):
    reason: str | None = None


RegistrationCommand = Apply | Confirm | TimePassed | RefuseRegistration | Pause | ResumeRegistration | End
