"""`POST /api/identities/{report_id}/reads` opens a reporter's identity; `GET /api/identities/reads` lists who did."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from services.intake.course import Course
from services.intake.incoming import in_json, media_of, read_json, refused
from services.intake.intake import Intake, at_hand
from services.intake.may_read import Opened, area_of, opened_to
from services.intake.reads import IdentityRead, Span
from services.intake.report_body import Shape
from shaoyin.adapters.identity import signed_in
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import FieldError, Problem
from shaoyin.adapters.scrub import scrub
from shaoyin.adapters.web import JSON, read_body
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import case_id_of

OFFICER = "data_officer"
PAGE = 200
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class ReadBody(Shape):
    """Why the identity has to be known: kept with the record of the read."""

    reason: Annotated[str, Field(min_length=1, max_length=400)]


READ_BODY = TypeAdapter(ReadBody)


async def open_identity(request: Request) -> Response:
    """200 with what the caller's post may see; recorded first, and what cannot be recorded is not shown."""
    intake = at_hand(request)
    person = await signed_in(request, intake.keys)
    media_of(request, (JSON,))
    body = read_json(READ_BODY, await read_body(request))
    intake.watch.refuse_if_away()
    course = await _course(intake, request.path_params["report_id"])
    pack = intake.pack_of(course.report.community)
    opened = opened_to(person, course, pack)
    shown = await _shown(intake, course, opened)
    reason = scrub(body.reason, [shown.get("name") or ""], [shown.get("phone") or ""])
    read = _read(course, pack, person, opened, reason, intake.clock.now())
    read_id = await intake.reads.record(read, read.at + timedelta(days=pack.retention.reads.amount))
    return in_json(request, {"read_id": read_id, "report_id": read.report_id, **shown})


async def _course(intake: Intake, report_id: str) -> Course:
    found = await intake.reports.by_id([report_id])
    if report_id not in found:
        raise Problem(404, "not_found")
    return await intake.leads.course(found[report_id])


async def _shown(intake: Intake, course: Course, opened: Opened) -> dict[str, str | None]:
    """Raises Problem 404 `identity_not_kept`: anonymous, erased by now, or never given."""
    document = course.document
    identity = None
    if course.secrecy != "anonymous" and "vault" in document:
        identity = await intake.vault.identity(document["vault"], document["_id"])
    shown = {} if identity is None else {name: getattr(identity, name) for name in opened.fields}
    if not any(shown.values()):
        raise Problem(404, "identity_not_kept")
    return shown


def _read(course: Course, pack: Pack, person: str, opened: Opened, reason: str, at: datetime) -> IdentityRead:
    return IdentityRead(
        at=at,
        report_id=course.report.report_id,
        case_id=case_id_of(course.answering_report),
        number=course.of_head("number"),
        community=pack.name,
        area=area_of(course, pack),
        person=person,
        post=opened.post,
        reason=reason,
        fields=opened.fields,
    )


async def list_reads(request: Request) -> Response:
    """The reads of a month in the areas of the caller's data officer posts; 403 to everybody else."""
    intake = at_hand(request)
    person = await signed_in(request, intake.keys)
    officers = [
        (pack, post) for pack in intake.packs.values() for post in pack.directory.posts_of(person)
        if post.kind == OFFICER
    ]  # fmt: skip
    if not officers:
        raise Problem(403, "not_permitted")
    year, month, after = _asked_for(request)
    spans = [_span(pack, post, year, month) for pack, post in officers]
    intake.watch.refuse_if_away()
    found = await intake.reads.between(spans, after, PAGE + 1)
    items = [_item(each, intake.packs[each["community"]]) for each in found[:PAGE]]
    return in_json(request, {"items": items, "next": items[-1]["read_id"] if len(found) > PAGE else None})


def _asked_for(request: Request) -> tuple[int, int, str]:
    """Raises Problem 422, naming the parameter."""
    said = request.query_params
    wrong = [FieldError(name, "unknown_field") for name in said if name not in ("month", "after")]
    month = _MONTH.fullmatch(said.get("month", ""))
    if "month" not in said:
        wrong.append(FieldError("month", "missing"))
    elif month is None:
        wrong.append(FieldError("month", "wrong_value", {"expected": "YYYY-MM"}))
    if wrong or month is None:
        raise refused(wrong)
    return int(month[1]), int(month[2]), said.get("after", "")


def _span(pack: Pack, post: Post, year: int, month: int) -> Span:
    """A month is the community's own, from midnight to midnight."""
    since = datetime(year, month, 1, tzinfo=pack.zone)
    before = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=pack.zone)
    areas = [area for area in pack.areas.areas if pack.areas.covers(post.area, area)]
    return Span(pack.name, areas, since.astimezone(UTC), before.astimezone(UTC))


def _item(read: Document, pack: Pack) -> dict[str, object]:
    return {"read_id": read.pop("_id"), **read, "at": read["at"].astimezone(pack.zone).isoformat()}
