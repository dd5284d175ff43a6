"""The decision table: compiled once, matched in ordered groups, and able to say why each earlier row did not match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal, NamedTuple, get_args

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
class Asked:
    """What happened when a row was asked; `lacking` is the first condition that failed and the value it saw."""

    row: int
    lacking: Condition | None = None
    seen: Fact = None

    @property
    def matched(self) -> bool:
        return self.lacking is None


@dataclass(frozen=True, slots=True)
class RowSeen:
    """One row of the explanation; `lacking` names the first condition that failed, `seen` the value it met."""

    row: int
    lacking: str | None = None
    seen: Fact = None


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through the table: the row that named the handler, what others added, and every row that was asked.

    `explanation` is what was asked in words, as it is stored with the case.
    """

    decided: RuleRow
    added: tuple[RuleRow, ...]
    asked: tuple[Asked, ...]
    explanation: tuple[RowSeen, ...]


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
    return lambda seen: isinstance(seen, str) and any(word in seen for word in wanted)


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


class _Known(NamedTuple):
    """A walk that was gone before, and where in it a long text stands that is another one each time."""

    walk: Walk
    texts_at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """What the table asks of a matter of one category: the facts by value, the texts by what was found in them.

    Two matters with the same answers to these go the same way, so the way is remembered.
    """

    facts: tuple[str, ...]
    texts: tuple[tuple[str, Callable[[Fact], bool]], ...]
    known: dict[object, _Known] = field(default_factory=dict)


KNOWN_AT_MOST = 4096
"""Ways remembered for each category; beyond that they are forgotten and gone anew."""


@dataclass(frozen=True)
class RuleTable:
    """The rows of a pack in the order in which they are asked."""

    rows: tuple[RuleRow, ...]
    by_number: dict[int, RuleRow] = field(init=False, repr=False, compare=False)
    _groups: dict[Group, tuple[_Compiled, ...]] = field(init=False, repr=False, compare=False)
    _ways: dict[str, _Way] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        groups = {group: tuple(_compiled(row) for row in self.rows if row.group == group) for group in GROUPS}
        object.__setattr__(self, "by_number", {row.row: row for row in reversed(self.rows)})
        object.__setattr__(self, "_groups", groups)
        object.__setattr__(self, "_ways", {})

    def walk(self, facts: Facts) -> Walk:
        """Groups in order. Raises LookupError when not even the fallback row matches, which `problems` excludes."""
        category = facts.get(CATEGORY)
        if not isinstance(category, str):
            return self._gone(facts)
        way = self._ways.get(category) or self._way_of(category)
        values = tuple(map(facts.get, way.facts))
        key = values, tuple(map(type, values)), *[test(facts.get(fact)) for fact, test in way.texts]
        known = way.known.get(key) or self._remember(way, key, facts)
        return known.walk if not known.texts_at else _with_texts(known, facts)

    def _remember(self, way: _Way, key: object, facts: Facts) -> _Known:
        if len(way.known) >= KNOWN_AT_MOST:
            way.known.clear()
        walk = self._gone(facts)
        texts_at = tuple(at for at, each in enumerate(walk.asked) if each.lacking and each.lacking.op == IN_TEXT)
        known = way.known[key] = _Known(walk, texts_at)
        return known

    def _way_of(self, category: str) -> _Way:
        """Of a row that this category excludes only what is asked before that can make a difference."""
        asked = [each for rows in self._groups.values() for _, tests in rows for each in _until(category, tests)]
        facts = dict.fromkeys(fact for fact, _, condition in asked if condition.op != IN_TEXT and fact != CATEGORY)
        texts = tuple((fact, test) for fact, test, condition in asked if condition.op == IN_TEXT)
        way = self._ways[category] = _Way(tuple(facts), texts)
        return way

    def _gone(self, facts: Facts) -> Walk:
        asked: list[Asked] = []
        added: list[RuleRow] = []
        found: dict[Group, RuleRow] = {}
        for group in GROUPS:
            if group == "fallback" and found:
                break
            for row in _matching(self._groups[group], facts, asked):
                if row.effect == "decides":
                    found[group] = row
                else:
                    added.append(row)
                if group not in _SUMMED:
                    break
        for group in DECIDING:
            if group in found:
                return Walk(found[group], tuple(added), tuple(asked), tuple(map(_in_words, asked)))
        raise LookupError("no row decides, and the table has no fallback row")


def _until(category: str, tests: _Tests) -> Iterator[_Test]:
    """The conditions that are asked of a matter of this category: up to the one that it does not meet."""
    for each in tests:
        if each[0] == CATEGORY and not each[1](category):
            return
        yield each


def _with_texts(known: _Known, facts: Facts) -> Walk:
    walk, asked, explanation = known.walk, list(known.walk.asked), list(known.walk.explanation)
    for at in known.texts_at:
        lacking = asked[at].lacking
        assert lacking is not None
        asked[at] = Asked(asked[at].row, lacking, facts.get(lacking.fact))
        explanation[at] = _in_words(asked[at])
    return Walk(walk.decided, walk.added, tuple(asked), tuple(explanation))


def _in_words(asked: Asked) -> RowSeen:
    if asked.lacking is None:
        return RowSeen(asked.row)
    wanted = asked.lacking.wanted
    words = "|".join(str(each) for each in wanted) if isinstance(wanted, tuple) else str(wanted)
    return RowSeen(asked.row, f"{asked.lacking.fact} {asked.lacking.op} {words}", asked.seen)


def _matching(rows: Sequence[_Compiled], facts: Facts, asked: list[Asked]) -> Iterator[RuleRow]:
    for row, tests in rows:
        for fact, test, condition in tests:
            if not test(facts.get(fact)):
                asked.append(Asked(row.row, condition, facts.get(fact)))
                break
        else:
            asked.append(Asked(row.row))
            yield row


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
