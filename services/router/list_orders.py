"""The claim pool as an enrolled member may see it."""

from __future__ import annotations

from services.router.cases import Wanted
from services.router.desk import Desk
from services.router.open_to_members import CLAIMABLE, enrolment_for, open_order, order_view, vetted
from services.router.views import View
from shaoyin.domain.case import Case
from shaoyin.domain.commands import Enrolled

MOST = 200


async def list_orders(desk: Desk, person: str) -> View:
    """Orders with places left where the person is enrolled and vetted, and those he claimed; soonest first."""
    paths = tuple(dict.fromkeys(area for pack in desk.packs.values() for area in (pack.root,)))
    found = await desk.store.find(Wanted(paths=paths, holders=(person,), states=CLAIMABLE, most=MOST, orders=True))
    items: list[View] = []
    for stored in found:
        mine = await enrolment_for(desk, stored.case, person)
        if _sees(stored.case, person, mine):
            await desk.versions_for([stored.case])
            items.append(order_view(stored, person, desk.pack_for(stored.case), mine))
    return {"items": items, "next": None}


def _sees(case: Case, person: str, mine: Enrolled | None) -> bool:
    if case.order is None:
        return False
    if case.order.claimed_by(person):
        return True
    return mine is not None and open_order(case) and vetted(mine, case.order)
