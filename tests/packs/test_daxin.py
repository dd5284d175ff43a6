"""Daxin community with its two estates: the directory and routing mechanisms DX of the specification."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from shaoyin.__main__ import main
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.org import Org, Person
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Answer
from tests.domain.town import MORNING, Story
from tests.packs.conftest import Copy, shipped
from tests.packs.matters import a_report, main_of, reported, vacated, with_post


@pytest.fixture(scope="module")
def daxin() -> Pack:
    return shipped("daxin")


@pytest.fixture
def copy(packs: Copy) -> Copy:
    packs.own = packs.folder / "daxin"
    return packs


def test_dx_01_the_estate_has_its_twenty_buildings_each_in_one_micro_grid(daxin: Pack) -> None:
    inside = [each for each in daxin.areas.areas.values() if daxin.areas.covers("fufeng", each.area_id)]
    buildings = [each for each in inside if each.kind == "building"]

    assert len(buildings) == 20
    for building in buildings:
        assert [each.kind for each in daxin.areas.upward(building.area_id)].count("micro_grid") == 1


def test_dx_02_whether_somebody_is_a_member_is_told_at_the_enrolment_and_nowhere_else(daxin: Pack) -> None:
    kinds = [each.kind for each in daxin.directory.registrations]

    assert {each.name for each in fields(Person)} == {"person_id", "name", "away"}
    assert (kinds.count("member"), kinds.count("volunteer")) == (67, 12)


def test_dx_05_every_building_has_a_chief_who_was_screened(daxin: Pack) -> None:
    chiefs = [each for each in daxin.directory.posts.values() if each.kind == "building_chief"]
    vetted = {each.person for each in daxin.directory.registrations if each.vetting != "none"}

    assert len([each for each in chiefs if daxin.areas.covers("fufeng", each.area)]) == 20
    assert {person for chief in chiefs for person in chief.holders} <= vetted


@pytest.mark.parametrize("instead", ["state: active, vetting: none", "state: applied, vetting: basic"])
def test_dx_05_a_chief_whose_screening_is_not_recorded_cannot_start(copy: Copy, instead: str) -> None:
    found = copy.change(
        "daxin/people.yaml", "person: p-dx-m-7, area: daxin, state: active, vetting: basic",
        f"person: p-dx-m-7, area: daxin, {instead}",
    ).problems()  # fmt: skip

    assert [each.code for each in found] == ["not_screened"]
    assert copy.where(found[0])[:2] == ("daxin/orgs.yaml", copy.row_of("daxin/orgs.yaml", "id: chief-fufeng-7,"))


def test_dx_11_the_association_is_enrolled_and_stands_on_the_chain(daxin: Pack) -> None:
    association = daxin.directory.orgs["fufeng-association"]
    (unit,) = (each for each in daxin.directory.registrations if each.kind == "unit")

    assert (association.kind, association.area) == ("neighbours_association", "fufeng")
    assert association.org_id in daxin.chain
    assert daxin.directory.posts[unit.person].org == association.org_id
    assert (unit.state, unit.vetting) == ("active", "basic")


def test_dx_01_a_head_count_that_nobody_counted_is_said_as_an_estimate(daxin: Pack) -> None:
    profile = daxin.profile
    newcomers = profile.figure("people").percent("newcomers", profile.figure("percent_without_local_registration"))

    assert newcomers.count == 6840
    assert [newcomers.said(language) for language in ("zh-CN", "en")] == ["约6,840", "about 6,840"]
    assert profile.figure("households").said("zh-CN") == "不少于2,800"


def seats_of(pack: Pack) -> tuple[str, ...]:
    return tuple(seat.post_id for seat in pack.directory.seats("fufeng-owners"))


def test_dx_12_the_owners_committee_has_seven_seats_and_decides_with_four_of_them_held(daxin: Pack) -> None:
    seats = seats_of(daxin)
    four = vacated(daxin, *seats[:3])

    assert len(seats) == 7
    assert not four.directory.below_half("fufeng-owners")
    assert main_of(reported(four, "PRO.fee_dispute", "fufeng")).post_id == "fufeng-owners-duty"


def test_dx_12_when_four_of_seven_resign_nothing_goes_to_the_committee_before_a_by_election(daxin: Pack) -> None:
    three = vacated(daxin, *seats_of(daxin)[:4])

    assert three.directory.below_half("fufeng-owners")
    assert main_of(reported(three, "PRO.fee_dispute", "fufeng")).post_id == "mediator"
    assert main_of(reported(three, "PRO.roof_leak", "fufeng-b3", answers=LEFT)).post_id == "duty"


def test_dx_12_who_checks_the_pack_is_told_of_the_by_election(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    (copy.own / "scenarios.yaml").unlink()  # they are about the committee as it was
    for seat in range(1, 5):
        copy.change("daxin/orgs.yaml", f"area: fufeng, holders: [p-dx-o-{seat}]}}", "area: fufeng}")

    assert main(["check", str(copy.own)]) == 0
    assert "富丰新城首届业委会在任不足半数,要补选" in capsys.readouterr().out


LEFT: dict[str, Answer] = {"left_by_developer": True, "inside_flat": False}


def lift_fault(pack: Pack, faults: int) -> ev.CaseDispatched:
    story = Story(pack=pack)
    report = a_report(pack, "PRO.lift_fault", "fufeng-b5", answers={"somebody_inside": False})
    told = story.report(report, facts={"lift_faults_30d": faults})
    return next(each for each in told if isinstance(each, ev.CaseDispatched))


def test_dx_15_at_the_third_lift_fault_the_regulator_is_told_and_an_agenda_item_opens(daxin: Pack) -> None:
    second, third = lift_fault(daxin, 2), lift_fault(daxin, 3)
    regulator = daxin.directory.posts["market-regulation"]

    for each in (second, third):
        assert (each.row, each.main and each.main.post) == (55, "fufeng-property-duty")
        assert "lift-maintainer" in [party.post for party in each.co]
    assert regulator.post_id not in [party.post for party in second.informed]
    assert regulator.post_id in [party.post for party in third.informed]
    assert second.scheduled == ()
    assert [(each.row, each.what) for each in third.scheduled] == [(55, "council_topic")]


def test_dx_16_charging_is_talked_over_by_those_who_have_the_place_the_fees_and_the_safety(daxin: Pack) -> None:
    story = reported(daxin, "CHG.no_pile", "fufeng-b8")

    assert main_of(story).post_id == "council-chair"
    assert story.open_case.mode == "C"
    beside = {party.post for party in story.open_case.co}
    assert {"fufeng-property-duty", "fufeng-owners-duty", "fire-department"} <= beside


@pytest.mark.parametrize(("place", "main_post", "row"), [
    ("fufeng-garden", "fufeng-property-duty", 39), ("fufeng", "fufeng-property-duty", 39),
    ("daxin-river", "water-department", 40),
])  # fmt: skip
def test_dx_17_the_lake_in_the_estate_is_the_property_firms_and_the_river_the_departments(
    daxin: Pack, place: str, main_post: str, row: int
) -> None:
    story = reported(replace(daxin, department_tier=True), "WAT.lake_pollution", place, text="湖水发臭")

    assert (story.open_case.row, main_of(story).post_id) == (row, main_post)


def test_dx_17_without_a_department_tier_the_street_centre_passes_the_river_on(daxin: Pack) -> None:
    assert main_of(reported(daxin, "WAT.lake_pollution", "daxin-river")).post_id == "centre"


def test_dx_18_a_broken_fire_door_needs_a_measure_in_hours_and_the_owners_know_of_the_funds(daxin: Pack) -> None:
    story = reported(daxin, "HAZ.fire_door", "fufeng-b2")
    case = story.open_case

    assert (case.row, main_of(story).post_id, case.urgency) == (57, "fufeng-property-duty", "urgent")
    assert {"fire-department", "fufeng-owners-duty"} <= {party.post for party in case.informed}
    for clock in ("first_step", "hazard"):
        assert case.clocks[clock].deadline.due_at <= MORNING + timedelta(hours=24)
    assert case.clocks["result"].deadline.due_at > MORNING + timedelta(days=10)


def test_dx_21_the_chain_has_eight_steps_and_the_last_are_residents_whom_nobody_speaks_for(daxin: Pack) -> None:
    kinds = [daxin.directory.orgs[each].kind for each in reversed(daxin.chain)]

    assert kinds[2:] == [
        "community_party_body", "residents_committee", "estate_branch", "neighbours_association",
        "building_party_group", "building_chiefs", "volunteer_team", "residents",
    ]  # fmt: skip
    assert daxin.directory.orgs["daxin-residents"].head is None
    assert daxin.directory.of_org("daxin-residents") == ()


def test_dx_23_community_association_and_property_stand_beside_one_another_in_the_estate(daxin: Pack) -> None:
    there = {each.kind for each in daxin.directory.orgs.values() if each.area == "yijing"}

    assert there == {"property_company", "neighbours_association"}
    assert daxin.post_for("community", "yijing-b1") == daxin.directory.posts["duty"]


def test_dx_21_a_matter_that_nobody_looks_at_climbs_to_the_district_and_never_to_residents(daxin: Pack) -> None:
    story = reported(daxin, "PRO.common_facility", "fufeng-b1")
    story.wait(days=90)

    told = [daxin.directory.posts[post] for each in story.history for post in getattr(each, "told", ())]
    assert {"community_duty", "street_centre", "district_joint_office"} <= {post.kind for post in told}
    assert set(daxin.chain) - {post.org for post in told} == {"daxin-residents"}


@pytest.mark.parametrize("text", ["楼上掉东西下来了", "有人从楼上往下扔瓶子", "thing fell from upstairs"])
def test_dx_22_a_thing_that_fell_from_upstairs_is_known_by_its_words(daxin: Pack, text: str) -> None:
    assert "HAZ.falling_object" in [each.category for each in daxin.suggesting.suggest(text).categories]


def test_dx_22_a_falling_object_is_urgent_and_with_an_injury_the_police_is_called(daxin: Pack) -> None:
    nobody = reported(daxin, "HAZ.falling_object", "fufeng-b9", answers={"somebody_hurt": "nobody"})
    hurt = Story(pack=daxin)
    hurt.report(a_report(daxin, "HAZ.falling_object", "fufeng-b9", answers={"somebody_hurt": "now"}))

    assert (main_of(nobody).kind, nobody.open_case.urgency) == ("grid_lead", "urgent")
    diverted = next(each for each in hurt.history if isinstance(each, ev.EmergencyDiverted))
    assert {"110", "120"} <= set(diverted.numbers)


def test_dx_23_when_the_property_firm_changes_open_matters_go_to_the_new_one(daxin: Pack) -> None:
    """The post of the estate is what has the matter, so nobody need send it on (decisions 1.6)."""
    story = reported(daxin, "ROA.surface_broken", "yijing")
    old = daxin.directory.posts["yijing-property-duty"]
    firm = Org("new-firm", "property_company", {"zh-CN": "新物业", "en": "New firm"}, "yijing", None)
    orgs = {**daxin.directory.orgs, "new-firm": firm}
    after = replace(daxin, directory=replace(daxin.directory, orgs=orgs))
    story.pack = with_post(after, replace(old, org="new-firm", holders=("p-dx-yin-6",), stand_ins=()))

    assert story.refused((old.holders[0], old.post_id), cmd.SignFor) == "not_permitted"
    story.give(("p-dx-yin-6", old.post_id), cmd.SignFor)
    assert story.open_case.state == "signed"
    assert main_of(story).org == "new-firm"


@pytest.mark.parametrize("category", ["PRO.roof_leak", "PRO.common_facility"])
def test_dx_27_what_the_developer_left_is_led_by_the_owners_committee_and_not_the_firms(
    daxin: Pack, category: str
) -> None:
    story = reported(daxin, category, "fufeng-b3", answers=LEFT)
    case = story.open_case

    assert (case.row, main_of(story).post_id) == (201, "fufeng-owners-duty")
    assert [party.post for party in case.co] == ["developer-duty"]
    assert "fufeng-property-duty" not in {party.post for party in (*case.co, *case.informed)}
    assert main_of(reported(daxin, category, "fufeng-b3", answers={"inside_flat": False})).kind == "property_duty"
