"""What a careful clerk would count on paper: words to each reporter, returns, reworks, grades, secrecy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from shaoyin.domain import events as ev
from shaoyin.domain.case import Case
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import SECRECY
from shaoyin.domain.urging import GRADES


@dataclass
class Tally:
    """`cycle` counts since the report, the last reopening or the last change of area; `late` each date announced."""

    told: Counter[str] = field(default_factory=Counter)
    cycle: Counter[str] = field(default_factory=Counter)
    secrecy: dict[str, int] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    late: Counter[tuple[object, ...]] = field(default_factory=Counter)
    grade: int = -1
    result_at: datetime | None = None

    def copy(self) -> Tally:
        return Tally(
            Counter(self.told), Counter(self.cycle), dict(self.secrecy), Counter(self.requests), Counter(self.late),
            self.grade, self.result_at,
        )  # fmt: skip

    def count(self, before: Case | None, event: Event, after: Case) -> None:
        self._count_words(before, event, after)
        self._count_secrecy(event, after)
        self._count_cycle(event)
        self._count_late(event)
        if isinstance(event, ev.RequestAccepted | ev.RequestRefused):
            self.requests[event.request_id] += 1
            assert self.requests[event.request_id] == 1, f"{event.request_id} was answered twice"

    def _count_words(self, before: Case | None, event: Event, after: Case) -> None:
        """A request of somebody who has left is answered too; every other word is for a reporter of the case."""
        there = [each.ref for each in (before or after).reporters]
        answer = isinstance(event, ev.RequestAccepted | ev.RequestRefused)
        for reply in event.replies:
            assert there or answer, f"{event.type} speaks to nobody"
            assert answer or reply.to is None or reply.to in there, f"{event.type} speaks to a stranger"
            self.told.update(there if reply.to is None else [reply.to])
        if isinstance(event, ev.ReporterAttached):
            self.told[event.reporter_ref] = 0
            self.secrecy.pop(event.reporter_ref, None)

    def _count_secrecy(self, event: Event, after: Case) -> None:
        """Secrecy only rises, except that a new case asks its reporters anew."""
        for each in after.reporters:
            level = SECRECY.index(each.secrecy)
            assert level >= self.secrecy.get(each.ref, 0), f"{event.type} lowered the secrecy of {each.ref}"
            self.secrecy[each.ref] = level

    def _count_cycle(self, event: Event) -> None:
        match event:
            case ev.CaseReopened():
                self.cycle = Counter()
            case ev.AreaChanged():
                self.cycle["returned"] = 0
            case ev.CaseReturned():
                self.cycle["returned"] += 1
            case ev.CaseAdjudicated():
                self.cycle["adjudicated"] += 1
            case ev.ResultSubmitted():
                self.result_at = event.at
            case ev.ReworkOrdered():
                self.cycle["reworked"] += 1
            case ev.CaseSuspended():
                self.cycle["suspended"] += 1
            case ev.ExtensionApproved():
                self.cycle["extended"] += 1
            case ev.CaseSupervised():
                grade = GRADES.index(event.grade)
                assert grade > self.grade, "a supervision only rises"
                self.grade = grade

    def _count_late(self, event: Event) -> None:
        """No date is announced twice, but for the rungs of T3 and the two steps of a whistle."""
        if isinstance(event, ev.CaseOverdue):
            date: tuple[object, ...] = (event.clock, event.handler, event.due_at, event.hop)
        elif isinstance(event, ev.WhistleOverdue):
            date = (event.whistle_id, event.responder, event.clock, event.due_at, event.step)
        else:
            return
        assert event.at > event.due_at, f"{event.clock} is told late at {event.at}, due {event.due_at}"
        self.late[date] += 1
        assert self.late[date] == 1 or self._may_repeat(event), f"{date} was announced twice"

    @staticmethod
    def _may_repeat(event: ev.CaseOverdue | ev.WhistleOverdue) -> bool:
        """A claimed order's T3 is said every three working days; two calls may end at the same stated instant."""
        return isinstance(event, ev.CaseOverdue) and event.clock in ("result", "part", "sign", "contact")
