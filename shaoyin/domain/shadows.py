"""Rows that can never match, because an earlier row of their group always matches first."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.conditions import implies
from shaoyin.domain.rule_table import SUMMED, RuleTable
from shaoyin.domain.rules import RuleRow


def shadowed(table: RuleTable) -> Iterator[tuple[RuleRow, RuleRow]]:
    """Each with the earlier row: one that stops or decides in the same group and asks for a part of what it asks."""
    for index, row in enumerate(table.rows):
        for earlier in table.rows[:index]:
            if _ends_the_group(earlier, row) and all(
                any(implies(mine, one) for mine in row.when) for one in earlier.when
            ):
                yield row, earlier
                break


def _ends_the_group(earlier: RuleRow, row: RuleRow) -> bool:
    ends = earlier.effect in ("decides", "stops") and not earlier.then.yields_to
    return ends and earlier.group == row.group and row.group not in SUMMED
