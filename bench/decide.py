"""How fast one report is decided: routing with its explanation, and the whole opening decision with its messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure
from bench.scale import Scale
from services.router.documents import news_of, opened
from shaoyin.adapters.packs import load
from shaoyin.domain.assignment import choose
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decide, decision
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Area, AreaTree
from shaoyin.domain.report import PlaceGiven, Report, case_id_of

PACKS = Path(__file__).resolve().parent.parent / "packs"
SECONDS = 2.0


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
    pack, at = with_buildings(wulibao(), 2), datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
    case = opened(decision(None, command(1, at), pack), "bench").case
    yield Figure("decide", "routing decisions with explanation", per_second(lambda: choose(case, at, pack)), "1/s")
    yield Figure(
        "decide", "opening decisions (5 events)", per_second(lambda: decide(None, command(1, at), pack)), "1/s"
    )
    whole = per_second(lambda: news_of(opened(decision(None, command(1, at), pack), "bench")))
    yield Figure("decide", "opening decisions with their messages", whole, "1/s")


def per_second(work: Callable[[], object]) -> float:
    ends_at, done = time.perf_counter() + SECONDS, 0
    began = time.perf_counter()
    while time.perf_counter() < ends_at:
        for _ in range(50):
            work()
        done += 50
    return done / (time.perf_counter() - began)
