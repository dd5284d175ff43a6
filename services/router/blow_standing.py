"""Standing whistles: each date of a rule is opened as a case of its own and blown a working day before (WS-18)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from services.router.change_case import Asked, change_case
from services.router.desk import Desk
from services.router.follow_ups import open_and_follow
from services.router.opening import open_reports
from shaoyin.adapters.jobs import turned
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.case import Refused
from shaoyin.domain.commands import BlowStanding
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, case_id_of
from shaoyin.domain.standing import Occurrence, occurrences

LOOK_EVERY = timedelta(seconds=5)
AHEAD = timedelta(days=15)
"""The longest a working day lies behind: over the longest holiday with the weekends around it."""
log = logging.getLogger(__name__)


async def blow_standing_for_ever(desk: Desk) -> None:
    while True:
        await blow_standing(desk)
        turned()
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def blow_standing(desk: Desk) -> int:
    """What is due to be blown now, once a date: its ids are made from rule and day, so two routers blow it once."""
    blown = 0
    for pack in desk.packs.values():
        for due in list(due_now(pack, desk.clock.now())):
            blown += await _blow(desk, pack, due)
    return blown


def due_now(pack: Pack, now: datetime) -> Iterator[Occurrence]:
    """From one working day before until it begins; a date whose start has passed is never blown afterwards."""
    today = pack.calendar.local_day(now)
    for rule in pack.standing:
        try:
            dates = list(occurrences(rule, pack.calendar, today, today + AHEAD))
        except CalendarMissing as missing:
            log.warning("the dates of the standing rule %s are not known: %s", rule.rule, missing)
            continue
        yield from (
            each for each in dates if each.blown_at(pack.calendar) <= now < each.starts_at(pack.calendar)
        )  # fmt: skip


def next_standing(desk: Desk, now: datetime) -> datetime | None:
    """When the next date of a rule is to be blown; the development clock stops there on its walk."""
    coming = (at for pack in desk.packs.values() for at in _blown_at(pack, now) if at > now)
    return min(coming, default=None)


def _blown_at(pack: Pack, now: datetime) -> Iterator[datetime]:
    today = pack.calendar.local_day(now)
    for rule in pack.standing:
        try:
            yield from (each.blown_at(pack.calendar) for each in occurrences(rule, pack.calendar, today, today + AHEAD))
        except CalendarMissing:
            continue


async def _blow(desk: Desk, pack: Pack, due: Occurrence) -> int:
    report = _report(pack, due, desk.clock.now())
    case_id = case_id_of(report.report_id)
    if not await desk.store.load([case_id]):
        new, dead = await open_reports(desk, [report])
        await open_and_follow(desk, new)
        if dead:
            desk.noticed("dead_letters", len(dead))
            await desk.bus.send(dead)
            return 0
    command = BlowStanding(
        at=desk.clock.now(), whistle_id=f"{case_id}-w1", rule=due.rule.rule, starts_at=due.starts_at(pack.calendar)
    )
    try:
        await change_case(desk, Asked(case_id, command))
    except Refused as refused:
        if refused.code not in ("not_due", "not_now"):
            raise
        return 0
    desk.noticed("standing_whistles_blown", 1)
    return 1


def _report(pack: Pack, due: Occurrence, now: datetime) -> Report:
    """Not counted as anybody's demand: its origin is a campaign (decisions 2.6)."""
    made = hashlib.blake2b(f"{pack.name} {due.rule.rule} {due.planned}".encode(), digest_size=12).hexdigest()
    return Report(
        report_id=f"rs{made}", community=pack.name, pack_version=pack.version, description=due.rule.task,
        place=PlaceGiven(area=due.rule.area), received_at=now, category=due.rule.category, origin="campaign",
        channel="standing",
    )  # fmt: skip
