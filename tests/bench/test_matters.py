"""Every matter the benches report is what they wait for: a case that a rule gives to the duty post at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.decide import a_report, with_buildings, wulibao
from bench.ground import BUILDINGS, building
from bench.matters import CATEGORIES, DUTY, MOST, a_matter
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decision
from shaoyin.domain.report import PlaceGiven

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_matter_is_dispatched_to_the_duty_post_at_once(category: str) -> None:
    pack = with_buildings(wulibao(), BUILDINGS)
    told = a_matter(CATEGORIES.index(category) * BUILDINGS)
    report = replace(
        a_report(1, NOW), category=category, description=str(told["description"]), answers={},
        place=PlaceGiven(building=building(0)),
    )  # fmt: skip
    command = OpenCase(
        at=NOW, person=None, post=None, report=report, case_id="c1", number_if_accepted="1", duplicates=()
    )
    case = decision(None, command, pack).case

    assert told["category"] == category
    assert case.state == "dispatched"
    assert case.owner.post is not None
    assert case.owner.post in {each.post_id for each in pack.directory.posts_of(DUTY)}


def test_no_two_of_them_are_alike() -> None:
    seen = {(told["category"], str(told["place"])) for told in map(a_matter, range(MOST))}

    assert len(seen) == MOST
