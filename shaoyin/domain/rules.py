"""A rule as a street writes it: a numbered row of a group, what it asks, what then, and on what ground."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import Literal, get_args

from shaoyin.domain.conditions import Condition, Fact
from shaoyin.domain.frozen import dataclass

Group = Literal["mask", "emergency", "scope", "identity", "grid", "whose", "category", "load", "fallback"]
GROUPS: tuple[Group, ...] = get_args(Group)
Effect = Literal["adds", "stops", "decides", "schedules"]
Mode = Literal[
    "D", "O", "WM", "WD", "C", "X",
    "not_accepted", "merge", "transfer", "held", "campaign", "on_spot", "reply", "decline",
]  # fmt: skip
MetBy = Literal["measure", "plan", "reply"]

LAID_ASIDE: frozenset[Mode] = frozenset({"not_accepted", "merge", "transfer", "held", "decline"})
"""Modes in which nobody is to handle the matter; once a person has accepted it all the same, such a row is out."""
OR = "|"
"""What stands between a handler and the one that takes its place where nobody fills the first."""
FIRM = "property"
BY_PLACE = "by_place"
"""The handler that the place's own row names, in a row that has none of its own (row 99)."""
ONE_STEP_UP = "one_step_up"
"""What a row may say instead of an urgency: the next above the one there is (a past injury, domain 4.4)."""


@dataclass(frozen=True, slots=True)
class WhistleAsked:
    """A whistle that a row requests with the dispatch; people approve it (decisions 2.9).

    It calls a partner unit (`org_kind`, `resource`), the post of a `role` where the pack has it, or else members.
    """

    type: str
    tier: Literal["member", "department"]
    task: str
    org_kind: str | None = None
    resource: str | None = None
    places: int | None = None
    dangerous: bool = False
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Then:
    """What follows. `desk` looks first; `claim` is how long an order hangs out; `schedules` what is proposed beside."""

    main: str | None = None
    co: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    mode: Mode = "D"
    late: str | None = None
    result_within: str | None = None
    first_step: str | None = None
    first_step_met_by: MetBy = "measure"
    claim: str | None = None
    urgency: str | None = None
    whistles: tuple[WhistleAsked, ...] = ()
    desk: str | None = None
    schedules: str | None = None
    yields_to: tuple[str, ...] = ()

    @property
    def handlers(self) -> tuple[str, ...]:
        """The main handler and those who take its place, in order."""
        return tuple(self.main.split(OR)) if self.main else ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A row of the table, or one line of it: `part` tells apart the lines of a row that holds in several cases.

    `before` names later rows, or the whole group, that the row crosses and is meant to come before: it changes nothing
    in the asking, and says that the order was thought of. `said_by` is the pack on whose page the row stands.
    """

    row: int
    group: Group
    effect: Effect
    when: tuple[Condition, ...]
    then: Then
    basis: str
    part: str = ""
    before: tuple[str, ...] = ()
    said_by: str = field(default="", compare=False)

    @property
    def line(self) -> str:
        return f"{self.row}{self.part}"


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What happened when a row was asked; `lacking` names the first condition that failed, `seen` the value it met.

    Of a row with several lines it is the line that came furthest. Of a text it says only that nothing of the kind was
    found: the text itself stands in the case.
    """

    row: int
    lacking: str | None = None
    seen: str | int | bool | None = None

    @property
    def matched(self) -> bool:
        return self.lacking is None


@dataclass(frozen=True)
class Walk:
    """The way through the table: the row that named the handler, what others added, and every row that was asked.

    `added` are rows that add or schedule, and the category row in whose place the place's own row stands.
    """

    decided: RuleRow
    added: tuple[RuleRow, ...]
    asked: tuple[RowSeen, ...]

    @cached_property
    def rows(self) -> tuple[RuleRow, ...]:
        """Those that say how the matter itself is handled: not what is only scheduled beside it."""
        return (self.decided, *(each for each in self.added if each.effect != "schedules"))

    @cached_property
    def urgencies(self) -> frozenset[str]:
        return frozenset(row.then.urgency for row in self.rows if row.then.urgency is not None)

    @cached_property
    def co(self) -> tuple[str, ...]:
        return tuple(role for row in self.rows for role in row.then.co)

    @cached_property
    def informed(self) -> tuple[str, ...]:
        return tuple(role for row in self.rows for role in row.then.informed)


def seen_as(fact: Fact) -> str | int | bool | None:
    """A value as the explanation shows it."""
    return ",".join(fact) if isinstance(fact, tuple) else fact
