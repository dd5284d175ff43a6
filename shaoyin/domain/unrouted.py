"""Categories that would fall to the last row of the table by accident: neither a row of their own nor a place row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from shaoyin.domain.catalogue import of_category
from shaoyin.domain.conditions import Fact
from shaoyin.domain.facts import COMPOUND, PUBLIC
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Management
from shaoyin.domain.roles import FIRMS

NUMBERS = (1, 5)
"""Answers tried for a question that wants a number."""


def categories_without_row(pack: Pack) -> list[str]:
    """Categories for which, in some compound or with some answer, only the fallback row is left.

    On public land a thing without a row of its own goes there by design (domain 4.4): nobody manages the place. What
    is bound to no thing has a row of its own; who manages the place says nothing about it.
    """
    found: list[str] = []
    for code in pack.categories:
        if _falls(code, pack):
            found.append(code)
        pack.rules.forget()  # nobody ever reports one of these matters, and all of them take more room than the pack
    return found


def _falls(code: str, pack: Pack) -> bool:
    inside = [_group(code, place, pack) for place in _compounds()]
    outside = _group(code, PUBLIC_LAND, pack)
    if of_category(BOUND_TO_NO_THING, code):
        return not {"whose", "fallback"}.isdisjoint((*inside, outside))
    return "fallback" in inside or ("whose" not in inside and outside == "fallback")


BOUND_TO_NO_THING = ("DIS.*", "LAB.*", "WEL.*", "CAR.*", "CON.*", "MIS.*", "DEL.*", "VOL.*", "PUB.*")
"""First levels before which a place row has nothing to say, and so has row 20."""


PUBLIC_LAND: Mapping[str, Fact] = {
    "land": PUBLIC, "inside": ("community", "micro_grid", "building"), "area_kind": "building", "place_known": True,
}  # fmt: skip


def _compounds() -> Iterator[Mapping[str, Fact]]:
    for mode in get_args(Management):
        yield {
            "management": mode, "firm": mode in FIRMS, "land": COMPOUND, "place_known": True, "area_kind": "building",
            "inside": ("community", "courtyard", "micro_grid", "building"),
        }  # fmt: skip


def _group(code: str, place: Mapping[str, Fact], pack: Pack) -> str:
    """The group of the row that names the handler; the last one as soon as a single answer leads there."""
    category = pack.categories[code]
    known: dict[str, Fact] = {
        "category": code, "urgency": category.urgency, "masked": category.masked, "sensitive": category.sensitive,
        **place,
    }  # fmt: skip
    entry = pack.catalogue.get(code)
    if entry is not None:
        known.update(duty_list=entry.duty_list, needs_power=entry.needs is not None)
    groups = [pack.rules.walk(known | said).decided.group for said in _answers(code, pack)]
    return "fallback" if "fallback" in groups else groups[0]


def _answers(code: str, pack: Pack) -> Iterator[dict[str, Fact]]:
    yield {}
    for name in pack.categories[code].questions:
        question = pack.questions.get(name)
        if question is None:
            continue
        values: tuple[Fact, ...] = (True, False) if question.kind == "yes_no" else NUMBERS
        for value in values if question.kind != "choice" else [choice for choice, _ in question.choices]:
            yield {name: value}
