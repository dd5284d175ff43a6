"""Who is told of a case that is handed to somebody and worked on: handlers, those beside them, those who look after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from shaoyin.domain import events as ev
from shaoyin.domain.alert_order import of_order
from shaoyin.domain.events import HandingEvent, WorkEvent
from shaoyin.domain.header import Header
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import (
    UNLABELLED,
    Alert,
    Offer,
    handlers,
    level_of,
    of_proposals,
    outsider,
    superior_of_triage,
    to_parties,
    to_post,
    to_posts,
    triage_of,
)


def of_handing(event: HandingEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    level = level_of(header)
    match event:
        case ev.CaseDispatched():
            yield from to_parties("new_case", [event.main], level, Offer("sign_for"))
            yield from to_parties("co_handler", event.co, "act")
            yield from to_parties("informed", event.informed)
            yield from to_parties(UNLABELLED, event.unlabelled)
            yield from of_proposals(event.scheduled)
        case ev.CaseReturned():
            yield from _of_return(event, header)
        case ev.CaseReassigned():
            yield from to_parties("new_case", [event.main], level, Offer("sign_for"))
            yield from to_parties("co_handler", event.co, "act")
            yield from to_parties("reassigned", [event.before])
            yield from to_posts("reassigned", event.told)
        case ev.CaseAdjudicated():
            yield from to_parties("new_case", [event.main], level, Offer("sign_for"))
            yield from to_parties("adjudicated", [event.before])
        case ev.HandlerAdded():
            yield from to_parties("co_handler", [event.handler], "act")
            yield from to_parties("handler_added", [header.main])
        case ev.PartyNotified():
            yield from to_parties("party_notified", [event.party], "act")
        case ev.PartSubmitted():
            yield from to_parties("part_submitted", [header.main])
        case _:
            yield from of_order(event, header, pack)


def _of_return(event: ev.CaseReturned, header: Header) -> Iterator[Alert]:
    """The first return is triage's to mend; of the second the adjudicator decides, and both units hear it (row 19)."""
    if event.number < 2:
        yield from to_parties("returned", [event.owner], level_of(header), Offer("reassign"))
        return
    yield from to_parties("returned_twice", [event.owner], level_of(header), Offer("adjudicate"))
    yield from to_parties("before_adjudicator", [header.main])
    yield from to_posts("before_adjudicator", [*event.returned_by, event.suggested])


def of_work(event: WorkEvent, header: Header, pack: Pack) -> Iterator[Alert]:
    level = level_of(header)
    match event:
        case ev.CaseSigned():
            if header.main is not None and header.main.post is not None:
                yield from to_posts("signed", [triage_of(header, pack)])
        case ev.MeasureRecorded():
            yield from to_parties("measure_recorded", [header.main])
            yield from to_posts("measure_recorded", [triage_of(header, pack)])
        case ev.ResultSubmitted():
            if event.deadlines:
                yield from to_post("check_wanted", outsider("check", header, pack), level)
        case ev.CheckPassed() | ev.CheckSkipped():
            yield from _of_check(header, pack)
        case ev.ReworkOrdered():
            yield from _of_rework(event, header, pack)
        case ev.CaseStarted() | ev.CaseContacted():
            return
        case _:
            yield from _of_time(event, header, pack)


def _of_check(header: Header, pack: Pack) -> Iterator[Alert]:
    """An orderer is asked to rate; the call-back post hears of an order only when nobody did (decisions 2.28)."""
    claimed = header.order is not None and header.main is not None and header.main.post is None
    if header.state == "calling_back" and not claimed:
        caller = outsider("call_back", header, pack)
        yield from to_post("call_back_wanted", caller, level_of(header), Offer("record_call_back"))


def _of_rework(event: ev.ReworkOrdered, header: Header, pack: Pack) -> Iterator[Alert]:
    """What a reporter was told with, he had asked for: then triage hears it too (rows 31 and 34)."""
    yield from to_parties("rework", handlers(header), level_of(header), Offer("submit_result"))
    yield from to_posts("raised", event.raised, "urgent")
    if event.replies:
        yield from to_posts("rework_again", [triage_of(header, pack)])


def _of_time(
    event: ev.ExtensionRequested | ev.ExtensionApproved | ev.ExtensionDeclined | ev.CaseSuspended | ev.CaseResumed,
    header: Header,
    pack: Pack,
) -> Iterator[Alert]:
    match event:
        case ev.ExtensionRequested():
            superior = superior_of_triage(header, pack)
            yield from to_post("extension_wanted", superior, level_of(header), Offer("approve_extension"))
        case ev.ExtensionApproved():
            yield from to_parties("extension_approved", handlers(header))
        case ev.ExtensionDeclined():
            yield from to_parties("extension_declined", handlers(header), "act")
            yield from to_posts("extension_declined", event.told)
        case ev.CaseSuspended():
            yield from to_parties("suspended", handlers(header))
        case ev.CaseResumed():
            yield from to_parties("resumed", handlers(header), "act")
            yield from to_posts("resumed", event.told)
        case _:
            assert_never(event)
