"""How fast one report is decided: routing with its explanation, and the whole opening decision with its messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import TypeVar

from bench.figures import Figure, at_least
from bench.scale import Scale
from bench.table import for_zen, hundred_rows, matters
from services.router.documents import news_of, opened
from shaoyin.adapters.packs import load
from shaoyin.domain.choosing import choose
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decision
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Area, AreaTree
from shaoyin.domain.report import PlaceGiven, Report, case_id_of

PACKS = Path(__file__).resolve().parent.parent / "packs"
SECONDS = 2.0
MATTERS, BUILDINGS, TURN = 5000, 2000, 50
T = TypeVar("T")


def wulibao() -> Pack:
    pack = load(PACKS / "wulibao").pack
    assert pack is not None
    return pack


def with_buildings(pack: Pack, many: int) -> Pack:
    """As many invented buildings as reports, so that none is a likely duplicate of another."""
    invented = {
        name: Area(name, "building", "wls-micro-51-1", {"zh-CN": name, "en": name})
        for name in (f"bench-{number}" for number in range(many))
    }
    return replace(pack, areas=AreaTree({**pack.areas.areas, **invented}))


def a_report(number: int, at: datetime) -> Report:
    return Report(
        report_id=f"r{number}", community="wulibao", pack_version="bench", description="下水道堵了,没法用水。",
        place=PlaceGiven(building=f"bench-{number}"), received_at=at, reporter_ref=f"ref{number}",
        category="WAT.sewer_blocked", answers={"inside_flat": False},
    )  # fmt: skip


def command(number: int, at: datetime) -> OpenCase:
    report = a_report(number, at)
    return OpenCase(at=at, report=report, case_id=case_id_of(report.report_id), number_if_accepted=str(number))


def measure(_scale: Scale) -> Iterator[Figure]:
    table, asked = hundred_rows(), matters(MATTERS)
    peer = for_zen(table)
    assert len(table.rows) == 100
    for each in asked:  # the first time a way is gone it is found; that is the figure below
        table.walk(each)
    yield Figure(
        "decide", "routing decisions with full explanation, 100 rows", per_second(each_of(asked, table.walk)), "1/s",
        per_second(each_of(asked, peer.evaluate)), at_least(300_000),
    )  # fmt: skip
    anew = per_second(each_of(asked, table.gone))
    yield Figure("decide", "the same, no way remembered", anew, "1/s")
    pack, at = with_buildings(wulibao(), BUILDINGS), datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
    cases = [opened(decision(None, command(number, at), pack), "bench").case for number in range(BUILDINGS)]
    chosen = per_second(each_of(cases, lambda case: choose(case, at, pack)))
    yield Figure("decide", "handler, co-handlers and informed of a case", chosen, "1/s")
    commands = [command(number, at + timedelta(seconds=number // 500)) for number in range(BUILDINGS)]
    opening = each_of(commands, lambda each: decision(None, each, pack))
    yield Figure("decide", "opening decisions (5 events)", per_second(opening), "1/s")
    whole = each_of(commands, lambda each: news_of(opened(decision(None, each, pack), "bench")))
    yield Figure("decide", "opening decisions with their messages", per_second(whole), "1/s")


def each_of(things: Sequence[T], work: Callable[[T], object]) -> Callable[[], object]:
    """Fifty of them at a time, one after another, over and over, so that no two decisions in a row are alike."""
    turns = cycle([things[at : at + TURN] for at in range(0, len(things) - TURN + 1, TURN)])

    def fifty() -> None:
        for each in next(turns):
            work(each)

    return fifty


def per_second(work: Callable[[], object]) -> float:
    ends_at, done = time.perf_counter() + SECONDS, 0
    began = time.perf_counter()
    while time.perf_counter() < ends_at:
        work()
        done += TURN
    return done / (time.perf_counter() - began)
