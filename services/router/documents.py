"""A case as one document: its history, its outbox, and the fields that lists and timers ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from services.router.listed import ROW, row_of
from shaoyin.contracts.codec import restored_event, stored_event
from shaoyin.contracts.envelope import Written, header_json, write_news
from shaoyin.domain.case import Case
from shaoyin.domain.counting import names_of, told_of
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import evolve, replay
from shaoyin.domain.flow import Decision
from shaoyin.domain.header import header
from shaoyin.domain.pack import Pack

BUCKETS = 64
KEYS_KEPT = 100
Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class KeyKept:
    """A command's idempotency key with what became of it: the version after it, or the refusal."""

    key: str
    person: str
    body: str
    version: int
    refused: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """A case as the store has it. `decisions` are the versions at which its decisions ended."""

    case: Case
    history: tuple[Event, ...]
    decisions: tuple[int, ...]
    keys: tuple[KeyKept, ...] = ()
    run: str = ""
    unsent_from: int | None = None

    @property
    def opening(self) -> int:
        """The version after the decision that opened it."""
        return self.decisions[0]

    def after(self, decided: Decision) -> Stored:
        first = self.case.version + 1 if self.unsent_from is None else self.unsent_from
        history, decisions = (*self.history, *decided.events), (*self.decisions, decided.case.version)
        return Stored(decided.case, history, decisions, self.keys, self.run, first)


def opened(decided: Decision, run: str) -> Stored:
    return Stored(decided.case, decided.events, (decided.case.version,), run=run)


def replayed(events: Sequence[Event], run: str) -> Stored:
    """A case as it was after some of its events."""
    case = replay(events)
    assert case is not None, "an opening decision has events"
    return Stored(case, tuple(events), (case.version,), run=run)


def bucket_of(case_id: str) -> int:
    """Fixed for the case's life, so that routers can share the timers (mechanics 16)."""
    return hashlib.blake2b(case_id.encode(), digest_size=2).digest()[0] % BUCKETS


def document_of(stored: Stored, pack: Pack) -> Document:
    """For the insert; the input's offset is its outbox marker, so nothing is marked as unsent."""
    return {
        "_id": stored.case.case_id,
        "run": stored.run,
        "bucket": bucket_of(stored.case.case_id),
        "history": [stored_event(event) for event in stored.history],
        "decisions": list(stored.decisions),
        **read_model(stored.case, pack),
    }


def read_model(case: Case, pack: Pack) -> Document:
    """What lists, timers and the search for duplicates ask for; made from the case alone."""
    holders = {party.post or party.person for party in (case.owner, *case.co, *case.informed) if party}
    holders |= set() if case.main is None else {case.main.post or case.main.person}
    holders |= set() if case.order is None else {claim.person for claim in case.order.claims}
    for whistle in case.whistles.values():
        holders |= {whistle.blower, *whistle.approvers, *whistle.responders}
    if case.order is not None:
        holders |= {each.person for each in case.order.claims}
    return {
        "version": case.version,
        "state": case.state,
        "open": case.open,
        "urgency": case.urgency,
        "category": case.category,
        "number": case.number,
        "pack": case.pack,
        "area_path": list(pack.areas.path(case.area or pack.root)),
        "owner": case.owner.post or case.owner.person,
        "holders": sorted(filter(None, holders)),
        "supervision": case.supervision,
        "order": case.order is not None and case.open,
        "result_due_at": _result_due_at(case),
        "next_due_at": case.next_due_at,
        "provisional": any(clock.open and clock.deadline.provisional for clock in case.all_clocks()),
        "alike": alike_key(case.area, case.category) if case.open else None,
        "counted": sorted(counted_under(case, pack)),
        "received_at": case.received_at,
        "last_at": case.last_at,
        ROW: row_of(case),
    }


def _result_due_at(case: Case) -> datetime | None:
    running = [clock for clock in case.clocks.values() if clock.open and clock.deadline.clock != "archive"]
    return min((clock.deadline.due_at for clock in running), default=None) if case.open else None


def alike_key(area: str | None, category: str | None) -> str | None:
    """Cases with the same key are likely duplicates of one another (domain 8.2.6)."""
    return f"{area}|{category}" if area and category else None


def counted_under(case: Case, pack: Pack) -> Collection[str]:
    """The names under which it counts for the rows that count; a reporter's own among them (rows 19, 31, 38, 55)."""
    return names_of(told_of(case), pack).values()


def stored_from(document: Mapping[str, object]) -> Stored:
    history = document["history"]
    decisions = document["decisions"]
    assert isinstance(history, list)
    assert isinstance(decisions, list)
    events = tuple(restored_event(each) for each in history)
    again = replayed(events, str(document.get("run", "")))
    kept = document.get("keys", [])
    unsent = document.get("unsent_from")
    assert isinstance(kept, list)
    assert unsent is None or isinstance(unsent, int)
    keys = tuple(KeyKept(**each) for each in kept)
    return Stored(again.case, events, tuple(decisions), keys, again.run, unsent)


def news_of(stored: Stored, since: int = 1) -> list[Written]:
    """The events from a number on as messages, each with the header of its own decision, as first published."""
    ends = (0, *stored.decisions)
    if since > ends[-2]:  # of the last decision alone, whose case is at hand
        return _news(stored.case, stored.history[ends[-2] :], ends[-2], since)
    messages: list[Written] = []
    case: Case | None = None
    for before, upto in pairwise(ends):
        decided = stored.history[before:upto]
        for event in decided:
            case = evolve(case, event)
        if case is not None and upto >= since:
            messages += _news(case, decided, before, since)
    return messages


def _news(case: Case, decided: Sequence[Event], before: int, since: int) -> list[Written]:
    facts = header_json(header(case, decided))
    numbered = enumerate(decided, start=before + 1)
    return [write_news(case.case_id, seq, event, facts) for seq, event in numbered if seq >= since]
