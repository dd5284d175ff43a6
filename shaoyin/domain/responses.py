"""What a responder does: answer, get in touch, come, agree a plan, hand in a result, step back; and who is added."""

from __future__ import annotations

from datetime import datetime, timedelta

from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.calling import (
    EMERGENCY,
    HERE,
    OUT,
    PLACED,
    Broken,
    by,
    calls_members,
    dates_of_person,
    ends_with,
    is_planned,
    is_vetted,
    limited,
    minutes,
    others_owe,
    place_is_free,
    the_whistle,
)
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Acknowledge, AgreePlan, Arrive, Contact, OfResponder, OfWhistle, SubmitResponse
from shaoyin.domain.events import (
    Event,
    PlanAgreed,
    PlannedTask,
    ResponseSubmitted,
    SituationReported,
    WhistleAcknowledged,
    WhistleArrived,
    WhistleContacted,
    WhistleWaitListed,
)
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import after_step, step_met_by
from shaoyin.domain.who import own_response, responder_named

SKEW = timedelta(minutes=1)
"""How far a phone's clock may be ahead of ours."""


def moving(case: Case, asked: OfWhistle) -> tuple[Whistle, Responder]:
    """The whistle, and whose move it is."""
    responder = responder_named(case, asked)
    if responder is None:
        raise Refused("not_your_response")
    return the_whistle(case, asked), responder


def not_your_response(case: Case, asked: OfResponder, _pack: Pack) -> Broken:
    """A unit answers by its duty post; for a person also the blower or a post on site (decisions 2.33)."""
    whistle, responder = case.whistles.get(asked.whistle_id), responder_named(case, asked)
    if whistle is None or responder is None:
        return True
    if _is_own(responder, asked):
        return False
    on_site = asked.post is not None and getattr(whistle.responders.get(asked.post), "state", None) in HERE
    return not (responder.is_person and (asked.post == whistle.blower or on_site))


def _is_own(responder: Responder, asked: OfResponder) -> bool:
    return responder.responder in (asked.post, asked.person)


def no_place_free(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    """Persons take places, one each; a unit called by name takes none (decisions 2.16)."""
    whistle, responder = case.whistles.get(asked.whistle_id), responder_named(case, asked)
    if whistle is None or (responder is not None and (not responder.is_person or responder.state in PLACED)):
        return False
    return {"places": whistle.places} if not place_is_free(whistle) else False


def place_free(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    return not no_place_free(case, asked, pack)


def not_active(case: Case, asked: Acknowledge, pack: Pack) -> Broken:
    """Opted out or not free he may answer; paused, ended or outside his own limits he may not (decisions 2.32)."""
    responder = responder_named(case, asked)
    if responder is not None and not responder.is_person:
        return False
    name = responder.responder if responder is not None else asked.responder or asked.person
    enrolled = asked.enrolled
    return enrolled is None or enrolled.person != name or not is_vetted(case, enrolled, pack)


def not_for_members(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    """Who was not called may answer a call to the enrolled, not one to units."""
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or not calls_members(whistle)


def not_oneself(case: Case, asked: Acknowledge, pack: Pack) -> Broken:
    """Who was not called answers for himself alone."""
    return asked.responder not in (None, asked.person) or not_active(case, asked, pack)


def already_answered(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    """One a person: who has answered, in whatever way, is in the list once."""
    responder = responder_named(case, asked)
    return responder is not None and responder.state != "called"


def acknowledge(case: Case, asked: Acknowledge, pack: Pack) -> list[Event]:
    """W5. Also of one who was not called, but saw the whistle; his dates are those of the others (2.31)."""
    whistle, responder = the_whistle(case, asked), responder_named(case, asked)
    name = responder.responder if responder is not None else str(asked.responder or asked.person)
    dates = () if responder is not None else dates_of_person(asked.at, whistle.starts_at, pack)
    return [
        WhistleAcknowledged(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=name, deadlines=dates,
            on_behalf=name not in (asked.post, asked.person), all_have=_all_have(whistle, name),
        )
    ]  # fmt: skip


def _all_have(whistle: Whistle, name: str) -> bool:
    """Whether nobody is left who was called and has not answered, or this one takes the last place."""
    waiting = any(each.state == "called" for other, each in whistle.responders.items() if other != name)
    placed = sum(each.is_person and each.state in PLACED for each in whistle.responders.values())
    unit = name in whistle.responders and not whistle.responders[name].is_person
    return not waiting or (not unit and whistle.places is not None and placed + 1 == whistle.places)


def wait_list(case: Case, asked: Acknowledge, pack: Pack) -> list[Event]:
    """W5. The thirteenth of twelve: no clock, no duty, no word against him (decisions 2.16)."""
    if not_for_members(case, asked, pack) or not_active(case, asked, pack):
        raise Refused("not_active")
    whistle, responder = the_whistle(case, asked), responder_named(case, asked)
    name = responder.responder if responder is not None else str(asked.responder or asked.person)
    position = 1 + sum(each.state == "wait_listed" for each in whistle.responders.values())
    return [
        WhistleWaitListed(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=name,
            on_behalf=name not in (asked.post, asked.person), position=position,
        )
    ]  # fmt: skip


def contact(case: Case, asked: Contact, _pack: Pack) -> list[Event]:
    whistle, responder = moving(case, asked)
    return [
        WhistleContacted(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=responder.responder,
            on_behalf=not _is_own(responder, asked), contacted_at=asked.contacted_at, note=asked.note,
        )
    ]  # fmt: skip


def not_an_emergency(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or whistle.type != EMERGENCY


def report_situation(case: Case, asked: Contact, pack: Pack) -> list[Event]:
    """W8 on site: until it is safe the next report is due in 2 h again (decisions 2.22)."""
    whistle, responder = moving(case, asked)
    return [
        SituationReported(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=responder.responder,
            on_behalf=not _is_own(responder, asked), reported_at=asked.contacted_at, note=asked.note,
            deadlines=limited(case, "situation", asked.at, pack),
        )
    ]  # fmt: skip


def arrival_incomplete(_case: Case, asked: Arrive, _pack: Pack) -> Broken:
    """Where and when, and no location trail; nobody has arrived in the future."""
    if not asked.where.strip():
        return True
    return {"why": "future"} if asked.arrived_at > asked.at + SKEW else False


def plan_agreed(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    whistle = the_whistle(case, asked)
    return is_planned(whistle, pack) and bool(whistle.tasks)


def no_plan_yet(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    return not plan_agreed(case, asked, pack)


def arrive(case: Case, asked: Arrive, pack: Pack) -> list[Event]:
    """W9. Arriving from `called` acknowledges in the same instant; nobody on site is sent away (2.21).

    The first arrival in a type without plan makes the whistle `working` (2.4).
    """
    whistle, responder = moving(case, asked)
    name, own = responder.responder, _is_own(responder, asked)
    events: list[Event] = []
    if responder.state == "called":
        events.append(
            WhistleAcknowledged(
                at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=name, on_behalf=not own,
                all_have=_all_have(whistle, name),
            )
        )  # fmt: skip
    arrived = WhistleArrived(
        at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=name, on_behalf=not own,
        arrived_at=min(asked.arrived_at, asked.at), where=asked.where, headcount=asked.headcount,
        state="working" if plan_agreed(case, asked, pack) else "on_site",
        first=all(each.arrived_at is None for each in whistle.responders.values()),
        starts_work=whistle.state == "blown" and not is_planned(whistle, pack),
    )  # fmt: skip
    return [*events, arrived]


def no_plan_for_type(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or not is_planned(whistle, pack)


def not_the_lead(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    """The lead, or the only unit. Once the lead is out, whoever is on site agrees it: work must go on."""
    whistle, mine = case.whistles.get(asked.whistle_id), own_response(case, asked)
    if whistle is None or mine is None:
        return True
    lead = whistle.responders.get(whistle.lead or "")
    if lead is None or lead.state in OUT:
        return False
    return {"lead": whistle.lead} if lead.responder != mine.responder else False


def not_on_site(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    mine = own_response(case, asked)
    return mine is None or mine.state != "on_site"


def plan_incomplete(_case: Case, asked: AgreePlan, _pack: Pack) -> Broken:
    if not asked.tasks or any(not task.text.strip() or not task.owner.strip() for task in asked.tasks):
        return True
    return {"why": "past"} if _latest(asked) <= asked.at else False


def _latest(asked: AgreePlan) -> datetime:
    return max(task.due for task in asked.tasks)


def agree_plan(case: Case, asked: AgreePlan, pack: Pack) -> list[Event]:
    """W10. Everybody then works to the latest task date, end of duty; it may be the case's first step too."""
    return [
        PlanAgreed(
            at=asked.at, by=by(asked), whistle_id=asked.whistle_id,
            tasks=tuple(PlannedTask(task.text, task.due, task.owner) for task in asked.tasks),
            finish=(ends_with(_latest(asked), asked.at, pack),),
            meets_first_step=step_met_by(case, pack) == "plan",
            deadlines=after_step(case, "plan", asked.at, pack),
        )
    ]  # fmt: skip


def evidence_missing(case: Case, asked: SubmitResponse, _pack: Pack) -> Broken:
    if not asked.text.strip():
        return {"evidence": "text"}
    known = range(len(the_whistle(case, asked).tasks))
    return {"evidence": "tasks_done"} if any(number not in known for number in asked.tasks_done) else False


def plan_needed(case: Case, asked: OfWhistle, pack: Pack) -> Broken:
    """From `on_site` only in types without plan (decisions 2.4)."""
    responder = responder_named(case, asked)
    return responder is not None and responder.state == "on_site" and is_planned(the_whistle(case, asked), pack)


def submit_response(case: Case, asked: SubmitResponse, pack: Pack) -> list[Event]:
    """W11. The last one in ends the work; a person's minutes go into the service record once (2.38)."""
    whistle, responder = moving(case, asked)
    all_in = not others_owe(whistle, responder.responder, asked.at)
    return [
        ResponseSubmitted(
            at=asked.at, by=by(asked), whistle_id=whistle.whistle_id, responder=responder.responder,
            on_behalf=not _is_own(responder, asked), text=asked.text, attachments=asked.attachments,
            tasks_done=asked.tasks_done, minutes=minutes(whistle, responder, asked.at) if responder.is_person else None,
            all_in=all_in, deadlines=limited(case, "rating", asked.at, pack) if all_in else (),
        )
    ]  # fmt: skip
