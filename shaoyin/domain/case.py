"""The case: what is true of it now, and what a refusal is. No rules here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime

from shaoyin.domain import events as ev
from shaoyin.domain.call import Whistle
from shaoyin.domain.clocks import Clocks, Running
from shaoyin.domain.conditions import Fact
from shaoyin.domain.events import CaseState, Deadline, Grade, Party, Publication, Reply, Vetting
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Answer, Origin, Secrecy
from shaoyin.domain.rules import MetBy


class Refused(Exception):  # noqa: N818 - the word of the house: a person broke a rule; HTTP 409 with the rule in words
    """A command that a rule forbids now. `params` fill the sentence that names the rule."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Reporter:
    """One of a case's reporters, by reference only; `from_case` where a merged case brought him (I5)."""

    ref: str
    secrecy: Secrecy
    replies: int = 0
    answer: str | None = None
    tries: tuple[datetime, ...] = ()
    from_case: str | None = None
    disputed: bool = False
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimant of an order; the first that completes it is the lead and main handler (decisions 2.15)."""

    person: str
    at: datetime
    lead: bool


@dataclass(frozen=True)
class Order:
    """An order in the claim pool. `needed` claims sign it; further `places` stay open until the start."""

    publication: Publication
    task: str
    places: int
    needed: int
    window_until: datetime
    agreed_at: datetime | None
    vetting: Vetting
    dangerous: bool
    household: str | None
    eligible: tuple[str, ...]
    claims: tuple[Claim, ...] = ()

    def claimed_by(self, person: str | None) -> bool:
        return any(each.person == person for each in self.claims)

    @property
    def free(self) -> int:
        return self.places - len(self.claims)


@dataclass(frozen=True, slots=True)
class Urged:
    """Somebody urged: a reporter by reference or a superior's post; `open` until the handler answered (1.27)."""

    at: datetime
    who: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """An extension that was asked for and not yet decided."""

    until: datetime
    public_reason: str


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
    triage: Party
    description: str
    area: str | None
    place_text: str | None
    place_how: str | None
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
    lines: tuple[str, ...] = ()
    late: str | None = None
    clocks: Clocks = field(default_factory=dict)
    first_result: Deadline | None = None
    steps_met: frozenset[MetBy] = frozenset()
    parts: Clocks = field(default_factory=dict)
    supervision: Grade | None = None
    supervisor: str | None = None
    hard: bool = False
    hazard: bool = False
    reworks: int = 0
    returns: int = 0
    suspensions: int = 0
    extensions: int = 0
    adjudicated: bool = False
    info_rounds: int = 0
    failed_contacts: int = 0
    disputed: bool = False
    refused_by: frozenset[str] = frozenset()
    verifier: Party | None = None
    dispatched_at: datetime | None = None
    extension: Wish | None = None
    order: Order | None = None
    posted: bool = False
    urges: tuple[Urged, ...] = ()
    public_reply: str | None = None
    outcome: str | None = None
    merged_into: str | None = None
    opened_from: str | None = None
    returned_by: tuple[str, ...] = ()
    opened_by: str | None = None
    ended_at: datetime | None = None
    requests: frozenset[str] = frozenset()
    whistles: Mapping[str, Whistle] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    scheduled: frozenset[str] = frozenset()

    def reporter(self, ref: str) -> Reporter | None:
        return next((each for each in self.reporters if each.ref == ref), None)

    @property
    def open(self) -> bool:
        return self.state in ev.OPEN

    @property
    def critical(self) -> bool:
        return self.urgency == "critical"

    @property
    def claimed(self) -> bool:
        """Whether a claimant of the pool is the main handler (decisions 2.13)."""
        return self.main is not None and self.main.post is None and self.order is not None

    @property
    def somebody_on_site(self) -> bool:
        """Whether a responder of an open whistle is on site or at work; then no end cancels it (decisions 2.19)."""
        return any(
            responder.state in ("on_site", "working")
            for whistle in self.whistles.values()
            if not whistle.ended
            for responder in whistle.responders.values()
        )

    def told(self, key: str, words: str | None = None, to: str | None = None) -> tuple[Reply, ...]:
        """A word to every reporter, or to one; nobody is told where there is nobody (decisions 1.2)."""
        return (Reply(key, words, to),) if self.reporters else ()

    @property
    def holding_whistles(self) -> tuple[str, ...]:
        return tuple(each.whistle_id for each in self.whistles.values() if each.holds_the_case)

    @property
    def next_due_at(self) -> datetime | None:
        return min((clock.watch_at for clock in self.all_clocks() if clock.watch_at is not None), default=None)

    def all_clocks(self) -> Iterator[Running]:
        yield from self.clocks.values()
        yield from self.parts.values()
        for whistle in self.whistles.values():
            yield from whistle.clocks.values()
            for responder in whistle.responders.values():
                yield from responder.clocks.values()
