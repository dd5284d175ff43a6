"""What is wrong with the rows of a pack among themselves: rows that never match, rows that disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shaoyin.domain.conditions import CATEGORY, Fact, named
from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Path, Problem
from shaoyin.domain.reach import Reached, examined
from shaoyin.domain.rules import RuleRow
from shaoyin.domain.spaces import FLAGS
from shaoyin.domain.unrouted import categories_without_row

PAGE = "rules.yaml"


def problems_of_categories_without_row(pack: Pack) -> Iterator[Problem]:
    """Asked of a table that holds: every category ends in a row of its own or in the place's, none by accident."""
    for code in categories_without_row(pack):
        yield Problem("categories.yaml", (code,), "category_without_row", f"{code} has no row", code)


def problems_of_reach(pack: Pack) -> Iterator[Problem]:
    """Asked of a table whose names all lead somewhere: of a word that means nothing no set can be made."""
    reached, crossings = examined(pack)
    place = {row.line: index for index, row in enumerate(pack.rules.rows)}
    for each in reached:
        yield from _never(each, place, pack)
    for crossing in crossings:
        lines = sorted({other.row for other in crossing.later})
        detail = f"row {crossing.row.line} and {', '.join(map(str, lines))} may both match and name other handlers"
        where: Path = (place[crossing.row.line], "when")
        yield Problem(PAGE, where, "rows_disagree", detail, ", ".join(map(str, lines)))


def _never(each: Reached, place: Mapping[str, int], pack: Pack) -> Iterator[Problem]:
    index = place[each.row.line]
    if _overruled(each, pack):
        return
    if each.possible and not each.open:
        detail = f"row {each.row.line} can never match"
        yield Problem(PAGE, (index, "when"), "row_shadowed", detail, _first(each.covered))
        return
    if not each.possible:
        fact = _most(each.impossible)
        if fact in FLAGS and each.row.said_by != pack.name:
            return  # inherited, for categories or a catalogue that this community does not have
        code = "question_nobody_asks" if fact in pack.questions else "row_impossible"
        yield Problem(PAGE, (index, "when", fact), code, f"no matter has such a {fact}", fact)
        return
    for number, category in _listed(each.row):
        where: Path = (index, "when", CATEGORY, *number)
        if category in each.impossible:
            fact = each.impossible[category]
            code = "question_not_asked" if fact in pack.questions else "never_of_category"
            yield Problem(PAGE, where, code, fact, category)
        elif category in each.covered:
            lines = _first({category: each.covered[category]})
            yield Problem(PAGE, where, "category_shadowed", lines, category)


def _overruled(each: Reached, pack: Pack) -> bool:
    """Whether rows of the community's own come before an inherited one: its own word counts, and nothing is wrong."""
    rows = (row for found in each.covered.values() for row in found)
    return each.row.said_by != pack.name and any(row.said_by == pack.name for row in rows)


def _listed(row: RuleRow) -> Iterator[tuple[Path, str]]:
    """The categories that a row names one by one, with the way to each."""
    for condition in row.when:
        if condition.fact == CATEGORY and condition.op == "is":
            yield (), str(condition.wanted)
        if condition.fact == CATEGORY and condition.op == "one_of":
            yield from (((number,), str(code)) for number, code in enumerate(named(condition)))


def _first(covered: Mapping[Fact, tuple[RuleRow, ...]]) -> str:
    """The rows that always come first, by number."""
    return ", ".join(map(str, sorted({row.row for rows in covered.values() for row in rows})))


def _most(impossible: Mapping[Fact, str]) -> str:
    facts = list(impossible.values())
    return max(sorted(set(facts)), key=facts.count)
