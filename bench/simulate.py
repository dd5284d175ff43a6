"""How fast a draft is tried on past cases: the asking alone, and with reading them from the store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvloop

from bench.decide import wulibao
from bench.figures import Figure, at_least
from bench.scale import Scale
from bench.seed import fill, grown
from deploy.local import Engines, free_ports
from services.router.past_cases import PastCases
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.program import settle
from shaoyin.adapters.settings import Settings
from shaoyin.domain.pack import Pack
from shaoyin.domain.what_if import Past, WhatIf

CASES = 20_000
TIMES = 3
GOAL = 20_000


def measure(_scale: Scale) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        engines = Engines(Path(folder), *free_ports(3))
        try:
            engines.start()
            yield from uvloop.run(_tried(engines, grown(wulibao())))
        finally:
            engines.wipe()


async def _tried(engines: Engines, pack: Pack) -> Sequence[Figure]:
    client = connect(Settings(mongo_url=engines.mongo_url))
    database, now = client["simulate_router"], SystemClock().now()
    await fill(database, pack, CASES, at=now)
    began, cases, rest = time.perf_counter(), list[Past](), 0
    async for page in PastCases(database).since(pack.name, now - timedelta(days=3_660), CASES):
        cases += page.cases
        rest += page.by_person + page.undecided
    reading = time.perf_counter() - began
    await close(client)
    asking = median(_asking(cases) for _ in range(TIMES))
    assert len(cases) + rest == CASES
    return (
        Figure("simulate", "past cases asked of a draft", len(cases) / asking, "1/s", goal=at_least(GOAL)),
        Figure("simulate", "the same, with reading them from MongoDB", CASES / (asking + reading), "1/s"),
    )


def _asking(cases: Sequence[Past]) -> float:
    """Seconds; of a draft that was read just now and remembers nothing."""
    tried = WhatIf(grown(wulibao()))
    settle()  # as the router does once it has started
    began = time.perf_counter()
    tried.ask(cases)
    asking = time.perf_counter() - began
    assert tried.asked == len(cases)
    return asking
