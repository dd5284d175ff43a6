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


def line(pack: Pack, event: Event, number: str | None, language: str) -> str:
    """One sentence for the timeline that staff read."""
    return filled(
        pack, f"timeline.{event.type}", language, {"number": number or UNKNOWN, **_facts(pack, event, language)}
    )


def _facts(pack: Pack, event: Event, language: str) -> dict[str, str]:
    """The placeholders of the timeline, from the fields that the event has."""
    facts: dict[str, str] = {}
    match event:
        case ev.CaseAccepted():
            facts = {
                "category": pack.categories[event.category].name[language],
                "place": place_name(pack, event.area, language),
            }
        case ev.CaseDispatched():
            facts = {"unit": unit_name(pack, event.main.org, language)}
        case ev.CaseOverdue() | ev.WhistleOverdue() | ev.CaseDueSoon():
            facts = {"clock": pack.text(f"clock.{event.clock}", language), "unit": _told(pack, event, language)}
        case ev.CaseSupervised():
            facts = {"grade": pack.text(f"grade.{event.grade}", language)}
        case ev.CaseClosed():
            facts = {"outcome": pack.text(f"outcome.{event.outcome}", language)}
        case ev.WhistleRequested():
            facts = {"whistle": pack.whistle_types[event.whistle_type].name[language]}
        case ev.WhistleBlown():
            facts = {"count": str(len(event.called))}
        case ev.OfResponder():
            facts = {"responder": _responder(pack, event.responder, language)}
        case _:
            pass
    deadlines: tuple[ev.Deadline, ...] = getattr(event, "deadlines", ())
    return {**facts, "due": instant(pack, deadlines[-1].due_at, language)} if deadlines else facts


def _responder(pack: Pack, responder: str, language: str) -> str:
    """A unit by its name; a person is a member, without a name (decisions 2.34)."""
    post = pack.directory.posts.get(responder)
    return unit_name(pack, post.org, language) if post else pack.text("responder.member", language)


def _told(pack: Pack, event: Event, language: str) -> str:
    told: tuple[str, ...] = getattr(event, "told", ())
    orgs = dict.fromkeys(pack.directory.posts[each].org for each in told if each in pack.directory.posts)
    return ("、" if language == "zh-CN" else ", ").join(unit_name(pack, org, language) for org in orgs)
