"""An editor that reads the JSON Schemas accepts what the loader accepts, and refuses the broken cells it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shaoyin.__main__ import main
from shaoyin.adapters.pack_files import read
from shaoyin.adapters.schema_names import folders_in, known_names
from shaoyin.adapters.schema_pages import schemas
from tests.packs.conftest import SHIPPED, Copy

ROW = """\
- row: 990
  group: category
  effect: decides
  when: {category: WAT.sewer_blocked, management: [none, self_managed], inside_flat: {is_not: true}}
  then:
    main: community|grid_lead
    co: ["dept:housing"]
    mode: WM
    first_step: {within: 2 h, met_by: reply}
    whistles: [{type: member_service_whistle, tier: member, places: 4, task: 到场}]
  basis: 试点
"""
PAGE = "wulibao/rules.yaml"


@cache
def validator(page: str) -> Draft202012Validator:
    known, wrong = known_names(folders_in(SHIPPED))
    assert wrong == []
    schema = schemas(known)[page]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_an_editor_reads(cell: Any) -> Any:
    """YAML of an editor has no days: they are texts to it."""
    match cell:
        case {**cells}:
            return {name: as_an_editor_reads(each) for name, each in cells.items()}
        case [*each]:
            return [as_an_editor_reads(one) for one in each]
        case date():
            return cell.isoformat()
        case _:
            return cell


def refused(page: str, raw: bytes) -> list[str]:
    return [
        f"{each.json_path}: {each.message}" for each in validator(page).iter_errors(as_an_editor_reads(read(raw).data))
    ]


def shipped(page: str) -> Iterator[Path]:
    return SHIPPED.glob(f"*/{page}")


@pytest.mark.parametrize("page", list(shipped("rules.yaml")), ids=lambda page: page.parent.name)
def test_a_shipped_page_is_right_in_an_editor(page: Path) -> None:
    assert refused(page.name, page.read_bytes()) == []


BROKEN = {
    "a number in quotes": ("row: 990", 'row: "990"'),
    "a number below one": ("row: 990", "row: 0"),
    "a missing field": ("  basis: 试点\n", ""),
    "an unknown column": ("  basis: 试点", "  bases: 试点\n  basis: 试点"),
    "an unknown group": ("group: category", "group: categories"),
    "an unknown role": ("community|grid_lead", "comunity"),
    "an unknown role behind another": ("community|grid_lead", "community|grid_boss"),
    "an unknown role beside it": ('"dept:housing"', "housing"),
    "a list for one role": ("main: community|grid_lead", "main: [community, grid_lead]"),
    "an unknown mode": ("mode: WM", "mode: MW"),
    "a misspelt category": ("WAT.sewer_blocked", "WAT.sewer_bloked"),
    "no level of categories": ("WAT.sewer_blocked", "WTA.*"),
    "a fact nobody knows": ("inside_flat:", "inside_flt:"),
    "a value that cannot be": ("[none, self_managed]", "[none, self_manged]"),
    "a word for a yes": ("{is_not: true}", "{is_not: maybe}"),
    "an unknown test": ("{is_not: true}", "{isnt: true}"),
    "a count of a choice": ("[none, self_managed]", "{at_least: 3}"),
    "an empty list": ("[none, self_managed]", "[]"),
    "an empty cell": ("main: community|grid_lead", "main:"),
    "an urgency that nobody knows": ("inside_flat: {is_not: true}", "urgency: not_known"),
    "a number of returns that nobody knows": ("inside_flat: {is_not: true}", "returns: {is_not: 不知道}"),
    "a category that nobody knows": ("WAT.sewer_blocked", "[WAT.sewer_blocked, not_known]"),
    "what is not known as a size": ("[none, self_managed]", "{at_least: not_known}"),
    "no main handler": ("    main: community|grid_lead\n", ""),
    "an unknown cell of then": ("    co: ", "    also: "),
    "a length without unit": ("within: 2 h", "within: 2"),
    "a length of no unit": ("within: 2 h", "within: 2 hours"),
    "an unknown whistle": ("member_service_whistle", "member_service"),
    "an unknown tier": ("tier: member", "tier: members"),
    "a missing task": (", task: 到场", ""),
    "no places": ("places: 4", "places: 0"),
    "a place in quotes": ("places: 4", 'places: "4"'),
    "what meets no step": ("met_by: reply", "met_by: replies"),
}


@pytest.mark.parametrize(("old", "new"), BROKEN.values(), ids=BROKEN)
def test_a_cell_that_the_loader_refuses_is_refused_by_an_editor(packs: Copy, old: str, new: str) -> None:
    assert refused("rules.yaml", ROW.encode()) == []
    assert ROW.count(old) == 1
    broken = ROW.replace(old, new)
    packs.add(PAGE, broken)

    assert packs.problems()
    assert refused("rules.yaml", broken.encode())


def test_the_row_that_is_broken_here_is_right_for_the_loader(packs: Copy) -> None:
    assert packs.add(PAGE, ROW).pack().rules.by_number[990]


@pytest.mark.parametrize(
    "cell",
    ["inside_flat: not_known", "inside_flat: 不知道", "danger: [fire, not_known]", "people: {不是: 不清楚}",
     "danger: {is_not: [none, 不清楚]}", "duty_list: not_known", "same_drain_90d: not_known"],
)  # fmt: skip
def test_what_is_not_known_may_be_asked_for_in_an_editor_as_by_the_loader(packs: Copy, cell: str) -> None:
    row = ROW.replace("inside_flat: {is_not: true}", cell)
    if "people" in cell:
        row = row.replace("WAT.sewer_blocked", "DIS.group")

    assert refused("rules.yaml", row.encode()) == []
    assert packs.add(PAGE, row).pack().rules.by_number[990]


def test_a_row_in_words_is_right_in_an_editor() -> None:
    from tests.packs.test_chinese_words import IN_CODES, IN_WORDS

    assert refused("rules.yaml", IN_WORDS.encode()) == []
    assert refused("rules.yaml", IN_CODES.encode()) == []


def test_what_may_stand_in_a_cell_is_said_in_two_languages() -> None:
    schema = validator("rules.yaml").schema
    assert isinstance(schema, dict)
    defs = schema["$defs"]
    said = {each["const"]: each.get("description") for each in defs["category_or_all"]["anyOf"]}

    assert said["WAT.sewer_blocked"] == "下水道堵塞 / Blocked sewer or drain"
    assert defs["ThenCell"]["properties"]["main"]["description"] == "主办 / main"
    assert defs["when"]["properties"]["inside_flat"]["description"].startswith("坏的东西是在自己家里面吗?")


def test_the_schemas_are_as_old_as_the_packs(packs: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = tmp_path / "schemas"
    given = ["schema", "--packs", str(packs.folder), "--into", str(into)]

    assert main(given) == 0
    assert main([*given, "--check"]) == 0
    assert {name.name: name.read_text("utf-8") for name in into.iterdir()} == {
        name.name: name.read_text("utf-8") for name in (SHIPPED.parent / "docs" / "schemas").iterdir()
    }

    packs.change("base/categories.yaml", "zh-CN: 下水道堵塞", "zh-CN: 下水道不通")
    capsys.readouterr()
    assert main([*given, "--check"]) == 1
    assert "rules.json: 与规则包不符" in capsys.readouterr().out
    assert main(given) == 0
    assert "下水道不通" in (into / "rules.json").read_text("utf-8")


def test_a_page_that_cannot_be_read_makes_no_schema(
    packs: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packs.change("base/categories.yaml", "WAT.sewer_blocked:", "sewer_blocked:")

    assert main(["schema", "--packs", str(packs.folder), "--into", str(tmp_path / "schemas")]) == 1
    assert "类别写成 WAT.sewer_blocked 的样子" in capsys.readouterr().out
    assert not (tmp_path / "schemas").exists()
