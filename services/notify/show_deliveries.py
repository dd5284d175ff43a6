"""The log of a case's or an enrolment's alerts: every try on every channel with its code, for those who may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.deliveries import Deliveries
from services.notify.delivery_lines import Reader, lines
from services.notify.inbox import STREAM_ID
from services.notify.residents.answers import Answers
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid
from shaoyin.adapters.words import Language
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration_rules import COMMUNITY

READ = "read"


class Query(BaseModel):
    """The filters of the list; unknown ones are refused. It is asked for one of: a case, a registration, the caller."""

    model_config = ConfigDict(extra="forbid")

    case: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    registration: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    person: Literal["me"] | None = None
    cursor: Annotated[str | None, Field(pattern=STREAM_ID)] = None
    most: Annotated[int, Field(ge=1, le=200)] = 100


@dataclass(frozen=True)
class ShowDeliveries:
    """`answers` are those to the reporters of a case."""

    deliveries: Deliveries
    answers: Answers
    packs: Mapping[str, Pack]

    async def page(self, person: str, asked: Mapping[str, str], language: Language) -> dict[str, object]:
        """Oldest first, the caller's own newest first. Raises Problem 404 for whoever may not read it."""
        try:
            query = Query.model_validate(asked)
        except ValidationError as wrong:
            raise invalid(field_errors(wrong)) from wrong
        found = await self._found(query, person)
        told, staff = any(each.get("person") == person for each in found), self._is_staff(person, found)
        if found and not (told or staff):
            raise Problem(404, "not_found", {"what": query.case or query.registration})
        page, reader = found[: query.most], Reader(person, language, staff)
        return {
            "items": [line for each in page for line in lines(each, self.packs.get(each["pack"]), reader)],
            "next": page[-1]["stream_id"] if len(found) > query.most else None,
        }

    async def _found(self, query: Query, person: str) -> list[Document]:
        """Raises Problem 422 unless one of the three is asked for."""
        after, most = query.cursor or "", query.most + 1
        match (query.case, query.registration, query.person):
            case (str() as case_id, None, None):
                to_staff = await self.deliveries.of_case(case_id, after, most)
                to_reporters = await self.answers.of_case(case_id, after, most)
                return sorted([*to_staff, *to_reporters], key=lambda each: str(each["stream_id"]))[:most]
            case (None, str() as registration_id, None):
                return await self.deliveries.of_registration(registration_id, after, most)
            case (None, None, "me"):
                return await self.deliveries.of_person(person, query.cursor, most)
            case (None, None, None):
                raise invalid([FieldError("case", "missing")])
        field = "person" if query.person is not None else "registration"
        raise invalid([FieldError(field, "wrong_value", {"expected": "case | registration | person=me"})])

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
