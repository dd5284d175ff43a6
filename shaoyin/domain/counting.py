"""What the rows count: under which names a matter counts, so that how many came before is one look at an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from shaoyin.domain.case import Case
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Counted, Pack
from shaoyin.domain.proposals import AROUND

SAME = "same_reporter"
SAME_WITHIN = timedelta(days=7)
"""Row 19: the same reporter's same matter in the same place joins the earlier case."""


@dataclass(frozen=True, slots=True)
class Told:
    """Of a matter what decides where it counts; `area` None is a place that was not found."""

    category: str | None
    area: str | None
    reporter: str | None


def told_of(case: Case) -> Told:
    """As it stands now; of several reporters the first."""
    return Told(case.category, case.area, case.reporters[0].ref if case.reporters else None)


def names_of(told: Told, pack: Pack) -> Mapping[str, str]:
    """By count the name under which this matter counts; not those it does not belong to, or whose place it lacks."""
    return dict(_names(told, pack))


def _names(told: Told, pack: Pack) -> Iterator[tuple[str, str]]:
    if told.category is None:
        return
    for count in pack.counts.values():
        around = _around(told, count, pack) if count.counts(told.category) else None
        if around is not None:
            yield count.count, f"{pack.name}|{count.count}|{around}"
    if told.reporter is not None and told.area is not None:
        yield SAME, f"{pack.name}|{SAME}|{told.reporter}|{told.category}|{told.area}"


def within(name: str, pack: Pack) -> timedelta:
    """How far back a count looks."""
    return SAME_WITHIN if name == SAME else timedelta(days=pack.counts[name].days)


def _around(told: Told, count: Counted, pack: Pack) -> str | None:
    if count.within == "reporter":
        return told.reporter
    if told.area is None or count.within == "place":
        return told.area
    found = pack.areas.nearest(told.area, AROUND[count.within])
    return None if found is None else found.area_id
