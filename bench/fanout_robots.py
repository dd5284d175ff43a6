"""A unit's chat at its robot's quota: two replicas of notify ring together, exactly at twenty a minute.

There is more to say than the quota lets through from the first second to the last: forty-five critical alerts at once,
and then others all the time, each to a person of his own who has no other way.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
import uvloop

from bench.fanout_figures import busiest, lag
from bench.fanout_ground import Town, bus_of, store_of, town
from bench.fanout_news import ORG, STAFF, Dispatched, person, three
from bench.figures import Figure, at_least, at_most
from bench.provider import MOST, WITHIN
from deploy.local import Engines
from shaoyin.adapters.kafka import KafkaBus

SET_UP = {
    "SHAOYIN_WECOM_ROBOT_URL": "{provider}",
    "SHAOYIN_WECOM_ROBOT_KEYS": json.dumps({ORG: "00000000-1111-2222-3333-444444444444"}),
}
CRITICAL = 15
"""Events, each to three: forty-five messages, since a critical alert goes alone."""
EVERY = 0.5
AFTER = 5.0
"""Seconds that it is looked at beyond the last minute, so that a window over its end is seen too."""


class Came(NamedTuple):
    """`at` in seconds from the first; `code` as WeCom answers."""

    at: float
    text: str
    code: int


def measure_robots(on: Engines, minutes: int) -> Iterator[Figure]:
    with town(on, replicas=2, told=SET_UP) as two:
        yield from uvloop.run(_at_quota(two, minutes))


async def _at_quota(on: Town, minutes: int) -> list[Figure]:
    lasts = minutes * WITHIN
    await _awake(on)
    async with bus_of(on) as bus:
        on.lag()
        await _everything(bus, lasts + AFTER)
        late = on.lag()
    came = _came(on)
    counted = [each for each in came if each.at < lasts]
    refused, at_once = sum(each.code != 0 for each in came), busiest([each.at for each in came], WITHIN)
    said, most = f"a robot and two replicas, {minutes} min", MOST * minutes
    return [
        Figure("fanout", f"{said}: messages, exactly {most}", len(counted), "", None, at_least(most)),
        Figure("fanout", f"{said}: most in any 60 s", at_once, "", None, at_most(MOST)),
        Figure("fanout", f"{said}: refused by the provider", refused, "", None, at_most(0)),
        Figure("fanout", f"{said}: critical ones behind another", overtaken(came), "", None, at_most(0)),
        lag(said, late),
    ]


async def _awake(on: Town) -> None:
    """Nobody has quiet hours: a bench is run at any hour."""
    async with store_of(on) as store:
        await store["preferences"].insert_many(
            [{"_id": person(each), "quiet": ["00:00", "00:00"], "subscriptions": []} for each in range(STAFF)]
        )


async def _everything(bus: KafkaBus, lasts: float) -> None:
    """Forty-five critical alerts at once, then others every half second."""
    news = Dispatched.at(datetime.now(UTC))
    await bus.send(
        [news.to(three(each), f"critical-{each}", "critical", datetime.now(UTC)) for each in range(CRITICAL)]
    )
    began, number = time.perf_counter(), CRITICAL
    while time.perf_counter() - began < lasts:
        await asyncio.sleep(EVERY)
        await bus.send([news.to(three(number), f"other-{number}", "normal", datetime.now(UTC))])
        number += 1


def _came(on: Town) -> list[Came]:
    told = httpx.get(f"{on.provider.origin}/seen", trust_env=False).json()["robot"]
    return [Came(at - told[0][0], text, code) for at, text, code in told]


def overtaken(came: Sequence[Came]) -> int:
    """Messages about other matters that came before the last critical one."""
    critical = ["critical-" in each.text for each in came]
    upto = max((place for place, each in enumerate(critical, 1) if each), default=0)
    return upto - sum(critical)
