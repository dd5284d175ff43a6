"""What the parts of a whistle share: who is called and by when, who holds a place, who is still awaited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from shaoyin.domain.calendar import Within
from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import deadline, until, unwatched
from shaoyin.domain.commands import Enrolled, Given, OfWhistle
from shaoyin.domain.events import By, Called, ClockName, Deadline, Party, Served, Vetting
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack, Tier, WhistleType

MEMBERS = "members"
EMERGENCY = "emergency_whistle"
HARD_PROBLEM = "hard_problem_whistle"
STANDING = "standing"
APPROVERS: Mapping[Tier, tuple[str, ...]] = {
    "member": ("community_secretary", "community_deputy"),
    "department": ("street_deputy", "street_head"),
}
DECIDERS: Mapping[Tier, tuple[str, ...]] = {
    "member": ("street_centre",),
    "department": ("street_head", "district_joint_office"),
}
"""Who judges an objection, nearest first; never the post that approved (decisions 2.17)."""
VETTINGS: tuple[Vetting, ...] = ("none", "basic", "minors")
PLACED = ("acknowledged", "objected", "on_site", "working", "result_in")
HERE = ("on_site", "working")
BUSY = ("acknowledged", "objected", *HERE)
OUT = ("absent", "withdrawn", "removed")
Broken = bool | Mapping[str, object]


def by(command: Given) -> By:
    return By(command.post, command.person)


def the_whistle(case: Case, asked: OfWhistle) -> Whistle:
    return case.whistles[asked.whistle_id]


def approver_kinds(tier: Tier, whistle_type: str) -> tuple[str, ...]:
    """Decisions, "Who may": a hard problem is the street head's alone."""
    return ("street_head",) if whistle_type == HARD_PROBLEM else APPROVERS[tier]


def approves(whistle: Whistle, post_id: str | None, pack: Pack) -> bool:
    post = pack.directory.posts.get(post_id or "")
    return post is not None and post.kind in approver_kinds(whistle.tier, whistle.type)


def blower_of(case: Case, asked: OfWhistle, pack: Pack) -> str:
    """The post that asks, not the person; a rule asks for the main handler's post (decisions 2.9).

    Where a claimant is the main handler, for the desk that stands behind him.
    """
    main = case.main.post if case.main is not None else None
    return asked.post or main or case.owner.post or pack.triage_post(case.area or pack.root).post_id


def is_planned(whistle: Whistle, pack: Pack) -> bool:
    """Nobody plans before closing a valve: member, emergency, quick and standing whistles have none (2.4)."""
    return whistle.source != STANDING and pack.whistle_types[whistle.type].plan


def heads(post: Post | None, blower: Post | None, pack: Pack) -> bool:
    """Whether `post` is above the blowing post: the secretary in the community, the street over all, a department."""
    if post is None or blower is None or post.post_id == blower.post_id:
        return False
    if post.kind == "dept_head":
        return post.org == blower.org
    upper = ("community_secretary", "street_deputy", "street_head")
    if post.kind not in upper or not pack.areas.covers(post.area, blower.area):
        return False
    return blower.kind not in upper or upper.index(blower.kind) < upper.index(post.kind)


def head_of_blower(whistle: Whistle, pack: Pack) -> Post | None:
    """The nearest post above the blowing one that somebody holds."""
    blower = pack.directory.posts[whistle.blower]
    own = [pack.directory.head_of(blower)]
    above = [pack.post_for(kind, blower.area) for kind in ("community_secretary", "street_deputy", "street_head")]
    return next((each for each in (*own, *above) if heads(each, blower, pack)), None)


def joint_office(whistle: Whistle, pack: Pack) -> Post | None:
    """The district's in the department tier, the street centre in the member tier (decisions 2.10)."""
    kind = "street_centre" if whistle.tier == "member" else "district_joint_office"
    return pack.post_for(kind, whistle.area)


def deciders(whistle: Whistle, pack: Pack) -> tuple[Post, ...]:
    posts = (pack.post_for(kind, whistle.area) for kind in DECIDERS[whistle.tier])
    return tuple(post for post in posts if post is not None and post.post_id != whistle.approved_by)


@dataclass(frozen=True, slots=True)
class Call:
    """As what, from when and for where somebody is called; `starts_at` None: by the figures of the type."""

    kind: WhistleType
    at: datetime
    starts_at: datetime | None
    area: str


def called_unit(case: Case, post: Post, call: Call, pack: Pack) -> Called:
    """All clocks start at the call (decisions 2.21); answered by the case's T1 at the latest (mechanics 21)."""
    kind, at = call.kind, call.at
    deadlines = [_answer(case, call, pack)]
    if kind.contact is not None:
        deadlines.append(deadline(pack, "contact", at, kind.contact))
    if call.starts_at is not None:
        deadlines.append(until("arrive", at, call.starts_at))
    elif kind.arrive is not None:
        deadlines.append(deadline(pack, "arrive", at, kind.arrive))
    if kind.finish is not None:
        deadlines.append(deadline(pack, "finish", at, kind.finish))
    return Called(post.post_id, Party.of(post), tuple(deadlines))


def called_person(case: Case, person: str, call: Call, pack: Pack) -> Called:
    """Dates only, nobody is told when they pass: persons are never late (decisions 2.10)."""
    answer = unwatched(_answer(case, call, pack))
    dates = dates_of_person(call.at, call.starts_at, pack)
    return Called(person, Party(None, person, None, call.area), (answer, *dates))


def dates_of_person(at: datetime, starts_at: datetime | None, pack: Pack) -> tuple[Deadline, ...]:
    """The stated time, and the end of its day (decisions 2.22)."""
    if starts_at is None:
        return ()
    return (
        unwatched(until("arrive", at, starts_at)),
        unwatched(until("finish", at, _midnight_after(starts_at, pack))),
    )


def _answer(case: Case, call: Call, pack: Pack) -> Deadline:
    """The earliest of the type's figure, the case's T1 and the stated start while it lies ahead (2.11, 2.24)."""
    first = shortest(pack, "acknowledge", call.at, call.kind.acknowledge, pack.limit("sign", case.urgency))
    starts_at = call.starts_at
    if starts_at is not None and call.at < starts_at < first.due_at:
        return until("acknowledge", call.at, starts_at)
    return first


def shortest(pack: Pack, clock: ClockName, at: datetime, *limits: Within) -> Deadline:
    """The limit that runs out first, whatever the units they are counted in."""
    return min((deadline(pack, clock, at, each) for each in limits), key=lambda each: each.due_at)


def _midnight_after(at: datetime, pack: Pack) -> datetime:
    local = at.astimezone(pack.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight.astimezone(UTC)


def limited(case: Case, clock: ClockName, at: datetime, pack: Pack) -> tuple[Deadline, ...]:
    """A clock whose length hangs on the case's urgency; those of a whistle count from the act, at any hour."""
    return (deadline(pack, clock, at, pack.limit(clock, case.urgency)),)


def planned_finish(whistle: Whistle, at: datetime, pack: Pack) -> Deadline | None:
    """By plan: the latest task date, end of duty (decisions 2.22). None before a plan is agreed."""
    if not whistle.tasks:
        return None
    return ends_with(max(task.due_at for task in whistle.tasks), at, pack)


def ends_with(latest: datetime, at: datetime, pack: Pack) -> Deadline:
    return until("finish", at, max(latest, pack.calendar.end_of_duty(pack.calendar.local_day(latest))))


def is_vetted(case: Case, person: Enrolled, pack: Pack) -> bool:
    """Whether this person may come to such a matter at all: with minors only who was vetted for it (2.27)."""
    category = pack.categories.get(case.category or "")
    needed: Vetting = "none" if category is None else category.vetting
    return VETTINGS.index(person.vetting) >= VETTINGS.index(needed)


def calls_members(whistle: Whistle) -> bool:
    """Whether enrolled persons are meant; dangerous work calls units only (decisions 2.40)."""
    if whistle.dangerous:
        return False
    return whistle.responder_type == MEMBERS or any(each.is_person for each in whistle.responders.values())


def place_is_free(whistle: Whistle) -> bool:
    """Units called by name take no place; an objector keeps his until it is decided (decisions 2.16)."""
    placed = sum(each.is_person and each.state in PLACED for each in whistle.responders.values())
    return whistle.places is None or placed < whistle.places


def others_owe(whistle: Whistle, leaving: str, at: datetime) -> bool:
    """Whether anybody else still owes an end. A call that a person did not answer lapses at the stated time."""
    others = (each for name, each in whistle.responders.items() if name != leaving)
    return any(each.state in BUSY or (each.state == "called" and _awaited(whistle, each, at)) for each in others)


def _awaited(whistle: Whistle, responder: Responder, at: datetime) -> bool:
    if not responder.is_person:
        return True
    return whistle.starts_at is not None and at < whistle.starts_at


def on_record(whistle: Whistle) -> bool:
    """Whether there is anything to rate: a result, an absence, or a task (row W11)."""
    ends = ("result_in", "absent")
    return bool(whistle.tasks) or any(each.state in ends for each in whistle.responders.values())


def served(whistle: Whistle, at: datetime) -> tuple[Served, ...]:
    """The service record of persons who are on site when the whistle ends under them (decisions 2.19, 2.38)."""
    here = (each for each in whistle.responders.values() if each.is_person and each.state in HERE)
    return tuple(Served(each.responder, minutes(whistle, each, at)) for each in here)


def minutes(whistle: Whistle, responder: Responder, at: datetime) -> int:
    """From the first arrival to `at`; nobody serves before the whistle was blown."""
    if responder.arrived_at is None:
        return 0
    start = max(responder.arrived_at, whistle.blown_at or responder.arrived_at)
    return max(0, int((at - start).total_seconds() // 60))
