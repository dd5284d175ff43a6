"""An enrolment as one document: its history, its outbox, and the fields that lists, timers and calls ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise

from services.router.documents import KEYS_KEPT, Document, KeyKept
from shaoyin.contracts.envelope import Written
from shaoyin.contracts.members import restored_registration_event, stored_registration_event, write_member_news
from shaoyin.domain.org import RegistrationKind
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import Enrolment, evolve, replay, seen
from shaoyin.domain.registration_events import RegistrationEnded, RegistrationEvent


@dataclass(frozen=True, slots=True)
class StoredEnrolment:
    """An enrolment as the store has it. `decisions` are the versions at which its decisions ended.

    `unsent_from` is the first event that is not published yet; `to_free` is true while an end's follow-up is left.
    """

    enrolment: Enrolment
    history: tuple[RegistrationEvent, ...]
    decisions: tuple[int, ...]
    keys: tuple[KeyKept, ...] = ()
    unsent_from: int | None = None
    to_free: bool = False

    def after(self, events: Sequence[RegistrationEvent]) -> StoredEnrolment:
        enrolment = self.enrolment
        for event in events:
            enrolment = evolve(enrolment, event)
        first = self.enrolment.version + 1 if self.unsent_from is None else self.unsent_from
        ended = any(isinstance(event, RegistrationEnded) for event in events)
        return StoredEnrolment(
            enrolment, (*self.history, *events), (*self.decisions, enrolment.version), self.keys, first,
            self.to_free or ended,
        )  # fmt: skip

    def as_of(self, version: int) -> StoredEnrolment:
        """As it was after an earlier decision."""
        decisions = tuple(each for each in self.decisions if each <= version)
        return begun(self.history[:version], decisions=decisions)


def begun(
    history: Sequence[RegistrationEvent], *, keys: tuple[KeyKept, ...] = (), decisions: tuple[int, ...] = ()
) -> StoredEnrolment:
    """New, all of it still to be published; its events are one decision unless it says otherwise."""
    enrolment = replay(history)
    assert enrolment is not None, "an enrolment begins with registration.applied"
    return StoredEnrolment(enrolment, tuple(history), decisions or (enrolment.version,), keys, 1)


def document_of(stored: StoredEnrolment, pack: Pack) -> Document:
    return {
        "_id": stored.enrolment.registration_id,
        "history": [stored_registration_event(event) for event in stored.history],
        "decisions": list(stored.decisions),
        "keys": [asdict(key) for key in stored.keys][-KEYS_KEPT:],
        **read_model(stored, pack),
    }


def read_model(stored: StoredEnrolment, pack: Pack) -> Document:
    """What is asked for; made from the enrolment alone. Areas are said with their community: two may share a name."""
    enrolment = stored.enrolment
    path = pack.areas.path(enrolment.area) if enrolment.area in pack.areas.areas else (enrolment.area,)
    owner = owner_key(enrolment.community, enrolment.kind, enrolment.who)
    return {
        "version": enrolment.version,
        "state": enrolment.state,
        "kind": enrolment.kind,
        "community": enrolment.community,
        "area_key": area_key(enrolment.community, enrolment.area),
        "area_keys": [area_key(enrolment.community, each) for each in path],
        "areas": list(path),
        "owner": owner,
        "open_as": f"{owner}|{area_key(enrolment.community, enrolment.area)}" if enrolment.open else None,
        "applied_at": enrolment.applied_at,
        "last_at": enrolment.last_at,
        "next_due_at": enrolment.activates_at,
        "unsent_from": stored.unsent_from,
        "to_free": stored.to_free or None,
    }


def area_key(community: str, area: str) -> str:
    return f"{community}/{area}"


def owner_key(community: str, kind: RegistrationKind, who: str) -> str:
    """Whose it is: a person is the same everywhere, a post only in its community."""
    return f"post:{community}/{who}" if kind == "unit" else f"person:{who}"


def stored_from(document: Mapping[str, object]) -> StoredEnrolment:
    history, decisions, kept = document["history"], document["decisions"], document.get("keys", [])
    assert isinstance(history, list)
    assert isinstance(decisions, list)
    assert isinstance(kept, list)
    unsent = document.get("unsent_from")
    assert unsent is None or isinstance(unsent, int)
    events = tuple(restored_registration_event(each) for each in history)
    enrolment = replay(events)
    assert enrolment is not None, "an enrolment begins with registration.applied"
    keys = tuple(KeyKept(**each) for each in kept)
    return StoredEnrolment(enrolment, events, tuple(decisions), keys, unsent, bool(document.get("to_free")))


def news_of(stored: StoredEnrolment, since: int = 1) -> list[Written]:
    """The events from a number on as messages, each with the public facts after its own decision."""
    messages: list[Written] = []
    enrolment: Enrolment | None = None
    for before, upto in pairwise((0, *stored.decisions)):
        decided = stored.history[before:upto]
        for event in decided:
            enrolment = evolve(enrolment, event)
        assert enrolment is not None, "a decision has events"
        facts = seen(enrolment)
        numbered = enumerate(decided, start=before + 1)
        messages += [write_member_news(seq, event, facts) for seq, event in numbered if seq >= since]
    return messages


def first_since(stored: StoredEnrolment, since: datetime) -> int | None:
    """The number of the first event at or after an instant."""
    return next((seq for seq, event in enumerate(stored.history, start=1) if event.at >= since), None)
