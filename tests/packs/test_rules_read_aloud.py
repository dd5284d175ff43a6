"""Every row of the shipped packs can be read aloud in both languages; no code stands where a word should."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from shaoyin.adapters import rule_reading, rule_words
from shaoyin.adapters.pack_cells import cells_of, pack_from
from shaoyin.adapters.packs import pages_of
from shaoyin.adapters.rule_reading import Reading
from shaoyin.adapters.rule_table import rows_of
from shaoyin.adapters.words import LANGUAGES, Language
from tests.domain.town import PACKS, wulibao

NAMES = sorted(path.parent.name for path in PACKS.glob("*/pack.yaml") if path.parent.name != "base")
CODE = re.compile(r"[a-z0-9]+_[a-z0-9_]+|[A-Z]{3}\.[a-z]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WRITTEN_IN_CHINESE = ("basis", "more")
"""A pack writes grounds, the tasks of whistles and what it looks for in a text in its own language."""


def said(language: Language, then: Mapping[str, Any] | None = None, **when: object) -> dict[str, list[str]]:
    row = {"row": 1, "group": "category", "effect": "decides", "when": when, "then": then or {}}
    return Reading(wulibao(), language).row(row)


def asked(language: Language, **when: Any) -> list[str]:
    return said(language, **when)["asked"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_a_shipped_pack_is_said_in_words(name: str, language: Language) -> None:
    pages = pages_of(PACKS / name)
    reading = Reading(pack_from("read", cells_of(pages)), language)
    for line, row in rows_of(pages).items():
        cells = reading.row(row.entry.data)
        assert cells["asked"], line
        for column, lines in cells.items():
            if column in WRITTEN_IN_CHINESE and language == "en":
                continue
            codes = [each for each in lines if column != "basis" and CODE.search(each)]
            assert not codes, (line, column)
            chinese = [each for each in lines if CHINESE.search(each) and not each.startswith("text: ")]
            assert language != "en" or not chinese, (line, column)


def test_a_condition_is_the_question_of_the_form_and_its_answer() -> None:
    assert asked("zh-CN", danger="fire") == ["现在有没有危险：着火了"]
    assert asked("en", danger=["fire", "smoke"]) == ["Is there danger now: Fire or Smoke"]


def test_what_is_not_known_meets_an_is_not_and_the_sentence_says_so() -> None:
    assert asked("en", inside_flat={"is_not": True}) == ["Is the thing inside one flat: no, or not known"]
    assert asked("zh-CN", danger={"is_not": "none"}) == ["现在有没有危险：不是 没有危险（不知道也算）"]


def test_that_something_is_not_known_is_said_in_words() -> None:
    assert asked("zh-CN", inside_flat="not_known")[0].endswith("：不知道")
    assert asked("en", inside_flat="不清楚") == ["Is the thing inside one flat: not known"]
    assert asked("en", danger=["fire", "not_known"]) == ["Is there danger now: Fire or not known"]
    assert asked("en", inside_flat={"is_not": "not_known"}) == ["Is the thing inside one flat: known"]
    assert asked("zh-CN", danger={"is_not": ["none", "不知道"]}) == ["现在有没有危险：知道，而且不是 没有危险"]


def test_a_count_is_said_with_its_days_and_its_place() -> None:
    assert asked("zh-CN", san_in_compound_30d={"at_least": 3}) == ["30天内同一楼院或小区的件数（SAN 整类）：至少 3"]


def test_a_row_without_conditions_is_met_always() -> None:
    assert asked("en") == ["always"]


def test_the_words_of_a_clerk_are_understood() -> None:
    assert asked("en", 管理方式="无主管") == ["management: managed by nobody"]


def test_handlers_stand_in_their_order_and_departments_by_their_field() -> None:
    then = {"main": "property|dept:sanitation", "late": "street_section:housing"}

    assert said("en", then)["handler"] == ["management firm's duty post; failing that, sanitation department"]
    assert said("zh-CN", then)["late"] == ["街道住建科室"]


def test_a_kind_of_post_of_the_packs_own_is_called_by_its_name() -> None:
    nanmen = Reading(pack_from("read", cells_of(pages_of(PACKS / "nanmen"))), "en")

    assert nanmen.role("patrol_duty") == "Patrol on duty"
    assert nanmen.role("nobody_knows") == "nobody_knows"


def test_deadlines_are_said_in_full() -> None:
    then = {"main": "street", "first_step": {"within": "1 wd", "met_by": "plan"}, "result_within": "3 d"}

    assert said("en", then)["first"] == ["plan agreed within 1 working day", "result within 3 days"]
    assert said("zh-CN", then)["first"] == ["1个工作日内商定方案", "3天内办结"]


def test_the_same_day_is_said_in_words() -> None:
    then = {"first_step": {"within": "0 wd", "met_by": "reply"}}

    assert said("zh-CN", then)["first"] == ["当天内答复"]
    assert said("en", then)["first"] == ["reply within the same day"]


def test_every_word_of_a_clerk_has_its_english() -> None:
    english = rule_reading._resource()["english"]
    for kind in rule_reading.CLERKS:
        assert english[kind].keys() == rule_words.words(kind).by_code.keys(), kind
