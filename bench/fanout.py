"""From one event to everybody: inboxes and open streams, phones by Web Push, and a group's robot at its quota.

Notify runs by itself, as for users, on real engines; news is written into Kafka by this process, and the providers are
a third one. How late notify's event loop is, is measured inside it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import uvloop

from bench.fanout_figures import in_ms, lag
from bench.fanout_ground import Town, bus_of, town
from bench.fanout_news import EVERYBODY, STAFF, TOGETHER, Dispatched, three
from bench.fanout_push import measure_push
from bench.fanout_robots import measure_robots
from bench.fanout_seen import Arrivals, inboxes, since, streams, until
from bench.figures import Figure, at_most
from bench.ground import engines
from bench.scale import Scale
from bench.spread import percentile
from shaoyin.adapters.bus import Message
from shaoyin.adapters.kafka import KafkaBus

TIMES = 5
WITHIN = 20.0
RATE, SECONDS, WARM_UP = 1000, 15, 3
TICK = 0.005


def measure(scale: Scale) -> Iterator[Figure]:
    with engines() as on:
        with town(on) as alone:
            yield from uvloop.run(_to_everybody(alone))
            yield from uvloop.run(_steadily(alone))
        yield from measure_push(on)
        yield from measure_robots(on, scale.minutes)


async def _to_everybody(on: Town) -> list[Figure]:
    """One event after another, each when the last is in every inbox and on every stream."""
    news = Dispatched.at(datetime.now(UTC))
    stored, shown = [], []
    async with bus_of(on) as bus, inboxes(on) as arrived, streams(on) as seen:
        await _warmed(bus, news, arrived)
        on.lag()
        for number in range(TIMES):
            case_id = f"everybody-{number}"
            message = news.to(EVERYBODY, case_id, "normal", datetime.now(UTC))
            began = time.perf_counter()
            await bus.send([message])
            await until(lambda case_id=case_id: len(arrived[case_id]) >= STAFF <= len(seen[case_id]), WITHIN)
            assert len(arrived[case_id]) == len(seen[case_id]) == STAFF, "somebody was not told"
            stored.append(max(arrived[case_id]) - began)
            shown.append(max(seen[case_id]) - began)
        late = on.lag()
    return [
        in_ms(f"one event to {STAFF:,}: the last inbox, slowest of {TIMES}", max(stored), 1000),
        in_ms(f"one event to {STAFF:,}: the last open stream, slowest of {TIMES}", max(shown), 1000),
        lag(f"one event to {STAFF:,}", late),
    ]


async def _warmed(bus: KafkaBus, news: Dispatched, arrived: Arrivals) -> None:
    for number in range(20):
        await bus.send([news.to(three(number), f"warm-{number}", "normal", datetime.now(UTC))])
    await until(lambda: all(len(arrived[f"warm-{number}"]) == TOGETHER for number in range(20)), WITHIN)


async def _steadily(on: Town) -> list[Figure]:
    """Each event is due at an instant of its own, whatever notify does, and is timed from then."""
    news, many = Dispatched.at(datetime.now(UTC)), RATE * (SECONDS + WARM_UP)
    named = [f"steady-{number}" for number in range(many)]
    messages = [news.to(three(number), name, "normal", datetime.now(UTC)) for number, name in enumerate(named)]
    async with bus_of(on) as bus, inboxes(on) as arrived:
        due = await _offered(bus, dict(zip(named, messages, strict=True)), on)
        counted = named[RATE * WARM_UP :]
        await until(lambda: all(len(arrived[name]) == TOGETHER for name in counted), WITHIN)
        late = on.lag()
    took = since({name: due[name] for name in counted}, arrived)
    what = f"{RATE:,} events a second to {TOGETHER} each"
    return [
        in_ms(f"{what}: p50 to the inbox", percentile(took, 0.5)),
        in_ms(f"{what}: p99 to the inbox", percentile(took, 0.99), 500),
        Figure("fanout", f"{what}: not arrived", TOGETHER * len(counted) - len(took), "", None, at_most(0)),
        lag(what, late),
    ]


async def _offered(bus: KafkaBus, messages: dict[str, Message], on: Town) -> dict[str, float]:
    """Returns when each was due. What is due in the same few milliseconds is sent together."""
    begins_at, waiting, sending = time.perf_counter() + 0.1, list(messages.items()), set()
    due = {name: begins_at + number / RATE for number, name in enumerate(messages)}
    sent, counts_from, looked = 0, begins_at + WARM_UP, False
    while sent < len(waiting):
        now = time.perf_counter()
        if not looked and now >= counts_from:
            looked = True
            await asyncio.to_thread(on.lag)
        upto = min(int((now - begins_at) * RATE) + 1, len(waiting)) if now >= begins_at else 0
        if upto > sent:
            sending.add(asyncio.create_task(_send(bus, [each for _, each in waiting[sent:upto]])))
            sent = upto
        await asyncio.sleep(TICK)
    await asyncio.gather(*sending)
    return due


async def _send(bus: KafkaBus, messages: list[Message]) -> None:
    await bus.send(messages)
