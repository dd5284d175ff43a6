"""Who of a post is on duty at an instant, and so is told: somebody, wherever the post has anybody (decisions 2.25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack


def on_duty(post: Post, at: datetime, pack: Pack) -> tuple[str, ...]:
    """Whoever has the shift; all holders where there is none. While these are away the stand-ins, then the others who
    hold it. Where everybody is away they are told all the same: whom nobody tells may not act.
    """
    due = _of_shift(post, at, pack) or post.holders
    for each in (due, post.stand_ins, post.holders):
        if here := _here(each, at, pack):
            return here
    return due or post.stand_ins


def off_duty(post: Post, at: datetime, pack: Pack) -> tuple[str, ...]:
    """Whoever else may act for the post then: the stand-ins, else the holders who have no shift. Not who is away."""
    told = on_duty(post, at, pack)
    for each in (post.stand_ins, post.holders):
        if others := _here([person for person in each if person not in told], at, pack):
            return others
    return ()


def _of_shift(post: Post, at: datetime, pack: Pack) -> tuple[str, ...]:
    """One who does not serve in the post any more has no shift in it."""
    if not post.shifts:
        return ()
    local = at.astimezone(pack.zone)
    running = (each for each in post.shifts if each.runs_at(local, pack.calendar))
    return tuple(dict.fromkeys(person for each in running for person in each.who if post.held_by(person)))


def _here(persons: Iterable[str], at: datetime, pack: Pack) -> tuple[str, ...]:
    day = at.astimezone(pack.zone).date()
    return tuple(person for person in persons if not _is_away(person, day, pack))


def _is_away(person: str, day: date, pack: Pack) -> bool:
    known = pack.directory.people.get(person)
    return known is not None and any(first <= day <= last for first, last in known.away)
