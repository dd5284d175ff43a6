"""What forbids a step of an enrolment and what it brings about; the table of the flow puts these in their rows."""

from __future__ import annotations

from datetime import datetime

from shaoyin.domain import registration_commands as cmd
from shaoyin.domain import registration_events as ev
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import Given
from shaoyin.domain.happened import By
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import Enrolment, overlap, start_of
from shaoyin.domain.registration_events import RegistrationEvent

COMMUNITY = ("community_secretary", "community_deputy", "community_duty")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command and what it is about; the enrolment is None before the application."""

    enrolment: Enrolment | None
    command: Given
    pack: Pack

    @property
    def known(self) -> Enrolment:
        assert self.enrolment is not None, "only `apply` begins an enrolment"
        return self.enrolment

    @property
    def area(self) -> str:
        return self.command.area if isinstance(self.command, cmd.Apply) else self.known.area

    @property
    def by(self) -> By:
        return By(self.command.post, self.command.person)


def own(asked: Asked) -> bool:
    """Somebody speaks for himself, or the unit's duty post for the unit."""
    command = asked.command
    about = command if isinstance(command, cmd.Apply) else asked.known
    if about.kind == "unit":
        return command.post == about.who and _holds(asked)
    return command.person is not None and command.person == about.who


def about_oneself(enrolment: Enrolment, person: str | None, pack: Pack) -> bool:
    """Whether it is this person's own, or that of a unit whose duty post the person holds, whatever the hat."""
    if enrolment.kind == "unit":
        post = pack.directory.posts.get(enrolment.who)
        return post is not None and post.held_by(person)
    return person is not None and person == enrolment.who


def _holds(asked: Asked) -> bool:
    post = asked.pack.directory.posts.get(asked.command.post or "")
    return post is not None and post.held_by(asked.command.person)


def stands(word: str, asked: Asked) -> bool:
    """Whether whoever gives the command is what the word of the specification says."""
    if word == "system":
        return asked.command.by_system
    if word == "member":
        return asked.command.post is None and asked.command.person is not None
    post = asked.pack.directory.posts.get(asked.command.post or "")
    if post is None or post.kind != word or not post.held_by(asked.command.person):
        return False
    areas = asked.pack.areas
    return word == "unit_duty" or (asked.area in areas.areas and areas.covers(post.area, asked.area))


def of_the_community(asked: Asked) -> bool:
    return any(stands(word, asked) for word in COMMUNITY)


def neither_own_nor_of_the_community(asked: Asked) -> bool:
    return not (own(asked) or of_the_community(asked))


def for_another(asked: Asked) -> bool:
    """For somebody else the community alone applies, and says that it does."""
    assert isinstance(asked.command, cmd.Apply)
    return not (of_the_community(asked) if asked.command.on_behalf else own(asked))


def already_registered(asked: Asked) -> bool:
    assert isinstance(asked.command, cmd.Apply)
    return any(overlap(asked.area, other, asked.pack) for other in asked.command.open_areas)


def ones_own(asked: Asked) -> bool:
    return about_oneself(asked.known, asked.command.person, asked.pack)


def starts_later(asked: Asked) -> bool:
    start = asked.known.start
    return start is not None and start > asked.pack.calendar.local_day(asked.command.at)


def starts_now(asked: Asked) -> bool:
    return not starts_later(asked)


def no_reason(asked: Asked) -> bool:
    return not (getattr(asked.command, "reason", None) or "").strip()


def no_reason_of_the_community(asked: Asked) -> bool:
    return not own(asked) and no_reason(asked)


def apply(asked: Asked) -> list[RegistrationEvent]:
    command = asked.command
    assert isinstance(command, cmd.Apply)
    return [
        ev.RegistrationApplied(
            at=command.at, by=asked.by, registration_id=command.registration_id, community=asked.pack.name,
            kind=command.kind, who=command.who, area=command.area, start=command.start, on_behalf=command.on_behalf,
            skills=command.skills, free_times=command.free_times, area_limits=command.area_limits,
            at_home_only=command.at_home_only, household=command.household, consent_shown=command.consent_shown,
        )
    ]  # fmt: skip


def _confirmed(asked: Asked, activates_at: datetime | None) -> RegistrationEvent:
    command = asked.command
    assert isinstance(command, cmd.Confirm)
    return ev.RegistrationConfirmed(
        at=command.at, by=asked.by, activates_at=activates_at, vetting=command.vetting or "none",
        vetted_until=command.vetted_until,
    )  # fmt: skip


def confirm_now(asked: Asked) -> list[RegistrationEvent]:
    return [_confirmed(asked, None), ev.RegistrationActivated(at=asked.command.at, by=asked.by)]


def confirm_for_later(asked: Asked) -> list[RegistrationEvent]:
    start = asked.known.start
    assert start is not None, "the guard saw a later start"
    return [_confirmed(asked, start_of(start, asked.pack))]


def activate(asked: Asked) -> list[RegistrationEvent]:
    return [ev.RegistrationActivated(at=asked.command.at)]


def refuse(asked: Asked) -> list[RegistrationEvent]:
    assert isinstance(asked.command, cmd.RefuseRegistration)
    return [ev.RegistrationRefused(at=asked.command.at, by=asked.by, reason=asked.command.reason)]


def pause(asked: Asked) -> list[RegistrationEvent]:
    command = asked.command
    assert isinstance(command, cmd.Pause)
    return [ev.RegistrationPaused(at=command.at, by=asked.by, until=command.until, reason=command.reason)]


def resume(asked: Asked) -> list[RegistrationEvent]:
    return [ev.RegistrationResumed(at=asked.command.at, by=asked.by)]


def end(asked: Asked) -> list[RegistrationEvent]:
    assert isinstance(asked.command, cmd.End)
    return [ev.RegistrationEnded(at=asked.command.at, by=asked.by, reason=asked.command.reason)]
