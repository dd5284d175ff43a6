"""The flow's rows against the specification's tables: no row of the code says more than the specification."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from shaoyin.domain.flow import FLOW, Row

SPEC = Path(__file__).resolve().parent.parent / "spec"
FILES = {"case": ("case_flow.csv",), "whistle": ("whistle_flow.csv",), "responder": ("responder_flow.csv",)}


def lines(row: Row) -> list[dict[str, str]]:
    return [
        line
        for name in FILES[row.level]
        for line in csv.DictReader((SPEC / name).read_text("utf-8").splitlines())
        if line["command"] == row.command
    ]


@pytest.mark.parametrize("row", FLOW, ids=lambda row: f"{row.row}-{row.command}")
def test_a_row_of_the_flow_stands_in_the_specification(row: Row) -> None:
    assert row.row in {line["row"] for line in lines(row)}


@pytest.mark.parametrize("row", FLOW, ids=lambda row: f"{row.row}-{row.command}")
def test_a_row_starts_only_from_states_of_the_specification(row: Row) -> None:
    allowed = {state for line in lines(row) for state in line["from"].split("|")}

    assert row.from_ <= allowed


@pytest.mark.parametrize("row", FLOW, ids=lambda row: f"{row.row}-{row.command}")
def test_a_row_permits_nobody_whom_the_specification_does_not_name(row: Row) -> None:
    named = {word for line in lines(row) for word in line["who"].split("|")}

    assert set(row.who) <= named
