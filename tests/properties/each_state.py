"""What must hold after every decision: an owner, a clock, a first reply in time, places, counted turns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shaoyin.domain.call import Whistle
from shaoyin.domain.calling import PLACED
from shaoyin.domain.case import Case
from shaoyin.domain.events import Party
from shaoyin.domain.pack import Pack
from tests.properties.tally import Tally

TRIAGE = frozenset({"community_duty", "street_centre", "triage_lead"})
SUPERIORS = frozenset({"street_deputy", "street_head"})
BY_TRIAGE = frozenset({"reported", "needs_info", "verifying", "accepted", "open_for_claim", "returned"})
RUNNING: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "reported": (("reply", "dispatch"),),
    "needs_info": (("info",),),
    "verifying": (("verify",), ("reply", "dispatch")),
    "accepted": (("dispatch", "assign"),),
    "open_for_claim": (("claim",),),
    "dispatched": (("sign",), ("result",)),
    "returned": (("reassign", "adjudicate"), ("result",)),
    "signed": (("result",),),
    "in_progress": (("result",),),
    "suspended": (("review",),),
    "result_submitted": (("check",),),
    "calling_back": (("call_back",),),
}
"""Decisions, "Owner and deadline by state": of each group one clock runs, overdue or not."""


def check_state(case: Case, tally: Tally, pack: Pack, asked_at: datetime | None = None) -> None:
    if case.open:
        _check_owner(case, pack)
        _check_clocks(case)
    _check_first_reply(case, asked_at)
    _check_counts(case, tally)
    _check_whistles(case, tally)
    for reporter in case.reporters:
        assert reporter.replies == tally.told[reporter.ref], f"words to {reporter.ref} were not counted (I1)"


def _check_owner(case: Case, pack: Pack) -> None:
    """Exactly one, and the one whom the table names (I3)."""
    assert (case.owner.post is None) != (case.owner.person is None), f"{case.owner} is not one owner"
    if case.state not in BY_TRIAGE:
        assert case.owner == case.main, f"{case.state} belongs to {case.main}, not to {case.owner}"
        return
    kind = _kind(case.owner, pack)
    if case.state == "returned" and case.returns >= 2:
        assert kind == "street_adjudicator", "the second return goes to the adjudicator (I7)"
    elif case.disputed:
        assert kind in SUPERIORS | TRIAGE, "a disputed refusal is looked at by triage's superior (1.30)"
    else:
        assert kind in TRIAGE, f"{case.state} belongs to triage, not to {case.owner}"


def _kind(owner: Party, pack: Pack) -> str | None:
    post = pack.directory.posts.get(owner.post or "")
    return None if post is None else post.kind


def _check_clocks(case: Case) -> None:
    """At least one runs, and it is the one that moves the case on (I4)."""
    for group in RUNNING[case.state]:
        running = [name for name in group if name in case.clocks and case.clocks[name].runs]
        assert running, f"{case.state}: none of {group} runs, but {sorted(case.clocks)}"
    if case.state == "suspended":
        assert case.clocks["result"].paused_at is not None, "a suspension stops T3"
    if case.next_due_at is None:
        silent = [name for name, each in case.clocks.items() if each.runs and not each.announced]
        assert not silent, f"nobody will look at {silent} of a case that is {case.state}"


def _check_first_reply(case: Case, asked_at: datetime | None) -> None:
    """The first reply came in time, or somebody was told that it did not (I2).

    What a reporter asked for in time is not late because it is heard late (mechanics 3): `asked_at` counts then.
    """
    reply = case.clocks.get("reply")
    if reply is None:
        return
    until = min(each for each in (case.last_at, asked_at, reply.paused_at) if each is not None)
    if reply.met_at == case.last_at or reply.runs:
        assert until <= reply.deadline.due_at or reply.announced, "the first reply is late and nobody was told"
    if reply.stopped_at is not None:
        own = [each.ref for each in case.reporters if each.from_case is None]
        assert case.state == "withdrawn" or not own, f"{own} wait for a reply and no clock runs"


def _check_counts(case: Case, tally: Tally) -> None:
    """The case's own counters are those of the paper."""
    cycle = tally.cycle
    counted = (case.returns, case.reworks, case.suspensions, case.extensions)
    assert counted == (cycle["returned"], cycle["reworked"], cycle["suspended"], cycle["extended"])
    assert case.returns <= 2, "two returns at most (I7)"
    assert case.suspensions <= 1, "one suspension a cycle (1.29)"
    assert case.extensions <= 2, "two extensions at most (1.8)"
    if case.reworks >= 3:
        assert case.hard, "the third rework makes a hard case (1.1)"
        assert case.supervision == "red_card", "the third rework gives a red card (1.1)"


def _check_whistles(case: Case, tally: Tally) -> None:
    for whistle in case.whistles.values():
        answers = (each for each in whistle.responders.values() if each.is_person and not each.objected)
        placed = sum(each.state in PLACED for each in answers)
        assert whistle.places is None or placed <= whistle.places, f"{placed} came to {whistle.places} places (2.16)"
        wanted = {"requested": "approval", "result_in": "rating", "rated": "closing"}.get(whistle.state)
        assert wanted is None or whistle.clocks[wanted].runs, f"a whistle is {whistle.state} and {wanted} does not run"
        for each in whistle.responders.values():
            assert each.mark is None or not each.is_person, "no person carries a mark (I11)"
            assert whistle.ended or each.state != "objected" or each.clocks["objection"].runs, "nobody decides"
            if whistle.ended:
                assert not any(clock.runs for clock in each.clocks.values()), "an ended whistle still runs"
    if not case.open:
        held = [name for name in case.holding_whistles if not _came_late(case.whistles[name], tally)]
        assert not held, "a case ended over a whistle that holds it (2.8)"


def _came_late(whistle: Whistle, tally: Tally) -> bool:
    """Judged already, or asked for when the result was handed in: nothing in the flow waits for it then."""
    late = tally.result_at is not None and whistle.requested_at >= tally.result_at
    return whistle.state == "rated" or late
