"""The cells of a pack that hold days and times of day, and a post's shifts, which are made of both."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainValidator

from shaoyin.adapters.pack_names import STRICT, Name, Weekday, each_once, one_or_more, wrong
from shaoyin.domain.registration import FREE_TIME

LONGEST_HOLIDAY = timedelta(days=62)
SHIFTS_AT_MOST = 100
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_SPAN = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")


def _days(cell: object) -> tuple[date, date]:
    """A day, or `first..last`."""
    if isinstance(cell, date):
        return cell, cell
    first, dots, last = str(cell).partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise wrong("not_days") from error
    if not dots or span[1] < span[0]:
        raise wrong("not_days")
    return span


def _holiday(span: tuple[date, date]) -> tuple[date, date]:
    """Two months are no holiday, and ten thousand years would be counted day by day."""
    if span[1] - span[0] > LONGEST_HOLIDAY:
        raise wrong("not_days")
    return span


def _span(cell: object) -> tuple[time, time]:
    if not isinstance(cell, str) or _SPAN.fullmatch(cell) is None:
        raise wrong("not_a_span")
    start, _, end = cell.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def _time(cell: object) -> time:
    if not isinstance(cell, str) or _TIME.fullmatch(cell) is None:
        raise wrong("not_a_time")
    return time.fromisoformat(cell)


def _free_time(cell: object) -> str:
    if not isinstance(cell, str) or FREE_TIME.fullmatch(cell) is None:
        raise wrong("not_a_free_time")
    return cell


Days = Annotated[tuple[date, date], PlainValidator(_days)]
Holidays = Annotated[tuple[date, date], PlainValidator(_days), AfterValidator(_holiday)]
TimeOfDay = Annotated[time, PlainValidator(_time)]
Span = Annotated[tuple[time, time], PlainValidator(_span)]
FreeTime = Annotated[str, PlainValidator(_free_time)]
DayOfShift = Literal[Weekday, "workdays", "holidays"]


class ShiftRow(BaseModel):
    model_config = STRICT

    who: Annotated[list[Name], Field(min_length=1), AfterValidator(each_once), BeforeValidator(one_or_more)]
    time: Span
    days: Annotated[list[DayOfShift], Field(min_length=1), AfterValidator(each_once), BeforeValidator(one_or_more)] = (
        Field(default_factory=list)
    )
    since: date | None = None
    until: date | None = None


Shifts = Annotated[list[ShiftRow], Field(max_length=SHIFTS_AT_MOST)]
