"""The terms of a case: which clock runs how long, by its urgency, its category and the row that named the handler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case
from shaoyin.domain.clocks import deadline, resumed
from shaoyin.domain.events import ClockName, Deadline, Party
from shaoyin.domain.org import Post
from shaoyin.domain.pack import URGENCIES, Category, Pack, Urgency
from shaoyin.domain.report import Answer, Secrecy
from shaoyin.domain.rules import MetBy, RuleRow

BY_URGENCY = frozenset(
    {"reply", "sign", "contact", "dispatch", "verify", "info", "reassign", "adjudicate", "assign", "check", "call_back"}
)
"""Clocks whose length hangs on the urgency, so that another urgency counts them anew (decisions 1.15)."""


def area_of(case: Case, pack: Pack) -> str:
    return case.area or pack.root


def category_of(case: Case, pack: Pack) -> Category | None:
    return pack.categories.get(case.category or "")


def rank(urgency: str) -> int:
    return URGENCIES.index(urgency)


def limited(pack: Pack, clock: ClockName, start: datetime, urgency: Urgency) -> Deadline:
    """A clock of the table of limits. T0 counts from the receipt, at any hour; others begin on duty (1.38)."""
    return deadline(pack, clock, start, pack.limit(clock, urgency), None if clock == "reply" else urgency)


def reply_again(case: Case, at: datetime, pack: Pack) -> tuple[Deadline, ...]:
    """T0 with what was left when the question was asked (decisions 1.9)."""
    reply = case.clocks.get("reply")
    if reply is None or not reply.open or reply.paused_at is None:
        return ()
    return (resumed(pack, reply, at),)


def handed_over(case: Case, at: datetime, urgency: Urgency, pack: Pack) -> Iterator[Deadline]:
    """T1 and T2 of a new handler; without a reporter there is nobody to contact (decisions 1.2)."""
    yield limited(pack, "sign", at, urgency)
    if case.reporters:
        yield limited(pack, "contact", at, urgency)


def result_term(
    case: Case,
    at: datetime,
    urgency: Urgency,
    pack: Pack,
    *,
    category: str | None = None,
    rows: tuple[RuleRow, ...] | None = None,
) -> Deadline:
    """T3 by category; an answer may shorten it, and so may a row's own figure where it is the same step (4.4).

    An urgency above the category's takes the shorter of the category's figure and the urgency's (decisions 1.15).
    """
    known = pack.categories[category or case.category or ""]
    limits = result_limits(known, case.answers, urgency, rows_of(case, pack) if rows is None else rows, pack)
    counted = [deadline(pack, "result", at, within, urgency) for within in limits]
    return min(counted, key=lambda each: each.due_at)


def result_limits(
    known: Category, answers: Mapping[str, Answer], urgency: Urgency, rows: tuple[RuleRow, ...], pack: Pack
) -> tuple[Within, ...]:
    """Every figure that may be T3; the one that ends first is."""
    limits = {known.result: None}
    limits |= {within: None for question, within in known.result_if if answers.get(question) is True}
    limits |= {within: None for question, within in known.result_if_not if answers.get(question) is False}
    limits |= {Within.parse(row.then.result_within): None for row in rows if row.then.result_within is not None}
    if rank(urgency) > rank(known.urgency):
        limits[pack.default_result[urgency]] = None
    return tuple(limits)


def recounted(
    case: Case, at: datetime, urgency: Urgency, pack: Pack, category: str | None = None
) -> tuple[Deadline, ...]:
    """The unmet clocks with the new figures, each from its own start; nobody is born overdue (decisions 1.15).

    One that would be past already gets the whole new length from now; one that has run out stays as late as it is.
    """
    return tuple(_counted_anew(case, at, urgency, pack, category))


def _counted_anew(case: Case, at: datetime, urgency: Urgency, pack: Pack, category: str | None) -> Iterator[Deadline]:
    for clock in case.clocks.values():
        now = clock.paused_at or at
        if clock.open and clock.deadline.due_at >= now and clock.deadline.clock in (*BY_URGENCY, "result"):
            anew = _term(case, clock.deadline.clock, clock.deadline.from_at, urgency, pack, category)
            yield anew if anew.due_at > now else _term(case, clock.deadline.clock, now, urgency, pack, category)


def _term(
    case: Case, clock: ClockName, start: datetime, urgency: Urgency, pack: Pack, category: str | None
) -> Deadline:
    if clock == "result":
        return result_term(case, start, urgency, pack, category=category)
    return limited(pack, clock, start, urgency)


def masks(category: Category | None) -> Secrecy | None:
    """Quarrels, conduct and clues are confidential unless the reporter chose more (row 17)."""
    return "confidential" if category is not None and category.masked else None


def hazard_clock(case: Case, category: Category | None, pack: Pack) -> Iterator[Deadline]:
    """Danger starts when it is known: 24 hours from the report, unless it ran already (decisions 1.21)."""
    if category is not None and category.hazard and "hazard" not in case.clocks:
        yield limited(pack, "hazard", case.received_at, case.urgency)


def first_step(
    category: str, at: datetime, urgency: Urgency, rows: tuple[RuleRow, ...], pack: Pack
) -> Iterator[Deadline]:
    """The step before the result, where a row or the category names one (mechanics 22); of two the one due first."""
    yield from tuple(first_steps(category, at, urgency, rows, pack).values())[:1]


def first_steps(
    category: str, at: datetime, urgency: Urgency, rows: tuple[RuleRow, ...], pack: Pack
) -> Mapping[MetBy, Deadline]:
    """By what meets them, in the order in which they are due; of two alike the shorter holds (domain 4.4)."""
    counted = [
        (each.met_by, deadline(pack, "first_step", at, each.within, urgency))
        for each in pack.first_steps(category, rows)
    ]
    steps: dict[MetBy, Deadline] = {}
    for met_by, due in sorted(counted, key=lambda each: each[1].due_at):
        steps.setdefault(met_by, due)
    return steps


def step_met_by(case: Case, pack: Pack) -> MetBy | None:
    """What meets the first step that runs: a measure, a plan or a reply."""
    return next(iter(_steps_left(case, pack)), None)


def after_step(case: Case, done: MetBy, at: datetime, pack: Pack) -> tuple[Deadline, ...]:
    """The step that comes after the one that is met: look at it, then agree a plan. Nobody is born overdue (1.15)."""
    left = list(_steps_left(case, pack).items())
    if len(left) < 2 or left[0][0] != done:
        return ()
    due = left[1][1]
    return (due if due.due_at > at else deadline(pack, "first_step", at, Within.parse(due.within), case.urgency),)


def _steps_left(case: Case, pack: Pack) -> Mapping[MetBy, Deadline]:
    clock = case.clocks.get("first_step")
    if clock is None or not clock.open or case.category is None:
        return {}
    steps = first_steps(case.category, clock.deadline.from_at, case.urgency, rows_of(case, pack), pack)
    return {met_by: due for met_by, due in steps.items() if met_by not in case.steps_met}


def rows_of(case: Case, pack: Pack) -> tuple[RuleRow, ...]:
    """The row that named the handler and those beside it; one that the pack no longer has says nothing."""
    known = pack.rules.by_line
    return tuple(known[line] for line in case.lines if line in known)


def joint_meeting(case: Case, pack: Pack) -> tuple[str, ...]:
    posts = (pack.post_for(kind, area_of(case, pack)) for kind in ("street_head", "street_centre"))
    return tuple(post.post_id for post in posts if post is not None)


def superior_of_triage(case: Case, pack: Pack) -> Post | None:
    area = area_of(case, pack)
    return pack.post_for("street_deputy", area) or pack.post_for("street_head", area)


def triage_party(case: Case, pack: Pack, area: str | None = None) -> Party:
    return Party.of(pack.triage_post(area or area_of(case, pack)))


def named(*posts: Post | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.post_id for post in posts if post is not None))


def with_answers(case: Case, answers: Mapping[str, Answer] | None) -> dict[str, Answer]:
    return {**case.answers, **(answers or {})}
