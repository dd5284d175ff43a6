"""What a cell under `when` may ask of a matter: a fact by name, and a test of its value. No expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from shaoyin.domain.frozen import dataclass

Op = Literal["is", "one_of", "is_not", "at_least", "at_most", "contains_any"]
Fact = str | int | bool | tuple[str, ...] | None
"""A fact of several values, such as the kinds of area a place lies in, meets a test if one of them does."""
Wanted = str | int | bool | None | tuple[str | None, ...]
"""None is asked for as any other value: that nothing is known of the fact."""
Facts = Mapping[str, Fact]
Test = Callable[[Fact], bool]

CATEGORY = "category"
IN_TEXT: Op = "contains_any"
NOT_KNOWN = "not_known"
"""How a cell writes None, and how it is said."""
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


def _patterns(among: tuple[Wanted, ...]) -> tuple[str, ...]:
    return tuple(each[:-1] for each in among if isinstance(each, str) and each.endswith(ALL_OF))


def _is_not(wanted: Wanted) -> Test:
    """Unknown is not false, and not the value either: an unanswered question excludes no row that does not name it."""
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
    found = re.compile("|".join(re.escape(each) for each in wanted if each is not None)).search
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
    return f"{condition.fact} {condition.op} {'|'.join(map(said, named(condition)))}"


def said(value: str | int | bool | None) -> str:
    return NOT_KNOWN if value is None else str(value)


def named(condition: Condition) -> tuple[str | int | bool | None, ...]:
    """The values that the condition names, one or several."""
    return condition.wanted if isinstance(condition.wanted, tuple) else (condition.wanted,)
