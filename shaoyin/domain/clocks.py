"""Clocks that run: how each was started, whether it was met, and when somebody must look at it next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shaoyin.domain.events import Deadline


@dataclass(frozen=True, slots=True)
class Running:
    """A clock: how it started, and what became of it. `look_at` is None when nobody needs to look any more."""

    deadline: Deadline
    look_at: datetime | None
    announced: int = 0
    met_at: datetime | None = None

    @classmethod
    def of(cls, deadline: Deadline) -> Running:
        return cls(deadline, deadline.look_at)

    @property
    def open(self) -> bool:
        return self.met_at is None

    def met(self, at: datetime) -> Running:
        return replace(self, met_at=at, look_at=None) if self.open else self

    def announced_until(self, look_at: datetime | None) -> Running:
        return replace(self, announced=self.announced + 1, look_at=look_at)


Clocks = Mapping[str, Running]


def started(clocks: Clocks, deadlines: Iterable[Deadline]) -> Clocks:
    return {**clocks, **{each.clock: Running.of(each) for each in deadlines}}


def met(clocks: Clocks, at: datetime, *names: str) -> Clocks:
    return {name: clock.met(at) if name in names else clock for name, clock in clocks.items()}


def stopped(clocks: Clocks, at: datetime) -> Clocks:
    """Every clock that was still running ends; one that was met keeps its instant."""
    return {name: clock if clock.met_at else replace(clock, look_at=None) for name, clock in clocks.items()}
