"""The catalogue of base is that of the specification: every code, urgency, figure, flag and question."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from shaoyin.domain.catalogue import of_category
from shaoyin.domain.conditions import named
from shaoyin.domain.pack import Category, Pack

SPEC = Path(__file__).parents[1] / "spec"
URGENCIES = {"N": "normal", "E": "elevated", "U": "urgent", "C": "critical"}
FIGURE = re.compile(r"(\d+) (wd|wh|d|h|min)\b")
SAME_DAY = ("same day", "0 wd")
"""What the specification writes, and how a clerk does: until the end of duty (domain 4.4)."""

BY_PEOPLE = {
    "ORD.illegal_structure": {"7 wd"},
    "LAB.wage_arrears": {"5 wd"},
}
"""Figures between the first step and the result: the penalty, the decision to file. Another body's own clocks."""
BEYOND = {
    "WAT.sewage_overflow": {"4 h"},
    "MIS.out_of_scope": {"1 wd"},
}
"""Handled as a blocked sewer (domain 4.4); the reply the same day is the first step, and the end follows it."""

FIRST_STEPS = {
    "LIG.no_lamp": "plan", "ROA.manhole": "measure", "ROA.traffic_organisation": "reply", "ROA.collapse": "measure",
    "PAR.illegal_parking": "reply", "PAR.abandoned_car": "measure", "PRO.lift_trapped": "measure",
    "PRO.roof_leak": "reply", "HAZ.fire_door": "measure", "HAZ.falling_object": "reply",
    "HAZ.facade_loose": "measure", "HAZ.wire": "measure", "ORD.illegal_structure": "measure",
    "ORD.noise_life": "reply", "DIS.neighbour": "reply", "DIS.property": "reply", "LAB.wage_arrears": "reply",
    "WEL.min_living": "reply", "CON.consult": "reply", "MIS.out_of_scope": "reply",
}  # fmt: skip
"""What meets the step before the result: a guard, a plan, an answer (mechanics 22)."""

PHOTOS = {"SAN", "GRE", "ROA", "WAT", "LIG"}
WORDS = {"DIS", "WEL", "CAR", "LAB", "CON", "MIS"}
CHECKED = {"HAZ", "WAT", "ROA", "LIG", "PRO", "GRE"}
HAZARDS = {
    "GRE.tree_danger", "ROA.manhole", "ROA.collapse", "PAR.fire_lane_blocked", "CHG.flying_wire", "WAT.burst_pipe",
}  # fmt: skip
MASKED = {"HAZ.falling_object", "PAR.illegal_parking", "CON.conduct", "MIS.clue"}
SENSITIVE = {"DIS.domestic_violence", "CON.conduct", "MIS.clue", "LAB.wage_arrears"}
NOT_SENSITIVE = {"CAR.micro_wish", "CAR.festival_visit"}
NOT_AT_HOME = {"CON.conduct", "MIS.clue", "MIS.out_of_scope", "CAR.key_person"}
"""Key persons too: only the competent body's post handles and reads such a matter (row 72, mechanics 26)."""


def table(name: str) -> list[dict[str, str]]:
    with (SPEC / name).open(encoding="utf-8", newline="") as page:
        return list(csv.DictReader(page))


CATALOGUE = {row["Code"]: row for row in table("categories.csv")}
ROUTING = {row["#"]: row for row in table("routing.csv")}
OTHER_CLOCKS = {"10", "11", "12", "13", "14", "19", "76", "77", "78"}
"""Rows whose figure is a clock of its own: reply, dispatch, acknowledgement, assigning, adjudication."""
OF_THE_NOTES = {"4": {"30 min"}, "21": {"4 wh"}, "55": {"30 d"}, "56": {"7 d"}}
"""Figures of domain 4.4 rather than of the table: the guard, the border, the council topic, the reply on upkeep."""
QUESTIONS = {row["Question"]: row["Answers"] for row in table("questions.csv")}


def figures_in(cell: str) -> set[str]:
    written, meant = SAME_DAY
    return {f"{amount} {unit}" for amount, unit in FIGURE.findall(cell.replace(written, meant))}


def figures(category: Category) -> set[str]:
    lengths = [category.result, *(within for _, within in (*category.result_if, *category.result_if_not))]
    if category.first_step is not None:
        lengths.append(category.first_step.within)
    return {str(each) for each in lengths}


def test_every_category_of_the_specification_is_there_in_its_order_and_no_other(wulibao: Pack) -> None:
    assert list(wulibao.categories) == list(CATALOGUE)
    assert len(CATALOGUE) == 104


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_category_has_the_urgency_and_the_figures_of_the_table(wulibao: Pack, code: str) -> None:
    category, row = wulibao.categories[code], CATALOGUE[code]
    said = figures_in(row["Result"])
    by_urgency = {str(wulibao.default_result[category.urgency])} - said

    assert category.urgency == URGENCIES[row["Urg"][0]]
    held = figures(category) - BEYOND.get(code, set())
    assert said - BY_PEOPLE.get(code, set()) <= held
    assert held - said <= (by_urgency if str(category.result) in by_urgency else set())


def test_a_category_names_its_first_step_and_what_meets_it(wulibao: Pack) -> None:
    steps = {code: each.first_step.met_by for code, each in wulibao.categories.items() if each.first_step is not None}

    assert steps == FIRST_STEPS


def test_what_may_be_posted_for_claim_is_the_column_of_the_table(wulibao: Pack) -> None:
    said = {code for code, row in CATALOGUE.items() if row["Ord"].startswith("yes")}

    assert {code for code, each in wulibao.categories.items() if each.orders} == said
    assert {code for code, each in wulibao.categories.items() if each.vetting == "minors"} == {"CAR.minor"}
    assert {code for code, each in wulibao.categories.items() if each.vetting != "none"} <= said


def test_the_flags_of_a_category_follow_its_group(wulibao: Pack) -> None:
    """Mechanics 32 and 33, decisions 1.21, routing row 17."""
    for code, category in wulibao.categories.items():
        group = code[:3]
        evidence = "photo_before_after" if group in PHOTOS else "text" if group in WORDS else "photo_optional"
        checked = group in CHECKED or code in {"ORD.illegal_structure", "SAN.construction_waste"}
        assert category.evidence == evidence, code
        assert category.check_required == checked, code
        assert category.hazard == (group == "HAZ" or code in HAZARDS), code
        assert category.masked == (group in {"ORD", "DIS"} or code in MASKED), code
        sensitive = code in SENSITIVE or (group in {"WEL", "CAR"} and code not in NOT_SENSITIVE)
        assert category.sensitive == sensitive, code
        assert category.home_grid_allowed == (code not in NOT_AT_HOME), code


def test_a_flooded_home_makes_four_hours_of_a_day_and_a_small_heap_four_hours_of_two(wulibao: Pack) -> None:
    flooded, heap = (wulibao.categories[code] for code in ("WAT.sewer_blocked", "SAN.construction_waste"))

    assert [(question, str(within)) for question, within in flooded.result_if] == [("flooding_homes", "4 h")]
    assert [(question, str(within)) for question, within in heap.result_if_not] == [("heavy", "4 wh")]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_answers_of_the_specification(wulibao: Pack, question: str) -> None:
    asked, said = wulibao.questions[question], QUESTIONS[question]
    choices = {choice for choice, _ in asked.choices}

    if said in ("true / false", "number"):
        assert asked.kind == {"true / false": "yes_no", "number": "number"}[said]
    else:
        assert asked.kind == "choice"
        assert set(said.partition(";")[0].split(" / ")) == choices - ({"nobody"} - set(said.split(" / ")))


def test_no_question_is_there_that_the_specification_or_a_category_does_not_ask(wulibao: Pack) -> None:
    asked = {question for category in wulibao.categories.values() for question in category.questions}

    assert set(wulibao.questions) == set(QUESTIONS)
    assert asked == set(QUESTIONS) - {"danger"}


def test_a_category_asks_what_its_own_rows_want_to_know(wulibao: Pack) -> None:
    """A row that hangs on an answer can match only where some category of it asks for the answer."""
    for row in wulibao.rules.rows:
        patterns = next((tuple(map(str, named(each))) for each in row.when if each.fact == "category"), ())
        codes = [code for code in wulibao.categories if of_category(patterns, code)]
        asked = {question for code in codes for question in wulibao.categories[code].questions} | {"danger"}
        wanted = {each.fact for each in row.when if each.fact in wulibao.questions and each.op != "is_not"}
        assert not codes or wanted <= asked, row.row


def test_every_role_of_the_specification_has_a_kind_of_post(wulibao: Pack) -> None:
    named = """responsible_unit managing_unit mediation_committee charging_operator lift_maintainer grid_centre
        campaign_command_post competent_body joint_meeting duty_roster street_adjudicator triage_lead"""

    assert set(named.split()) <= set(wulibao.directory.kinds)


def test_a_row_of_the_table_has_the_figures_of_the_specification(wulibao: Pack) -> None:
    held: dict[str, set[str]] = {}
    for row in wulibao.rules.rows:
        figures_of_row = (row.then.result_within, row.then.first_step, row.then.claim)
        held.setdefault(str(row.row), set()).update(str(each) for each in figures_of_row if each is not None)
    for number, line in ROUTING.items():
        said = figures_in(line["First deadline"])
        assert number in OTHER_CLOCKS or held.get(number, set()) == said | OF_THE_NOTES.get(number, set()), number
