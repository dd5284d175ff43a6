"""What follows an ended enrolment (row a39): each place held in a whistle is freed, each claim given back.

The commands are the system's, in the person's name; the case promotes the first in line, opens the window again, and
tells those concerned. Giving them twice does no harm: what is freed already is not found again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from services.router.cases import Wanted
from services.router.change_case import Asked, NoSuchCase, change_case
from services.router.desk import Desk
from services.router.documents import Stored
from services.router.members import member_in
from services.router.registration_documents import StoredEnrolment
from services.router.show_cases import listed_at
from shaoyin.adapters.jobs import resting
from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command

MOST = 200
LOOK_EVERY = timedelta(seconds=1)
AGAIN_AFTER = timedelta(seconds=30)
PROMISED = frozenset({"acknowledged", "wait_listed"})
"""Before arrival (row a29); who is on site stays there, and his service is recorded."""
ANSWERED = frozenset({"blown", "working"})
BEFORE_RESULT = frozenset({"open_for_claim", "signed", "in_progress", "suspended"})
"""A claim is given back before its result (row a3), from a suspended case once it goes on."""
log = logging.getLogger(__name__)


async def free_after_ends(desk: Desk) -> None:
    """Until cancelled: every end whose follow-up is left, also those of a router that died over it."""
    while True:
        left = await free_what_ended(desk)
        resting()
        await asyncio.sleep((AGAIN_AFTER if left else LOOK_EVERY).total_seconds())


async def free_what_ended(desk: Desk) -> int:
    """Returns how many ends are left, because a case did not let go; they are tried again."""
    ended = await desk.registrations.to_free(MOST)
    return len(ended) - sum([await _free(desk, each) for each in ended])


async def _free(desk: Desk, ended: StoredEnrolment) -> bool:
    try:
        await free_places(desk, ended.enrolment.who)
    except Refused as refused:
        log.warning("places after %s are not freed: %s", ended.enrolment.registration_id, refused.code)
        desk.noticed("places_not_freed", 1)
        return False
    await desk.registrations.mark_freed(ended.enrolment.registration_id)
    return True


async def free_places(desk: Desk, person: str) -> int:
    """Every open case in which this person (of a unit: its duty post) holds a place or a claim.

    A case in whose area the same person is still enrolled is left alone. Returns how many commands were given.
    Raises Refused where a case does not let go, after all the others were freed.
    """
    given, why = 0, None
    async for stored in _open_cases_of(desk, person):
        if await _still_enrolled(desk, person, stored.case):
            continue
        for command in freeing(stored.case, person, desk.clock.now()):
            try:
                await change_case(desk, Asked(stored.case.case_id, command))
                given += 1
            except NoSuchCase:
                log.warning("the case %s went while its places were freed", stored.case.case_id)
            except Refused as refused:
                why = refused
    if why is not None:
        raise why
    return given


def freeing(case: Case, who: str, at: datetime) -> list[Command]:
    """The system's commands that take him out of a case. A unit keeps what it was called to by name."""
    places: list[Command] = [
        cmd.WithdrawResponse(at=at, whistle_id=whistle.whistle_id, responder=who)
        for whistle in case.whistles.values()
        if whistle.state in ANSWERED
        for responder in whistle.responders.values()
        if responder.responder == who and responder.is_person and responder.state in PROMISED
    ]
    claimed = case.order is not None and case.order.claimed_by(who) and case.state in BEFORE_RESULT
    return [*places, cmd.GiveBack(at=at, claimant=who)] if claimed else places


async def _open_cases_of(desk: Desk, who: str) -> AsyncIterator[Stored]:
    """Cases of which he is a responder or the claimant; a page at a time, soonest due first."""
    after = None
    while True:
        page = await desk.store.find(Wanted(holders=(who,), mine=True, most=MOST, after=after))
        for stored in page:
            yield stored
        if len(page) < MOST:
            return
        after = (listed_at(page[-1]), page[-1].case.case_id)


async def _still_enrolled(desk: Desk, person: str, case: Case) -> bool:
    area = case.area or desk.packs[case.pack].root
    return await member_in(desk, person, area, desk.clock.now(), community=case.pack) is not None
