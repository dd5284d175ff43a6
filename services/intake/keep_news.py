"""What the news of cases changes at intake: lines and newest header of each report, what was merged, who is kept.

The order of arrival does not matter and a repeat changes nothing: each event is a line of its own, of headers and
turns the newest stays, secrecy only rises, and of two words on one merger the earlier instant counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import UpdateOne

from services.intake.course import SECRECIES
from services.intake.leads import Leads, joining
from services.intake.lines import end_of, head_of, line_of
from services.intake.reports import Reports
from services.intake.retention import Retention
from shaoyin.adapters.mongo import Document, store_needed
from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain.events import CaseMerged, ReporterAttached
from shaoyin.domain.report import report_id_of

LINES_AT_MOST = 2000
"""A case with more events than that shows no further ones; its state is still followed."""
ByReport = Mapping[str, Sequence[CaseNews]]


class KeepNews:
    def __init__(self, reports: Reports, leads: Leads, retention: Retention) -> None:
        self._reports = reports
        self._leads = leads
        self._retention = retention

    async def keep(self, news: Sequence[CaseNews], now: datetime) -> list[str]:
        """The reports that are home with it. Raises StoreDown; the same news may be kept again."""
        by_report: dict[str, list[CaseNews]] = {}
        for each in news:
            by_report.setdefault(each.header.report_id, []).append(each)
        await self._write(by_report, now)
        await self._retention.follow(news)
        return list(by_report)

    @store_needed()
    async def _write(self, by_report: ByReport, now: datetime) -> None:
        """Events of cases that no report of ours opened leave a trace only where a reporter is attached to them."""
        updates = [UpdateOne({"_id": report_id}, _change(news, now)) for report_id, news in by_report.items()]
        updates += _joins(by_report)
        if not updates:
            return
        written = await self._reports.collection.bulk_write(updates, ordered=False)
        if written.matched_count < len(updates):
            await self._write_leads(await self._foreign(by_report), _joins(by_report), now)

    async def _foreign(self, by_report: ByReport) -> ByReport:
        found = self._reports.collection.find({"_id": {"$in": list(by_report)}}, {"_id": 1})
        ours = {str(each["_id"]) async for each in found}
        return {report_id: news for report_id, news in by_report.items() if report_id not in ours}

    async def _write_leads(self, foreign: ByReport, joins: Sequence[UpdateOne], now: datetime) -> None:
        updates = [
            UpdateOne({"_id": report_id}, _change(news, now), upsert=True)
            for report_id, news in foreign.items()
            if any(each.header.reporters for each in news)
        ]
        if updates or joins:
            await self._leads.collection.bulk_write([*updates, *joins], ordered=True)


def _joins(by_report: ByReport) -> list[UpdateOne]:
    """Both say it: the merged case, and the lead for each reporter who was not with it already."""
    joins = []
    for report_id, news in by_report.items():
        for event in (each.event for each in news):
            if isinstance(event, CaseMerged):
                joins.append(UpdateOne(*joining(report_id, report_id_of(event.lead), event.at)))
            if isinstance(event, ReporterAttached):
                joins.append(UpdateOne(*joining(report_id_of(event.from_case), report_id, event.at)))
    return joins


def _change(news: Sequence[CaseNews], now: datetime) -> Document:
    """One update for all news of a report. Documents are compared field by field, so of two heads, and of two ends,
    the one with the greater number in front is the greater.
    """
    newest = max(news, key=lambda each: each.header.version).header
    greatest: Document = {"head": head_of(newest), **_secrecies(news)}
    ends = [end for each in news if (end := end_of(each)) is not None]
    if ends:
        greatest["end"] = max(ends, key=lambda each: int(each["seq"]))
    change: Document = {"$min": {"home_at": now}, "$max": greatest, "$unset": {"publish_at": "", "placed": ""}}
    lines = {f"lines.{each.seq}": line_of(each) for each in news if each.seq <= LINES_AT_MOST}
    return change | {"$set": lines} if lines else change


def _secrecies(news: Sequence[CaseNews]) -> Document:
    highest: dict[str, int] = {}
    for header in {id(each.header): each.header for each in news}.values():
        for reporter in header.reporters:
            highest[reporter.ref] = max(highest.get(reporter.ref, 0), SECRECIES.index(reporter.secrecy))
    return {f"secrecies.{ref}": level for ref, level in highest.items()}
