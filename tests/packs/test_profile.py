"""What a community says of itself has to be true in itself: sums, teams, appointments and boards are checked."""

from __future__ import annotations

import pytest

from tests.packs.conftest import Copy

TEAM = (
    "teams:\n  - {id: t, org: south-branch, size: 1, sources: [party_cadre], chair_holds: estate_branch_secretary,"
    " chairs: [p-xin-1], members: [{person: p-xin-1, source: party_cadre}]}\n"
)
APPOINTED = (
    "cross_appointments:\n  - {person: p-gui-7, posts: [micro-3-2-lead, xinghua-owners-duty], procedure: 第1号}\n"
)
HOMES = (
    "figures:\n  - {name: households, count: 60, as_of: 2026-01-01}\n"
    "homes:\n  - {area: courtyard-51-b1, households: 40}\n  - {area: courtyard-51-b2, households: 20, members: 1}\n"
)
BOARDS = (
    "boards:\n  - {id: clean, name: {zh-CN: 卫生, en: Clean}, categories: [SAN.dead_corner]}\n"
    '  - {id: quarrels, name: {zh-CN: 纠纷, en: Quarrels}, categories: ["DIS.*"]}\n'
)
STATION = "stations:\n  - {post: service-desk, closed: [mon], longitude: 113.6, latitude: 34.7}\n"
COVER = "covers:\n  - {id: staff, of: micro_grid, post_kind: grid_worker, at_least: 400, at_most: 600}\n"
CREW = "crews:\n  - {id: c, of: grid, needs: {lead: grid_lead, police: [area_police, grid_worker]}}\n"
ALL = TEAM + APPOINTED + HOMES + BOARDS + STATION + COVER + CREW


def test_a_profile_that_is_true_in_itself_is_taken(packs: Copy) -> None:
    profile = packs.add("wulibao/profile.yaml", ALL).pack().profile

    assert profile.figure("households").count == 60
    assert profile.teams[0].chairs == ("p-xin-1",)
    assert profile.stations[0].closed == (0,)
    assert profile.crews[0].needs == {"lead": ("grid_lead",), "police": ("area_police", "grid_worker")}


@pytest.mark.parametrize(
    ("old", "new", "code", "marked"),
    [
        ("size: 1", "size: 2", "team_size", "{id: t"),
        ("source: party_cadre", "source: neighbour", "team_source", "{id: t"),
        ("chairs: [p-xin-1]", "chairs: [p-xin-1, p-gui-1]", "team_chairs", "{id: t"),
        ("chair_holds: estate_branch_secretary", "chair_holds: street_head", "team_chair_holds", "{id: t"),
        ("{person: p-xin-1, source", "{person: p-x, source", "unknown_person", "p-x,"),
        ("org: south-branch", "org: north-branch", "unknown_org", "north-branch"),
        ("person: p-gui-7", "person: p-gui-6", "not_held", "micro-3-2-lead"),
        ("[micro-3-2-lead, xinghua-owners-duty]", "[xinghua-owners-duty, nobody]", "unknown_post", "nobody"),
        ("[micro-3-2-lead, xinghua-owners-duty]", "[micro-3-2-lead]", "one_body_only", "posts"),
        ("count: 60", "count: 61", "households_differ", "61"),
        ("area: courtyard-51-b2", "area: courtyard-99", "unknown_area", "courtyard-99"),
        ("[SAN.dead_corner]", "[SAN.dead_corner, DIS.neighbour]", "on_two_boards", "boards:"),
        ("[SAN.dead_corner]", "[SAN.nothing_such]", "unknown_category", "[SAN"),
        ("post: service-desk", "post: no-desk", "unknown_post", "no-desk"),
        ("closed: [mon]", "closed: [monday]", "not_one_of", "monday"),
        ("post_kind: grid_worker", "post_kind: grid_walker", "unknown_post_kind", "grid_walker"),
        ("at_most: 600", "at_most: 0", "too_small", "0}"),
    ],
)
def test_what_is_not_true_is_found_in_its_cell(packs: Copy, old: str, new: str, code: str, marked: str) -> None:
    packs.add("wulibao/profile.yaml", ALL).change("wulibao/profile.yaml", old, new)

    found = packs.problems()

    assert code in [each.code for each in found], found
    located = next(each for each in found if each.code == code)
    line = (packs.folder / "wulibao/profile.yaml").read_text().splitlines()[located.row - 1]
    assert line[located.column - 1 :].startswith(marked) or marked in line[located.column - 1 :]
    assert located.zh
    assert located.en
