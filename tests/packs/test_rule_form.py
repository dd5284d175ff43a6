"""A row as fields of a form, and back: what nobody touched stays as it was written, what changed is what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shaoyin.adapters.pack_shapes import RuleRowShape
from shaoyin.adapters.packs import load, pages_of
from shaoyin.adapters.rule_choices import Choices, RuleChoices, codes_of
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_form import WHISTLE, fields_of, first, row_of
from shaoyin.adapters.rule_form_conditions import KEPT
from shaoyin.adapters.rule_table import rows_of, same
from shaoyin.domain.conditions import CATEGORY
from shaoyin.domain.facts import FACTS
from tests.packs.conftest import SHIPPED

PACKS = ["wulibao", "daxin", "xinya", "panlonggu", "songshan"]


def rows(pack: str) -> dict[str, dict[str, Any]]:
    return {line: in_codes(row.entry.data) for line, row in rows_of(pages_of(SHIPPED / pack)).items()}


def choices(pack: str) -> RuleChoices:
    found = load(SHIPPED / pack).pack
    assert found is not None
    return RuleChoices(found)


@pytest.mark.parametrize("pack", PACKS)
def test_a_form_that_nobody_touched_is_the_row_as_it_was_to_the_order_of_its_cells(pack: str) -> None:
    for line, row in rows(pack).items():
        back = row_of(fields_of(row), row)

        assert same(back, row), line
        assert list(back["when"]) == list(row["when"]), line


@pytest.mark.parametrize("pack", PACKS)
def test_what_the_form_makes_of_a_row_by_itself_means_the_same(pack: str) -> None:
    """As for a row that was not there: every cell is read from the fields."""
    for line, row in rows(pack).items():
        bare: dict[str, Any] = {name: row[name] for name in ("row", "part") if name in row}
        back = row_of(fields_of(row), bare)

        plain = {**row, "when": {fact: alone(cell) for fact, cell in row["when"].items()}}
        assert RuleRowShape.model_validate(back) == RuleRowShape.model_validate(plain), line


def alone(cell: object) -> object:
    """One of a list of one is that one."""
    match cell:
        case [one]:
            return one
        case {"is_not": [one]}:
            return {"is_not": one}
        case _:
            return cell


@pytest.mark.parametrize("pack", PACKS)
def test_every_shipped_row_can_be_chosen_from_what_the_form_offers(pack: str) -> None:
    offered = choices(pack)
    for line, row in rows(pack).items():
        fields = fields_of(row)
        for name, values in fields.items():
            for value in filter(None, values):
                assert may_be(name, value, fields, offered), (line, name, value)


def may_be(name: str, value: str, fields: dict[str, list[str]], offered: RuleChoices) -> bool:
    """Whether the form has the value among its choices, or leaves it to be written."""
    steps = name.split(".")
    match steps:
        case ["fact"]:
            return value in codes_of(offered.facts)
        case ["when", _, "op"]:
            return value != KEPT
        case ["when", fact, "value"]:
            return offered.kind(fact) != "named" or value in codes_of(offered.values(fact))
        case ["before" | "yields_to"]:
            return value in codes_of(offered.before(range(1, 400)))
        case [("main" | "late" | "desk" | "co" | "informed") as cell]:
            return all(each in codes_of(offered.cells[cell]) for each in value.split("|"))
        case ["whistles", _, ("type" | "tier" | "org_kind" | "resource" | "role") as cell]:
            return value in codes_of(offered.cells[cell])
        case [_, ("unit" | "met_by") as cell]:
            return value in codes_of(offered.cells[cell])
        case [("group" | "effect" | "mode" | "urgency" | "schedules") as cell]:
            return value in codes_of(offered.cells[cell])
        case _:
            return steps[-1] in ("n", "places", "dangerous", "task", "basis")


ROW: dict[str, Any] = {
    "row": 36, "group": "category", "effect": "decides",
    "when": {"category": "WAT.sewer_blocked", "public_main": {"is_not": True}},
    "then": {"main": "property|community", "informed": ["grid_lead"], "result_within": "24 h"}, "basis": "x",
}  # fmt: skip


def changed(**fields: list[str]) -> dict[str, Any]:
    return row_of({**fields_of(ROW), **fields}, ROW)


@pytest.mark.parametrize(
    ("field", "values", "cell", "is_now"),
    [
        ("main", ["street", "", ""], "main", "street"),
        ("main", ["street", "community"], "main", "street|community"),
        ("main", ["", ""], "main", None),
        ("informed", ["grid_lead", "building_chief", "grid_lead"], "informed", ["grid_lead", "building_chief"]),
        ("result_within.n", ["2"], "result_within", "2 h"),
        ("result_within.n", [""], "result_within", None),
        ("result_within.n", ["two"], "result_within", "two h"),
        ("yields_to", ["48", "category"], "yields_to", [48, "category"]),
        ("mode", ["O"], "mode", "O"),
        ("schedules", ["council_topic"], "schedules", "council_topic"),
    ],
)
def test_a_cell_of_what_follows_is_what_was_chosen(
    field: str, values: list[str], cell: str, is_now: object
) -> None:  # fmt: skip
    row = changed(**{field: values})

    assert row["then"].get(cell) == is_now
    assert {**row["then"], cell: None} == {**ROW["then"], cell: None}


@pytest.mark.parametrize(
    ("fact", "op", "values", "is_now"),
    [
        ("public_main", "yes", [], True),
        ("public_main", "no_or_unknown", [], {"is_not": True}),
        ("public_main", "yes_or_unknown", [], {"is_not": False}),
        ("category", "one_of", ["WAT.sewer_blocked", "WAT.*"], ["WAT.sewer_blocked", "WAT.*"]),
        ("category", "one_of", ["WAT.leak"], "WAT.leak"),
        ("category", "is_not", ["WAT.leak"], {"is_not": "WAT.leak"}),
        ("category", "one_of", [], []),
        ("returns", "at_least", ["3"], {"at_least": 3}),
        ("returns", "is", ["-1"], -1),
        ("returns", "is", ["three"], "three"),
        ("text", "contains_any", ["绝密\n 机密 \n"], {"contains_any": ["绝密", "机密"]}),
    ],
)
def test_a_condition_is_what_was_chosen(fact: str, op: str, values: list[str], is_now: object) -> None:
    facts = [*dict.fromkeys(("category", "public_main", fact))]
    row = changed(fact=facts, **{f"when.{fact}.op": [op], f"when.{fact}.value": values})

    assert row["when"][fact] == is_now


def test_a_condition_that_is_not_asked_any_more_goes_and_another_comes_last() -> None:
    row = changed(fact=["category", "public_main", "firm"], **{"when.public_main.op": [""], "when.firm.op": ["no"]})

    assert row["when"] == {"category": "WAT.sewer_blocked", "firm": False}


def test_a_condition_for_which_the_form_has_no_words_is_kept() -> None:
    odd = {**ROW, "when": {"returns": [1, 3]}}
    fields = fields_of(odd)

    assert first("when.returns.op", fields) == KEPT
    assert row_of({**fields, "basis": ["y"]}, odd)["when"] == {"returns": [1, 3]}
    assert row_of({**fields, "when.returns.op": [""]}, odd)["when"] == {}


@pytest.mark.parametrize(
    ("cell", "op", "values"),
    [
        ("not_known", "unknown", []),
        ("不知道", "unknown", []),
        ({"is_not": "not_known"}, "known", []),
        (["fire", "不清楚"], "one_of", ["fire", "not_known"]),
        ({"is_not": ["fire", "not_known"]}, "is_not", ["fire", "not_known"]),
        ([True, "not_known"], KEPT, []),
    ],
)
def test_that_something_is_not_known_is_asked_like_anything_else(cell: object, op: str, values: list[str]) -> None:
    row = {**ROW, "when": {"danger": cell}}
    fields = fields_of(row)

    assert (first("when.danger.op", fields), fields["when.danger.value"]) == (op, values)
    assert row_of({**fields, "basis": ["y"]}, row)["when"] == {"danger": cell}, "as it was written"
    anew = row_of(fields, {"row": 36})["when"].get("danger")
    assert op == KEPT or RuleRowShape.model_validate({**ROW, "when": {"danger": anew}}) == RuleRowShape.model_validate(
        row
    )


def test_that_nothing_is_known_is_offered_only_where_it_may_be() -> None:
    offered = choices("wulibao")

    assert "not_known" in codes_of(offered.values("danger"))
    assert "not_known" in codes_of(offered.values("category"))
    assert "not_known" not in codes_of(offered.values("urgency"))


def test_whistles_are_added_changed_and_taken_away() -> None:
    whistle = {
        "type": "partner_unit_whistle", "tier": "member", "task": "疏通", "org_kind": "partner_unit", "resource": "van",
        "places": 2, "dangerous": True,
    }  # fmt: skip
    row = row_of(
        {**fields_of(ROW), **{f"whistles.0.{part}": [_as_field(whistle.get(part))] for part in WHISTLE}}, ROW
    )  # fmt: skip
    assert row["then"]["whistles"] == [whistle]

    fewer = row_of({**fields_of(row), "whistles.0.places": [""], "whistles.0.dangerous": []}, row)
    assert fewer["then"]["whistles"] == [
        {each: whistle[each] for each in ("type", "tier", "task", "org_kind", "resource")}
    ]
    assert "whistles" not in row_of({**fields_of(row), "whistles.0.type": [""]}, row)["then"]


def _as_field(cell: object) -> str:
    return "yes" if cell is True else "" if cell is None else str(cell)


def test_everything_that_a_condition_may_ask_is_offered_with_its_words() -> None:
    offered = choices("wulibao")
    facts = list(codes_of(offered.facts))
    pack = load(Path(SHIPPED / "wulibao")).pack
    assert pack is not None

    assert set(facts) == {*FACTS, *pack.questions, *pack.counts}
    assert len(facts) == len(set(facts))
    for fact in facts:
        if offered.kind(fact) == "named":
            assert list(codes_of(offered.values(fact))), fact
    assert all(choice.zh != choice.code for group in offered.facts[:2] for choice in group.of)


def test_categories_are_offered_under_their_first_level_which_may_be_meant_as_a_whole() -> None:
    offered = choices("wulibao").values(CATEGORY)
    water = next(each for each in offered if each.zh == "供水排水")

    assert isinstance(water, Choices)
    assert water.of[0] == ("WAT.*", "WAT 整类", "all of WAT")
    assert len(list(codes_of(offered))) == 104 + len(offered), "each level as a whole, and not known"
