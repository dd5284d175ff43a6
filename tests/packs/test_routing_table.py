"""Rows 1 to 100 of base, cell by cell against domain 4.2: who handles, who helps and hears, how, and who when late."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import RuleRow
from tests.packs.test_catalogue import ROUTING, SPEC

COLUMNS = {"main": "Main handler", "co": "Co / informed", "mode": "Mode", "late": "If late or refused"}
ELSEWHERE = {"34"}
"""The Friday duty is a standing whistle (standing.yaml)."""
WHISTLED = {"WM", "WD"}


@cache
def meant() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = YAML(typ="safe").load((SPEC / "routing_cells.yaml").read_text("utf-8"))
    return loaded


def rows(pack: Pack, number: str) -> list[RuleRow]:
    return [row for row in pack.rules.rows if str(row.row) == number]


def held(pack: Pack, number: str, column: str) -> set[str]:
    """What the lines of a row say in one column; a line that calls nobody has no mode."""
    found: set[str] = set()
    for then in (row.then for row in rows(pack, number)):
        match column:
            case "main":
                found |= {then.main} if then.main else set()
            case "co":
                found |= {*then.co, *then.informed}
            case "mode":
                found |= {then.mode} if then.main or then.mode != "D" else set()
            case _:
                found |= {then.late} if then.late else set()
    return found


def said(number: str, column: str) -> set[str]:
    beside = meant()["beside"].get(int(number), {})
    cell = set(meant()[column][ROUTING[number][COLUMNS[column]]])
    return cell - set(beside.get("without", ())) | set(beside.get(column, ()))


@pytest.mark.parametrize("number", [each for each in ROUTING if each not in ELSEWHERE])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_cell_of_the_table_is_what_the_row_of_base_says(wulibao: Pack, number: str, column: str) -> None:
    assert held(wulibao, number, column) == said(number, column)


@pytest.mark.parametrize("number", list(ROUTING))
def test_every_row_is_there_or_said_to_stand_elsewhere(wulibao: Pack, number: str) -> None:
    assert bool(rows(wulibao, number)) == (number not in ELSEWHERE)
    assert (int(number) in wulibao.elsewhere) == (number in ELSEWHERE)


def test_a_row_of_mode_wm_or_wd_files_its_whistle_and_no_other_row_but_those_that_name_one(wulibao: Pack) -> None:
    """Decisions 2.9. "D + WD" files one beside the duty; X of row 4 blows one at once."""
    wanted = {number for number, line in ROUTING.items() if WHISTLED & set(line["Mode"].replace("+", " ").split())}
    filing = {str(row.row) for row in wulibao.rules.rows if row.then.whistles}

    assert filing == (wanted - {"34", "38", "45", "51", "68"}) | {"4"}


@pytest.mark.parametrize("number", list(ROUTING))
def test_a_row_raises_the_urgency_that_its_mode_names(wulibao: Pack, number: str) -> None:
    """ "D urgent" in any row raises the urgency (4.4)."""
    named = [each for each in ("urgent", "critical") if each in ROUTING[number]["Mode"].split()]
    raised = {row.then.urgency for row in rows(wulibao, number) if row.then.urgency and row.effect == "decides"}

    assert not named or (raised and raised <= {named[0], "critical"}), raised


def test_every_cell_and_every_exception_is_needed(wulibao: Pack) -> None:
    """No word for a cell that the table does not have, and nothing beside a row that says no more than its cells."""
    for column, heading in COLUMNS.items():
        assert set(meant()[column]) == {line[heading] for line in ROUTING.values()}, column
    for number, beside in meant()["beside"].items():
        assert beside["why"]
        for column in set(beside) & set(COLUMNS):
            cell = meant()[column][ROUTING[str(number)][COLUMNS[column]]]
            assert not set(beside[column]) & set(cell), (number, column)
    said_somewhere = [line[heading] for line in ROUTING.values() for heading in COLUMNS.values()]
    for piece, becomes in meant()["no_post"].items():
        assert becomes
        assert any(piece in each for each in said_somewhere), piece


@pytest.mark.parametrize("number", [each for each in ROUTING if each not in ELSEWHERE])
def test_every_line_gives_its_ground_and_rows_of_the_sources_name_the_mechanism(wulibao: Pack, number: str) -> None:
    """Where the basis is a mechanism of the sources one of the row's lines names it, or another one of the same."""
    lines = rows(wulibao, number)

    assert all(row.basis for row in lines)
    named = [each for each in ROUTING[number]["Basis"].replace(",", " ").split() if each[:2].isalpha() and "-" in each]
    assert not named or any(each in row.basis for each in named for row in lines), named
