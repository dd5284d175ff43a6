"""What is proposed beside the handling: of many of a kind a campaign or council topic (31, 38, 55), an order (93)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case
from shaoyin.domain.events import Scheduled
from shaoyin.domain.facts import COMPOUNDS
from shaoyin.domain.pack import Counted, Pack
from shaoyin.domain.rules import RuleRow, Walk


def scheduled(walk: Walk, case: Case, at: datetime, pack: Pack) -> Iterator[Scheduled]:
    """One proposal a row, place and window of the count (rows 31, 38); where nothing is counted, one a row and case."""
    for row in walk.added:
        if row.then.schedules in (None, "next_start"):
            continue
        counted = next((pack.counts[each.fact] for each in row.when if each.fact in pack.counts), None)
        where = _counted_in(case.area or pack.root, counted, pack)
        window = pack.calendar.local_day(at).toordinal() // counted.days if counted else case.case_id
        proposal = f"{pack.name}:{row.line}:{where}:{window}"
        if proposal not in case.scheduled:
            within = Within.parse(row.then.first_step) if row.then.first_step else pack.limit("assign", "normal")
            yield Scheduled(
                proposal, row.row, str(row.then.schedules), where, pack.due(at, within, "normal").due_at,
                _told(row, case.area or pack.root, pack),
            )  # fmt: skip


def _counted_in(area: str, counted: Counted | None, pack: Pack) -> str:
    kinds = AROUND.get(counted.within if counted else "place")
    found = pack.areas.nearest(area, kinds) if kinds else None
    return found.area_id if found else area


AROUND: Mapping[str, frozenset[str]] = {
    "courtyard": frozenset({"courtyard"}),
    "estate": frozenset({"estate"}),
    "compound": COMPOUNDS,
    "building": frozenset({"building"}),
}


def _told(row: RuleRow, area: str, pack: Pack) -> tuple[str, ...]:
    posts = (pack.post_for(role, area) for role in (row.then.main, *row.then.co, *row.then.informed) if role)
    return tuple(dict.fromkeys(post.post_id for post in posts if post is not None))
