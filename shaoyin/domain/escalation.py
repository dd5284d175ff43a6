"""Silence → escalation: what ran out, who is told, and when to look again. One rung a check (mechanics 20, 21)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shaoyin.domain.calendar import Within
from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import Running, deadline, unit_of
from shaoyin.domain.events import (
    CaseArchived,
    CaseDueSoon,
    CaseMarkedHard,
    CaseOverdue,
    CaseReviewDue,
    CaseSupervised,
    Event,
    Grade,
    Reply,
    WhistleOverdue,
)
from shaoyin.domain.org import Org, Post
from shaoyin.domain.pack import Pack

NOTICED_LATE = timedelta(seconds=60)
"""Later than this in noticing counts as an outage: the next gap is counted from now, so the top is not flooded."""
REVIEW_WITHIN = Within(3, "wd")
GRADES: tuple[Grade, ...] = ("ordinary", "yellow_card", "red_card")
PERSON_CLOCKS = ("acknowledge", "finish")


def first_due(case: Case, at: datetime) -> str | None:
    """The name of one clock of the case that must be looked at now; "whistle" for one of its whistles."""
    for name, clock in case.clocks.items():
        if _is_due(clock, at):
            return name
    return "whistle" if any(_is_due(clock, at) for clock in case.all_clocks()) else None


def _is_due(clock: Running, at: datetime) -> bool:
    """At the due instant itself an act is in time (decisions 1.39)."""
    return clock.look_at is not None and clock.look_at < at


def time_passed(case: Case, at: datetime, pack: Pack) -> list[Event]:
    """What the clock has to say now; [] when nothing is due."""
    name = first_due(case, at)
    if name is None:
        return []
    if name == "whistle":
        return [next(_whistle_overdue(case, at, pack))]
    match name:
        case "result":
            return _result_due(case, at, pack)
        case "archive":
            return [CaseArchived(at=at)]
        case "supervision_review":
            review = deadline(pack, "supervision_review", at, REVIEW_WITHIN)
            return [CaseReviewDue(at=at, told=_named(_deputy(case, pack), _owner(case, pack)), deadlines=(review,))]
        case "hazard":
            return _hazard_open(case, at, pack)
        case _:
            return [_overdue(case, case.clocks[name], at, _told(case, name, pack))]


def _overdue(case: Case, clock: Running, at: datetime, told: tuple[str, ...]) -> CaseOverdue:
    return CaseOverdue(at=at, clock=clock.deadline.clock, due_at=clock.deadline.due_at, told=told)


def _told(case: Case, clock: str, pack: Pack) -> tuple[str, ...]:
    """Step 1: the slow post and its head, no card (decisions 1.3)."""
    match clock:
        case "check":
            slow = pack.post_for("grid_lead", _area(case, pack)) or pack.post_for("street_centre", _area(case, pack))
        case "call_back":
            slow = pack.post_for("street_centre", _area(case, pack))
        case _:
            slow = _owner(case, pack)
    triage = pack.triage_post(_area(case, pack)) if clock == "sign" else None
    return _named(slow, pack.head_above(slow) if slow else None, triage)


def _hazard_open(case: Case, at: datetime, pack: Pack) -> list[Event]:
    """24 hours without a temporary measure: straight to step 3, the owner stays (decisions 1.21)."""
    told = _named(_owner(case, pack), _deputy(case, pack))
    late = _overdue(case, case.clocks["hazard"], at, told)
    return [late, *_supervised(case, at, 2, told, pack)]


@dataclass(frozen=True, slots=True)
class Hop:
    """One rung of the ladder: the body that is told, and the bodies passed over because nobody is there."""

    body: Org | None
    told: tuple[str, ...]
    skipped: tuple[str, ...]


def _result_due(case: Case, at: datetime, pack: Pack) -> list[Event]:
    clock = case.clocks["result"]
    if at <= clock.deadline.due_at:
        return [CaseDueSoon(at=at, clock="result", look_at=clock.deadline.due_at)]
    number = clock.announced + 1
    hop = _hop(case, number, pack)
    late = CaseOverdue(
        at=at, clock="result", due_at=clock.deadline.due_at, told=hop.told, hop=number,
        body=hop.body.org_id if hop.body else None, skipped=hop.skipped,
        look_at=_next_hop_at(case, clock, number, at, pack),
        replies=(Reply("reply.new_date"),) if number == 1 and case.reporters else (),
    )  # fmt: skip
    hard = [CaseMarkedHard(at=at, told=hop.told)] if number == len(GRADES) and not case.hard else []
    return [late, *_supervised(case, at, number, hop.told, pack), *hard]


def _next_hop_at(case: Case, clock: Running, number: int, at: datetime, pack: Pack) -> datetime | None:
    """Half the length of T3 after this hop was due; after an outage, after now. None at the top of the ladder."""
    if number >= max(len(GRADES), len(_bodies(case, pack))):
        return None
    assert clock.look_at is not None
    unit = unit_of(clock.deadline).unit
    half = pack.calendar.minutes_between(clock.deadline.from_at, clock.deadline.due_at, unit) // 2
    due = max(clock.look_at, clock.deadline.due_at)
    start = at if at - due > NOTICED_LATE else due
    return pack.calendar.add_minutes(start, half, unit)


def _bodies(case: Case, pack: Pack) -> tuple[Org, ...]:
    """The ladder of a case: the row's "if late" first where it names a body, then the chain above it."""
    handler = case.main.org if case.main and case.main.org else (case.owner.org or "")
    above = list(pack.bodies_above(handler))
    late = pack.post_for(case.late, _area(case, pack)) if case.late else None
    if late is None:
        return tuple(above)
    first = pack.directory.orgs[late.org]
    rest = list(pack.bodies_above(first.org_id)) if first.org_id in pack.chain else above
    return (first, *(body for body in rest if body != first))


def _hop(case: Case, number: int, pack: Pack) -> Hop:
    """Empty bodies are skipped at once; + 50 % also tells the street deputy, + 100 % the joint meeting (row 46)."""
    filled = [(body, _posts_of(body, pack)) for body in _bodies(case, pack)]
    reachable = [(body, posts) for body, posts in filled if posts]
    skipped = tuple(body.org_id for body, posts in filled if not posts) if number == 1 else ()
    body, posts = reachable[number - 1] if number <= len(reachable) else (None, ())
    beside: tuple[Post | None, ...] = ()
    if number == 2:
        beside = (_deputy(case, pack),)
    if number == 3:
        beside = tuple(pack.post_for(kind, _area(case, pack)) for kind in ("street_head", "street_centre"))
    return Hop(body, _named(_owner(case, pack), *posts, *beside), skipped)


def _posts_of(body: Org, pack: Pack) -> tuple[Post, ...]:
    """Who speaks for a body: its desk and its head, whichever is filled."""
    desks = [post for post in pack.directory.of_org(body.org_id) if post.kind in ("street_centre", "community_duty")]
    head = [pack.directory.posts[body.head]] if body.head else []
    return tuple(dict.fromkeys(post for post in (*desks, *head) if post.filled))


def _supervised(case: Case, at: datetime, step: int, told: tuple[str, ...], pack: Pack) -> Iterator[Event]:
    """Grades only go up; a step never lowers one (decisions 1.28)."""
    grade = GRADES[min(step, len(GRADES)) - 1]
    if case.supervision is None or GRADES.index(case.supervision) < GRADES.index(grade):
        review = deadline(pack, "supervision_review", at, REVIEW_WITHIN)
        yield CaseSupervised(at=at, grade=grade, told=told, deadlines=(review,))


def _whistle_overdue(case: Case, at: datetime, pack: Pack) -> Iterator[WhistleOverdue]:
    for whistle in case.whistles.values():
        for clock in whistle.clocks.values():
            if _is_due(clock, at):
                yield _late_whistle(whistle, clock, at, pack)
        for responder in whistle.responders.values():
            for clock in responder.clocks.values():
                if _is_due(clock, at):
                    yield _late_unit(whistle, responder, clock, at, pack)


def _late_whistle(whistle: Whistle, clock: Running, at: datetime, pack: Pack) -> WhistleOverdue:
    """Approval: the approver's head. Rating, closing: the blower's head, then the joint office. Members: the blower."""
    name = clock.deadline.clock
    blower = pack.directory.posts[whistle.blower]
    if name in PERSON_CLOCKS:
        return _rung(whistle, clock, None, at, (blower.post_id,))
    if name == "approval":
        approver = pack.directory.posts[whistle.approvers[0]] if whistle.approvers else blower
        return _rung(whistle, clock, None, at, _named(approver, pack.head_above(approver)))
    if clock.announced == 0:
        told = _named(blower, pack.head_above(blower))
        return _rung(whistle, clock, None, at, told, again_at=_same_span_again(clock, at, pack))
    return _rung(whistle, clock, None, at, _named(_joint_office(whistle, pack)))


def _late_unit(whistle: Whistle, responder: Responder, clock: Running, at: datetime, pack: Pack) -> WhistleOverdue:
    """The unit's head at the due instant, the joint office after the same span again; no head: at once (W15)."""
    assert responder.party.post is not None, "a person's clocks are not watched"
    post = pack.directory.posts[responder.party.post]
    head = pack.directory.head_of(post)
    if clock.announced == 0 and head is not None and head.filled:
        told: tuple[str, ...] = (head.post_id, whistle.blower)
        return _rung(whistle, clock, responder.responder, at, told, again_at=_same_span_again(clock, at, pack))
    told = _named(_joint_office(whistle, pack), pack.directory.posts[whistle.blower])
    return _rung(whistle, clock, responder.responder, at, told)


def _rung(
    whistle: Whistle,
    clock: Running,
    responder: str | None,
    at: datetime,
    told: tuple[str, ...],
    again_at: datetime | None = None,
) -> WhistleOverdue:
    return WhistleOverdue(
        at=at, whistle_id=whistle.whistle_id, clock=clock.deadline.clock, step=clock.announced + 1,
        due_at=clock.deadline.due_at, told=told, responder=responder, look_at=again_at,
    )  # fmt: skip


def _same_span_again(clock: Running, at: datetime, pack: Pack) -> datetime:
    """The length of the clock once more, counted the same way; after an outage from now."""
    unit = unit_of(clock.deadline).unit
    due_at = clock.deadline.due_at
    minutes = pack.calendar.minutes_between(clock.deadline.from_at, due_at, unit)
    return pack.calendar.add_minutes(at if at - due_at > NOTICED_LATE else due_at, minutes, unit)


def _joint_office(whistle: Whistle, pack: Pack) -> Post | None:
    """The district's in the department tier, the street centre in the member tier (decisions 2.10)."""
    kind = "street_centre" if whistle.tier == "member" else "district_joint_office"
    return pack.post_for(kind, whistle.area)


def _area(case: Case, pack: Pack) -> str:
    return case.area or pack.root


def _owner(case: Case, pack: Pack) -> Post | None:
    return pack.directory.posts.get(case.owner.post or "")


def _deputy(case: Case, pack: Pack) -> Post | None:
    return pack.post_for("street_deputy", _area(case, pack)) or pack.post_for("street_head", _area(case, pack))


def _named(*posts: Post | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.post_id for post in posts if post is not None))
