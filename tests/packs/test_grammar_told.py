"""The guide's tables of conditions name exactly the forms, facts and values of the grammar; their cells are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from shaoyin.adapters.pack_files import read
from shaoyin.adapters.pack_shapes import RuleRowShape
from shaoyin.adapters.packs import load
from shaoyin.adapters.rule_words import words
from shaoyin.domain.conditions import IN_TEXT, NOT_KNOWN, Condition, Op, named
from shaoyin.domain.facts import ALWAYS_KNOWN, FACTS, NUMBERS, VALUES, YES_NO, can_be
from shaoyin.domain.pack import Pack
from tests.packs.conftest import SHIPPED
from tests.packs.test_schema import validator
from tests.packs.told_page import CHINESE, ENGLISH

GUIDES = pytest.mark.parametrize("guide", [ENGLISH, CHINESE], ids=lambda page: page.name)
FORMS = (*get_args(Op), NOT_KNOWN)
KINDS = {"yes or no": "yes_no", "number": "number", "text": "text", "named": "named",
         "是否": "yes_no", "数": "number", "正文": "text", "有名目": "named"}  # fmt: skip


def table(guide: Path, head: str) -> list[list[str]]:
    """The lines under the first line that begins so, cell by cell."""
    lines = guide.read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(head))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def forms(guide: Path) -> dict[str, list[str]]:
    """By form: the cells of the guide, in codes and in Chinese words."""
    head = "| Form |" if guide == ENGLISH else "| 写法 | `when`"
    return {codes(form)[0]: [*codes(cells), *codes(chinese)] for form, cells, chinese, _ in table(guide, head)}


def conditions(cell: str) -> Iterator[Condition]:
    when = read(f"{cell}\n".encode()).data
    for fact, (op, wanted) in RuleRowShape.model_validate(row(when)).when.items():
        yield Condition(fact, op, wanted)


def row(when: Any) -> dict[str, Any]:
    return {
        "row": 990, "group": "category", "effect": "decides", "when": when, "then": {"main": "community"},
        "basis": "x",
    }  # fmt: skip


@pytest.fixture(scope="module")
def wulibao() -> Pack:
    pack = load(SHIPPED / "wulibao").pack
    assert pack is not None
    return pack


@GUIDES
def test_the_forms_are_those_of_the_grammar_in_the_words_of_the_table(guide: Path) -> None:
    assert list(forms(guide)) == list(FORMS)
    for form, cells in forms(guide).items():
        spoken = words("ops").by_code.get(form, ())
        assert form == "is" or form == NOT_KNOWN or any(word in cell for word in spoken for cell in cells), form
    assert all(any(word in cell for cell in forms(guide)[NOT_KNOWN]) for word in words("unknown").by_code[NOT_KNOWN])


@GUIDES
def test_every_cell_of_the_guide_is_of_its_form_and_an_editor_takes_it(guide: Path, wulibao: Pack) -> None:
    for form, cells in forms(guide).items():
        for cell in cells:
            (condition,) = conditions(cell)
            assert form == (NOT_KNOWN if None in named(condition) else condition.op), cell
            assert condition.fact == "category" or can_be(condition, wulibao), cell
            assert list(validator("rules.yaml").iter_errors([row(read(f"{cell}\n".encode()).data)])) == [], cell


@GUIDES
def test_the_facts_are_those_of_the_grammar_with_their_kinds_and_values(guide: Path) -> None:
    told = table(guide, "| Fact | Kind |" if guide == ENGLISH else "| 事实 |")
    kinds = {codes(fact)[0]: KINDS[kind.strip("| ")] for fact, kind, *_ in told}
    always = {codes(fact)[0] for fact, *_ in told if fact.endswith("*")}
    values = {codes(fact)[0]: frozenset(codes(cell[1])) for fact, *cell in told}

    assert set(kinds) == FACTS
    assert len(told) == len(FACTS)
    assert always == ALWAYS_KNOWN
    assert {fact for fact, kind in kinds.items() if kind == "yes_no"} == YES_NO
    assert {fact for fact, kind in kinds.items() if kind == "number"} == NUMBERS
    assert {fact for fact, kind in kinds.items() if kind == "text"} == {"text"}
    assert {fact: values[fact] for fact in VALUES} == VALUES


SAMPLES: dict[str, tuple[str, Any]] = {
    "yes_no": ("firm", True), "number": ("san_in_compound_30d", 3), "text": ("text", "绝密"),
    "named": ("management", "none"),
}  # fmt: skip


@GUIDES
def test_the_forms_of_each_kind_are_those_that_the_check_takes(guide: Path, wulibao: Pack) -> None:
    told = {KINDS[kind]: codes(of) for kind, of in table(guide, "| Kind |" if guide == ENGLISH else "| 种类 |")}

    assert told == {kind: [form for form in FORMS if is_taken(form, *SAMPLES[kind], wulibao)] for kind in SAMPLES}


def is_taken(form: str, fact: str, value: Any, pack: Pack) -> bool:
    """Whether the shape reads a cell of the form, the fact can be so, and an editor's schema has it."""
    cell = {"is": value, "one_of": [value, value], IN_TEXT: {IN_TEXT: [value]}, NOT_KNOWN: NOT_KNOWN}.get(
        form, {form: value}
    )
    try:
        shape = RuleRowShape.model_validate(row({fact: cell}))
    except ValueError:
        return False
    op, wanted = shape.when[fact]
    taken = can_be(Condition(fact, op, wanted), pack)
    in_schema = not list(validator("rules.yaml").iter_errors([row({fact: cell})]))
    assert taken == in_schema, (form, fact)
    return taken
