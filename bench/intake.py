"""A durable `POST /api/reports` against the same documents and messages without any logic, and without group commit.

Everything shares the machine: the load tool, MongoDB with majority and journal, Kafka, and the service as it runs alone
and publishes what it stored. Product and floor take turns, so that what else the machine does meets both.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from bench.figures import Figure, at_most, share_of_floor
from bench.offered_load import CONNECTIONS, install
from bench.scale import Scale
from bench.served import Server, server
from deploy.local import Engines, free_ports
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings

PREFIX = "bench"
WARM, ROUNDS, SECONDS = 2_000, 3, 4.0
LOOK_EVERY, IDLE, AT_REST_WITHIN = 0.5, 0.1, 30.0
"""Seconds; the share of a processor below which a service is at rest."""
POST = f"durable POST, {CONNECTIONS} connections"


def measure(_scale: Scale) -> Iterator[Figure]:
    install()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        engines = Engines(Path(folder), *free_ports(3))
        stack.callback(engines.wipe)
        engines.start()
        ours = stack.enter_context(server(engines, Path(folder), PREFIX, "services.intake"))
        ours.take(WARM)
        floor = stack.enter_context(server(engines, Path(folder), "floor", "bench.intake_floor", "group", PREFIX))
        floor.take(WARM)
        yield from _in_turns(ours, floor)
        _rest(ours, floor)
        yield from _at_half(ours)
        with server(engines, Path(folder), "alone", "bench.intake_floor", "alone", PREFIX) as alone:
            yield Figure("intake", "peer: a majority insert for each request", alone.take(WARM).per_second, "1/s")
        asyncio.run(_all_stored(engines, ours))


def _in_turns(ours: Server, floor: Server) -> Iterator[Figure]:
    """The first round tells how many reports fill the time of one."""
    both = (ours, floor)
    amounts = [int(each.take(WARM).per_second * SECONDS) for each in both]
    before = [(each.processor_seconds, each.taken) for each in both]
    for _ in range(ROUNDS):
        for each, amount in zip(both, amounts, strict=True):
            each.take(amount)
    rates = [fmean(seen.per_second for seen in each.seen[-ROUNDS:]) for each in both]
    yield Figure("intake", POST, rates[0], "1/s", rates[1], share_of_floor(0.7))
    yield Figure("intake", f"{POST}: p50", median(seen.p50 for seen in ours.seen[-ROUNDS:]), "ms")
    yield Figure("intake", f"{POST}: p99", median(seen.p99 for seen in ours.seen[-ROUNDS:]), "ms")
    spent = [
        (each.processor_seconds - seconds) / (each.taken - taken) * 1e6
        for each, (seconds, taken) in zip(both, before, strict=True)
    ]
    yield Figure("intake", "processor time of the service for one report", spent[0], "us", spent[1])


def _rest(*servers: Server) -> None:
    """What the rounds have left to publish is no part of half the load; it is waited for half a minute at most."""
    ends_at = time.monotonic() + AT_REST_WITHIN
    busy = True
    while busy and time.monotonic() < ends_at:
        before = sum(each.processor_seconds for each in servers)
        time.sleep(LOOK_EVERY)
        busy = sum(each.processor_seconds for each in servers) - before > IDLE * LOOK_EVERY * len(servers)


def _at_half(ours: Server) -> Iterator[Figure]:
    rate = fmean(seen.per_second for seen in ours.seen[-ROUNDS:]) / 2
    seen = ours.take(int(rate * SECONDS * 2), rate)
    yield Figure("intake", f"at half load, {rate:,.0f}/s offered evenly: p50", seen.p50, "ms")
    yield Figure("intake", f"at half load, {rate:,.0f}/s offered evenly: p99", seen.p99, "ms", goal=at_most(50))


async def _all_stored(engines: Engines, ours: Server) -> None:
    """As many as were answered 202. Raises RuntimeError otherwise."""
    settings = Settings(mongo_url=engines.mongo_url, database_prefix=PREFIX)
    client = connect(settings)
    try:
        stored = await client[settings.database("intake")]["reports"].count_documents({})
    finally:
        await close(client)
    if stored != ours.taken:
        raise RuntimeError(f"{ours.taken} reports were answered 202, {stored} are stored")
