"""Panlonggu estate in Wenshan: one chain of six, 16 micro-grids, stewards with one chair, a unit due on Fridays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shaoyin.adapters.geometry import hits_of
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.coverage import coverage, gaps
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Found
from shaoyin.domain.profile import Team, TeamMember
from shaoyin.domain.report import PlaceGiven
from shaoyin.domain.roster import Fault, faults, missing, rosters_of
from shaoyin.domain.standing import occurrences
from tests.domain.town import Story
from tests.packs.conftest import Copy
from tests.packs.matters import a_report, main_of, middle, of_kind, reported, vacated

AREAS = "panlonggu/areas.yaml"
CHAIN = ["plg-owners", "red-stewards", "plg-branch", "panlong-body", "xinping-committee"]


@pytest.fixture
def stewards(panlonggu: Pack) -> Team:
    (team,) = panlonggu.profile.teams
    return team


def test_the_units_are_those_of_the_source(panlonggu: Pack) -> None:
    held = [post.kind for post in panlonggu.directory.posts.values() if post.holders]
    chiefs = {post.holders for post in panlonggu.directory.posts.values() if post.kind == "building_chief"}

    assert len(of_kind("micro_grid", panlonggu)) == held.count("micro_grid_lead") == held.count("core_household") == 16
    assert len(chiefs) == 3
    assert [each.state for each in panlonggu.directory.registrations] == ["active"] * 56
    assert len({each.person for each in panlonggu.directory.registrations}) == 56


def test_ws_01_one_person_stands_in_three_rosters_by_a_procedure(panlonggu: Pack) -> None:
    (appointed,) = panlonggu.profile.cross_appointments

    assert set(rosters_of(appointed.person, panlonggu)) >= {"panlong-body", "plg-branch", "plg-owners"}
    assert [panlonggu.directory.posts[name].org for name in appointed.posts] == [
        "panlong-body",
        "plg-branch",
        "plg-owners",
    ]
    assert appointed.procedure


@pytest.mark.parametrize("category", ["CON.conduct", "PRO.service_quality", "PRO.fee_dispute", "PRO.owners_committee"])
def test_ws_01_a_complaint_about_the_owners_committee_never_goes_to_the_cross_appointed(
    panlonggu: Pack, category: str
) -> None:
    story = reported(panlonggu, category, "panlonggu", answers={"target": "owners_committee"})

    liaison = panlonggu.profile.cross_appointments[0].person
    assert liaison not in main_of(story).holders
    assert main_of(story).org != "plg-owners"


def test_ws_02_sixteen_stewards_come_from_two_sources_and_have_one_chair(panlonggu: Pack, stewards: Team) -> None:
    assert len(stewards.members) == stewards.size == 16
    assert {member.source for member in stewards.members} == {"party_cadre", "owners_committee"}
    assert len(stewards.chairs) == 1
    assert list(faults(stewards, panlonggu)) == []


def test_ws_02_a_steward_of_neither_source_and_a_second_chair_are_refused(panlonggu: Pack, stewards: Team) -> None:
    stranger = replace(stewards, members=(*stewards.members[:-1], TeamMember("p-d01", "neighbour")))
    two = replace(stewards, chairs=("p-s01", "p-s02"))
    fifteen = replace(stewards, members=stewards.members[1:])

    assert list(faults(stranger, panlonggu)) == [Fault("team_source", "p-d01")]
    assert list(faults(two, panlonggu)) == [Fault("team_chairs", "p-s01, p-s02"), Fault("team_chair_holds", "p-s02")]
    assert list(faults(fifteen, panlonggu)) == [Fault("team_size", "15")]


def test_ws_05_a_case_of_a_micro_grid_lead_climbs_to_the_owners_committee_and_then_to_the_stewards(
    panlonggu: Pack,
) -> None:
    story = reported(panlonggu, "ORD.dog", "plg-b05", text="楼下因为狗吵起来", answers={"dog": "quarrel"})

    assert main_of(story).post_id == "micro-03-lead"
    story.wait_until(story.now + timedelta(days=60))

    hops = [each for each in story.all(ev.CaseOverdue) if each.clock == "result"]
    assert [(each.hop, each.body) for each in hops][:2] == [(1, "plg-owners"), (2, "red-stewards")]


def test_ws_01_the_cross_appointed_hears_of_a_quarrel_of_owners_and_firm(panlonggu: Pack) -> None:
    story = reported(panlonggu, "DIS.property", "plg-b20", text="物业不让业主看账")

    assert "liaison" in {party.post for party in story.open_case.informed}
    assert panlonggu.directory.posts["liaison"].holders == (panlonggu.profile.cross_appointments[0].person,)


def test_ws_05_the_chain_has_six_steps_in_the_order_of_the_source(panlonggu: Pack) -> None:
    lead = panlonggu.directory.posts["micro-03-lead"]

    assert len(panlonggu.chain) == 6
    assert [lead.org, *(body.org_id for body in panlonggu.bodies_above(lead.org, lead.area))] == ["micro-leads", *CHAIN]


def test_ws_06_the_station_takes_down_a_demand_for_its_own_area_and_needs_no_phone_number(panlonggu: Pack) -> None:
    station = panlonggu.directory.posts["station"]
    said = a_report(panlonggu, "CON.suggestion", station.area, text="想在亭子边上加一盏灯", channel="service_post")
    story = Story(pack=panlonggu)
    person = station.holders[0]

    command = cmd.OpenCase(
        at=story.now, person=person, post="station", report=replace(said, reporter_ref=None), case_id="c1",
        number_if_accepted="N1",
    )  # fmt: skip
    story._keep(command)

    assert panlonggu.directory.has_right(station, "intake")
    assert (story.open_case.channel, story.open_case.area) == ("service_post", "panlonggu")


def test_ws_08_without_the_second_chief_buildings_are_uncovered_and_go_to_the_micro_grid_lead(panlonggu: Pack) -> None:
    second = [name for name, post in panlonggu.directory.posts.items() if post.holders == ("p-chief-2",)]
    after = vacated(panlonggu, *second)

    assert coverage("building_chief", "building", panlonggu).vacant == ()
    assert coverage("building_chief", "building", after).vacant == tuple(
        f"plg-b{number:02}" for number in range(11, 21)
    )
    quarrel = reported(after, "DIS.neighbour", "plg-b11", answers={"quarrel_about": "noise"})
    micro_lead = after.post_for("micro_grid_lead", "plg-b11")
    assert micro_lead is not None
    assert main_of(quarrel).holders == ()
    assert main_of(quarrel).stand_ins == micro_lead.holders


def test_ws_09_a_core_household_that_moves_out_leaves_15_of_16_and_its_micro_grid_is_listed(panlonggu: Pack) -> None:
    after = vacated(panlonggu, "core-07")
    (crew,) = panlonggu.profile.crews

    assert str(coverage("core_household", "micro_grid", panlonggu)) == "16/16"
    found = coverage("core_household", "micro_grid", after)
    assert (str(found), found.vacant) == ("15/16", ("plg-m07",))
    assert missing(crew, panlonggu) == {}
    assert missing(crew, after) == {"plg-m07": ("core",)}


@pytest.mark.parametrize(
    ("said", "building", "micro"),
    [
        ("building 5 unit 2", "plg-b05", "plg-m03"),
        ("5号楼2单元", "plg-b05", "plg-m03"),
        ("盘龙谷15栋3单元", "plg-b15", "plg-m08"),
        ("32号楼门口", "plg-b32", "plg-m16"),
    ],
)
def test_ws_10_a_building_and_unit_lead_to_exactly_one_micro_grid(
    panlonggu: Pack, said: str, building: str, micro: str
) -> None:
    found = panlonggu.areas.find(PlaceGiven(text=said))

    assert isinstance(found, Found)
    assert (found.area, found.how) == (building, "alias")
    around = panlonggu.areas.nearest(building, {"micro_grid"})
    assert around is not None
    assert around.area_id == micro


def test_ws_10_a_point_in_each_polygon_leads_to_its_micro_grid_or_a_building_in_it(panlonggu: Pack) -> None:
    for micro in of_kind("micro_grid", panlonggu):
        said = middle(micro, panlonggu)
        found = panlonggu.areas.find(said, None, hits_of(panlonggu, said))
        assert found.area == micro


def test_ws_10_a_building_in_no_micro_grid_or_in_two_is_refused(packs: Copy) -> None:
    packs.own = packs.folder / "panlonggu"
    line = "- {id: plg-b05, kind: building, parent: plg-m03,"

    packs.change(AREAS, line, line.replace("plg-m03", "panlonggu"))
    assert {each.code for each in packs.problems()} == {"building_in_no_grid", "nobody_in_area"}, "and nobody leads it"
    packs.change(AREAS, line.replace("plg-m03", "panlonggu"), line)
    packs.change(
        AREAS,
        "kind: micro_grid, parent: panlonggu, name: {zh-CN: 盘龙谷第三微",
        "kind: micro_grid, parent: plg-m02, name: {zh-CN: 盘龙谷第三微",
    )
    assert {each.code for each in packs.problems()} == {"building_in_two_grids"}


def test_ws_10_no_building_is_left_out_or_covered_twice(panlonggu: Pack) -> None:
    found = gaps(panlonggu)

    assert (found.in_no_grid, found.in_two_grids, found.doubled) == ((), (), ())


def test_ws_18_the_unit_is_due_every_friday_and_a_holiday_is_no_absence(panlonggu: Pack) -> None:
    """The first of January 2027 is a Friday and a holiday."""
    (rule,) = panlonggu.standing
    days = [each.day for each in occurrences(rule, panlonggu.calendar, date(2026, 12, 21), date(2027, 1, 8))]

    assert rule.responsible == ("industry-duty",)
    assert days == [date(2026, 12, 25), date(2027, 1, 8)]
