"""A year that was assumed has become official: the clocks that rest on it are counted anew (decisions 1.42)."""

from __future__ import annotations

from services.router.change_case import Asked, change_cases
from services.router.desk import Desk
from shaoyin.adapters.jobs import turned
from shaoyin.domain.case import Refused
from shaoyin.domain.commands import RecomputeClocks
from shaoyin.domain.pack import Pack

MOST = 200


async def recompute_clocks(desk: Desk) -> int:
    """Once at the start of a router, when its packs are as they are now; returns how many cases have new dates."""
    after, changed = "", 0
    while ids := await desk.store.provisional(after, MOST):
        changed += await _anew(desk, ids)
        after = ids[-1]
        turned()
    desk.noticed("clocks_recomputed", changed)
    return changed


async def _anew(desk: Desk, ids: list[str]) -> int:
    stored = await desk.store.load(ids)
    changed = 0
    for case_id, each in stored.items():
        calendar = calendar_of(desk.packs[each.case.pack])
        command = RecomputeClocks(at=desk.clock.now(), calendar=calendar)
        try:
            changed += len(await change_cases(desk, [Asked(case_id, command)]))
        except Refused as refused:
            if refused.code not in ("nothing_provisional", "not_now"):
                raise
    return changed


def calendar_of(pack: Pack) -> str:
    """The years by name: `2026 official, 2027 official`."""
    return ", ".join(f"{year} {pack.calendar.years[year].status}" for year in sorted(pack.calendar.years))
