"""What an enrolled member sees beyond his own: orders to claim and calls to members in his area (mechanics 26)."""

from __future__ import annotations

from services.router.desk import Desk
from services.router.documents import Stored
from services.router.members import member_in
from services.router.views import View
from services.router.visible import may_read
from shaoyin.domain.case import Case, Order
from shaoyin.domain.commands import Enrolled
from shaoyin.domain.flow import may
from shaoyin.domain.orders import VETTING
from shaoyin.domain.pack import Pack

CLAIMABLE = ("open_for_claim", "signed", "in_progress")


async def enrolment_for(desk: Desk, case: Case, person: str) -> Enrolled | None:
    area = case.area or desk.packs[case.pack].root
    found = await member_in(desk, person, area, desk.clock.now(), community=case.pack)
    return found.enrolled if found is not None else None


async def is_open_to(desk: Desk, case: Case, person: str, *, claiming: bool = False) -> bool:
    """To staff and those who take part; and to a member there: an order with places left, a call to members.

    Whoever claims an order that somebody else took an instant before is told so, not that there is none.
    """
    if may_read(case, person, desk.packs[case.pack]):
        return True
    to_claim = open_order(case) or (claiming and case.order is not None and case.open)
    if not (to_claim or open_call(case)):
        return False
    mine = await enrolment_for(desk, case, person)
    return mine is not None and (open_call(case) or (case.order is not None and vetted(mine, case.order)))


def open_order(case: Case) -> bool:
    return case.order is not None and case.state in CLAIMABLE and case.order.free > 0


def open_call(case: Case) -> bool:
    return any(
        whistle.state in ("blown", "working") and any(each.is_person for each in whistle.responders.values())
        for whistle in case.whistles.values()
    )


def vetted(member: Enrolled, order: Order) -> bool:
    return VETTING.index(member.vetting) >= VETTING.index(order.vetting)


def order_view(stored: Stored, person: str, pack: Pack, mine: Enrolled | None) -> View:
    """Before a claim as much as the orderer agreed to; the claimant sees address, time and task (decisions 2.34)."""
    case, order = stored.case, stored.case.order
    assert order is not None
    claimed = order.claimed_by(person)
    shown: View = {
        "case_id": case.case_id, "category": case.category, "state": case.state, "area": _coarse(case, order, pack),
        "agreed_at": order.agreed_at, "places_left": order.free, "until": order.agreed_at or order.window_until,
        "claimed": claimed, "may": [each for each in may(case, person, pack, mine) if each in ("claim", "give_back")],
    }  # fmt: skip
    if claimed or order.publication in ("short", "full"):
        shown["task"] = order.task
    if claimed:
        shown |= {"area": case.area, "place": case.place_text, "description": case.description}
    return shown


def _coarse(case: Case, order: Order, pack: Pack) -> str | None:
    """The building; for `category_only` no more than the compound around it."""
    if case.area is None or order.publication != "category_only":
        return case.area
    upward = list(pack.areas.upward(case.area))
    return upward[min(1, len(upward) - 1)].area_id
