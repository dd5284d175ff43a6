"""The rows of a comparison, as they are printed: what was counted, how much of it is right, how much is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`wrong` counts what was lost, doubled or said differently; `which` names the first few of them."""

    what: str
    counted: int
    wrong: int = 0
    which: tuple[str, ...] = ()


def row(what: str, counted: int, wrong: Iterable[object] = ()) -> Row:
    found = [str(each) for each in wrong]
    return Row(what, counted, len(found), tuple(found[:5]))


def shown(rows: Iterable[Row]) -> Iterator[str]:
    yield f"{'':<66}{'counted':>10}{'wrong':>8}"
    for each in rows:
        yield f"{each.what:<66}{each.counted:>10,}{each.wrong:>8,}"
        for which in each.which:
            yield f"      {which[:300]}"
