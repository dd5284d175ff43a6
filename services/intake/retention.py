"""How long a reporter's identity is kept: until so many days after the end, or not at all (domain 6.3, decisions 1.41).

The day is written on the vault's entry and taken away again when the matter is reopened; the store itself erases what
is due. It is computed from all that is known of a report, never from one event, so that news may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.course import Course
from services.intake.leads import Leads
from services.intake.lines import end_of
from services.intake.reports import Reports
from services.intake.vault import Vault
from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain import events as ev
from shaoyin.domain.calendar import Within
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import report_id_of

CONCERNS = (ev.ReporterAttached, ev.ReporterDetached, ev.SecrecyRaised)
"""Beside the ends and reopenings: what changes whose identity is kept, and how long."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One identity: its entry, whose it is, and until when; `erased` where nothing may be kept any more."""

    entry: str
    ref: str
    until_at: datetime | None
    erased: bool


class Retention:
    def __init__(self, reports: Reports, leads: Leads, vault: Vault, packs: Mapping[str, Pack]) -> None:
        self._reports = reports
        self._leads = leads
        self._vault = vault
        self._packs = packs

    async def follow(self, news: Sequence[CaseNews]) -> None:
        """Brings the vault to what the news says. Another process may learn of the same reports at the same time, so
        it looks again after writing, until what it wrote is still so. Raises StoreDown.
        """
        named = set(_concerned(news))
        if not named:
            return
        report_ids = await self._leads.behind(named)
        written: Mapping[str, Kept] = {}
        while (found := await self._found(report_ids)) != written:
            await self._write(found)
            written = {report_id: each for report_id, each in found.items() if not each.erased}

    async def _found(self, report_ids: Iterable[str]) -> dict[str, Kept]:
        documents = await self._reports.by_id(sorted(report_ids))
        courses = [await self._leads.course(each) for each in documents.values() if "vault" in each]
        return {str(each.document["_id"]): self._kept(each) for each in courses}

    def _kept(self, course: Course) -> Kept:
        retention = self._packs[course.report.community].retention
        within = retention.identity_open if course.secrecy == "open" else retention.identity_confidential
        until_at = None if course.ended_at is None else course.ended_at + _days(within)
        return Kept(str(course.document["vault"]), course.ref, until_at, course.secrecy == "anonymous")

    async def _write(self, found: Mapping[str, Kept]) -> None:
        erased = {report_id: each for report_id, each in found.items() if each.erased}
        if erased:
            await self._vault.erase([each.entry for each in erased.values()], [each.ref for each in erased.values()])
            await self._reports.forget_who(list(erased))
        await self._vault.keep_until({each.entry: each.until_at for each in found.values() if not each.erased})


def _concerned(news: Sequence[CaseNews]) -> Iterable[str]:
    for each in news:
        if end_of(each) is not None or isinstance(each.event, CONCERNS):
            yield each.header.report_id
        if isinstance(each.event, ev.ReporterAttached):
            yield report_id_of(each.event.from_case)


def _days(within: Within) -> timedelta:
    """Plain days: what is promised in days is not put off by a holiday."""
    return timedelta(days=within.amount)
