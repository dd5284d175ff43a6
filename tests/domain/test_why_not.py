"""Why a row did not decide: every condition with what it saw, and of one that matched what came instead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain.conditions import Condition
from shaoyin.domain.facts import Matter
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Answer
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.why_not import REASONS, ConditionSeen, WhyNot, why_not
from tests.domain.town import MORNING, wulibao


def asked(
    row: int,
    category: str = "WAT.sewer_blocked",
    text: str = "下水道堵了",
    pack: Pack | None = None,
    **answers: Answer,
) -> WhyNot:
    matter = Matter(
        category=category, area="courtyard-51-b1", place_how="building", urgency="normal", secrecy="open",
        text=text, answers=answers, gathered={},
    )  # fmt: skip
    found = why_not(row, matter, MORNING, pack or wulibao())
    assert found is not None
    return found


def states(found: WhyNot) -> dict[str, str]:
    return {each.condition.split()[0]: each.state for line in found.lines for each in line.conditions}


def test_the_row_that_decided_says_so_and_all_its_conditions_are_met() -> None:
    found = asked(36)

    assert (found.because, found.other) == ("decided", None)
    assert any(line.met for line in found.lines)


def test_a_category_that_the_pack_does_not_have_is_not_known() -> None:
    found = asked(37, category="WAT.gone")

    assert (found.because, states(found)["category"]) == ("unmet", "not_known")


def test_a_question_nobody_answered_is_not_known_and_no_means_unmet() -> None:
    assert states(asked(37))["public_main"] == "not_known"
    assert states(asked(37, public_main=False))["public_main"] == "unmet"
    assert asked(37).because == "unmet"


def test_a_row_that_asks_for_what_is_not_known_is_met_by_that_and_unmet_by_any_answer() -> None:
    heavy = Condition("heavy", "is", None)
    row = replace(wulibao().rules.by_number[28], row=990, when=(Condition("category", "is", "SAN.dead_corner"), heavy))
    pack = replace(wulibao(), rules=RuleTable((row, *wulibao().rules.rows)))
    met, unmet = (asked(990, "SAN.dead_corner", "堆物", pack, **answers) for answers in ({}, {"heavy": False}))

    assert [each for each in met.lines[0].conditions if each.condition == "heavy is not_known"] == [
        ConditionSeen("heavy is not_known", "met", None)
    ]
    assert [each.state for each in unmet.lines[0].conditions] == ["met", "unmet"]
    assert unmet.lines[0].conditions[1].seen is False


def test_of_a_text_it_is_said_only_whether_a_word_was_found() -> None:
    texts = [
        (each.state, each.seen)
        for row in sorted({row.row for row in wulibao().rules.rows if any(c.fact == "text" for c in row.when)})
        for line in asked(row).lines
        for each in line.conditions
        if each.condition.startswith("text ")
    ]

    assert texts
    assert set(texts) <= {("met", True), ("unmet", False)}


def test_the_place_row_matches_and_the_more_exact_row_decides() -> None:
    whose = [row.row for row in wulibao().rules.rows if row.group == "whose"]

    found = next(each for each in map(asked, whose) if any(line.met for line in each.lines))

    assert (found.because, found.other) == ("more_exact", "36")


def test_a_row_that_steps_back_names_the_line_before_which_it_does() -> None:
    backs = [row for row in wulibao().rules.rows if row.then.yields_to]

    assert backs
    for row in backs:
        for line in asked(row.row).lines:
            assert line.yields_to is None or line.met


def test_a_row_that_is_not_there_has_no_answer() -> None:
    matter = Matter("WAT.sewer_blocked", "courtyard-51-b1", "building", "normal", "open", "", {}, {})

    assert why_not(9999, matter, MORNING, wulibao()) is None


def test_a_matter_without_a_place_is_asked_as_before_a_person_looked() -> None:
    matter = Matter("WAT.sewer_blocked", None, None, "normal", "open", "", {}, {})

    found = why_not(36, matter, MORNING, wulibao())

    assert found is not None
    assert found.because in REASONS


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("because", REASONS)
def test_every_reason_is_a_sentence_in_both_languages(because: str, language: str) -> None:
    said = wulibao().text(f"explain.why_not.{because}", language).format(row=23, seen="36")

    assert "23" in said
