"""The fields of each command of an enrolment as it comes over HTTP: made from the command itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Annotated, get_type_hints

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, create_model
from pydantic_core import PydanticCustomError

from shaoyin.adapters.scrub import scrub
from shaoyin.adapters.told import EARLIEST, LATEST
from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.given import Given
from shaoyin.domain.registration import FREE_TIME
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_flow import COMMANDS

BY_CALLER = frozenset({"at", "person", "post", "registration_id", "open_areas"})
"""What the service fills in: time, who gives it, the id, and gathered facts."""
BY_SYSTEM = frozenset({"time_passed"})
_IDENT = re.compile(r"[\x21-\x7e]{1,200}")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_max_length=1000)

    as_: Annotated[str | None, Field(alias="as", description="the post, where the person holds several")] = None


def _wrong(expected: str) -> PydanticCustomError:
    return PydanticCustomError("wrong_value", "wrong_value", {"expected": expected})


def _day(said: object) -> object:
    """A day and nothing more: a time of day would have to say whose."""
    if said is None or (type(said) is date):
        return said
    if not isinstance(said, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII) is None:
        raise PydanticCustomError("not_a_time", "not_a_time")
    return said


def _ident(said: str) -> str:
    """An opaque id: no name, and nothing shaped like a telephone or identity-card number."""
    if _IDENT.fullmatch(said) is None or scrub(said) != said:
        raise _wrong("id")
    return said


def _free_time(said: str) -> str:
    if FREE_TIME.fullmatch(said) is None:
        raise _wrong("sat 09:00-12:00")
    return said


Day = Annotated[date, BeforeValidator(_day), Field(ge=EARLIEST.date(), le=LATEST.date())]
Ident = Annotated[str, AfterValidator(_ident)]
Skill = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(scrub)]
FreeTime = Annotated[str, AfterValidator(_free_time)]
IN_HTTP: Mapping[str, object] = {
    "who": Ident | None,
    "household": Ident | None,
    "start": Day | None,
    "until": Day | None,
    "vetted_until": Day | None,
    "skills": Annotated[tuple[Skill, ...], Field(max_length=20)],
    "free_times": Annotated[tuple[FreeTime, ...], Field(max_length=20)],
    "area_limits": Annotated[tuple[str, ...], Field(max_length=20)],
    "reason": Annotated[str, AfterValidator(scrub)],
}
"""Stricter than the core's own types; without `who` it is whoever gives the command."""


def _model(name: str, kind: type[RegistrationCommand]) -> type[Body]:
    hints = get_type_hints(kind)
    declared: dict[str, object] = {}
    for each in fields(kind):
        if each.name in BY_CALLER:
            continue
        hint = IN_HTTP.get(each.name, StrictBool if hints[each.name] is bool else hints[each.name])
        default = ... if each.default is MISSING else each.default
        if default is None:
            hint = hint | None  # type: ignore[operator]
        declared[each.name] = (hint, None if each.name == "who" else default)
    if kind is cmd.Apply:
        declared["community"] = (str | None, None)
    model: type[Body] = create_model(f"{name}_body", __base__=Body, **declared)  # type: ignore[call-overload]
    return model


MODELS: Mapping[str, type[Body]] = {
    name: _model(name, kind) for name, kind in COMMANDS.items() if name not in BY_SYSTEM
}


def command_from(
    name: str, body: Body, *, registration_id: str, given: Given, who: str | None = None
) -> RegistrationCommand:
    """The command in the core's words; its body was checked against its own fields."""
    kind = COMMANDS[name]
    known = {each.name for each in fields(kind)}
    values = {each: getattr(body, each) for each in type(body).model_fields if each in known}
    values |= {"at": given.at, "person": given.person, "post": given.post, "registration_id": registration_id}
    if who is not None:
        values["who"] = who
    command: RegistrationCommand = kind(**values)
    return command
