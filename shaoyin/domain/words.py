"""How a fact is said to a person: names of places and units, and one line for each event, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shaoyin.domain import events as ev
from shaoyin.domain.events import Event
from shaoyin.domain.pack import Pack

UNKNOWN = "—"


class _Facts(dict[str, str]):
    """A placeholder that this event has no fact for is a dash, never an error in front of a reader."""

    def __missing__(self, name: str) -> str:
        return UNKNOWN


def filled(pack: Pack, key: str, language: str, facts: Mapping[str, str]) -> str:
    return pack.text(key, language).format_map(_Facts(facts))


def place_name(pack: Pack, area: str | None, language: str) -> str:
    """What people call the place; a building's own name already says which compound it belongs to."""
    if area is None or area not in pack.areas.areas:
        return UNKNOWN
    return pack.areas.areas[area].name[language]


def unit_name(pack: Pack, org: str | None, language: str) -> str:
    known = pack.directory.orgs.get(org or "")
    return known.name[language] if known else UNKNOWN


def instant(pack: Pack, at: datetime, language: str) -> str:
    """Dates as people write them here: 2026年9月30日 18:00."""
    local = at.astimezone(pack.zone)
    if language == "zh-CN":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %Y, %H:%M}"


def line(pack: Pack, event: Event, number: str | None, language: str, whistles: Mapping[str, str] | None = None) -> str:
    """One sentence for the timeline that staff read. `whistles` are the types of the case's whistles by their ids."""
    facts = {"number": number or UNKNOWN, **_facts(pack, event, language)}
    if isinstance(event, ev.OfWhistle) and "whistle" not in facts:
        facts["whistle"] = whistle_name(pack, (whistles or {}).get(event.whistle_id), language)
    return filled(pack, f"timeline.{event.type}", language, facts)


def category_name(pack: Pack, category: str | None, language: str) -> str:
    known = pack.categories.get(category or "")
    return known.name[language] if known else UNKNOWN


def whistle_name(pack: Pack, kind: str | None, language: str) -> str:
    known = pack.whistle_types.get(kind or "")
    return known.name[language] if known else UNKNOWN


def _facts(pack: Pack, event: Event, language: str) -> dict[str, str]:
    """The placeholders of the timeline, from the public fields that the event has; never a note or a name."""
    facts = {"unit": _acting(pack, event.by, language), **_due(pack, event, language)}
    if isinstance(event, ev.OfWhistle):
        return facts | _of_whistle(pack, event, language)
    if isinstance(event, ev.HandingEvent):
        return facts | _of_handing(pack, event, language)
    match event:
        case ev.CaseReported():
            return facts | {"place": place_name(pack, event.area, language)}
        case ev.CaseAccepted():
            category = category_name(pack, event.category, language)
            return facts | {"category": category, "place": place_name(pack, event.area, language)}
        case ev.CaseReclassified():
            return facts | {"category": category_name(pack, event.category, language)}
        case ev.AreaChanged():
            return facts | {"place": place_name(pack, event.area, language)}
        case ev.UrgencyChanged():
            return facts | {"urgency": pack.text(f"urgency.{event.urgency}", language)}
        case ev.VerifyRequested():
            return facts | {"responder": unit_name(pack, event.verifier.org, language)}
        case ev.CaseVerified():
            return facts | {"finding": pack.text(f"finding.{event.finding}", language)}
        case ev.CaseTransferredOut():
            return facts | {"receiver": event.receiver}
        case ev.CaseClosed():
            return facts | {"outcome": pack.text(f"outcome.{event.outcome}", language)}
        case ev.CaseOverdue() | ev.CaseDueSoon():
            return facts | {"clock": pack.text(f"clock.{event.clock}", language), "unit": _told(pack, event, language)}
        case ev.CaseSupervised():
            return facts | {"grade": pack.text(f"grade.{event.grade}", language)}
        case _:
            return facts


def _of_handing(pack: Pack, event: ev.HandingEvent, language: str) -> dict[str, str]:
    match event:
        case ev.CaseDispatched() | ev.CaseReassigned() | ev.CaseAdjudicated():
            return {"unit": unit_name(pack, event.main.org, language)}
        case ev.HandlerAdded():
            return {"responder": unit_name(pack, event.handler.org, language)}
        case ev.PartyNotified():
            return {"responder": unit_name(pack, event.party.org, language)}
        case ev.PartSubmitted():
            return {"responder": _responder(pack, event.handler, language)}
        case _:
            return {}


def _of_whistle(pack: Pack, event: ev.WhistleEvent, language: str) -> dict[str, str]:
    match event:
        case ev.WhistleRequested():
            return {"whistle": whistle_name(pack, event.whistle_type, language)}
        case ev.WhistleBlown():
            said = {"count": str(len(event.called))}
            opened = event.opened
            return said | ({"whistle": whistle_name(pack, opened.whistle_type, language)} if opened else {})
        case ev.WhistleOverdue():
            return {"clock": pack.text(f"clock.{event.clock}", language), "unit": _told(pack, event, language)}
        case ev.ResponderAdded():
            return {"responder": _responder(pack, event.called.responder, language)}
        case ev.ApprovedAfterwards():
            return {"decision": pack.text(f"decision.{'approved' if event.approved else 'disapproved'}", language)}
        case ev.ObjectionDecided():
            decision = pack.text(f"decision.{event.decision}", language)
            return {"responder": _responder(pack, event.responder, language), "decision": decision}
        case ev.OfResponder():
            return {"responder": _responder(pack, event.responder, language)}
        case _:
            return {}


def _due(pack: Pack, event: Event, language: str) -> dict[str, str]:
    """The date that was set: the result's where there is one, else the last."""
    deadlines: tuple[ev.Deadline, ...] = getattr(event, "deadlines", ())
    if isinstance(event, ev.ExtensionApproved | ev.ExtensionRequested):
        return {"due": instant(pack, event.until, language)}
    if not deadlines:
        return {}
    found = next((each for each in deadlines if each.clock == "result"), deadlines[-1])
    return {"due": instant(pack, found.due_at, language)}


def _acting(pack: Pack, by: ev.By, language: str) -> str:
    """The body of the post that acted; a person without one is a member, without a name (decisions 2.34)."""
    post = pack.directory.posts.get(by.post or "")
    if post is not None:
        return unit_name(pack, post.org, language)
    return UNKNOWN if by.person is None else pack.text("responder.member", language)


def _responder(pack: Pack, responder: str, language: str) -> str:
    """A unit by its name; a person is a member, without a name (decisions 2.34)."""
    post = pack.directory.posts.get(responder)
    return unit_name(pack, post.org, language) if post else pack.text("responder.member", language)


def _told(pack: Pack, event: ev.CaseOverdue | ev.CaseDueSoon | ev.WhistleOverdue, language: str) -> str:
    told: tuple[str, ...] = getattr(event, "told", ())
    orgs = dict.fromkeys(pack.directory.posts[each].org for each in told if each in pack.directory.posts)
    return ("、" if language == "zh-CN" else ", ").join(unit_name(pack, org, language) for org in orgs)
