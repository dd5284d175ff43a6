"""Report → case: opened at once, accepted by itself where it can be sure, else shown to triage with the reason."""

from __future__ import annotations

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.clocks import deadline
from shaoyin.domain.commands import Accept, OpenCase
from shaoyin.domain.events import By, CaseAccepted, CaseReported, Deadline, Event, Party, Reply
from shaoyin.domain.pack import URGENCIES, Pack, Urgency
from shaoyin.domain.place import Found
from shaoyin.domain.report import Report, Secrecy

HAZARD_WITHIN = Within(24, "h")


def open_case(asked: OpenCase, pack: Pack) -> list[Event]:
    """Row 2. T0 runs from the receipt, not from the moment the case was opened (mechanics 17)."""
    report = asked.report
    found = pack.areas.find(report.place)
    area = found.area or pack.root
    urgency = _first_urgency(report, pack)
    return [
        CaseReported(
            at=asked.at, case_id=asked.case_id, report_id=report.report_id, pack=pack.name, pack_version=pack.version,
            description=report.description, place=report.place, place_how=found.how, place_seen=found.seen,
            area=found.area, category=report.category, urgency=urgency, secrecy=_secrecy(report, pack),
            origin=report.origin, channel=report.channel, received_at=report.received_at,
            owner=Party.of(pack.triage_post(area)), reporter_ref=report.reporter_ref, occurred_at=report.occurred_at,
            on_behalf=report.on_behalf, answers=report.answers or {},
            emergency_shown=tuple(shown.number for shown in report.emergency_shown),
            triage_because=_doubts(asked, found, pack), duplicates=asked.duplicates,
            deadlines=_first_deadlines(report, urgency, pack),
        )
    ]  # fmt: skip


def _doubts(asked: OpenCase, found: Found, pack: Pack) -> tuple[str, ...]:
    """Why a person must look first (domain 8.2.6); none of them: the rules go on by themselves."""
    report = asked.report
    category = pack.categories.get(report.category or "")
    doubts = {
        "no_category": category is None,
        "sensitive": category is not None and category.sensitive,
        "place_unresolved": found.area is None,
        "danger": bool(pack.dangers(report.description, report.answers or {})),
        "duplicate_open": bool(asked.duplicates),
    }
    return tuple(why for why, true in doubts.items() if true)


def _first_urgency(report: Report, pack: Pack) -> Urgency:
    """The chosen category's; none chosen: normal; a danger word: urgent; an answer that there is danger: critical."""
    if pack.dangers("", report.answers or {}):
        return "critical"
    category = pack.categories.get(report.category or "")
    chosen: Urgency = category.urgency if category else "normal"
    if pack.dangers(report.description, {}):
        return max(chosen, "urgent", key=URGENCIES.index)
    return chosen


def _secrecy(report: Report, pack: Pack) -> Secrecy:
    """Quarrels, conduct and clues are confidential unless the reporter chose more (row 17)."""
    category = pack.categories.get(report.category or "")
    masked = category is not None and category.masked and report.secrecy == "open"
    return "confidential" if masked else report.secrecy


def _first_deadlines(report: Report, urgency: Urgency, pack: Pack) -> tuple[Deadline, ...]:
    """T0 for whoever can be told; without a reporter the dispatch timer runs instead (decisions 1.2)."""
    start = report.received_at
    if report.reporter_ref is None:
        first = deadline(pack, "dispatch", start, pack.limit("dispatch", urgency), urgency)
    else:
        first = deadline(pack, "reply", start, pack.limit("reply", urgency))
    category = pack.categories.get(report.category or "")
    if category is not None and category.hazard:
        return first, deadline(pack, "hazard", start, HAZARD_WITHIN)
    return (first,)


def accept_of(case: Case, opened: OpenCase) -> Accept:
    """The system's own acceptance behind a report nobody needs to look at first."""
    assert case.category is not None
    assert case.area is not None
    return Accept(
        at=opened.at, category=case.category, area=case.area, urgency=case.urgency, number=opened.number_if_accepted,
        answers=case.answers,
    )  # fmt: skip


def accept(case: Case, asked: Accept, pack: Pack) -> list[Event]:
    """Row 13. The notice that goes out with it is the reply that T0 waits for (decisions 1.9)."""
    category = pack.categories.get(asked.category)
    if category is None:
        raise Refused("unknown_category", category=asked.category)
    if asked.area not in pack.areas.areas:
        raise Refused("not_classified", area=asked.area)
    dispatch = deadline(pack, "dispatch", asked.at, pack.limit("dispatch", asked.urgency), asked.urgency)
    return [
        CaseAccepted(
            at=asked.at, by=By(asked.post, asked.person), number=asked.number, category=asked.category, area=asked.area,
            urgency=asked.urgency, answers={**case.answers, **(asked.answers or {})}, deadlines=(dispatch,),
            replies=(Reply("reply.accepted"),) if case.reporters else (),
        )
    ]  # fmt: skip
