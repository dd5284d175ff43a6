"""A town with a few cases and a clock: commands are given, time passes, follow-ups are opened, and all is held up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from shaoyin.contracts.codec import restored_event, stored_event
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import replay
from shaoyin.domain.flow import FLOW, decide
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, case_id_of
from tests.properties.life import Life
from tests.properties.moves import let_through
from tests.properties.outside import check_outside
from tests.properties.points import same_without_marks
from tests.properties.scene import Scene
from tests.properties.towns import AS_EVER, Switches, town
from tests.properties.walked import OPENS, walked

SAID_INSIDE = frozenset({"not_your_response", "not_active", "nobody_to_call", "unsafe_whistle"})
"""Codes that a line raises itself, beside those of its guards."""
ASKS_AGAIN = (cmd.UpgradeWhistle, cmd.RequestWhistle)
"""What the system asks behind these has guards of its own, which refuse the whole (W14, W1)."""
CODES = {
    kind: frozenset(guard.code for row in FLOW if row.kind is kind for guard in row.guards)
    for kind in {row.kind for row in FLOW}
}
LAST_DAY = datetime.fromisoformat("2027-06-01T00:00+08:00")
"""Nobody knows the calendar much further."""


@dataclass
class World:
    now: datetime
    switches: Switches = AS_EVER
    lives: list[Life] = field(default_factory=list)
    opened: int = 0
    counted: int = 0
    last: tuple[Life, Command] | None = None

    @property
    def pack(self) -> Pack:
        return town(self.switches)

    def switch(self, **changed: object) -> None:
        self.switches = replace(self.switches, **changed)  # type: ignore[arg-type]  # by the names of its fields

    def scene(self, life: Life, rng: Random) -> Scene:
        return Scene(life.known, self.pack, self.now, rng)

    def report(self, command: cmd.OpenCase) -> Life | None:
        """Row 2: opened, and what follows from it. A person may be refused; a repeat changes nothing (I13)."""
        try:
            events = decide(None, command, self.pack)
        except Refused:
            if command.person is None:
                raise  # a report that was taken is never refused
            return None
        walked[OPENS, "-"] += 1
        life = Life()
        self.lives.append(life)
        self._keep(life, events)
        assert decide(life.case, command, self.pack) == [], "the same report twice opens one case (I13)"
        self.counted += command.report.origin == "reported"
        return life

    def give(self, life: Life, command: Command) -> Sequence[Event] | str:
        """The events, or the code of the refusal, which changes nothing."""
        case = life.known
        try:
            events = decide(case, command, self.pack)
        except Refused as refused:
            self._check_refusal(case, command, refused.code)
            return refused.code
        assert same_without_marks(case, command, events, self.pack), "a mark changed a decision (I11)"
        self._keep(life, events, command.asked_at if isinstance(command, cmd.ByReporter) else None)
        self.last = (life, command)
        return events

    def _check_refusal(self, case: Case, command: Command, code: str) -> None:
        """By a code of its own line; and what the line lets through is not refused by what follows from it."""
        asks = CODES[cmd.RequestWhistle] | CODES[cmd.ApproveWhistle] if isinstance(command, ASKS_AGAIN) else set()
        known = {"not_permitted", "not_now"} | CODES[type(command)] | SAID_INSIDE | asks
        kind = type(command).__name__
        assert code in known, f"{kind} is refused with the strange code {code}"
        due = case.next_due_at
        if code not in SAID_INSIDE and not asks and (due is None or due >= max(command.at, case.last_at)):
            assert not let_through(case, command, self.pack), f"{kind} is refused ({code}) by what follows from it"

    def _keep(self, life: Life, events: Sequence[Event], asked_at: datetime | None = None) -> None:
        life.take(events, self.pack, asked_at)
        if events:
            check_outside(life.known, events, self.pack)
        for event in events:
            if isinstance(event, ev.EmergencyDiverted | ev.CaseSplitOff) and event.follow_up is not None:
                self._open_behind(life, event)

    def _open_behind(self, life: Life, event: ev.EmergencyDiverted | ev.CaseSplitOff) -> None:
        """A derived case says where it comes from and is not counted as another demand (I9)."""
        report = event.follow_up
        assert report is not None
        assert (report.origin, report.opened_from) == ("derived", life.known.case_id)
        if len(self.lives) < 4:
            accepted = isinstance(event, ev.EmergencyDiverted) or event.accepted
            self.report(_follow_up(report, self.now, to_triage=not accepted))

    def pass_time(self, until: datetime) -> None:
        """Every case is looked at once, now: in time, or after an outage."""
        self.now = min(max(self.now, until), LAST_DAY)
        for life in list(self.lives):
            due = life.known.next_due_at
            events = self.give(life, cmd.TimePassed(at=self.now))
            assert bool(events) == (due is not None and due < self.now), "at the due instant it is in time (1.39)"
            again = decide(life.known, cmd.TimePassed(at=self.now), self.pack)
            assert again == [], "what was announced is not announced again (1.39)"

    def next_due(self) -> datetime | None:
        return min((due for life in self.lives if (due := life.known.next_due_at) is not None), default=None)

    def check_next_dates_reach_somebody(self) -> None:
        """I14: whoever has left, what falls due next is told to somebody who is there."""
        for life in self.lives:
            due = life.known.next_due_at
            if due is None or due >= LAST_DAY:
                continue
            ahead = life.copy()
            events = decide(ahead.case, cmd.TimePassed(at=max(self.now, due + timedelta(milliseconds=1))), self.pack)
            ahead.take(events, self.pack)
            check_outside(ahead.known, events, self.pack)

    def attach(self, life: Life, ref: str, from_case: Case | None) -> Sequence[Event] | str:
        """a13: a reporter of a merged case; a second time changes nothing."""
        command = cmd.AttachReporter(
            at=self.now, reporter_ref=ref, from_case="c-other" if from_case is None else from_case.case_id,
            secrecy="open", urgency_of_newcomer="normal" if from_case is None else from_case.urgency,
        )  # fmt: skip
        if from_case is not None and (known := from_case.reporter(ref)) is not None:
            command = replace(command, secrecy=known.secrecy)
        return self.give(life, command)

    def merge(self, life: Life, by: tuple[str | None, str | None], *, same_reporter: bool) -> Sequence[Event] | str:
        """Row 11: first the lead takes the reporters, then the case is merged, as the router does (mechanics 4)."""
        case, lead = life.known, self._alike(life.known)
        if lead is None:
            return "no lead"
        found = cmd.Lead(
            lead.known.case_id, lead.known.number, lead.known.open, lead.known.category, lead.known.area, same_reporter
        )
        command = cmd.MergeInto(at=self.now, person=by[0], post=by[1], lead=found.case_id, found=found)
        try:
            decide(case, command, self.pack)
        except Refused as refused:
            return refused.code
        for reporter in case.reporters:
            self.attach(lead, reporter.ref, case)
        assert all(lead.known.reporter(each.ref) for each in case.reporters), "the lead answers for them now (I5)"
        return self.give(life, command)

    def _alike(self, case: Case) -> Life | None:
        for life in self.lives:
            other = life.known
            alike = (other.area, other.category) == (case.area, case.category)
            if other.case_id != case.case_id and alike and other.open:
                return life
        if len(self.lives) >= 4:
            return None
        self.opened += 1
        report_id = f"r-lead-{self.opened}"
        place = PlaceGiven(area=case.area) if case.area else PlaceGiven(text="不知道在哪儿")
        report = Report(
            report_id=report_id, community=self.pack.name, pack_version=self.pack.version, description="还是那件事",
            place=place, received_at=self.now, reporter_ref=f"reporter-{report_id}", category=case.category,
        )  # fmt: skip
        return self.report(_follow_up(report, self.now, to_triage=True))

    def check_told_once(self) -> None:
        """At the end: the histories tell the same story, stored or not, and nothing was counted twice (I6, I9)."""
        for life in self.lives:
            assert replay(life.history) == life.case, "the history tells another case (I6)"
            assert replay(restored_event(stored_event(each)) for each in life.history) == life.case
        opened = [event for life in self.lives for event in life.history if isinstance(event, ev.CaseReported)]
        assert len(opened) == len(self.lives), "a case is opened once"
        demands = sum(event.origin == "reported" for event in opened)
        assert demands == self.counted, "a derived case was counted as a demand (I9)"


def _follow_up(report: Report, at: datetime, *, to_triage: bool) -> cmd.OpenCase:
    return cmd.OpenCase(
        at=max(at, report.received_at), report=report, case_id=case_id_of(report.report_id),
        number_if_accepted=f"N{report.report_id}", to_triage=to_triage,
    )  # fmt: skip


def a_while(rng: Random) -> timedelta:
    return timedelta(minutes=rng.choice((1, 5, 10, 31, 61, 125, 240, 600)))
