"""The fields of each command as it comes over HTTP: made from the command itself, so there is one declaration."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from typing import Annotated, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from shaoyin.adapters.told import Instant
from shaoyin.domain import commands as cmd
from shaoyin.domain.flow import BY_SYSTEM, COMMANDS

BY_CALLER = frozenset(
    {
        "at", "person", "post", "members", "member", "enrolled", "number", "found", "claimant", "new_number",
        "request_id", "requested_at", "clock", "upgraded_from", "blower", "hits",
    }
)  # fmt: skip
"""What the service fills in: time, who gives it, and gathered facts."""
OWN_MOVE = {"withdraw_response": frozenset({"responder"})}
"""Nobody else's place is given up over HTTP; the field is the system's (row a39)."""
ON_THE_WIRE = {"contacted_at": "at", "arrived_at": "at", "starts_at": "at", "to_post": "post"}
"""What a field is called there, as the specification's tables have it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_max_length=4000)


class _Body(_Strict):
    as_: Annotated[str | None, Field(alias="as", description="the post, where the person holds several")] = None


def _by_type(said: object) -> object:
    """ "by_type" leaves the time to the type of the whistle."""
    return None if said == "by_type" else said


def _of_http(hint: object) -> object:
    """Times carry an offset; a list of tasks or marks is as strict as the body around it."""
    if hint is datetime:
        return Instant
    if hint == datetime | None:
        return Annotated[Instant | None, BeforeValidator(_by_type)]
    inner = get_args(hint)
    if get_origin(hint) is tuple and is_dataclass(inner[0]):
        return Annotated[tuple[_nested(inner[0]), ...], Field(max_length=200)]  # type: ignore[misc]
    if get_origin(hint) is tuple:
        return Annotated[hint, Field(max_length=200)]
    return hint


def _nested(kind: object) -> type[_Strict]:
    assert isinstance(kind, type)
    return _declared(kind.__name__, kind, _Strict, frozenset())


def _declared(
    name: str, kind: type, base: type[_Strict], optional: frozenset[str], hidden: frozenset[str] = BY_CALLER
) -> type[_Strict]:
    hints = get_type_hints(kind)
    declared: dict[str, object] = {}
    for each in fields(kind):
        if each.name in hidden:
            continue
        hint = _of_http(hints[each.name])
        default = ... if each.default is MISSING else each.default
        if each.name in optional:
            hint, default = hints[each.name] | None, None
        alias = {"alias": ON_THE_WIRE[each.name]} if each.name in ON_THE_WIRE else {}
        declared[each.name] = (hint, Field(default, **alias))  # type: ignore[call-overload]
    model: type[_Strict] = create_model(name, __base__=base, **declared)  # type: ignore[call-overload]
    return model


def _model(name: str, kind: type[cmd.Given]) -> type[_Body]:
    optional = frozenset({"whistle_id"}) if name in MAKES_A_WHISTLE else frozenset()
    model = _declared(f"{name}_body", kind, _Body, optional, BY_CALLER | OWN_MOVE.get(name, frozenset()))
    assert issubclass(model, _Body)
    return model


MAKES_A_WHISTLE = frozenset({"request_whistle", "blow_emergency_whistle"})
MODELS: Mapping[str, type[_Body]] = {
    name: _model(name, kind) for name, kind in COMMANDS.items() if name not in BY_SYSTEM | {"open_case"}
}


def command_from(name: str, body: _Body, *, at: datetime, person: str, post: str | None, number: str) -> cmd.Command:
    """The command in the core's words. Its kind is known, its body was checked against the kind's own fields."""
    kind = COMMANDS[name]
    known = {each.name for each in fields(kind)}
    given = {each: _in_core(kind, each, getattr(body, each)) for each in type(body).model_fields if each in known}
    given |= {"at": at, "person": person, "post": post}
    if "number" in known:
        given["number"] = number
    if name in MAKES_A_WHISTLE and given.get("whistle_id") is None:
        given["whistle_id"] = f"w{secrets.token_hex(6)}"
    command: cmd.Command = kind(**given)  # type: ignore[assignment,arg-type]
    return command


def _in_core(kind: type[cmd.Given], name: str, value: object) -> object:
    """Instants as the store keeps them: UTC, whole milliseconds."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, tuple) and value and isinstance(value[0], _Strict):
        core = get_args(get_type_hints(kind)[name])[0]
        return tuple(
            core(**{field: _in_core(core, field, getattr(each, field)) for field in type(each).model_fields})
            for each in value
        )
    return value
