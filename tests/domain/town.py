"""Community Wulibao for tests of the pure core: its pack, its people's commands, and a clock that is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from shaoyin.adapters.packs import load
from shaoyin.domain import commands as cmd
from shaoyin.domain.alert import Alert, alerts_for
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.conditions import Fact
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import evolve
from shaoyin.domain.flow import decide
from shaoyin.domain.header import header
from shaoyin.domain.hits import Hits
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, Secrecy, case_id_of

PACKS = Path(__file__).resolve().parent.parent.parent / "packs"
ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 9, 14, 9, 30, tzinfo=ZONE).astimezone(UTC)
"""A Monday, duty 09:00-12:00 and 14:00-18:00; kept as the store keeps it."""
REPORTER = "reporter-1"
DUTY = ("p-jia-1", "duty")
SECRETARY = ("p-jia-3", "secretary")
GRID_LEAD = ("p-yi-1", "grid-1-lead")
CENTRE = ("p-bing-1", "centre")
MUNICIPAL = ("p-wu-1", "municipal-duty")
E = TypeVar("E", bound=Event)


@cache
def wulibao() -> Pack:
    loaded = load(PACKS / "wulibao")
    assert loaded.pack is not None, "\n".join(map(str, loaded.problems))
    return loaded.pack


def at(text: str) -> datetime:
    """2026-09-14 09:30, local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def a_blocked_drain(
    building: str = "courtyard-51-b1",
    category: str | None = "WAT.sewer_blocked",
    received_at: datetime = MORNING,
    reporter: str | None = REPORTER,
    secrecy: Secrecy = "open",
    answers: dict[str, bool | int | str | tuple[str, ...]] | None = None,
    description: str = "下水道堵了,没法用水",
) -> Report:
    return Report(
        report_id="r1", community="wulibao", pack_version="test", description=description,
        place=PlaceGiven(building=building), received_at=received_at, reporter_ref=reporter, secrecy=secrecy,
        category=category, answers=answers or {},
    )  # fmt: skip


@dataclass
class Story:
    """A case and the time. Every command goes through `decide`, every event through `evolve`, and is kept."""

    pack: Pack = field(default_factory=wulibao)
    now: datetime = MORNING
    case: Case | None = None
    history: list[Event] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    def report(
        self, report: Report | None = None, duplicates: tuple[str, ...] = (), hits: Hits = (),
        facts: Mapping[str, Fact] | None = None,
    ) -> list[Event]:  # fmt: skip
        report = report or a_blocked_drain(received_at=self.now)
        self.case = None
        return self._keep(
            cmd.OpenCase(
                at=self.now, report=report, case_id=case_id_of(report.report_id), number_if_accepted="N1",
                duplicates=duplicates, hits=hits, facts=facts or {},
            )
        )  # fmt: skip

    def give(self, who: tuple[str, str | None], kind: type[Command], **fields: object) -> list[Event]:
        command = kind(at=self.now, person=who[0], post=who[1], **fields)  # type: ignore[arg-type]
        return self._keep(gathered(command, self.pack))

    def ask(
        self, kind: type[Command], reporter: str = REPORTER, request_id: str = "q1", **fields: object
    ) -> list[Event]:
        """A reporter's own request, as it comes from intake."""
        given = {"at": self.now, "reporter_ref": reporter, "request_id": request_id, "requested_at": self.now}
        return self._keep(kind(**given, **fields))  # type: ignore[arg-type]

    def refused(self, who: tuple[str, str | None], kind: type[Command], **fields: object) -> str:
        before = self.case
        try:
            self.give(who, kind, **fields)
        except Refused as refused:
            assert self.case is before
            return refused.code
        return "allowed"

    def rate(self, solved: str, reporter: str = REPORTER, request_id: str = "q1") -> list[Event]:
        return self.ask(cmd.Rate, reporter, request_id, solved=solved)

    def wait(self, **span: float) -> list[Event]:
        """Time passes, looked at whenever something falls due, as the router does."""
        return self.wait_until(self.now + timedelta(**span))

    def wait_until(self, end: datetime) -> list[Event]:
        happened: list[Event] = []
        while self.case and (due := self.case.next_due_at) is not None and due < end:
            self.now = max(self.now, due + timedelta(seconds=1))
            happened += self._keep(cmd.TimePassed(at=self.now))
        self.now = end
        return happened

    def look(self) -> list[Event]:
        """Time is looked at once, now: after an outage, for instance."""
        return self._keep(cmd.TimePassed(at=self.now))

    def only(self, kind: type[E]) -> E:
        found = [each for each in self.history if isinstance(each, kind)]
        assert len(found) == 1, found
        return found[0]

    def all(self, kind: type[E]) -> list[E]:
        return [each for each in self.history if isinstance(each, kind)]

    @property
    def open_case(self) -> Case:
        assert self.case is not None
        return self.case

    def _keep(self, command: Command) -> list[Event]:
        events = decide(self.case, command, self.pack)
        case = self.case
        for event in events:
            case = evolve(case, event)
        self.case = case
        self.history += events
        self.alerts += told(events, case, self.pack)
        return events


def told(events: Sequence[Event], case: Case | None, pack: Pack) -> list[Alert]:
    if not events or case is None:
        return []
    facts = header(case, events)
    return [alert for event in events for alert in alerts_for(event, facts, pack)]


def members(pack: Pack) -> tuple[str, ...]:
    return tuple(each.person for each in pack.directory.registrations if each.state == "active")


def enrolled(pack: Pack) -> tuple[cmd.Enrolled, ...]:
    """What the caller finds of the members: here all of the pack, as the registrations say."""
    return tuple(
        cmd.Enrolled(each.person, each.vetting, each.household)
        for each in pack.directory.registrations
        if each.state == "active"
    )


def gathered(command: Command, pack: Pack) -> Command:
    """The facts a service gathers for the core (mechanics 5)."""
    fields = type(command).__dataclass_fields__
    if "members" in fields and not getattr(command, "members", ()):
        everybody: dict[str, object] = {"members": enrolled(pack)}
        command = replace(command, **everybody)  # type: ignore[arg-type]
    for name in ("member", "enrolled"):
        if name in fields and getattr(command, name) is None:
            mine = next((each for each in enrolled(pack) if each.person == _whose(command)), None)
            command = replace(command, **{name: mine})  # type: ignore[arg-type]
    return command


def _whose(command: Command) -> str | None:
    return getattr(command, "responder", None) or command.person


def types(events: Sequence[Event]) -> list[str]:
    return [event.type for event in events]
