"""Sensible steps in between, so that there is something in every state to shoot at."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

Body = dict[str, Any]


def _later(now: datetime, hours: int) -> str:
    return (now + timedelta(hours=hours)).isoformat()


RECIPES: Mapping[str, Callable[[datetime], Body]] = {
    "sign_for": lambda _: {},
    "start": lambda _: {},
    "contact_reporter": lambda now: {"outcome": "reached", "at": now.isoformat(), "note": "说明了安排"},
    "approve_whistle": lambda now: {"at": _later(now, 5)},
    "acknowledge": lambda _: {},
    "arrive": lambda now: {"at": now.isoformat(), "where": "site", "headcount": 3},
    "agree_plan": lambda now: {"tasks": [{"text": "冲洗", "due": _later(now, 4), "owner": "冲洗班组"}]},
    "submit_response": lambda _: {"text": "全线疏通", "tasks_done": [0]},
    "close_whistle": lambda _: {},
    "cancel_whistle": lambda _: {"reason": "不需要了"},
    "decline_whistle": lambda _: {"reason": "不合适", "instead": "自己处理"},
    "object": lambda _: {"basis": "不归我们管", "reason": "职责不符"},
    "submit_result": lambda _: {
        "demand_true": True, "solved": "solved", "work_done": "已疏通", "public_reply": "已经疏通了",
        "why_no_photo": "天黑",
    },
    "pass_check": lambda _: {},
    "fail_check": lambda _: {"reason": "没有修好"},
    "record_call_back": lambda now: {
        "at": now.isoformat(), "outcome": "reached", "solved": "solved", "satisfaction": "satisfied",
    },
    "request_extension": lambda now: {"until": _later(now, 60), "reason": "缺材料"},
    "approve_extension": lambda now: {"until": _later(now, 60)},
    "suspend": lambda now: {"reason": "weather", "until": _later(now, 24), "basis": "暴雨", "note": "暴雨"},
    "resume": lambda _: {},
    "return_case": lambda _: {"basis": "职责清单", "reason": "不归我们管", "instead": "street-centre"},
    "confirm": lambda _: {},
}  # fmt: skip
"""A body for each command that is usually taken; where one is refused, that is an answer too."""


def sensible(command: str, now: datetime, whistle: str | None) -> Body:
    body = RECIPES[command](now)
    return body if whistle is None else {**body, "whistle_id": whistle}


def choose(offers: Mapping[str, Mapping[tuple[str, str | None], str]], chance: random.Random) -> list[str]:
    """Some commands that somebody may give now, each kind as likely as any other."""
    able = [command for command, there in sorted(offers.items()) if there and command in RECIPES]
    return chance.sample(able, min(len(able), 8))
