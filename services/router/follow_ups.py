"""What one case's event opens: the ordinary matter behind an emergency, the second matter of a report (mechanics 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.router.bury import bury
from services.router.desk import Desk, FollowUp
from services.router.documents import Stored
from services.router.opening import New, open_reports, store_and_publish
from shaoyin.domain import events as ev


def follow_ups_of(stored: Stored, since: int = 1) -> Iterator[FollowUp]:
    """Of the events from a number on; their report ids are made from the event's, so a repeat opens nothing twice."""
    for event in stored.history[since - 1 :]:
        match event:
            case ev.EmergencyDiverted() if event.follow_up is not None:
                yield FollowUp(event.follow_up, accepted=True)
            case ev.CaseSplitOff() if event.follow_up is not None:
                yield FollowUp(event.follow_up, event.accepted, event.new_number)
            case _:
                continue


async def work_off(desk: Desk, follow_ups: Sequence[FollowUp]) -> None:
    wanted = {each.report.report_id: each for each in follow_ups}
    new, dead = await open_reports(desk, [each.report for each in wanted.values()], wanted=wanted)
    await open_and_follow(desk, new)
    await bury(desk, dead)


async def open_and_follow(desk: Desk, new: New) -> Mapping[str, Stored]:
    """The cases, and those that follow from their opening; the caller commits only afterwards. Returns the repeats."""
    again = await store_and_publish(desk, new)
    behind = [each for stored, _ in new for each in follow_ups_of(stored)]
    if behind:
        await work_off(desk, behind)
    return again
