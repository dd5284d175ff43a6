"""The blow: who is called to where and when, by approval, at once in an emergency, or by a standing rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from shaoyin.domain.call import Whistle
from shaoyin.domain.calling import (
    EMERGENCY,
    MEMBERS,
    STANDING,
    Broken,
    Call,
    approver_kinds,
    approves,
    blower_of,
    by,
    called_person,
    called_unit,
    is_vetted,
    limited,
    the_whistle,
)
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import deadline, until
from shaoyin.domain.commands import (
    ApproveWhistle,
    BlowEmergencyWhistle,
    BlowStanding,
    Enrolled,
    OfWhistle,
    RequestWhistle,
)
from shaoyin.domain.events import Called, Deadline, Event, Party, WhistleBlown, WhistleOpened
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack, Tier, WhistleType
from shaoyin.domain.standing import Occurrence, occurrences

Blowing = RequestWhistle | ApproveWhistle | BlowEmergencyWhistle
NIGHT_FROM, NIGHT_UNTIL = 22, 7
"""Quiet hours, and the night in which nobody goes alone (decisions 2.26, 2.40)."""
AT_NIGHT_NEED = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be blown: the request, with what the approver changed."""

    kind: WhistleType
    tier: Tier
    area: str
    at: datetime
    responders: tuple[str, ...]
    responder_type: str | None
    lead: str | None
    places: int | None
    place: str | None
    starts_at: datetime | None
    dangerous: bool
    members: tuple[Enrolled, ...]

    @property
    def call(self) -> Call:
        return Call(self.kind, self.at, self.starts_at, self.area)


def wanted(case: Case, asked: Blowing, pack: Pack) -> Wanted:
    if isinstance(asked, ApproveWhistle):
        return _as_approved(the_whistle(case, asked), asked, pack)
    call = Wanted(
        kind=pack.whistle_types[asked.type], tier=asked.tier, area=case.area or pack.root, at=asked.at,
        responders=asked.responders, responder_type=asked.responder_type, lead=None, places=None,
        place=asked.place or case.area, starts_at=asked.starts_at, dangerous=False, members=asked.members,
    )  # fmt: skip
    if isinstance(asked, RequestWhistle):
        return replace(call, lead=asked.lead, places=asked.places, dangerous=asked.dangerous)
    in_time = asked.starts_at is not None and asked.at < asked.starts_at <= _latest(call, pack)
    return replace(call, starts_at=asked.starts_at if in_time else None)


def _as_approved(known: Whistle, asked: ApproveWhistle, pack: Pack) -> Wanted:
    return Wanted(
        kind=pack.whistle_types[known.type], tier=known.tier, area=known.area, at=asked.at,
        responders=asked.responders or known.asked, responder_type=asked.responder_type or known.responder_type,
        lead=asked.lead or known.lead, places=asked.places or known.places, place=asked.place or known.place,
        starts_at=asked.starts_at or known.starts_at, dangerous=known.dangerous, members=asked.members,
    )  # fmt: skip


def _latest(call: Wanted, pack: Pack) -> datetime:
    """How late a stated time may be: the type's own limit, where it has one (decisions 2.24)."""
    limit = call.kind.arrive
    return datetime.max.replace(tzinfo=UTC) if limit is None else pack.due(call.at, limit).due_at


def units_of(asked: Wanted, pack: Pack) -> tuple[Post, ...]:
    """The posts that were named, and those that a kind of post or body stands for; somebody must hold them."""
    named = [pack.directory.posts[each] for each in asked.responders if each in pack.directory.posts]
    found = () if asked.responder_type in (None, MEMBERS) else _of_type(str(asked.responder_type), asked, pack)
    return tuple(dict.fromkeys(post for post in (*named, *found) if post.filled))


def _of_type(word: str, asked: Wanted, pack: Pack) -> Iterator[Post]:
    for body in pack.partner(word, None):
        duty = (post for post in pack.directory.of_org(body.org_id) if pack.directory.has_right(post, "respond"))
        yield from duty
    nearest = pack.post_for(word, asked.area)
    if nearest is not None:
        yield nearest


def persons_of(case: Case, asked: Wanted, pack: Pack) -> tuple[Enrolled, ...]:
    """The enrolled who are meant: all who may be alerted, or those named; vetted where minors are concerned."""
    meant = (
        each
        for each in asked.members
        if each.person in asked.responders or (asked.responder_type == MEMBERS and each.alert)
    )
    return tuple({each.person: each for each in meant if is_vetted(case, each, pack)}.values())


def nobody_to_call(case: Case, asked: Blowing, pack: Pack) -> Broken:
    """A whistle that nobody hears is worse than none (decisions 2.31)."""
    call = wanted(case, asked, pack)
    return not units_of(call, pack) and not persons_of(case, call, pack)


def time_missing(case: Case, asked: Blowing, pack: Pack) -> Broken:
    call = wanted(case, asked, pack)
    if not call.place:
        return {"why": "place"}
    if call.starts_at is None:
        return {"why": "stated"} if call.kind.stated_time else False
    return {"why": "past"} if call.starts_at <= call.at else False


def time_too_late(case: Case, asked: Blowing, pack: Pack) -> Broken:
    """Two truths for one clock: the stated time lies within the type's own limit (decisions 2.24)."""
    call = wanted(case, asked, pack)
    if call.starts_at is None or call.starts_at <= _latest(call, pack):
        return False
    return {"limit": str(call.kind.arrive)}


def lead_missing(case: Case, asked: Blowing, pack: Pack) -> Broken:
    """Two or more units need a lead for the plan, and the lead is one of them (decisions 2.4)."""
    call = wanted(case, asked, pack)
    units = [post.post_id for post in units_of(call, pack)]
    if call.lead is not None and call.lead not in units:
        return {"lead": call.lead}
    return call.kind.plan and len(units) > 1 and call.lead is None


def unsafe_whistle(case: Case, asked: Blowing, pack: Pack) -> Broken:
    """No dangerous work for volunteers, and never one alone at night (decisions 2.40)."""
    call = wanted(case, asked, pack)
    if call.responder_type != MEMBERS and not persons_of(case, call, pack):
        return False
    if call.dangerous:
        return {"why": "dangerous"}
    alone = (call.places or 0) < AT_NIGHT_NEED
    return {"why": "night"} if alone and _at_night(call.starts_at or call.at, pack) else False


def _at_night(at: datetime, pack: Pack) -> bool:
    hour = at.astimezone(pack.zone).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def may_not_approve(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    """Member tier: secretary or deputy; department tier: the street; a hard problem: the street head (row W2)."""
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or not approves(whistle, asked.post, pack)


def own_request(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is not None and whistle.tier == "department" and whistle.blower == asked.post


def approve_whistle(case: Case, asked: ApproveWhistle, pack: Pack) -> list[Event]:
    """W2. Blown in the quiet hours, the approver is told that ringing channels wait for the morning (2.26)."""
    call = wanted(case, asked, pack)
    emergency = call.kind.type == EMERGENCY
    called = tuple(_called(case, call, pack))
    quiet = not emergency and _at_night(asked.at, pack)
    return [
        WhistleBlown(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, called=called, lead=_lead(call, called),
            places=call.places, place=call.place, starts_at=call.starts_at, emergency=emergency,
            deadlines=limited(case, "situation", asked.at, pack) if emergency else _answers(called, call),
            warned=(asked.post,) if quiet and asked.post else (),
        )
    ]  # fmt: skip


def _answers(called: tuple[Called, ...], call: Wanted) -> tuple[Deadline, ...]:
    """Persons are never late, so the blower is told when nobody answered by the stated start (decisions 2.10, 2.31)."""
    if call.starts_at is None or any(each.party.post is not None for each in called):
        return ()
    return (until("staffing", call.at, call.starts_at),)


def _called(case: Case, call: Wanted, pack: Pack) -> Iterator[Called]:
    for post in units_of(call, pack):
        yield called_unit(case, post, call.call, pack)
    for each in persons_of(case, call, pack):
        yield called_person(case, each.person, call.call, pack)


def _lead(call: Wanted, called: tuple[Called, ...]) -> str | None:
    """Named at approval, else the only unit (decisions 2.4)."""
    units = [each.responder for each in called if each.party.post is not None]
    return call.lead or (units[0] if len(units) == 1 else None)


def not_an_emergency(_case: Case, asked: BlowEmergencyWhistle, pack: Pack) -> Broken:
    kind = pack.whistle_types.get(asked.type)
    return asked.type != EMERGENCY or kind is None or asked.tier not in kind.tiers


def case_not_open(case: Case, _asked: OfWhistle, _pack: Pack) -> Broken:
    """From `reported` on in any open state; behind a diverted report the follow-up case carries it (2.5)."""
    return not case.open


def blow_emergency_whistle(case: Case, asked: BlowEmergencyWhistle, pack: Pack) -> list[Event]:
    """W4. Nobody leaves a burst pipe because a form is missing: approved within 24 h after the fact (2.12)."""
    call = wanted(case, asked, pack)
    called = tuple(_called(case, call, pack))
    approvers = (pack.post_for(kind, call.area) for kind in approver_kinds(asked.tier, asked.type))
    opened = WhistleOpened(
        whistle_type=asked.type, tier=asked.tier, source="case", task=asked.task, blower=blower_of(case, asked, pack),
        blocking=asked.blocking is not False, area=call.area,
        approvers=tuple(post.post_id for post in approvers if post is not None),
    )  # fmt: skip
    approval = deadline(pack, "approval", asked.at, pack.limit("approval_afterwards", case.urgency))
    return [
        WhistleBlown(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, called=called, lead=_lead(call, called),
            places=None, place=call.place, starts_at=call.starts_at, emergency=True, opened=opened,
            deadlines=(approval, *limited(case, "situation", asked.at, pack)),
        )
    ]  # fmt: skip


def not_on_the_list(case: Case, asked: BlowStanding, pack: Pack) -> Broken:
    """a20. A date of the rule, from one working day before until it begins, once, in a case of its own (2.30)."""
    due = _occurrence(asked, pack)
    if due is None or not case.open or case.category != due.rule.category or case.whistles:
        return True
    return not due.blown_at(pack.calendar) <= asked.at < asked.starts_at


def _occurrence(asked: BlowStanding, pack: Pack) -> Occurrence | None:
    day = pack.calendar.local_day(asked.starts_at)
    rules = (each for each in pack.standing if each.rule == asked.rule)
    dates = (each for rule in rules for each in occurrences(rule, pack.calendar, day, day))
    return next((each for each in dates if each.starts_at(pack.calendar) == asked.starts_at), None)


def blow_standing(case: Case, asked: BlowStanding, pack: Pack) -> list[Event]:
    """a20. Nobody is asked: publishing the pack approved all dates at once. No plan, and it holds no case."""
    due = _occurrence(asked, pack)
    assert due is not None, "the guard let only dates of the rule through"
    rule, post = due.rule, pack.directory.posts[due.responsible]
    opened = WhistleOpened(
        whistle_type=rule.type, tier=pack.whistle_types[rule.type].tiers[0], source=STANDING, task=rule.task,
        blower=pack.triage_post(rule.area).post_id, blocking=False, area=rule.area,
    )  # fmt: skip
    called = Called(post.post_id, Party.of(post), (until("arrive", asked.at, asked.starts_at),))
    return [
        WhistleBlown(
            at=asked.at, whistle_id=asked.whistle_id, called=(called,), lead=post.post_id, places=None,
            place=rule.area, starts_at=asked.starts_at, opened=opened,
        )
    ]  # fmt: skip
