"""A responder objects: it answers the call, what runs for him stops, and a post that did not approve decides."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.calling import (
    DECIDERS,
    EMERGENCY,
    Broken,
    by,
    deciders,
    limited,
    on_record,
    others_owe,
    planned_finish,
    the_whistle,
)
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.clocks import resumed, unwatched
from shaoyin.domain.commands import DecideObjection, Object, OfWhistle
from shaoyin.domain.events import Deadline, Event, ObjectionDecided, WhistleObjected
from shaoyin.domain.pack import Pack
from shaoyin.domain.who import own_response, responder_named


def objection_incomplete(_case: Case, asked: Object, _pack: Pack) -> Broken:
    return not (asked.ground or "").strip() or not (asked.basis or "").strip()


def already_objected(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    """Once per responder and whistle."""
    responder = responder_named(case, asked)
    return responder is not None and responder.objected


def already_arrived(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    responder = responder_named(case, asked)
    return responder is not None and responder.arrived_at is not None


def emergency(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is not None and whistle.type == EMERGENCY


def not_an_emergency(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    return not emergency(case, asked, pack)


def object_to(case: Case, asked: Object, pack: Pack) -> list[Event]:
    """W6. In an emergency it is recorded and nothing stops (decisions 2.17)."""
    whistle, responder = the_whistle(case, asked), own_response(case, asked)
    if responder is None or asked.responder not in (None, responder.responder):
        raise Refused("not_your_response")
    stops = whistle.type != EMERGENCY
    return [
        WhistleObjected(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, responder=responder.responder,
            ground=asked.ground, basis=asked.basis, stops=stops,
            deciders=tuple(post.post_id for post in deciders(whistle, pack)),
            deadlines=limited(case, "objection", asked.at, pack) if stops else (),
        )
    ]  # fmt: skip


def may_not_decide(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    whistle, post = case.whistles.get(asked.whistle_id), pack.directory.posts.get(asked.post or "")
    if whistle is None or post is None:
        return True
    return post.kind not in DECIDERS[whistle.tier] or post.post_id == whistle.approved_by


def not_upheld(_case: Case, asked: DecideObjection, _pack: Pack) -> Broken:
    return asked.decision != "uphold"


def not_overruled(_case: Case, asked: DecideObjection, _pack: Pack) -> Broken:
    return asked.decision != "overrule"


def decide_objection(case: Case, asked: DecideObjection, pack: Pack) -> list[Event]:
    """W7. Overruled, what had stopped goes on with what was left; upheld, the responder is out."""
    whistle, responder = the_whistle(case, asked), case.whistles[asked.whistle_id].responders[asked.responder]
    out = asked.decision == "uphold"
    last = out and not others_owe(whistle, responder.responder, asked.at)
    all_in = last and on_record(whistle)
    return [
        ObjectionDecided(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id, responder=responder.responder,
            decision=asked.decision, reason=asked.reason,
            deadlines=() if out else tuple(_going_on(whistle, responder, asked, pack)),
            staffing=limited(case, "staffing", asked.at, pack) if last and not all_in else (),
            all_in=all_in, rating=limited(case, "rating", asked.at, pack) if all_in else (),
        )
    ]  # fmt: skip


def _going_on(whistle: Whistle, responder: Responder, asked: DecideObjection, pack: Pack) -> Iterator[Deadline]:
    """As after a suspension (decisions 1.16); a plan that was agreed meanwhile says when the work is due."""
    plan = planned_finish(whistle, asked.at, pack)
    for name, clock in responder.clocks.items():
        if clock.open and clock.paused_at is not None and not (name == "finish" and plan is not None):
            yield resumed(pack, clock, asked.at)
    if plan is not None:
        yield unwatched(plan) if responder.is_person else plan
