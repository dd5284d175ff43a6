"""Reports in, cases out, a batch at a time; the offset is committed last, and a bad message never stops the batch."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic_core import from_json

from services.router.desk import Desk
from services.router.documents import Stored, alike_key, news_of, opened
from services.router.hear_residents import hear
from services.router.publish_events import on_cases
from shaoyin.adapters.bus import Message, Received
from shaoyin.contracts.envelope import Unreadable, read_report, write_report
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decide
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, Request, case_id_of

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Read:
    """What a batch holds: new reports by id, requests in order, and what nobody could read."""

    reports: dict[str, Report] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)


async def open_cases(desk: Desk, batch: Sequence[Received]) -> None:
    """Everything but the commit, which is the caller's last act: a batch read again opens nothing twice."""
    read = read_batch(desk, batch)
    now = desk.clock.now()
    new = await _decide_all(desk, read, now)
    await store_and_publish(desk, new)
    for request in read.requests:
        dead = await hear(desk, request)
        if dead is not None:
            read.dead.append(dead)
    if read.dead:
        desk.noticed("dead_letters", len(read.dead))
        await desk.bus.send(read.dead)


def read_batch(desk: Desk, batch: Sequence[Received]) -> Read:
    read = Read()
    for message in batch:
        try:
            told = read_report(message)
            if isinstance(told, Request):
                read.requests.append(told)
            else:
                read.reports.setdefault(told.report_id, _known(desk, told))
        except Unreadable as why:
            read.dead.append(dead_letter(message, why.reason, str(why)))
            if minimal := _minimal(desk, message):
                read.reports.setdefault(minimal.report_id, minimal)
    return read


def _known(desk: Desk, report: Report) -> Report:
    if desk.pack_of(report.community) is None:
        raise Unreadable("unknown_community", report.community)
    return report


def dead_letter(message: Received, reason: str, detail: str) -> Message:
    """The message as it was, with the reason; the detail names the field, never its content."""
    headers = (*message.headers, ("reason", reason.encode()), ("detail", detail.encode()), ("reader", b"router"))
    return Message(REPORTS.dead_letters, message.key, message.value, headers)


def _minimal(desk: Desk, message: Received) -> Report | None:
    """A matter that cannot be read still gets an owner: a bare case at triage, when its id can be read (row 78)."""
    meta = dict(message.headers)
    report_id = meta.get("ce_id", message.key).decode(errors="replace")
    if meta.get("ce_type", b"report.received") != b"report.received" or not report_id.startswith("r"):
        return None
    pack = desk.packs.get(_community(message)) or next(iter(desk.packs.values()))
    return Report(
        report_id=report_id, community=pack.name, pack_version=pack.version,
        description=pack.text("report.unreadable", "zh-CN"), place=PlaceGiven(text="?"),
        received_at=message.timestamp_at, channel="unreadable",
    )  # fmt: skip


def _community(message: Received) -> str:
    try:
        told = from_json(message.value)
    except ValueError:
        return ""
    return str(told.get("community", "")) if isinstance(told, dict) else ""


async def _decide_all(desk: Desk, read: Read, now: datetime) -> list[tuple[Stored, Pack]]:
    reports = list(read.reports.values())
    if not reports:
        return []
    numbers = await _numbers(desk, reports, now)
    alike = await desk.store.alike({key for report in reports if (key := _alike(desk, report))})
    new: list[tuple[Stored, Pack]] = []
    for report in reports:
        pack = desk.packs[report.community]
        case_id = case_id_of(report.report_id)
        key = _alike(desk, report)
        earlier = tuple(each for each in alike.get(key or "", ()) if each != case_id)
        command = OpenCase(
            at=max(now, report.received_at), report=report, case_id=case_id,
            number_if_accepted=numbers[report.report_id], duplicates=earlier[:5],
        )  # fmt: skip
        try:
            new.append((opened(decide(None, command, pack), desk.run), pack))
        except Exception as error:
            log.exception("a report could not be decided; it goes to the dead letters")
            read.dead.append(undecided(report, type(error).__name__))
            continue
        if key:
            alike.setdefault(key, []).append(case_id)
    return new


def undecided(report: Report, why: str) -> Message:
    """A fault of ours must not hold up everybody behind it: the report is kept whole, and somebody is told."""
    written = write_report(report)
    headers = (*written.headers, ("reason", b"decision_failed"), ("detail", why.encode()), ("reader", b"router"))
    return Message(REPORTS.dead_letters, written.key, written.value, headers)


def _alike(desk: Desk, report: Report) -> str | None:
    found = desk.packs[report.community].areas.find(report.place)
    return alike_key(found.area, report.category)


async def _numbers(desk: Desk, reports: Sequence[Report], now: datetime) -> Mapping[str, str]:
    """A number for each report, "if accepted"; unused ones leave gaps, which are allowed."""
    by_code: dict[str, list[str]] = {}
    for report in reports:
        pack = desk.packs[report.community]
        by_code.setdefault(area_code(pack, pack.areas.find(report.place).area), []).append(report.report_id)
    numbers: dict[str, str] = {}
    for code, ids in by_code.items():
        day = desk.packs[reports[0].community].calendar.local_day(now)
        numbers.update(zip(ids, await desk.numbers.take(code, day, len(ids)), strict=True))
    return numbers


def area_code(pack: Pack, area: str | None) -> str:
    """The nearest area upward whose code is all digits: the community's, else the street's."""
    codes = (each.code for each in pack.areas.upward(area or pack.root))
    return next((code for code in codes if code is not None and code.isdigit()), "000000000000")


async def store_and_publish(desk: Desk, new: Sequence[tuple[Stored, Pack]]) -> None:
    """One write, one publication. A repeat is already there: its opening is published again under the same ids."""
    ids = {stored.case.case_id for stored, _ in new}
    desk.opening.update(ids)
    try:
        there = await desk.store.insert(new)
        stored = {each.case.case_id: each for each, _ in new if each.case.case_id not in there}
        again = await desk.store.load(there) if there else {}
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


OPENED_HERE_AT_MOST = 100_000


def _remember(desk: Desk, ids: set[str]) -> None:
    if len(desk.opened_here) > OPENED_HERE_AT_MOST:
        desk.opened_here.clear()
    desk.opened_here.update(ids)
