"""Wulibao with every kind of post that the flow names, its switches, and a post whose holders are away."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Switches:
    """`tier`: departments may be whistled for. `official`: 2027 is announced. `vacant`: nobody holds this post."""

    tier: bool = True
    official: bool = False
    own_work_by: OwnWork = "organisation"
    vacant: str | None = None


AS_EVER = Switches()


@cache
def town(switches: Switches = AS_EVER) -> Pack:
    pack = with_departments()
    posts = {**pack.directory.posts, **{each.post_id: each for each in FURTHER}}
    if switches.vacant is not None:
        posts[switches.vacant] = replace(posts[switches.vacant], holders=(), stand_ins=())
    known = pack.directory
    orgs = {name: replace(each, name={"zh-CN": name, **each.name}) for name, each in known.orgs.items()}
    return replace(
        pack, department_tier=switches.tier, own_work_by=switches.own_work_by,
        calendar=_announced(pack.calendar) if switches.official else pack.calendar,
        directory=Directory(known.kinds, orgs, posts, known.people, known.registrations),
    )  # fmt: skip


def _announced(calendar: Calendar) -> Calendar:
    assumed = calendar.years[2027]
    year = Year(2027, "official", "announced", assumed.holidays, assumed.workdays)
    return Calendar(calendar.zone, {**calendar.years, 2027: year}, calendar.duty)
