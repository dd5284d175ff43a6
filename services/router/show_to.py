"""The same case as each reader may see it: whole for staff, an order or a call for a member (mechanics 26)."""

from __future__ import annotations

from services.router.desk import Desk
from services.router.documents import Stored
from services.router.open_to_members import enrolment_for, open_call, order_view
from services.router.views import View, case_view, member_view
from services.router.visible import reads_whole


async def shown_to(desk: Desk, found: Stored, person: str, language: str) -> View:
    await desk.versions_for([found.case])
    case, pack = found.case, desk.pack_for(found.case)
    asked = case.order is not None or open_call(case)
    mine = await enrolment_for(desk, case, person) if asked else None
    if reads_whole(case, person, pack):
        return case_view(found, person, pack, language, mine)
    view = member_view(found, person, pack, language, mine)
    return view if case.order is None else {**view, "order": order_view(found, person, pack, mine)}
