"""Report → case: opened at once, accepted by itself where it can be sure, else shown to triage with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case
from shaoyin.domain.choosing import choose
from shaoyin.domain.clocks import deadline
from shaoyin.domain.commands import Accept, DivertEmergency, Lead, MergeInto, OpenCase
from shaoyin.domain.conditions import Fact
from shaoyin.domain.copied import replace
from shaoyin.domain.events import By, CaseAccepted, CaseReported, Deadline, Event, Party, Scheduled
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.looking import ASIDE, Look, called, look
from shaoyin.domain.org import Post
from shaoyin.domain.pack import URGENCIES, Pack, Urgency
from shaoyin.domain.place import SMALLEST, Found
from shaoyin.domain.proposals import scheduled
from shaoyin.domain.report import Answer, Report
from shaoyin.domain.rules import Mode, RowSeen
from shaoyin.domain.terms import hazard_clock, limited, masks, recounted, rows_of, with_answers


def opened(_case: Case, asked: OpenCase, pack: Pack) -> list[Event]:
    return open_case(asked, pack)


def open_case(asked: OpenCase, pack: Pack) -> list[Event]:
    """Row 2. T0 runs from the receipt, not from the moment the case was opened (mechanics 17)."""
    report = asked.report
    found = _place(asked, pack)
    urgency = _first_urgency(report, pack)
    seen = look(asked, found, urgency, pack)
    return [
        CaseReported(
            at=asked.at, by=By(asked.post, asked.person), case_id=asked.case_id, report_id=report.report_id,
            pack=pack.name, pack_version=pack.version, description=report.description, place=report.place,
            place_how=found.how, place_seen=found.seen, area=found.area, category=report.category, urgency=urgency,
            secrecy=seen.secrecy, origin=report.origin, channel=report.channel, received_at=report.received_at,
            owner=Party.of(seen.desk), reporter_ref=report.reporter_ref, occurred_at=report.occurred_at,
            on_behalf=report.on_behalf, answers=report.answers or {},
            emergency_shown=tuple(shown.number for shown in report.emergency_shown),
            triage_because=_doubts(asked, found, seen, pack), duplicates=asked.duplicates,
            deadlines=_first_deadlines(report, urgency, seen, pack), also_reporters=report.also_reporters,
            opened_from=report.opened_from, attachments=report.attachments,
            facts={**asked.facts, **_other_grid(found, pack)},
            row=seen.row, lines=seen.lines, mode=seen.mode, explanation=seen.explanation,
        )
    ]  # fmt: skip


def _place(asked: OpenCase, pack: Pack) -> Found:
    """Where nothing was said and the matter cannot wait, the community of whoever took it in (row 22)."""
    report = asked.report
    if report.place.said:
        return pack.areas.find(report.place, pack.calendar.local_day(report.received_at), asked.hits)
    post = pack.directory.posts.get(asked.post or report.taken_by or "")
    if post is not None and post.kind == SERVICE_POST:
        return Found(post.area, "service_post", post.post_id)
    if not takes_without_place(post, _first_urgency(report, pack)):
        return Found(None, "unresolved", "")
    around = None if post is None else pack.areas.nearest(post.area, {"community"})
    return Found(pack.root if around is None else around.area_id, "fallback", "" if post is None else post.post_id)


SERVICE_POST = "service_post"
"""The kind of post of a walk-in desk; what is told there without a place belongs to its area."""


def takes_without_place(post: Post | None, urgency: Urgency) -> bool:
    """Whether a matter may be taken of which nobody said where: at a walk-in desk, or it cannot wait (row 22)."""
    return urgency in ("urgent", "critical") or (post is not None and post.kind == SERVICE_POST)


def _other_grid(found: Found, pack: Pack) -> dict[str, Fact]:
    """At a border the grid of the nearer entrance has it; the other one is told (row 21)."""
    if found.how != "nearest_entrance" or found.area is None:
        return {}
    mine = pack.areas.nearest(found.area, SMALLEST)
    there = [each.rsplit(" ", 1)[0] for each in found.seen.split(", ")]
    grids = (pack.areas.nearest(each, SMALLEST) for each in there if each in pack.areas.areas)
    other = next((each.area_id for each in grids if each is not None and each != mine), None)
    return {} if other is None else {"other_grid": other}


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


def _doubts(asked: OpenCase, found: Found, seen: Look, pack: Pack) -> tuple[str, ...]:
    """Why a person must look first (domain 8.2.6); none of them: the rules go on by themselves."""
    report = asked.report
    category = pack.categories.get(report.category or "")
    told = pack.told_dangers(report.answers or {}, report.category)
    shown = any(each not in told for each in pack.dangers(report.description, {}))
    doubts = {
        "no_category": category is None,
        "sensitive": category is not None and category.sensitive,
        "place_unresolved": found.area is None,
        "danger": shown and report.opened_from is None,
        "duplicate_open": bool(asked.duplicates) and seen.mode != "merge",
        "to_triage": asked.to_triage,
        str(seen.mode): seen.mode in ASIDE,
    }
    return tuple(why for why, true in doubts.items() if true)


def _first_urgency(report: Report, pack: Pack) -> Urgency:
    """The chosen category's; none chosen: normal; a danger word: urgent; an answer that there is danger: critical."""
    if pack.told_dangers(report.answers or {}, report.category) and report.opened_from is None:
        return "critical"
    category = pack.categories.get(report.category or "")
    chosen: Urgency = category.urgency if category else "normal"
    if report.opened_from is None and pack.dangers(report.description, {}):
        return max(chosen, "urgent", key=URGENCIES.index)
    return chosen


def _first_deadlines(report: Report, urgency: Urgency, seen: Look, pack: Pack) -> tuple[Deadline, ...]:
    """T0 for whoever can be told; without a reporter the dispatch timer runs instead (decisions 1.2)."""
    start = report.received_at
    first = limited(pack, "dispatch" if report.reporter_ref is None else "reply", start, urgency)
    if report.reporter_ref is not None and seen.mode in ASIDE:
        first = min((first, *_own_replies(seen, start, pack)), key=lambda each: each.due_at)
    category = pack.categories.get(report.category or "")
    if category is not None and category.hazard:
        return first, deadline(pack, "hazard", start, pack.limit("hazard", urgency))
    return (first,)


def _own_replies(seen: Look, start: datetime, pack: Pack) -> Iterator[Deadline]:
    """By when the rows that lay it aside want the reporter answered: the same day, where he is pointed on (9, 98)."""
    for then in (pack.rules.by_line[line].then for line in seen.lines):
        if then.first_step is not None and then.first_step_met_by == "reply":
            yield deadline(pack, "reply", start, Within.parse(then.first_step))


def divert_of(case: Case, opened: OpenCase, pack: Pack) -> DivertEmergency | None:
    """An answer or a category that says danger diverts by itself; a word never does (mechanics 34)."""
    if case.mode != "X":
        return None
    bodies = [body for row in rows_of(case, pack) if row.then.mode == "X" for body in called(row.then)]
    signs = pack.told_dangers(case.answers, case.category)
    numbers = dict.fromkeys((*(sign.number for sign in signs), *(number for number, _ in bodies if number)))
    danger = next((sign.danger for sign in signs), None) or next(danger for _, danger in bodies)
    return DivertEmergency(at=opened.at, numbers=tuple(numbers), danger=danger, facts=case.answers)


def merge_of(case: Case, opened: OpenCase) -> MergeInto | None:
    """The same reporter's same matter within seven days joins the earlier case; he is its reporter already (row 19)."""
    if case.mode != "merge":
        return None
    lead, number = (opened.facts.get(name) for name in ("same_reporter_case", "same_reporter_number"))
    found = Lead(str(lead), None if number is None else str(number), True, case.category, case.area, same_reporter=True)
    return MergeInto(at=opened.at, lead=str(lead), found=found)


def accept_of(case: Case, opened: OpenCase) -> Accept:
    """The system's own acceptance behind a report nobody needs to look at first."""
    assert case.category is not None
    assert case.area is not None
    return Accept(
        at=opened.at, category=case.category, area=case.area, urgency=case.urgency, number=opened.number_if_accepted,
        answers=case.answers,
    )  # fmt: skip


def not_classified(_case: Case, asked: Accept, pack: Pack) -> bool | dict[str, object]:
    """Category, area and urgency are set; a place outside the pack, or above its desks, is no area."""
    if asked.category not in pack.categories:
        return {"category": asked.category}
    return False if pack.takes_in(asked.area) else {"area": asked.area}


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
    answers = with_answers(case, asked.answers)
    proposed = _proposed(case, asked, answers, pack)
    return [
        CaseAccepted(
            at=asked.at, by=By(asked.post, asked.person), number=asked.number, category=asked.category, area=asked.area,
            urgency=asked.urgency, answers=answers,
            deadlines=(*anew, dispatch, *hazard_clock(case, category, pack)), secrecy=masks(category),
            handler_proposed=asked.handler_proposed, hazard=category.hazard or case.hazard,
            replies=case.told("reply.accepted"), row=proposed.row, lines=proposed.lines, mode=proposed.mode,
            late=proposed.late, scheduled=proposed.scheduled, explanation=proposed.explanation,
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the rules propose where a person decides between pool and duty; nothing where it is dispatched at once."""

    row: int | None = None
    lines: tuple[str, ...] = ()
    mode: Mode | None = None
    late: str | None = None
    scheduled: tuple[Scheduled, ...] = ()
    explanation: tuple[RowSeen, ...] = ()


def _proposed(case: Case, asked: Accept, answers: Mapping[str, Answer], pack: Pack) -> Proposed:
    """The system's own acceptance stops where the matter is to be posted: that is the community's to do (row 15)."""
    if asked.by_system and not pack.categories[asked.category].orders:
        return Proposed()
    after = replace(case, category=asked.category, area=asked.area, urgency=asked.urgency, answers=answers)
    choice = choose(after, asked.at, pack)
    if asked.by_system and choice.mode != "O":
        return Proposed()
    return Proposed(
        choice.row.row, tuple(each.line for each in choice.walk.rows), choice.mode, choice.late,
        tuple(scheduled(choice.walk, case, asked.at, pack)), choice.walk.asked,
    )  # fmt: skip
