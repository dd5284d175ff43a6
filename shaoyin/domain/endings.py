"""Where the asking surely ends with a row, so that those behind it are not asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shaoyin.domain.boxes import Asked, Box, Stack, without
from shaoyin.domain.rule_table import INSIDE_FLAT
from shaoyin.domain.rules import BY_PLACE, FIRM, LAID_ASIDE, Group, RuleRow

WALKED: tuple[Group, ...] = ("scope", "identity", "grid", "whose", "category", "fallback")
"""Groups of which the first row that decides or stops is the last that is asked."""
STAGES: tuple[tuple[Group, ...], ...] = (("mask", "emergency"), ("scope", "identity", "grid", "whose", "category"))
"""A row that stops ends the asking of the groups behind its own too, as far as they stand in one line here."""
TEXT = "text"
PIECES_AT_MOST = 64
"""Pieces of a row, between those that come before it, up to which it is known where it stops."""


def endings(rows: Sequence[Asked], unknown: Mapping[str, int]) -> Iterator[Asked]:
    """The rows, or pieces of them, with which the asking ends.

    A row that yields to others does not always end it; nor does one that is out once a person accepts the matter.
    """
    groups: dict[Group, list[Asked]] = {}
    for each in rows:
        groups.setdefault(each.row.group, []).append(each)
    for group, among in groups.items():
        deciding = Stack.of([_whatever_is_said(each) for each in among if each.row.effect == "decides"])
        for each in among:
            if names_handler(each.row) and not each.row.then.yields_to and each.row.then.mode not in LAID_ASIDE:
                yield from _endings(each, list(_stopping(each, deciding, unknown)), group in WALKED)


def may_end(earlier: Asked, group: Group) -> bool:
    """Whether a matter that this row is about never comes as far as the rows of the group that stand behind it.

    The rows of the place are asked twice where a row leaves it to the place, the second time without whether the thing
    lies inside a flat; and such a row may step back, so that the last rows are asked.
    """
    own = earlier.row.group
    if own == group:
        return earlier.own
    if not earlier.beyond or (group == "whose" and INSIDE_FLAT in earlier.box):
        return False
    stage = next((each for each in STAGES if own in each), ())
    if group == "fallback":
        return bool(stage) and earlier.row.then.handlers[:1] not in ((FIRM,), (BY_PLACE,))
    return group in stage and stage.index(own) < stage.index(group)


def stands_behind(later: Asked, earlier: Asked) -> bool:
    """Of rows that may end the asking of its group: whether this one comes before it."""
    return earlier.place < later.place or earlier.row.group != later.row.group


def names_handler(row: RuleRow) -> bool:
    return row.effect in ("decides", "stops")


def _whatever_is_said(each: Asked) -> Asked:
    """Without what it looks for in the text: a text that holds the words of one row may hold another's too."""
    return Asked(each.row, {fact: mask for fact, mask in each.box.items() if fact != TEXT}, each.place)


def _endings(each: Asked, stopping: Sequence[Box], walked: bool) -> Iterator[Asked]:
    if walked and stopping != [each.box]:
        yield Asked(each.row, each.box, each.place, own=True)
    whole = not walked or stopping == [each.box]
    yield from (Asked(each.row, piece, each.place, own=whole, beyond=True) for piece in stopping)


def _stopping(each: Asked, deciding: Stack, unknown: Mapping[str, int]) -> Iterator[Box]:
    """Where it stops the walk: wherever no row of its group decided before it."""
    pieces: list[Box] = [each.box] if each.row.effect == "stops" else []
    for one in deciding.meeting(each):
        if one.place < each.place:
            pieces = [rest for piece in pieces for rest in without(piece, one.box, unknown)]
            if len(pieces) > PIECES_AT_MOST:
                return
    yield from pieces
