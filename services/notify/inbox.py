"""A person's own alerts, newest first; to everybody else they are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pymongo import ReturnDocument

from services.notify.deliveries import READ_OR_NOT, Deliveries
from services.notify.wording import Alert, as_json
from shaoyin.adapters.mongo import Document, local_reads, store_needed
from shaoyin.adapters.problem import Problem, field_errors, invalid
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack

STREAM_ID = r"^[0-9]{13,15}-[0-9a-z]*$"
COUNTED_AT_MOST = 1000
"""More unread alerts than that are told as this many."""


class Query(BaseModel):
    """The filters of the list; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    unread: bool = False
    cursor: Annotated[str | None, Field(pattern=STREAM_ID)] = None
    most: Annotated[int, Field(ge=1, le=200)] = 50


@dataclass(frozen=True)
class Inbox:
    deliveries: Deliveries
    packs: Mapping[str, Pack]

    async def page(self, person: str, asked: Mapping[str, str], language: Language) -> dict[str, object]:
        """`next` goes on where the page ended; `unread` counts the whole inbox. Raises Problem 422 and StoreDown."""
        try:
            query = Query.model_validate(asked)
        except ValidationError as wrong:
            raise invalid(field_errors(wrong)) from wrong
        found = await self._find(person, query)
        page = found[: query.most]
        return {
            "items": [self.shown(each, language) for each in page],
            "next": page[-1]["stream_id"] if len(found) > query.most else None,
            "unread": await self.unread(person),
        }

    def shown(self, document: Document, language: Language) -> Alert:
        return as_json(document, self.packs, language)

    @store_needed()
    async def _find(self, person: str, query: Query) -> Sequence[Document]:
        where: Document = {"person": person, "unread": True if query.unread else READ_OR_NOT}
        if query.cursor is not None:
            where["stream_id"] = {"$lt": query.cursor}
        found = self.deliveries.collection.find(where).sort("stream_id", -1).limit(query.most + 1)
        return await found.to_list(query.most + 1)

    @store_needed()
    async def unread(self, person: str) -> int:
        mine = {"person": person, "unread": True}
        return await self.deliveries.collection.count_documents(mine, limit=COUNTED_AT_MOST)

    @store_needed()
    async def unread_besides(self, person: str, alert_id: str, most: int) -> list[Document]:
        """Newest first; what answered itself by now is read."""
        mine = {"person": person, "unread": True, "_id": {"$ne": alert_id}}
        return await self.deliveries.collection.find(mine).sort("stream_id", -1).limit(most).to_list(most)

    @store_needed()
    async def own(self, person: str, alert_id: str) -> Document:
        """Raises Problem 404 where it is not this person's."""
        found = await self.deliveries.collection.find_one({"_id": alert_id, "person": person})
        if found is None:
            raise Problem(404, "not_found", {"what": alert_id})
        return found

    @store_needed()
    async def read(self, person: str, alert_id: str, at: datetime) -> Document:
        """The first reading stays. Raises Problem 404 where it is not this person's."""
        found = await self.deliveries.collection.find_one_and_update(
            {"_id": alert_id, "person": person},
            [{"$set": {"read_at": {"$ifNull": ["$read_at", at]}}}, {"$unset": "unread"}],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            raise Problem(404, "not_found", {"what": alert_id})
        return found

    @store_needed()
    async def since(self, person: str, stream_id: str, most: int) -> list[Document]:
        """What came after that id, oldest first; also what a majority does not have yet, for nothing may be missed."""
        mine = {"person": person, "unread": READ_OR_NOT, "stream_id": {"$gt": stream_id}}
        found = local_reads(self.deliveries.collection).find(mine).sort("stream_id").limit(most)
        return await found.to_list(most)
