"""Enrolments of Wulibao for tests of who is told: a story whose decisions are kept with the facts after each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.alert_enrolment import alerts_for_enrolment
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert
from shaoyin.domain.registration import Enrolment, EnrolmentSeen, evolve, seen
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_events import RegistrationEvent
from shaoyin.domain.registration_flow import decide
from tests.domain.town import MORNING, SECRETARY, wulibao

Who = tuple[str | None, str | None]
MEMBER: Who = ("p-gui-9", None)
UNIT: Who = ("p-ji-2", "hospital-duty")
SYSTEM: Who = (None, None)
LATER = date(2026, 9, 20)


@dataclass
class Enrolling:
    """`decided` holds every event with the facts after its own decision, as the router publishes them."""

    registration_id: str = "reg-1"
    pack: Pack = field(default_factory=wulibao)
    now: datetime = MORNING
    enrolment: Enrolment | None = None
    decided: list[tuple[RegistrationEvent, EnrolmentSeen]] = field(default_factory=list)

    def apply(self, giver: Who = MEMBER, /, **said: object) -> list[Alert]:
        about: dict[str, object] = {"kind": "member", "who": giver[0], "area": "wulibao-south", "consent_shown": True}
        return self.give(giver, cmd.Apply, **(about | said))

    def give(self, who: Who, command: type[RegistrationCommand], /, **said: object) -> list[Alert]:
        """Whoever is told of what this command brings about."""
        about = {} if command is cmd.TimePassed else {"registration_id": self.registration_id}
        given = command(at=self.now, person=who[0], post=who[1], **about, **said)  # type: ignore[arg-type]
        events = decide(self.enrolment, given, self.pack)
        for event in events:
            self.enrolment = evolve(self.enrolment, event)
        assert self.enrolment is not None
        facts = seen(self.enrolment)
        self.decided += [(event, facts) for event in events]
        return [alert for event in events for alert in alerts_for_enrolment(event, facts, self.pack)]


def applied(giver: Who = MEMBER, /, **said: object) -> Enrolling:
    story = Enrolling()
    story.apply(giver, **said)
    return story


def active(giver: Who = MEMBER, /, **said: object) -> Enrolling:
    story = applied(giver, **said)
    story.give(SECRETARY, cmd.Confirm)
    return story


def unit() -> Enrolling:
    """The hospital has reported in."""
    return active(UNIT, kind="unit", who="hospital-duty")
