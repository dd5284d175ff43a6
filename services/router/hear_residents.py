"""Residents' requests about their cases: each is answered by exactly one event, accepted or refused (mechanics 3)."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from services.router.bury import READER
from services.router.change_case import Asked, NoSuchCase, change_case
from services.router.desk import Desk
from services.router.gather import LEADS_AT_MOST
from shaoyin.adapters.bus import Message
from shaoyin.adapters.dead_letters import dead_letter
from shaoyin.contracts.envelope import write_request
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.commands import ByReporter, Command
from shaoyin.domain.flow import REQUESTS
from shaoyin.domain.report import Request, case_id_of

_KINDS = {asked: kind for kind, asked in REQUESTS.items()}
GATHERED = frozenset({"hits"})
"""What no request says: it is found when the command is heard."""
_CALLED = {"reason": "text"}
"""What a command calls otherwise than the request: why somebody reopens or withdraws is what he wrote."""


async def hear(desk: Desk, request: Request) -> Message | None:
    """None when it was heard; a dead letter when there is no case to ask. Raises Crowded: the batch is read again."""
    case_id = await leading(desk, case_id_of(request.report_id))
    try:
        await change_case(desk, Asked(case_id, command_of(request, desk.clock.now())))
    except NoSuchCase:
        return dead_letter(write_request(request), REPORTS, READER, "no_case")
    return None


async def leading(desk: Desk, case_id: str) -> str:
    """A merged case's reporter speaks to its lead, whose reporter he has become (decisions 1.11, 1.34)."""
    for _ in range(LEADS_AT_MOST):
        stored = (await desk.store.load([case_id])).get(case_id)
        if stored is None or stored.case.merged_into is None:
            break
        case_id = stored.case.merged_into
    return case_id


def command_of(request: Request, at: datetime) -> Command:
    """The command that a request becomes; its own fields only."""
    kind = _KINDS[request.asked]
    own = {each.name for each in fields(kind)} - {each.name for each in fields(ByReporter)} - GATHERED
    said = {name: getattr(request, _CALLED.get(name, name)) for name in own}
    texts = {name: said[name] or "" for name in said if name in ("text", "reason")}
    command: Command = kind(
        at=at, reporter_ref=request.reporter_ref, request_id=request.request_id, requested_at=request.requested_at,
        **{**said, **texts},
    )  # type: ignore[assignment,call-arg]  # fmt: skip
    return command
