"""Staff commands over HTTP: one decision at once, safe to repeat under its key, refused in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from services.router.change_case import Asked, Crowded, NoSuchCase, change_case
from services.router.command_body import MODELS, command_from
from services.router.desk import Desk
from services.router.documents import KeyKept, Stored, replayed
from services.router.full import refuse_if_full
from services.router.merge_cases import attach_to_lead
from services.router.open_to_members import is_open_to
from services.router.opening import area_code
from services.router.visible import reads_whole
from shaoyin.adapters.problem import Problem, field_errors, invalid, not_now
from shaoyin.adapters.scrub import scrub
from shaoyin.domain import commands as cmd
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.flow import may_as, rows_of, stands_in, state_for
from shaoyin.domain.pack import Pack
from shaoyin.domain.rows import Row

FREE_TEXT = (
    "note", "message", "text", "work_done", "public_reply", "why_not", "plan", "reason", "reasons", "instead", "task",
    "question", "basis", "result", "public_reason", "note_to_reporter", "why_none", "why_no_photo", "description",
    "where_instead", "how_to_follow", "why_not_below", "lawful_explanation",
)  # fmt: skip


async def take_action(
    desk: Desk, person: str, case_id: str, name: str, raw: Mapping[str, object], key: str | None, version: int | None
) -> Stored:
    """404 not visible → 403 → 412 → 409 (mechanics 27). A repeat under its key gives the first result again."""
    model = MODELS.get(name)
    if model is None:
        raise Problem(404, "unknown_command", {"command": name})
    found = await reachable(desk, person, case_id, claiming=model is MODELS["claim"])
    await desk.versions_for([found.case])
    pack = desk.pack_for(found.case)
    body_hash = hashlib.sha256(repr(sorted(raw.items())).encode() + name.encode()).hexdigest()
    if key is not None and (kept := _kept(found, key)):
        return _again(found, kept, person, body_hash)
    refuse_if_full(found, raw)
    try:
        body = model.model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    command = command_from(name, body, at=desk.clock.now(), person=person, post=None, number="")
    _check_whistle(command, found.case)
    command = _relayed(command)
    command = replace(command, post=_post(found.case, command, body.as_, pack))
    if version is not None and version != found.case.version:
        raise Problem(412, "version_moved", {"version": found.case.version}, members={"version": found.case.version})
    if isinstance(command, cmd.Accept) and command.number == "":
        command = replace(command, number=await _number(desk, found.case, command.area, pack))
    keeping = None if key is None else KeyKept(key, person, body_hash, found.case.version)
    return await _give(desk, Asked(case_id, command, keeping), found, pack)


async def reachable(desk: Desk, person: str, case_id: str, *, claiming: bool = False) -> Stored:
    """A case somebody may act on: one he may read, or an order or a call to members where he is enrolled."""
    found = await desk.one(case_id)
    if found is not None and await is_open_to(desk, found.case, person, claiming=claiming):
        return found
    raise Problem(404, "not_found", {"what": case_id})


async def readable(desk: Desk, person: str, case_id: str, *, explained: bool = False) -> Stored:
    if explained:
        found = (await desk.store.load([case_id], explained=True)).get(case_id)
    else:
        found = await desk.one(case_id)
    if found is None or not reads_whole(found.case, person, desk.packs[found.case.pack]):
        raise Problem(404, "not_found", {"what": case_id})
    return found


async def _give(desk: Desk, asked: Asked, found: Stored, pack: Pack) -> Stored:
    try:
        if isinstance(asked.command, cmd.MergeInto):
            await attach_to_lead(desk, found, asked.command)
        return await change_case(desk, asked, found)
    except Refused as refused:
        now = (await desk.store.load([asked.case_id]))[asked.case_id]
        if asked.key is not None and refused.code != "not_permitted":
            kept = replace(asked.key, refused=refused.code, params={k: str(v) for k, v in refused.params.items()})
            await desk.store.keep_key(asked.case_id, kept)
        raise problem_of(refused.code, refused.params, now.case, asked.command, pack) from refused
    except CalendarMissing as missing:
        raise beyond_calendar(missing) from missing
    except NoSuchCase as gone:
        raise Problem(404, "not_found", {"what": asked.case_id}) from gone
    except Crowded as crowded:
        raise Problem(503, "engine_away", headers={"Retry-After": "1"}) from crowded


def beyond_calendar(missing: CalendarMissing) -> Problem:
    """422: what was said leads to a year whose working days nobody knows yet."""
    return Problem(422, "beyond_calendar", {"year": missing.year})


def problem_of(code: str, params: Mapping[str, object], case: Case, command: Command, pack: Pack) -> Problem:
    if code == "not_permitted":
        return Problem(403, "not_permitted", params)
    allowed = may_as(case, command, pack)
    refused = not_now(code, {**params, "state": case.state, "allowed": allowed}, allowed)
    refused.members |= {"state": case.state, "version": case.version}
    return refused


def _kept(found: Stored, key: str) -> KeyKept | None:
    return next((each for each in found.keys if each.key == key), None)


def _again(found: Stored, kept: KeyKept, person: str, body_hash: str) -> Stored:
    """The first result: the case as that command left it, or the same refusal (I13)."""
    if (kept.person, kept.body) != (person, body_hash):
        raise Problem(422, "idempotency_key_reused")
    if kept.refused is not None:
        raise not_now(kept.refused, kept.params, ())
    then = replayed(found.history[: kept.version], found.run)
    return replace(then, decisions=tuple(each for each in found.decisions if each <= kept.version))


def _check_whistle(command: Command, case: Case) -> None:
    """A whistle command names its whistle; an unknown one is 404."""
    new = isinstance(command, cmd.RequestWhistle | cmd.BlowEmergencyWhistle)
    if isinstance(command, cmd.OfWhistle) and not new:
        if command.whistle_id not in case.whistles:
            raise Problem(404, "not_found", {"what": command.whistle_id})
    elif isinstance(command, cmd.OfWhistle) and command.whistle_id in case.whistles:
        raise not_now("whistle_duplicate", {}, ())


def _relayed(command: Command) -> Command:
    """What staff write may be read by others: anything shaped like a phone or identity number is taken out."""
    texts = {name: scrub(text) for name in FREE_TEXT if isinstance(text := getattr(command, name, None), str)}
    return replace(command, **texts)  # type: ignore[arg-type]


def _post(case: Case, command: Command, said: str | None, pack: Pack) -> str | None:
    """The post in which the person acts: the one said, else the only one that may; several: he must say."""
    held = [post.post_id for post in pack.directory.posts_of(command.person or "")]
    if said is not None:
        if said not in held:
            raise Problem(403, "not_permitted", {"command": "as", "post": said})
        return said
    rows, as_any = rows_of(type(command)), [(post, replace(command, post=post)) for post in (None, *held)]
    now = [post for post, asked in as_any if any(_fits(row, case, asked, pack) for row in rows)]
    able = now or [post for post, asked in as_any if _may(rows, case, asked, pack)]
    if len(able) > 1 and None not in able:
        raise Problem(422, "ambiguous_post", {"posts": able}, members={"posts": able})
    return able[0] if able else (held[0] if held else None)


def _may(rows: tuple[Row, ...], case: Case, command: Command, pack: Pack) -> bool:
    return any(stands_in(row, case, command, pack) for row in rows)


def _fits(row: Row, case: Case, asked: Command, pack: Pack) -> bool:
    """Whether the line would be offered to whoever asks: a unit's holder answers its call as the unit, not himself."""
    if not stands_in(row, case, asked, pack) or state_for(row, case, asked) not in row.from_:
        return False
    return not any(guard.early and guard.broken(case, asked, pack) is not False for guard in row.guards)


async def _number(desk: Desk, case: Case, area: str, pack: Pack) -> str:
    if case.number is not None:
        return case.number
    known = area if area in pack.areas.areas else None
    day: datetime = desk.clock.now()
    return (await desk.numbers.take(area_code(pack, known), pack.calendar.local_day(day)))[0]
