"""Merging: the reporters go to the lead first, which may refuse because it ended; then the case is merged."""

from __future__ import annotations

from services.router.change_case import Asked, NoSuchCase, change_case
from services.router.desk import Desk
from services.router.documents import Stored
from services.router.gather import gathered
from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Refused
from shaoyin.domain.flow import decide


async def attach_to_lead(desk: Desk, stored: Stored, command: cmd.MergeInto) -> None:
    """Decides the merge without keeping it, so that nobody is attached by a command that is refused; then attaches.

    Cut in between, the reporters are with both cases and the merge can be given again (mechanics 4).
    Raises Refused as the merge itself would.
    """
    case = stored.case
    whole = await gathered(desk, command, case)
    assert isinstance(whole, cmd.MergeInto)
    await desk.versions_for([case])
    decide(case, whole, desk.pack_for(case))
    assert whole.found is not None
    for reporter in case.reporters:
        attach = cmd.AttachReporter(
            at=desk.clock.now(), reporter_ref=reporter.ref, from_case=case.case_id, secrecy=reporter.secrecy,
            urgency_of_newcomer=case.urgency,
        )  # fmt: skip
        try:
            await change_case(desk, Asked(whole.found.case_id, attach))
        except NoSuchCase as gone:
            raise Refused("lead_ended") from gone
        except Refused as refused:
            if refused.code == "not_now":
                raise Refused("lead_ended") from refused
            if refused.code != "already_attached":
                raise
