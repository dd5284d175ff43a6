"""What two versions of a pack say differently: row by row in words, and which other pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.router.rule_rows import RowTold, Telling
from shaoyin.adapters.pack_shapes import RuleRowShape
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_render import row_text
from shaoyin.adapters.rule_table import PAGE, Row, rows_of, same
from shaoyin.domain.pack import Pack

HEADS = ("group", "effect", "comment")


@dataclass(frozen=True, slots=True)
class RowChange:
    """A line before and after; none where it was not there, or is no more. `written` is a row that cannot be told in
    words, because something in it is wrong.
    """

    line: str
    was: RowTold | None
    now: RowTold | None
    written: str = ""

    @property
    def columns(self) -> list[str]:
        """Those in which the two differ; all that there are where one of them is not there."""
        was, now = (each.cells if each is not None else {} for each in (self.was, self.now))
        return [column for column in dict.fromkeys((*was, *now)) if was.get(column) != now.get(column)]

    @property
    def heads(self) -> list[str]:
        if self.was is None or self.now is None:
            return []
        return [head for head in HEADS if getattr(self.was, head) != getattr(self.now, head)]


def row_changes(before: Handed, after: Handed, pack: Pack) -> list[RowChange]:
    """In the order of the version after; what is gone comes last."""
    was, now = rows_of(before), rows_of(after)
    telling = Telling(pack)
    lines = [*now, *(line for line in was if line not in now)]
    return [
        _change(line, was.get(line), now.get(line), telling)
        for line in lines
        if differ(was.get(line), now.get(line))
    ]  # fmt: skip


def other_pages(before: Handed, after: Handed) -> list[str]:
    """Every page that is another one, but for the rules."""
    one, other = ({f"{of}/{name}": raw for of, pages in each.items() for name, raw in pages.items()}
                  for each in (before, after))  # fmt: skip
    names = sorted(one.keys() | other.keys())
    return [name for name in names if one.get(name) != other.get(name) and not name.endswith(f"/{PAGE}")]


def differ(one: Row | None, other: Row | None) -> bool:
    if one is None or other is None:
        return True
    return not same(one.entry.data, other.entry.data) or one.entry.comment != other.entry.comment


def _change(line: str, was: Row | None, now: Row | None, telling: Telling) -> RowChange:
    before = None if was is None else telling.row(was)
    if now is None or _holds(now.entry.data):
        return RowChange(line, before, None if now is None else telling.row(now))
    return RowChange(line, before, None, row_text(now.entry.data))


def _holds(data: Mapping[str, Any]) -> bool:
    try:
        RuleRowShape.model_validate(in_codes(data))
    except ValidationError:
        return False
    return True


def row_numbers(pages: Handed) -> Iterator[int]:
    for row in rows_of(pages).values():
        number = row.entry.data.get("row")
        if isinstance(number, int):
            yield number
