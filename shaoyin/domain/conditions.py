"""What a cell under `when` may ask of a matter: a fact by name, and a test of its value. No expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from shaoyin.domain.frozen import dataclass

Op = Literal["is", "one_of", "is_not", "at_least", "at_most", "contains_any"]
Fact = str | int | bool | tuple[str, ...] | None
"""A fact of several values, such as the kinds of area a place lies in, meets a test if one of them does."""
Wanted = str | int | bool | tuple[str, ...]
Facts = Mapping[str, Fact]
Test = Callable[[Fact], bool]

CATEGORY = "category"
IN_TEXT: Op = "contains_any"
ALL_OF = ".*"
"""How a pattern ends that means every category of a first level: SAN.*"""


@dataclass(frozen=True, slots=True)
class Condition:
    fact: str
    op: Op
    wanted: Wanted


def tested(condition: Condition) -> Test:
    return _TESTS[condition.op](condition.wanted)


def _is(wanted: Wanted) -> Test:
    if isinstance(wanted, tuple) or _patterns((wanted,)):
        return _one_of(wanted)
    return lambda seen: seen == wanted or (isinstance(seen, tuple) and wanted in seen)


def _one_of(wanted: Wanted) -> Test:
    among = wanted if isinstance(wanted, tuple) else (wanted,)
    exactly, starts = frozenset(among), _patterns(among)

    def meets(seen: Fact) -> bool:
        if isinstance(seen, tuple):
            return not exactly.isdisjoint(seen)
        return seen in exactly or bool(starts and isinstance(seen, str) and seen.startswith(starts))

    return meets


def _patterns(among: tuple[Wanted, ...] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each[:-1] for each in among if isinstance(each, str) and each.endswith(ALL_OF))


def _is_not(wanted: Wanted) -> Test:
    """Unknown is not false, and it is not the value either: an unanswered question never excludes a row."""
    meets = _is(wanted)
    return lambda seen: not meets(seen)


def _at_least(wanted: Wanted) -> Test:
    assert isinstance(wanted, int)
    return lambda seen: isinstance(seen, int) and seen >= wanted


def _at_most(wanted: Wanted) -> Test:
    assert isinstance(wanted, int)
    return lambda seen: isinstance(seen, int) and seen <= wanted


def _contains_any(wanted: Wanted) -> Test:
    assert isinstance(wanted, tuple)
    found = re.compile("|".join(map(re.escape, wanted))).search
    return lambda seen: isinstance(seen, str) and found(seen) is not None


_TESTS: Mapping[Op, Callable[[Wanted], Test]] = {
    "is": _is,
    "one_of": _one_of,
    "is_not": _is_not,
    "at_least": _at_least,
    "at_most": _at_most,
    "contains_any": _contains_any,
}


def in_words(condition: Condition) -> str:
    wanted = condition.wanted
    words = "|".join(str(each) for each in wanted) if isinstance(wanted, tuple) else str(wanted)
    return f"{condition.fact} {condition.op} {words}"


def implies(mine: Condition, theirs: Condition) -> bool:
    """Whether every value that meets `mine` meets `theirs` too. False where that cannot be told for sure."""
    if mine.fact != theirs.fact:
        return False
    if mine == theirs:
        return True
    meets = tested(theirs)
    match mine.op, mine.wanted:
        case "is", str() | int() as only:
            return _all_meet((only,), theirs, meets)
        case "one_of", tuple() as values:
            return _all_meet(values, theirs, meets)
        case "at_least", int() as least:
            return theirs.op == "at_least" and meets(least)
        case "at_most", int() as most:
            return theirs.op == "at_most" and meets(most)
        case "contains_any", tuple() as words:
            return theirs.op == "contains_any" and all(meets(word) for word in words)
        case "is_not", tuple() as others:
            return theirs.op == "is_not" and _among(theirs.wanted, others)
        case _:
            return False


def _all_meet(values: tuple[Wanted, ...] | tuple[str, ...], theirs: Condition, meets: Test) -> bool:
    """A pattern stands for categories nobody lists here: it meets what names it, or a pattern as wide."""
    patterns = _patterns(tuple(values))
    if not patterns:
        return all(meets(each) for each in values if not isinstance(each, tuple))
    return theirs.op in ("is", "one_of") and _among(tuple(str(each) for each in values), theirs.wanted)


def _among(few: Wanted, many: Wanted) -> bool:
    return set(few if isinstance(few, tuple) else (few,)) <= set(many if isinstance(many, tuple) else (many,))
