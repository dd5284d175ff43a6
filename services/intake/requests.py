"""What reporters ask of their case: kept here under an id, sent to the router, answered by exactly one event.

A request waits until its report is home, and is sent again until it is answered (mechanics 3, 14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from pymongo import IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.intake.publish_reports import Outgoing
from services.intake.reports import HOME_WITHIN, Reports
from shaoyin.adapters.mongo import Collection, Database, Document, ensure_indexes, store_needed
from shaoyin.contracts.codec import restored, stored
from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain.events import RequestAccepted, RequestRefused
from shaoyin.domain.report import Request, Wish

AT_MOST: Mapping[Wish, int] = {
    "info": 20, "rate": 20, "reopen": 20, "withdraw": 20, "urge": 400, "dispute": 20, "secrecy": 20,
}  # fmt: skip
"""Requests of one report; nobody has more to say about one matter, and what is kept is bounded. Urges: one a day."""
State = Literal["pending", "accepted", "refused"]

INDEXES = (
    IndexModel([("report_id", 1), ("since_at", 1)], name="of_report"),
    IndexModel("publish_at", name="not_home", partialFilterExpression={"publish_at": {"$type": "date"}}),
)


class Requests:
    def __init__(self, database: Database, reports: Reports, process: str, first: timedelta = HOME_WITHIN) -> None:
        self.collection: Collection = database["requests"]
        self._reports = reports
        self._process = process
        self._first = first

    async def prepare(self) -> None:
        await ensure_indexes(self.collection, INDEXES)

    @store_needed()
    async def keep(self, request: Request, report_id: str, body: bytes) -> Document:
        """Stores it with the report that asks, or returns the one that is there under the same id: the first answer
        holds. The request itself names the report that answers, another one after a merger.
        """
        document: Document = {
            "_id": request.request_id,
            "report_id": report_id,
            "state": "pending",
            "request": stored(request),
            "body": body,
            "since_at": request.requested_at,
            "publish_at": request.requested_at + self._first,
            "by": self._process,
            "tries": 0,
        }
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            there = await self.collection.find_one({"_id": request.request_id})
            assert there is not None, "requests are never removed"
            return there
        return document

    @store_needed()
    async def of_report(self, report_id: str) -> list[Document]:
        """Oldest first."""
        most = sum(AT_MOST.values())
        return await self.collection.find({"report_id": report_id}).sort("since_at").limit(most).to_list(most)

    @store_needed()
    async def answered(self, news: Sequence[CaseNews]) -> Sequence[str]:
        """Takes the router's answers; the first one holds, so that a repeat changes nothing. Returns their ids."""
        answers = [each.event for each in news if isinstance(each.event, RequestAccepted | RequestRefused)]
        if answers:
            await self.collection.bulk_write([_answer(each) for each in answers], ordered=False)
        return [each.request_id for each in answers]

    async def messages(self, documents: Sequence[Document]) -> Mapping[str, Outgoing]:
        """Those whose report is home: the router knows its case, and the request cannot overtake it."""
        reports = await self._reports.by_id(list({str(each["report_id"]) for each in documents}))
        return {
            str(each["_id"]): Outgoing.request(restored(Request, each["request"]))
            for each in documents
            if is_home(reports.get(each["report_id"]))
        }


def is_home(report: Document | None) -> bool:
    return report is not None and "home_at" in report


def _answer(event: RequestAccepted | RequestRefused) -> UpdateOne:
    state: State = "accepted" if isinstance(event, RequestAccepted) else "refused"
    answer: Document = {"state": state, "answered_at": event.at}
    if isinstance(event, RequestRefused):
        answer["code"] = event.code
    change = {"$set": answer, "$unset": {"publish_at": "", "placed": ""}}
    return UpdateOne({"_id": event.request_id, "state": "pending"}, change)
