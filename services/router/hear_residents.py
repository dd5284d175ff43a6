"""Residents' requests about their cases: each is answered by exactly one event, accepted or refused (mechanics 3)."""

from __future__ import annotations

from services.router.change_case import Asked, NoSuchCase, change_case
from services.router.desk import Desk
from shaoyin.adapters.bus import Message
from shaoyin.contracts.envelope import write_request
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.commands import Rate
from shaoyin.domain.report import Request, case_id_of


async def hear(desk: Desk, request: Request) -> Message | None:
    """None when it was heard; a dead letter when there is no case to ask. Raises Crowded: the batch is read again."""
    try:
        await change_case(desk, Asked(case_id_of(request.report_id), Rate(at=desk.clock.now(), request=request)))
    except NoSuchCase:
        written = write_request(request)
        return Message(REPORTS.dead_letters, written.key, written.value, (*written.headers, ("reason", b"no_case")))
    return None
