"""By which ways a reporter may be told something: asked by notify alone, which shows the service token (mechanics 29).

To everybody else these addresses do not exist. Whatever is said here is recorded first, as every look at an identity.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Annotated

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from services.intake.course import Course
from services.intake.incoming import in_json, media_of, read_json
from services.intake.intake import Intake, at_hand
from services.intake.may_read import area_of
from services.intake.reads import IdentityRead
from services.intake.report_body import Shape, Template
from services.intake.vault import Identity, digits_of
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.web import JSON, read_body
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Secrecy, case_id_of

READER = "notify"
"""Who reads, in the record; a service holds no post."""
ORDER = ("sms", "wechat")
FIELDS = {"sms": "phone", "wechat": "openid"}
BODY_AT_MOST = 4096

Reference = Annotated[str, Field(min_length=1, max_length=200)]
Way = dict[str, str]
MOBILE = re.compile(r"1[3-9][0-9]{9}")
Endpoint = Callable[[Request], Awaitable[Response]]


class ContactsBody(Shape):
    """Which of the case's reporters, because of which event, for which message, and its template in WeChat."""

    reporter_ref: Reference
    event: Reference
    message: Reference
    template: Template | None = None


class ConsentBody(Shape):
    """The message that takes a consent of `whose`, or gives it back where it was certainly not sent."""

    whose: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    message: Reference
    give_back: bool = False


CONTACTS_BODY, CONSENT_BODY = TypeAdapter(ContactsBody), TypeAdapter(ConsentBody)


def between_services(asked: Endpoint) -> Endpoint:
    """Raises Problem 404 for whoever does not show the service token, whatever he asks and however."""

    @wraps(asked)
    async def answered(request: Request) -> Response:
        intake = at_hand(request)
        said = request.headers.get("authorization", "").encode()
        if not intake.service_token or request.method != "POST" or not _same(said, intake.service_token):
            raise Problem(404, "not_found")
        media_of(request, (JSON,))
        intake.watch.refuse_if_away()
        return await asked(request)

    return answered


def _same(said: bytes, token: bytes) -> bool:
    return hmac.compare_digest(said, b"Bearer " + token)


@between_services
async def contacts(request: Request) -> Response:
    """200 with the ways in their order; none where the reporter left none, refused, is anonymous or has left."""
    intake = at_hand(request)
    body = read_json(CONTACTS_BODY, await read_body(request, BODY_AT_MOST))
    document = await _report_of(intake, request.path_params["report_id"], body.reporter_ref)
    if document is None:
        return in_json(request, _told("anonymous"))
    course = await intake.leads.course(document)
    pack = intake.pack_of(course.report.community)
    identity = await _identity(intake, course)
    ways = [] if identity is None else await _ways(intake, identity, course, pack, body)
    if identity is None or not ways:
        return in_json(request, _told(course.secrecy))
    read = _read(course, pack, body.event, ways, intake.clock.now())
    await intake.reads.record(read, read.at + timedelta(days=pack.retention.reads.amount))
    return in_json(request, _told(course.secrecy, identity.language, ways))


@between_services
async def consents(request: Request) -> Response:
    """200 and whether the message has a consent to itself; one that was given back has none."""
    kept = at_hand(request).vault.consents
    body = read_json(CONSENT_BODY, await read_body(request, BODY_AT_MOST))
    if body.give_back:
        await kept.give_back(body.message)
        return in_json(request, {"taken": False})
    return in_json(request, {"taken": await kept.take(bytes.fromhex(body.whose), body.message)})


async def _report_of(intake: Intake, report_id: str, ref: str) -> Document | None:
    """The report of that reporter: this one, one that was merged into it, or that which a split-off case came from.

    Of several that one reporter made, the newest of which something is kept.
    """
    first = report_id.partition("-")[0]
    found = await intake.reports.by_id([first])
    if first not in found or found[first]["report"]["reporter_ref"] != ref:
        found = await intake.reports.by_id(sorted(await intake.leads.behind({first})))
    own = [each for each in found.values() if each["report"]["reporter_ref"] == ref]
    return max(own, key=lambda each: ("vault" in each, each["report"]["received_at"]), default=None)


async def _identity(intake: Intake, course: Course) -> Identity | None:
    """None of whoever is anonymous, has left, or is kept no longer."""
    document = course.document
    if course.secrecy == "anonymous" or course.left_at is not None or "vault" not in document:
        return None
    return await intake.vault.identity(document["vault"], document["_id"])


async def _ways(intake: Intake, identity: Identity, course: Course, pack: Pack, body: ContactsBody) -> list[Way]:
    """A sensitive matter is on nobody's lock screen unless its reporter asked for that."""
    category = pack.categories.get(course.of_head("category") or course.report.category or "")
    unasked = identity.answer_by is None and category is not None and category.sensitive
    if unasked or identity.answer_by == "page":
        return []
    found = {"sms": _sms(identity), "wechat": await _wechat(intake, identity, body)}
    order = sorted(ORDER, key=lambda kind: kind != identity.answer_by)
    return [way for kind in order if (way := found[kind]) is not None]


def _sms(identity: Identity) -> Way | None:
    """Only a mobile of the mainland takes a short message; at every other number a person calls back."""
    digits = digits_of(identity.phone or "")
    return {"kind": "sms", "number": digits} if MOBILE.fullmatch(digits) else None


async def _wechat(intake: Intake, identity: Identity, body: ContactsBody) -> Way | None:
    """None without a consent that is left, or that this message has taken already."""
    if identity.openid is None or body.template is None:
        return None
    whose, kept = intake.codes.consent_hash(identity.openid, body.template), intake.vault.consents
    if not await kept.any_for(whose, body.message):
        return None
    return {"kind": "wechat", "openid": identity.openid, "template": body.template, "whose": whose.hex()}


def _told(secrecy: Secrecy, language: Language = "zh-CN", ways: Sequence[Way] = ()) -> dict[str, object]:
    return {"ways": list(ways), "language": language, "secrecy": secrecy}


def _read(course: Course, pack: Pack, event: str, ways: Sequence[Way], at: datetime) -> IdentityRead:
    return IdentityRead(
        at=at, report_id=course.report.report_id, case_id=case_id_of(course.answering_report),
        number=course.of_head("number"), community=pack.name, area=area_of(course, pack), person=READER, post=READER,
        reason=event, fields=tuple(FIELDS[each["kind"]] for each in ways),
    )  # fmt: skip
