"""Every end is told to every reporter, in the same decision; and no whistle is left without its case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shaoyin.domain import events as ev
from shaoyin.domain.call import Whistle
from shaoyin.domain.case import Case
from shaoyin.domain.events import OPEN, Event
from shaoyin.domain.evolve import evolve

BY_RESULT = ("solved", "partly_solved", "unsolved_explained", "no_contact", "no_reporter")


def check_ends(opened: Case | None, events: Sequence[Event], case: Case) -> None:
    """`opened` is the case before the decision, `case` after it (I1, I5; "Reply due at each end")."""
    before = opened
    for event in events:
        there = () if before is None else before.reporters
        was_open = before is None or before.state in OPEN
        before = evolve(before, event)
        if isinstance(event, ev.ReporterDetached):
            assert _told([event.reporter_ref], event.replies), "he who left was told (row 39)"
        if was_open and before.state not in OPEN:
            assert _told([each.ref for each in there if before.reporter(each.ref)], _words(events)), (
                f"{event.type}: a reporter did not hear of the end"
            )
            _check_no_whistle_left(event, case)
    if case.state == "merged":
        assert case.merged_into, "a merged case names its lead (I9)"


def _words(events: Sequence[Event]) -> Iterable[ev.Reply]:
    return [reply for event in events for reply in event.replies if reply.key != "reply.request_accepted"]


def _told(refs: Sequence[str], replies: Iterable[ev.Reply]) -> bool:
    told = {reply.to for reply in replies}
    return None in told or set(refs) <= told


def _check_no_whistle_left(event: Event, case: Case) -> None:
    """A close by result leaves what does not hold the case; every other end leaves nothing that calls (2.19)."""
    if isinstance(event, ev.CaseClosed) and event.outcome in BY_RESULT:
        return
    left = [each.whistle_id for each in case.whistles.values() if not each.ended and not _may_stay(each)]
    assert not left, f"{event.type} left {left} open"


def _may_stay(whistle: Whistle) -> bool:
    """Judged already; or it holds nothing, and somebody is at work on site (decisions 2.8, 2.19)."""
    here = any(each.state in ("on_site", "working") for each in whistle.responders.values())
    return whistle.state == "rated" or (here and not whistle.blocking)
