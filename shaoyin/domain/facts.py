"""What a row may ask of a matter: the facts by name, which values each can have, and how they are found."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from shaoyin.domain.catalogue import DutyList, EmergencyKind, of_category
from shaoyin.domain.conditions import Condition, Fact, named
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import URGENCIES, Pack, Urgency
from shaoyin.domain.place import AreaKind, How, ManagedFrom, Management
from shaoyin.domain.report import Answer, Secrecy
from shaoyin.domain.roles import FIRMS

Land = Literal["compound", "public"]
COMPOUND: Land = "compound"
PUBLIC: Land = "public"
Time = Literal["on_duty", "off_duty", "holiday", "night"]
NIGHT_FROM, NIGHT_UNTIL = 22, 7
PUBLIC_EMERGENCY = "PUB.*"
COUNTED_AT_MOST = 100
"""More than so many are told as this many: no row may ask for more, and a crowd need not be counted to the last."""

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
VALUES: Mapping[str, frozenset[str]] = {
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
NUMBERS = frozenset({"returns"})
FACTS = frozenset({"category", "text", *NUMBERS, *YES_NO, *VALUES})
"""What a condition may ask beside the questions of the form and the pack's counts."""
ALWAYS_KNOWN = frozenset(
    {
        "urgency", "secrecy", "text", "at", "elsewhere", "same_reporter", "order_unclaimed", "conflict", "overloaded",
        "returns",
    }
)  # fmt: skip
"""Facts of every matter, or of every one of which they are asked: a row cannot ask that they are not known."""


def known_fact(name: str, pack: Pack) -> bool:
    return name in FACTS or name in pack.questions or name in pack.counts


def can_be(condition: Condition, pack: Pack) -> bool:
    """Whether the fact has such values at all: a cell that can never hold is a broken cell (pitfalls)."""
    wanted = tuple(each for each in named(condition) if each is not None)
    if len(wanted) < len(named(condition)) and condition.fact in ALWAYS_KNOWN:
        return False
    question = pack.questions.get(condition.fact)
    if condition.fact == "text":
        return condition.op == "contains_any" and all(isinstance(word, str) and word for word in wanted)
    if condition.fact in {*NUMBERS, *pack.counts} or (question is not None and question.kind == "number"):
        most = COUNTED_AT_MOST if condition.fact in pack.counts else sys.maxsize
        numbers = all(isinstance(each, int) and not isinstance(each, bool) and each <= most for each in wanted)
        return numbers and condition.op != "contains_any"
    if condition.op in ("at_least", "at_most"):
        return False
    if condition.fact in YES_NO or (question is not None and question.kind == "yes_no"):
        return condition.op != "contains_any" and all(isinstance(each, bool) for each in wanted)
    values = {name for name, _ in question.choices} if question is not None else VALUES[condition.fact]
    return condition.op != "contains_any" and all(isinstance(each, str) and each in values for each in wanted)


ALWAYS_ASKED = frozenset({"danger"})
"""Questions of every category."""


def may_be_several(fact: str, pack: Pack) -> bool:
    """Whether the fact may have several values at once."""
    question = pack.questions.get(fact)
    return fact == "inside" or (question is not None and question.several)


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
    return facts_at(matter, moment(at, pack), pack)


def facts_at(matter: Matter, now: Moment, pack: Pack) -> dict[str, Fact]:
    """As `facts_about`, of a moment that is known already."""
    facts: dict[str, Fact] = {**matter.gathered, **matter.answers}
    facts["category"], facts["urgency"], facts["secrecy"] = matter.category, matter.urgency, matter.secrecy
    facts["text"], facts["place_how"], facts["elsewhere"] = matter.text, matter.place_how, matter.elsewhere
    facts["order_unclaimed"] = matter.order_unclaimed
    facts["same_reporter"] = matter.gathered.get("same_reporter_case") is not None
    if matter.area is not None:
        managed = pack.areas.management(matter.area, now.day)
        facts.update(here(matter.area, matter.place_how, managed, pack))
    if matter.category is not None:
        _of_category(matter.category, matter.area, now.day, pack, facts)
    if pack.rules.asks("at", matter.category):
        facts["at"] = now.times
    return facts


def here(area: str, how: str | None, managed: ManagedFrom | None, pack: Pack) -> Mapping[str, Fact]:
    """What the rows may ask of a place; the same as long as the mode is, so it is kept."""
    key = (area, how, None if managed is None else managed.mode)
    known = pack.placed.get(key)
    if not isinstance(known, dict):
        if len(pack.placed) >= PLACES_AT_MOST:
            pack.placed.clear()
        known = pack.placed[key] = _here(area, how, managed, pack)
    return known


PLACES_AT_MOST = 20_000


def _here(area: str, how: str | None, managed: ManagedFrom | None, pack: Pack) -> dict[str, Fact]:
    kinds = tuple(each.kind for each in pack.areas.upward(area))
    compound = managed is not None or not COMPOUNDS.isdisjoint(kinds)
    return {
        "management": managed.mode if managed else None,
        "firm": managed.mode in FIRMS if managed else None,
        "area_kind": kinds[0],
        "inside": kinds,
        "land": COMPOUND if compound else PUBLIC,
        **pack.areas.facts(area, how),
    }


COMPOUNDS = frozenset({"estate", "courtyard"})


def _of_category(code: str, area: str | None, day: date, pack: Pack, facts: dict[str, Fact]) -> None:
    category, entry = pack.categories[code], pack.catalogue.get(code)
    facts["sensitive"], facts["masked"] = category.sensitive, category.masked
    if entry is not None:
        facts.update(duty_list=entry.duty_list, needs_power=entry.needs is not None)
    for mode in pack.emergency_modes:
        inside = area is None or pack.areas.covers(mode.area, area)
        if inside and of_category((PUBLIC_EMERGENCY, *mode.categories), code) and mode.holds(day):
            facts["emergency_mode"] = mode.kind


class Moment(NamedTuple):
    day: date
    times: tuple[Time, ...]


def moment(at: datetime, pack: Pack) -> Moment:
    """The local day, and what hour it is for a rule; the same for all of a minute, so it is kept."""
    minute = int(at.timestamp()) // 60
    known = pack.placed.get(minute)
    if not isinstance(known, Moment):
        if len(pack.placed) >= PLACES_AT_MOST:
            pack.placed.clear()
        known = pack.placed[minute] = _moment(at, pack)
    return known


def _moment(at: datetime, pack: Pack) -> Moment:
    """Lunch is not off duty for a rule; only the clocks stop (domain 4.4)."""
    local = at.astimezone(pack.zone)
    duty: Time = "on_duty" if pack.calendar.within_duty_span(local) else "off_duty"
    holiday: tuple[Time, ...] = () if pack.calendar.is_workday(local.date()) else ("holiday",)
    night: tuple[Time, ...] = ("night",) if local.hour >= NIGHT_FROM or local.hour < NIGHT_UNTIL else ()
    return Moment(local.date(), (duty, *holiday, *night))
