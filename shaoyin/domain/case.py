"""The case: what is true after the events so far. No rules here: `evolve` is total, dull and complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.call import Whistle, requested, whistle_after
from shaoyin.domain.clocks import Clocks, Running, met, started, stopped
from shaoyin.domain.copied import replace
from shaoyin.domain.events import By, CaseState, Deadline, Event, Grade, Party
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Answer, Origin, Secrecy


class Refused(Exception):  # noqa: N818 - the word of the house: a person broke a rule; HTTP 409 with the rule in words
    """A command that a rule forbids now. `params` fill the sentence that names the rule."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Reporter:
    """One of a case's reporters, by reference only."""

    ref: str
    secrecy: Secrecy
    replies: int = 0
    answer: str | None = None
    tries: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Case:
    case_id: str
    report_id: str
    version: int
    pack: str
    pack_version: str
    state: CaseState
    urgency: Urgency
    owner: Party
    description: str
    area: str | None
    place_text: str | None
    category: str | None
    origin: Origin
    channel: str
    received_at: datetime
    last_at: datetime
    answers: Mapping[str, Answer]
    number: str | None = None
    triage_because: tuple[str, ...] = ()
    reporters: tuple[Reporter, ...] = ()
    main: Party | None = None
    co: tuple[Party, ...] = ()
    informed: tuple[Party, ...] = ()
    workers: frozenset[str] = frozenset()
    mode: str | None = None
    row: int | None = None
    late: str | None = None
    clocks: Clocks = field(default_factory=dict)
    first_result: Deadline | None = None
    supervision: Grade | None = None
    hard: bool = False
    reworks: int = 0
    failed_contacts: int = 0
    public_reply: str | None = None
    outcome: str | None = None
    requests: frozenset[str] = frozenset()
    whistles: Mapping[str, Whistle] = field(default_factory=dict)

    def reporter(self, ref: str) -> Reporter | None:
        return next((each for each in self.reporters if each.ref == ref), None)

    @property
    def open(self) -> bool:
        return self.state in ev.OPEN

    @property
    def holding_whistles(self) -> tuple[str, ...]:
        return tuple(each.whistle_id for each in self.whistles.values() if each.holds_the_case)

    @property
    def next_due_at(self) -> datetime | None:
        return min((clock.look_at for clock in self.all_clocks() if clock.look_at is not None), default=None)

    def all_clocks(self) -> Iterator[Running]:
        yield from self.clocks.values()
        for whistle in self.whistles.values():
            yield from whistle.clocks.values()
            for responder in whistle.responders.values():
                yield from responder.clocks.values()


def replay(history: Iterable[Event]) -> Case | None:
    case: Case | None = None
    for event in history:
        case = evolve(case, event)
    return case


def evolve(case: Case | None, event: Event) -> Case:
    """The case after one more event; its version is the number of its events."""
    if isinstance(event, ev.CaseReported):
        return _told(_reported(event), event)
    assert case is not None, "a case begins with case.reported"
    known = replace(case, version=case.version + 1, last_at=event.at)
    if isinstance(event, ev.OfWhistle):
        return _told(_with_whistle(known, event), event)
    return _told(_after_case_event(known, event), event)


def _reported(event: ev.CaseReported) -> Case:
    reporters = () if event.reporter_ref is None else (Reporter(event.reporter_ref, event.secrecy),)
    return Case(
        case_id=event.case_id, report_id=event.report_id, version=1, pack=event.pack, pack_version=event.pack_version,
        state="reported", urgency=event.urgency, owner=event.owner, description=event.description, area=event.area,
        place_text=event.place.text, category=event.category, origin=event.origin, channel=event.channel,
        received_at=event.received_at, last_at=event.at, answers=event.answers, triage_because=event.triage_because,
        reporters=reporters, clocks=started({}, event.deadlines),
    )  # fmt: skip


def _after_case_event(case: Case, event: ev.CaseEvent) -> Case:
    """What each event of the case itself changes; an event without a line here fails the type check."""
    assert not isinstance(event, ev.CaseReported)
    at = event.at
    match event:
        case ev.CaseAccepted():
            clocks = started(met(case.clocks, at, "reply" if event.replies else ""), event.deadlines)
            return replace(
                case, state="accepted", number=event.number, category=event.category, area=event.area,
                urgency=event.urgency, answers=event.answers, clocks=clocks,
            )  # fmt: skip
        case ev.CaseDispatched():
            return _dispatched(case, event)
        case ev.CaseSigned():
            return replace(_worked(case, event.by), state="signed", clocks=met(case.clocks, at, "sign"))
        case ev.CaseStarted():
            return replace(_worked(case, event.by), state="in_progress")
        case ev.CaseContacted():
            failed = case.failed_contacts + (event.outcome == "failed")
            clocks = met(case.clocks, at, "contact") if event.met else case.clocks
            return replace(_worked(case, event.by), failed_contacts=failed, clocks=clocks)
        case ev.MeasureRecorded():
            return replace(case, clocks=met(case.clocks, at, "hazard", "first_step"))
        case ev.ResultSubmitted():
            clocks = started(met(case.clocks, at, "result", "contact"), event.deadlines)
            return replace(
                _worked(case, event.by), state="result_submitted", clocks=clocks, public_reply=event.public_reply
            )
        case ev.CheckPassed() | ev.CheckSkipped():
            clocks = started(met(case.clocks, at, "check"), event.deadlines)
            return replace(case, state="calling_back", clocks=clocks)
        case ev.ReworkOrdered():
            return _sent_back(case, event)
        case ev.CaseClosed():
            clocks = started(stopped(case.clocks, at), event.deadlines)
            return replace(case, state="closed", outcome=event.outcome, clocks=clocks)
        case ev.CaseArchived():
            return replace(case, state="archived", clocks=met(case.clocks, at, "archive"))
        case _:
            return _answered_or_late(case, event)


def _answered_or_late(
    case: Case,
    event: ev.CalledBack | ev.CaseRated | ev.RequestAccepted | ev.RequestRefused | ev.CaseDueSoon | ev.CaseOverdue
    | ev.CaseSupervised | ev.CaseReviewDue | ev.CaseMarkedHard,
) -> Case:  # fmt: skip
    match event:
        case ev.CalledBack():
            return _with_answer(case, event.reporter_ref, event.outcome, event.answered, event.at)
        case ev.CaseRated():
            return _with_answer(case, event.reporter_ref, event.solved, event.answered, None)
        case ev.RequestAccepted() | ev.RequestRefused():
            return replace(case, requests=case.requests | {event.request_id})
        case ev.CaseDueSoon():
            clock = replace(case.clocks[event.clock], look_at=event.look_at)
            return replace(case, clocks={**case.clocks, event.clock: clock})
        case ev.CaseOverdue():
            late = case.clocks[event.clock].announced_until(event.look_at)
            return replace(case, clocks={**case.clocks, event.clock: late})
        case ev.CaseSupervised():
            return replace(case, supervision=event.grade, clocks=started(case.clocks, event.deadlines))
        case ev.CaseReviewDue():
            return replace(case, clocks=started(case.clocks, event.deadlines))
        case ev.CaseMarkedHard():
            return replace(case, hard=True)
        case _:
            assert_never(event)


def _dispatched(case: Case, event: ev.CaseDispatched) -> Case:
    clocks = started(met(case.clocks, event.at, "dispatch", "assign"), event.deadlines)
    result = next((each for each in event.deadlines if each.clock == "result"), None)
    return replace(
        case, state="dispatched", owner=event.main, main=event.main, co=event.co, informed=event.informed,
        mode=event.mode, row=event.row, late=event.late, urgency=event.urgency, pack_version=event.rules_version,
        clocks=clocks, first_result=result,
    )  # fmt: skip


def _sent_back(case: Case, event: ev.ReworkOrdered) -> Case:
    clocks = started(met(case.clocks, event.at, "check", "call_back"), event.deadlines)
    reporters = tuple(replace(each, answer=None, tries=()) for each in case.reporters)
    return replace(case, state="in_progress", reworks=event.rework, clocks=clocks, reporters=reporters)


def _with_answer(case: Case, ref: str, answer: str, counts: bool, tried_at: datetime | None) -> Case:
    def after(reporter: Reporter) -> Reporter:
        if reporter.ref != ref:
            return reporter
        tries = (*reporter.tries, tried_at) if tried_at is not None and answer == "no_contact" else reporter.tries
        return replace(reporter, tries=tries, answer=answer if counts else reporter.answer)

    return replace(case, reporters=tuple(after(each) for each in case.reporters))


def _with_whistle(case: Case, event: ev.WhistleEvent) -> Case:
    before = case.whistles.get(event.whistle_id)
    if isinstance(event, ev.WhistleRequested):
        after = requested(event)
    else:
        assert before is not None, "a whistle begins with whistle.requested"
        after = whistle_after(before, event)
    return replace(case, whistles={**case.whistles, event.whistle_id: after})


def _worked(case: Case, by: By) -> Case:
    return case if by.person is None else replace(case, workers=case.workers | {by.person})


def _told(case: Case, event: Event) -> Case:
    """Counts the words that went out to each reporter (I1, I5)."""
    if not event.replies or not case.reporters:
        return case
    reporters = tuple(
        replace(each, replies=each.replies + sum(reply.to in (None, each.ref) for reply in event.replies))
        for each in case.reporters
    )
    return replace(case, reporters=reporters)
