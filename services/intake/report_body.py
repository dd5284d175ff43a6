"""What a report may look like on the wire: the fields of `POST /api/reports`, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.intake.vault import AnswerBy, digits_of
from shaoyin.domain.report import DESCRIPTION_AT_MOST, PlaceGiven, Point, Secrecy

BODY_AT_MOST = 1024 * 1024
"""Bytes of a body without files (mechanics 35)."""
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
Channel = Literal[
    "form", "service_post", "phone", "hotline_12345", "police_transfer", "chat_group", "mini_program",
    "official_account", "snap_report", "home_visit", "patrol", "council", "questionnaire", "meeting", "letter_box",
    "superior_assigned", "media", "deputies", "petition", "device",
]  # fmt: skip
"""How a matter came in (domain 2.6); all but the public form need a post with the right `intake` (mechanics 30)."""
FORM: Channel = "form"


def _a_phone(text: str) -> str:
    """At least five digits, in any spacing: mobiles, landlines and extensions all pass; words do not."""
    if len(digits_of(text)) < 5:
        raise PydanticCustomError("not_a_phone", "at least five digits are needed")
    return text


EXACT, NEAR = 6, 4
"""Digits of a degree that travel: a tenth of a metre; ten metres of whoever does not want to be known (hide_flats)."""
Code = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(min_length=1, max_length=400)]
Count = Annotated[int, Field(ge=-(10**9), le=10**9)]
AnswerGiven = bool | Count | Annotated[str, Field(max_length=200)] | Annotated[list[Code], Field(max_length=20)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PointBody(Shape):
    """A coordinate with its reference system; there is no default, because the three differ by hundreds of metres."""

    lng: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    crs: Literal["WGS84", "GCJ02", "BD09"]

    def given(self, digits: int) -> Point:
        return Point(round(self.lng, digits), round(self.lat, digits), self.crs)


class PlaceOfReport(Shape):
    """At least one of the four; a walk-in desk may leave out all, and so may any desk where it cannot wait (row 22)."""

    area: Code | None = None
    building: Code | None = None
    text: Words | None = None
    point: PointBody | None = None

    @property
    def said(self) -> bool:
        return not (self.area is None and self.building is None and self.text is None and self.point is None)

    def given(self, text: str | None, *, near: bool = False) -> PlaceGiven:
        """The place as it travels, with `text` in the wording that may leave intake; `near`: no flat can be told."""
        point = None if self.point is None else self.point.given(NEAR if near else EXACT)
        return PlaceGiven(self.area, self.building, text, point)


NOWHERE = PydanticCustomError("place_missing", "at least one of area, building, text and point")


class PlaceBody(PlaceOfReport):
    """At least one of the four."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.said:
            raise NOWHERE
        return self


Openid = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{6,64}$")]
Template = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{10,64}$")]


class WechatBody(Shape):
    """Whose mini program sent it, and the templates that were consented to with this tap: one message each."""

    openid: Openid
    templates: Annotated[list[Template], Field(max_length=5)] = Field(default_factory=list)


class ReporterBody(Shape):
    """All optional: nobody has to say who they are. Without a secrecy the category decides.

    `answer_by`: by which way to be told first, or by the progress page alone; without it by every way that was left,
    in a sensitive matter by none.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    phone: Annotated[str, Field(max_length=40), AfterValidator(_a_phone)] | None = None
    secrecy: Secrecy | None = None
    wechat: WechatBody | None = None
    answer_by: AnswerBy | None = None


def _where(place: PlaceOfReport, report: ValidationInfo) -> PlaceOfReport:
    """Of a resident the place is always asked; of a post it depends, and the pack says on what (check_report)."""
    by_a_post = report.data.get("channel", FORM) != FORM or report.data.get("on_behalf")
    if not place.said and not by_a_post:
        raise NOWHERE
    return place


class ReportBody(Shape):
    """One report. Unknown fields are refused; what is optional is really optional."""

    community: Code
    description: str = Field(min_length=1, max_length=DESCRIPTION_AT_MOST)
    channel: Channel = FORM
    on_behalf: bool = False
    place: Annotated[PlaceOfReport, AfterValidator(_where), Field(validate_default=True)] = PlaceOfReport()
    category: Code | None = None
    reporter: ReporterBody = ReporterBody()
    occurred_at: Annotated[AwareDatetime, Field(ge=OLDEST)] | None = None
    answers: Annotated[dict[Code, AnswerGiven], Field(max_length=60)] = Field(default_factory=dict)


REPORT_BODY = TypeAdapter(ReportBody)
