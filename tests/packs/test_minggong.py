"""Minggong Road street with its unmanaged courtyards: the directory and routing mechanisms MG of the specification."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from shaoyin.domain.pack import Pack
from tests.domain.town import Story, at
from tests.packs.conftest import Copy, shipped
from tests.packs.matters import a_report, main_of, reported

BEFORE = date(2026, 9, 14)
YARD = "yard-02"
"""One of the twenty; the firm takes it over on 8 October 2026."""


@pytest.fixture(scope="module")
def minggong() -> Pack:
    return shipped("minggong")


@pytest.fixture
def copy(packs: Copy) -> Copy:
    packs.own = packs.folder / "minggong"
    return packs


def unmanaged(pack: Pack, day: date) -> list[str]:
    return [
        area.area_id
        for area in pack.areas.areas.values()
        if area.kind == "courtyard" and (managed := pack.areas.management(area.area_id, day)) and managed.mode == "none"
    ]


def test_mg_01_fifty_seven_courtyards_have_neither_firm_nor_unit(minggong: Pack) -> None:
    assert len(unmanaged(minggong, BEFORE)) == 57


def test_mg_01_a_report_from_any_of_them_comes_to_the_community_and_to_no_firm(minggong: Pack) -> None:
    for yard in unmanaged(minggong, BEFORE):
        community = minggong.areas.nearest(yard, {"community"})
        assert community is not None
        case = reported(minggong, "ROA.surface_broken", yard).open_case
        assert case.main is not None
        assert (case.row, case.main.post) == (25, f"{community.area_id}-duty")


def test_mg_01_in_no_category_is_there_a_queue_of_a_property_firm(minggong: Pack) -> None:
    for category in minggong.categories:
        story = Story(pack=minggong)
        story.report(a_report(minggong, category, "yard-03-b1"))
        case = story.open_case
        parties = [party.post for party in (case.main, *case.co, *case.informed) if party is not None]
        kinds = {minggong.directory.posts[post].kind for post in parties if post is not None}
        assert "property_duty" not in kinds, category


def test_mg_03_the_agreement_covers_twenty_of_them_each_from_a_day_of_its_own(minggong: Pack) -> None:
    covered = [area for area in minggong.areas.areas.values() if area.kind == "courtyard" and len(area.management) > 1]

    assert len(covered) == 20
    assert len({area.management[-1].since for area in covered}) == 2
    for area in covered:
        first, agreed = area.management
        assert (first.mode, agreed.mode, agreed.by) == ("none", "community_trustee", "red-property")
        assert agreed.since is not None
        assert minggong.areas.management(area.area_id, agreed.since - timedelta(days=1)) == first
        assert minggong.areas.management(area.area_id, agreed.since) == agreed
    assert len(unmanaged(minggong, date(2027, 1, 1))) == 37


def on(pack: Pack, day: str) -> Story:
    story = Story(pack=pack, now=at(f"{day} 09:30"))
    story.report(replace(a_report(pack, "PRO.common_facility", YARD), received_at=story.now))
    return story


def test_mg_03_from_the_day_on_cases_go_to_the_firm_and_an_earlier_one_keeps_its_handler(minggong: Pack) -> None:
    earlier, later = on(minggong, "2026-09-30"), on(minggong, "2026-10-08")

    assert (main_of(earlier).post_id, earlier.open_case.row) == ("mg-c1-duty", 25)
    assert (main_of(later).post_id, later.open_case.row) == ("red-property-duty", 26)
    earlier.wait_until(at("2026-10-10 10:00"))
    assert main_of(earlier).post_id == "mg-c1-duty"


def test_mg_04_a_hundred_and_ninety_micro_grids_lie_in_forty_five_grids(minggong: Pack) -> None:
    areas = minggong.areas.areas
    kinds = Counter(area.kind for area in areas.values())
    parents = Counter(area.parent for area in areas.values() if area.kind == "micro_grid")

    assert (kinds["grid"], kinds["micro_grid"]) == (45, 190)
    assert {areas[parent or ""].kind for parent in parents} == {"grid"}
    assert round(parents.total() / len(parents), 1) == 4.2


def test_mg_04_every_grid_and_micro_grid_has_somebody_who_leads_it(minggong: Pack) -> None:
    directory = minggong.directory
    for area in minggong.areas.areas.values():
        if area.kind in ("grid", "micro_grid"):
            post = directory.in_area(f"{area.kind}_lead", area.area_id)
            assert post is not None, area.area_id
            assert post.filled, area.area_id


def test_every_name_is_plainly_invented(minggong: Pack) -> None:
    assert all(person.name.startswith("示例·") for person in minggong.directory.people.values())


HAND_OVER = "management: [{mode: none}, {mode: community_trustee, since: 2026-11-02, by: red-property}]"


def test_mg_09_a_hand_over_before_the_renovation_waits_for_somebody_who_confirms_it(copy: Copy) -> None:
    page = (copy.folder / "minggong/areas.yaml").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if "renovated: false" in line)
    handed = line.replace("management: [{mode: none}]", HAND_OVER)

    found = copy.change("minggong/areas.yaml", line, handed).problem()
    assert found.code == "not_renovated"
    assert found.zh == "改造还没有完成就交给物业:等改造完成,或确认要移交,写上 confirmed: true"
    assert copy.where(found)[:2] == ("minggong/areas.yaml", page.splitlines().index(line) + 1)
    copy.change("minggong/areas.yaml", handed, handed.replace("by: red-property", "by: red-property, confirmed: true"))
    assert copy.pack().areas.areas


def test_mg_09_where_the_renovation_is_done_nobody_is_asked(minggong: Pack) -> None:
    handed = [
        area for area in minggong.areas.areas.values() if any(each.by == "red-property" for each in area.management)
    ]

    assert len(handed) == 20
    assert all(area.renovated for area in handed)
