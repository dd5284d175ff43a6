"""`POST /api/reports`: reads what came, JSON or a form, lets the right doors in, and answers with the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
from starlette.requests import Request
from starlette.responses import Response

from services.intake.doors import let_in
from services.intake.dotted_form import Fields, fields_of, nested, typed_answers
from services.intake.incoming import FORMS, KEY_FIELD, hidden_key, media_of, read_form, read_json, refused
from services.intake.intake import Intake, at_hand
from services.intake.receipt import Receipt
from services.intake.report_body import REPORT_BODY, ReportBody
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import FieldError, Problem
from shaoyin.adapters.web import JSON, idempotency_key, language, read_body

TAKEN = (JSON, *FORMS)


async def receive(request: Request) -> Response:
    """202 and the receipt, once the report is durable."""
    intake = at_hand(request)
    with counted(intake):
        intake.watch.refuse_if_away()
        body, key = await _read(request, intake)
        receipt = await take(intake, request, body, key)
    headers = {"Location": receipt.status_url, "Cache-Control": "no-store"}
    return Response(orjson.dumps(receipt.as_json()), 202, headers, media_type=JSON)


async def take(intake: Intake, request: Request, body: ReportBody, key: str | None) -> Receipt:
    """The same for everyone who reports. Raises Problem and StoreDown."""
    pack = intake.packs.get(body.community)
    if pack is None:
        raise refused([FieldError("community", "unknown_community", {"community": body.community})])
    taken_by = await let_in(request, intake.keys, body, pack)
    return await intake.taking.take(body, pack, key, language(request), taken_by)


@contextmanager
def counted(intake: Intake) -> Iterator[None]:
    """Around the taking of one report: taken, or refused under the code of its problem."""
    try:
        yield
    except Problem as problem:
        intake.metrics.count(f"reports_refused_{problem.code}")
        raise
    except StoreDown:
        intake.metrics.count("reports_refused_engine_away")
        raise
    intake.metrics.count("reports_taken")


async def _read(request: Request, intake: Intake) -> tuple[ReportBody, str | None]:
    media, key = media_of(request, TAKEN), idempotency_key(request)
    raw = await read_body(request)
    if media == JSON:
        return read_json(REPORT_BODY, raw), key
    fields = fields_of(raw, media, request.headers["content-type"])
    return report_in_form(fields, intake), key or hidden_key(fields)


def report_in_form(fields: Fields, intake: Intake) -> ReportBody:
    """Raises Problem 422."""
    body = nested((name, value) for name, value in fields if name != KEY_FIELD)
    pack = intake.packs.get(str(body.get("community")))
    return read_form(REPORT_BODY, body if pack is None else typed_answers(body, pack))
