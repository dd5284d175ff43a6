"""Wulibao with every kind of post that the flow names, its switches, and a post whose holders are away."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Literal

from shaoyin.domain.calendar import Calendar, Year
from shaoyin.domain.org import Directory, Post
from shaoyin.domain.pack import Pack
from tests.domain.whistling import with_departments

FURTHER = (
    Post("council", "council_chair", "south-committee", "wulibao-south", ("p-council",)),
    Post("municipal-rota", "duty_roster", "municipal-facilities", "wulibao-south", ("p-rota",)),
)
"""Kinds of post that nobody holds in the demonstration town."""
OwnWork = Literal["organisation", "person"]


@cache
def town(*, tier: bool = True, official: bool = False, own_work_by: OwnWork = "organisation") -> Pack:
    """`tier`: departments may be whistled for. `official`: the arrangement of 2027 has been announced."""
    pack = with_departments()
    posts = {**pack.directory.posts, **{each.post_id: each for each in FURTHER}}
    calendar = _announced(pack.calendar) if official else pack.calendar
    return replace(
        pack, department_tier=tier, calendar=calendar, own_work_by=own_work_by, directory=_with_posts(pack, posts),
        _roles={},
    )  # fmt: skip


def _announced(calendar: Calendar) -> Calendar:
    assumed = calendar.years[2027]
    year = Year(2027, "official", "announced", assumed.holidays, assumed.workdays)
    return Calendar(calendar.zone, {**calendar.years, 2027: year}, calendar.duty)


def without(pack: Pack, post_id: str) -> Pack:
    """The same pack after everybody who held the post, or stood in, has left it."""
    posts = dict(pack.directory.posts)
    posts[post_id] = replace(posts[post_id], holders=(), stand_ins=())
    return replace(pack, directory=_with_posts(pack, posts), _roles={})


def _with_posts(pack: Pack, posts: dict[str, Post]) -> Directory:
    known = pack.directory
    return Directory(known.kinds, known.orgs, posts, known.people, known.registrations)
