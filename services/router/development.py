"""Only in development: who the invented people are, signing one of them in, and the clock that can be moved forward."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.router.blow_standing import blow_standing, next_standing
from services.router.desk import Desk
from services.router.documents import BUCKETS
from services.router.keep_registrations import activate_due
from services.router.watch_deadlines import announce_due
from shaoyin.adapters.clock import offset, set_offset, taken_by_all
from shaoyin.adapters.identity import DevIssuer
from shaoyin.adapters.mongo import Database
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid
from shaoyin.domain.pack import Pack

TAKEN_WITHIN = timedelta(seconds=5)
FARTHEST = timedelta(days=400)
_moving = asyncio.Lock()


def people(packs: Mapping[str, Pack]) -> list[dict[str, object]]:
    return [
        {
            "person": person.person_id,
            "name": person.name,
            "community": pack.name,
            "posts": [
                {"post": post.post_id, "kind": post.kind, "org": post.org, "area": post.area}
                for post in pack.directory.posts_of(person.person_id)
            ],
        }
        for pack in packs.values()
        for person in pack.directory.people.values()
    ]


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    person: str


async def sign_in(packs: Mapping[str, Pack], issuer: DevIssuer | None, raw: object) -> dict[str, object]:
    """A token for one of the pack's invented people; whoever is not one of them is refused."""
    try:
        person = SignIn.model_validate(raw).person
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    if issuer is None or not any(person in pack.directory.people for pack in packs.values()):
        raise invalid([FieldError("person", "unknown_person")])
    return {"token": await issuer.sign(person)}


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advance: timedelta = Field(ge=timedelta(), le=FARTHEST, description="ISO 8601, for instance PT30M")


async def advance(desk: Desk, database: Database, raw: object) -> datetime:
    """Walks from due instant to due instant, so that everything is announced when it falls due (mechanics 23)."""
    try:
        wanted = Advance.model_validate(raw).advance
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    async with _moving:
        target = desk.clock.now() + wanted
        while (due := await _next_due(desk)) is not None and due < target:
            await _move_to(desk, database, max(due + timedelta(milliseconds=1), desk.clock.now()))
            await _announce_all(desk)
        await _move_to(desk, database, target)
        await _announce_all(desk)
    return desk.clock.now()


async def _next_due(desk: Desk) -> datetime | None:
    """Of the cases, the enrolments whose start date is still to come, and the standing whistles."""
    now = desk.clock.now()
    starts = await desk.registrations.next_due()
    coming = None if starts is None or starts <= now else starts
    return min(filter(None, (await desk.store.next_due(), coming, next_standing(desk, now))), default=None)


async def _move_to(desk: Desk, database: Database, at: datetime) -> None:
    """Another router may move it at the same time: then the clock goes on from wherever it stands."""
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # as whole as the clock, or it would never get there
    while desk.clock.now() < at:
        known = await offset(database)
        await _taken(database, known)
        further = at - desk.clock.now()
        if further > timedelta():
            try:
                known = await set_offset(database, known + further)
            except ValueError:  # it is further already
                continue
            await _taken(database, known)


async def _taken(database: Database, in_force: timedelta) -> None:
    try:
        await taken_by_all(database, in_force, TAKEN_WITHIN)
    except TimeoutError as late:
        raise Problem(503, "engine_away", {"why": str(late)}, headers={"Retry-After": "1"}) from late


async def _announce_all(desk: Desk) -> None:
    """Everything that is due now is announced before the clock goes on; another router may have done it first."""
    await activate_due(desk)
    await blow_standing(desk)
    while await announce_due(desk, range(BUCKETS)):
        pass
