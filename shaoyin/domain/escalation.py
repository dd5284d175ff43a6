"""Silence → escalation: what ran out, who is told, and when to look again. One rung a check (mechanics 20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import Running, dated, length, unit_of
from shaoyin.domain.commands import RecomputeClocks, TimePassed
from shaoyin.domain.events import (
    CaseDueSoon,
    CaseMarkedHard,
    CaseOverdue,
    CaseReviewDue,
    CaseSupervised,
    ClocksRecomputed,
    Deadline,
    Event,
    Grade,
    WhistleDate,
)
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Org, Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import area_of, joint_meeting, limited, named, superior_of_triage
from shaoyin.domain.who import outsider

NOTICED_LATE = timedelta(seconds=60)
"""Later than this in noticing counts as an outage: the next gap is counted from now, so the top is not flooded."""
GRADES: tuple[Grade, ...] = ("ordinary", "yellow_card", "red_card")


def not_due(case: Case, asked: TimePassed, _pack: Pack) -> bool:
    """At the due instant itself an act is in time (decisions 1.39)."""
    clock = _clock(case, asked)
    return clock is None or clock.watch_at is None or asked.at <= clock.watch_at


def _clock(case: Case, asked: TimePassed) -> Running | None:
    if asked.clock == "part":
        return case.parts.get(asked.responder or "")
    return case.clocks.get(asked.clock or "")


def not_soon(case: Case, asked: TimePassed, pack: Pack) -> bool:
    """Four fifths are used up and the date is still to come; once for each T3 (row 45)."""
    return not_due(case, asked, pack) or asked.at > case.clocks["result"].deadline.due_at


def result_not_due(case: Case, asked: TimePassed, pack: Pack) -> bool:
    return not_due(case, asked, pack) or asked.at <= case.clocks["result"].deadline.due_at


def due_soon(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    return [CaseDueSoon(at=asked.at, clock="result", look_at=case.clocks["result"].deadline.due_at)]


def sign_overdue(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """Row 44. The handler, its head, and triage, who may reassign now (decisions 1.6)."""
    owner = _owner(case, pack)
    head = pack.head_above(owner) if owner else None
    return [_overdue(case.clocks["sign"], asked.at, named(owner, head, pack.triage_post(area_of(case, pack))))]


def clock_overdue(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """a14. Step 1: the slow post and its head, no card (decisions 1.3)."""
    assert asked.clock is not None
    return [_overdue(case.clocks[asked.clock], asked.at, _told(case, asked.clock, pack))]


def _overdue(clock: Running, at: datetime, told: tuple[str, ...]) -> CaseOverdue:
    return CaseOverdue(at=at, clock=clock.deadline.clock, due_at=clock.deadline.due_at, told=told)


def _told(case: Case, clock: str, pack: Pack) -> tuple[str, ...]:
    """Behind a claimant, who hears of it himself, stands the community and no head of his (decisions 2.13)."""
    match clock:
        case "call_back" if case.claimed:
            return named(outsider(case, clock, pack))
        case "check" | "call_back":
            slow = outsider(case, clock, pack)
        case "verify" if case.verifier is not None:
            slow = pack.directory.posts.get(case.verifier.post or "")
        case "assign":
            street = pack.post_for("street_centre", area_of(case, pack))
            return named(_owner(case, pack), street)
        case _ if case.claimed:
            return named(pack.triage_post(area_of(case, pack)))
        case _:
            slow = _owner(case, pack)
    return named(slow, pack.head_above(slow) if slow else None)


def part_overdue(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """a15. The co-handler and the main handler, who answers for the whole (decisions 1.40)."""
    name = asked.responder or ""
    clock = case.parts[name]
    told = named(pack.directory.posts.get(name), _owner(case, pack))
    return [CaseOverdue(at=asked.at, clock="part", due_at=clock.deadline.due_at, told=told, handler=name)]


def hazard_open(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """a16. 24 hours without a temporary measure: straight to step 3, the owner stays (decisions 1.21)."""
    told = named(_owner(case, pack), superior_of_triage(case, pack))
    late = _overdue(case.clocks["hazard"], asked.at, told)
    return [late, *_supervised(case, asked.at, 2, told, pack)]


def review_due(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """a17. Whoever gave the supervision, and the owner; then again after 3 wd (decisions 1.28)."""
    review = limited(pack, "supervision_review", asked.at, case.urgency)
    giver = pack.directory.posts.get(case.supervisor or "") or superior_of_triage(case, pack)
    return [CaseReviewDue(at=asked.at, told=named(giver, _owner(case, pack)), deadlines=(review,))]


@dataclass(frozen=True, slots=True)
class Hop:
    """One rung of the ladder: the body that is told, and the bodies passed over because nobody is there."""

    body: Org | None
    told: tuple[str, ...]
    skipped: tuple[str, ...]


def result_overdue(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """Row 46. One hop up the chain; the reporter hears the new date and why with the first (decisions 1.12)."""
    clock, at = case.clocks["result"], asked.at
    number = clock.announced + 1
    if case.claimed:
        return [_order_late(case, clock, number, at, pack)]
    hop = _hop(case, number, pack)
    late = CaseOverdue(
        at=at, clock="result", due_at=clock.deadline.due_at, told=hop.told, hop=number,
        body=hop.body.org_id if hop.body else None, skipped=hop.skipped,
        look_at=_next_hop_at(case, clock, number, at, pack),
        replies=case.told("reply.new_date") if number == 1 else (),
    )  # fmt: skip
    hard = [CaseMarkedHard(at=at, told=hop.told)] if number == len(GRADES) and not case.hard else []
    return [late, *_supervised(case, at, number, hop.told, pack), *hard]


def _order_late(case: Case, clock: Running, number: int, at: datetime, pack: Pack) -> CaseOverdue:
    """A claimed order: the claimant and the community, again every 3 wd; no ladder over a volunteer (2.13)."""
    again = limited(pack, "supervision_review", at, case.urgency).due_at
    told = named(pack.triage_post(area_of(case, pack)))
    return CaseOverdue(
        at=at, clock="result", due_at=clock.deadline.due_at, told=told, hop=number, look_at=again,
        replies=case.told("reply.new_date") if number == 1 else (),
    )  # fmt: skip


def _next_hop_at(case: Case, clock: Running, number: int, at: datetime, pack: Pack) -> datetime | None:
    """Half the length of T3 after this hop was due; after an outage, after now. None at the top of the ladder."""
    if number >= max(len(GRADES), len(_reachable(case, pack))):
        return None
    assert clock.look_at is not None
    due = max(clock.look_at, clock.deadline.due_at)
    start = at if at - due > NOTICED_LATE else due
    return pack.calendar.add_minutes(start, length(pack, clock.deadline) // 2, unit_of(clock.deadline).unit)


def _bodies(case: Case, pack: Pack) -> tuple[Org, ...]:
    """The ladder of a case: the row's "if late" first where it names a body, then the chain above it."""
    handler = case.main.org if case.main and case.main.org else (case.owner.org or "")
    place = area_of(case, pack)
    above = list(pack.bodies_above(handler, place))
    late = pack.post_for(case.late, place) if case.late else None
    if late is None:
        return tuple(above)
    first = pack.directory.orgs[late.org]
    rest = above if pack.step(first.org_id) is None else list(pack.bodies_above(first.org_id, place))
    return (first, *(body for body in rest if body != first))


def _hop(case: Case, number: int, pack: Pack) -> Hop:
    """Empty bodies are skipped at once; + 50 % also tells the street deputy, + 100 % the joint meeting (row 46)."""
    reachable = _reachable(case, pack)
    skipped = tuple(each.org_id for each in _bodies(case, pack) if not _posts_of(each, pack)) if number == 1 else ()
    body, posts = reachable[number - 1] if number <= len(reachable) else (None, ())
    beside = named(superior_of_triage(case, pack)) if number == 2 else ()
    beside = joint_meeting(case, pack) if number == 3 or (body is None and not beside) else beside
    return Hop(body, tuple(dict.fromkeys((*named(_owner(case, pack), *posts), *beside))), skipped)


def _reachable(case: Case, pack: Pack) -> list[tuple[Org, tuple[Post, ...]]]:
    """The bodies of the ladder in which somebody is there, with those who speak for them."""
    filled = ((body, _posts_of(body, pack)) for body in _bodies(case, pack))
    return [(body, posts) for body, posts in filled if posts]


def _posts_of(body: Org, pack: Pack) -> tuple[Post, ...]:
    """Who speaks for a body: its desk and its head, whichever is filled."""
    desks = [post for post in pack.directory.of_org(body.org_id) if post.kind in ("street_centre", "community_duty")]
    head = [pack.directory.posts[body.head]] if body.head else []
    return tuple(dict.fromkeys(post for post in (*desks, *head) if post.filled))


def _supervised(case: Case, at: datetime, step: int, told: tuple[str, ...], pack: Pack) -> Iterator[Event]:
    """Grades only go up; a step never lowers one (decisions 1.28)."""
    grade = GRADES[min(step, len(GRADES)) - 1]
    if case.supervision is None or GRADES.index(case.supervision) < GRADES.index(grade):
        review = limited(pack, "supervision_review", at, case.urgency)
        yield CaseSupervised(at=at, grade=grade, told=told, deadlines=(review,))


def nothing_provisional(case: Case, asked: RecomputeClocks, pack: Pack) -> bool:
    """No clock rests on a year that was assumed and is official now."""
    return not any(_became_official(clock, asked.at, pack) for clock in case.all_clocks())


def recompute_clocks(case: Case, asked: RecomputeClocks, pack: Pack) -> list[Event]:
    """a40. Both ways, never before now; the rungs that were passed stay (decisions 1.42)."""
    at = asked.at
    deadlines = tuple(_anew(each, at, pack) for each in case.clocks.values() if _became_official(each, at, pack))
    parts = {name: _anew(each, at, pack) for name, each in case.parts.items() if _became_official(each, at, pack)}
    told = case.first_result is not None and any(each.clock == "result" for each in deadlines)
    return [
        ClocksRecomputed(
            at=asked.at, calendar=asked.calendar, deadlines=deadlines, parts=parts,
            of_whistles=tuple(_of_whistles(case, asked.at, pack)),
            replies=case.told("reply.recomputed") if told else (),
        )
    ]  # fmt: skip


def _of_whistles(case: Case, at: datetime, pack: Pack) -> Iterator[WhistleDate]:
    for whistle in case.whistles.values():
        for clock in whistle.clocks.values():
            if _became_official(clock, at, pack):
                yield WhistleDate(whistle.whistle_id, None, _anew(clock, at, pack))
        for responder in whistle.responders.values():
            for clock in responder.clocks.values():
                if _became_official(clock, at, pack):
                    yield WhistleDate(whistle.whistle_id, responder.responder, _anew(clock, at, pack))


def _became_official(clock: Running, at: datetime, pack: Pack) -> bool:
    return clock.open and clock.deadline.provisional and not _anew(clock, at, pack).provisional


def _anew(clock: Running, at: datetime, pack: Pack) -> Deadline:
    """From its own start, the same length, on the calendar as it is now."""
    before, within = clock.deadline, unit_of(clock.deadline)
    if before.left is not None:
        due = pack.calendar.after(before.from_at, before.left, within.unit)
    else:
        due = pack.due(before.from_at, Within.parse(before.within))
    anew = dated(pack, before.clock, before.from_at, within, due._replace(due_at=max(due.due_at, at)))
    return Deadline(
        anew.clock, anew.from_at, before.within, anew.due_at, _look_again(clock, anew, at), anew.calendar,
        anew.provisional, left=before.left, length=before.length,
    )  # fmt: skip


def _look_again(clock: Running, anew: Deadline, at: datetime) -> datetime | None:
    """With the new date; a rung's next look stays, and whoever was reminded is not reminded again (row 45)."""
    if clock.look_at is None or (clock.announced and anew.due_at <= at):
        return clock.look_at
    return anew.look_at if clock.look_at < clock.deadline.due_at else anew.due_at


def _owner(case: Case, pack: Pack) -> Post | None:
    return pack.directory.posts.get(case.owner.post or "")
