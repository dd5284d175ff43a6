"""Figures of this bench: times in milliseconds, and how late the event loop was."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure, at_most
from bench.spread import percentile

LAG_AT_MOST = 50


def in_ms(what: str, seconds: float, most: float | None = None) -> Figure:
    return Figure("fanout", what, seconds * 1000, "ms", None, None if most is None else at_most(most))


def lag(what: str, late: Sequence[float]) -> Figure:
    return in_ms(f"{what}: lag of notify's event loop, p99", percentile(late, 0.99), LAG_AT_MOST)


def busiest(instants: Sequence[float], within: float) -> int:
    """The most that came within any so many seconds. What comes exactly so much later is out of the window."""
    most, begin = 0, 0
    ordered = sorted(instants)
    for end, at in enumerate(ordered):
        while at - ordered[begin] >= within:
            begin += 1
        most = max(most, end - begin + 1)
    return most
