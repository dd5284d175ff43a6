"""Values that stand for all there are of a fact, as far as the rows of a table can tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import chain, combinations

from shaoyin.domain.conditions import CATEGORY, Condition, Fact, named
from shaoyin.domain.facts import NIGHT_FROM, NIGHT_UNTIL, NUMBERS, VALUES, YES_NO, may_be_several
from shaoyin.domain.pack import Pack

TOLD = frozenset({"urgency", "secrecy", "elsewhere", "same_reporter", "order_unclaimed"})
"""Facts that every matter has: there is none of which they are not known."""
APART_AT_MOST = 9
"""Values of one fact, told apart by the rows, up to which every set of them that a matter may have is looked at."""
_TIMES: tuple[tuple[str, ...], ...] = (
    ("on_duty",), ("off_duty",), ("off_duty", "night"), ("off_duty", "holiday"), ("off_duty", "holiday", "night"),
)  # fmt: skip


def values_of(fact: str, pack: Pack, conditions: Sequence[Condition]) -> tuple[Fact, ...]:
    """Of a fact of which the rows ask these; that nothing is known of it stands last."""
    if fact == "at":
        return _times(pack)
    known = tuple(_known(fact, pack, conditions))
    return known if fact in TOLD else (*known, None)


def told_apart(conditions: Sequence[Condition]) -> tuple[tuple[str, ...], ...]:
    """The values that are named; those that stand in the same conditions together: no row can tell these apart."""
    among = list(dict.fromkeys(frozenset(named(each)) for each in conditions))
    alike: dict[tuple[bool, ...], tuple[str, ...]] = {}
    for name in sorted({name for each in among for name in each if isinstance(name, str)}):
        where = tuple(name in each for each in among)
        alike[where] = (*alike.get(where, ()), name)
    return tuple(alike.values())


def too_many(fact: str, pack: Pack, conditions: Sequence[Condition]) -> bool:
    """Whether only some of the sets of values that a matter may have are looked at."""
    return may_be_several(fact, pack) and len(told_apart(conditions)) > APART_AT_MOST


def _known(fact: str, pack: Pack, conditions: Sequence[Condition]) -> Iterator[Fact]:
    question = pack.questions.get(fact)
    kind = question.kind if question is not None else "yes_no" if fact in YES_NO else ""
    wanted = dict.fromkeys(value for each in conditions for value in named(each) if value is not None)
    if fact == CATEGORY:
        yield from pack.categories
    elif kind == "number" or fact in {*NUMBERS, *pack.counts}:
        numbers = [each for each in wanted if isinstance(each, int)] or [0]
        yield from sorted({near for each in numbers for near in (each - 1, each, each + 1)})
    elif kind == "yes_no":
        yield from (True, False)
    elif fact == "text":
        yield from wanted
    elif may_be_several(fact, pack):
        yield from _several(conditions)
    else:
        yield from (name for name, _ in question.choices) if question is not None else sorted(VALUES[fact])


def _several(conditions: Sequence[Condition]) -> Iterator[tuple[str, ...]]:
    """Every set of values; the empty one stands for values that no row names."""
    apart = told_apart(conditions)
    for size in range(len(apart) + 1) if len(apart) <= APART_AT_MOST else (0, 1, len(apart)):
        for some in combinations(apart, size):
            yield tuple(chain.from_iterable(some))


def _times(pack: Pack) -> tuple[tuple[str, ...], ...]:
    """Who is on duty before seven or after ten is so at night."""
    duty = pack.calendar.duty
    late = duty[0][0] < time(NIGHT_UNTIL) or duty[-1][1] > time(NIGHT_FROM)
    return (*_TIMES, ("on_duty", "night")) if late else _TIMES
