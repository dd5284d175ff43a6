"""Songshan Road street: 1,166 grid nodes, a party body for each, and 36 dedicated grids with leads of their own."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from time import process_time

from shaoyin.adapters.geometry import hits_of, hits_of_all
from shaoyin.adapters.pack_cells import cells_of, pack_from, packed_cells, unpacked_cells
from shaoyin.adapters.pack_check import check_handed
from shaoyin.adapters.pack_files import read
from shaoyin.adapters.packs import pages_of
from shaoyin.domain import events as ev
from shaoyin.domain.boards import board_of, may_be_decided, on_two_boards, way_of
from shaoyin.domain.coverage import branch_of, gaps
from shaoyin.domain.duty import on_duty
from shaoyin.domain.pack import Pack
from tests.domain.town import at
from tests.packs.conftest import SHIPPED
from tests.packs.matters import main_of, middle, of_kind, reported

LEVELS = ("street", "community", "grid", "micro_grid", "dedicated_grid")


def test_ss_01_all_1166_grid_nodes_are_loaded_and_every_micro_grid_is_three_hops_below_the_street(
    songshan: Pack,
) -> None:
    counted: Counter[str] = Counter(area.kind for area in songshan.areas.areas.values())

    assert [counted[level] for level in LEVELS] == [1, 19, 170, 940, 36]
    assert sum(counted[level] for level in LEVELS) == 1166
    for micro in of_kind("micro_grid", songshan):
        kinds = [songshan.areas.areas[each].kind for each in songshan.areas.path(micro)]
        assert kinds[kinds.index("street") :] == ["street", "community", "grid", "micro_grid"]
    assert round(counted["grid"] / counted["community"], 1) == 8.9
    assert round(counted["micro_grid"] / counted["grid"], 1) == 5.5
    assert (gaps(songshan).in_no_grid, gaps(songshan).in_two_grids, gaps(songshan).without_lead) == ((), (), ())


def test_ss_02_a_late_case_of_a_micro_grid_climbs_to_branch_community_and_street(songshan: Pack) -> None:
    micro = "ss-c04-g03-m2"
    lead = songshan.post_for("micro_grid_lead", micro)
    assert lead is not None

    bodies = [org.org_id for org in songshan.bodies_above(lead.org, micro)]

    assert lead.org == "ss-c04-g03-m2-group"
    assert bodies == ["ss-c04-g03-branch", "ss-c04-body", "songshan-office", "erqi-joint-office"]


def test_ss_02_every_grid_has_a_party_body_of_its_own(songshan: Pack) -> None:
    linked = [branch_of(grid, songshan) for grid in (*of_kind("grid", songshan), *of_kind("micro_grid", songshan))]

    assert len(linked) == 170 + 940
    assert all(each is not None and not each.inherited for each in linked)


def test_ss_03_each_of_the_36_dedicated_grids_has_a_lead_of_its_own_and_one_community(songshan: Pack) -> None:
    dedicated = of_kind("dedicated_grid", songshan)
    leads = [songshan.directory.in_area("grid_lead", each) for each in dedicated]

    assert len({lead.holders for lead in leads if lead is not None and lead.filled}) == 36
    assert {songshan.areas.areas[songshan.areas.areas[each].parent or ""].kind for each in dedicated} == {"community"}


def test_ss_03_what_happens_in_a_mall_is_its_leads_the_community_is_told_and_the_street_comes_next(
    songshan: Pack,
) -> None:
    story = reported(songshan, "SAN.public_toilet", "ss-d01-b1", text="商场卫生间很脏")
    case = story.open_case

    assert (case.row, main_of(story).post_id) == (20, "ss-d01-lead")
    assert [party.post for party in case.informed] == ["ss-c01-duty"]
    story.wait_until(story.now + timedelta(days=20))
    first = next(each for each in story.all(ev.CaseOverdue) if each.clock == "result")
    assert first.body == "songshan-office"


def test_ss_12_what_is_urgent_is_consulted_on_at_once_and_what_is_key_needs_a_vote(songshan: Pack) -> None:
    assert [each.item_class for each in songshan.profile.item_classes] == ["big", "real", "key", "urgent", "hard"]
    assert way_of("urgent", songshan).flow == "consult_at_once"
    assert may_be_decided("urgent", None, songshan)
    assert not may_be_decided("key", None, songshan)
    assert not may_be_decided("key", " ", songshan)
    assert may_be_decided("key", "12 : 1", songshan)


def test_ss_20_the_four_matters_of_daily_life_have_boards_and_no_matter_stands_on_two(songshan: Pack) -> None:
    boards = [board.board_id for board in songshan.profile.boards]
    found = {board.board_id: category for category in songshan.categories if (board := board_of(category, songshan))}

    assert boards == ["sanitation", "disputes", "parking", "charging"]
    assert set(found) == set(boards)
    assert list(on_two_boards(songshan)) == []
    assert board_of("CON.consult", songshan) is None


def test_ss_03_a_point_in_each_dedicated_grid_is_found_as_such(songshan: Pack) -> None:
    for grid in of_kind("dedicated_grid", songshan):
        said = middle(grid, songshan)
        found = songshan.areas.find(said, None, hits_of(songshan, said))
        assert (found.area, found.how) == (grid, "dedicated_grid")


def test_ss_01_a_point_in_any_micro_grid_is_found_there_and_nowhere_else(songshan: Pack) -> None:
    said = {micro: middle(micro, songshan) for micro in of_kind("micro_grid", songshan)}
    hits = hits_of_all(songshan, list(said.values()))

    for (micro, place), here in zip(said.items(), hits, strict=True):
        assert songshan.areas.find(place, None, here).area == micro


def test_a_street_of_1166_grid_nodes_is_published_in_under_five_seconds(songshan: Pack) -> None:
    """Checked, taken apart into cells and made again, as publication does; the processor's time, on a cold start."""
    pages = pages_of(SHIPPED / "songshan")
    read.cache_clear()
    began = process_time()

    checked = check_handed("songshan", pages, date(2026, 9, 14))
    again = pack_from("next", unpacked_cells(packed_cells(cells_of(pages))))

    assert process_time() - began < 5
    assert checked.problems == ()
    assert again.areas.areas == songshan.areas.areas


def test_ss_04_while_the_officer_of_three_grids_is_on_leave_a_named_deputy_gets_the_work(songshan: Pack) -> None:
    posts = [post for post in songshan.directory.posts.values() if post.kind == "city_officer"]
    days = {day: {on_duty(post, at(f"2026-10-{day} 10:00"), songshan) for post in posts} for day in (11, 12, 16, 17)}

    assert len({post.area for post in posts}) == 3
    assert days == {
        11: {("p-city-officer",)}, 12: {("p-city-deputy",)}, 16: {("p-city-deputy",)}, 17: {("p-city-officer",)},
    }  # fmt: skip
