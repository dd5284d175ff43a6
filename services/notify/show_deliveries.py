"""The log of a case's or an enrolment's alerts: every try on every channel with its code, for those who may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.deliveries import Deliveries
from services.notify.inbox import STREAM_ID
from services.notify.residents.answers import Answers
from services.notify.residents.log import lines_of
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration_rules import COMMUNITY

READ = "read"
MEMBER = "member"
"""An enrolled person: others do not learn who helps (decisions 2.34)."""


class Query(BaseModel):
    """The filters of the list; unknown ones are refused. It is asked for a case, or else for a registration."""

    model_config = ConfigDict(extra="forbid")

    case: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    registration: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    cursor: Annotated[str | None, Field(pattern=STREAM_ID)] = None
    most: Annotated[int, Field(ge=1, le=200)] = 100


@dataclass(frozen=True)
class ShowDeliveries:
    """`answers` are those to the reporters of a case."""

    deliveries: Deliveries
    answers: Answers
    packs: Mapping[str, Pack]

    async def page(self, person: str, asked: Mapping[str, str]) -> dict[str, object]:
        """Oldest first. What nobody was told of yet has none. Raises Problem 404 for whoever may not read it."""
        try:
            query = Query.model_validate(asked)
        except ValidationError as wrong:
            raise invalid(field_errors(wrong)) from wrong
        found = await self._found(query)
        told, staff = any(each.get("person") == person for each in found), self._is_staff(person, found)
        if found and not (told or staff):
            raise Problem(404, "not_found", {"what": query.case or query.registration})
        page = found[: query.most]
        return {
            "items": [line for each in page for line in _lines(each, person, staff=staff)],
            "next": page[-1]["stream_id"] if len(found) > query.most else None,
        }

    async def _found(self, query: Query) -> list[Document]:
        """Raises Problem 422 unless one of the two is asked for."""
        after, most = query.cursor or "", query.most + 1
        if query.case is not None and query.registration is None:
            to_staff = await self.deliveries.of_case(query.case, after, most)
            to_reporters = await self.answers.of_case(query.case, after, most)
            return sorted([*to_staff, *to_reporters], key=lambda each: str(each["stream_id"]))[:most]
        if query.registration is not None and query.case is None:
            return await self.deliveries.of_registration(query.registration, after, most)
        if query.case is None:
            raise invalid([FieldError("case", "missing")])
        raise invalid([FieldError("registration", "wrong_value", {"expected": "case | registration"})])

    def _is_staff(self, person: str, found: Sequence[Document]) -> bool:
        """mechanics 26: a post that was told of the case, or whose area covers it; of an enrolment the community's own
        posts (decisions 2.10).
        """
        pack = self.packs.get(found[-1]["pack"]) if found else None
        if pack is None:
            return False
        told, of_case = {each.get("post") for each in found}, found[-1]["case_id"] is not None
        area = found[-1]["area"] or pack.root
        return any(
            post.post_id in told or (_entitled(post, pack, of_case) and _covers(post, area, pack))
            for post in pack.directory.posts_of(person)
        )


def _entitled(post: Post, pack: Pack, of_case: bool) -> bool:
    return pack.directory.has_right(post, READ) if of_case else post.kind in COMMUNITY


def _covers(post: Post, area: str, pack: Pack) -> bool:
    return area in pack.areas.areas and pack.areas.covers(post.area, area)


def _lines(document: Document, reader: str, *, staff: bool) -> list[dict[str, object]]:
    """api.md, Delivery: one line for each channel. How reporters are told is no helper's business."""
    if "ref" in document:
        return lines_of(document) if staff else []
    return [
        {
            "alert_id": document["_id"], "at": document["at"], "kind": document["kind"], "level": document["level"],
            "post": document["post"], "recipient": _recipient(document, reader), "read_at": document["read_at"],
            "answered_at": document["answered_at"], "channel": each["channel"], "to": each.get("to"),
            "state": each["state"], "attempts": each["attempts"], "held": document.get("held"),
        }
        for each in document["deliveries"]
    ]  # fmt: skip


def _recipient(document: Document, reader: str) -> str | None:
    """The person in a post; nobody where nobody holds it; a member only to himself."""
    person: str | None = document["person"]
    return MEMBER if document["post"] is None and person not in (None, reader) else person
