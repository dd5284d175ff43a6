"""What somebody writes in an application becomes the command `apply`: whose it is, for which community and area."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator

from services.router.desk import Desk
from services.router.registration_bodies import Body, command_from
from shaoyin.adapters.problem import FieldError, invalid
from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.given import Given
from shaoyin.domain.pack import Pack


def new_id(person: str, key: str | None) -> str:
    """Random; under an idempotency key always the same, so that a repeat is a duplicate."""
    if key is None:
        return f"reg-{secrets.token_hex(10)}"
    return f"reg-{hashlib.blake2b(f'{person} {key}'.encode(), digest_size=10).hexdigest()}"


def application(desk: Desk, body: Body, registration_id: str, person: str) -> tuple[cmd.Apply, Pack]:
    """Raises Problem 422, naming the fields."""
    said = body.model_dump()
    pack = _pack(desk, said["community"], said["area"])
    given = Given(at=desk.clock.now(), person=person)
    who = said["who"] or _oneself(person, said, pack)
    command = command_from("apply", body, registration_id=registration_id, given=given, who=who)
    assert isinstance(command, cmd.Apply)
    if wrong := list(_wrong(command, pack)):
        raise invalid(wrong)
    return command, pack


def _pack(desk: Desk, community: str | None, area: str) -> Pack:
    """The community said, else the only one that has this area."""
    if community is not None:
        pack = desk.pack_of(community)
        if pack is None:
            raise invalid([FieldError("community", "unknown_community", {"community": community})])
        return pack
    having = [pack for pack in desk.packs.values() if area in pack.areas.areas]
    if not having:
        raise invalid([FieldError("area", "unknown_place", {"place": area})])
    if len(having) > 1:
        raise invalid([FieldError("community", "missing")])
    return having[0]


def _oneself(person: str, said: dict[str, object], pack: Pack) -> str:
    """Whoever applies; for a unit its duty post, where he holds one only. On behalf of whom must be said."""
    units = [post.post_id for post in pack.directory.posts_of(person) if post.kind == "unit_duty"]
    if said["on_behalf"] or (said["kind"] == "unit" and len(units) != 1):
        raise invalid([FieldError("who", "missing")])
    return units[0] if said["kind"] == "unit" else person


def _wrong(command: cmd.Apply, pack: Pack) -> Iterator[FieldError]:
    areas = pack.areas
    if command.area not in areas.areas:
        yield FieldError("area", "unknown_place", {"place": command.area})
        return
    for number, limit in enumerate(command.area_limits):
        if limit not in areas.areas:
            yield FieldError(f"area_limits.{number}", "unknown_place", {"place": limit})
        elif not areas.covers(command.area, limit):
            yield FieldError(f"area_limits.{number}", "wrong_value", {"expected": command.area})
    post = pack.directory.posts.get(command.who)
    if command.kind == "unit" and (post is None or post.kind != "unit_duty"):
        yield FieldError("who", "wrong_value", {"expected": "unit_duty"})
