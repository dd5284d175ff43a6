"""Who is still with a whistle: one is added, one steps back and the next in line moves up, one is marked absent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.calling import (
    PLACED,
    Broken,
    Call,
    approves,
    by,
    called_person,
    called_unit,
    dates_of_person,
    is_vetted,
    limited,
    on_record,
    others_owe,
    planned_finish,
    the_whistle,
)
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.clocks import Running
from shaoyin.domain.commands import AddResponder, MarkAbsent, OfWhistle, WithdrawResponse
from shaoyin.domain.events import (
    Called,
    Event,
    ResponderAbsent,
    ResponderAdded,
    ResponderPromoted,
    ResponseWithdrawn,
)
from shaoyin.domain.pack import Pack
from shaoyin.domain.who import responder_named


def not_blown(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or whistle.state not in ("blown", "working")


def second_post_needed(case: Case, asked: AddResponder, pack: Pack) -> Broken:
    """Member tier: the blower's own command. Department tier: the approver's, naming the blower (decisions 2.31)."""
    whistle = the_whistle(case, asked)
    if whistle.tier == "member":
        return asked.post != whistle.blower
    return not approves(whistle, asked.post, pack) or asked.proposed_by != whistle.blower


def already_called(case: Case, asked: AddResponder, pack: Pack) -> Broken:
    """A unit is called once, whichever of its posts is named."""
    post = pack.directory.posts.get(asked.responder)
    called = the_whistle(case, asked).responders
    same_unit = post is not None and any(each.party.org == post.org for each in called.values() if not each.is_person)
    return asked.responder in called or same_unit


def add_responder(case: Case, asked: AddResponder, pack: Pack) -> list[Event]:
    """a27. All its clocks from that instant; a stated time that is past binds nobody."""
    whistle = the_whistle(case, asked)
    ahead = whistle.starts_at is not None and whistle.starts_at > asked.at
    kind = pack.whistle_types[whistle.type]
    call = Call(kind, asked.at, whistle.starts_at if ahead else None, whistle.area)
    return [
        ResponderAdded(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, proposed_by=asked.proposed_by,
            called=_called(case, whistle, asked, call, pack),
        )
    ]  # fmt: skip


def _called(case: Case, whistle: Whistle, asked: AddResponder, call: Call, pack: Pack) -> Called:
    post, person = pack.directory.posts.get(asked.responder), asked.enrolled
    if post is not None and post.filled:
        called, plan = called_unit(case, post, call, pack), planned_finish(whistle, asked.at, pack)
        if plan is None:
            return called
        others = tuple(each for each in called.deadlines if each.clock != "finish")
        return Called(called.responder, called.party, (*others, plan))
    if person is None or person.person != asked.responder or not is_vetted(case, person, pack):
        raise Refused("nobody_to_call", responder=asked.responder)
    if whistle.dangerous:
        raise Refused("unsafe_whistle", why="dangerous")
    return called_person(case, person.person, call, pack)


def units_object_instead(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    responder = responder_named(case, asked)
    return responder is not None and not responder.is_person


def already_arrived(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    responder = responder_named(case, asked)
    return responder is not None and responder.arrived_at is not None


def not_ones_own(asked: WithdrawResponse, responder: Responder) -> bool:
    return not asked.by_system and responder.responder != asked.person


def withdraw_response(case: Case, asked: WithdrawResponse, pack: Pack) -> list[Event]:
    """a29. A person steps back without ground; the first in line moves up at once (decisions 2.16)."""
    responder = responder_named(case, asked)
    if responder is None or not_ones_own(asked, responder):
        raise Refused("not_your_response")
    whistle = the_whistle(case, asked)
    promoted = _next_in_line(whistle, responder, asked.at)
    last = promoted is None and not others_owe(whistle, responder.responder, asked.at)
    all_in = last and on_record(whistle)
    out = ResponseWithdrawn(
        at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=responder.responder,
        staffing=limited(case, "staffing", asked.at, pack) if last and not all_in else (),
        all_in=all_in, deadlines=limited(case, "rating", asked.at, pack) if all_in else (),
    )  # fmt: skip
    return [out, *([] if promoted is None else promote(whistle, promoted, asked, pack))]


def _next_in_line(whistle: Whistle, leaving: Responder, at: datetime) -> Responder | None:
    """Nobody moves up for one who only waited, nor once the stated start has come."""
    if leaving.state not in PLACED or (whistle.starts_at is not None and at >= whistle.starts_at):
        return None
    waiting = [each for each in whistle.responders.values() if each.state == "wait_listed"]
    return min(waiting, key=lambda each: each.listed or 0, default=None)


def promote(whistle: Whistle, first: Responder, asked: WithdrawResponse, pack: Pack) -> list[Event]:
    """a28."""
    dates = dates_of_person(asked.at, whistle.starts_at, pack)
    return [
        ResponderPromoted(at=asked.at, whistle_id=whistle.whistle_id, responder=first.responder, deadlines=dates)
    ]  # fmt: skip


def not_late_yet(case: Case, asked: MarkAbsent, _pack: Pack) -> Broken:
    """Once the arrive or finish date is past; where neither runs, the last date there was (decisions 2.3)."""
    responder = responder_named(case, asked)
    if responder is None:
        return True
    clocks = responder.clocks
    awaited = [clocks[name] for name in ("arrive", "finish") if name in clocks and clocks[name].open]
    return not _any_past(awaited or clocks.values(), asked.at)


def _any_past(clocks: Iterable[Running], at: datetime) -> bool:
    """A clock that rests under an objection was past when it stopped, or is not."""
    return any(each.deadline.due_at < (each.paused_at or at) for each in clocks)


def mark_absent(case: Case, asked: MarkAbsent, pack: Pack) -> list[Event]:
    """a30. Never automatic: somebody says so, with a reason; it counts as ended."""
    whistle = the_whistle(case, asked)
    all_in = not others_owe(whistle, asked.responder, asked.at)
    return [
        ResponderAbsent(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=asked.responder, reason=asked.reason,
            all_in=all_in, deadlines=limited(case, "rating", asked.at, pack) if all_in else (),
        )
    ]  # fmt: skip
