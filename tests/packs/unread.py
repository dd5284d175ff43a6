"""The cells of a rule row that nobody looks at, or that say only what is known without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shaoyin.domain.choosing import OWN
from shaoyin.domain.conditions import tested
from shaoyin.domain.facts import NUMBERS
from shaoyin.domain.pack import Pack
from shaoyin.domain.roles import OUTSIDE
from shaoyin.domain.rules import LAID_ASIDE, Effect, RuleRow

ADDING: frozenset[Effect] = frozenset({"adds", "schedules"})
NEXT_START = "next_start"
_TERMS = frozenset({"urgency", "result_within", "first_step", "claim"})
_OTHERS = frozenset({"co", "informed"})


def of_returns(row: RuleRow) -> bool:
    """Asked only of a case that is returned, where nothing but its main handler is read; no walk knows the number."""
    return any(each.fact in NUMBERS and not tested(each)(None) for each in row.when)


def unread(row: RuleRow, pack: Pack) -> frozenset[str]:
    """The cells of a row that nobody looks at, or that say what is known without them."""
    return frozenset(
        {*_of_kind(row), *_of_handler(row, pack), *(("co",) if _calls_nobody_new(row, row.then.co[-1:], pack) else ())}
    )


def _of_kind(row: RuleRow) -> Iterator[str]:
    """Of a matter that is laid aside only who looks at it is read, of one that waits for the morning only that."""
    then = row.then
    if of_returns(row):
        yield from ("mode", "late", *_OTHERS, *_TERMS)
    if row.effect == "schedules" and then.schedules == NEXT_START:
        yield from ("main", "mode", "late", *_OTHERS, *_TERMS)
    if then.mode in LAID_ASIDE:
        yield from ("late", *_OTHERS)
    if row.effect in ADDING and row.group != "load":
        yield "late"
    if row.effect in ADDING and then.mode != "X":
        yield "mode"


def _of_handler(row: RuleRow, pack: Pack) -> Iterator[str]:
    """Who takes over is found by himself (16, 73, 75), and a way for the owner has no mode."""
    then = row.then
    if then.handlers[:1] == (OWN,):
        yield "mode"
    if row.effect == "adds" and row.group == "load" and not _of_any_return(row):
        yield "main"
    if row.effect == "adds" and then.mode == "X" and _calls_nobody_new(row, then.handlers, pack):
        yield "main"


def _of_any_return(row: RuleRow) -> bool:
    """Whether the number of returns alone may meet it: then its main handler is read."""
    return all(each.fact in NUMBERS or tested(each)(None) for each in row.when)


def _calls_nobody_new(row: RuleRow, roles: Sequence[str], pack: Pack) -> bool:
    """Bodies outside have no post here: what they are named for is the call, if the row is one (mode X).

    Their numbers are shown without the row where the answers it asks for show them.
    """
    if not roles or any(each not in OUTSIDE for each in roles):
        return False
    shown = _shown_anyhow(row, pack)
    return row.then.mode != "X" or (bool(shown) and {OUTSIDE[each][0] for each in roles} <= {"", *shown})


def _numbers(fact: str, answer: str | int | None, pack: Pack) -> frozenset[str]:
    """Those that the answer alone shows; no answer shows none."""
    return frozenset(sign.number for sign in pack.told_dangers({} if answer is None else {fact: answer}, None))


def _shown_anyhow(row: RuleRow, pack: Pack) -> frozenset[str]:
    shown: frozenset[str] = frozenset()
    for each in row.when:
        if each.op in ("is", "one_of"):
            answers = each.wanted if isinstance(each.wanted, tuple) else (each.wanted,)
            shown |= frozenset.intersection(*(_numbers(each.fact, one, pack) for one in answers))
    return shown
