"""Nanmen community in Wuping: four steps, 52 building groups, three stations, an old estate without a firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shaoyin.domain.coverage import coverage, doubled
from shaoyin.domain.duty import off_duty, on_duty
from shaoyin.domain.pack import Pack
from shaoyin.domain.ringing import QUIET, rings_at
from shaoyin.domain.roster import Share, missing, share_of_members
from shaoyin.domain.stations import is_open, nearest_open
from tests.domain.town import Story, at
from tests.packs.conftest import Copy
from tests.packs.matters import a_report, main_of, of_kind, reported, vacated

MONDAY, TUESDAY = date(2026, 9, 14), date(2026, 9, 15)


def test_nm_01_what_a_core_household_raises_climbs_to_group_branch_and_big_committee(nanmen: Pack) -> None:
    household = nanmen.directory.posts["qiyun-core-2-post"]

    above = [org.kind for org in nanmen.bodies_above(household.org, household.area)]
    names = [org.org_id for org in nanmen.bodies_above(household.org, household.area)]

    assert nanmen.chain[:4] == ("core_household", "building_party_group", "estate_branch", "big_party_committee")
    assert above == ["building_party_group", "estate_branch", "big_party_committee", "street_office"]
    assert names[:3] == ["qiyun-b02-group", "qiyun-branch", "big-committee"]


def test_nm_02_fifty_two_leaders_lead_one_building_each(nanmen: Pack) -> None:
    leaders = [post for post in nanmen.directory.posts.values() if post.kind == "building_group_lead"]

    assert len(leaders) == len({post.area for post in leaders}) == len({post.holders for post in leaders}) == 52
    assert str(coverage("building_group_lead", "building", nanmen)) == "52/52"
    assert list(doubled(nanmen)) == []


def test_nm_02_two_leaders_of_one_building_are_a_conflict_that_names_the_second(packs: Copy) -> None:
    packs.own = packs.folder / "nanmen"
    packs.change(
        "nanmen/orgs.yaml", "org: qiyun-b03-group, area: qiyun-b03, holders: [p-leader-41]}\n  - {id: qiyun-b03-chief",
        "org: qiyun-b03-group, area: qiyun-b02, holders: [p-leader-41]}\n  - {id: qiyun-b03-chief",
    )  # fmt: skip

    problem = packs.problem()

    assert problem.code == "post_twice"
    assert problem.row == packs.row_of("nanmen/orgs.yaml", "{id: qiyun-b03-leader")
    assert "qiyun-b02-leader" in problem.en


def test_nm_02_a_building_whose_leader_has_gone_is_listed(nanmen: Pack) -> None:
    (crew,) = nanmen.profile.crews

    assert missing(crew, nanmen) == {}
    assert missing(crew, vacated(nanmen, "qiyun-b03-leader")) == {"qiyun-b03": ("leader",)}


@pytest.mark.parametrize(("estate", "members"), [("qingyun", 2), ("zhongkai", 3), ("longkai", 4)])
def test_nm_03_members_on_an_owners_committee_are_told_as_a_share_and_never_by_name(
    nanmen: Pack, estate: str, members: int
) -> None:
    share = share_of_members(f"{estate}-owners", nanmen)

    assert share == Share(members, 5)
    assert not any(name in repr(share) for name in nanmen.directory.people)


def test_nm_05_a_blocked_sewer_where_no_firm_is_goes_to_the_community_and_is_checked_with_pictures(
    nanmen: Pack,
) -> None:
    story = reported(nanmen, "WAT.sewer_blocked", "qiyun-b04", text="污水管又堵了、院里都是水")

    case, category = story.open_case, nanmen.categories["WAT.sewer_blocked"]
    assert (case.row, main_of(story).post_id, case.mode) == (36, "duty", "WM")
    assert "property_duty" not in {post.kind for post in nanmen.directory.posts.values() if post.area == "qiyun"}
    assert {each.type for each in case.whistles.values()} == {"partner_unit_whistle", "member_service_whistle"}
    assert (category.check_required, category.evidence) == (True, "photo_before_after")


def test_nm_05_the_same_sewer_where_there_is_a_firm_goes_to_the_firm(nanmen: Pack) -> None:
    story = reported(nanmen, "WAT.sewer_blocked", "zhongkai-b04")

    assert (story.open_case.row, main_of(story).post_id) == (35, "zhongkai-property-duty")


def test_nm_06_three_stations_take_in_and_a_closed_one_leads_to_the_nearest_that_is_open(nanmen: Pack) -> None:
    qingyun, zhongkai, longkai = nanmen.profile.stations

    assert all(
        nanmen.directory.has_right(nanmen.directory.posts[each.post], "intake") for each in nanmen.profile.stations
    )
    assert not is_open(qingyun, MONDAY, nanmen)
    assert nearest_open(qingyun, MONDAY, nanmen) == zhongkai
    assert nearest_open(qingyun, TUESDAY, nanmen) == qingyun
    assert nearest_open(longkai, date(2026, 9, 19), nanmen) == qingyun


def test_nm_06_a_station_nobody_holds_is_not_open(nanmen: Pack) -> None:
    qingyun, _, longkai = nanmen.profile.stations

    assert nearest_open(qingyun, MONDAY, vacated(nanmen, "zhongkai-station")) == longkai
    assert nearest_open(qingyun, MONDAY, vacated(nanmen, "zhongkai-station", "longkai-station")) is None


def test_nm_07_a_dark_lane_where_a_child_fell_is_the_branchs_and_one_step_more_urgent(nanmen: Pack) -> None:
    lane = "nanmenduan-e-b05"
    calm = reported(nanmen, "LIG.no_lamp", lane, text="巷道没有路灯").open_case
    story = reported(nanmen, "LIG.no_lamp", lane, text="巷道没有路灯、孩子摔过", answers={"somebody_hurt": "past"})

    assert main_of(story).post_id == "nanmenduan-e-secretary"
    assert story.open_case.row == 42
    assert (calm.urgency, story.open_case.urgency) == ("elevated", "urgent")


def test_nm_07_the_reporter_hears_of_acceptance_and_of_who_has_it(nanmen: Pack) -> None:
    story = reported(nanmen, "LIG.no_lamp", "nanmenduan-e-b05", answers={"somebody_hurt": "past"})
    told = [reply.key for event in story.history for reply in getattr(event, "replies", ())]

    assert {"reply.accepted", "reply.dispatched"} <= set(told)


def test_the_units_are_those_of_the_source(nanmen: Pack) -> None:
    assert len(of_kind("building", nanmen)) == 52
    assert len(nanmen.profile.stations) == 3
    assert nanmen.profile.figure("committed_members").count == 156


@pytest.mark.parametrize(
    ("when", "shift"),
    [
        ("2026-09-14 08:00", ("p-xun-1", "p-xun-2")),
        ("2026-09-14 19:59", ("p-xun-1", "p-xun-2")),
        ("2026-09-14 20:00", ("p-xun-3", "p-xun-4")),
        ("2026-09-14 23:10", ("p-xun-3", "p-xun-4")),
        ("2026-09-15 07:59", ("p-xun-3", "p-xun-4")),
        ("2026-09-20 23:10", ("p-xun-3",)),
        ("2026-10-01 10:00", ("p-xun-5",)),
    ],
)
def test_nm_22_a_finding_belongs_to_the_shift_of_its_minute(nanmen: Pack, when: str, shift: tuple[str, ...]) -> None:
    """Day and night; one of the two on leave; both on leave, when the veteran who stands in has it."""
    assert on_duty(nanmen.directory.posts["patrol"], at(when), nanmen) == shift


def test_nm_22_an_emergency_at_night_rings_at_once_and_the_night_shift_is_told(nanmen: Pack) -> None:
    found_at = at("2026-09-14 23:10")
    story = Story(pack=nanmen, now=found_at)
    finding = a_report(nanmen, "HAZ.site_safety", "qiyun-b04", text="楼道冒烟", answers={"danger": "smoke"})
    story.report(replace(finding, received_at=found_at))

    (alert,) = [each for each in story.alerts if each.post == "patrol"]
    local = found_at.astimezone(nanmen.zone)
    assert (alert.kind, alert.level) == ("diverted", "critical")
    assert rings_at(alert.level, local, QUIET, None) == local
    assert on_duty(nanmen.directory.posts["patrol"], found_at, nanmen) == ("p-xun-3", "p-xun-4")


def test_nm_22_whoever_is_off_duty_may_act_all_the_same(nanmen: Pack) -> None:
    patrol = nanmen.directory.posts["patrol"]

    assert all(patrol.held_by(f"p-xun-{number}") for number in range(1, 6))
    assert off_duty(patrol, at("2026-09-14 23:10"), nanmen) == ("p-xun-5",)
