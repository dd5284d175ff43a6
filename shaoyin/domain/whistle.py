"""The whistle: asked for, approved, blown; units and members answer, come, do the work, and are rated.

Whistle and responder are two machines (decisions 2.1); a person who is called is never late (2.10).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shaoyin.domain.calendar import Within
from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.clocks import deadline, until, unwatched
from shaoyin.domain.commands import (
    Acknowledge,
    AgreePlan,
    ApproveWhistle,
    Arrive,
    CancelWhistle,
    CloseWhistle,
    Contact,
    DeclineWhistle,
    MarkAbsent,
    OfResponder,
    RateWhistle,
    RequestWhistle,
    SubmitResponse,
)
from shaoyin.domain.events import (
    By,
    Called,
    Deadline,
    Event,
    Mark,
    Party,
    PlanAgreed,
    PlannedTask,
    ResponderAbsent,
    ResponseSubmitted,
    WhistleAcknowledged,
    WhistleArrived,
    WhistleBlown,
    WhistleCancelled,
    WhistleClosed,
    WhistleContacted,
    WhistleDeclined,
    WhistleRated,
    WhistleRequested,
    WhistleWaitListed,
)
from shaoyin.domain.pack import Pack, WhistleType

MEMBERS = "members"
APPROVAL_WITHIN = Within(4, "wh")
RATING_WITHIN = Within(3, "wd")
APPROVERS = {"member": ("community_secretary", "community_deputy"), "department": ("street_deputy", "street_head")}
PLACED = ("acknowledged", "on_site", "working", "result_in")
BUSY = ("acknowledged", "objected", "on_site", "working")


def request_whistle(case: Case, asked: RequestWhistle, pack: Pack) -> list[Event]:
    """W1. The blower is the post that asks; a rule asks for the main handler's post (decisions 2.9)."""
    kind = _type_of(asked, pack)
    if asked.tier == "department" and not pack.department_tier:
        raise Refused("tier_off", way="street_centre")
    if asked.tier == "department" and not asked.why_not_below:
        raise Refused("why_not_below_missing")
    if _already_called(case, asked):
        raise Refused("whistle_duplicate")
    requested = WhistleRequested(
        at=asked.at, by=By(asked.post, asked.person), whistle_id=asked.whistle_id, whistle_type=kind.type,
        tier=asked.tier, source=asked.source, task=asked.task, blower=_blower(case, asked), area=case.area or pack.root,
        blocking=asked.blocking, why_not_below=asked.why_not_below, responders=asked.responders,
        responder_type=asked.responder_type, lead=asked.lead, places=asked.places, place=asked.place,
        starts_at=asked.starts_at, dangerous=asked.dangerous, linked_to=asked.linked_to,
        approvers=_approvers(case, asked, pack), deadlines=(_approval(case, asked.at, pack),),
    )  # fmt: skip
    return [requested]


def _type_of(asked: RequestWhistle, pack: Pack) -> WhistleType:
    kind = pack.whistle_types.get(asked.type)
    if kind is None or asked.tier not in kind.tiers:
        raise Refused("tier_mismatch", type=asked.type, tier=asked.tier)
    return kind


def _already_called(case: Case, asked: RequestWhistle) -> bool:
    return any(
        each.type == asked.type and not each.ended and bool(set(each.asked) & set(asked.responders))
        for each in case.whistles.values()
    )


def _blower(case: Case, asked: RequestWhistle) -> str:
    post = asked.post or (case.main.post if case.main else None) or case.owner.post
    assert post is not None, "a case's owner before a claim is a post"
    return post


def _approvers(case: Case, asked: RequestWhistle, pack: Pack) -> tuple[str, ...]:
    posts = (pack.post_for(kind, case.area or pack.root) for kind in APPROVERS[asked.tier])
    return tuple(post.post_id for post in posts if post is not None)


def _approval(case: Case, at: datetime, pack: Pack) -> Deadline:
    """4 wh, and never longer than the case's own T1 limit: a crew must not wait for a form (mechanics 21)."""
    usual = deadline(pack, "approval", at, APPROVAL_WITHIN)
    own = deadline(pack, "approval", at, pack.limit("sign", case.urgency))
    return min(usual, own, key=lambda each: each.due_at)


def approves_itself(asked: RequestWhistle, post_kind: str | None) -> bool:
    """A secretary's own request of the member tier is approved in the same command, two events (decisions 2.9)."""
    return asked.tier == "member" and post_kind in APPROVERS["member"]


def approve_whistle(case: Case, asked: ApproveWhistle, pack: Pack) -> list[Event]:
    """W2. Nobody to call: refused, since a whistle nobody hears is worse than none (decisions 2.31)."""
    whistle = case.whistles[asked.whistle_id]
    kind = pack.whistle_types[whistle.type]
    if whistle.tier == "department" and asked.post == whistle.blower:
        raise Refused("own_request")
    starts_at = asked.starts_at or whistle.starts_at
    if kind.stated_time and starts_at is None:
        raise Refused("time_missing")
    if starts_at is not None and starts_at <= asked.at:
        raise Refused("time_missing", why="past")
    _check_time(kind, starts_at, asked.at, pack)
    places = asked.places or whistle.places
    members = whistle.responder_type == MEMBERS
    _check_safety(whistle, members, places, starts_at, pack)
    called = tuple(_called(case, whistle, asked, kind, starts_at, pack))
    if not called:
        raise Refused("nobody_to_call")
    units = [each for each in called if each.party.post is not None]
    lead = asked.lead or whistle.lead or (units[0].responder if len(units) == 1 else None)
    if kind.plan and len(units) > 1 and lead is None:
        raise Refused("lead_missing")
    return [
        WhistleBlown(
            at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id, called=called, lead=lead,
            places=places, place=asked.place or whistle.place, starts_at=starts_at,
            deadlines=tuple(_group_clocks(called, starts_at)),
        )
    ]  # fmt: skip


def _check_time(kind: WhistleType, starts_at: datetime | None, at: datetime, pack: Pack) -> None:
    if starts_at is not None and kind.arrive is not None and starts_at > pack.due(at, kind.arrive).due_at:
        raise Refused("time_too_late", limit=str(kind.arrive))


def _check_safety(whistle: Whistle, members: bool, places: int | None, starts_at: datetime | None, pack: Pack) -> None:
    """No dangerous work for volunteers, and never one alone at night (decisions 2.40)."""
    if not members:
        return
    if whistle.dangerous:
        raise Refused("unsafe_whistle", why="dangerous")
    if starts_at is not None:
        hour = starts_at.astimezone(pack.zone).hour
        if (hour >= 22 or hour < 7) and (places or 0) < 2:
            raise Refused("unsafe_whistle", why="night")


def _called(
    case: Case, whistle: Whistle, asked: ApproveWhistle, kind: WhistleType, starts_at: datetime | None, pack: Pack
) -> Iterator[Called]:
    for name in asked.responders or whistle.asked:
        post = pack.directory.posts.get(name)
        if post is not None:
            yield Called(name, Party.of(post), tuple(_unit_clocks(case, kind, starts_at, asked.at, pack)))
    if whistle.responder_type == MEMBERS:
        for person in asked.members:
            party = Party(None, person, None, whistle.area)
            yield Called(person, party, tuple(_person_clocks(kind, starts_at, asked.at, pack)))


def _unit_clocks(
    case: Case, kind: WhistleType, starts_at: datetime | None, at: datetime, pack: Pack
) -> Iterator[Deadline]:
    """All clocks start at the blow (decisions 2.21); acknowledgement never exceeds the case's T1 limit."""
    first = deadline(pack, "acknowledge", at, kind.acknowledge)
    own = deadline(pack, "acknowledge", at, pack.limit("sign", case.urgency))
    yield min(first, own, key=lambda each: each.due_at)
    if kind.contact is not None:
        yield deadline(pack, "contact", at, kind.contact)
    if starts_at is not None:
        yield until("arrive", at, starts_at)
    elif kind.arrive is not None:
        yield deadline(pack, "arrive", at, kind.arrive)
    if kind.finish is not None:
        yield deadline(pack, "finish", at, kind.finish)


def _person_clocks(kind: WhistleType, starts_at: datetime | None, at: datetime, pack: Pack) -> Iterator[Deadline]:
    """12 h and never after the stated start; the day ends the work. Dates only: nobody is told (2.10, 2.11)."""
    answer = deadline(pack, "acknowledge", at, kind.acknowledge)
    yield unwatched(answer if starts_at is None or answer.due_at <= starts_at else until("acknowledge", at, starts_at))
    if starts_at is not None:
        yield unwatched(until("arrive", at, starts_at))
        yield unwatched(until("finish", at, _midnight_after(starts_at, pack)))


def _midnight_after(at: datetime, pack: Pack) -> datetime:
    local = at.astimezone(pack.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight.astimezone(UTC)


def _group_clocks(called: tuple[Called, ...], starts_at: datetime | None) -> Iterator[Deadline]:
    """What the blower of a call to members is told: how many answered, and that results are still out."""
    persons = [each for each in called if each.party.post is None]
    if persons:
        for each in persons[0].deadlines:
            if each.clock in ("acknowledge", "finish"):
                yield replace(each, look_at=each.due_at)


def decline_whistle(case: Case, asked: DeclineWhistle, pack: Pack) -> list[Event]:
    if not asked.reason.strip() or not asked.instead.strip():
        raise Refused("reason_missing")
    by = By(asked.post, asked.person)
    return [
        WhistleDeclined(at=asked.at, by=by, whistle_id=asked.whistle_id, reason=asked.reason, instead=asked.instead)
    ]


def responder_of(case: Case, asked: OfResponder | MarkAbsent) -> Responder | None:
    """Whose move it is: the one named, else the one who acts."""
    return named_or_own(case, asked, asked.responder)


def named_or_own(case: Case, asked: OfResponder | MarkAbsent, named: str | None) -> Responder | None:
    """The responder of that name; without one the post that acts, else the person."""
    responders = case.whistles[asked.whistle_id].responders
    names = (named,) if named else (asked.post, asked.person)
    return next((responders[name] for name in names if name is not None and name in responders), None)


def _mover(case: Case, asked: OfResponder | MarkAbsent) -> tuple[Whistle, Responder]:
    responder = responder_of(case, asked)
    if responder is None:
        raise Refused("not_your_response")
    return case.whistles[asked.whistle_id], responder


def acknowledge(case: Case, asked: Acknowledge, pack: Pack) -> list[Event]:
    """W5. The thirteenth of twelve is wait-listed: no clock, no duty, no word against him (decisions 2.16)."""
    whistle, responder = _mover(case, asked)
    placed = [each for each in whistle.responders.values() if each.is_person and each.state in PLACED]
    if responder.is_person and whistle.places is not None and len(placed) >= whistle.places:
        position = 1 + sum(each.state == "wait_listed" for each in whistle.responders.values())
        return [
            WhistleWaitListed(
                at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id,
                responder=responder.responder, on_behalf=asked.on_behalf, position=position,
            )
        ]  # fmt: skip
    return [_acknowledged(whistle, responder, asked)]


def _acknowledged(whistle: Whistle, responder: Responder, asked: OfResponder) -> WhistleAcknowledged:
    waiting = [each for each in whistle.responders.values() if each.state == "called" and each != responder]
    return WhistleAcknowledged(
        at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id, responder=responder.responder,
        on_behalf=asked.on_behalf, all_have=not waiting or _all_places_taken(whistle),
    )  # fmt: skip


def _all_places_taken(whistle: Whistle) -> bool:
    """Whether one more acknowledgement fills the last place."""
    placed = sum(each.is_person and each.state in PLACED for each in whistle.responders.values())
    return whistle.places is not None and placed + 1 == whistle.places


def contact(case: Case, asked: Contact, pack: Pack) -> list[Event]:
    whistle, responder = _mover(case, asked)
    return [
        WhistleContacted(
            at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id, responder=responder.responder,
            on_behalf=asked.on_behalf, contacted_at=asked.contacted_at, note=asked.note,
        )
    ]  # fmt: skip


def arrive(case: Case, asked: Arrive, pack: Pack) -> list[Event]:
    """W9. Arriving from `called` acknowledges in the same instant; nobody on site is sent away (2.21)."""
    whistle, responder = _mover(case, asked)
    events: list[Event] = []
    if responder.state == "called":
        events.append(_acknowledged(whistle, responder, asked))
    planned = pack.whistle_types[whistle.type].plan
    nobody_yet = all(each.arrived_at is None for each in whistle.responders.values())
    arrived = WhistleArrived(
        at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id, responder=responder.responder,
        on_behalf=asked.on_behalf, arrived_at=asked.arrived_at, where=asked.where, headcount=asked.headcount,
        state="working" if planned and whistle.tasks else "on_site", first=nobody_yet,
        starts_work=nobody_yet and not planned,
    )  # fmt: skip
    return [*events, arrived]


def agree_plan(case: Case, asked: AgreePlan, pack: Pack) -> list[Event]:
    """W10. The lead's, on site; every responder then works to the latest task date, end of duty."""
    whistle, responder = _mover(case, asked)
    if not pack.whistle_types[whistle.type].plan:
        raise Refused("no_plan_for_type")
    if whistle.lead not in (None, responder.responder):
        raise Refused("not_the_lead", lead=whistle.lead)
    if not asked.tasks or any(not task.text.strip() or not task.owner.strip() for task in asked.tasks):
        raise Refused("plan_incomplete")
    latest = max(task.due for task in asked.tasks)
    if latest <= asked.at:
        raise Refused("plan_incomplete", why="past")
    finish = pack.calendar.end_of_duty(pack.calendar.local_day(latest))
    tasks = tuple(PlannedTask(task.text, task.due, task.owner) for task in asked.tasks)
    by = By(asked.post, asked.person)
    ends = until("finish", asked.at, max(finish, latest))
    return [PlanAgreed(at=asked.at, by=by, whistle_id=whistle.whistle_id, tasks=tasks, finish=(ends,))]


def submit_response(case: Case, asked: SubmitResponse, pack: Pack) -> list[Event]:
    """W11. The last one in ends the work; a person's minutes go into the service record once (2.20, 2.38)."""
    whistle, responder = _mover(case, asked)
    if responder.state == "on_site" and pack.whistle_types[whistle.type].plan:
        raise Refused("plan_needed")
    if not asked.text.strip():
        raise Refused("evidence_missing", evidence="text")
    if any(not 0 <= number < len(whistle.tasks) for number in asked.tasks_done):
        raise Refused("evidence_missing", evidence="tasks_done")
    all_in = _last(whistle, responder, asked.at)
    return [
        ResponseSubmitted(
            at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id, responder=responder.responder,
            on_behalf=asked.on_behalf, text=asked.text, attachments=asked.attachments, tasks_done=asked.tasks_done,
            minutes=_minutes(responder, asked.at), all_in=all_in, deadlines=_rating(asked.at, pack) if all_in else (),
        )
    ]  # fmt: skip


def _minutes(responder: Responder, at: datetime) -> int | None:
    if not responder.is_person or responder.arrived_at is None:
        return None
    return max(0, int((at - responder.arrived_at).total_seconds() // 60))


def _last(whistle: Whistle, leaving: Responder, at: datetime) -> bool:
    """Whether nobody else still owes an end. A call to a person that was not answered lapses at the stated time."""
    others = (each for each in whistle.responders.values() if each.responder != leaving.responder)
    return not any(each.state in BUSY or (each.state == "called" and _awaited(whistle, each, at)) for each in others)


def _awaited(whistle: Whistle, responder: Responder, at: datetime) -> bool:
    if not responder.is_person:
        return True
    return whistle.starts_at is not None and at < whistle.starts_at


def _rating(at: datetime, pack: Pack) -> tuple[Deadline, ...]:
    return (deadline(pack, "rating", at, RATING_WITHIN),)


def mark_absent(case: Case, asked: MarkAbsent, pack: Pack) -> list[Event]:
    """a30. Never automatic: the blower says so, once the arrive or finish date is past (decisions 2.3)."""
    whistle, responder = _mover(case, asked)
    dates = [responder.clocks[name].deadline.due_at for name in ("arrive", "finish") if name in responder.clocks]
    if not any(due_at < asked.at for due_at in dates):
        raise Refused("not_late_yet")
    if not asked.reason.strip():
        raise Refused("reason_missing")
    all_in = _last(whistle, responder, asked.at)
    return [
        ResponderAbsent(
            at=asked.at, by=By(asked.post, asked.person), whistle_id=whistle.whistle_id, responder=responder.responder,
            reason=asked.reason, all_in=all_in, deadlines=_rating(asked.at, pack) if all_in else (),
        )
    ]  # fmt: skip


def rate_whistle(case: Case, asked: RateWhistle, pack: Pack) -> list[Event]:
    """W12. All units at once, members as one group, never a person (decisions 2.29)."""
    whistle = case.whistles[asked.whistle_id]
    rateable = {_rated_as(each): each for each in whistle.responders.values() if each.state in ("result_in", "absent")}
    given = {each.responder: each for each in asked.ratings}
    if len(given) != len(asked.ratings) or set(given) - set(rateable):
        raise Refused("not_rateable", responders=sorted(set(given) - set(rateable)))
    if set(rateable) - set(given):
        raise Refused("rating_incomplete", missing=sorted(set(rateable) - set(given)))
    marks = []
    for name, score in given.items():
        mark = Mark(name, score.promptness, score.attendance, score.quality, score.resident_view)
        marks.append(_checked_mark(mark, absent=name != MEMBERS and rateable[name].state == "absent"))
    closing = deadline(pack, "closing", asked.at, RATING_WITHIN)
    by = By(asked.post, asked.person)
    return [WhistleRated(at=asked.at, by=by, whistle_id=whistle.whistle_id, marks=tuple(marks), deadlines=(closing,))]


def _rated_as(responder: Responder) -> str:
    return MEMBERS if responder.is_person else responder.responder


def _checked_mark(mark: Mark, *, absent: bool) -> Mark:
    if absent:
        return Mark(mark.responder, 1, 1, None, None)
    needed = (mark.promptness, mark.attendance, mark.quality)
    if any(each is None for each in needed):
        raise Refused("rating_incomplete", missing=[mark.responder])
    if any(each is not None and not 1 <= each <= 5 for each in (*needed, mark.resident_view)):
        raise Refused("rating_incomplete", missing=[mark.responder], why="1-5")
    return mark


def close_whistle(case: Case, asked: CloseWhistle, pack: Pack) -> list[Event]:
    whistle = case.whistles[asked.whistle_id]
    undone = set(range(len(whistle.tasks))) - whistle.tasks_done - set(asked.moved_tasks)
    if undone:
        raise Refused("tasks_open", tasks=sorted(undone))
    by = By(asked.post, asked.person)
    return [WhistleClosed(at=asked.at, by=by, whistle_id=whistle.whistle_id, moved_tasks=asked.moved_tasks)]


def cancel_whistle(case: Case, asked: CancelWhistle, pack: Pack) -> list[Event]:
    if not asked.reason.strip():
        raise Refused("reason_missing")
    by = By(asked.post, asked.person)
    return [WhistleCancelled(at=asked.at, by=by, whistle_id=asked.whistle_id, reason=asked.reason)]
