"""What a reporter may ask now, by intake's own view; what it forbids is refused at once, the rest the router decides.

The same rules make `may` and the refusal, so that nobody is offered what is then refused (mechanics 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.course import SECRECIES, Course
from services.intake.wishes import WISHES, Body, Name, SecrecyBody
from shaoyin.adapters.mongo import Document
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.events import OPEN, CaseReopened, CaseUrged, RefusalDisputed
from shaoyin.domain.pack import Pack

RATED_IN = ("calling_back", "closed")
"""Where a rating is heard (a10); before there is nothing to rate."""
SECRET_IN = (*OPEN, "closed")
"""Where secrecy may still be raised (a18)."""


@dataclass(frozen=True)
class Allowed:
    """`earlier` are this report's requests so far, oldest first; what was refused does not count."""

    course: Course
    earlier: Sequence[Document]
    pack: Pack
    now: datetime

    @property
    def may(self) -> list[str]:
        return [name for name in WISHES if self.refusal(name) is None]

    def refusal(self, name: Name, body: Body | None = None) -> str | None:
        """The code of the rule that forbids it now, None where nothing that intake knows does."""
        head = self.course.head
        if self.course.left_at is not None:
            return "already_ended"
        if head is not None and self.course.ref not in head["refs"]:
            return "not_a_reporter"
        return self._by_rule(name, body)

    def _by_rule(self, name: Name, body: Body | None) -> str | None:
        match name:
            case "info":
                return self._info()
            case "rating":
                return None if self.course.state in RATED_IN else "rating_not_now"
            case "reopen":
                return self._reopen()
            case "withdraw":
                return self._withdraw()
            case "urge":
                return self._urge()
            case "dispute":
                return self._dispute()
            case "secrecy":
                return self._secrecy(body)

    def _info(self) -> str | None:
        if self.course.state != "needs_info":
            return "nothing_asked"
        if self._past(self.course.head, "info_by"):
            return "info_wait_over"
        return "already_asked" if self._pending("info") else None

    def _reopen(self) -> str | None:
        """Until the archive instant itself, each reporter once (row 37)."""
        state = self.course.state
        if state not in ("closed", "archived"):
            return "not_closed"
        if state == "archived" or self._past(self.course.head, "archive_by"):
            return "too_late"
        return "already_reopened" if self._asked("reopen") or self.course.done(CaseReopened) else None

    def _withdraw(self) -> str | None:
        if self.course.state not in OPEN:
            return "already_ended"
        return "already_asked" if self._pending("withdraw") else None

    def _urge(self) -> str | None:
        """Once a local calendar day, whether here or at a desk (decisions 1.27)."""
        if self.course.state not in OPEN:
            return "already_ended"
        urged_at = [*(each["since_at"] for each in self._asked("urge")), *self.course.done(CaseUrged)]
        return "urged_today" if any(self._day(each) == self._day(self.now) for each in urged_at) else None

    def _dispute(self) -> str | None:
        """Once, within the days of the pack (decisions 1.30)."""
        if self._asked("dispute") or self.course.done(RefusalDisputed):
            return "already_disputed"
        if self.course.state != "not_accepted":
            return "not_refused"
        by = self._dispute_by()
        return "too_late" if by is not None and self.now > by else None

    def _dispute_by(self) -> datetime | None:
        head, ended_at = self.course.head, self.course.ended_at
        if head is None or ended_at is None:
            return None
        try:
            return self.pack.due(ended_at, self.pack.limit("dispute", head["urgency"])).due_at
        except CalendarMissing:
            return None

    def _secrecy(self, body: Body | None) -> str | None:
        """Upward only, counted with what was asked and not yet answered (domain 6.2)."""
        if self.course.state not in SECRET_IN:
            return "already_ended"
        asked = [SECRECIES.index(each["request"]["secrecy"]) for each in self._pending("secrecy")]
        level = max([SECRECIES.index(self.course.secrecy), *asked])
        wanted = SECRECIES.index(body.secrecy) if isinstance(body, SecrecyBody) else len(SECRECIES) - 1
        return None if wanted > level else "secrecy_only_up"

    def _asked(self, asked: str) -> list[Document]:
        return [each for each in self.earlier if each["request"]["asked"] == asked and each["state"] != "refused"]

    def _pending(self, asked: str) -> list[Document]:
        return [each for each in self._asked(asked) if each["state"] == "pending"]

    def _past(self, head: Document | None, name: str) -> bool:
        """At the due instant itself an act is in time (decisions 1.39)."""
        by = None if head is None else head.get(name)
        return by is not None and self.now > by

    def _day(self, at: datetime) -> object:
        return at.astimezone(self.pack.zone).date()
