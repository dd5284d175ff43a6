"""Who is told while triage looks at a matter, when it ends without a result, and of what its reporters ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.conditions import Fact
from shaoyin.domain.events import EndEvent, ReporterEvent, TriageEvent
from shaoyin.domain.header import Header
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import (
    Alert,
    Level,
    Offer,
    area_of,
    handlers,
    level_of,
    of_proposals,
    outsider,
    to_parties,
    to_post,
    to_posts,
    triage_of,
)
from shaoyin.domain.roles import NOBODY

AT_ONCE = frozenset({"danger", "sensitive"})
"""Why a person looks first, where nobody waits for the next round (row 2)."""


def of_triage(event: TriageEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    level = level_of(header)
    match event:
        case ev.CaseReported():
            if event.triage_because:
                yield from to_parties("triage", [event.owner], _at_once(event, level), Offer("accept"))
        case ev.CaseAccepted():
            if header.state == "accepted" and event.mode == "O":
                yield from to_parties("to_post", [header.owner], level, Offer("post_for_claim"))
            elif header.state == "accepted":
                yield from to_parties("to_dispatch", [header.owner], level, Offer("dispatch"))
            yield from of_proposals(event.scheduled)
        case ev.InfoSupplied():
            yield from to_parties("info_supplied", [header.owner], level, Offer("accept"))
        case ev.InfoWaitOver():
            yield from to_parties("info_wait_over", [header.owner], level, Offer("accept"))
        case ev.VerifyRequested():
            yield from to_parties("verify_wanted", [event.verifier], level, Offer("verified"))
        case ev.CaseVerified():
            yield from to_parties("verified", [header.owner], level, Offer("accept"))
        case ev.RefusalDisputed():
            yield from to_parties("refusal_disputed", [event.owner or header.owner], level)
        case ev.AreaChanged():
            yield from to_parties("area_changed", [event.owner], level, Offer("accept"))
            yield from to_parties("reassigned", [event.before])
        case ev.UrgencyChanged():
            facts = (("urgency", event.urgency),)
            raised: Level = "info" if event.proposed_by else level
            yield from to_parties("urgency_changed", [header.owner, header.main], raised, None, facts)
        case ev.CaseReclassified():
            yield from to_parties("reclassified", [header.owner, header.main])
        case ev.EmergencyCalled():
            yield from to_parties("emergency_called", handlers(header), "critical")
            yield from to_posts("emergency_called", [triage_of(header, pack), *event.told], "critical")
        case ev.InfoRequested():
            return
        case _:
            assert_never(event)


def _at_once(event: ev.CaseReported, level: Level) -> Level:
    return "urgent" if level == "act" and AT_ONCE & frozenset(event.triage_because) else level


def of_ends(event: EndEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    match event:
        case ev.CaseClosed():
            yield from to_parties("closed", [header.main])
        case ev.CaseNotAccepted():
            yield from to_parties("not_accepted", [header.main or header.owner])
        case ev.CaseMerged():
            yield from to_parties("merged", [header.main])
        case ev.CaseWithdrawn():
            yield from to_parties("withdrawn", [header.owner, header.main])
        case ev.CaseTransferredOut():
            yield from to_parties("transferred_out", [header.main or header.owner])
        case ev.EmergencyDiverted():
            told = [triage_of(header, pack), *_near(event, header, pack)]
            yield from to_posts("diverted", told, "critical")
        case ev.CaseReopened():
            yield from _of_reopening(event, header, pack)
        case ev.CaseArchived():
            return
        case _:
            assert_never(event)


def _near(event: ev.EmergencyDiverted, header: Header, pack: Pack) -> Iterator[str]:
    """The posts that the rows of the emergency group name for this danger; where none does, the grid's lead."""
    said: dict[str, Fact] = {**event.facts, "danger": event.facts.get("danger") or _answers(event.danger, pack)}
    walk = pack.rules.walk({**said, "category": header.category})
    rows = [row for row in walk.rows if row.then.mode == "X"]
    named = [role for row in rows for role in (*row.then.co, *row.then.informed) if role not in NOBODY]
    for role in dict.fromkeys(named or ["grid_lead"]):
        post = pack.post_for(role, area_of(header, pack))
        if post is not None:
            yield post.post_id


def _answers(danger: str, pack: Pack) -> tuple[str, ...]:
    """What staff say in the product's own word, as the form asks it."""
    return next((sign.answers for sign in pack.emergencies if sign.danger == danger), (danger,))


def _of_reopening(event: ev.CaseReopened, header: Header, pack: Pack) -> Iterator[Alert]:
    """The last main handler takes it up again; a case that never had one is triage's (row 37)."""
    if event.to == "accepted":
        yield from to_parties("to_dispatch", [event.owner], level_of(header), Offer("dispatch"))
        return
    yield from to_parties("reopened", [event.owner], level_of(header), Offer("submit_result"))
    yield from to_posts("reopened", [triage_of(header, pack)])


def of_reporters(event: ReporterEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    match event:
        case ev.CaseUrged():
            yield from to_parties("urged", [header.owner], "info" if event.quiet else level_of(header))
        case ev.CaseRated():
            yield from _of_rating(event, header, pack)
        case ev.ReporterAttached():
            yield from to_parties("joined", [header.owner])
        case ev.ReporterDetached():
            if header.state != "closed":
                yield from to_parties("reporter_left", [header.owner])
        case ev.SecrecyRaised():
            yield from to_post("secrecy_raised", outsider("call_back", header, pack), "info")
        case ev.CaseSplitOff():
            yield from to_posts("split_off", [triage_of(header, pack)])
        case ev.CalledBack() | ev.RequestAccepted() | ev.RequestRefused():
            return
        case _:
            assert_never(event)


def _of_rating(event: ev.CaseRated, header: Header, pack: Pack) -> Iterator[Alert]:
    """Only while it is being called back: a plan for the rest is the call-back post's to ask for (decisions 1.13)."""
    if header.state != "calling_back":
        return
    asks = event.solved == "partly_solved"
    offer = Offer("record_call_back") if asks else None
    yield from to_post("rated", outsider("call_back", header, pack), "act" if asks else "info", offer)
