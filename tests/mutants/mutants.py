"""Hand-made mutants of the core: a guard dropped, a clock not stopped, an owner lost, a reply forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CORE = "shaoyin/domain"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one place; `name` says what would be wrong."""

    name: str
    file: str
    old: str
    new: str

    def apply_to(self, root: Path) -> None:
        """Raises ValueError where the place is not there exactly once any more."""
        path = root / self.file
        source = path.read_text("utf-8")
        if source.count(self.old) != 1:
            raise ValueError(f"{self.name}: the place is not there exactly once")
        path.write_text(source.replace(self.old, self.new), "utf-8")


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "an act at the due instant is late",
        f"{CORE}/follow_on.py",
        "clock.watch_at < at",
        "clock.watch_at <= at",
    ),
    Mutant(
        "a blocking whistle holds nobody",
        f"{CORE}/handling.py",
        "    return bool(case.holding_whistles)",
        "    return False",
    ),
    Mutant(
        "the third rework is no hard case",
        f"{CORE}/closing.py",
        "HARD_AT = 3",
        "HARD_AT = 4",
    ),
    Mutant(
        "a rework gets the whole time",
        f"{CORE}/closing.py",
        "due = pack.calendar.half(at, first.from_at, first.due_at, within.unit)",
        "due = pack.due(at, within)",
    ),
    Mutant(
        "the last answer need not be the last",
        f"{CORE}/closing.py",
        "    return any(each.answer is None for each in case.reporters if each.ref != ref)",
        "    return False",
    ),
    Mutant(
        "two tries are enough",
        f"{CORE}/closing.py",
        "TRIES = 3",
        "TRIES = 2",
    ),
    Mutant(
        "reopening keeps the reworks",
        f"{CORE}/evolve.py",
        "returns=0, returned_by=(), reworks=0,",
        "returns=0, returned_by=(), reworks=case.reworks,",
    ),
    Mutant(
        "signing meets no clock",
        f"{CORE}/evolve.py",
        'clocks = met(case.clocks, at, "sign")\n',
        "clocks = case.clocks\n",
    ),
    Mutant(
        "acceptance forgets that the reporter was told",
        f"{CORE}/evolve.py",
        '"reply" if event.replies else ""',
        '""',
    ),
    Mutant(
        "a suspension does not stop the result",
        f"{CORE}/evolve.py",
        'clocks = started(paused(case.clocks, at, "result"), event.deadlines)',
        "clocks = started(case.clocks, event.deadlines)",
    ),
    Mutant(
        "the owner stays the old one after a dispatch",
        f"{CORE}/evolve.py",
        'case, state="dispatched", owner=event.main, main=event.main, co=event.co, informed=event.informed,',
        'case, state="dispatched", main=event.main, co=event.co, informed=event.informed,',
    ),
    Mutant(
        "the second return goes to triage again",
        f"{CORE}/returning.py",
        "second = number >= RETURNS and adjudicator is not None",
        "second = number > RETURNS and adjudicator is not None",
    ),
    Mutant(
        "what was adjudicated may be returned",
        f"{CORE}/returning.py",
        "def locked(case: Case, _asked: Given, _pack: Pack) -> bool:\n    return case.adjudicated",
        "def locked(case: Case, _asked: Given, _pack: Pack) -> bool:\n    return False",
    ),
    Mutant(
        "an extension has no limit",
        f"{CORE}/pausing.py",
        'return {"limit": str(limit)} if not clock.deadline.due_at < until_at <= latest else False',
        "return False",
    ),
    Mutant(
        "a hazard may rest",
        f"{CORE}/pausing.py",
        "    return case.hazard and (clock is None or clock.met_at is None)",
        "    return False",
    ),
    Mutant(
        "the minutes left are not given back",
        f"{CORE}/clocks.py",
        "due = pack.calendar.resume(before.due_at, clock.paused_at, at, unit)",
        "due = pack.calendar.resume(before.due_at, at, at, unit)",
    ),
    Mutant(
        "another urgency may be born overdue",
        f"{CORE}/terms.py",
        "yield anew if anew.due_at > now else _term(case, clock.deadline.clock, now, urgency, pack, category)",
        "yield anew",
    ),
    Mutant(
        "a hop skips a body",
        f"{CORE}/escalation.py",
        "    number = clock.announced + 1\n    if case.claimed:",
        "    number = clock.announced + 2\n    if case.claimed:",
    ),
    Mutant(
        "after an outage the top is flooded",
        f"{CORE}/escalation.py",
        "start = at if at - due > NOTICED_LATE else due",
        "start = due",
    ),
    Mutant(
        "a late claimed order climbs over the volunteer",
        f"{CORE}/escalation.py",
        "    if case.claimed:\n        return [_order_late",
        "    if case.claimed and number > 99:\n        return [_order_late",
    ),
    Mutant(
        "supervision may fall",
        f"{CORE}/escalation.py",
        "if case.supervision is None or GRADES.index(case.supervision) < GRADES.index(grade):",
        "if True:",
    ),
    Mutant(
        "one may urge all day",
        f"{CORE}/urging.py",
        "return any(each.who == who and pack.calendar.local_day(each.at) == day for each in case.urges)",
        "return False",
    ),
    Mutant(
        "one urge gives a card",
        f"{CORE}/urging.py",
        "URGES_FOR_A_CARD = 2",
        "URGES_FOR_A_CARD = 1",
    ),
    Mutant(
        "an end leaves a whistle open",
        f"{CORE}/follow_on.py",
        'if each.state in ("requested", "blown", "working", "result_in")',
        'if each.state in ("requested",)',
    ),
    Mutant(
        "secrecy may fall",
        f"{CORE}/ending.py",
        "SECRECY.index(asked.secrecy) <= SECRECY.index(reporter.secrecy)",
        "False",
    ),
    Mutant(
        "a dispute counts for ever",
        f"{CORE}/ending.py",
        'return asked.asked_at > pack.due(case.ended_at, pack.limit("dispute", case.urgency)).due_at',
        "return False",
    ),
    Mutant(
        "the same request is heard twice",
        f"{CORE}/flow.py",
        "    if command.request_id in case.requests:\n        return Decision((), case)\n",
        "",
    ),
    Mutant(
        "a claim after the window is taken",
        f"{CORE}/orders.py",
        "return case.order is None or asked.at > case.order.window_until",
        "return case.order is None",
    ),
    Mutant(
        "own household may claim",
        f"{CORE}/orders.py",
        "    return household is not None and member.household == household",
        "    return False",
    ),
    Mutant(
        "one checks his own work",
        f"{CORE}/who.py",
        "    if command.person in case.workers:\n        return True\n    post",
        "    post",
    ),
    Mutant(
        "merged without a word",
        f"{CORE}/merging.py",
        '            replies=case.told("reply.merged", asked.found.number),\n',
        "",
    ),
    Mutant(
        "without a reporter the reply clock runs",
        f"{CORE}/triage.py",
        '"dispatch" if report.reporter_ref is None else "reply"',
        '"reply"',
    ),
    Mutant(
        "a masked category hides nobody",
        f"{CORE}/looking.py",
        'return "confidential" if masks and chosen == "open" else chosen',
        "return chosen",
    ),
)
