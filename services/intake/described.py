"""What the residents' calls look like from outside, for OpenAPI; clients and their types are made from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel

from services.intake.dotted_form import MULTIPART, URLENCODED
from services.intake.rate_case import RatingBody
from services.intake.report_body import ReportBody
from shaoyin.adapters.web import JSON, KEY_AT_MOST

Described = dict[str, Any]
PROBLEM = "application/problem+json"


class EmergencyCall(BaseModel):
    number: str
    say: str


class ReceiptShown(BaseModel):
    """`emergency` is there where the text or an answer shows danger: the numbers to call now."""

    report_id: str
    query_code: str
    status_url: str
    received_at: datetime
    emergency: list[EmergencyCall] | None = None


class UnitShown(BaseModel):
    unit: str


class SaidShown(BaseModel):
    at: datetime
    text: str


class LineShown(SaidShown):
    event: str


class RequestShown(BaseModel):
    request_id: str
    asked: str
    state: Literal["pending", "accepted", "refused"]
    text: str
    at: datetime


class ProgressShown(BaseModel):
    """In plain words of the reader's language; `may` names what can be asked now."""

    query_code: str
    report_id: str
    number: str | None
    received_at: datetime
    state: str
    state_text: str
    responsible: UnitShown | None
    due_at: datetime | None
    replies: list[SaidShown]
    timeline: list[LineShown]
    why: str
    requests: list[RequestShown]
    may: list[Literal["info", "rating", "reopen", "withdraw", "urge"]]
    emergency: list[EmergencyCall]


class RequestTaken(BaseModel):
    request_id: str


class CommunityShown(BaseModel):
    community: str
    name: str
    pack_version: str


class CommunitiesShown(BaseModel):
    items: list[CommunityShown]
    next: str | None


class ChoiceShown(BaseModel):
    value: str
    name: str


class QuestionShown(BaseModel):
    question: str
    kind: Literal["yes_no", "choice", "number"]
    asks: str
    choices: list[ChoiceShown] | None = None


class CategoryShown(BaseModel):
    category: str
    name: str
    masked: bool
    evidence: str
    questions: list[str]


class GroupShown(BaseModel):
    group: str
    name: str
    categories: list[CategoryShown]


class PlaceShown(BaseModel):
    area: str
    name: str
    kind: str


class CompoundShown(PlaceShown):
    buildings: list[PlaceShown]


class LimitsShown(BaseModel):
    description: int
    body: int
    photos: int


class FormShown(BaseModel):
    """What can be reported in a community; `asked_always` are the questions of every category."""

    community: str
    name: str
    pack_version: str
    groups: list[GroupShown]
    asked_always: list[str]
    questions: list[QuestionShown]
    places: list[CompoundShown]
    emergency: list[EmergencyCall]
    secrecy: list[str]
    limits: LimitsShown


def body_of(model: type[BaseModel], *, forms: bool) -> Described:
    """The request body, spelt out in place; a form has the same fields with dotted names."""
    schema = _spelt_out(model)
    content: Described = {JSON: {"schema": schema}}
    if forms:
        dotted: Described = {
            "type": "object",
            "description": "The same fields with dotted names: place.text, reporter.phone, answers.inside_flat; "
            "idempotency_key as a hidden field. Files are refused for now: 422 photos_not_taken.",
            "additionalProperties": {"type": "string"},
        }
        content |= {URLENCODED: {"schema": dotted}, MULTIPART: {"schema": dotted}}
    return {"requestBody": {"required": True, "content": content}}


def refusals(*statuses: int) -> dict[int | str, Described]:
    """RFC 9457, with a stable `code`."""
    return {status: {"description": "A problem", "content": {PROBLEM: {}}} for status in statuses}


KEY: Described = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key gives the first answer again, for seven days; with another body 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_AT_MOST},
}
LANGUAGE: Described = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "zh-CN (default) or en",
    "schema": {"type": "string"},
}


def in_path(name: str) -> Described:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _spelt_out(model: type[BaseModel]) -> Described:
    """A schema without references, which would lead outside the place it is put in."""
    schema = model.model_json_schema()
    known = schema.pop("$defs", {})

    def spelt(part: Any) -> Any:
        if isinstance(part, list):
            return [spelt(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return spelt(known[part["$ref"].rpartition("/")[2]])
        return {name: spelt(each) for name, each in part.items()}

    return cast("Described", spelt(schema))


REPORT: Described = {**body_of(ReportBody, forms=True), "parameters": [KEY, LANGUAGE]}
RATING: Described = {**body_of(RatingBody, forms=False), "parameters": [in_path("query_code"), KEY, LANGUAGE]}
PROGRESS: Described = {"parameters": [in_path("query_code"), LANGUAGE]}
COMMUNITIES: Described = {"parameters": [LANGUAGE]}
FORM: Described = {"parameters": [in_path("pack"), LANGUAGE]}
