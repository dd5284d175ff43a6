"""A reporter's wish: refused at once where intake's own view forbids it, else kept, sent to the router and answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.check_report import given_answers, wrong_answers, wrong_place
from services.intake.codes import Codes
from services.intake.incoming import key_reused, refused
from services.intake.progress import Progress
from services.intake.publish_reports import Outgoing, Publisher
from services.intake.requests import AT_MOST, Requests, is_home
from services.intake.vault import Vault
from services.intake.wishes import Body, InfoBody, Kind, RatingBody, SecrecyBody, words_in
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import FieldError, Problem, not_now
from shaoyin.adapters.scrub import scrub
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Request


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """Takes out of free text the name and phone this reporter gave, and what looks like somebody's number."""

    names: Sequence[str]
    phones: Sequence[str]

    def text(self, text: str | None) -> str | None:
        return None if text is None else scrub(text, self.names, self.phones)


@dataclass(frozen=True)
class Asking:
    """What asking needs."""

    clock: Clock
    codes: Codes
    vault: Vault
    requests: Requests
    publisher: Publisher

    async def ask(self, progress: Progress, kind: Kind, body: Body, key: str | None) -> str:
        """The request's id. A repeat of `key` gives the first one again, even where it would be refused by now.

        Raises Problem: 409 where intake's own view forbids it, 422 for another body under the same key or what the
        pack does not know, 429 where more was asked than anybody needs.
        """
        document = progress.course.document
        request_id = self.codes.request_id(str(document["_id"]), kind.name, key)
        digest = self.codes.body_hash(kind.shape.dump_json(body))
        for each in progress.requests:
            if each["_id"] == request_id:
                return _same(each, digest)
        _refuse(progress, kind, body)
        said = await self._scrubbed(document)
        request = _request(progress, kind, body, request_id, said, self.clock.now())
        kept = await self.requests.keep(request, str(document["_id"]), digest)
        if is_home(document):
            self.publisher.soon([Outgoing.request(request)])
        return _same(kept, digest)

    async def _scrubbed(self, document: Document) -> Scrubbed:
        identity = await self.vault.identity(document["vault"], document["_id"]) if "vault" in document else None
        names = [identity.name] if identity and identity.name else []
        phones = [identity.phone] if identity and identity.phone else []
        return Scrubbed(names, phones)


def _refuse(progress: Progress, kind: Kind, body: Body) -> None:
    if found := list(_wrongs(body, progress.pack)):
        raise refused(found)
    rule = progress.allowed.refusal(kind.name, body)
    if rule is not None:
        raise not_now(rule, {"state": progress.state_text}, progress.may)
    if sum(each["request"]["asked"] == kind.asked for each in progress.requests) >= AT_MOST[kind.asked]:
        raise Problem(429, "too_many_requests", {"most": AT_MOST[kind.asked]})


def _wrongs(body: Body, pack: Pack) -> Iterator[FieldError]:
    if isinstance(body, InfoBody):
        yield from wrong_answers(body.answers, pack)
        if body.place is not None:
            yield from wrong_place(body.place, pack)


def _request(progress: Progress, kind: Kind, body: Body, request_id: str, said: Scrubbed, now: datetime) -> Request:
    """Under the report that answers: once merged that is the lead's, whose case this reporter is attached to."""
    course = progress.course
    return Request(
        request_id=request_id,
        report_id=course.answering_report,
        asked=kind.asked,
        requested_at=now,
        reporter_ref=course.ref,
        text=said.text(words_in(body)),
        solved=body.solved if isinstance(body, RatingBody) else None,
        satisfaction=body.satisfaction if isinstance(body, RatingBody) else None,
        secrecy=body.secrecy if isinstance(body, SecrecyBody) else None,
        answers=given_answers(body.answers) if isinstance(body, InfoBody) and body.answers else None,
        place=_place(body, said),
    )


def _place(body: Body, said: Scrubbed) -> PlaceGiven | None:
    if not isinstance(body, InfoBody) or body.place is None:
        return None
    return body.place.given(said.text(body.place.text))


def _same(kept: Document, digest: bytes) -> str:
    if kept["body"] != digest:
        raise key_reused()
    return str(kept["_id"])
