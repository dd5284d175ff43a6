"""Who may be called in a place now: facts about persons that the core is given with a command (mechanics 5)."""

from __future__ import annotations

from datetime import datetime

from services.router.desk import Desk
from services.router.registration_documents import area_key
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import Member, best_of, member_of


async def members_of(desk: Desk, area: str, at: datetime, *, community: str | None = None) -> tuple[Member, ...]:
    """Persons whose enrolment counts there and then, each once, the longest enrolled first.

    `community` says whose area it is, where two packs have one of that name.
    """
    packs = [pack for pack in desk.packs.values() if area in pack.areas.areas and community in (None, pack.name)]
    return best_of([member for pack in packs for member in await _members(desk, area, at, pack)])


async def member_in(desk: Desk, person: str, area: str, at: datetime, *, community: str | None = None) -> Member | None:
    """One person's enrolment there and then; None where there is none in force."""
    found = await members_of(desk, area, at, community=community)
    return next((member for member in found if member.person == person), None)


async def _members(desk: Desk, area: str, at: datetime, pack: Pack) -> list[Member]:
    above = [area_key(pack.name, each) for each in pack.areas.path(area)]
    found = await desk.registrations.active_in(above, area_key(pack.name, area))
    members = (member_of(each.enrolment, area, at, pack) for each in found)
    return [member for member in members if member is not None]
