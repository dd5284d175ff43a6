"""The page `suggest.yaml`: how it is refused, and how a community adds its own words."""

from __future__ import annotations

import pytest

from shaoyin.__main__ import main
from tests.packs.conftest import Copy

PAGE = "wulibao/suggest.yaml"


def test_a_community_adds_its_own_words_to_those_of_all(packs: Copy) -> None:
    pack = packs.add(PAGE, "categories:\n  SAN.small_ads:\n    words: 膏药旗\n").pack()
    (telling,) = (each for each in pack.tellings if each.category == "SAN.small_ads")

    assert {"膏药旗", "牛皮癣"} <= set(telling.words)
    assert pack.suggesting.suggest("到处是膏药旗").categories[0].category == "SAN.small_ads"


def test_nobody_need_write_the_page(packs: Copy) -> None:
    (packs.folder / "base/suggest.yaml").unlink()

    pack = packs.pack()

    assert pack.suggesting.suggest("下水道堵了").categories == ()
    assert [sign.danger for sign in pack.dangers("着火了", {})] == ["fire"]


@pytest.mark.parametrize(
    ("page", "row", "column", "code", "zh"),
    [
        ("categories:\n  SAN.small_ads:\n    words: [膏药旗]\n", 3, 5, "not_phrases", "顿号"),
        ("categories:\n  SAN.small_ads:\n    words: 膏药旗、膏药旗\n", 3, 12, "said_twice", "“膏药旗”"),
        ("categories:\n  SAN.small_ads:\n    words: 旗、膏药旗\n", 3, 12, "short_phrase", "“旗”太短"),
        ("categories:\n  SAN.small_ads:\n    words: 膏药…\n", 3, 12, "short_phrase", "“膏药…”太短"),
        ("categories:\n  SAN.small_ads:\n    words: 、、\n", 3, 12, "empty_text", "不能空着"),
        ("categories:\n  SAN.small_ads:\n    word: 膏药旗\n", 3, 5, "unknown_field", "words, context, against, danger"),
        ("categories:\n  SAN.flags:\n    words: 膏药旗\n", 2, 3, "unknown_category", "SAN.flags"),
        ("categories:\n  SAN.small_ads:\n    danger: flags\n", 3, 13, "unknown_danger", "flags"),
        ("unsaid:\n  denied: 没有、没有\n", 2, 11, "said_twice", "“没有”"),
    ],
)  # fmt: skip
def test_a_slip_is_shown_in_its_cell(packs: Copy, page: str, row: int, column: int, code: str, zh: str) -> None:
    found = packs.add(PAGE, page).problem()

    assert (packs.where(found), found.code) == ((PAGE, row, column), code)
    assert zh in found.zh


def test_a_word_cannot_speak_for_a_category_and_against_it(packs: Copy) -> None:
    page = "categories:\n  SAN.small_ads:\n    context: 膏药旗\n    against: 膏药旗\n"
    found = packs.add(PAGE, page).problem()

    assert (packs.where(found), found.code) == ((PAGE, 4, 14), "said_for_and_against")
    assert "“膏药旗”" in found.zh


def test_a_word_of_danger_too_short_to_be_looked_for_is_refused(packs: Copy) -> None:
    found = packs.change("base/pack.yaml", "[着火, ", "[火, 着火, ").problem()

    assert found.code == "short_phrase"


def test_the_command_says_what_a_sentence_may_be_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggest", "packs/wulibao", "下水到堵了", "厨房漏气", "你好"]) == 0
    said = capsys.readouterr().out

    assert "WAT.sewer_blocked  下水道堵塞  “下水到堵”" in said
    assert "! gas  119  “漏气”" in said
    assert "没有可建议的类别 / nothing to suggest" in said


def test_the_command_shows_the_problems_of_a_pack_that_has_some(
    packs: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    packs.add(PAGE, "categories: 4\n")

    assert main(["suggest", str(packs.own), "你好"]) == 1
    assert "suggest.yaml:1:" in capsys.readouterr().out
