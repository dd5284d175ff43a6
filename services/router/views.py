"""A case as staff see it, and why it went where it went; the shapes of the HTTP surface, made from the case alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.router.documents import Stored
from services.router.listed import clock_row
from services.router.suggested import suggested
from shaoyin.adapters.row_lacked import lacked, state_of
from shaoyin.adapters.rule_reading import Reading
from shaoyin.contracts.codec import stored
from shaoyin.domain import events as ev
from shaoyin.domain.calendar import Calendar, Step, Within
from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.calling import PLACED
from shaoyin.domain.case import Case, Order
from shaoyin.domain.commands import Enrolled
from shaoyin.domain.events import Party
from shaoyin.domain.flow import may, may_on_whistle
from shaoyin.domain.located import Located, located
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import RowSeen
from shaoyin.domain.words import instant, line, place_name, unit_name

View = dict[str, object]


def case_view(found: Stored, person: str, pack: Pack, language: str, mine: Enrolled | None = None) -> View:
    """The whole case for staff and its handlers; `mine` is the reader's enrolment there, where he has one."""
    case = found.case
    return {
        "case_id": case.case_id, "number": case.number, "version": case.version, "community": case.pack,
        "state": case.state, "state_text": pack.text(f"state.{case.state}", language), "urgency": case.urgency,
        "category": case.category, "area": case.area, "place": case.place_text, "description": case.description,
        "answers": dict(case.answers), "received_at": case.received_at, "triage_because": case.triage_because,
        "origin": case.origin, "channel": case.channel, "opened_from": case.opened_from,
        "owner": party(case.owner),
        "handlers": {
            "main": party(case.main), "co": [party(each) for each in case.co],
            "informed": [party(each) for each in case.informed],
        },
        "reporters": [
            {"reporter_ref": each.ref, "secrecy": each.secrecy, "answer": each.answer} for each in case.reporters
        ],
        "clocks": [clock_row(each) for each in case.clocks.values()],
        "parts": [{"handler": name, **clock_row(each)} for name, each in case.parts.items()],
        "supervision": case.supervision, "hard_case": case.hard, "hazard": case.hazard, "outcome": case.outcome,
        "reworks": case.reworks, "returns": case.returns, "merged_into": case.merged_into,
        "extension": None if case.extension is None else stored(case.extension),
        "order": None if case.order is None else staff_order(case.order),
        "whistles": [whistle_view(found, each, person, pack, mine) for each in case.whistles.values()],
        "timeline": timeline(found, pack, language), "may": may(case, person, pack, mine),
        **suggested(case, pack),
    }  # fmt: skip


def staff_order(order: Order) -> View:
    return {
        "publication": order.publication, "task": order.task, "places": order.places, "places_left": order.free,
        "until": order.window_until, "agreed_at": order.agreed_at, "vetting": order.vetting,
        "claims": [{"at": each.at, "lead": each.lead} for each in order.claims],
    }  # fmt: skip


def member_view(found: Stored, person: str, pack: Pack, language: str, mine: Enrolled | None) -> View:
    """What a member sees of a case that calls him: the place, the call and his own part; no other helper's name."""
    case = found.case
    called = [each for each in case.whistles.values() if any(one.is_person for one in each.responders.values())]
    return {
        "case_id": case.case_id, "number": case.number, "version": case.version, "community": case.pack,
        "state": case.state, "state_text": pack.text(f"state.{case.state}", language), "category": case.category,
        "area": case.area, "whistles": [member_whistle(case, each, person, pack, mine) for each in called],
        "may": may(case, person, pack, mine),
    }  # fmt: skip


def member_whistle(case: Case, each: Whistle, person: str, pack: Pack, mine: Enrolled | None) -> View:
    own = each.responders.get(person)
    placed = sum(one.is_person and one.state in PLACED for one in each.responders.values())
    return {
        "whistle_id": each.whistle_id, "type": each.type, "tier": each.tier, "state": each.state, "task": each.task,
        "places": each.places, "places_taken": placed, "starts_at": each.starts_at,
        "responders": [] if own is None else [responder_view(own)],
        "may": may_on_whistle(case, each.whistle_id, person, pack, mine),
    }  # fmt: skip


def party(each: Party | None) -> View | None:
    return None if each is None else stored(each)


def whistle_view(found: Stored, each: Whistle, person: str, pack: Pack, mine: Enrolled | None = None) -> View:
    return {
        "whistle_id": each.whistle_id, "type": each.type, "tier": each.tier, "state": each.state, "task": each.task,
        "blower": each.blower, "blocking": each.blocking, "places": each.places, "starts_at": each.starts_at,
        "lead": each.lead, "linked_to": each.linked_to, "tasks": [stored(task) for task in each.tasks],
        "clocks": [clock_row(clock) for clock in each.clocks.values()],
        "responders": [responder_view(one) for one in each.responders.values()],
        "may": may_on_whistle(found.case, each.whistle_id, person, pack, mine),
    }  # fmt: skip


def responder_view(each: Responder) -> View:
    return {
        "responder": each.responder, "post": each.party.post, "org": each.party.org, "state": each.state,
        "acknowledged_at": each.acknowledged_at, "arrived_at": each.arrived_at, "result_at": each.result_at,
        "rating": None if each.mark is None else stored(each.mark),
        "clocks": [clock_row(clock) for clock in each.clocks.values()],
    }  # fmt: skip


def timeline(found: Stored, pack: Pack, language: str) -> list[View]:
    types = {each.whistle_id: each.type for each in found.case.whistles.values()}
    return [
        {
            "seq": seq, "at": event.at, "event": event.type, "by": stored(event.by),
            "text": line(pack, event, found.case.number, language, types),
        }
        for seq, event in enumerate(found.history, start=1)
    ]  # fmt: skip


def explanation(found: Stored, pack: Pack, language: str) -> View:
    """The stored decision, nothing computed anew: place, row, what each earlier row lacked, and the dates."""
    opening = found.history[0]
    assert isinstance(opening, ev.CaseReported)
    place = located(found.history)
    dispatched = next((each for each in reversed(found.history) if isinstance(each, ev.CaseDispatched)), None)
    clocks = [deadline for event in found.history for deadline in deadlines_of(event)]
    return {
        "pack": found.case.pack, "version": found.case.pack_version,
        "row": None if dispatched is None else dispatched.row,
        "added_rows": () if dispatched is None else dispatched.added_rows,
        "chosen_by_person": dispatched is not None and dispatched.chosen_by_person,
        "triage_because": opening.triage_because,
        "place": {"area": place.area, "how": place.how, "seen": place.seen},
        "rows": [] if dispatched is None else rows_seen(dispatched.explanation, pack, language),
        "clocks": [deadline_view(each, pack) for each in clocks],
        "text": words(opening, place, dispatched, pack, language),
    }  # fmt: skip


def deadlines_of(event: ev.Event) -> tuple[ev.Deadline, ...]:
    found: tuple[ev.Deadline, ...] = getattr(event, "deadlines", ())
    return found


def rows_seen(asked: Iterable[RowSeen], pack: Pack, language: str) -> list[View]:
    """Every row that was asked. What is not known is told as such, and neither as a no nor as nothing."""
    reading = Reading(pack, "en" if language == "en" else "zh-CN")
    return [
        {
            "row": each.row, "matched": each.lacking is None, "text": lacked(each, pack, reading),
            "lacking": [] if each.lacking is None else [
                {"condition": each.lacking, "seen": each.seen, "state": state_of(each)}
            ],
        } for each in asked
    ]  # fmt: skip


def deadline_view(each: ev.Deadline, pack: Pack) -> View:
    """The arithmetic day by day; minutes that were given back or halved are counted as minutes (decisions 1.16)."""
    within = None if each.within == "stated" else Within.parse(each.within)
    steps = () if within is None else _steps(each, within, pack.calendar)
    return {
        "clock": each.clock, "from": each.from_at, "within": each.within, "calendar": each.calendar,
        "due_at": each.due_at, "provisional": each.provisional, "left_minutes": each.left,
        "days": [{"day": step.day, "counted": step.counted, "why": step.why} for step in steps],
    }  # fmt: skip


def _steps(each: ev.Deadline, within: Within, calendar: Calendar) -> Sequence[Step]:
    """Hours of a matter that can wait begin with the next duty; the days before it count nothing (decisions 1.38)."""
    if each.left is not None:
        return calendar.minutes_by_day(each.from_at, each.due_at, within.unit)
    if within.unit not in ("h", "min"):
        return calendar.arithmetic(each.from_at, within)
    began = each.due_at - (calendar.due(each.from_at, within).due_at - each.from_at)
    first = calendar.local_day(began)
    waited = calendar.minutes_by_day(each.from_at, began, "wh") if began > each.from_at else ()
    return (*(step for step in waited if step.day < first), *calendar.arithmetic(began, within))


def words(
    opening: ev.CaseReported, place: Located, dispatched: ev.CaseDispatched | None, pack: Pack, language: str
) -> str:
    """One paragraph that a resident may read."""
    named = place_name(pack, place.area, language) if place.area else place.seen
    seen = pack.areas.seen_in(place.how, place.seen, language)
    first = pack.text(f"explain.place.{place.how}", language).format(place=named, seen=seen)
    if dispatched is None:
        reasons = [pack.text(f"triage.{why}", language) for why in opening.triage_because]
        return " ".join((first, *reasons))
    key = "explain.chosen_by_person" if dispatched.chosen_by_person else "explain.row"
    unit = unit_name(pack, dispatched.main.org, language)
    result = next((each for each in dispatched.deadlines if each.clock == "result"), None)
    sentence = pack.text(key, language).format(row=dispatched.row, unit=unit)
    if result is None:
        return f"{first} {sentence}"
    facts: Mapping[str, object] = {
        "clock": pack.text("clock.result", language), "within": result.within,
        "from": instant(pack, result.from_at, language), "due": instant(pack, result.due_at, language),
    }  # fmt: skip
    due = pack.text("explain.deadline", language).format(**facts)
    unsure = [pack.text("explain.provisional", language)] if result.provisional else []
    return " ".join((first, sentence, due, *unsure))
