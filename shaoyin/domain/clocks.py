"""Clocks that run: how each was started, whether it was met, and when somebody must look at it next."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from shaoyin.domain.calendar import Due, Within
from shaoyin.domain.copied import replace
from shaoyin.domain.events import ClockName, Deadline
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack, Urgency


@dataclass(frozen=True)
class Running:
    """A clock: how it started, and what became of it.

    `look_at` is when somebody must look next, None when nobody needs to any more. A paused clock keeps it, so that
    what was left can be given back, but nobody looks (decisions 1.16).
    """

    deadline: Deadline
    look_at: datetime | None
    announced: int = 0
    met_at: datetime | None = None
    paused_at: datetime | None = None
    stopped_at: datetime | None = None

    @classmethod
    def of(cls, deadline: Deadline) -> Running:
        return cls(deadline, deadline.look_at)

    @property
    def open(self) -> bool:
        """Not met and not stopped; overdue or paused it may be."""
        return self.met_at is None and self.stopped_at is None

    @property
    def runs(self) -> bool:
        return self.open and self.paused_at is None

    @property
    def watch_at(self) -> datetime | None:
        return self.look_at if self.runs else None

    def met(self, at: datetime) -> Running:
        return replace(self, met_at=at, look_at=None) if self.open else self

    def stopped(self, at: datetime) -> Running:
        return replace(self, stopped_at=at, look_at=None) if self.open else self

    def paused(self, at: datetime) -> Running:
        return replace(self, paused_at=at) if self.runs else self

    def announced_until(self, look_at: datetime | None) -> Running:
        return replace(self, announced=self.announced + 1, look_at=look_at)

    def again(self, deadline: Deadline) -> Running:
        """The same clock with another date: what was announced stays announced (decisions 1.42)."""
        return replace(self, deadline=deadline, look_at=deadline.look_at, paused_at=None)


COUNTED_AT_MOST = 4096
Clocks = Mapping[str, Running]


def started(clocks: Clocks, deadlines: Iterable[Deadline]) -> Clocks:
    return {**clocks, **{each.clock: Running.of(each) for each in deadlines}}


def moved(clocks: Clocks, deadlines: Iterable[Deadline]) -> Clocks:
    """Clocks that go on with another date; one that did not run yet starts."""
    after = dict(clocks)
    for each in deadlines:
        known = clocks.get(each.clock)
        after[each.clock] = known.again(each) if known is not None and known.open else Running.of(each)
    return after


def recounted(clocks: Clocks, deadlines: Iterable[Deadline]) -> Clocks:
    """As `moved`, but a pause is kept: a suspended case stays suspended with its new date (row a11)."""
    after = dict(moved(clocks, deadlines))
    for name, clock in clocks.items():
        if clock.paused_at is not None and clock.open:
            after[name] = replace(after[name], paused_at=clock.paused_at)
    return after


def met(clocks: Clocks, at: datetime, *names: str) -> Clocks:
    return {name: clock.met(at) if name in names else clock for name, clock in clocks.items()}


def ended(clocks: Clocks, at: datetime, *names: str) -> Clocks:
    """These clocks stop without having been met."""
    return {name: clock.stopped(at) if name in names else clock for name, clock in clocks.items()}


def paused(clocks: Clocks, at: datetime, *names: str) -> Clocks:
    return {name: clock.paused(at) if name in names else clock for name, clock in clocks.items()}


def stopped(clocks: Clocks, at: datetime) -> Clocks:
    """Every clock that was still running ends; one that was met keeps its instant."""
    return {name: clock.stopped(at) for name, clock in clocks.items()}


def runs(clocks: Clocks, name: str) -> bool:
    clock = clocks.get(name)
    return clock is not None and clock.runs


def deadline(pack: Pack, clock: ClockName, start: datetime, within: Within, urgency: Urgency | None = None) -> Deadline:
    """Starts a clock. `urgency` where hours of a matter that can wait begin at the next start of duty (1.38).

    The cases of a batch are decided at one instant, so a date that was counted for one of them serves the others.
    """
    key = clock, start, start.tzinfo, within.amount, within.unit, urgency
    known = pack.counted.get(key)
    if known is None:
        if len(pack.counted) >= COUNTED_AT_MOST:
            pack.counted.clear()
        known = pack.counted[key] = dated(pack, clock, start, within, pack.due(start, within, urgency))
    return cast("Deadline", known)


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


def resumed(pack: Pack, clock: Running, at: datetime) -> Deadline:
    """The clock that was paused, with the minutes that were left, counted the same way (decisions 1.16).

    `wd` gets at least the end of duty of the next working day; a clock that was overdue stays as late.
    """
    assert clock.paused_at is not None, "only a paused clock goes on"
    before, unit = clock.deadline, unit_of(clock.deadline).unit
    due = pack.calendar.resume(before.due_at, clock.paused_at, at, unit)
    look_at: datetime | None = due.due_at
    if clock.look_at is None:
        look_at = None
    elif clock.look_at != before.due_at:
        gap = "wh" if unit == "wd" else unit
        look_at = _whole(pack.calendar.resume(clock.look_at, clock.paused_at, at, gap).due_at)
    return Deadline(
        before.clock, at, before.within, due.due_at, look_at, due.calendar or before.calendar,
        due.provisional or before.provisional, left=pack.calendar.minutes_between(at, due.due_at, unit),
        length=length(pack, before),
    )  # fmt: skip


def length(pack: Pack, deadline: Deadline) -> int:
    """The whole length of a deadline in minutes of its own unit, pauses taken out."""
    if deadline.length is not None:
        return deadline.length
    return pack.calendar.minutes_between(deadline.from_at, deadline.due_at, unit_of(deadline).unit)


def unit_of(deadline: Deadline) -> Within:
    """The length and the unit a deadline was counted in; a stated time runs on the wall clock."""
    return Within(1, "min") if deadline.within == "stated" else Within.parse(deadline.within)


def _whole(at: datetime) -> datetime:
    """Instants are kept to the millisecond, as the store keeps them."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
