"""Daxin community with its two estates: the directory and routing mechanisms DX of the specification."""

from __future__ import annotations

from dataclasses import fields

import pytest

from shaoyin.adapters.packs import load
from shaoyin.domain.org import Person
from shaoyin.domain.pack import Pack
from tests.packs.conftest import SHIPPED, Copy


@pytest.fixture(scope="module")
def daxin() -> Pack:
    loaded = load(SHIPPED / "daxin")
    assert loaded.pack is not None, loaded.problems
    return loaded.pack


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

    assert {each.name for each in fields(Person)} == {"person_id", "name"}
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


def test_dx_12_the_owners_committee_has_seven_seats(daxin: Pack) -> None:
    seats = [each for each in daxin.directory.posts.values() if each.kind == "owners_committee_member"]

    assert len(seats) == 7
    assert len({person for seat in seats for person in seat.holders}) == 7
    assert {seat.org for seat in seats} == {"fufeng-owners"}


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
