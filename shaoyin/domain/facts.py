"""What a row may ask of a matter: the facts by name, which values each can have, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from shaoyin.domain.catalogue import DutyList, EmergencyKind, of_category
from shaoyin.domain.conditions import Condition, Fact
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import URGENCIES, Pack, Urgency
from shaoyin.domain.place import AreaKind, How, Management
from shaoyin.domain.report import Answer, Secrecy
from shaoyin.domain.roles import FIRMS

Land = Literal["compound", "public"]
COMPOUND: Land = "compound"
PUBLIC: Land = "public"
Time = Literal["on_duty", "off_duty", "holiday", "night"]
NIGHT_FROM, NIGHT_UNTIL = 22, 7
PUBLIC_EMERGENCY = "PUB.*"

YES_NO = frozenset(
    {
        "sensitive",
        "masked",
        "firm",
        "elsewhere",
        "same_reporter",
        "needs_power",
        "order_unclaimed",
        "overloaded",
        "conflict",
        "dedicated_grid",
        "on_border",
        "equally_near",
        "place_known",
    }
)
_VALUES: Mapping[str, frozenset[str]] = {
    "management": frozenset(get_args(Management)),
    "area_kind": frozenset(get_args(AreaKind)),
    "inside": frozenset(get_args(AreaKind)),
    "land": frozenset(get_args(Land)),
    "place_how": frozenset(get_args(How)),
    "urgency": frozenset(URGENCIES),
    "secrecy": frozenset(get_args(Secrecy)),
    "at": frozenset(get_args(Time)),
    "emergency_mode": frozenset(get_args(EmergencyKind)),
    "duty_list": frozenset(get_args(DutyList)),
}
FACTS = frozenset({"category", "text", "returns", *YES_NO, *_VALUES})
"""What a condition may ask beside the questions of the form and the pack's counts."""


def known_fact(name: str, pack: Pack) -> bool:
    return name in FACTS or name in pack.questions or name in pack.counts


def can_be(condition: Condition, pack: Pack) -> bool:
    """Whether the fact has such values at all: a cell that can never hold is a broken cell (pitfalls)."""
    wanted = condition.wanted if isinstance(condition.wanted, tuple) else (condition.wanted,)
    question = pack.questions.get(condition.fact)
    if condition.fact == "text":
        return condition.op == "contains_any" and all(isinstance(word, str) and word for word in wanted)
    if condition.fact in {"returns", *pack.counts} or (question is not None and question.kind == "number"):
        numbers = all(isinstance(each, int) and not isinstance(each, bool) for each in wanted)
        return numbers and condition.op != "contains_any"
    if condition.op in ("at_least", "at_most"):
        return False
    if condition.fact in YES_NO or (question is not None and question.kind == "yes_no"):
        return condition.op != "contains_any" and all(isinstance(each, bool) for each in wanted)
    named = {name for name, _ in question.choices} if question is not None else _VALUES[condition.fact]
    return all(isinstance(each, str) and each in named for each in wanted)


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as the rows see it: what was reported, where, and what its caller gathered."""

    category: str | None
    area: str | None
    place_how: str | None
    urgency: Urgency
    secrecy: Secrecy
    text: str
    answers: Mapping[str, Answer]
    gathered: Mapping[str, Fact]
    elsewhere: bool = False
    order_unclaimed: bool = False


def facts_about(matter: Matter, at: datetime, pack: Pack) -> dict[str, Fact]:
    """What is not known has no entry: unknown is never false."""
    facts: dict[str, Fact] = {**matter.gathered, **matter.answers}
    facts.update(
        category=matter.category, urgency=matter.urgency, secrecy=matter.secrecy, text=matter.text,
        place_how=matter.place_how, same_reporter=matter.gathered.get("same_reporter_case") is not None,
        elsewhere=matter.elsewhere, order_unclaimed=matter.order_unclaimed,
    )  # fmt: skip
    if matter.area is not None:
        facts.update(place_facts(matter.area, at, pack))
        facts.update(pack.areas.facts(matter.area, matter.place_how))
    if matter.category is not None:
        _of_category(matter.category, matter.area, at, pack, facts)
    if pack.rules.asks("at", matter.category):
        facts["at"] = times(at, pack)
    return facts


def place_facts(area: str, at: datetime, pack: Pack) -> Mapping[str, Fact]:
    """By whom it is managed on that local day, and what it lies in; the same for all of a day, so they are kept."""
    day = pack.calendar.local_day(at)
    known = pack.placed.get((area, day))
    if known is None:
        if len(pack.placed) >= PLACES_AT_MOST:
            pack.placed.clear()
        known = pack.placed[area, day] = _place(area, at, pack)
    return known


PLACES_AT_MOST = 20_000


def _place(area: str, at: datetime, pack: Pack) -> dict[str, Fact]:
    managed = pack.areas.management(area, pack.calendar.local_day(at))
    kinds = tuple(each.kind for each in pack.areas.upward(area))
    compound = managed is not None or not COMPOUNDS.isdisjoint(kinds)
    return {
        "management": managed.mode if managed else None,
        "firm": managed.mode in FIRMS if managed else None,
        "area_kind": kinds[0],
        "inside": kinds,
        "land": COMPOUND if compound else PUBLIC,
    }


COMPOUNDS = frozenset({"estate", "courtyard"})


def _of_category(code: str, area: str | None, at: datetime, pack: Pack, facts: dict[str, Fact]) -> None:
    category, entry = pack.categories[code], pack.catalogue.get(code)
    facts.update(sensitive=category.sensitive, masked=category.masked)
    if entry is not None:
        facts.update(duty_list=entry.duty_list, needs_power=entry.needs is not None)
    for mode in pack.emergency_modes:
        here = area is None or pack.areas.covers(mode.area, area)
        if here and of_category((PUBLIC_EMERGENCY, *mode.categories), code) and mode.holds(pack.calendar.local_day(at)):
            facts["emergency_mode"] = mode.kind


def times(at: datetime, pack: Pack) -> tuple[Time, ...]:
    """Lunch is not off duty for a rule; only the clocks stop (domain 4.4)."""
    duty: Time = "on_duty" if pack.calendar.within_duty_span(at) else "off_duty"
    local = at.astimezone(pack.zone)
    holiday: tuple[Time, ...] = () if pack.calendar.is_workday(local.date()) else ("holiday",)
    night: tuple[Time, ...] = ("night",) if local.hour >= NIGHT_FROM or local.hour < NIGHT_UNTIL else ()
    return (duty, *holiday, *night)
