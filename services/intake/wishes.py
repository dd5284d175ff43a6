"""What a reporter may ask of an existing matter: the bodies of `POST /api/reports/{query_code}/…`, one a wish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from services.intake.report_body import AnswerGiven, Code, PlaceBody, Shape
from shaoyin.domain.report import DESCRIPTION_AT_MOST, Wish

TEXT_AT_MOST = 1000
"""Characters of free words; an answer to a question may be as long as a description."""
Text = Annotated[str, Field(min_length=1, max_length=TEXT_AT_MOST)]


class InfoBody(Shape):
    """The answer to the question that was asked, in words; also the place or the form's answers that were missing."""

    text: str = Field(min_length=1, max_length=DESCRIPTION_AT_MOST)
    answers: Annotated[dict[Code, AnswerGiven], Field(max_length=60)] = Field(default_factory=dict)
    place: PlaceBody | None = None


class RatingBody(Shape):
    """Whether it is solved, and how content the reporter is; free words if wanted."""

    solved: Literal["solved", "partly_solved", "unsolved"]
    satisfaction: Literal["satisfied", "fairly_satisfied", "dissatisfied", "not_rated"] | None = None
    text: Text | None = None


class ReopenBody(Shape):
    """It is not fixed after all, and why."""

    reason: Text


class WithdrawBody(Shape):
    """Taken back; nobody has to say why."""

    reason: Text | None = None


class UrgeBody(Shape):
    """Once a day; with a word if wanted."""

    text: Text | None = None


class DisputeBody(Shape):
    """Why the refusal is wrong."""

    text: Text


class SecrecyBody(Shape):
    """The new level; it only goes up."""

    secrecy: Literal["confidential", "anonymous"]


Body = InfoBody | RatingBody | ReopenBody | WithdrawBody | UrgeBody | DisputeBody | SecrecyBody
Name = Literal["info", "rating", "reopen", "withdraw", "urge", "dispute", "secrecy"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A wish: the last part of its address and its word in `may`, the word it travels under, and its body."""

    name: Name
    asked: Wish
    model: type[Body]
    shape: TypeAdapter[Body]
    about: str


def _kind(name: Name, asked: Wish, model: type[Body], about: str) -> Kind:
    return Kind(name, asked, model, TypeAdapter(model), about)


WISHES: dict[Name, Kind] = {
    each.name: each
    for each in (
        _kind("info", "info", InfoBody, "Supplies what was asked; 409 when nothing was."),
        _kind("rating", "rate", RatingBody, "Rates the result; 409 before there is one."),
        _kind("reopen", "reopen", ReopenBody, "Says that it is not fixed, until it is archived; each reporter once."),
        _kind("withdraw", "withdraw", WithdrawBody, "Takes the report back, as long as the matter is open."),
        _kind("urge", "urge", UrgeBody, "Asks for speed, once a local calendar day."),
        _kind("dispute", "dispute", DisputeBody, "Disagrees with a refusal, once, within the days the pack gives."),
        _kind("secrecy", "secrecy", SecrecyBody, "Hides the name from the handler, or has the identity erased."),
    )
}


def words_in(body: Body) -> str | None:
    """What the reporter wrote."""
    match body:
        case ReopenBody() | WithdrawBody():
            return body.reason
        case SecrecyBody():
            return None
        case _:
            return body.text
