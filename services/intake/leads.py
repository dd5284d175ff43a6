"""The cases into which reports were merged: found by the report, whichever service opened them.

A report notes in `joined` which lead it was merged into and since when; `leads` lists them for the way back. A lead
that no report of ours opened (a patrol found it) is followed in a collection of its own, as long as it has reporters.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from datetime import datetime

from pymongo import IndexModel

from services.intake.course import Course
from services.intake.reports import Reports
from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, store_needed

LONGEST = 10
"""Mergers into mergers; more than that is nobody's case any more."""
JOINED = IndexModel("leads", name="leads", sparse=True)


class Leads:
    def __init__(self, database: Database, reports: Reports) -> None:
        self.collection: Collection = database["leads"]
        self._reports = reports.collection

    async def prepare(self) -> None:
        for each in (self.collection, self._reports):
            await ensure_indexes(each, [JOINED])

    async def course(self, document: Document) -> Course:
        """One look-up for each merger, hence none for nearly every report."""
        chain: list[Document] = []
        known, last = {str(document["_id"])}, document
        while (lead := lead_of(last)) is not None and lead not in known and len(chain) < LONGEST:
            found = await self._find(lead)
            if found is None:
                break
            chain.append(found)
            known.add(lead)
            last = found
        return Course(document, chain)

    @store_needed()
    async def _find(self, report_id: str) -> Document | None:
        where = {"_id": report_id}
        return await self._reports.find_one(where) or await self.collection.find_one(where)

    @store_needed()
    async def behind(self, report_ids: Some[str]) -> set[str]:
        """These reports and all that were merged into them, directly or by way of others."""
        found, new = set(report_ids), set(report_ids)
        for _ in range(LONGEST):
            if not new:
                break
            where = {"leads": {"$in": sorted(new)}}
            joined = {
                str(each["_id"]) for of in (self._reports, self.collection) async for each in of.find(where, {"_id": 1})
            }
            new = joined - found
            found |= new
        return found


def lead_of(document: Document) -> str | None:
    """The one it joined last."""
    joined: Mapping[str, datetime] = document.get("joined", {})
    return max(joined, key=lambda each: (joined[each], each), default=None)


def joining(report_id: str, lead: str, at: datetime) -> tuple[Document, Document]:
    """Where and what to write; the order of arrival does not matter, and a repeat changes nothing."""
    return {"_id": report_id}, {"$min": {f"joined.{lead}": at}, "$addToSet": {"leads": lead}}
