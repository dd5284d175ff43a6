"""A problem says what to write instead, in both languages, with the place an editor jumps to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.packs.conftest import Copy

PACK, AREAS, ORGS = "wulibao/pack.yaml", "wulibao/areas.yaml", "wulibao/orgs.yaml"
GRID_9 = (
    "- {id: wls-grid-9, kind: grid, parent: wulibao-south, name: {zh-CN: 第九网格, en: Grid 9}}\n"
    "- {id: wls-east, kind: community, parent: wulibao-south, name: {zh-CN: 东社区, en: East}}\n"
)


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "said"),
    [
        (AREAS, "parent: wls-grid-3, name: {zh-CN: 第三网格第二", "parent: wls-gird-3, name: {zh-CN: 第三网格第二",
         "wls-gird-3", ("没有这个区域:wls-gird-3。是不是 wls-grid-3?",
                        "there is no area wls-gird-3; did you mean wls-grid-3?")),
        (ORGS, "kind: social_worker,", "kind: socialworker,", "socialworker",
         ("没有这种岗位:socialworker。是不是 social_worker?",
          "there is no kind of post socialworker; did you mean social_worker?")),
        (ORGS, "holders: [p-ding-1]", "holders: [p-dign-1]", "p-dign-1",
         ("没有这个人:p-dign-1。是不是 p-ding-1?", "there is no person p-dign-1; did you mean p-ding-1?")),
        (PACK, "chain: [south-branch,", "chain: [south-brunch,", "south-brunch",
         ("没有这个组织:south-brunch。是不是 south-branch?",
          "there is no organisation south-brunch; did you mean south-branch?")),
        (PACK, "root: wulibao-south ", "rot: wulibao-south ", "rot",
         ("没有“rot”这一项,可以写:name, extends, example, names, root,", "; did you mean root?")),
        (AREAS, "{mode: property_company, by", "{mode: property_firm, by", "property_firm",
         ("“property_firm”不在可选之列:", "property_firm is none of property_company, ")),
        (PACK, ", wulibao-office, erqi-joint-office]", ", wulibao-office, xinghua-owners]", "xinghua-owners",
         ("联动链的最后一级“xinghua-owners”没有人能督办:居民、业委会不能当最后一级,链要接到街道或区",
          "the chain ends with xinghua-owners, whose head may supervise nobody:"
          " it must go on to the street or the district")),
        (PACK, "chain: [south-branch, south-committee,", "chain: [south-committee, south-committee,", "chain: ",
         ("“south-committee”在清单里写了两次", "south-committee stands twice in this list")),
        ("base/calendar.yaml", "元旦: 2025-01-01", "元旦: 0001-01-01..9999-12-31", "0001-01-01..9999-12-31",
         ("这里写日期,或“首日..末日”:2026-10-01..2026-10-07", "a date or a span: 2026-10-01..2026-10-07")),
    ],
)  # fmt: skip
def test_a_problem_says_where_it_is_and_what_to_write_instead(
    packs: Copy, file: str, old: str, new: str, at: str, said: tuple[str, str]
) -> None:
    found = next(each for each in packs.change(file, old, new).problems() if Path(each.file) == packs.folder / file)
    line = (packs.folder / file).read_text(encoding="utf-8").splitlines()[found.row - 1]

    assert line[found.column - 1 :].startswith(at)
    assert said[0] in found.zh
    assert said[1] in found.en


def test_a_grid_that_nobody_leads_and_a_community_without_grids_are_shown(packs: Copy) -> None:
    lead, community = packs.add(AREAS, GRID_9).problems()

    assert packs.where(lead) == (AREAS, packs.row_of(AREAS, "id: wls-grid-9"), 26)
    assert lead.zh.startswith("网格“wls-grid-9”没有网格长:在 orgs.yaml 加一个 kind: grid_lead、area: wls-grid-9 的岗位")
    assert lead.en.endswith("add a post kind: grid_lead, area: wls-grid-9 to orgs.yaml, if only holders: []")
    assert packs.where(community) == (AREAS, packs.row_of(AREAS, "id: wls-east"), 24)
    assert community.zh == "社区“wls-east”没有网格,加一行 kind: grid、parent: wls-east"
    assert community.en == "the community wls-east has no grid: add one with kind: grid, parent: wls-east"


def test_a_community_that_nobody_mediates_for_is_shown(packs: Copy) -> None:
    packs.change(ORGS, "kind: community_mediator, org: south-committee, area: wulibao-south, holders: [p-jia-5]",
                 "kind: community_mediator, org: south-committee, area: wls-grid-1, holders: [p-jia-5]")  # fmt: skip
    found = next(each for each in packs.problems() if each.code == "nobody_of_kind")

    assert packs.where(found) == (AREAS, packs.row_of(AREAS, "- id: wulibao-south") + 1, 9)
    assert found.zh == "社区“wulibao-south”没有人担任 community_mediator:在 orgs.yaml 加上岗位和任职的人"
    assert found.en.startswith("nobody is community_mediator for the community wulibao-south")


def test_a_lead_who_is_still_to_be_found_is_listed_as_vacant(packs: Copy) -> None:
    packs.add(AREAS, GRID_9.splitlines()[0] + "\n")
    packs.add(ORGS, "  - {id: grid-9-lead, kind: grid_lead, org: grid-1, area: wls-grid-9, holders: []}\n")

    assert "wls-grid-9" in packs.pack().areas.areas


@pytest.mark.parametrize("count", [20_000])
def test_a_list_of_thousands_is_read_in_a_moment(packs: Copy, count: int) -> None:
    page = packs.folder / "base/pack.yaml"
    words = ", ".join(f"无害{number}" for number in range(count))
    page.write_text(page.read_text("utf-8").replace("harmless: [跳楼价", f"harmless: [{words}, 跳楼价"), "utf-8")
    start = time.perf_counter()

    packs.pack()
    assert time.perf_counter() - start < 10
