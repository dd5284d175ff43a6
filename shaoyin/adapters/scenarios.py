"""Reads a pack's scenarios and says which of them the pack does not keep, each with its file, row and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shaoyin.adapters.pack_files import Page, Slip, Steps, Unreadable, read
from shaoyin.adapters.pack_slips import slips
from shaoyin.adapters.scenario_shapes import ReportCell, ScenarioRow, ScenariosPage, StepCell
from shaoyin.domain.judging import failures
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven
from shaoyin.domain.scenario import Act, Failure, Followed, ReportTold, Scenario, Step, Triaged, Wait, Wanted

Pages = Iterable[tuple[Path, bytes]]


@dataclass(frozen=True)
class Written:
    """A scenario and the place on the page that says it."""

    scenario: Scenario
    file: Path
    page: Page
    path: Steps


def written(pages: Pages) -> tuple[list[Written], list[tuple[Path, Slip]]]:
    """Every scenario that can be read, and what is wrong with the others."""
    found: list[Written] = []
    wrong: list[tuple[Path, Slip]] = []
    for file, content in pages:
        try:
            rows, page, slipped = _page(content)
        except Unreadable as error:
            wrong.append((file, error.slip))
            continue
        wrong += [(file, slip) for slip in slipped]
        found += [Written(_scenario(row), file, page, (number,)) for number, row in enumerate(rows)]
    return found, [*wrong, *_twice(found)]


def judged(pages: Pages, pack: Pack) -> Iterator[tuple[Path, Slip]]:
    """What is wrong with the pages, and every cell that does not come true."""
    found, wrong = written(pages)
    yield from wrong
    for each in found:
        for failure in failures(each.scenario, pack):
            yield each.file, _slip(each, failure)


def _page(content: bytes) -> tuple[list[ScenarioRow], Page, list[Slip]]:
    page = read(content)
    try:
        return ScenariosPage.model_validate(page.data).root, page, list(page.slips)
    except ValidationError as error:
        return [], page, [*page.slips, *slips(error, page, ScenariosPage)]


def _twice(found: list[Written]) -> Iterator[tuple[Path, Slip]]:
    seen: set[str] = set()
    for each in found:
        name = each.scenario.scenario_id
        if name in seen:
            path = (*each.path, "id")
            yield each.file, Slip("id_twice", each.page.spot(path), path, {"key": name, "about": name})
        seen.add(name)


def _slip(told: Written, failure: Failure) -> Slip:
    path = (*told.path, *failure.path)
    words = {
        "scenario": told.scenario.scenario_id, "wanted": failure.wanted, "came": failure.came, "why": failure.why,
        "cell": ".".join(str(step) for step in failure.path),
    }  # fmt: skip
    code = "scenario_fails" if failure.wanted else "scenario_stops"
    return Slip(code, told.page.spot(path), path, words)


def _scenario(row: ScenarioRow) -> Scenario:
    rows = tuple(row.row)
    return Scenario(
        scenario_id=row.id, says=row.says.by_language, kind=row.kind, rows=rows, on=row.given.on,
        department_tier=row.given.department_tier, facts=row.given.facts, report=_report(row.when.report),
        resource=row.when.resource or None, steps=tuple(_step(each) for each in row.when.then),
        then=dict(_wanted(row.then.model_dump(exclude_unset=True), rows)),
    )  # fmt: skip


def _wanted(cells: Mapping[str, Any], rows: tuple[int, ...]) -> Iterator[tuple[str, Wanted]]:
    for cell, value in cells.items():
        if cell == "lacking" and isinstance(value, str):
            value = {str(row): value for row in rows}
        yield cell, tuple(value) if isinstance(value, list) else value


def _report(cell: ReportCell | None) -> ReportTold | None:
    if cell is None:
        return None
    place = PlaceGiven(area=cell.area or None, building=cell.building or None, text=cell.place or None)
    return ReportTold(
        category=cell.category, place=place, text=cell.text, answers=cell.answers, secrecy=cell.secrecy,
        origin=cell.origin, channel=cell.channel, by=cell.by or None, nobody=not cell.reporter,
        point=None if cell.point is None else (cell.point[0], cell.point[1]),
    )  # fmt: skip


def _step(cell: StepCell) -> Step:
    if cell.does:
        return Act(cell.by, cell.does, cell.with_)
    if cell.triage or cell.follow:
        return Triaged() if cell.triage else Followed()
    return Wait(cell.wait, cell.until)
