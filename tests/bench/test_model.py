"""What a place would need follows from its people and from what one process was seen to do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.model import ASSUMED, CITY, COUNTRY, Place, Speeds, needs, partitions, speeds_in, table

TOWN = Place("a town", 8_640_000, 10, 1_000, daily=10, peak=10, years=1, days_open=10)
"""8,640 reports a day: one in ten seconds, one a second at the peak."""


def test_a_town_needs_no_more_than_what_survives_the_loss_of_one() -> None:
    found = needs(TOWN)

    assert (found.reports_a_day, found.peak_reports) == (8_640, 1.0)
    assert (found.intakes, found.routers, found.notifies, found.partitions, found.shards) == (2, 2, 2, 4, 1)


def test_bytes_are_those_of_one_case_times_the_cases() -> None:
    found = needs(TOWN)

    assert found.topic_bytes["reports"] == 8_640 * 620
    assert found.topic_bytes["cases"] == pytest.approx(8_640 * 12.6 * 2_240)
    assert found.indexes == 8_640 * 365 * 700
    assert found.working_set == found.indexes + 8_640 * 10 * 10_670


def test_processes_follow_the_peak_at_half_of_what_one_can_do() -> None:
    busy = replace(TOWN, daily=10_000)

    found = needs(busy, Speeds(reports=500, cases=1_260, events=2_100))

    assert found.peak_reports == 1_000
    assert (found.intakes, found.routers, found.notifies) == (4, 4, 12)
    assert found.partitions == 32


@pytest.mark.parametrize(("readers", "wanted"), [(1, 4), (2, 4), (3, 8), (4, 8), (5, 16), (16, 32)])
def test_partitions_leave_room_for_twice_the_readers(readers: int, wanted: int) -> None:
    assert partitions(readers) == wanted


def test_a_district_is_its_share_of_the_place() -> None:
    assert CITY.one_district.people == 500_000
    assert COUNTRY.one_district.communities == 138


def test_speeds_are_those_a_bench_left_and_else_the_assumed(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    assert speeds_in(file) == ASSUMED

    rows = [
        {"bench": "intake", "what": "durable POST, 64 connections", "value": 1234.0, "unit": "1/s"},
        {"bench": "intake", "what": "durable POST, 64 connections: p50", "value": 9.0, "unit": "ms"},
    ]
    file.write_text(json.dumps(rows), "utf-8")

    found = speeds_in(file)
    assert (found.reports, found.cases, found.measured) == (1234.0, ASSUMED.cases, frozenset({"reports"}))


def test_the_table_has_a_column_for_each_place() -> None:
    lines = list(table([CITY, CITY.one_district], ASSUMED))

    assert {len(line) for line in lines} == {90}
    assert "10,000,000" in lines[1]
