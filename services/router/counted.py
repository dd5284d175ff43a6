"""Counts what became of a command: taken, or the code of why not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import Problem


@contextmanager
def counted(metrics: Metrics, name: str, known: Collection[str]) -> Iterator[None]:
    """A name that is no command's is not told: it is whatever somebody sent."""
    command = name if name in known else "unknown"
    try:
        yield
    except Problem as refused:
        metrics.command(command, refused.rule or refused.code)
        raise
    except StoreDown:
        metrics.command(command, "engine_away")
        raise
    metrics.command(command, "taken")
