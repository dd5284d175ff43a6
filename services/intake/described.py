"""What the residents' calls look like from outside, for OpenAPI; clients and their types are made from it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.intake.dotted_form import MULTIPART, URLENCODED
from services.intake.identities import ReadBody
from services.intake.report_body import ReportBody
from services.intake.suggest import SuggestBody
from services.intake.wishes import Kind, Name
from shaoyin.adapters.described import DEVICE, KEY, LANGUAGE, Described, in_path, spelt_out
from shaoyin.adapters.web import JSON


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


class LeadShown(BaseModel):
    number: str | None


class QuestionAsked(BaseModel):
    text: str
    answer_by: datetime | None


class ProgressShown(BaseModel):
    """In plain words of the reader's language; `may` names what can be asked now.

    Once merged, everything but `number` is told of the case that goes on for it, whose number is in `merged_into`.
    """

    query_code: str
    report_id: str
    number: str | None
    merged_into: LeadShown | None
    received_at: datetime
    state: str
    state_text: str
    responsible: UnitShown | None
    due_at: datetime | None
    replies: list[SaidShown]
    timeline: list[LineShown]
    why: str
    question: QuestionAsked | None
    secrecy: Literal["open", "confidential", "anonymous"]
    requests: list[RequestShown]
    may: list[Name]
    emergency: list[EmergencyCall]


class RequestTaken(BaseModel):
    request_id: str


class IdentityShown(BaseModel):
    """`phone` is there for call-back posts alone."""

    read_id: str
    report_id: str
    name: str | None
    phone: str | None = None


class ReadShown(BaseModel):
    read_id: str
    at: datetime
    report_id: str
    case_id: str
    number: str | None
    community: str
    area: str
    person: str
    post: str
    reason: str
    fields: list[Literal["name", "phone", "openid"]]


class ReadsShown(BaseModel):
    items: list[ReadShown]
    next: str | None


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
    several: bool = False


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


class ProposedShown(BaseModel):
    """`score` from 0 to 1, comparable within one answer alone; `words` as they were written."""

    category: str
    name: str
    score: float
    words: list[str]


class DangerShown(EmergencyCall):
    danger: str
    words: list[str]


class SuggestionShown(BaseModel):
    """What a text may be about: a proposal. Nothing is kept of it, and what a person chooses stands."""

    community: str
    pack_version: str
    categories: list[ProposedShown]
    dangers: list[DangerShown]


def body_of(model: type[BaseModel], *, forms: bool) -> Described:
    """The request body, spelt out in place; a form has the same fields with dotted names."""
    schema = spelt_out(model)
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


DEVICE_KEY_LANGUAGE = (KEY, DEVICE, LANGUAGE)


def in_query(name: str, *, needed: bool) -> Described:
    return {"name": name, "in": "query", "required": needed, "schema": {"type": "string"}}


def wish(kind: Kind) -> Described:
    return {**body_of(kind.model, forms=False), "parameters": [in_path("query_code"), *DEVICE_KEY_LANGUAGE]}


REPORT: Described = {**body_of(ReportBody, forms=True), "parameters": [*DEVICE_KEY_LANGUAGE]}
OPEN_IDENTITY: Described = {**body_of(ReadBody, forms=False), "parameters": [in_path("report_id"), LANGUAGE]}
READS: Described = {"parameters": [in_query("month", needed=True), in_query("after", needed=False), LANGUAGE]}
PROGRESS: Described = {"parameters": [in_path("query_code"), DEVICE, LANGUAGE]}
COMMUNITIES: Described = {"parameters": [LANGUAGE]}
FORM: Described = {"parameters": [in_path("pack"), LANGUAGE]}
SUGGEST: Described = {**body_of(SuggestBody, forms=False), "parameters": [in_path("pack"), DEVICE, LANGUAGE]}
