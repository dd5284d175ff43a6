"""Every few seconds: publishes again what is not home, and measures how much waits, for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.intake.intake import Intake
from services.intake.publish_again import PublishAgain
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.jobs import turned
from shaoyin.adapters.metrics import Metrics

EVERY = 5.0
"""Seconds."""


async def look_after(again: Sequence[PublishAgain], clock: Clock, metrics: Metrics) -> None:
    """Until cancelled. Raises BusDown and StoreDown: begun anew, it looks at once."""
    while True:
        for each in again:
            metrics.count("published_again", await each.look(clock.now()))
        turned()
        await asyncio.sleep(EVERY)


async def measure(intake: Intake, clock: Clock, metrics: Metrics) -> None:
    """What is not home, and what waits; also while Kafka is away, which is when it matters. Raises StoreDown."""
    for of, again in zip(("reports", "requests"), intake.again, strict=True):
        not_home = await again.not_home()
        age = 0.0 if not_home.oldest_at is None else (clock.now() - not_home.oldest_at).total_seconds()
        metrics.outbox(of, not_home.count, age)
        if of == "reports":
            metrics.level("not_home", not_home.count)
            metrics.level("not_home_oldest_seconds", max(age, 0.0))
    metrics.level("waiting_for_the_bus", intake.publisher.waiting)
    metrics.level("waiting_for_the_store", intake.taking.commit.waiting)
    metrics.level("lag", intake.follow.lag)
