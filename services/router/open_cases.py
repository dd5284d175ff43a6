"""Reports in, cases out, a batch at a time; the offset is committed last, and a bad message never stops the batch.

Deciding changes nothing outside this process, so the next batch is decided while the last one is being written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic_core import from_json

from services.router.bury import READER, bury
from services.router.desk import Desk
from services.router.follow_ups import open_and_follow
from services.router.hear_residents import hear
from services.router.opening import New, open_reports
from services.router.read_at_last import UNREADABLE, open_what_can_be_read
from shaoyin.adapters.bus import Message, Received
from shaoyin.adapters.dead_letters import dead_letter
from shaoyin.adapters.read_ahead import Work, read_ahead
from shaoyin.contracts.envelope import Unreadable, read_report
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.report import PlaceGiven, Report, Request


@dataclass(slots=True)
class Read:
    """What a batch holds: new reports by id, requests in order, and what nobody could read."""

    reports: dict[str, Report] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decided:
    """A batch as decided: the new cases, what residents ask of cases that are there, and what went wrong."""

    new: New
    requests: Sequence[Request]
    dead: list[Message]
    reports: Sequence[Report] = ()


async def open_cases(desk: Desk, batch: Sequence[Received]) -> None:
    """Everything but the commit, which is the caller's last act: a batch read again opens nothing twice."""
    await write_decided(desk, await decide_batch(desk, batch))


async def open_for_ever(desk: Desk, group: str, most: int) -> None:
    work = Work(partial(decide_batch, desk), partial(write_decided, desk), desk.in_hand.clear)
    await read_ahead(desk.bus, group, REPORTS.name, most, work)


async def decide_batch(desk: Desk, batch: Sequence[Received]) -> Decided:
    read = read_batch(desk, batch)
    await desk.versions_of(read.reports.values())
    new, undecided = await open_reports(desk, list(read.reports.values()))
    desk.in_hand.add(new)
    return Decided(new, read.requests, [*read.dead, *undecided], list(read.reports.values()))


async def write_decided(desk: Desk, decided: Decided) -> None:
    again = await open_and_follow(desk, decided.new)
    desk.in_hand.remove(decided.new)
    await open_what_can_be_read(desk, decided.reports, again)
    _count_unrouted(desk, decided.new)
    dead = [*decided.dead, *[letter for each in decided.requests if (letter := await hear(desk, each)) is not None]]
    await bury(desk, dead)


def _count_unrouted(desk: Desk, new: New) -> None:
    """What a person must look at first, and what only the table's last row took (pitfalls: the unrouted rate)."""
    packs = {pack.name: pack for _, pack in new}
    last = {name: {row.row for row in pack.rules.rows if row.group == "fallback"} for name, pack in packs.items()}
    desk.noticed("cases_left_to_triage", sum(stored.case.state == "reported" for stored, _ in new))
    desk.noticed("cases_by_fallback_row", sum(stored.case.row in last[pack.name] for stored, pack in new))


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
            read.dead.append(dead_letter(message, REPORTS, READER, why.reason, str(why)))
            if minimal := _minimal(desk, message):
                read.reports.setdefault(minimal.report_id, minimal)
    return read


def _known(desk: Desk, report: Report) -> Report:
    if desk.pack_of(report.community) is None:
        raise Unreadable("unknown_community", report.community)
    return report


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
        received_at=message.timestamp_at, channel=UNREADABLE,
    )  # fmt: skip


def _community(message: Received) -> str:
    try:
        told = from_json(message.value)
    except ValueError:
        return ""
    return str(told.get("community", "")) if isinstance(told, dict) else ""
