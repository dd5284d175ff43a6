"""The lines of a table, compiled: what each asks of a matter, how far it comes, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from shaoyin.domain.conditions import CATEGORY, IN_TEXT, Condition, Fact, Facts, Test, in_words, tested
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.rules import RowSeen, RuleRow, seen_as


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A condition as it is asked, and its words for the explanation."""

    fact: str
    test: Test
    condition: Condition
    words: str
    in_text: bool


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """`yields_to`: the lines before which it steps back, each with what it asks."""

    row: RuleRow
    asks: tuple[Asked, ...]
    yields_to: tuple[tuple[str, tuple[Asked, ...]], ...] = ()

    def excludes(self, category: Fact) -> bool:
        """Whether it asks for another category before anything else."""
        return bool(self.asks) and self.asks[0].fact == CATEGORY and not self.asks[0].test(category)

    def tried(self, facts: Facts) -> tuple[int, RowSeen]:
        """How far it came, and what became of it."""
        get = facts.get
        for reached, each in enumerate(self.asks):
            seen = get(each.fact)
            if not each.test(seen):
                return reached, RowSeen(self.row.row, each.words, None if each.in_text else seen_as(seen))
        for line, asks in self.yields_to:
            if all(each.test(get(each.fact)) for each in asks):
                return len(self.asks), RowSeen(self.row.row, f"yields_to {line}", line)
        return len(self.asks) + 1, RowSeen(self.row.row)

    def asked_of(self, category: Fact) -> Iterator[Asked]:
        """What it asks of a matter of this category: up to the condition that the category does not meet."""
        yield from _until(category, self.asks)
        for _, asks in self.yields_to:
            yield from _until(category, asks)


def _until(category: Fact, asks: Sequence[Asked]) -> Iterator[Asked]:
    for each in asks:
        if each.fact == CATEGORY and not each.test(category):
            return
        yield each


def compiled(rows: Sequence[RuleRow]) -> tuple[Line, ...]:
    return tuple(Line(row, _asks(row), tuple(_before(row, rows))) for row in rows)


def _asks(row: RuleRow) -> tuple[Asked, ...]:
    return tuple(Asked(each.fact, tested(each), each, in_words(each), each.op == IN_TEXT) for each in row.when)


def _before(row: RuleRow, rows: Sequence[RuleRow]) -> Iterator[tuple[str, tuple[Asked, ...]]]:
    named = set(row.then.yields_to)
    for other in rows if named else ():
        if other.effect == "decides" and {str(other.row), other.group} & named:
            yield other.line, _asks(other)


Step = tuple[tuple[RowSeen, ...], tuple[Line, ...]]
"""Rows that the category alone excludes, and then the lines of one that must be asked."""


def steps_of(category: Fact, lines: Sequence[Line]) -> tuple[Step, ...]:
    """The way through some lines for one category; what it excludes is known before anything is asked."""
    steps: list[Step] = []
    excluded: list[RowSeen] = []
    for number, row in groupby(lines, key=lambda each: each.row.row):
        first, *others = row
        live = tuple(each for each in (first, *others) if not each.excludes(category))
        if live:
            steps.append((tuple(excluded), live))
            excluded = []
        else:
            excluded.append(RowSeen(number, first.asks[0].words, seen_as(category)))
    return (*steps, (tuple(excluded), ()))


def matching(steps: Sequence[Step], facts: Facts, asked: list[RowSeen]) -> Iterator[RuleRow]:
    """The rows that match, in order. Of a row with several lines one answer is kept: of the line that came furthest."""
    for excluded, lines in steps:
        asked.extend(excluded)
        furthest = -1
        for line in lines:
            reached, seen = line.tried(facts)
            if reached > furthest:
                if furthest >= 0:
                    asked.pop()
                asked.append(seen)
                furthest = reached
            if seen.lacking is None:
                yield line.row
