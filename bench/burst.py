"""Twenty times the load under which DIGIT CCRS answered 4.4 % of what it was asked, on a store that is full already.

The peer's profile (egovernments/Citizen-Complaint-Resolution-System, performance/k6/scenarios/variable-throughput.js,
March 2026, 16 vCPU, 1,010,554 complaints): arrivals of 1, 15, 1, 25, 2, 35, 10 and 0 complaints a second, each rate
reached in a straight line, within ten minutes; 8,025 in all, 4.4 % of the lifecycles succeeded. Here the same arrivals
come in a twentieth of the time: up to 700 reports a second, 8,025 within 30 seconds. A report has succeeded when it was
confirmed, became a case and lies in its handler's inbox. Whoever is told to come back later (429, 503) does so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import uvloop

from bench.client import client
from bench.figures import Figure, at_least, at_most
from bench.ground import Ground, engines, fill_store, product
from bench.offered import Times, all_arrived, offer, watching
from bench.scale import Scale
from bench.spread import percentile

TIMES = 20
PROFILE = ((1, 60), (15, 30), (1, 120), (25, 30), (2, 120), (35, 30), (10, 180), (0, 30))
"""Complaints a second that are reached, and within how many seconds, from 1 a second on."""
PEER_SUCCESS = 4.4
LINES = 128
GIVEN_UP_AFTER = 60.0


def arrivals() -> Iterator[float]:
    """The instants of the profile, in seconds from its beginning, twenty times as fast as the peer had them."""
    rate, began, owed = 1.0, 0.0, 0.0
    for target, lasts in PROFILE:
        steps = lasts * 100
        for step in range(steps):
            owed += (rate + (target - rate) * (step + 0.5) / steps) / 100
            while owed >= 1:
                owed -= 1
                yield (began + step / 100) / TIMES
        rate, began = target, began + lasts


async def _run(on: Ground) -> tuple[Times, float]:
    times = Times()
    async with client(on.intake.origin, LINES) as intake, watching(on, times.arrived):
        ends_at = time.perf_counter() + max(arrivals())
        await offer(intake, arrivals(), times, patient=True)
        await all_arrived(times, GIVEN_UP_AFTER)
    return times, max(times.arrived.values()) - ends_at


def measure(scale: Scale) -> Iterator[Figure]:
    with engines() as on, product(on) as ground:
        fill_store(ground, scale.cases)
        times, drained = uvloop.run(_run(ground))
    many = sum(1 for _ in arrivals())
    store = f"{scale.cases:,} cases stored"
    share = 100 * (many - times.missing) / many
    yield Figure("burst", f"{many:,} reports in 30 s that succeeded, {store}", share, "%", PEER_SUCCESS, at_least(100))
    yield Figure("burst", "in every inbox after the last was due", drained, "s", None, at_most(10))
    yield Figure("burst", "p50 until confirmed", percentile(times.since_due(times.confirmed), 0.5) * 1000, "ms")
    yield Figure("burst", "p95 until confirmed", percentile(times.since_due(times.confirmed), 0.95) * 1000, "ms")
    yield Figure("burst", "p95 to the inbox", percentile(times.since_due(times.arrived), 0.95) * 1000, "ms")
    yield Figure("burst", "told to come back later", times.put_off, "times")
