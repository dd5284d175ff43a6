"""What the five communities do with the words people use, as far as a category is suggested from them."""

from __future__ import annotations

import pytest

from tests.domain.town import wulibao


@pytest.mark.parametrize("text", ["楼上掉东西下来", "thing fell from upstairs", "楼上有人往下扔东西,没伤到人"])
def test_dx_22_a_thing_that_fell_from_upstairs_is_a_falling_object_and_urgent(text: str) -> None:
    """Mechanism DX-22."""
    found = wulibao().suggesting.suggest(text)

    assert found.categories[0].category == "HAZ.falling_object"
    assert wulibao().categories["HAZ.falling_object"].urgency == "urgent"
    assert found.dangers == ()


def test_dx_22_where_somebody_was_hurt_the_number_is_shown_too() -> None:
    """Mechanism DX-22."""
    found = wulibao().suggesting.suggest("楼上掉东西下来,砸伤了一个孩子")

    assert found.categories[0].category == "HAZ.falling_object"
    assert [each.danger for each in found.dangers] == ["medical"]


@pytest.mark.parametrize(
    ("text", "group"),
    [("小区门口有狗没拴绳", "ORD"), ("垃圾没人收", "SAN"), ("半夜有人打牌吵得睡不着", "ORD"), ("电动车被偷", "ORD")],
)
def test_dx_22_the_hot_issues_of_a_mobile_population_are_told_apart(text: str, group: str) -> None:
    """Mechanism DX-22."""
    assert wulibao().suggesting.suggest(text).categories[0].category.partition(".")[0] == group


def test_ss_12_what_cannot_wait_for_the_monthly_council_is_an_urgent_topic() -> None:
    """Mechanism SS-12."""
    urgent = wulibao().suggesting.suggest("明天就要动工了,请赶紧开会商量")
    usual = wulibao().suggesting.suggest("建议下次议事会讨论车棚的事")

    assert (urgent.categories[0].category, usual.categories[0].category) == ("DEL.urgent_topic", "DEL.topic")


@pytest.mark.parametrize(
    ("text", "group"),
    [("垃圾堆在楼下没人清", "SAN"), ("邻居纠纷想调解", "DIS"), ("没地方停车", "PAR"), ("没有充电桩", "CHG")],
)
def test_ss_20_the_four_livelihood_matters_are_recognised(text: str, group: str) -> None:
    """Mechanism SS-20."""
    assert wulibao().suggesting.suggest(text).categories[0].category.partition(".")[0] == group
