"""What is true after one more event. No rules here: `evolve` is total, dull and complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.call import Whistle, requested, whistle_after, whistle_opened
from shaoyin.domain.case import Case, Claim, Order, Reporter, Urged, Wish
from shaoyin.domain.clocks import Clocks, Running, ended, met, moved, paused, recounted, started, stopped
from shaoyin.domain.copied import replace
from shaoyin.domain.events import By, Event
from shaoyin.domain.report import Secrecy
from shaoyin.domain.rules import MetBy

CLAIMED_FROM = ("claim", "assign", "dispatch")
SECRECY = ("open", "confidential", "anonymous")
CALLED_BACK = ("solved", "partly_solved", "unsolved_explained", "no_contact")
"""The outcomes that a call-back brings about."""


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
    return _told(_after(known, event), event)


def _after(case: Case, event: ev.CaseEvent) -> Case:
    if isinstance(event, ev.WorkEvent):
        return _worked_on(case, event)
    if isinstance(event, ev.HandingEvent):
        return _handed(case, event)
    if isinstance(event, ev.SilenceEvent):
        return _of_silence(case, event)
    if isinstance(event, ev.ReporterEvent):
        return _of_reporters(case, event)
    if isinstance(event, ev.EndEvent):
        return _ended(case, event)
    return _sorted(case, event)


def _reported(event: ev.CaseReported) -> Case:
    first = () if event.reporter_ref is None else ((event.reporter_ref, event.secrecy),)
    reporters = tuple(Reporter(ref, secrecy) for ref, secrecy in (*first, *event.also_reporters))
    return Case(
        case_id=event.case_id, report_id=event.report_id, version=1, pack=event.pack, pack_version=event.pack_version,
        state="reported", urgency=event.urgency, owner=event.owner, description=event.description, area=event.area,
        triage=event.owner, place_text=event.place.text, place_how=event.place_how, category=event.category,
        origin=event.origin, channel=event.channel,
        received_at=event.received_at, last_at=event.at, answers=event.answers, triage_because=event.triage_because,
        reporters=reporters, clocks=started({}, event.deadlines), opened_by=event.by.person,
        opened_from=event.opened_from, facts=event.facts,
        row=event.row, lines=event.lines, mode=event.mode,
        hazard=any(each.clock == "hazard" for each in event.deadlines),
    )  # fmt: skip


def _sorted(case: Case, event: ev.TriageEvent) -> Case:
    """Until somebody is responsible, and what triage changes later."""
    at = event.at
    match event:
        case ev.CaseReported():
            return case
        case ev.CaseAccepted():
            clocks = met(moved(case.clocks, event.deadlines), at, "reply" if event.replies else "")
            return replace(
                case, state="accepted", number=event.number, category=event.category, area=event.area,
                place_how=case.place_how if event.area == case.area else None,
                urgency=event.urgency, answers=event.answers, clocks=clocks, hazard=event.hazard,
                reporters=_at_least(case, event.secrecy), disputed=False, owner=case.triage, row=event.row,
                lines=event.lines, mode=event.mode, late=event.late, scheduled=_scheduled(case, event),
            )  # fmt: skip
        case ev.InfoRequested():
            clocks = case.clocks if event.reply_runs else paused(case.clocks, at, "reply")
            return replace(
                case, state="needs_info", clocks=started(clocks, event.deadlines), info_rounds=case.info_rounds + 1
            )
        case ev.InfoSupplied():
            clocks = moved(ended(case.clocks, at, "info"), event.deadlines)
            answers = {**case.answers, **event.answers}
            area, how = (event.area, event.place_how) if event.area else (case.area, case.place_how)
            text = event.place.text if event.place is not None and event.place.text else case.place_text
            return replace(
                case, state="reported", clocks=clocks, answers=answers, area=area, place_text=text, place_how=how
            )
        case ev.InfoWaitOver():
            clocks = moved(ended(case.clocks, at, "info"), event.deadlines)
            return replace(case, state="reported", clocks=clocks)
        case ev.VerifyRequested():
            clocks = started(case.clocks, event.deadlines)
            return replace(case, state="verifying", verifier=event.verifier, clocks=clocks)
        case ev.CaseVerified():
            return replace(case, state="reported", clocks=ended(case.clocks, at, "verify"))
        case ev.RefusalDisputed():
            return _disputed(case, event)
        case ev.UrgencyChanged():
            return replace(case, urgency=event.urgency, clocks=recounted(case.clocks, event.deadlines))
        case ev.CaseReclassified():
            clocks = recounted(case.clocks, event.deadlines)
            return replace(
                case, category=event.category, answers=event.answers, hazard=event.hazard,
                clocks=clocks if event.hazard else ended(clocks, at, "hazard"),
                reporters=_at_least(case, event.secrecy),
            )  # fmt: skip
        case ev.EmergencyCalled():
            return case
        case ev.AreaChanged():
            return _in_another_area(case, event)
        case _:
            assert_never(event)


def _scheduled(case: Case, event: ev.CaseAccepted | ev.CaseDispatched) -> frozenset[str]:
    return case.scheduled | {each.proposal for each in event.scheduled}


def _disputed(case: Case, event: ev.RefusalDisputed) -> Case:
    reporters = tuple(
        replace(each, disputed=True) if each.ref == event.reporter_ref else each for each in case.reporters
    )
    return replace(
        case, state="reported", owner=event.owner or case.owner, disputed=True, reporters=reporters,
        clocks=started(case.clocks, event.deadlines), ended_at=None, outcome=None,
    )  # fmt: skip


def _in_another_area(case: Case, event: ev.AreaChanged) -> Case:
    """The reply keeps running, a waiting one goes on; everything of the old handler ends (row 40)."""
    reply = {name: clock for name, clock in case.clocks.items() if name in ("reply", "hazard")}
    others = {name: clock for name, clock in case.clocks.items() if name not in reply}
    clocks = moved({**stopped(others, event.at), **_unpaused(reply)}, event.deadlines)
    return replace(
        case, state="reported", area=event.area, place_how=None, owner=event.owner, triage=event.owner, main=None,
        co=(), informed=(), clocks=clocks, parts=stopped(case.parts, event.at), order=None, extension=None, returns=0,
    )  # fmt: skip


def _unpaused(clocks: Clocks) -> Clocks:
    return {name: replace(clock, paused_at=None) for name, clock in clocks.items()}


def _at_least(case: Case, secrecy: Secrecy | None) -> tuple[Reporter, ...]:
    if secrecy is None:
        return case.reporters
    return tuple(replace(each, secrecy=max(each.secrecy, secrecy, key=SECRECY.index)) for each in case.reporters)


def _handed(case: Case, event: ev.HandingEvent) -> Case:
    """From one owner to the next."""
    at = event.at
    match event:
        case ev.CaseDispatched():
            clocks = started(met(case.clocks, at, "dispatch", "assign"), event.deadlines)
            return replace(
                case, state="dispatched", owner=event.main, main=event.main, co=event.co, informed=event.informed,
                mode=event.mode, row=event.row, lines=event.lines, scheduled=_scheduled(case, event),
                late=event.late, urgency=event.urgency, dispatched_at=at,
                pack_version=event.rules_version, clocks=clocks, first_result=_result_of(event) or case.first_result,
                steps_met=frozenset(),
            )  # fmt: skip
        case ev.CaseReturned():
            clocks = started(ended(case.clocks, at, "sign", "contact"), event.deadlines)
            return replace(
                case,
                state="returned",
                owner=event.owner,
                returns=event.number,
                returned_by=event.returned_by,
                clocks=clocks,
            )
        case ev.CaseReassigned():
            clocks = moved(_restarted(case.clocks, event), event.deadlines)
            return replace(
                case, state="dispatched", owner=event.main, main=event.main, co=event.co, dispatched_at=at,
                clocks=ended(clocks, at, "reassign", "review"), parts=_parts_of(case, event.co, at), extension=None,
                failed_contacts=0,
            )  # fmt: skip
        case ev.CaseAdjudicated():
            clocks = started(ended(case.clocks, at, "adjudicate"), event.deadlines)
            co = tuple(each for each in case.co if each.post != event.main.post)
            return replace(
                case, state="dispatched", owner=event.main, main=event.main, co=co, dispatched_at=at, adjudicated=True,
                clocks=clocks, parts=_parts_of(case, co, at), first_result=_result_of(event) or case.first_result,
                failed_contacts=0,
            )  # fmt: skip
        case ev.HandlerAdded():
            parts = {str(event.handler.post): Running.of(each) for each in event.deadlines}
            return replace(case, co=(*case.co, event.handler), parts={**case.parts, **parts})
        case ev.PartSubmitted():
            return replace(_worked(case, event.by), parts=met(case.parts, at, event.handler))
        case ev.PartyNotified():
            return case
        case _:
            return _of_order(case, event)


def _parts_of(case: Case, co: tuple[ev.Party, ...], at: datetime) -> Clocks:
    """Whoever is co-handler no more, the new main handler first of all, has no date of its own left."""
    still = {each.post or each.person for each in co}
    return ended(case.parts, at, *(name for name in case.parts if name not in still))


def _restarted(clocks: Clocks, event: ev.CaseReassigned) -> Clocks:
    """Sign and contact begin anew for the new handler, as if they had not run before."""
    anew = {each.clock for each in event.deadlines if each.clock in ("sign", "contact")}
    return {name: clock for name, clock in clocks.items() if name not in anew}


def _of_order(
    case: Case,
    event: ev.OrderPosted
    | ev.OrderClaimed
    | ev.OrderUnclaimed
    | ev.OrderGivenBack
    | ev.OrderTakenBack
    | ev.PlaceGivenUp,
) -> Case:
    at = event.at
    match event:
        case ev.OrderPosted():
            clocks = started(met(case.clocks, at, "dispatch"), event.deadlines)
            window = next(each.due_at for each in event.deadlines if each.clock == "claim")
            order = Order(
                publication=event.publication, task=event.task, places=event.places, needed=event.needed,
                window_until=window, agreed_at=event.agreed_at, vetting=event.vetting, dangerous=event.dangerous,
                household=event.household, eligible=event.eligible,
            )  # fmt: skip
            return replace(case, state="open_for_claim", clocks=clocks, order=order, posted=True)
        case ev.OrderClaimed():
            return _claimed(case, event)
        case ev.OrderUnclaimed():
            clocks = started(ended(case.clocks, at, "claim"), event.deadlines)
            return replace(_without_claims(case), state="accepted", owner=event.owner, clocks=clocks)
        case ev.OrderGivenBack() | ev.OrderTakenBack():
            clocks = started(ended(case.clocks, at, "contact", "result"), event.deadlines)
            back = replace(_without_claims(case), state=event.to, owner=event.owner, clocks=clocks)
            return replace(back, main=None, co=(), parts=stopped(case.parts, at), first_result=None)
        case ev.PlaceGivenUp():
            assert case.order is not None
            claims = tuple(each for each in case.order.claims if each.person != event.claimant)
            co = tuple(each for each in case.co if each.person != event.claimant)
            parts = ended(case.parts, at, event.claimant)
            return replace(case, order=replace(case.order, claims=claims), co=co, parts=parts)
        case _:
            assert_never(event)


def _claimed(case: Case, event: ev.OrderClaimed) -> Case:
    assert case.order is not None
    claim = Claim(str(event.claimant.person), event.at, event.lead)
    order = replace(case.order, claims=(*case.order.claims, claim))
    known = replace(case, order=order)
    if case.state != "open_for_claim":
        part = [Running.of(each) for each in event.deadlines if each.clock == "part"]
        parts = {**case.parts, claim.person: part[0]} if part else case.parts
        return replace(known, co=(*case.co, event.claimant), parts=parts)
    if not event.completes:
        return known
    clocks = started(met(case.clocks, event.at, "claim"), event.deadlines)
    lead = next(each for each in order.claims)
    main = event.claimant if lead.person == claim.person else _other(event.claimant, lead.person)
    co = tuple(_other(event.claimant, each.person) for each in order.claims if each is not lead)
    return replace(
        known, state="signed", owner=main, main=main, co=co, clocks=clocks, workers=case.workers | {claim.person},
        first_result=_result_of(event) or case.first_result, dispatched_at=event.at,
    )  # fmt: skip


def _other(party: ev.Party, person: str) -> ev.Party:
    return ev.Party(None, person, party.org, party.area)


def _without_claims(case: Case) -> Case:
    return case if case.order is None else replace(case, order=replace(case.order, claims=()))


def _result_of(event: ev.CaseDispatched | ev.CaseAdjudicated | ev.OrderClaimed | ev.CaseReopened) -> ev.Deadline | None:
    return next((each for each in event.deadlines if each.clock == "result"), None)


def _worked_on(case: Case, event: ev.WorkEvent) -> Case:
    """The handler's part, its pauses, and the check of it."""
    at = event.at
    match event:
        case ev.CaseSigned():
            clocks = met(case.clocks, at, "sign")
            return replace(_worked(case, event.by), state="signed", clocks=clocks)
        case ev.CaseStarted():
            return replace(_worked(case, event.by), state="in_progress")
        case ev.CaseContacted():
            failed = case.failed_contacts + (event.outcome == "failed")
            told = replace(case, clocks=met(case.clocks, at, "contact")) if event.met else case
            stepped = told if event.outcome == "failed" else _stepped(told, event, "reply")
            return replace(_answered_urges(_worked(stepped, event.by)), failed_contacts=failed)
        case ev.MeasureRecorded():
            return _stepped(replace(case, clocks=met(case.clocks, at, "hazard")), event, "measure")
        case ev.ResultSubmitted():
            over = ended(met(case.clocks, at, "result", "first_step"), at, "contact")
            clocks = started(over, event.deadlines)
            done = replace(_answered_urges(_worked(case, event.by)), public_reply=event.public_reply)
            return replace(done, state="result_submitted", clocks=clocks, extension=None)
        case ev.CheckPassed() | ev.CheckSkipped():
            clocks = started(met(case.clocks, at, "check"), event.deadlines)
            return replace(case, state="calling_back", clocks=clocks)
        case ev.ReworkOrdered():
            clocks = started(met(case.clocks, at, "check", "call_back"), event.deadlines)
            reporters = tuple(replace(each, answer=None, tries=()) for each in case.reporters)
            return replace(case, state="in_progress", reworks=event.rework, clocks=clocks, reporters=reporters)
        case _:
            return _paused_or_not(case, event)


def _paused_or_not(
    case: Case,
    event: ev.ExtensionRequested | ev.ExtensionApproved | ev.ExtensionDeclined | ev.CaseSuspended | ev.CaseResumed,
) -> Case:
    at = event.at
    match event:
        case ev.ExtensionRequested():
            return replace(case, extension=Wish(event.until, event.public_reason))
        case ev.ExtensionApproved():
            clocks = started(case.clocks, event.deadlines)
            return replace(_answered_urges(case), extension=None, extensions=case.extensions + 1, clocks=clocks)
        case ev.ExtensionDeclined():
            return replace(case, extension=None)
        case ev.CaseSuspended():
            clocks = started(paused(case.clocks, at, "result"), event.deadlines)
            return replace(case, state="suspended", suspensions=case.suspensions + 1, clocks=clocks, extension=None)
        case ev.CaseResumed():
            clocks = moved(ended(case.clocks, at, "review"), event.deadlines)
            return replace(case, state="in_progress", clocks=clocks)
        case _:
            assert_never(event)


def _ended(case: Case, event: ev.EndEvent) -> Case:
    at = event.at
    match event:
        case ev.CaseArchived():
            return replace(case, state="archived", clocks=met(case.clocks, at, "archive"))
        case ev.CaseReopened():
            return _reopened(case, event)
        case _:
            pass
    clocks = stopped(met(case.clocks, at, *_met_by(event)), at)
    over = replace(case, clocks=clocks, parts=stopped(case.parts, at), ended_at=at, extension=None, disputed=False)
    match event:
        case ev.CaseClosed():
            clocks = met(started(over.clocks, event.deadlines), at, "result")
            return replace(over, state="closed", outcome=event.outcome, clocks=clocks)
        case ev.CaseNotAccepted():
            refused_by = case.refused_by | ({event.by.post} if event.by.post else frozenset())
            proposed = {event.proposed_by} if event.proposed_by else frozenset()
            return replace(over, state="not_accepted", refused_by=refused_by | proposed)
        case ev.CaseMerged():
            return replace(over, state="merged", merged_into=event.lead)
        case ev.CaseWithdrawn():
            return replace(over, state="withdrawn")
        case ev.CaseTransferredOut() | ev.EmergencyDiverted():
            return replace(over, state="transferred_out")
        case _:
            assert_never(event)


def _met_by(event: ev.EndEvent) -> Iterator[str]:
    """An end that is told is a reply; one that its reporters were asked about is the call-back (rows 33, 36, a10)."""
    if event.replies and not isinstance(event, ev.CaseWithdrawn):
        yield "reply"
    if isinstance(event, ev.CaseClosed) and event.outcome in CALLED_BACK:
        yield "call_back"


def _reopened(case: Case, event: ev.CaseReopened) -> Case:
    reporters = tuple(
        replace(each, answer=None, tries=(), reopened=each.reopened or each.ref == event.reporter_ref)
        for each in case.reporters
    )
    clocks = {name: clock for name, clock in case.clocks.items() if name in ("reply", "hazard", "supervision_review")}
    return replace(
        case, state=event.to, owner=event.owner, clocks=started(clocks, event.deadlines), reporters=reporters,
        returns=0, returned_by=(), reworks=0, suspensions=0, extensions=0, failed_contacts=0, outcome=None,
        ended_at=None, extension=None, urges=(), first_result=_result_of(event), parts={},
        order=case.order if case.claimed else None,
    )  # fmt: skip


def _of_reporters(case: Case, event: ev.ReporterEvent) -> Case:
    match event:
        case ev.CalledBack():
            return _with_answer(case, event)
        case ev.CaseRated():
            return _answered(case, event.reporter_ref, event.solved) if event.answered else case
        case ev.RequestAccepted() | ev.RequestRefused():
            return replace(case, requests=case.requests | {event.request_id})
        case ev.ReporterAttached():
            new = Reporter(event.reporter_ref, event.secrecy, from_case=event.from_case)
            return replace(case, reporters=(*case.reporters, new))
        case ev.ReporterDetached():
            left = tuple(each for each in case.reporters if each.ref != event.reporter_ref)
            clocks = case.clocks if left else ended(case.clocks, event.at, "reply", "contact", "call_back")
            clocks = started(clocks, event.deadlines)
            return replace(case, reporters=left, origin=event.origin or case.origin, clocks=clocks)
        case ev.SecrecyRaised():
            raised = tuple(
                replace(each, secrecy=event.secrecy) if each.ref == event.reporter_ref else each
                for each in case.reporters
            )
            return replace(case, reporters=raised)
        case ev.CaseUrged():
            who = event.reporter_ref or event.by.post or ""
            return replace(case, urges=(*case.urges, Urged(event.at, who)))
        case ev.CaseSplitOff():
            return case
        case _:
            assert_never(event)


def _with_answer(case: Case, event: ev.CalledBack) -> Case:
    tries = event.tries if event.outcome == "no_contact" else ()
    reporters = tuple(
        replace(each, tries=(*each.tries, *tries)) if each.ref == event.reporter_ref else each
        for each in case.reporters
    )
    tried = replace(case, reporters=reporters)
    return _answered(tried, event.reporter_ref, event.outcome) if event.answered else tried


def _answered(case: Case, ref: str, answer: str) -> Case:
    reporters = tuple(replace(each, answer=answer) if each.ref == ref else each for each in case.reporters)
    return replace(case, reporters=reporters)


def _of_silence(case: Case, event: ev.SilenceEvent) -> Case:
    match event:
        case ev.CaseDueSoon():
            clock = replace(case.clocks[event.clock], look_at=event.look_at)
            return replace(case, clocks={**case.clocks, event.clock: clock})
        case ev.CaseOverdue():
            return _overdue(case, event)
        case ev.CaseSupervised():
            clocks = started(case.clocks, event.deadlines)
            return replace(case, supervision=event.grade, supervisor=event.supervisor or case.supervisor, clocks=clocks)
        case ev.CaseReviewDue():
            return replace(case, clocks=started(case.clocks, event.deadlines))
        case ev.CaseMarkedHard():
            return replace(case, hard=True)
        case ev.ClocksRecomputed():
            parts = {name: case.parts[name].again(each) for name, each in event.parts.items()}
            known = replace(case, clocks=recounted(case.clocks, event.deadlines), parts={**case.parts, **parts})
            return _with_dates(known, event)
        case _:
            assert_never(event)


def _with_dates(case: Case, event: ev.ClocksRecomputed) -> Case:
    whistles = dict(case.whistles)
    for each in event.of_whistles:
        whistles[each.whistle_id] = _dated_anew(whistles[each.whistle_id], each)
    return replace(case, whistles=whistles)


def _dated_anew(whistle: Whistle, date: ev.WhistleDate) -> Whistle:
    if date.responder is None:
        return replace(whistle, clocks=recounted(whistle.clocks, [date.deadline]))
    responder = whistle.responders[date.responder]
    after = replace(responder, clocks=recounted(responder.clocks, [date.deadline]))
    return replace(whistle, responders={**whistle.responders, date.responder: after})


def _overdue(case: Case, event: ev.CaseOverdue) -> Case:
    if event.handler is not None:
        late = case.parts[event.handler].announced_until(event.look_at)
        return replace(case, parts={**case.parts, event.handler: late})
    late = case.clocks[event.clock].announced_until(event.look_at)
    return replace(case, clocks={**case.clocks, event.clock: late})


def _with_whistle(case: Case, event: ev.WhistleEvent) -> Case:
    before = case.whistles.get(event.whistle_id)
    if isinstance(event, ev.WhistleRequested):
        after = requested(event)
    elif before is None:
        assert isinstance(event, ev.WhistleBlown), "a whistle begins with being requested or blown"
        after = whistle_opened(event)
    else:
        after = whistle_after(before, event)
    known = replace(case, whistles={**case.whistles, event.whistle_id: after})
    return _stepped(known, event, "plan") if isinstance(event, ev.PlanAgreed) else known


def _stepped(case: Case, event: ev.CaseContacted | ev.MeasureRecorded | ev.PlanAgreed, step: MetBy) -> Case:
    """What may be a step before the result was done; where it was the one that ran the next begins."""
    known = replace(case, steps_met=case.steps_met | {step})
    if not event.meets_first_step:
        return known
    return replace(known, clocks=started(met(case.clocks, event.at, "first_step"), event.deadlines))


def _worked(case: Case, by: By) -> Case:
    return case if by.person is None else replace(case, workers=case.workers | {by.person})


def _answered_urges(case: Case) -> Case:
    """A word to the reporter, a new date or a result answers the urges so far (decisions 1.27)."""
    if not any(each.open for each in case.urges):
        return case
    return replace(case, urges=tuple(Urged(each.at, each.who, open=False) for each in case.urges))


def _told(case: Case, event: Event) -> Case:
    """Counts the words that went out to each reporter (I1, I5)."""
    if not event.replies or not case.reporters:
        return case
    reporters = tuple(
        replace(each, replies=each.replies + sum(reply.to in (None, each.ref) for reply in event.replies))
        for each in case.reporters
    )
    return replace(case, reporters=reporters)
