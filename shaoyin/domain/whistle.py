"""The whistle itself, but for its blow: asked for, declined, lifted from the case, closed, cancelled, or passed on up.

Whistle and responder are two machines (decisions 2.1).
"""

from __future__ import annotations

from typing import Literal, cast

from shaoyin.domain.call import Whistle
from shaoyin.domain.calling import (
    APPROVERS,
    HARD_PROBLEM,
    HERE,
    Broken,
    approver_kinds,
    blower_of,
    by,
    heads,
    served,
    shortest,
    the_whistle,
)
from shaoyin.domain.case import Case
from shaoyin.domain.commands import (
    ApproveAfterwards,
    ApproveWhistle,
    CancelWhistle,
    CloseWhistle,
    Command,
    DeclineWhistle,
    LiftBlocking,
    OfWhistle,
    RequestWhistle,
    UpgradeWhistle,
)
from shaoyin.domain.events import (
    OPEN,
    ApprovedAfterwards,
    BlockingLifted,
    Event,
    WhistleCancelled,
    WhistleClosed,
    WhistleDeclined,
    WhistleRequested,
    WhistleUpgraded,
)
from shaoyin.domain.pack import Pack

Source = Literal["case", "council", "patrol", "instruction", "campaign", "standing"]
ACCEPTED = OPEN - {"reported", "needs_info", "verifying"}
NOT_BLOCKING = ("standing", "council", "campaign")


def case_not_accepted(case: Case, _asked: RequestWhistle, _pack: Pack) -> Broken:
    return case.state not in ACCEPTED


def source_missing(_case: Case, asked: RequestWhistle, _pack: Pack) -> Broken:
    return not asked.source


def tier_mismatch(_case: Case, asked: RequestWhistle, pack: Pack) -> Broken:
    kind = pack.whistle_types.get(asked.type)
    if kind is not None and asked.tier in kind.tiers:
        return False
    return {"type": asked.type, "tier": asked.tier}


def tier_off(_case: Case, asked: RequestWhistle, pack: Pack) -> Broken:
    """The way that is left: the street centre passes it on (decisions 2.37)."""
    off = asked.tier == "department" and not pack.department_tier
    return {"way": "street_centre"} if off else False


def why_not_below_missing(_case: Case, asked: RequestWhistle, _pack: Pack) -> Broken:
    return asked.tier == "department" and not (asked.why_not_below or "").strip()


def whistle_duplicate(case: Case, asked: RequestWhistle, pack: Pack) -> Broken:
    """The same type to the same unit, or to the members again, while one is open (decisions 2.36)."""
    meant = {_unit(name, pack) for name in asked.responders} | {asked.responder_type} - {None}
    for each in case.whistles.values():
        if each.type == asked.type and not each.ended and meant & _called_by(each, pack):
            return {"whistle": each.whistle_id}
    return False


def _called_by(whistle: Whistle, pack: Pack) -> set[str | None]:
    names = (*whistle.asked, *(name for name, each in whistle.responders.items() if each.state != "removed"))
    return {_unit(name, pack) for name in names} | {whistle.responder_type} - {None}


def _unit(name: str, pack: Pack) -> str:
    post = pack.directory.posts.get(name)
    return name if post is None else post.org


def approver_needed(_case: Case, asked: RequestWhistle, pack: Pack) -> Broken:
    return not approves_itself(asked, pack)


def approves_itself(asked: RequestWhistle, pack: Pack) -> bool:
    """A secretary's or deputy's own request of the member tier is approved in the same command (decisions 2.9)."""
    post = pack.directory.posts.get(asked.post or "")
    return asked.tier == "member" and post is not None and post.kind in APPROVERS["member"]


def request_whistle(case: Case, asked: RequestWhistle, pack: Pack) -> list[Event]:
    """W1. Approval is due within its own limit and the case's T1: a crew must not wait for a form (mechanics 21)."""
    area = case.area or pack.root
    limits = pack.limit("approval", case.urgency), pack.limit("sign", case.urgency)
    blocking = asked.source not in NOT_BLOCKING if asked.blocking is None else asked.blocking
    approvers = (pack.post_for(kind, area) for kind in approver_kinds(asked.tier, asked.type))
    requested = WhistleRequested(
        at=asked.at, by=by(asked), whistle_id=asked.whistle_id, whistle_type=asked.type, tier=asked.tier,
        source=asked.source, task=asked.task, blower=_blower(case, asked, pack), area=area, blocking=blocking,
        why_not_below=asked.why_not_below, responders=asked.responders, responder_type=asked.responder_type,
        lead=asked.lead, places=asked.places, place=asked.place or case.area, starts_at=asked.starts_at,
        dangerous=asked.dangerous, linked_to=asked.linked_to,
        upgraded_from=asked.upgraded_from if asked.by_system else None,
        approvers=tuple(post.post_id for post in approvers if post is not None),
        deadlines=(shortest(pack, "approval", asked.at, *limits),),
    )  # fmt: skip
    return [requested]


def _blower(case: Case, asked: RequestWhistle, pack: Pack) -> str:
    """What is passed on up stays the whistle of the post that blew first; nobody else names another's post."""
    return asked.blower if asked.by_system and asked.blower is not None else blower_of(case, asked, pack)


def decline_whistle(case: Case, asked: DeclineWhistle, _pack: Pack) -> list[Event]:
    """W3. The blower is told what to do instead; it holds the case no longer."""
    return [
        WhistleDeclined(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, reason=asked.reason, instead=asked.instead
        )
    ]  # fmt: skip


def nothing_to_approve(case: Case, asked: ApproveAfterwards, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or not whistle.emergency or whistle.approved is not None


def no_without_reason(_case: Case, asked: ApproveAfterwards, _pack: Pack) -> Broken:
    return not asked.approved and not (asked.reason or "").strip()


def approve_afterwards(_case: Case, asked: ApproveAfterwards, _pack: Pack) -> list[Event]:
    return [
        ApprovedAfterwards(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, approved=asked.approved, reason=asked.reason
        )
    ]  # fmt: skip


def not_its_head(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    """Only the head of the blowing post (rows a22, W14)."""
    whistle = case.whistles.get(asked.whistle_id)
    posts = pack.directory.posts
    return whistle is None or not heads(posts.get(asked.post or ""), posts.get(whistle.blower), pack)


def not_blocking(case: Case, asked: LiftBlocking, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or not whistle.holds_the_case


def lift_blocking(_case: Case, asked: LiftBlocking, _pack: Pack) -> list[Event]:
    return [BlockingLifted(at=asked.at, by=by(asked), whistle_id=asked.whistle_id, reason=asked.reason)]


def neither_blower_nor_head(case: Case, asked: CloseWhistle, pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or (whistle.blower != asked.post and bool(not_its_head(case, asked, pack)))


def head_too_early(case: Case, asked: CloseWhistle, _pack: Pack) -> Broken:
    """The blower's head closes only what the blower was too late for (row W13)."""
    whistle = case.whistles.get(asked.whistle_id)
    if whistle is None or whistle.blower == asked.post:
        return False
    clock = whistle.clocks.get("closing")
    return clock is None or asked.at <= clock.deadline.due_at


def tasks_open(case: Case, asked: CloseWhistle, _pack: Pack) -> Broken:
    whistle = the_whistle(case, asked)
    undone = set(range(len(whistle.tasks))) - whistle.tasks_done - set(asked.moved_tasks)
    return {"tasks": sorted(undone)} if undone else False


def close_whistle(_case: Case, asked: CloseWhistle, _pack: Pack) -> list[Event]:
    moved = tuple(sorted(set(asked.moved_tasks)))
    return [WhistleClosed(at=asked.at, by=by(asked), whistle_id=asked.whistle_id, moved_tasks=moved)]


def upper_tier_off(_case: Case, _asked: UpgradeWhistle, pack: Pack) -> Broken:
    return False if pack.department_tier else {"way": "street_centre"}


def no_upper_tier(case: Case, asked: UpgradeWhistle, pack: Pack) -> Broken:
    """From the members to a department's whistle, from there to a hard problem, and no further (decisions 2.18)."""
    before, kind = the_whistle(case, asked), pack.whistle_types.get(asked.type)
    if kind is None or "department" not in kind.tiers:
        return {"type": asked.type}
    from_department = before.tier == "department"
    if from_department and (asked.type != HARD_PROBLEM or before.type == HARD_PROBLEM):
        return {"type": asked.type}
    return False


def upgrade_whistle(case: Case, asked: UpgradeWhistle, _pack: Pack) -> list[Event]:
    """W14. The new whistle is asked for by `follow_on`; results are kept, unrated."""
    return [
        WhistleUpgraded(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, reason=asked.reason,
            new_whistle=f"{asked.whistle_id}-up", served=served(the_whistle(case, asked), asked.at),
        )
    ]  # fmt: skip


def not_the_blowers_to_cancel(case: Case, asked: CancelWhistle, _pack: Pack) -> Broken:
    """The system cancels only as part of a case's end, and never while somebody is there (decisions 2.19).

    A case that went to another area is `reported` again: that is an end of its whistles too.
    """
    whistle = the_whistle(case, asked)
    if not asked.by_system:
        return whistle.blower != asked.post
    return case.state in ACCEPTED or any(each.state in HERE for each in whistle.responders.values())


def cancel_whistle(case: Case, asked: CancelWhistle, _pack: Pack) -> list[Event]:
    """W16. Those on site keep their service record."""
    kept = served(the_whistle(case, asked), asked.at)
    return [
        WhistleCancelled(at=asked.at, by=by(asked), whistle_id=asked.whistle_id, reason=asked.reason, served=kept)
    ]  # fmt: skip


def follow_on(case: Case, event: Event, command: Command, pack: Pack) -> list[Command]:
    """What the system does at once behind a whistle's event, in the same decision."""
    if isinstance(event, WhistleRequested) and isinstance(command, RequestWhistle) and approves_itself(command, pack):
        own = ApproveWhistle(
            at=command.at, person=command.person, post=command.post, whistle_id=command.whistle_id,
            members=command.members,
        )  # fmt: skip
        return [own]
    if isinstance(event, WhistleUpgraded) and isinstance(command, UpgradeWhistle):
        return [_one_tier_up(case.whistles[event.whistle_id], event.new_whistle, command)]
    return []


def _one_tier_up(old: Whistle, new_id: str, asked: UpgradeWhistle) -> RequestWhistle:
    """A whistle of its own: no double clocks, blocking passes on, the approver names responders and time (2.18)."""
    return RequestWhistle(
        at=asked.at, whistle_id=new_id, type=asked.type, tier="department", task=old.task,
        source=cast("Source", old.source), why_not_below=asked.why_not_below, place=old.place, blocking=old.blocking,
        dangerous=old.dangerous, blower=old.blower, upgraded_from=old.whistle_id,
    )  # fmt: skip
