"""What happens by itself: the clock that ran out first, and the system's next command behind an event (mechanics 6)."""

from __future__ import annotations

from datetime import datetime

from shaoyin.domain import assignment, triage, whistle
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.call import Whistle
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import Running
from shaoyin.domain.commands import Command
from shaoyin.domain.events import Event
from shaoyin.domain.pack import Pack

ENDS_WHISTLES = (
    ev.EmergencyDiverted, ev.CaseMerged, ev.CaseNotAccepted, ev.CaseWithdrawn, ev.CaseTransferredOut, ev.AreaChanged,
)  # fmt: skip
"""An end of the case that is no result cancels what was still called for it (decisions 2.19)."""


def first_due(case: Case, at: datetime) -> cmd.TimePassed | None:
    """The first clock that somebody must look at now: the case's, a co-handler's, a whistle's, a responder's."""
    for clock in case.clocks.values():
        if _is_due(clock, at):
            return cmd.TimePassed(at=at, clock=clock.deadline.clock)
    for name, clock in case.parts.items():
        if _is_due(clock, at):
            return cmd.TimePassed(at=at, clock="part", responder=name)
    for called in case.whistles.values():
        for clock in called.clocks.values():
            if _is_due(clock, at):
                return cmd.TimePassed(at=at, clock=clock.deadline.clock, whistle_id=called.whistle_id)
        for name, responder in called.responders.items():
            for clock in responder.clocks.values():
                if _is_due(clock, at):
                    due = clock.deadline.clock
                    return cmd.TimePassed(at=at, clock=due, whistle_id=called.whistle_id, responder=name)
    return None


def _is_due(clock: Running, at: datetime) -> bool:
    """At the due instant itself an act is in time (decisions 1.39)."""
    return clock.watch_at is not None and clock.watch_at < at


def after_opening(case: Case, opened: cmd.OpenCase, pack: Pack) -> list[Command]:
    """A danger that was answered diverts; what was told twice is merged; what nobody must look at is accepted."""
    if diverted := triage.divert_of(case, opened, pack):
        return [diverted]
    if merged := triage.merge_of(case, opened):
        return [merged]
    return [] if case.triage_because else [triage.accept_of(case, opened)]


def after(before: Case, case: Case, event: Event, command: Command, pack: Pack) -> list[Command]:
    """`before` is the case as the command met it, `case` as the event left it."""
    match event:
        case ev.CaseAccepted() if command.by_system:
            return [] if event.mode == "O" else [cmd.Dispatch(at=command.at)]
        case ev.CaseDispatched() if event.whistles:
            return list(assignment.whistles_of(case, event.whistles, command.at, pack))
        case ev.UrgencyChanged() if event.urgency == "critical" and case.state == "suspended":
            return [cmd.TimePassed(at=command.at, clock="review")]
        case ev.CaseClosed() if event.outcome in ("already_fixed", "solved_on_spot"):
            return _cancelled(case, command)
        case _ if isinstance(event, ENDS_WHISTLES):
            return _cancelled(case, command)
        case ev.WhistleRequested() | ev.WhistleUpgraded():
            return whistle.follow_on(case, event, command, pack)
        case _:
            return []


def _cancelled(case: Case, command: Command) -> list[Command]:
    """Whoever is on site stays: a whistle that holds nothing, such as a Friday duty, outlives its case (2.8, 2.19)."""
    return [
        cmd.CancelWhistle(at=command.at, whistle_id=each.whistle_id, reason="case_ended")
        for each in case.whistles.values()
        if each.state in ("requested", "blown", "working", "result_in") and not _somebody_there(each)
    ]


def _somebody_there(called: Whistle) -> bool:
    return any(each.state in ("on_site", "working") for each in called.responders.values())
