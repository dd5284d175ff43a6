"""Reports become cases: decided in order, written in one go, published, and what follows from them opened too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.router.bury import READER
from services.router.counts_before import CountsBefore
from services.router.desk import Desk, FollowUp
from services.router.documents import Stored, alike_key, news_of, opened
from services.router.on_topic import on_cases
from shaoyin.adapters.bus import Message
from shaoyin.adapters.dead_letters import dead_letter
from shaoyin.adapters.geometry import hits_of_all
from shaoyin.adapters.mongo import StoreDown
from shaoyin.contracts.envelope import write_report
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.case import Refused
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decision
from shaoyin.domain.hits import Hits
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Report, case_id_of

log = logging.getLogger(__name__)
AT_A_TIME = 16
"""So many are decided before others get a turn: staff who wait for an answer, and the batch that is being written."""
New = list[tuple[Stored, Pack]]


async def open_reports(
    desk: Desk,
    reports: Sequence[Report],
    *,
    wanted: Mapping[str, FollowUp] | None = None,
    person: str | None = None,
    post: str | None = None,
) -> tuple[New, list[Message]]:
    """Decides reports in order; each sees the earlier ones of its batch. What could not be decided is a dead letter.

    `wanted` says of a follow-up whether it is accepted at once and under which number; `person` and `post` open a
    case themselves. Raises Refused for a person, whom somebody can tell; a report of the topic is never refused.
    """
    if not reports:
        return [], []
    now = desk.clock.now()
    hits = _located(desk, reports)
    numbers, alike, before = await asyncio.gather(
        _numbers(desk, reports, hits, now), _alike_cases(desk, reports, hits), CountsBefore.of(desk, reports, hits, now)
    )
    new: New = []
    dead: list[Message] = []
    for nth, report in enumerate(reports, 1):
        if nth % AT_A_TIME == 0:
            await asyncio.sleep(0)
        pack, case_id, key = desk.packs[report.community], case_id_of(report.report_id), _alike(desk, report, hits)
        earlier = tuple(each for each in alike.get(key or "", ()) if each != case_id) if _may_repeat(report) else ()
        follow = (wanted or {}).get(report.report_id)
        command = OpenCase(
            at=max(now, report.received_at), person=person, post=post, report=report, case_id=case_id,
            number_if_accepted=(follow and follow.number) or numbers[report.report_id], duplicates=earlier[:5],
            to_triage=follow is not None and not follow.accepted, hits=hits.get(report.report_id, ()),
            facts=before.facts(report),
        )  # fmt: skip
        try:
            stored = opened(decision(None, command, pack), desk.run)
        except Refused:
            raise
        except Exception as error:
            log.exception("a report could not be decided; it goes to the dead letters")
            dead.append(undecided(report, type(error).__name__))
            continue
        new.append((stored, pack))
        before.add(report, stored)
        if key:
            alike.setdefault(key, []).append(case_id)
    return new, dead


def undecided(report: Report, why: str) -> Message:
    """A fault of ours must not hold up everybody behind it: the report is kept whole, and somebody is told."""
    return dead_letter(write_report(report), REPORTS, READER, "decision_failed", why)


def _located(desk: Desk, reports: Sequence[Report]) -> Mapping[str, Hits]:
    """What lies where the points of a batch are; most reports have none."""
    located: dict[str, Hits] = {}
    with_point = [report for report in reports if report.place.point is not None]
    for community in {report.community for report in with_point}:
        here = [report for report in with_point if report.community == community]
        found = hits_of_all(desk.packs[community], [report.place for report in here])
        located.update(zip((report.report_id for report in here), found, strict=True))
    return located


async def _alike_cases(desk: Desk, reports: Sequence[Report], hits: Mapping[str, Hits]) -> dict[str, list[str]]:
    """What is stored, and what an earlier batch decided and has still in hand."""
    keys = {key for report in reports if (key := _alike(desk, report, hits))}
    stored = await desk.store.alike(keys)
    return {key: list(dict.fromkeys((*stored.get(key, ()), *desk.in_hand.like(key)))) for key in keys}


def _alike(desk: Desk, report: Report, hits: Mapping[str, Hits]) -> str | None:
    return alike_key(_area(desk, report, hits), report.category)


def _area(desk: Desk, report: Report, hits: Mapping[str, Hits]) -> str | None:
    pack = desk.packs[report.community]
    day = pack.calendar.local_day(report.received_at)
    return pack.areas.find(report.place, day, hits.get(report.report_id, ())).area


def _may_repeat(report: Report) -> bool:
    """Whether it may be somebody else's matter told again; what we opened ourselves is not (decisions 2.6)."""
    return report.opened_from is None and report.origin != "campaign"


async def _numbers(desk: Desk, reports: Sequence[Report], hits: Mapping[str, Hits], now: datetime) -> Mapping[str, str]:
    """A number for each report, "if accepted"; unused ones leave gaps, which are allowed."""
    by_code: dict[str, list[str]] = {}
    for report in reports:
        pack = desk.packs[report.community]
        by_code.setdefault(area_code(pack, _area(desk, report, hits)), []).append(report.report_id)
    numbers: dict[str, str] = {}
    for code, ids in by_code.items():
        day = desk.packs[reports[0].community].calendar.local_day(now)
        numbers.update(zip(ids, await desk.numbers.take(code, day, len(ids)), strict=True))
    return numbers


def area_code(pack: Pack, area: str | None) -> str:
    """The nearest area upward whose code is all digits: the community's, else the street's."""
    codes = (each.code for each in pack.areas.upward(area or pack.root))
    return next((code for code in codes if code is not None and code.isdigit()), "000000000000")


async def store_and_publish(desk: Desk, new: Sequence[tuple[Stored, Pack]]) -> Mapping[str, Stored]:
    """One write, one publication. A repeat is already there: its opening is published again under the same ids.

    Returns the repeats as they are stored, by case.
    """
    ids = {stored.case.case_id for stored, _ in new}
    desk.opening.update(ids)
    try:
        there = await desk.store.insert(new)
        stored = {each.case.case_id: each for each, _ in new if each.case.case_id not in there}
        again = await desk.store.load(there) if there else {}
        if len(again) < len(there):
            raise StoreDown("a case that is there cannot be read by the majority yet")
        news = [message for each in stored.values() for message in news_of(each)]
        for each in again.values():
            opening = news_of(each)[: each.opening]
            news += opening
        await desk.bus.send(on_cases(news))
        _remember(desk, ids)
    finally:
        desk.opening.difference_update(ids)
    desk.noticed("cases_opened", len(stored))
    desk.noticed("reports_again", len(there))
    return again


OPENED_HERE_AT_MOST = 100_000


def _remember(desk: Desk, ids: set[str]) -> None:
    if len(desk.opened_here) > OPENED_HERE_AT_MOST:
        desk.opened_here.clear()
    desk.opened_here.update(ids)
