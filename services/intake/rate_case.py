"""A reporter's word on the result: kept, sent to the router, and answered in the progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from services.intake.codes import Codes
from services.intake.incoming import key_reused
from services.intake.progress import RATED_IN
from services.intake.publish_reports import Outgoing, Publisher
from services.intake.report_body import Shape
from services.intake.reports import report_in
from services.intake.requests import AT_MOST, Requests, is_home
from services.intake.vault import Vault
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import Problem, not_now
from shaoyin.adapters.scrub import scrub
from shaoyin.domain.report import Request

TEXT_AT_MOST = 1000


class RatingBody(Shape):
    """Whether it is solved, and how content the reporter is; free words if wanted."""

    solved: Literal["solved", "partly_solved", "unsolved"]
    satisfaction: Literal["satisfied", "fairly_satisfied", "dissatisfied", "not_rated"] | None = None
    text: Annotated[str, Field(min_length=1, max_length=TEXT_AT_MOST)] | None = None


RATING_BODY = TypeAdapter(RatingBody)


@dataclass(frozen=True)
class Rating:
    """What rating needs."""

    clock: Clock
    codes: Codes
    vault: Vault
    requests: Requests
    publisher: Publisher

    async def rate(self, document: Document, body: RatingBody, key: str | None, words_of_state: str) -> str:
        """The request's id. A repeat of `key` gives the first one again, even where rating is over by now.

        Raises Problem: 409 where intake's own view forbids it, 422 for another body under the same key, 429 where
        more was asked than anybody needs.
        """
        report = report_in(document)
        request_id = self.codes.request_id(report.report_id, key)
        earlier = await self.requests.of_report(report.report_id)
        digest = self.codes.body_hash(RATING_BODY.dump_json(body))
        for each in earlier:
            if each["_id"] == request_id:
                return _same(each, digest)
        _allowed(document, earlier, words_of_state)
        request = Request(
            request_id=request_id, report_id=report.report_id, asked="rate", requested_at=self.clock.now(),
            reporter_ref=report.reporter_ref or "", solved=body.solved, satisfaction=body.satisfaction,
            text=await self._scrubbed(body.text, document),
        )  # fmt: skip
        kept = await self.requests.keep(request, digest)
        if is_home(document):
            self.publisher.soon([Outgoing.request(request)])
        return _same(kept, digest)

    async def _scrubbed(self, text: str | None, document: Document) -> str | None:
        """Without the name and phone that this reporter gave, and without what looks like somebody's number."""
        if text is None:
            return None
        identity = await self.vault.identity(document["vault"], document["_id"]) if "vault" in document else None
        names = [identity.name] if identity and identity.name else []
        phones = [identity.phone] if identity and identity.phone else []
        return scrub(text, names, phones)


def _allowed(document: Document, earlier: list[Document], words_of_state: str) -> None:
    state = document["head"]["state"] if "head" in document else "reported"
    if state not in RATED_IN:
        raise not_now("rating_not_now", {"state": words_of_state}, [])
    if len(earlier) >= AT_MOST:
        raise Problem(429, "too_many_requests", {"most": AT_MOST})


def _same(kept: Document, digest: bytes) -> str:
    if kept["body"] != digest:
        raise key_reused()
    return str(kept["_id"])
