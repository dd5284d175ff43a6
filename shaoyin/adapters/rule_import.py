"""Takes the rules of a workbook into a pack, whole, or says of every wrong cell what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.pack_wording import said
from shaoyin.adapters.packs import Located, load_handed
from shaoyin.adapters.rule_cells import row_of
from shaoyin.adapters.rule_conditions import NotSaid
from shaoyin.adapters.rule_problems import Starts, in_row, starts_of
from shaoyin.adapters.rule_sheet import CellProblem, Line, Sheet
from shaoyin.adapters.rule_table import PAGE, Written, categories_of, page_anew, rows_of

NAMED_BY_TITLE = ("category", "management")


@dataclass(frozen=True, slots=True)
class Imported:
    """The page as it should be and nothing wrong; or what is wrong, in the sheet and elsewhere in the pack."""

    page: bytes | None
    cells: tuple[CellProblem, ...] = ()
    elsewhere: tuple[Located, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.cells or self.elsewhere)


def imported(found: Sheet, packs: Handed, communities: Sequence[Handed]) -> Imported:
    """Nothing is written here; `page` is None where the pack has no rules of its own and needs none.

    `communities` are those that rest on the pack, itself or others: with the new page each of them must hold.
    """
    wrong = [_problem(row, column, error) for row, column, error in found.wrong]
    wanted, of_cells = _wanted(found, packs)
    wrong += [*of_cells, *_misplaced(found, wanted, packs)]
    if wrong:
        return Imported(None, tuple(wrong))
    *_, name = packs
    page, _ = page_anew(packs, [row for _, row in wanted])
    pages = {**packs[name], **({PAGE: page} if page is not None else {})}
    problems = {
        problem: None
        for community in communities
        for problem in load_handed([*community][-1], {**community, name: pages}).problems
    }
    return _sorted_out(found, list(problems), _sheet_rows(wanted), starts_of({**packs, name: pages}), page)


def _wanted(found: Sheet, packs: Handed) -> tuple[list[tuple[Line, Written]], list[CellProblem]]:
    categories = categories_of(packs)
    wanted: list[tuple[Line, Written]] = []
    wrong: list[CellProblem] = []
    for line in found.lines:
        data, errors = row_of(line.cells, categories)
        wrong += [_problem(line.number, found.at[column], error) for column, error in errors]
        wanted.append((line, Written(data, line.cells.get("comment", ""))))
    return wanted, wrong


def _misplaced(found: Sheet, wanted: Sequence[tuple[Line, Written]], packs: Handed) -> Iterator[CellProblem]:
    """A line twice; inherited rows that are gone or stand elsewhere."""
    *_, name = packs
    inherited = list(rows_of({other: pages for other, pages in packs.items() if other != name}))
    place = {line: number for number, line in enumerate(inherited)}
    seen: set[str] = set()
    last = -1
    column = found.at.get("row", 1)
    for line, row in wanted:
        if row.line in seen:
            yield _problem(line.number, column, NotSaid("row_twice", about=row.line, key=row.line))
        seen.add(row.line)
        if place.get(row.line, len(place)) < last:
            yield _problem(line.number, column, NotSaid("row_moved", about=row.line))
        last = max(last, place.get(row.line, -1))
    numbers = {str(row.data.get("row")) for _, row in wanted}
    for gone in inherited:
        if gone not in seen and gone.rstrip("abcdefghijklmnopqrstuvwxyz") not in numbers:
            yield _problem(1, column, NotSaid("row_gone", about=gone))


def _problem(row: int, column: int, error: NotSaid) -> CellProblem:
    zh, en = said(error.code, error.told)
    return CellProblem(row, column, error.code, zh, en)


def _sheet_rows(wanted: Sequence[tuple[Line, Written]]) -> Mapping[str, int]:
    return {row.line: line.number for line, row in wanted}


def _sorted_out(
    found: Sheet, problems: Sequence[Located], sheet_rows: Mapping[str, int], starts: Starts, page: bytes | None
) -> Imported:  # fmt: skip
    """What is wrong in the end, brought back to the cells of the sheet as far as it is in them."""
    cells: list[CellProblem] = []
    elsewhere: list[Located] = []
    for problem in problems:
        about = in_row(problem, starts)
        if about is None or about.line not in sheet_rows:
            elsewhere.append(problem)
            continue
        column = found.at.get(_column(about.steps), 1)
        cells.append(CellProblem(sheet_rows[about.line], column, problem.code, problem.zh, problem.en))
    return Imported(None if problems else page, tuple(cells), tuple(elsewhere))


def _column(steps: Sequence[str]) -> str:
    """The column in which a cell of the row stands."""
    match steps:
        case ["when", fact, *_]:
            return fact if fact in NAMED_BY_TITLE else "other"
        case ["when"]:
            return "category"
        case ["then", ("co" | "informed" | "main" | "mode" | "late" | "first_step" | "result_within" | "urgency"
                       | "whistles") as name, *_]:  # fmt: skip
            return name
        case ["then"]:
            return "main"
        case ["then", *_]:
            return "more"
        case [("row" | "group" | "effect" | "basis") as name, *_]:
            return name
        case [] | ["part"]:
            return "row"
        case _:
            return "more"
