"""Silence around a whistle: which clock ran out, who is told, and when to look again. Two steps (decisions 2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.calling import HERE, STANDING, Broken, deciders, head_of_blower, joint_office, limited
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import Running, length, unit_of
from shaoyin.domain.commands import TimePassed
from shaoyin.domain.events import Deadline, Event, WhistleOverdue
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import named

NOTICED_LATE = timedelta(seconds=60)
"""Later than this in noticing counts as an outage: the next step is counted from now (mechanics 20)."""


def not_due(case: Case, due: TimePassed, _pack: Pack) -> Broken:
    """At the due instant itself an act is in time (decisions 2.35)."""
    watch_at = _ran_out(case, due)[2].watch_at
    return watch_at is None or due.at <= watch_at


def person(case: Case, due: TimePassed, _pack: Pack) -> Broken:
    """Persons are never late (decisions 2.10)."""
    responder = _ran_out(case, due)[1]
    return responder is not None and responder.is_person


def approval_late(case: Case, due: TimePassed, pack: Pack) -> list[Event]:
    """a23. The approver's head; a whistle is never approved by silence."""
    whistle, _, _ = _ran_out(case, due)
    approver = _post(whistle.approvers[0] if whistle.approvers else whistle.blower, pack)
    head = None if approver is None else pack.head_above(approver)
    return [_overdue(case, due, named(approver, head))]


def judging_late(case: Case, due: TimePassed, pack: Pack) -> list[Event]:
    """a24. The blower and its head; after the same span again the joint office."""
    whistle, _, clock = _ran_out(case, due)
    head, blower = head_of_blower(whistle, pack), _post(whistle.blower, pack)
    if clock.announced == 0 and head is not None:
        return [_overdue(case, due, named(blower, head), look_at=_same_span_again(clock, due.at, pack))]
    return [_overdue(case, due, named(joint_office(whistle, pack), blower))]


def staffing_late(case: Case, due: TimePassed, pack: Pack) -> list[Event]:
    """a25. Nobody is left, and the blower neither added anybody nor cancelled."""
    whistle, _, _ = _ran_out(case, due)
    return [_overdue(case, due, named(_post(whistle.blower, pack), head_of_blower(whistle, pack)))]


def situation_late(case: Case, due: TimePassed, pack: Pack) -> list[Event]:
    """a26. Until it is safe somebody on site reports every 2 h; the next report is due from now (decisions 2.22)."""
    whistle, _, _ = _ran_out(case, due)
    units = [_post(each.party.post, pack) for each in whistle.responders.values() if each.state in HERE]
    heads = [pack.directory.head_of(post) for post in units if post is not None]
    told = named(*units, *heads, _post(whistle.blower, pack))
    return [_overdue(case, due, told, deadlines=limited(case, "situation", due.at, pack))]


def unit_late(case: Case, due: TimePassed, pack: Pack) -> list[Event]:
    """W15, a31. The unit's head at the due instant, the joint office after the same span again; no head: at once.

    Of a standing whistle the community reminds, and nobody above is told (decisions 2.30).
    """
    whistle, responder, clock = _ran_out(case, due)
    assert responder is not None, "the clock of a responder"
    blower, unit = _post(whistle.blower, pack), _post(responder.party.post, pack)
    if whistle.source == STANDING:
        return [_overdue(case, due, named(blower))]
    head = None if unit is None else pack.directory.head_of(unit)
    if clock.announced == 0 and head is not None and head.filled:
        return [_overdue(case, due, named(head, blower), look_at=_same_span_again(clock, due.at, pack))]
    return [_overdue(case, due, named(joint_office(whistle, pack), blower))]


def objection_late(case: Case, due: TimePassed, pack: Pack) -> list[Event]:
    """a32. Whoever should judge, and the head above."""
    whistle, _, _ = _ran_out(case, due)
    slow = deciders(whistle, pack)
    head = pack.head_above(slow[0]) if slow else None
    return [_overdue(case, due, named(*slow, head, _post(whistle.blower, pack)))]


def _ran_out(case: Case, due: TimePassed) -> tuple[Whistle, Responder | None, Running]:
    assert due.whistle_id is not None
    assert due.clock is not None
    whistle = case.whistles[due.whistle_id]
    if due.responder is None:
        return whistle, None, whistle.clocks[due.clock]
    responder = whistle.responders[due.responder]
    return whistle, responder, responder.clocks[due.clock]


def _overdue(
    case: Case,
    due: TimePassed,
    told: tuple[str, ...],
    *,
    look_at: datetime | None = None,
    deadlines: Iterable[Deadline] = (),
) -> WhistleOverdue:
    whistle, responder, clock = _ran_out(case, due)
    return WhistleOverdue(
        at=due.at, whistle_id=whistle.whistle_id, clock=clock.deadline.clock, step=clock.announced + 1,
        due_at=clock.deadline.due_at, told=told, responder=None if responder is None else responder.responder,
        look_at=look_at, deadlines=tuple(deadlines),
    )  # fmt: skip


def _same_span_again(clock: Running, at: datetime, pack: Pack) -> datetime:
    """The length of the clock once more, counted the same way; after an outage from now."""
    due_at = clock.deadline.due_at
    start = at if at - due_at > NOTICED_LATE else due_at
    return pack.calendar.add_minutes(start, length(pack, clock.deadline), unit_of(clock.deadline).unit)


def _post(post_id: str | None, pack: Pack) -> Post | None:
    return pack.directory.posts.get(post_id or "")
