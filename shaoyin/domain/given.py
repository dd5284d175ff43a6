"""What every command has: when it was given, by whom and as what; and the facts about persons its caller gathered."""

from __future__ import annotations

from datetime import datetime

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.happened import Vetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """When, by which person, as which post. Neither person, post nor reporter: the system itself."""

    at: datetime
    person: str | None = None
    post: str | None = None

    @property
    def by_system(self) -> bool:
        return self.person is None and self.post is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByReporter(Given):
    """A reporter's own command, heard by `request_id`; or an intake post's, `on_behalf` of him (decisions 1.45).

    `reporter_ref` says which reporter; on behalf it may be left out where the case has only one.
    `requested_at` is when he asked: guards and deadlines go by it, the event by the instant of handling (mechanics 3).
    """

    reporter_ref: str | None = None
    request_id: str | None = None
    on_behalf: bool = False
    requested_at: datetime | None = None

    @property
    def by_system(self) -> bool:
        return False

    @property
    def asked_at(self) -> datetime:
        return self.at if self.requested_at is None else min(self.requested_at, self.at)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person with an active registration that covers the place, as the caller found it (mechanics 5, 19).

    `alert` is false for somebody who opted out of alerts, is not free at that time or works at home only; he may
    still answer (decisions 2.32). An expired vetting counts as none.
    """

    person: str
    vetting: Vetting = "none"
    household: str | None = None
    alert: bool = True
