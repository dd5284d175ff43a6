"""The log of a case's alerts: every try on every channel with its code, for those who may read the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.deliveries import Deliveries
from services.notify.inbox import STREAM_ID
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import Problem, field_errors, invalid
from shaoyin.domain.pack import Pack

READ = "read"
MEMBER = "member"
"""An enrolled person: others do not learn who helps (decisions 2.34)."""


class Query(BaseModel):
    """The filters of the list; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    case: Annotated[str, Field(min_length=1, max_length=100)]
    cursor: Annotated[str | None, Field(pattern=STREAM_ID)] = None
    most: Annotated[int, Field(ge=1, le=200)] = 100


@dataclass(frozen=True)
class ShowDeliveries:
    deliveries: Deliveries
    packs: Mapping[str, Pack]

    async def page(self, person: str, asked: Mapping[str, str]) -> dict[str, object]:
        """Oldest first. A case nobody was told of yet has none. Raises Problem 404 for whoever may not read it."""
        try:
            query = Query.model_validate(asked)
        except ValidationError as wrong:
            raise invalid(field_errors(wrong)) from wrong
        found = await self.deliveries.of_case(query.case, query.cursor or "", query.most + 1)
        if found and not self._may_read(person, found):
            raise Problem(404, "not_found", {"what": query.case})
        page = found[: query.most]
        return {
            "items": [line for each in page for line in _lines(each, person)],
            "next": page[-1]["stream_id"] if len(found) > query.most else None,
        }

    def _may_read(self, person: str, found: Sequence[Document]) -> bool:
        """mechanics 26: staff whose area covers the case, and whoever was told of it."""
        pack = self.packs.get(found[-1]["pack"])
        if any(each["person"] == person for each in found):
            return True
        if pack is None:
            return False
        posts = pack.directory.posts_of(person)
        told = {each["post"] for each in found}
        area = found[-1]["area"] or pack.root
        return any(
            post.post_id in told
            or (
                pack.directory.has_right(post, READ) and area in pack.areas.areas and pack.areas.covers(post.area, area)
            )
            for post in posts
        )


def _lines(document: Document, reader: str) -> list[dict[str, object]]:
    """api.md, Delivery: one line for each channel."""
    return [
        {
            "alert_id": document["_id"], "at": document["at"], "kind": document["kind"], "level": document["level"],
            "post": document["post"], "recipient": _recipient(document, reader), "read_at": document["read_at"],
            "answered_at": document["answered_at"], "channel": each["channel"], "state": each["state"],
            "attempts": each["attempts"],
        }
        for each in document["deliveries"]
    ]  # fmt: skip


def _recipient(document: Document, reader: str) -> str | None:
    """The person in a post; nobody where nobody holds it; a member only to himself."""
    person: str | None = document["person"]
    return MEMBER if document["post"] is None and person not in (None, reader) else person
