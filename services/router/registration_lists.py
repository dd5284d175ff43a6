"""Reading enrolments: one's own, and for the community's posts those of their area; to everybody else there is none."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.router.desk import Desk
from services.router.registration_documents import StoredEnrolment, area_key, owner_key
from services.router.registrations import WantedEnrolments
from services.router.views import View
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid
from shaoyin.adapters.told import cursor, read_cursor
from shaoyin.domain.org import Post, RegistrationKind
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import Enrolment
from shaoyin.domain.registration_events import STATES
from shaoyin.domain.registration_flow import may
from shaoyin.domain.registration_rules import COMMUNITY, about_oneself
from shaoyin.domain.words import place_name


class Query(BaseModel):
    """The filters of the list; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    state: str | None = None
    kind: RegistrationKind | None = None
    area: str | None = None
    mine: bool = False
    cursor: str | None = None
    most: Annotated[int, Field(ge=1, le=200)] = 50


async def list_registrations(desk: Desk, person: str, asked: dict[str, str], language: str) -> View:
    """Newest first; `next` continues where the page ended."""
    try:
        query = Query.model_validate(asked)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    packs = list(desk.packs.values())
    wanted = WantedEnrolments(
        covered=tuple(area_key(pack.name, post.area) for pack in packs for post in _community_posts(person, pack)),
        owners=_owners(person, packs), mine=query.mine, states=_states(query.state), kind=query.kind,
        area=query.area, after=read_cursor(query.cursor), most=query.most + 1,
    )  # fmt: skip
    found = await desk.registrations.find(wanted)
    page = found[: query.most]
    return {
        "items": [enrolment_view(each, person, desk.packs[each.enrolment.community], language) for each in page],
        "next": _cursor_after(page[-1].enrolment) if len(found) > query.most else None,
    }


async def readable(desk: Desk, person: str, registration_id: str) -> StoredEnrolment:
    found = (await desk.registrations.load([registration_id])).get(registration_id)
    pack = None if found is None else desk.packs.get(found.enrolment.community)
    if found is None or pack is None or not may_read(found.enrolment, person, pack):
        raise Problem(404, "not_found", {"what": registration_id})
    return found


def may_read(enrolment: Enrolment, person: str, pack: Pack) -> bool:
    """Membership is nobody else's business (decisions 2.10)."""
    areas = pack.areas
    if about_oneself(enrolment, person, pack):
        return True
    known = enrolment.area in areas.areas
    return known and any(areas.covers(post.area, enrolment.area) for post in _community_posts(person, pack))


def _community_posts(person: str, pack: Pack) -> list[Post]:
    return [post for post in pack.directory.posts_of(person) if post.kind in COMMUNITY]


def _owners(person: str, packs: list[Pack]) -> tuple[str, ...]:
    units = (
        owner_key(pack.name, "unit", post.post_id)
        for pack in packs
        for post in pack.directory.posts_of(person)
        if post.kind == "unit_duty"
    )
    return (owner_key("", "member", person), *units)


def _states(said: str | None) -> tuple[str, ...]:
    states = tuple(filter(None, (said or "").split(",")))
    if not set(states) <= set(STATES):
        raise invalid([FieldError("state", "wrong_value", {"expected": "|".join(STATES)})])
    return states


def _cursor_after(last: Enrolment) -> str:
    return cursor(last.applied_at, last.registration_id)


def enrolment_view(found: StoredEnrolment, person: str, pack: Pack, language: str) -> View:
    """All of it: whoever may read it may read the whole."""
    enrolment = found.enrolment
    return {
        "registration_id": enrolment.registration_id, "version": enrolment.version,
        "community": enrolment.community, "kind": enrolment.kind, "who": enrolment.who,
        "own": about_oneself(enrolment, person, pack), "area": enrolment.area,
        "place": place_name(pack, enrolment.area, language), "state": enrolment.state,
        "state_text": pack.text(f"registration.{enrolment.state}", language), "applied_at": enrolment.applied_at,
        "start": enrolment.start, "activates_at": enrolment.activates_at, "on_behalf": enrolment.on_behalf,
        "consent_shown": enrolment.consent_shown,
        "skills": enrolment.skills, "free_times": enrolment.free_times, "area_limits": enrolment.area_limits,
        "at_home_only": enrolment.at_home_only, "household": enrolment.household, "vetting": enrolment.vetting,
        "vetted_until": enrolment.vetted_until, "paused_until": enrolment.paused_until, "reason": enrolment.reason,
        "timeline": _timeline(found, pack, language), "may": may(enrolment, person, pack),
    }  # fmt: skip


def _timeline(found: StoredEnrolment, pack: Pack, language: str) -> list[View]:
    """Who acted is said as a post, or as the one it belongs to; persons behind a post stay unnamed."""
    return [
        {
            "seq": seq, "at": event.at, "event": event.type, "text": pack.text(f"timeline.{event.type}", language),
            "by": {"post": event.by.post, "own": event.by.post is None and event.by.person is not None},
        }
        for seq, event in enumerate(found.history, start=1)
    ]  # fmt: skip
