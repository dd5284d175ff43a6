"""What a row of a stored decision lacked and what it met instead, as a person reads it: `not known` is a value too."""

from __future__ import annotations

from typing import Any, Literal

from shaoyin.adapters.rule_reading import Reading
from shaoyin.domain.conditions import IN_TEXT, NOT_KNOWN
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import RowSeen

State = Literal["met", "unmet", "not_known", "yields"]
_STEPPED_BACK = "yields_to"
_YES_NO = {str(said): said for said in (True, False)}


def state_of(row: RowSeen) -> State:
    """Of a text only whether a word was found is kept: it is never not known."""
    if row.lacking is None:
        return "met"
    _, op, _ = _parts(row.lacking)
    if op == _STEPPED_BACK:
        return "yields"
    return "not_known" if row.seen is None and op != IN_TEXT else "unmet"


def lacked(row: RowSeen, pack: Pack, reading: Reading) -> str | None:
    """One sentence; None where the row lacked nothing."""
    if row.lacking is None:
        return None
    fact, op, wanted = _parts(row.lacking)
    if op == _STEPPED_BACK:
        return pack.text("explain.why_not.yields", reading.language).format(row=row.row, seen=row.seen)
    asked = reading.asked(fact, _cell(op, wanted))
    seen = reading.none_of_these if op == IN_TEXT else _seen(fact, row.seen, reading)
    return pack.text("explain.row_not", reading.language).format(row=row.row, lacking=asked, seen=seen)


def in_words(condition: str, seen: str | int | bool | None, reading: Reading) -> tuple[str, str]:
    """A condition as it is stored, and the value it met."""
    fact, op, wanted = _parts(condition)
    met = "" if op == IN_TEXT else _seen(fact, seen, reading)
    return reading.asked(fact, _cell(op, wanted)), met


def _parts(lacking: str) -> tuple[str, str, str]:
    """`heavy is not_known` as it is stored; `yields_to 48` asks of no fact."""
    first, _, rest = lacking.partition(" ")
    if first == _STEPPED_BACK:
        return "", first, rest
    op, _, wanted = rest.partition(" ")
    return first, op, wanted


def _cell(op: str, wanted: str) -> Any:
    values = [_YES_NO.get(each, each) for each in wanted.split("|")]
    if op == "one_of":
        return values
    inner = values if op == IN_TEXT or len(values) > 1 else values[0]
    return inner if op == "is" else {op: inner}


def _seen(fact: str, seen: str | int | bool | None, reading: Reading) -> str:
    """A fact that has several values has a comma between them."""
    if seen is None:
        return reading.value(fact, NOT_KNOWN)
    return reading.listed(reading.value(fact, each) for each in (seen.split(",") if isinstance(seen, str) else [seen]))
