"""What is wrong with the lists of `pack.yaml` that the rows ask: counts, catalogue, modes, dangerous categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shaoyin.domain.catalogue import of_category
from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Path, Problem


def problems_of_lists(pack: Pack) -> Iterator[Problem]:
    for name, counted in pack.counts.items():
        yield from _categories(pack, ("counts", name, "categories"), counted.categories)
    for code in pack.catalogue:
        yield from _categories(pack, ("matter_catalogue",), [code], (code,))
    for index, mode in enumerate(pack.emergency_modes):
        where: Path = ("emergency_modes", index)
        if mode.area not in pack.areas.areas:
            yield Problem("pack.yaml", (*where, "area"), "unknown_area", f"no area {mode.area!r}", mode.area)
        yield from _categories(pack, (*where, "categories"), mode.categories)
    for index, sign in enumerate(pack.emergencies):
        yield from _categories(pack, ("emergencies", index, "categories"), sign.categories)
    yield from _yielding(pack)


def _categories(pack: Pack, where: Path, named: Sequence[str], cell: Path | None = None) -> Iterator[Problem]:
    """A pattern that stands for no category at all is as wrong as a code that is none."""
    for number, each in enumerate(named):
        if not any(of_category((each,), code) for code in pack.categories):
            step = (number,) if cell is None else cell
            yield Problem("pack.yaml", (*where, *step), "unknown_category", f"no category {each!r}", each)


def _yielding(pack: Pack) -> Iterator[Problem]:
    """A row that steps back before one, or is meant to come before one, that is not there."""
    known = {each for row in pack.rules.rows for each in (str(row.row), row.group)}
    for index, row in enumerate(pack.rules.rows):
        for cell, rows in ((("then", "yields_to"), row.then.yields_to), (("before",), row.before)):
            for number, each in enumerate(rows):
                if each not in known:
                    where: Path = (index, *cell, number)
                    yield Problem("rules.yaml", where, "unknown_row", f"there is no row {each}", each)
