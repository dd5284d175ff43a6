"""An enrolment with the community: what is true after its events, and what it makes of a person for a call of help."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import assert_never

from shaoyin.domain import registration_events as ev
from shaoyin.domain.copied import replace
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import Enrolled
from shaoyin.domain.happened import Vetting
from shaoyin.domain.org import RegistrationKind
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration_events import RegistrationEvent, RegistrationState

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FREE_TIME = re.compile(
    rf"({'|'.join(_DAYS)}|workdays|holidays|daily) (([01]\d|2[0-3]):[0-5]\d)-(([01]\d|2[0-3]):[0-5]\d|24:00)", re.ASCII
)
"""`sat 09:00-12:00`; `workdays` and `holidays` as the pack's calendar has them, make-up days included."""
_VETTINGS: tuple[Vetting, ...] = ("none", "basic", "minors")


@dataclass(frozen=True)
class Enrolment:
    """A member, volunteer or unit that reported in. `who` is the person; of a unit its duty post."""

    registration_id: str
    version: int
    community: str
    kind: RegistrationKind
    who: str
    area: str
    state: RegistrationState
    applied_at: datetime
    last_at: datetime
    start: date | None = None
    on_behalf: bool = False
    consent_shown: bool = False
    skills: tuple[str, ...] = ()
    free_times: tuple[str, ...] = ()
    area_limits: tuple[str, ...] = ()
    at_home_only: bool = False
    household: str | None = None
    vetting: Vetting = "none"
    vetted_until: date | None = None
    activates_at: datetime | None = None
    paused_until: date | None = None
    reason: str | None = None

    @property
    def open(self) -> bool:
        return self.state in ev.OPEN

    @property
    def is_person(self) -> bool:
        return self.kind != "unit"

    def vetting_on(self, day: date) -> Vetting:
        """What was confirmed, as long as it holds: an expired vetting counts as none (decisions 2.27)."""
        return self.vetting if self.vetted_until is None or day <= self.vetted_until else "none"


@dataclass(frozen=True, slots=True)
class EnrolmentSeen:
    """The public facts of an enrolment after a decision; every event carries them. No name, nothing about a person."""

    registration_id: str
    version: int
    community: str
    kind: RegistrationKind
    who: str
    area: str
    state: RegistrationState
    activates_at: datetime | None


def seen(enrolment: Enrolment) -> EnrolmentSeen:
    return EnrolmentSeen(
        enrolment.registration_id, enrolment.version, enrolment.community, enrolment.kind, enrolment.who,
        enrolment.area, enrolment.state, enrolment.activates_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may answer a call in a place now: active, not paused, not ended, within the own limits.

    `free` is what the own free times say of that instant. `at_home_only` and `skills` are the call's to weigh.
    """

    person: str
    registration_id: str
    kind: RegistrationKind
    vetting: Vetting
    household: str | None
    skills: tuple[str, ...] = ()
    at_home_only: bool = False
    free: bool = True

    @property
    def may_be_alerted(self) -> bool:
        """Who is not alerted still sees the call and may answer (decisions 2.32)."""
        return self.free and not self.at_home_only

    @property
    def enrolled(self) -> Enrolled:
        return Enrolled(self.person, self.vetting, self.household, self.may_be_alerted)


def member_of(enrolment: Enrolment, area: str, at: datetime, pack: Pack) -> Member | None:
    """None where the enrolment does not count there and then.

    Area: the enrolment's covers the place, or lies in it where a whole community is called (decisions 2.32); the own
    limits must cover the place.
    """
    if enrolment.state != "active" or not enrolment.is_person or not counts_in(enrolment, area, pack):
        return None
    return Member(
        person=enrolment.who, registration_id=enrolment.registration_id, kind=enrolment.kind,
        vetting=enrolment.vetting_on(pack.calendar.local_day(at)), household=enrolment.household,
        skills=enrolment.skills, at_home_only=enrolment.at_home_only, free=free_at(enrolment.free_times, at, pack),
    )  # fmt: skip


def counts_in(enrolment: Enrolment, area: str, pack: Pack) -> bool:
    within = overlap(enrolment.area, area, pack)
    limits = enrolment.area_limits
    return within and (not limits or any(_covers(limit, area, pack) for limit in limits))


def best_of(members: Iterable[Member]) -> tuple[Member, ...]:
    """Each person once, with the highest vetting, in the order given."""
    found: dict[str, Member] = {}
    for each in members:
        known = found.get(each.person)
        if known is None or _VETTINGS.index(each.vetting) > _VETTINGS.index(known.vetting):
            found[each.person] = each
    return tuple(found.values())


def overlap(one: str, other: str, pack: Pack) -> bool:
    """Whether one of the two areas contains the other."""
    return _covers(one, other, pack) or _covers(other, one, pack)


def _covers(upper: str, lower: str, pack: Pack) -> bool:
    """An area that a newer pack no longer has covers nothing and lies nowhere."""
    return lower in pack.areas.areas and pack.areas.covers(upper, lower)


def free_at(free_times: tuple[str, ...], at: datetime, pack: Pack) -> bool:
    """Whether one of the spans holds that instant, in local time; somebody who named none is always free."""
    local = at.astimezone(pack.zone)
    day, clock = local.date(), f"{local:%H:%M}"
    names = {_DAYS[day.weekday()], "daily", "workdays" if pack.calendar.is_workday(day) else "holidays"}
    spans = [found for each in free_times if (found := FREE_TIME.fullmatch(each))]
    return not free_times or any(found[1] in names and found[2] <= clock < found[4] for found in spans)


def start_of(day: date, pack: Pack) -> datetime:
    """The instant at which a day begins where the community is."""
    return datetime.combine(day, time(), pack.zone).astimezone(UTC)


def replay(history: Iterable[RegistrationEvent]) -> Enrolment | None:
    enrolment: Enrolment | None = None
    for event in history:
        enrolment = evolve(enrolment, event)
    return enrolment


def evolve(enrolment: Enrolment | None, event: RegistrationEvent) -> Enrolment:
    """The enrolment after one more event; its version is the number of its events."""
    if isinstance(event, ev.RegistrationApplied):
        return _applied(event)
    assert enrolment is not None, "an enrolment begins with registration.applied"
    known = replace(enrolment, version=enrolment.version + 1, last_at=event.at)
    match event:
        case ev.RegistrationConfirmed():
            return replace(
                known, state="confirmed", activates_at=event.activates_at, vetting=event.vetting,
                vetted_until=event.vetted_until,
            )  # fmt: skip
        case ev.RegistrationActivated():
            return replace(known, state="active", activates_at=None)
        case ev.RegistrationRefused():
            return replace(known, state="refused", reason=event.reason)
        case ev.RegistrationPaused():
            return replace(known, state="paused", paused_until=event.until, reason=event.reason)
        case ev.RegistrationResumed():
            return replace(known, state="active", paused_until=None, reason=None)
        case ev.RegistrationEnded():
            return replace(known, state="ended", activates_at=None, paused_until=None, reason=event.reason)
        case _:
            assert_never(event)


def _applied(event: ev.RegistrationApplied) -> Enrolment:
    return Enrolment(
        registration_id=event.registration_id, version=1, community=event.community, kind=event.kind, who=event.who,
        area=event.area, state="applied", applied_at=event.at, last_at=event.at, start=event.start,
        on_behalf=event.on_behalf, consent_shown=event.consent_shown,
        skills=event.skills, free_times=event.free_times, area_limits=event.area_limits,
        at_home_only=event.at_home_only, household=event.household,
    )  # fmt: skip
