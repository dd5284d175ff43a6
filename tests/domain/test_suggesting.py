"""A suggestion from words alone: what speaks for a category, what against, what is not meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain.suggesting import READ_AT_MOST, Telling
from tests.domain.town import wulibao


def first(text: str) -> str | None:
    found = wulibao().suggesting.suggest(text).categories
    return found[0].category if found else None


def test_at_most_three_are_proposed_the_likeliest_first_with_the_words_as_written() -> None:
    found = wulibao().suggesting.suggest("下水到堵了两天,樓道燈也壞了,狗屎没人捡,另外电梯还坏了")

    scores = [each.score for each in found.categories]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert {"下水到堵", "樓道燈"} <= {word for each in found.categories for word in each.words}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("路灯不亮", "LIG.lamp_out"),
        ("楼道灯不亮", "LIG.corridor_light"),
        ("巷子里没有路灯", "LIG.no_lamp"),
        ("不是路灯,是楼道灯坏了", "LIG.corridor_light"),
        ("楼上漏水不赔", "DIS.neighbour"),
        ("屋顶漏水", "PRO.roof_leak"),
        ("飞线充电容易起火", "CHG.flying_wire"),
        ("充电桩坏了", "CHG.pile_fault"),
        ("小区没有充电桩", "CHG.no_pile"),
        ("厨房漏气", "HAZ.gas"),
        ("电梯里关着人", "PRO.lift_trapped"),
        ("老公打我", "DIS.domestic_violence"),
    ],
)
def test_near_matters_are_told_apart(text: str, category: str) -> None:
    assert first(text) == category


@pytest.mark.parametrize("text", ["", " ", "你好", "谢谢", "12345", "!!!", "asdf", "轮胎漏气了"])
def test_where_nobody_could_say_nothing_is_proposed(text: str) -> None:
    found = wulibao().suggesting.suggest(text)

    assert (found.categories, found.dangers) == ((), ())


def test_a_danger_brings_the_category_that_it_is() -> None:
    found = wulibao().suggesting.suggest("有股臭鸡蛋味")

    assert [each.danger for each in found.dangers] == ["gas"]
    assert "HAZ.gas" in {each.category for each in found.categories}


def test_what_speaks_against_a_category_outweighs_a_word_for_it() -> None:
    tellings = (
        Telling("PRO.roof_leak", words=("漏水",), against=("水管",)),
        Telling("WAT.burst_pipe", words=("水管",)),
    )
    found = replace(wulibao(), tellings=tellings).suggesting.suggest("水管漏水")

    assert [each.category for each in found.categories] == ["WAT.burst_pipe"]


def test_a_word_of_many_categories_says_less_of_each() -> None:
    alone = replace(wulibao(), tellings=(Telling("ORD.dog", words=("恶犬",)),)).suggesting.suggest("恶犬")
    shared = replace(
        wulibao(), tellings=(Telling("ORD.dog", words=("恶犬",)), Telling("ORD.pet_mess", words=("恶犬",)))
    ).suggesting.suggest("恶犬")

    assert shared.categories[0].score < alone.categories[0].score


def test_a_matter_is_looked_for_in_the_beginning_and_danger_to_the_end() -> None:
    text = "路灯不亮。" + "。" * READ_AT_MOST + "下水道堵了。厨房漏气"
    found = wulibao().suggesting.suggest(text)

    assert "WAT.sewer_blocked" not in {each.category for each in found.categories}
    assert [each.danger for each in found.dangers] == ["gas"]


def test_a_pack_without_words_suggests_nothing() -> None:
    assert replace(wulibao(), tellings=()).suggesting.suggest("下水道堵了").categories == ()
