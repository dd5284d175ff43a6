"""Who is told when a clock ran out: whoever is slow, whoever answers for it, and one step up after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.events import SilenceEvent
from shaoyin.domain.header import Header
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert, Facts, Offer, level_of, to_one, to_parties, to_persons, to_posts

KINDS_OF_LATE = {"sign": "sign_overdue", "result": "result_overdue"}
OTHERS = ("check", "call_back")
"""Clocks of those who look after the work, and never of whoever did it (decisions 2.28)."""
TRIAGE = ("community_duty", "street_centre", "triage_lead")
"""Who may reassign what was not signed for in time (row 44)."""


def of_silence(event: SilenceEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    match event:
        case ev.CaseDueSoon():
            yield from to_parties("due_soon", [header.owner], "act")
        case ev.CaseOverdue():
            yield from _of_late(event, header, pack)
        case ev.CaseSupervised():
            facts = (("grade", event.grade),)
            yield from to_posts("supervised", [*event.told, header.owner.post], "urgent", None, facts)
        case ev.CaseReviewDue():
            yield from to_posts("review_due", event.told, "act")
        case ev.CaseMarkedHard():
            yield from to_posts("hard_case", event.told, "urgent")
        case ev.ClocksRecomputed():
            yield from to_parties("clocks_recomputed", [header.owner])
        case _:
            assert_never(event)


def _of_late(event: ev.CaseOverdue, header: Header, pack: Pack) -> Iterator[Alert]:
    """A co-handler's date is his and the main handler's; a claimant hears of T3 himself, and no head of his (2.13)."""
    kind, level = KINDS_OF_LATE.get(event.clock, "clock_overdue"), level_of(header)
    facts: Facts = (("clock", event.clock), ("hop", str(event.hop)))
    if event.clock == "part":
        if event.handler is not None:
            yield to_one(kind, event.handler, level, pack, None, facts)
        yield from to_parties(kind, [header.main], level, None, facts)
    for post in event.told:
        yield from to_posts(kind, [post], level, _offer(event, post, header, pack), facts)
    if header.owner.post is None and event.clock not in OTHERS:
        yield from to_persons(kind, [header.owner.person], level, None, facts)


def _offer(event: ev.CaseOverdue, post: str, header: Header, pack: Pack) -> Offer | None:
    """Whoever is to sign may still sign; triage may give it to somebody else."""
    if event.clock != "sign":
        return None
    if post == header.owner.post:
        return Offer("sign_for")
    known = pack.directory.posts.get(post)
    return Offer("reassign") if known is not None and known.kind in TRIAGE else None
