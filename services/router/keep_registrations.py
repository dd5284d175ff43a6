"""Enrolments from the start of the process on: the store, the first people of each pack, and start dates that come."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.router.change_registration import EnrolmentAsked, change_registration
from services.router.desk import Desk
from services.router.registration_documents import StoredEnrolment
from services.router.seed_registrations import seed_registrations
from shaoyin.adapters.jobs import turned
from shaoyin.domain.case import Refused
from shaoyin.domain.registration_commands import TimePassed

MOST = 500
LOOK_EVERY = timedelta(seconds=1)


async def keep_registrations(desk: Desk) -> None:
    """Until cancelled. Every router looks: dates are few, and compare-and-set lets one of them win."""
    await desk.registrations.prepare()
    await seed_registrations(desk)
    while True:
        await activate_due(desk)
        turned()
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def activate_due(desk: Desk) -> int:
    """Clock `activate` (row a35); returns how many came into force."""
    activated = 0
    while True:
        due = await desk.registrations.due(desk.clock.now(), MOST)
        here = [each for each in due if each.enrolment.community in desk.packs]
        changed = sum([await _activate(desk, each) for each in here])
        activated += changed
        if len(due) < MOST or not changed:
            desk.noticed("registrations_activated", activated)
            return activated


async def _activate(desk: Desk, stored: StoredEnrolment) -> bool:
    """False where somebody was quicker: another router, or an end."""
    asked = EnrolmentAsked(stored.enrolment.registration_id, TimePassed(at=desk.clock.now()))
    try:
        await change_registration(desk, asked)
    except Refused as refused:
        desk.noticed(f"activation_{refused.code}", 1)
        return False
    return True
