"""What can be reported where: the communities, and for each its categories, questions and places to pick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.intake.report_body import BODY_AT_MOST
from shaoyin.adapters.category_groups import group_name
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Category, Pack, Question
from shaoyin.domain.place import Area
from shaoyin.domain.report import DESCRIPTION_AT_MOST

COMPOUNDS = frozenset({"estate", "courtyard"})
"""What people call the place where they live; buildings are offered under it."""
DANGER = "danger"
SECRECIES = ("open", "confidential", "anonymous")


@dataclass(frozen=True, slots=True)
class Compound:
    """A courtyard or estate with its buildings."""

    area: Area
    buildings: tuple[Area, ...]


def listed(packs: Mapping[str, Pack], language: Language) -> dict[str, object]:
    """api.md, a list; there is never a second page."""
    items = [
        {"community": pack.name, "name": pack.names[language], "pack_version": pack.version}
        for pack in sorted(packs.values(), key=lambda pack: pack.name)
    ]
    return {"items": items, "next": None}


def form_for(pack: Pack, language: Language, day: date) -> dict[str, object]:
    """Everything a form needs to ask; a question not answered is "not known", never "no"."""
    return {
        "community": pack.name,
        "name": pack.names[language],
        "pack_version": pack.version,
        "groups": [
            {
                "group": group,
                "name": group_name(group, language),
                "categories": [_category(each, language) for each in of],
            }
            for group, of in grouped(pack).items()
        ],
        "asked_always": asked_always(pack),
        "questions": [_question(each, language) for each in pack.questions.values()],
        "places": [
            {**_place(compound.area, language), "buildings": [_place(each, language) for each in compound.buildings]}
            for compound in compounds(pack, day)
        ],
        "emergency": emergency_numbers(pack, language),
        "secrecy": list(SECRECIES),
        "limits": {"description": DESCRIPTION_AT_MOST, "body": BODY_AT_MOST, "photos": 0},
    }


def grouped(pack: Pack) -> Mapping[str, list[Category]]:
    """By the first level of their codes, in the pack's order."""
    groups: dict[str, list[Category]] = {}
    for category in pack.categories.values():
        groups.setdefault(category.code.partition(".")[0], []).append(category)
    return groups


def compounds(pack: Pack, day: date) -> list[Compound]:
    """Estates and courtyards with their buildings, as they are on that day.

    A building that lies in none comes under the area around it.
    """
    areas = pack.areas.areas
    there = [area for area in areas.values() if area.valid_on(day)]
    found: dict[str, list[Area]] = {area.area_id: [] for area in there if area.kind in COMPOUNDS}
    for area in there:
        if area.kind == "building":
            around = pack.areas.nearest(area.area_id, COMPOUNDS)
            found.setdefault(around.area_id if around else area.parent or pack.root, []).append(area)
    return [Compound(areas[area_id], tuple(buildings)) for area_id, buildings in found.items()]


def emergency_numbers(pack: Pack, language: Language) -> list[dict[str, str]]:
    """Each number once, with what to say beside it."""
    shown: dict[str, str] = {}
    for sign in pack.emergencies:
        shown.setdefault(sign.number, sign.say[language])
    return [{"number": number, "say": say} for number, say in shown.items()]


def questions_of(pack: Pack, category: str | None) -> list[Question]:
    """Whether anybody is in danger is asked always and first; then those of the category, in its order."""
    of_category = () if category is None else pack.categories[category].questions
    names = dict.fromkeys((*asked_always(pack), *of_category))
    return [pack.questions[name] for name in names]


def asked_always(pack: Pack) -> list[str]:
    return [DANGER] if DANGER in pack.questions else []


def _category(category: Category, language: Language) -> dict[str, object]:
    return {
        "category": category.code,
        "name": category.name[language],
        "masked": category.masked,
        "evidence": category.evidence,
        "questions": list(category.questions),
    }


def _question(question: Question, language: Language) -> dict[str, object]:
    choices = [{"value": value, "name": name[language]} for value, name in question.choices]
    return {
        "question": question.question,
        "kind": question.kind,
        "asks": question.asks[language],
        **({"several": True} if question.several else {}),
        **({"choices": choices} if question.kind == "choice" else {}),
    }


def _place(area: Area, language: Language) -> dict[str, object]:
    return {"area": area.area_id, "name": area.name[language], "kind": area.kind}
