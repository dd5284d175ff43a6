"""The second officer puts a version in force: a new one, or, to go back, an earlier one anew."""

from __future__ import annotations

import asyncio
from datetime import date

from services.router.checked_pages import check_pages
from services.router.desk import Desk
from services.router.hand_in import in_force
from services.router.pack_versions import InForce, Officer, Version
from services.router.rules_officers import APPROVES, post_with
from services.router.show_packs import found
from services.router.versions import Versions
from shaoyin.adapters.pack_cells import unpacked_pages
from shaoyin.adapters.problem import Problem, not_now
from shaoyin.domain.pack import Pack

TRIES = 20


async def approve(desk: Desk, versions: Versions, person: str, name: str, number: int) -> InForce:
    """404 → 403 → 409 → 422 (mechanics 27). From the answer on the next case is decided by it, here; elsewhere within
    a second. Of two approvals at once the later one is in force. A repeat by the same person is answered alike.
    """
    await versions.look()
    pack, line = in_force(versions, name)
    officer = Officer(person, post_with(APPROVES, person, pack).post_id, desk.clock.now())
    version = await found(versions, name, number)
    if version.handed_in.person == person:
        raise Problem(403, "own_version", {"number": number})
    if line.number == number:
        return _again(line, person)
    await _check_on(pack.calendar.local_day(desk.clock.now()), version, pack, versions)
    for _ in range(TRIES):
        await versions.look()
        _, line = in_force(versions, name)
        if line.number == number:
            return _again(line, person)
        if await versions.store.put_in_force(version, officer, line.publication, None):
            await versions.look()
            desk.noticed("packs_approved", 1)
            return in_force(versions, name)[1]
    raise Problem(503, "engine_away", headers={"Retry-After": "1"})


async def _check_on(today: date, version: Version, pack: Pack, versions: Versions) -> None:
    """As when it was handed in, which need not be said twice a day: its calendar may have become too short since, and
    a folder's version was never checked for publication.
    """
    handed_in = version.handed_in
    if handed_in.person is not None and pack.calendar.local_day(handed_in.at) == today:
        return
    packed = await versions.store.pages(version.pack, version.number)
    assert packed is not None, "a version is stored with its pages"
    await check_pages(version.pack, await asyncio.to_thread(unpacked_pages, packed), today)


def _again(line: InForce, person: str) -> InForce:
    if line.approved.person != person:
        raise not_now("in_force_already", {"number": line.number}, ())
    return line
