"""Clocks that run: how each was started, whether it was met, and when somebody must look at it next."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shaoyin.domain.calendar import Due, Within
from shaoyin.domain.copied import replace
from shaoyin.domain.events import ClockName, Deadline
from shaoyin.domain.pack import Pack, Urgency


@dataclass(frozen=True)
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


def deadline(pack: Pack, clock: ClockName, start: datetime, within: Within, urgency: Urgency | None = None) -> Deadline:
    """Starts a clock. `urgency` where hours of a matter that can wait begin at the next start of duty (1.38)."""
    return dated(pack, clock, start, within, pack.due(start, within, urgency))


def dated(pack: Pack, clock: ClockName, start: datetime, within: Within, due: Due) -> Deadline:
    """A clock whose end was counted elsewhere; the result is looked at when four fifths are used up (row 45)."""
    look_at = due.due_at
    if clock == "result":
        look_at = pack.calendar.share(start, due.due_at, within.unit, 4, 5)
    return Deadline(clock, start, str(within), due.due_at, _whole(look_at), due.calendar, due.provisional)


def until(clock: ClockName, start: datetime, due_at: datetime) -> Deadline:
    """A clock that ends at a stated time."""
    return Deadline(clock, start, "stated", due_at, due_at, "")


def unwatched(deadline: Deadline) -> Deadline:
    """The same date, but nobody is told when it passes: persons are never late (decisions 2.10)."""
    return dataclasses.replace(deadline, look_at=None)


def unit_of(deadline: Deadline) -> Within:
    """The length and the unit a deadline was counted in; a stated time runs on the wall clock."""
    return Within(1, "min") if deadline.within == "stated" else Within.parse(deadline.within)


def _whole(at: datetime) -> datetime:
    """Instants are kept to the millisecond, as the store keeps them."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
