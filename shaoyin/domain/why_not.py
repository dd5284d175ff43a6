"""Why a row of the table did not decide: each condition of each of its lines, and what came of a line that matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, get_args

from shaoyin.domain.choosing import asked_about
from shaoyin.domain.conditions import IN_TEXT, Condition, Facts, in_words, tested
from shaoyin.domain.facts import Matter, facts_about
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Pack
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import LAID_ASIDE, RuleRow, Walk, seen_as

State = Literal["met", "unmet", "not_known"]
Because = Literal["decided", "added", "unmet", "yields", "earlier", "more_exact", "accepted"]
REASONS: tuple[Because, ...] = get_args(Because)


@dataclass(frozen=True, slots=True)
class ConditionSeen:
    """`seen` is the value; of a text only whether one of the words was found."""

    condition: str
    state: State
    seen: str | int | bool | None


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One line of the row; `yields_to` is the line before which it stepped back."""

    line: str
    conditions: tuple[ConditionSeen, ...]
    yields_to: str | None

    @property
    def met(self) -> bool:
        return all(each.state == "met" for each in self.conditions)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`other` is the row, or the line, that came instead; None where no line of the row matched."""

    row: int
    lines: tuple[LineSeen, ...]
    because: Because
    other: str | None


def why_not(number: int, matter: Matter, at: datetime, pack: Pack) -> WhyNot | None:
    """Of a matter as the rules were asked about it. None where the pack has no such row."""
    if number not in pack.rules.by_number:
        return None
    facts, walk, table = _asked(matter, at, pack)
    rows = [row for row in pack.rules.rows if row.row == number]
    lines = tuple(_line(row, facts, table) for row in rows)
    because, other = _because(number, lines, walk, table)
    return WhyNot(number, lines, because, other)


def _asked(matter: Matter, at: datetime, pack: Pack) -> tuple[Facts, Walk, RuleTable]:
    """Without a place nobody is chosen yet: then the rows are asked as before a person looked. A category that the pack
    does not have is none (row 78).
    """
    table = pack.rules
    if matter.category not in pack.categories:
        matter = replace(matter, category=None)
    if matter.area is not None and matter.category is not None:
        facts, walk = asked_about(matter, at, pack)
        return facts, walk, table
    before = facts_about(matter, at, pack)
    return before, table.walk(before), table


def _line(row: RuleRow, facts: Facts, table: RuleTable) -> LineSeen:
    conditions = tuple(_condition(each, facts) for each in row.when)
    back = None
    if all(each.state == "met" for each in conditions):
        back = next((other.line for other in table.rows if _before(other, row) and _holds(other, facts)), None)
    return LineSeen(row.line, conditions, back)


def _before(other: RuleRow, row: RuleRow) -> bool:
    return other.effect == "decides" and bool({str(other.row), other.group} & set(row.then.yields_to))


def _holds(row: RuleRow, facts: Facts) -> bool:
    return all(tested(each)(facts.get(each.fact)) for each in row.when)


def _condition(each: Condition, facts: Facts) -> ConditionSeen:
    seen = facts.get(each.fact)
    holds = tested(each)(seen)
    if each.op == IN_TEXT:
        return ConditionSeen(in_words(each), "met" if holds else "unmet", holds)
    missing: State = "not_known" if seen is None else "unmet"
    return ConditionSeen(in_words(each), "met" if holds else missing, seen_as(seen))


def _because(number: int, lines: Sequence[LineSeen], walk: Walk, table: RuleTable) -> tuple[Because, str | None]:
    if walk.decided.row == number:
        return "decided", None
    if any(row.row == number for row in walk.added):
        return "added", None
    matched = [each for each in lines if each.met]
    if not matched:
        return "unmet", None
    if all(each.yields_to is not None for each in matched):
        return "yields", matched[0].yields_to
    if any(seen.row == number and seen.matched for seen in walk.asked):
        return "more_exact", str(walk.decided.row)
    if all(table.by_line[each.line].then.mode in LAID_ASIDE for each in matched):
        return "accepted", None
    return "earlier", str(_earlier(number, walk, table))


def _earlier(number: int, walk: Walk, table: RuleTable) -> int:
    """The row after which no other of the same group was asked; else the one that stopped the walk."""
    group = table.by_number[number].group
    matched = (table.by_number[seen.row] for seen in walk.asked if seen.matched)
    ending = (row for row in matched if row.effect == "stops" or (row.effect == "decides" and row.group == group))
    return next((row.row for row in ending), walk.decided.row)
