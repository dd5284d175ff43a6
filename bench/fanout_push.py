"""Phones by Web Push: from an event in Kafka through notify to a push service, and the sender alone beside two others.

Notify claims, encrypts, signs, sends and writes what became of each; the push service is a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import uvloop

from bench.fanout_figures import in_ms, lag
from bench.fanout_ground import Town, bus_of, store_of, town
from bench.fanout_news import EVERYBODY, STAFF, Dispatched, person
from bench.fanout_seen import until
from bench.figures import Figure, at_least
from bench.ground import ROOT
from bench.phones import a_key, a_subscription
from bench.processor import processor_seconds
from deploy.local import Engines
from shaoyin.adapters.kafka import KafkaBus

SET_UP = {
    "SHAOYIN_CHANNELS_INSIDE": "true", "SHAOYIN_WEB_PUSH_CONTACT": "mailto:bench@example.org",
    "SHAOYIN_WEB_PUSH_KEY": a_key(),
}  # fmt: skip
TIMES, ALONE = 6, 2500
WITHIN = 120.0
ENOUGH = 1000
ASKED_EVERY = 0.25
"""Seconds; the push service notes when each came."""


def measure_push(on: Engines) -> Iterator[Figure]:
    with town(on, told=SET_UP) as one:
        yield from uvloop.run(_through_notify(one))
        yield from _alone(one)


async def _through_notify(on: Town) -> list[Figure]:
    """First one event to every phone; then several at once, for the rate that it keeps up. Critical ones, which wait
    for no hour and no other message.
    """
    news = Dispatched.at(datetime.now(UTC))
    async with bus_of(on) as bus, _phones(on) as pushed:
        await _told(bus, news, "warm", 1)
        await until(lambda: len(pushed()) >= STAFF, WITHIN, ASKED_EVERY)
        on.lag()
        began = time.perf_counter()
        await _told(bus, news, "one", 1)
        await until(lambda: len(pushed()) >= 2 * STAFF, WITHIN, ASKED_EVERY)
        last = pushed()[-1] - began
        used, already = processor_seconds(on.notify.pid), len(pushed())
        await _told(bus, news, "many", TIMES)
        await until(lambda: len(pushed()) >= already + TIMES * STAFF, WITHIN, ASKED_EVERY)
        used = processor_seconds(on.notify.pid) - used
        late, counted = on.lag(), pushed()[already:]
    what = f"Web Push through notify, {len(counted):,} phones, encrypted"
    rate = len(counted) / (counted[-1] - counted[0])
    return [
        in_ms(f"Web Push: one event to {STAFF:,} phones, the last", last),
        Figure("fanout", what, rate, "1/s", None, at_least(ENOUGH)),
        Figure("fanout", "Web Push: processor time a push, notify", used * 1e6 / len(counted), "µs"),
        lag("Web Push", late),
    ]


async def _told(bus: KafkaBus, news: Dispatched, named: str, many: int) -> None:
    at = datetime.now(UTC)
    await bus.send([news.to(EVERYBODY, f"{named}-{number}", "critical", at) for number in range(many)])


@asynccontextmanager
async def _phones(on: Town) -> AsyncIterator[Pushed]:
    """Everybody has subscribed one browser; gives what came so far at the push service."""
    async with store_of(on) as store:
        subscribed = [
            {"id": f"s{number}", "json": a_subscription(f"{on.provider.origin}/push/{number}"), "expires_at": None}
            for number in range(STAFF)
        ]
        await store["preferences"].insert_many(
            [{"_id": person(number), "subscriptions": [each]} for number, each in enumerate(subscribed)]
        )
    with httpx.Client(base_url=on.provider.origin, trust_env=False) as http:
        yield Pushed(http)


class Pushed:
    """The instants at which pushes came, by the machine's steady clock."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._seen: list[float] = []

    def __call__(self) -> list[float]:
        self._seen += self._http.get("/seen").json()["pushed"]
        return self._seen


def _alone(on: Town) -> Iterator[Figure]:
    """Each in a process of its own, twenty at a time, to the same push service, one after another."""
    ours, peer, apprise = (_posted(way, on) for way in ("web_push", "httpx", "apprise"))
    what, rate = "Web Push, the sender alone, encrypted", ours["per_second"]
    yield Figure("fanout", f"{what}; beside one shared httpx client", rate, "1/s", peer["per_second"])
    yield Figure("fanout", f"{what}; beside Apprise, JSON", rate, "1/s", apprise["per_second"])
    for name, each in (("httpx", peer), ("Apprise", apprise)):
        what = f"processor time a message: the sender beside {name}"
        yield Figure("fanout", what, ours["processor"] * 1e6, "µs", each["processor"] * 1e6)


def _posted(way: str, on: Town) -> dict[str, float]:
    asked = [sys.executable, "-m", "bench.posting", way, on.provider.origin, str(ALONE)]
    said = subprocess.run(asked, cwd=ROOT, check=True, timeout=300, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return found
