"""Enrolment over HTTP: applying, and one command at once; safe to repeat under its key, refused in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from services.router.applications import application, new_id
from services.router.change_case import Crowded
from services.router.change_registration import EnrolmentAsked, NoSuchEnrolment, begin, change_registration
from services.router.desk import Desk
from services.router.documents import KeyKept
from services.router.registration_bodies import MODELS, Body, command_from
from services.router.registration_documents import StoredEnrolment
from services.router.registration_lists import readable
from shaoyin.adapters.problem import Problem, field_errors, invalid, not_now
from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.case import Refused
from shaoyin.domain.given import Given
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import Enrolment
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_flow import COMMANDS, may_as, permit, stands_in


async def apply(desk: Desk, person: str, raw: Mapping[str, object], key: str | None) -> StoredEnrolment:
    """Row a33. The id hangs on person and key, so a repeat under its key finds the first application."""
    registration_id, body_hash = new_id(person, key), _hash("apply", raw)
    if key is not None and (found := await _there(desk, registration_id)):
        return _again(found, key, person, body_hash)
    body = _checked("apply", raw)
    command, pack = application(desk, body, registration_id, person)
    command = replace(command, post=_post(None, command, cmd.Apply, body.as_, pack))
    try:
        return await begin(desk, command, pack, None if key is None else KeyKept(key, person, body_hash, 1))
    except Refused as refused:
        if (found := await _there(desk, registration_id)) is None:
            raise _problem(refused, None, command, pack) from refused
        return _again(found, key or "", person, body_hash)


async def take_enrolment_action(
    desk: Desk, person: str, registration_id: str, name: str, raw: Mapping[str, object], key: str | None,
    version: int | None,
) -> StoredEnrolment:  # fmt: skip
    """404 → 403 → 412 → 409 → 422 (mechanics 27); a repeat under its key gives the first result again."""
    if name not in MODELS or name == "apply":
        raise Problem(404, "unknown_command", {"command": name})
    found = await readable(desk, person, registration_id)
    body_hash = _hash(name, raw)
    if key is not None and any(each.key == key for each in found.keys):
        return _again(found, key, person, body_hash)
    keeping = None if key is None else KeyKept(key, person, body_hash, found.enrolment.version)
    given = _given(desk, person, found.enrolment, name, raw)
    await _check(desk, found, name, given, version, keeping)
    body = _checked(name, raw)
    command = command_from(name, body, registration_id=registration_id, given=given)
    try:
        return await change_registration(desk, EnrolmentAsked(registration_id, command, keeping))
    except Refused as refused:
        raise await _refused(desk, registration_id, refused, command, keeping) from refused
    except NoSuchEnrolment as gone:
        raise Problem(404, "not_found", {"what": registration_id}) from gone
    except Crowded as crowded:
        raise Problem(503, "engine_away", headers={"Retry-After": "1"}) from crowded


def _given(desk: Desk, person: str, enrolment: Enrolment, name: str, raw: Mapping[str, object]) -> Given:
    given = Given(at=desk.clock.now(), person=person)
    said = raw.get("as")
    pack = desk.packs[enrolment.community]
    post = _post(enrolment, given, COMMANDS[name], said if isinstance(said, str) else None, pack)
    return replace(given, post=post)


async def _check(
    desk: Desk, found: StoredEnrolment, name: str, given: Given, version: int | None, keeping: KeyKept | None
) -> None:
    """What its fields cannot change: who gives it, which version he saw, and the state."""
    enrolment = found.enrolment
    refused: Refused | None = None
    try:
        permit(enrolment, COMMANDS[name], given, desk.packs[enrolment.community])
    except Refused as why:
        refused = why
    if refused is not None and refused.code == "not_permitted":
        raise Problem(403, "not_permitted", refused.params) from refused
    if version is not None and version != enrolment.version:
        raise Problem(412, "version_moved", {"version": enrolment.version}, members={"version": enrolment.version})
    if refused is not None:
        raise await _refused(desk, enrolment.registration_id, refused, given, keeping) from refused


async def _refused(
    desk: Desk, registration_id: str, refused: Refused, given: Given, keeping: KeyKept | None
) -> Problem:
    """The refusal in words, kept under its key, so that a repeat is refused alike (I13)."""
    now = (await desk.registrations.load([registration_id]))[registration_id].enrolment
    if keeping is not None and refused.code != "not_permitted":
        params = {name: str(value) for name, value in refused.params.items()}
        await desk.registrations.keep_key(registration_id, replace(keeping, refused=refused.code, params=params))
    return _problem(refused, now, given, desk.packs[now.community])


def _problem(refused: Refused, enrolment: Enrolment | None, given: Given, pack: Pack) -> Problem:
    if refused.code == "not_permitted":
        return Problem(403, "not_permitted", refused.params)
    allowed = [] if enrolment is None else may_as(enrolment, given, pack)
    state = {} if enrolment is None else {"state": enrolment.state}
    return not_now(refused.code, {**refused.params, **state, "allowed": allowed}, allowed)


def _post(
    enrolment: Enrolment | None, given: Given, kind: type[RegistrationCommand], said: str | None, pack: Pack
) -> str | None:
    """The post in which the person acts: the one said, else himself, else the only one that may."""
    held = [post.post_id for post in pack.directory.posts_of(given.person or "")]
    if said is not None:
        if said not in held:
            raise Problem(403, "not_permitted", {"command": "as", "post": said})
        return said
    able = [post for post in (None, *held) if stands_in(enrolment, replace(given, post=post), kind, pack)]
    if len(able) > 1 and None not in able:
        raise Problem(422, "ambiguous_post", {"posts": able}, members={"posts": able})
    return able[0] if able else (held[0] if held else None)


def _checked(name: str, raw: Mapping[str, object]) -> Body:
    try:
        return MODELS[name].model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong


def _hash(name: str, raw: Mapping[str, object]) -> str:
    return hashlib.sha256(repr(sorted(raw.items())).encode() + name.encode()).hexdigest()


async def _there(desk: Desk, registration_id: str) -> StoredEnrolment | None:
    return (await desk.registrations.load([registration_id])).get(registration_id)


def _again(found: StoredEnrolment, key: str, person: str, body_hash: str) -> StoredEnrolment:
    """The first result: the enrolment as that command left it, or the same refusal (I13)."""
    kept = next((each for each in found.keys if each.key == key), None)
    if kept is None or (kept.person, kept.body) != (person, body_hash):
        raise Problem(422, "idempotency_key_reused")
    if kept.refused is not None:
        raise not_now(kept.refused, kept.params, ())
    return found.as_of(kept.version)
