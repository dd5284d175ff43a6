"""The desk sees what a case without category may be about, and takes it or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.router.change_case import Asked, change_case
from services.router.desk import Desk
from services.router.show_cases import show_case
from shaoyin.domain import commands as cmd
from tests.domain.town import DUTY, MORNING
from tests.services.test_router_jobs import a_report, desk, message, routed

__all__ = ["desk"]


async def shown(desk: Desk, text: str, category: str | None = None) -> Any:
    await routed(desk, message(replace(a_report(), description=text, category=category)))
    return (await show_case(desk, DUTY[0], "c1", "zh-CN"))[0]


async def test_a_case_without_category_shows_what_it_may_be_and_why(desk: Desk) -> None:
    view = await shown(desk, "楼道灯坏了,垃圾也没人收")

    assert view["category"] is None
    assert {each["category"] for each in view["suggested"]} >= {"LIG.corridor_light", "SAN.exposed_waste"}
    assert all(set(each) == {"category", "score", "words"} and each["words"] for each in view["suggested"])
    assert view["danger_suspected"] == []


async def test_what_somebody_chose_is_not_questioned(desk: Desk) -> None:
    view = await shown(desk, "楼道灯坏了", "WAT.sewer_blocked")

    assert (view["category"], view["suggested"]) == ("WAT.sewer_blocked", [])


async def test_a_word_of_danger_is_shown_beside_any_category(desk: Desk) -> None:
    view = await shown(desk, "垃圾桶着火了", "SAN.exposed_waste")

    assert view["danger_suspected"] == [{"danger": "fire", "number": "119", "words": ["着火了"]}]


async def test_the_desks_own_choice_wins_and_nothing_of_the_suggestion_is_kept(desk: Desk) -> None:
    view = await shown(desk, "下水道堵了")
    assert view["suggested"][0]["category"] == "WAT.sewer_blocked"

    accepted = cmd.Accept(
        at=MORNING, person=DUTY[0], post=DUTY[1], category="LIG.lamp_out", area=view["area"], urgency="normal",
        number="N1",
    )  # fmt: skip
    found = await change_case(desk, Asked("c1", accepted))

    assert found.case.category == "LIG.lamp_out"
    assert (await show_case(desk, DUTY[0], "c1", "zh-CN"))[0]["suggested"] == []
    assert "suggested" not in repr(found.history)
