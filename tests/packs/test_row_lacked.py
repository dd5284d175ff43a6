"""What a row lacked is said in words, whatever it asked and whatever it met."""

from __future__ import annotations

import pytest

from shaoyin.adapters.row_lacked import State, lacked, state_of
from shaoyin.adapters.rule_reading import Reading
from shaoyin.adapters.words import LANGUAGES, Language
from shaoyin.domain.facts import Matter, facts_about
from shaoyin.domain.report import Answer
from shaoyin.domain.rules import RowSeen
from tests.domain.town import MORNING, wulibao
from tests.packs.test_rules_read_aloud import CODE


def said(row: RowSeen, language: Language = "zh-CN") -> str | None:
    return lacked(row, wulibao(), Reading(wulibao(), language))


@pytest.mark.parametrize(
    ("lacking", "seen", "state", "zh", "en"),
    [
        ("public_main is True", None, "not_known", "马路上的市政管道吗：是”,而这里是“不知道”。",
         "here it is “not known”."),
        ("public_main is True", False, "unmet", "而这里是“否”。", "here it is “no”."),
        ("heavy is not_known", True, "unmet", "清走吗：不知道”,而这里是“是”。",
         "away: not known”, and here it is “yes”."),
        ("danger is_not none|not_known", None, "not_known", "知道，而且不是 没有危险”,而这里是“不知道”。",
         "known, and not No danger”, and here it is “not known”."),
        ("danger one_of fire|smoke", "injury,fight", "unmet", "着火了 或 在冒烟”,而这里是“有人受伤、正在打架”。",
         "Fire or Smoke”, and here it is “Somebody is hurt, A fight”."),
        ("people at_least 5", 3, "unmet", "至少 5”,而这里是“3”。", "at least 5”, and here it is “3”."),
        ("category is_not SAN.*", "SAN.dead_corner", "unmet", "而这里是“卫生死角”。", "“Dirty corner"),
        ("text contains_any 绝密|机密", None, "unmet", "含有 绝密 或 机密”,而这里是“没有这样的词”。",
         "here it is “none of these words”."),
        ("yields_to 48", "48", "yields", "让位给第48行。", "steps back before row 48."),
    ],
)  # fmt: skip
def test_a_row_says_what_it_wanted_and_what_it_met(
    lacking: str, seen: str | int | bool | None, state: State, zh: str, en: str
) -> None:
    row = RowSeen(20, lacking, seen)

    assert state_of(row) == state
    assert zh in (said(row) or "")
    assert en in (said(row, "en") or "")


def test_a_row_that_lacked_nothing_says_nothing() -> None:
    assert (state_of(RowSeen(36)), said(RowSeen(36))) == ("met", None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", ["WAT.sewer_blocked", "ORD.dog", "HAZ.falling_object", "DIS.group", "CAR.minor"])
@pytest.mark.parametrize(
    "answers", [{}, {"danger": ("fire", "fight"), "inside_flat": True, "people": 3, "dog": "bite"}]
)
def test_of_no_row_a_code_is_said(language: Language, category: str, answers: dict[str, Answer]) -> None:
    matter = Matter(category, "courtyard-51-b1", "building", "normal", "open", "下水道堵了", answers, {})
    walk = wulibao().rules.walk(facts_about(matter, MORNING, wulibao()))
    told = [said(row, language) for row in walk.asked if not row.matched]

    assert told
    for text in told:
        assert text is not None
        assert not CODE.search(text), text
