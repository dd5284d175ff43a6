"""When an alert rings outside the application, by which way next, and when it is worth nothing any more.

Rest binds noise, not duty: the inbox has every alert at once, and no clock moves (domain 3.5, decisions 2.26).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple

from shaoyin.domain.recipients import Level

RINGING: frozenset[Level] = frozenset({"act", "urgent", "critical"})
"""What is only for knowing lies in the inbox."""
QUIET = (time(22), time(7))
"""Local time of the community, unless the person has other hours."""
URGING = frozenset({"urged", "due_soon", "sign_overdue", "clock_overdue", "result_overdue"})
URGES_AT_MOST = 2
"""To one person, of one case, in one local day (domain 3.5); the others lie in the inbox."""
BUNDLED_WITHIN = timedelta(minutes=1)
"""Whoever was rung so short a time ago hears of the rest together; critical ones wait for nothing."""
USEFUL_FOR: Mapping[Level, timedelta] = {
    "info": timedelta(days=3), "act": timedelta(days=3), "urgent": timedelta(days=1), "critical": timedelta(hours=2),
}  # fmt: skip
"""Longer than the clock it speaks of needs none: when that runs out another alert says so."""
WAITS_FOR_ROOM: Mapping[Level, timedelta] = {
    "info": timedelta(days=1), "act": timedelta(days=1), "urgent": timedelta(minutes=30),
    "critical": timedelta(seconds=75),
}  # fmt: skip
"""A robot's minute fits into the shortest. Where a quota is full for longer, the next way has its turn."""
READ_WITHIN = timedelta(minutes=5)
"""A critical alert; half of T1 for critical matters, so that whoever answers next can still sign in time."""
PASSED_ON_AT_MOST = 3

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE: Mapping[bool, timedelta] = {True: timedelta(minutes=1), False: timedelta(minutes=10)}
TRIES_AT_MOST: Mapping[bool, int] = {True: 4, False: 6}
"""By whether it is critical: then the next way has its turn."""
FIRST_ASK = timedelta(minutes=1)
ASKS_AT_MOST = 6
"""After 1, 3, 7, 15, 31 and 63 minutes, and up to a fifth more; a carrier that is still silent stays so."""

State = Literal["good", "later", "never"]
Ended = Literal["rung", "silent", "dead"]


class Leg(NamedTuple):
    """One channel to one address. Where there are several, `to` says which; it is never the address itself."""

    channel: str
    to: str | None = None


class SoFar(NamedTuple):
    """What became of a leg. `later` has the instant of its next try; `good` may have one at which its provider is
    asked whether the message arrived.
    """

    state: State
    tries: int
    next_at: datetime | None = None
    ask_at: datetime | None = None


class Turn(NamedTuple):
    """Either these legs are tried now, or nothing until `at`, or it has `ended`. What became of `asks` is asked of
    their providers, now or at `at`.

    rung: somebody took it. silent: there is no way to ring this person. dead: ways were tried, and nothing is left.
    """

    legs: tuple[Leg, ...] = ()
    at: datetime | None = None
    ended: Ended | None = None
    asks: tuple[Leg, ...] = ()

    @property
    def is_due(self) -> bool:
        """Whether there is something to do now."""
        return bool(self.legs or self.asks) and self.at is None


Route = Sequence[Sequence[Leg]]
"""Steps in the person's order; the legs of a step ring together, as his devices do."""


def turn(route: Route, so_far: Mapping[Leg, SoFar], now: datetime, until: datetime) -> Turn:
    """The first step with a leg that took it ends the search; one whose legs all failed gives way to the next.

    What was taken stays so, whatever ways the person has by now.
    """
    taken = {leg for leg, each in so_far.items() if each.state == "good"}
    for step in route:
        if taken and taken.isdisjoint(step):
            continue
        known = [(leg, so_far.get(leg)) for leg in step]
        due = tuple(leg for leg, each in known if _is_due(each, now)) if now < until else ()
        if due:
            return Turn(legs=due)
        waiting = [each.next_at for _, each in known if each is not None and each.next_at is not None]
        if waiting and now < until:
            return Turn(at=min(waiting))
        if taken:
            return _afterwards(known, now)
    return Turn(ended="rung" if taken else "dead" if any(route) else "silent")


def _afterwards(known: Sequence[tuple[Leg, SoFar | None]], now: datetime) -> Turn:
    """Asked for longer than it is useful: the log says what is true, and whoever was not reached is somebody's care."""
    asks = {leg: each.ask_at for leg, each in known if each is not None and each.ask_at is not None}
    due = tuple(leg for leg, at in asks.items() if at <= now)
    if due or not asks:
        return Turn(asks=due) if due else Turn(ended="rung")
    return Turn(asks=tuple(asks), at=min(asks.values()))


def _is_due(so_far: SoFar | None, now: datetime) -> bool:
    return so_far is None or (so_far.state == "later" and so_far.next_at is not None and so_far.next_at <= now)


def useful_until(raised_at: datetime, level: Level) -> datetime:
    return raised_at + USEFUL_FOR[level]


def again_at(
    level: Level, tries: int, now: datetime, roll: float, retry_after: timedelta | None = None
) -> datetime | None:
    """After so many tries that may work later: when the next one is, or None where this leg is given up.

    Exponential with full jitter: `roll` in [0, 1) picks an instant before the doubled pause; a provider that said how
    long is never asked sooner.
    """
    critical = level == "critical"
    if tries >= TRIES_AT_MOST[critical]:
        return None
    doubled: timedelta = FIRST_PAUSE * 2 ** (tries - 1)
    pause = min(doubled, LONGEST_PAUSE[critical]) * roll
    return now + (retry_after or timedelta()) + pause


def ask_again_at(asked: int, now: datetime, roll: float) -> datetime | None:
    """When a provider that took a message is asked whether it arrived, after so many times without an answer; None
    where it is asked no more. `roll` in [0, 1) spreads what was sent together.
    """
    if asked >= ASKS_AT_MOST:
        return None
    pause: timedelta = FIRST_ASK * 2**asked
    return now + pause + pause / 5 * roll


def quiet_until(local: datetime, quiet: tuple[time, time]) -> datetime | None:
    """The end of the quiet hours that `local` lies in, with its offset; None outside. Equal hours mean: none."""
    begin, end = quiet
    at = local.timetz().replace(tzinfo=None)
    inside = begin <= at < end if begin <= end else at >= begin or at < end
    if begin == end or not inside:
        return None
    day = local.date() if at < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, local.tzinfo)


def rings_at(level: Level, local: datetime, quiet: tuple[time, time], rung_at: datetime | None) -> datetime:
    """Not before then: quiet hours and the minute of rest hold everything but critical alerts."""
    if level == "critical":
        return local
    held = quiet_until(local, quiet)
    if held is not None:
        return held
    return local if rung_at is None else max(local, rung_at + BUNDLED_WITHIN)


def steps(order: Sequence[str], ways: Mapping[str, Sequence[str | None]]) -> Iterator[tuple[Leg, ...]]:
    """The person's channels in his order; one for which he has no address is passed over."""
    for channel in order:
        if ways.get(channel):
            yield tuple(Leg(channel, to) for to in ways[channel])
