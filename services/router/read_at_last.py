"""A report that could not be read, came back from the dead letters, and can be read now.

Its bare case is there under the report's id (row 78), and what a case was opened with is never rewritten. So the report
opens a case of its own beside the bare one, and the reporter is attached to it: from then on his page follows the case
in which something can be done. The bare one stays with triage, who can answer it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.router.bury import bury
from services.router.change_case import Asked, change_case
from services.router.desk import Desk
from services.router.documents import Stored
from services.router.follow_ups import open_and_follow
from services.router.opening import open_reports
from shaoyin.domain.case import Refused
from shaoyin.domain.commands import AttachReporter
from shaoyin.domain.report import Report, case_id_of

UNREADABLE = "unreadable"
"""The channel of a bare case."""


async def open_what_can_be_read(desk: Desk, reports: Iterable[Report], again: Mapping[str, Stored]) -> None:
    """`again` are the cases that were there already. Under ids made of the report's: a repeat opens nothing twice."""
    bare = {case_id for case_id, there in again.items() if there.case.channel == UNREADABLE}
    late = [each for each in reports if each.channel != UNREADABLE and case_id_of(each.report_id) in bare]
    if not late:
        return
    new, dead = await open_reports(desk, [replace(each, report_id=_beside(each), reporter_ref=None) for each in late])
    await open_and_follow(desk, new)
    await bury(desk, dead)
    opened = {stored.case.case_id for stored, _ in new}
    for report in late:
        if case_id_of(_beside(report)) in opened:
            await _attach(desk, report)


def _beside(report: Report) -> str:
    return f"{report.report_id}-read"


async def _attach(desk: Desk, report: Report) -> None:
    """A case that has ended meanwhile, or has him already, takes nobody: then there is nothing left to do."""
    if report.reporter_ref is None:
        return
    attach = AttachReporter(
        at=desk.clock.now(), reporter_ref=report.reporter_ref, from_case=case_id_of(report.report_id),
        secrecy=report.secrecy,
    )  # fmt: skip
    try:
        await change_case(desk, Asked(case_id_of(_beside(report)), attach))
    except Refused as refused:
        if refused.code not in ("already_attached", "not_now"):
            raise
