"""`python -m bench.model`: what a city and a country would need, reckoned from what one case costs; measures nothing.

Speeds come from `bench/results/latest.json` where a bench left them there, else from ASSUMED, and the table says which.
Bytes are measured; docs/scaling.md has the commands. All the rest is an estimate.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from bench.figures import LATEST

DAY, MILLION = 86_400, 1_000_000
REPORT_BYTES, EVENT_BYTES, DELIVERY_BYTES = 620, 2_240, 570
"""A message with its headers, before compression and replication."""
EVENTS, OPENING_EVENTS, ALERTS = 12.6, 5, 7.6
"""Of a case from its report to the archive, on the average of the matters that benches are seeded with."""
CASE_BYTES, CASE_INDEX_BYTES = 10_670, 700
REPORT_STORED, ALERT_STORED = 5_200, 770
"""Documents with their indexes, before compression."""
HEADROOM = 0.5
"""Of its measured speed a process is asked for half."""
NODE_RAM, NODE_DISK = 64e9, 2e12
"""What one MongoDB machine is taken to have; half the memory is its cache."""
SHARD_WRITES = 5_000
"""Documents a second that one primary is taken to write."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """What one process does in a second; `measured` names those that a bench left."""

    reports: float = 1_000
    cases: float = 280
    events: float = 2_000
    measured: frozenset[str] = frozenset()


ASSUMED = Speeds()
FIGURES: Mapping[str, tuple[str, str]] = {
    "reports": ("intake", "durable POST"),
    "cases": ("pipeline", "report to case to alert, one process a service"),
}
"""The bench, and how the figure's name begins. Of `events` no bench leaves a rate."""


@dataclass(frozen=True, slots=True)
class Place:
    """`daily` are the reports of 10,000 people in a day, `peak` the busiest second over the average one."""

    name: str
    people: int
    districts: int
    communities: int
    daily: float = 10
    peak: float = 10
    years: float = 3
    days_open: float = 15

    @property
    def reports_a_day(self) -> float:
        return self.people / 10_000 * self.daily

    @property
    def one_district(self) -> Place:
        return Place(
            f"one of its {self.districts:,} districts", ceil(self.people / self.districts), 1,
            ceil(self.communities / self.districts), self.daily, self.peak, self.years, self.days_open,
        )  # fmt: skip


CITY = Place("a city", 10_000_000, 20, 3_000)
COUNTRY = Place("a country", 1_400_000_000, 2_900, 400_000)


@dataclass(frozen=True, slots=True)
class Needs:
    """Of one installation for the whole place."""

    reports_a_day: float
    peak_reports: float
    intakes: int
    routers: int
    notifies: int
    partitions: int
    topic_bytes: Mapping[str, float]
    stored: float
    indexes: float
    working_set: float
    shards: int


def needs(place: Place, speeds: Speeds = ASSUMED) -> Needs:
    daily = place.reports_a_day
    peak = daily / DAY * place.peak
    cases = daily * 365 * place.years
    indexes = cases * CASE_INDEX_BYTES
    stored = cases * (CASE_BYTES + CASE_INDEX_BYTES + REPORT_STORED + ALERTS * ALERT_STORED)
    working_set = indexes + min(cases, daily * place.days_open) * CASE_BYTES
    writes = peak * (1 + EVENTS / OPENING_EVENTS + ALERTS)
    routers = _processes(peak * EVENTS / OPENING_EVENTS, speeds.cases)
    notifies = _processes(peak * EVENTS, speeds.events)
    return Needs(
        daily, peak, _processes(peak, speeds.reports), routers, notifies, partitions(max(routers, notifies)),
        {
            "reports": daily * REPORT_BYTES, "cases": daily * EVENTS * EVENT_BYTES,
            "deliveries": daily * ALERTS * DELIVERY_BYTES,
        },
        stored, indexes, working_set,
        max(ceil(stored / NODE_DISK), ceil(working_set / (NODE_RAM / 2)), ceil(writes / SHARD_WRITES)),
    )  # fmt: skip


def partitions(readers: int) -> int:
    """A power of two, at least the usual four, with room for twice the readers: so that it need not be changed."""
    return max(4, 1 << (2 * readers - 1).bit_length())


def _processes(wanted: float, each: float) -> int:
    """At least two, so that one may be lost."""
    return max(2, ceil(wanted / (each * HEADROOM)))


def speeds_in(file: Path = LATEST) -> Speeds:
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    found = {
        name: float(row["value"])
        for name, (bench, what) in FIGURES.items()
        for row in rows
        if row["bench"] == bench and row["what"].startswith(what) and row["unit"].endswith("/s")
    }
    return Speeds(
        found.get("reports", ASSUMED.reports), found.get("cases", ASSUMED.cases), ASSUMED.events, frozenset(found)
    )


def table(places: Sequence[Place], speeds: Speeds) -> Iterable[str]:
    every = [needs(place, speeds) for place in places]
    yield _line("", [place.name for place in places])
    yield _line("people", [f"{place.people:,}" for place in places])
    yield _line("communities", [f"{place.communities:,}" for place in places])
    for name, shown in (
        ("reports a day", [f"{each.reports_a_day:,.0f}" for each in every]),
        ("reports a second at the peak", [f"{each.peak_reports:,.1f}" for each in every]),
        ("processes: intake", [f"{each.intakes:,}" for each in every]),
        ("processes: router", [f"{each.routers:,}" for each in every]),
        ("processes: notify", [f"{each.notifies:,}" for each in every]),
        ("partitions of a topic", [f"{each.partitions:,}" for each in every]),
        *((f"a day on {topic}", [_bytes(each.topic_bytes[topic]) for each in every]) for topic in every[0].topic_bytes),
        ("stored in the years kept", [_bytes(each.stored) for each in every]),
        ("of it indexes of cases", [_bytes(each.indexes) for each in every]),
        ("working set", [_bytes(each.working_set) for each in every]),
        ("shards", [f"{each.shards:,}" for each in every]),
    ):
        yield _line(name, shown)


def _line(name: str, shown: Iterable[str]) -> str:
    return f"{name:<30}" + "".join(f"{each:>30}" for each in shown)


def _bytes(many: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if many >= size:
            return f"{many / size:,.1f} {unit}"
    return f"{many / 1e3:,.1f} kB"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.model", description=__doc__)
    asked.add_argument("--people", type=int, help="a place of your own instead of a city and a country")
    asked.add_argument("--districts", type=int, default=1)
    asked.add_argument("--communities", type=int, default=1)
    asked.add_argument("--daily", type=float, default=CITY.daily, help="reports of 10,000 people in a day")
    asked.add_argument("--peak", type=float, default=CITY.peak, help="the busiest second over the average one")
    said = asked.parse_args()
    places = [(each.name, each.people, each.districts, each.communities) for each in (CITY, COUNTRY)]
    if said.people:
        places = [("the place", said.people, said.districts, said.communities)]
    wanted = [Place(*each, said.daily, said.peak) for each in places]
    speeds = speeds_in()
    for line in table([each for place in wanted for each in (place, place.one_district)], speeds):
        print(line)
    for name in ("reports", "cases", "events"):
        whence = "measured here" if name in speeds.measured else "assumed"
        print(f"one process does {getattr(speeds, name):,.0f} {name} a second: {whence}")


if __name__ == "__main__":
    main()
