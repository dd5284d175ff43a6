"""The first look at a report: does it go on by itself, is somebody to be called, is it not for us, who looks first."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.commands import OpenCase
from shaoyin.domain.facts import Matter, facts_about
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack, Urgency
from shaoyin.domain.place import Found
from shaoyin.domain.report import Secrecy
from shaoyin.domain.roles import OUTSIDE
from shaoyin.domain.rules import LAID_ASIDE, Mode, RowSeen, RuleRow, Then, Walk

ASIDE: frozenset[Mode] = LAID_ASIDE - {"merge", "decline"}
"""Modes that a person must confirm: nobody is turned away by a table (domain 4.4, rows 9 to 14 and 98)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the table says at the first look. `mode` is given where it does not simply go on: X, merge or laid aside."""

    desk: Post
    secrecy: Secrecy
    row: int | None = None
    lines: tuple[str, ...] = ()
    mode: Mode | None = None
    explanation: tuple[RowSeen, ...] = ()


def look(asked: OpenCase, found: Found, urgency: Urgency, pack: Pack) -> Look:
    walk = pack.rules.walk(facts_about(_matter(asked, found, urgency, pack), asked.at, pack))
    secrecy = masked(asked.report.secrecy, walk)
    turned = _turned(walk, asked)
    if turned is None:
        return Look(_desk(walk.rows, found, pack), secrecy)
    mode, rows = turned
    lines = tuple(each.line for each in rows)
    return Look(_desk(rows, found, pack), secrecy, rows[0].row, lines, mode, walk.asked)


def masked(chosen: Secrecy, walk: Walk) -> Secrecy:
    """Row 17: whoever handles it sees place and matter only, unless the reporter asked for more."""
    masks = any(each.group == "mask" for each in walk.added)
    return "confidential" if masks and chosen == "open" else chosen


def called(then: Then) -> Iterator[tuple[str, str]]:
    """The bodies outside that a row calls: number and danger."""
    for role in (*then.handlers, *then.co):
        if role in OUTSIDE:
            yield OUTSIDE[role]


def _matter(asked: OpenCase, found: Found, urgency: Urgency, pack: Pack) -> Matter:
    """A place that is known and is not ours lies elsewhere (row 10)."""
    report = asked.report
    named = report.place.building or report.place.area
    return Matter(
        category=report.category if report.category in pack.categories else None, area=found.area,
        place_how=found.how, urgency=urgency, secrecy=report.secrecy, text=report.description,
        answers=report.answers or {}, gathered=asked.facts,
        elsewhere=found.area is None and named in pack.areas.areas,
    )  # fmt: skip


def _turned(walk: Walk, asked: OpenCase) -> tuple[Mode, tuple[RuleRow, ...]] | None:
    """An emergency is called once: what was opened behind it is the ordinary matter (decisions 1.31)."""
    calls = tuple(each for each in sorted(walk.rows, key=lambda row: row.row) if each.then.mode == "X")
    if calls and asked.report.opened_from is None:
        others = tuple(each for each in walk.rows if each.then.mode != "X")
        return "X", (*calls, *others)
    if walk.decided.then.mode in LAID_ASIDE:
        return walk.decided.then.mode, walk.rows
    return None


def _desk(rows: tuple[RuleRow, ...], found: Found, pack: Pack) -> Post:
    """Whose desk looks first: the one a row names, else the one that answers for the place."""
    area = found.area or pack.root
    named = (pack.post_for(row.then.desk, area) for row in rows if row.then.desk is not None)
    return next((post for post in named if post is not None), None) or pack.triage_post(area)
