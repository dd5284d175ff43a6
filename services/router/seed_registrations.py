"""The first enrolments of a pack, read once: what is there by its id, even ended, is never touched again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from services.router.desk import Desk
from services.router.registration_documents import begun
from shaoyin.domain import registration_events as ev
from shaoyin.domain.org import Registration
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import start_of
from shaoyin.domain.registration_events import RegistrationEvent

log = logging.getLogger(__name__)


async def seed_registrations(desk: Desk) -> int:
    """Returns how many were new. One that contradicts what is stored is left out, and said."""
    new = 0
    for pack in desk.packs.values():
        rows = {row.registration_id: row for row in pack.directory.registrations}
        there = await desk.registrations.load(rows)
        for row in rows.values():
            if row.registration_id not in there:
                new += await _seed(desk, row, pack)
            elif there[row.registration_id].enrolment.community != pack.name:
                log.error("the id %s stands in the people of two packs; that of %s is left out", row, pack.name)
    desk.noticed("registrations_seeded", new)
    return new


async def _seed(desk: Desk, row: Registration, pack: Pack) -> bool:
    history = list(history_of(row, pack, desk.clock.now()))
    inserted = await desk.registrations.insert(begun(history), pack)
    if inserted == "open":
        log.warning("%s of %s is left out: enrolled there already", row.registration_id, pack.name)
    return inserted == "new"


def history_of(row: Registration, pack: Pack, at: datetime) -> Iterator[RegistrationEvent]:
    """What must have happened for the row to say what it says; all of it by the system, at one instant."""
    yield ev.RegistrationApplied(
        at=at, registration_id=row.registration_id, community=pack.name, kind=row.kind, who=row.person, area=row.area,
        start=row.start, on_behalf=True, skills=row.skills, free_times=row.free_times, area_limits=row.area_limits,
        at_home_only=row.at_home_only, household=row.household,
    )  # fmt: skip
    if row.state == "applied":
        return
    later = (at if row.start is None else start_of(row.start, pack)) if row.state == "confirmed" else None
    yield ev.RegistrationConfirmed(at=at, activates_at=later, vetting=row.vetting, vetted_until=row.vetted_until)
    if row.state != "confirmed":
        yield ev.RegistrationActivated(at=at)
    if row.state == "paused":
        yield ev.RegistrationPaused(at=at)
    if row.state == "ended":
        yield ev.RegistrationEnded(at=at)
