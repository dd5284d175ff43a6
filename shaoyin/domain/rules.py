"""The decision table: compiled once, matched in ordered groups, and able to say why each earlier row did not match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal, get_args

from shaoyin.domain.frozen import dataclass

Group = Literal["mask", "emergency", "scope", "identity", "grid", "whose", "category", "fallback"]
GROUPS: tuple[Group, ...] = get_args(Group)
Effect = Literal["adds", "stops", "decides", "schedules"]
Op = Literal["is", "one_of", "is_not", "at_least", "contains_any"]
Mode = Literal["D", "WM", "WD", "C", "O", "X"]
MetBy = Literal["measure", "plan", "reply"]
Fact = str | int | bool | None
Wanted = str | int | bool | tuple[str, ...]
Facts = Mapping[str, Fact]

CATEGORY = "category"
IN_TEXT: Op = "contains_any"
DECIDING: tuple[Group, ...] = ("category", "whose", "fallback")
"""The more exact row decides (domain 4.4): a category row, else the place row, else row 78."""
_SUMMED: frozenset[Group] = frozenset({"mask", "emergency"})
"""In these groups all rows that match add up; in every other the first one wins."""


@dataclass(frozen=True, slots=True)
class Condition:
    fact: str
    op: Op
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class WhistleAsked:
    """A whistle that a row requests with the dispatch; people approve it (decisions 2.9)."""

    type: str
    tier: Literal["member", "department"]
    task: str
    org_kind: str | None = None
    resource: str | None = None
    places: int | None = None
    dangerous: bool = False


ONE_STEP_UP = "one_step_up"
"""What a row may say instead of an urgency: the next above the one there is (a past injury, domain 4.4)."""


@dataclass(frozen=True, slots=True)
class Then:
    main: str | None = None
    co: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    mode: Mode = "D"
    late: str | None = None
    result_within: str | None = None
    first_step: str | None = None
    first_step_met_by: MetBy = "measure"
    urgency: str | None = None
    whistles: tuple[WhistleAsked, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    row: int
    group: Group
    effect: Effect
    when: tuple[Condition, ...]
    then: Then
    basis: str


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What happened when a row was asked; `lacking` names the first condition that failed, `seen` the value it met.

    Of a text it says only that nothing of the kind was found: the text itself stands in the case.
    """

    row: int
    lacking: str | None = None
    seen: Fact = None

    @property
    def matched(self) -> bool:
        return self.lacking is None


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through the table: the row that named the handler, what others added, and every row that was asked."""

    decided: RuleRow
    added: tuple[RuleRow, ...]
    asked: tuple[RowSeen, ...]


def _is(wanted: Wanted) -> Callable[[Fact], bool]:
    return lambda seen: seen == wanted


def _one_of(wanted: Wanted) -> Callable[[Fact], bool]:
    assert isinstance(wanted, tuple)
    among = frozenset(wanted)
    return lambda seen: seen in among


def _is_not(wanted: Wanted) -> Callable[[Fact], bool]:
    """Unknown is not false, and it is not the value either: an unanswered question never excludes a row."""
    return lambda seen: seen != wanted


def _at_least(wanted: Wanted) -> Callable[[Fact], bool]:
    assert isinstance(wanted, int)
    return lambda seen: isinstance(seen, int) and seen >= wanted


def _contains_any(wanted: Wanted) -> Callable[[Fact], bool]:
    assert isinstance(wanted, tuple)
    found = re.compile("|".join(map(re.escape, wanted))).search
    return lambda seen: isinstance(seen, str) and found(seen) is not None


_TESTS: Mapping[Op, Callable[[Wanted], Callable[[Fact], bool]]] = {
    "is": _is,
    "one_of": _one_of,
    "is_not": _is_not,
    "at_least": _at_least,
    "contains_any": _contains_any,
}
_Test = tuple[str, Callable[[Fact], bool], Condition]
_Tests = tuple[_Test, ...]
_Compiled = tuple[RuleRow, _Tests]


@dataclass(slots=True, eq=False)
class _Stage:
    """Groups that follow one another: whatever of them was asked, added and decided."""

    asked: list[RowSeen] = field(default_factory=list)
    added: list[RuleRow] = field(default_factory=list)
    found: dict[Group, RuleRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Way:
    """What some groups ask of a matter of one category: the facts by value, the texts by what was found in them.

    Matters with the same answers to these go the same way through these groups, so the way is remembered. An answer is
    of its question's kind, so that no number is ever taken for a yes.
    """

    groups: tuple[Group, ...]
    facts: tuple[str, ...]
    texts: tuple[tuple[str, Callable[[Fact], bool]], ...]
    any_text: tuple[tuple[str, Callable[[Fact], bool]], ...]
    known: dict[tuple[Fact, ...], _Stage] = field(default_factory=dict)

    def found(self, facts: Facts) -> tuple[bool, ...]:
        """What was found in the texts, word list by word list; mostly nothing, and that is seen at one look."""
        for fact, test in self.any_text:
            if test(facts.get(fact)):
                return tuple([test(facts.get(fact)) for fact, test in self.texts])
        return ()


KNOWN_AT_MOST = 4096
WALKS_AT_MOST = 8192
"""Ways, and walks made of them, that are remembered; beyond that they are forgotten and gone anew."""


@dataclass(frozen=True)
class RuleTable:
    """The rows of a pack in the order in which they are asked."""

    rows: tuple[RuleRow, ...]
    by_number: dict[int, RuleRow] = field(init=False, repr=False, compare=False)
    _groups: dict[Group, tuple[_Compiled, ...]] = field(init=False, repr=False, compare=False)
    _ways: dict[Fact, tuple[_Way, _Way]] = field(init=False, repr=False, compare=False)
    _walks: dict[tuple[_Stage, _Stage], Walk] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        groups = {group: tuple(_compiled(row) for row in self.rows if row.group == group) for group in GROUPS}
        object.__setattr__(self, "by_number", {row.row: row for row in reversed(self.rows)})
        object.__setattr__(self, "_groups", groups)
        object.__setattr__(self, "_ways", {})
        object.__setattr__(self, "_walks", {})

    def walk(self, facts: Facts) -> Walk:
        """Groups in order. Raises LookupError when not even the fallback row matches, which `problems` excludes."""
        get = facts.get
        first, then = self._ways.get(get(CATEGORY)) or self._ways_of(get(CATEGORY))
        key = (*map(get, first.facts), *first.found(facts)) if first.texts else tuple(map(get, first.facts))
        summed = first.known.get(key) or self._remember(first, key, facts)
        key = (*map(get, then.facts), *then.found(facts)) if then.texts else tuple(map(get, then.facts))
        decided = then.known.get(key) or self._remember(then, key, facts)
        return self._walks.get((summed, decided)) or self._joined(summed, decided, facts)

    def gone(self, facts: Facts) -> Walk:
        """As `walk`, remembering nothing."""
        return self._whole(self._stage(_FIRST, facts), self._stage(_THEN, facts), facts)

    def _ways_of(self, category: Fact) -> tuple[_Way, _Way]:
        if len(self._ways) >= KNOWN_AT_MOST:
            self._ways.clear()
        ways = self._ways[category] = self._way_of(category, _FIRST), self._way_of(category, _THEN)
        return ways

    def _way_of(self, category: Fact, groups: tuple[Group, ...]) -> _Way:
        """Of a row that this category excludes only what is asked before that can make a difference."""
        asked = [each for group in groups for _, tests in self._groups[group] for each in _until(category, tests)]
        facts = dict.fromkeys(fact for fact, _, condition in asked if condition.op != IN_TEXT and fact != CATEGORY)
        lists = [(fact, test, condition.wanted) for fact, test, condition in asked if condition.op == IN_TEXT]
        return _Way(groups, tuple(facts), tuple((fact, test) for fact, test, _ in lists), _of_any(lists))

    def _remember(self, way: _Way, key: tuple[Fact, ...], facts: Facts) -> _Stage:
        if len(way.known) >= KNOWN_AT_MOST:
            way.known.clear()
        stage = way.known[key] = self._stage(way.groups, facts)
        return stage

    def _joined(self, summed: _Stage, decided: _Stage, facts: Facts) -> Walk:
        if len(self._walks) >= WALKS_AT_MOST:
            self._walks.clear()
        walk = self._whole(summed, decided, facts)
        if decided.found or not any(tests for _, tests in self._groups["fallback"]):
            self._walks[summed, decided] = walk
        return walk

    def _stage(self, groups: tuple[Group, ...], facts: Facts) -> _Stage:
        stage = _Stage()
        for group in groups:
            for row in _matching(self._groups[group], facts, stage.asked):
                if row.effect == "decides":
                    stage.found[group] = row
                else:
                    stage.added.append(row)
                if group not in _SUMMED:
                    break
        return stage

    def _whole(self, summed: _Stage, decided: _Stage, facts: Facts) -> Walk:
        """The last row only where nothing else decided."""
        found = decided.found
        last = _Stage() if found or summed.found else self._stage(("fallback",), facts)
        for group in DECIDING:
            row = found.get(group) or last.found.get(group)
            if row is not None:
                added = (*summed.added, *decided.added, *last.added)
                return Walk(row, added, (*summed.asked, *decided.asked, *last.asked))
        raise LookupError("no row decides, and the table has no fallback row")


_FIRST: tuple[Group, ...] = GROUPS[:2]
_THEN: tuple[Group, ...] = GROUPS[2:-1]
"""Masks and dangers ask of every matter much the same, the others of each category a few things of its own."""


def _of_any(
    lists: Sequence[tuple[str, Callable[[Fact], bool], Wanted]],
) -> tuple[tuple[str, Callable[[Fact], bool]], ...]:
    """For each text one look that finds whatever any of its lists would find."""
    words: dict[str, tuple[str, ...]] = {}
    for fact, _, wanted in lists:
        assert isinstance(wanted, tuple)
        words[fact] = (*words.get(fact, ()), *wanted)
    return tuple((fact, _contains_any(each)) for fact, each in words.items())


def _until(category: Fact, tests: _Tests) -> Iterator[_Test]:
    """The conditions that are asked of a matter of this category: up to the one that it does not meet."""
    for each in tests:
        if each[0] == CATEGORY and not each[1](category):
            return
        yield each


def _matching(rows: Sequence[_Compiled], facts: Facts, asked: list[RowSeen]) -> Iterator[RuleRow]:
    for row, tests in rows:
        for fact, test, condition in tests:
            if not test(facts.get(fact)):
                seen = None if condition.op == IN_TEXT else facts.get(fact)
                asked.append(RowSeen(row.row, in_words(condition), seen))
                break
        else:
            asked.append(RowSeen(row.row))
            yield row


def in_words(condition: Condition) -> str:
    wanted = condition.wanted
    words = "|".join(str(each) for each in wanted) if isinstance(wanted, tuple) else str(wanted)
    return f"{condition.fact} {condition.op} {words}"


def _compiled(row: RuleRow) -> _Compiled:
    return row, tuple((each.fact, _TESTS[each.op](each.wanted), each) for each in row.when)


def shadowed(table: RuleTable) -> Iterator[tuple[RuleRow, RuleRow]]:
    """Rows that can never match, each with the earlier row of its group that always matches first.

    A row is shadowed when an earlier deciding row of the same group asks for a part of what it asks for.
    """
    for index, row in enumerate(table.rows):
        for earlier in table.rows[:index]:
            first_wins = earlier.group == row.group and row.group not in _SUMMED
            if first_wins and all(any(_implies(mine, theirs) for mine in row.when) for theirs in earlier.when):
                yield row, earlier
                break


def _implies(mine: Condition, theirs: Condition) -> bool:
    """Whether every value that meets `mine` meets `theirs` too. False where that cannot be told for sure."""
    if mine.fact != theirs.fact:
        return False
    if mine == theirs:
        return True
    meets = _TESTS[theirs.op](theirs.wanted)
    match mine.op, mine.wanted:
        case "is", str() | int() as only:
            return meets(only)
        case "one_of", tuple() as values:
            return all(meets(value) for value in values)
        case "at_least", int() as least:
            return theirs.op == "at_least" and meets(least)
        case "contains_any", tuple() as words:
            return theirs.op == "contains_any" and all(meets(word) for word in words)
        case _:
            return False
