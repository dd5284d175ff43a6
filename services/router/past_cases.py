"""Cases as the rules once dispatched them, read in pages and without their histories: what a draft is tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, cast

from shaoyin.adapters.mongo import Database, store_needed
from shaoyin.domain.facts import Matter
from shaoyin.domain.what_if import Outcome, Past

Found = Mapping[str, object]
PAGE = 500
ASKED = (
    "type", "at", "category", "area", "urgency", "secrecy", "description", "answers", "facts", "place_how", "row",
    "mode", "main.post", "owner.post", "chosen_by_person", "deadlines.clock", "deadlines.due_at", "origin",
)  # fmt: skip
PROJECTION = {"number": 1, **{f"history.{name}": 1 for name in ASKED}}


@dataclass(slots=True)
class Tried:
    """A page of cases on which a draft is tried, and how many a person had decided instead."""

    cases: list[Past] = field(default_factory=list)
    by_person: int = 0
    undecided: int = 0


class PastReader(Protocol):
    """Past cases as the store and its twin in memory read them."""

    def since(self, pack: str, since: datetime, most: int) -> AsyncIterator[Tried]: ...


class PastCases:
    def __init__(self, database: Database) -> None:
        self._cases = database["cases"]

    async def since(self, pack: str, since: datetime, most: int) -> AsyncIterator[Tried]:
        """Of a community, the latest first. Raises StoreDown."""
        where: dict[str, object] = {"pack": pack, "received_at": {"$gte": since}}
        after: tuple[datetime, str] | None = None
        left = most
        while left > 0 and (page := await self._page(where, after, min(PAGE, left))):
            left -= len(page)
            after = _at(page[-1]), str(page[-1]["_id"])
            yield tried(page)

    @store_needed()
    async def _page(self, where: Found, after: tuple[datetime, str] | None, most: int) -> Sequence[Found]:
        if after is not None:
            at, case_id = after
            there = {**cast("Found", where["received_at"]), "$lte": at}
            further = [{"received_at": {"$lt": at}}, {"_id": {"$lt": case_id}}]
            where = {**where, "received_at": there, "$or": further}
        found = self._cases.find(where, {**PROJECTION, "received_at": 1}).hint("received")
        return await found.sort([("received_at", -1), ("_id", -1)]).limit(most).to_list(most)


def tried(page: Iterable[Found]) -> Tried:
    seen = Tried()
    for document in page:
        past = _past(document)
        if isinstance(past, Past):
            seen.cases.append(past)
        elif past == "by_person":
            seen.by_person += 1
        else:
            seen.undecided += 1
    return seen


def _past(document: Found) -> Past | str:
    """As the first dispatch found it, or the rules' proposal to post it; else why it says nothing about them."""
    events = cast("list[Found]", document["history"])
    accepted, how = None, _PlaceHow()
    for each in events:
        how.hear(each)
        if each["type"] == "case.accepted":
            accepted = each
            if each.get("mode") == "O":
                return _as_told(document, each, each, cast("Found", events[0]["owner"]), how.how)
        if each["type"] == "case.dispatched" and accepted is not None:
            if each["chosen_by_person"]:
                return "by_person"
            return _as_told(document, accepted, each, cast("Found", each["main"]), how.how)
    return "undecided"


@dataclass(slots=True)
class _PlaceHow:
    """How the place was found as the case knew it: by the report, by a later answer, or said by a person (None)."""

    area: object = None
    how: str | None = None

    def hear(self, event: Found) -> None:
        area = event.get("area")
        if event["type"] == "case.reported" or (event["type"] == "case.info_supplied" and area is not None):
            self.area, self.how = area, cast("str | None", event.get("place_how"))
        elif event["type"] in ("case.accepted", "case.area_changed") and area != self.area:
            self.area, self.how = area, None


def _as_told(document: Found, accepted: Found, decided: Found, main: Found, place_how: str | None) -> Past:
    reported = cast("list[Found]", document["history"])[0]
    matter = Matter(
        category=str(accepted["category"]), area=str(accepted["area"]), place_how=place_how,
        urgency=accepted["urgency"], secrecy=accepted.get("secrecy") or reported["secrecy"],  # type: ignore[arg-type]
        text=str(reported["description"]), answers=accepted["answers"],  # type: ignore[arg-type]
        gathered=reported.get("facts") or {},  # type: ignore[arg-type]
    )  # fmt: skip
    mode, due = str(decided["mode"]), None if decided is accepted else _due(decided, "result")
    was = Outcome(cast("int", decided["row"]), str(main.get("post")), mode, due)
    number = document.get("number")
    return Past(str(document["_id"]), None if number is None else str(number), matter, _time(decided["at"]), was)


def _due(event: Found, clock: str) -> datetime | None:
    deadlines = cast("list[Found]", event.get("deadlines", []))
    return next((_time(each["due_at"]) for each in deadlines if each["clock"] == clock), None)


def _at(document: Found) -> datetime:
    return _time(document["received_at"])


def _time(said: object) -> datetime:
    assert isinstance(said, datetime)
    return said
