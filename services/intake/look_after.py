"""Every few seconds: publishes again what is not home, and measures how much waits, for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.intake.follow_reports import FollowReports
from services.intake.publish_again import PublishAgain
from services.intake.publish_reports import Publisher
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.telemetry import Metrics

EVERY = 5.0
"""Seconds."""


async def look_after(again: Sequence[PublishAgain], clock: Clock, metrics: Metrics) -> None:
    """Until cancelled. Raises BusDown and StoreDown: begun anew, it looks at once."""
    while True:
        for each in again:
            metrics.count("published_again", await each.look(clock.now()))
        await asyncio.sleep(EVERY)


async def measure(
    reports: PublishAgain, follow: FollowReports, publisher: Publisher, clock: Clock, metrics: Metrics
) -> None:
    """Until cancelled; goes on while Kafka is away, which is when it matters. Raises StoreDown."""
    while True:
        not_home = await reports.not_home()
        age = 0.0 if not_home.oldest_at is None else (clock.now() - not_home.oldest_at).total_seconds()
        metrics.level("not_home", not_home.count)
        metrics.level("not_home_oldest_seconds", max(age, 0.0))
        metrics.level("waiting_for_the_bus", publisher.waiting)
        metrics.level("lag", follow.lag)
        await asyncio.sleep(EVERY)
