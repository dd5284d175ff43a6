"""Report → case: opened at once, accepted by itself where it can be sure, else shown to triage with the reason."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.clocks import deadline
from shaoyin.domain.commands import Accept, DivertEmergency, OpenCase
from shaoyin.domain.events import By, CaseAccepted, CaseReported, Deadline, Event, Party
from shaoyin.domain.pack import URGENCIES, Pack, Urgency
from shaoyin.domain.place import Found
from shaoyin.domain.report import Report
from shaoyin.domain.terms import (
    hazard_clock,
    limited,
    masks,
    recounted,
    secrecy_under,
    with_answers,
)


def opened(_case: Case, asked: OpenCase, pack: Pack) -> list[Event]:
    return open_case(asked, pack)


def open_case(asked: OpenCase, pack: Pack) -> list[Event]:
    """Row 2. T0 runs from the receipt, not from the moment the case was opened (mechanics 17)."""
    report = asked.report
    found = _place(asked, pack)
    area = found.area or pack.root
    urgency = _first_urgency(report, pack)
    secrecy = secrecy_under(pack.categories.get(report.category or ""), report.secrecy)
    return [
        CaseReported(
            at=asked.at, by=By(asked.post, asked.person), case_id=asked.case_id, report_id=report.report_id,
            pack=pack.name, pack_version=pack.version, description=report.description, place=report.place,
            place_how=found.how, place_seen=found.seen, area=found.area, category=report.category, urgency=urgency,
            secrecy=secrecy, origin=report.origin, channel=report.channel, received_at=report.received_at,
            owner=Party.of(pack.triage_post(area)), reporter_ref=report.reporter_ref, occurred_at=report.occurred_at,
            on_behalf=report.on_behalf, answers=report.answers or {},
            emergency_shown=tuple(shown.number for shown in report.emergency_shown),
            triage_because=_doubts(asked, found, pack), duplicates=asked.duplicates,
            deadlines=_first_deadlines(report, urgency, pack), also_reporters=report.also_reporters,
            opened_from=report.opened_from, attachments=report.attachments,
        )
    ]  # fmt: skip


def _place(asked: OpenCase, pack: Pack) -> Found:
    """Where nothing was said and the matter cannot wait, the community of whoever took it in (row 22)."""
    report = asked.report
    if report.place.said:
        return pack.areas.find(report.place, pack.calendar.local_day(report.received_at), asked.hits)
    post = pack.directory.posts.get(asked.post or "")
    if post is not None and post.kind == SERVICE_POST:
        return Found(post.area, "service_post", post.post_id)
    if _first_urgency(report, pack) not in ("urgent", "critical"):
        return Found(None, "unresolved", "")
    around = None if post is None else pack.areas.nearest(post.area, {"community"})
    return Found(pack.root if around is None else around.area_id, "fallback", "" if post is None else post.post_id)


SERVICE_POST = "service_post"
"""The kind of post of a walk-in desk; what is told there without a place belongs to its area."""


def place_missing(_case: Case | None, asked: OpenCase, pack: Pack) -> bool:
    return not asked.report.place.said and _place(asked, pack).area is None


def unknown_category(_case: Case | None, asked: OpenCase, pack: Pack) -> bool:
    return asked.report.category is not None and asked.report.category not in pack.categories


def intake_right_missing(_case: Case | None, asked: OpenCase, pack: Pack) -> bool:
    """On behalf of somebody, and by any channel but the form, only a post with the right (mechanics 30)."""
    post = pack.directory.posts.get(asked.post or "")
    if post is None:
        return asked.person is not None
    return not (post.held_by(asked.person) and pack.directory.has_right(post, "intake"))


def _doubts(asked: OpenCase, found: Found, pack: Pack) -> tuple[str, ...]:
    """Why a person must look first (domain 8.2.6); none of them: the rules go on by themselves."""
    report = asked.report
    category = pack.categories.get(report.category or "")
    doubts = {
        "no_category": category is None,
        "sensitive": category is not None and category.sensitive,
        "place_unresolved": found.area is None,
        "danger": bool(pack.dangers(report.description, report.answers or {})) and report.opened_from is None,
        "duplicate_open": bool(asked.duplicates),
        "to_triage": asked.to_triage,
    }
    return tuple(why for why, true in doubts.items() if true)


def _first_urgency(report: Report, pack: Pack) -> Urgency:
    """The chosen category's; none chosen: normal; a danger word: urgent; an answer that there is danger: critical."""
    if pack.dangers("", report.answers or {}):
        return "critical"
    category = pack.categories.get(report.category or "")
    chosen: Urgency = category.urgency if category else "normal"
    if report.opened_from is None and pack.dangers(report.description, {}):
        return max(chosen, "urgent", key=URGENCIES.index)
    return chosen


def _first_deadlines(report: Report, urgency: Urgency, pack: Pack) -> tuple[Deadline, ...]:
    """T0 for whoever can be told; without a reporter the dispatch timer runs instead (decisions 1.2)."""
    start = report.received_at
    first = limited(pack, "dispatch" if report.reporter_ref is None else "reply", start, urgency)
    category = pack.categories.get(report.category or "")
    if category is not None and category.hazard:
        return first, deadline(pack, "hazard", start, pack.limit("hazard", urgency))
    return (first,)


def divert_of(case: Case, opened: OpenCase, pack: Pack) -> DivertEmergency | None:
    """An answer that there is danger now diverts by itself; a word never does (mechanics 34)."""
    signs = pack.dangers("", case.answers)
    if not signs:
        return None
    numbers = tuple(dict.fromkeys(sign.number for sign in signs))
    return DivertEmergency(at=opened.at, numbers=numbers, danger=signs[0].danger, facts=case.answers)


def accept_of(case: Case, opened: OpenCase) -> Accept:
    """The system's own acceptance behind a report nobody needs to look at first."""
    assert case.category is not None
    assert case.area is not None
    return Accept(
        at=opened.at, category=case.category, area=case.area, urgency=case.urgency, number=opened.number_if_accepted,
        answers=case.answers,
    )  # fmt: skip


def not_classified(_case: Case, asked: Accept, pack: Pack) -> bool | dict[str, object]:
    """Category, area and urgency are set; a place outside the pack is no area."""
    if asked.category not in pack.categories:
        return {"category": asked.category}
    return {"area": asked.area} if asked.area not in pack.areas.areas else False


def needs_a_person(case: Case, asked: Accept, _pack: Pack) -> bool:
    return asked.by_system and bool(case.triage_because)


def number_taken(case: Case, asked: Accept, _pack: Pack) -> bool:
    """A case keeps its number for life; another one is somebody else's."""
    return case.number is not None and asked.number != case.number


def accept(case: Case, asked: Accept, pack: Pack) -> list[Event]:
    """Row 13. The notice that goes out with it is the reply that T0 waits for (decisions 1.9)."""
    category = pack.categories[asked.category]
    anew = [
        each
        for each in (recounted(case, asked.at, asked.urgency, pack) if asked.urgency != case.urgency else ())
        if each.clock != "dispatch"
    ]
    dispatch = limited(pack, "dispatch", asked.at, asked.urgency)
    return [
        CaseAccepted(
            at=asked.at, by=By(asked.post, asked.person), number=asked.number, category=asked.category, area=asked.area,
            urgency=asked.urgency, answers=with_answers(case, asked.answers),
            deadlines=(*anew, dispatch, *hazard_clock(case, category, pack)), secrecy=masks(category),
            handler_proposed=asked.handler_proposed, hazard=category.hazard or case.hazard,
            replies=case.told("reply.accepted"),
        )
    ]  # fmt: skip
