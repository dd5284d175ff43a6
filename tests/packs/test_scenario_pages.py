"""A page of scenarios is read strictly, and one that does not come true is a problem at its cell."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from shaoyin.adapters.pack_check import check, check_handed
from shaoyin.adapters.packs import load, pages_of
from tests.packs.conftest import SHIPPED, Copy

PAGE = "wulibao/scenarios.yaml"
TODAY = date(2026, 9, 14)
HEAD = """- id: a-drain
  says: {zh-CN: 下水道堵了, en: A blocked drain}
  kind: positive
  row: 36
"""
WHEN = "  when: {report: {category: WAT.sewer_blocked, building: courtyard-51-b1, text: 堵了}}\n"


@pytest.fixture
def packs(tmp_path: Path) -> Copy:
    """With the page that is written alone: all the others come true in their own tests."""
    for name in ("base", "wulibao"):
        shutil.copytree(SHIPPED / name, tmp_path / "packs" / name, ignore=shutil.ignore_patterns("scenarios-*"))
    return Copy(tmp_path / "packs")


def found(packs: Copy, text: str) -> list[tuple[str, tuple[str, int, int]]]:
    """The codes and cells of what is wrong with a page of these scenarios."""
    (packs.folder / PAGE).write_text(text, encoding="utf-8")
    return [(each.code, packs.where(each)) for each in check(packs.own, TODAY).problems]


def said(packs: Copy, text: str) -> tuple[str, str]:
    (packs.folder / PAGE).write_text(text, encoding="utf-8")
    (only,) = check(packs.own, TODAY).problems
    return only.zh, only.en


def test_a_scenario_that_comes_true_is_no_problem(packs: Copy) -> None:
    assert found(packs, HEAD + WHEN + "  then: {row: 36, main: community, mode: WM}\n") == []


def test_a_cell_that_does_not_come_true_says_what_was_wanted_what_came_and_why(packs: Copy) -> None:
    page = HEAD + WHEN + "  then:\n    row: 36\n    main: property\n    late: street\n"

    assert found(packs, page) == [("scenario_fails", (PAGE, 8, 11))]
    assert said(packs, page) == (
        "情景“a-drain”的 then.main:应为 property ?,实际是 duty(row 36)",
        "a-drain, then.main: wanted property ?, came duty (row 36)",
    )


def test_every_cell_that_does_not_come_true_is_named(packs: Copy) -> None:
    page = HEAD + WHEN + "  then: {mode: D, urgency: normal, co: [grid_lead], deadlines: {result: 4 h}}\n"

    assert [code for code, _ in found(packs, page)] == ["scenario_fails"] * 4


def test_a_scenario_may_not_claim_a_row_that_did_not_match(packs: Copy) -> None:
    page = HEAD.replace("36", "[36, 37]") + WHEN + "  then: {row: 36}\n"

    assert found(packs, page) == [("scenario_fails", (PAGE, 4, 13))]


def test_a_near_miss_may_not_match_its_row_after_all(packs: Copy) -> None:
    page = HEAD.replace("positive", "near_miss") + WHEN + "  then: {row: 36}\n"

    assert found(packs, page) == [("scenario_fails", (PAGE, 4, 8))]


@pytest.mark.parametrize("lacking", ["public_main", "public_main is True", '{"37": public_main}'])
def test_a_near_miss_names_what_its_row_lacked(packs: Copy, lacking: str) -> None:
    head = HEAD.replace("positive", "near_miss").replace("36", "37")
    when = WHEN.replace("courtyard-51-b1", "road-45")

    assert found(packs, head + when + f"  then: {{lacking: {lacking}}}\n") == []
    assert found(packs, head + when + "  then: {lacking: category}\n") == [("scenario_fails", (PAGE, 6, 19))]


def test_time_goes_by_and_posts_give_commands(packs: Copy) -> None:
    steps = "    then: [{by: duty, does: sign_for}, {wait: 25 h}]\n"
    when = f"  when:\n    report: {{category: WAT.sewer_blocked, building: courtyard-51-b1, text: 堵了}}\n{steps}"

    assert found(packs, HEAD + when + "  then: {state: signed, owner: duty}\n") == []


def test_a_command_that_is_refused_is_a_problem_unless_the_scenario_wants_it(packs: Copy) -> None:
    steps = "    then: [{by: grid-1-lead, does: start}]\n"
    when = f"  when:\n    report: {{category: WAT.sewer_blocked, building: courtyard-51-b1, text: 堵了}}\n{steps}"

    assert found(packs, HEAD + when + "  then: {row: 36}\n") == [("scenario_stops", (PAGE, 7, 5))]
    assert found(packs, HEAD + when + "  then: {row: 36, refused: not_permitted}\n") == []


@pytest.mark.parametrize(
    ("step", "column"),
    [
        ("{by: nobody, does: sign_for}", 17),
        ("{by: duty, does: fly}", 29),
        ("{by: duty, does: sign_for, with: {speed: 3}}", 53),
    ],
)
def test_a_step_that_names_what_is_not_there_is_a_problem_at_its_cell(packs: Copy, step: str, column: int) -> None:
    report = "{category: WAT.sewer_blocked, building: courtyard-51-b1, text: 堵了}"
    when = f"  when:\n    report: {report}\n    then: [{step}]\n"

    assert found(packs, HEAD + when + "  then: {row: 36}\n") == [("scenario_stops", (PAGE, 7, column))]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("kind: positive", "kind: good", "not_one_of"),
        ("row: 36\n", 'row: "36"\n', "not_a_number"),
        ("  then: {row: 36}", "  then: {}", "nothing_wanted"),
        ("  then: {row: 36}", "  then: {rows: 36}", "unknown_field"),
        ("  then: {row: 36}", "  then: {deadlines: {result: 3}}", "not_within"),
        ("  then: {row: 36}", "  then: {lacking: {public: dog}}", "not_a_row"),
        ("  when: {report:", "  given: {on: 14 September}\n  when: {report:", "not_an_instant"),
        ("  when: {report:", "  given: {facts: {san: 1.5}}\n  when: {report:", "not_an_answer"),
        ("  when: {report:", "  when: {resource: hall, report:", "nothing_happens"),
        ("  when: {report:", "  when: {then: [{wait: 1 h, triage: true}], report:", "not_a_step"),
        ("en: A blocked drain", "fr: Un égout bouché", "field_missing"),
    ],
)
def test_a_cell_of_the_wrong_form_is_a_problem(packs: Copy, old: str, new: str, code: str) -> None:
    page = HEAD + WHEN + "  then: {row: 36}\n"
    assert page.count(old) == 1

    assert code in [each for each, _ in found(packs, page.replace(old, new))]


def test_two_scenarios_with_one_name_are_a_problem(packs: Copy) -> None:
    page = HEAD + WHEN + "  then: {row: 36}\n"

    assert found(packs, page + page) == [("id_twice", (PAGE, 7, 7))]


def test_a_page_that_cannot_be_read_is_a_problem_like_any_other(packs: Copy) -> None:
    assert found(packs, "- &a {id: x}\n") == [("anchor", (PAGE, 1, 3))]


def test_scenarios_may_stand_on_several_pages(packs: Copy) -> None:
    packs.add("wulibao/scenarios-of-mine.yaml", HEAD + WHEN + "  then: {row: 35}\n")

    assert [(each.code, packs.where(each)) for each in check(packs.own, TODAY).problems] == [
        ("scenario_fails", ("wulibao/scenarios-of-mine.yaml", 6, 15))
    ]


def test_scenarios_change_neither_the_pack_nor_its_version(packs: Copy) -> None:
    before = packs.pack().version
    packs.add(PAGE, "# a word\n")

    assert packs.pack().version == before
    assert load(packs.own).problems == ()


def test_the_scenarios_of_a_pack_that_is_handed_in_are_judged_too(packs: Copy) -> None:
    (packs.folder / PAGE).write_text(HEAD + WHEN + "  then: {row: 35}\n", encoding="utf-8")
    (handed,) = check_handed("wulibao", pages_of(packs.own), TODAY).problems

    assert (handed.code, handed.file, handed.row) == ("scenario_fails", PAGE, 6)


def test_a_resource_is_looked_for_in_the_list_of_resources(packs: Copy) -> None:
    head = HEAD.replace("  row: 36\n", "")

    assert found(packs, head + "  when: {resource: hall}\n  then: {units: [example-school], row: none}\n") == []


def test_a_scenario_in_a_year_without_a_calendar_is_a_problem_and_no_accident(packs: Copy) -> None:
    head = HEAD + "  given: {on: 2031-03-03 10:00}\n"

    assert found(packs, head + WHEN + "  then: {row: 36}\n") == [("scenario_stops", (PAGE, 5, 3))]


def test_a_scenario_may_set_a_point_and_look_at_what_is_proposed_and_who_is_told(packs: Copy) -> None:
    head = HEAD.replace("36", "[27, 31]") + "  given: {facts: {san_in_compound_30d: 3}}\n"
    when = "  when: {report: {category: SAN.dead_corner, point: [113.643, 34.7208]}}\n"
    then = (
        "  then: {place: polygon, proposed_to: [community, street], told: [property], scheduled: campaign_proposal}\n"
    )

    assert found(packs, head + when + then.replace("scheduled: c", "scheduled: [c").replace("l}", "l]}")) == []
    assert [code for code, _ in found(packs, head + when + "  then: {proposed_to: [community]}\n")] == [
        "scenario_fails"
    ]
