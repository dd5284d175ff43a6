"""The place and the answers of a report that staff write themselves, within the bounds that residents have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shaoyin.adapters.problem import FieldError
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Point

Code = Annotated[str, Field(min_length=1, max_length=64)]
Count = Annotated[int, Field(ge=-(10**9), le=10**9)]
AnswerTold = bool | Count | Annotated[str, Field(max_length=200)] | Annotated[tuple[Code, ...], Field(max_length=20)]
Answers = Annotated[dict[Code, AnswerTold], Field(max_length=60)]


def unknown_answers(answers: Iterable[str], pack: Pack) -> list[FieldError]:
    """An answer is kept under its question, so the question has to be one of the pack's."""
    unknown = [each for each in answers if each not in pack.questions]
    return [FieldError(f"answers.{each}", "unknown_question", {"question": each}) for each in unknown]


class PointTold(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lng: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    crs: Literal["WGS84", "GCJ02", "BD09"]


class PlaceTold(BaseModel):
    """At least one of the four."""

    model_config = ConfigDict(extra="forbid")

    area: Code | None = None
    building: Code | None = None
    text: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    point: PointTold | None = None

    def given(self) -> PlaceGiven:
        point = None if self.point is None else Point(self.point.lng, self.point.lat, self.point.crs)
        return PlaceGiven(self.area, self.building, self.text, point)
