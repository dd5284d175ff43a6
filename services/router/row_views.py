"""Why a row did not name the handler of a case: of its stored history, or of a report that nobody made."""

from __future__ import annotations

from collections.abc import Sequence

from services.router.documents import Stored
from services.router.views import View
from shaoyin.adapters.problem import FieldError, invalid
from shaoyin.domain import events as ev
from shaoyin.domain.choosing import matter_of
from shaoyin.domain.evolve import replay
from shaoyin.domain.pack import Pack
from shaoyin.domain.why_not import LineSeen, why_not

LONGEST = 4


def row_asked(said: str | None) -> int | None:
    """As it stands in a query. Raises Problem 422."""
    if said is None:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > LONGEST:
        raise invalid([FieldError("row", "wrong_value", {"expected": "1…9999"})])
    return int(said)


def with_row(told: View, found: Stored, row: int | None, pack: Pack, language: str) -> View:
    return told if row is None else {**told, "why_not": row_view(found, row, pack, language)}


def row_view(found: Stored, row: int, pack: Pack, language: str) -> View:
    """As the rules were asked last: at the dispatch, at the acceptance of an order, else at the opening."""
    said = _decided(found.history)
    case = replay(found.history[:said]) if said else None
    why = why_not(row, matter_of(case or found.case), found.history[said].at, pack)
    if why is None:
        raise invalid([FieldError("row", "wrong_value", {"expected": pack.name})])
    text = pack.text(f"explain.why_not.{why.because}", language).format(row=row, seen=why.other)
    return {
        "row": row, "because": why.because, "other": why.other, "text": text,
        "lines": [_line(each) for each in why.lines],
    }  # fmt: skip


def _decided(history: Sequence[ev.Event]) -> int:
    decided = (nth for nth, event in enumerate(history) if isinstance(event, (ev.CaseDispatched, ev.CaseAccepted)))
    return max(decided, default=0)


def _line(each: LineSeen) -> View:
    conditions = [{"condition": one.condition, "state": one.state, "seen": one.seen} for one in each.conditions]
    return {"line": each.line, "matched": each.met, "yields_to": each.yields_to, "conditions": conditions}
