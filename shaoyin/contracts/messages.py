"""Every type of message on one page: its CloudEvents type, its topic, what its value holds and how its id is made."""

from __future__ import annotations

from dataclasses import dataclass

from shaoyin.contracts.codec import REGISTRATION_TYPES, TYPES
from shaoyin.contracts.deliveries import TRIED, DeliveryTried
from shaoyin.contracts.envelope import REPLAY, REPORT, REQUEST, ReplayAsked
from shaoyin.contracts.packs import PUBLISHED, PackPublished
from shaoyin.contracts.topics import CASES, DELIVERIES, MEMBERS, PACKS, REPLAYS, REPORTS, Topic
from shaoyin.domain.header import Header
from shaoyin.domain.registration import EnrolmentSeen
from shaoyin.domain.report import Report, Request


@dataclass(frozen=True, slots=True)
class Spoken:
    ce_type: str
    topic: Topic
    holds: type[object]
    ident: str
    header: type[object] | None = None
    """Where there is one, the value is `{header, data}`, as for every event of a case or an enrolment."""

    @property
    def name(self) -> str:
        """The version is the topic's: what an old reader could not read needs a new topic."""
        return f"{self.ce_type}.{self.topic.name.rpartition('.')[2]}"


SPOKEN = (
    *(Spoken(name, CASES, kind, "<case id>:<number>", Header) for name, kind in TYPES.items()),
    *(
        Spoken(name, MEMBERS, kind, "<registration id>:<number>", EnrolmentSeen)
        for name, kind in REGISTRATION_TYPES.items()
    ),
    Spoken(REPORT, REPORTS, Report, "<report id>"),
    Spoken(REQUEST, REPORTS, Request, "<request id>"),
    Spoken(TRIED, DELIVERIES, DeliveryTried, "<alert id>:<channel>:<try>"),
    Spoken(REPLAY, REPLAYS, ReplayAsked, "<reader>:<since>"),
    Spoken(PUBLISHED, PACKS, PackPublished, "<pack>:<publication>"),
)
