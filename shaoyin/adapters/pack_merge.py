"""Lays a community's pages over the ones it extends, and remembers which page each entry came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel

from shaoyin.adapters.pack_files import TOP, Page, Slip, Steps
from shaoyin.adapters.pack_profile import PROFILE
from shaoyin.adapters.pack_shapes import CalendarPage, Kept, PackPage, SuggestPage
from shaoyin.domain.calendar import Within
from shaoyin.domain.happened import SuspensionReason
from shaoyin.domain.pack import LIMITED, URGENCIES, Urgency

_LISTS: tuple[tuple[str, Steps, str], ...] = (
    ("pack.yaml", ("emergencies",), "danger"),
    ("areas.yaml", (), "id"),
    ("areas.geojson", ("features",), "line"),
    ("orgs.yaml", ("orgs",), "id"),
    ("orgs.yaml", ("posts",), "id"),
    ("people.yaml", ("people",), "id"),
    ("people.yaml", ("registrations",), "id"),
    ("rules.yaml", (), "line"),
    ("calendar.yaml", ("years",), "year"),
    ("standing.yaml", (), "id"),
    *(("profile.yaml", (section,), key) for section, key in PROFILE),
)
"""Lists, and the cell by which a community replaces an entry."""
_TABLES: tuple[tuple[str, Steps], ...] = (
    ("pack.yaml", ("counts",)),
    ("pack.yaml", ("matter_catalogue",)),
    ("pack.yaml", ("elsewhere",)),
    ("orgs.yaml", ("kinds",)),
    ("categories.yaml", ()),
    ("questions.yaml", ()),
    ("whistles.yaml", ()),
    ("messages.yaml", ()),
)
_CELLS: tuple[tuple[str, str], ...] = (
    ("pack.yaml", "root"),
    ("pack.yaml", "chain"),
    ("pack.yaml", "department_tier"),
    ("pack.yaml", "own_work_by"),
    ("pack.yaml", "coordinates"),
    ("pack.yaml", "tolerance_metres"),
    ("pack.yaml", "emergency_modes"),
    ("calendar.yaml", "zone"),
    ("calendar.yaml", "duty"),
)
_NEEDED = frozenset({"root", "chain", "zone", "duty", "years"})


@dataclass(frozen=True)
class Layer:
    """One folder, read: its pages, and what stood on them."""

    folder: Path
    pages: Mapping[str, Page]
    shapes: Mapping[str, BaseModel]


@dataclass(frozen=True)
class Origin:
    layer: Layer
    file: str
    path: Steps


@dataclass
class Merged:
    """What holds for the community in the end. `origins` leads from a place in the whole to a place on a page."""

    page: PackPage
    lists: dict[tuple[str, Steps], list[Any]] = field(default_factory=dict)
    tables: dict[tuple[str, Steps], dict[str, Any]] = field(default_factory=dict)
    cells: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, dict[Urgency, Within]] = field(default_factory=dict)
    default_result: dict[Urgency, Within] = field(default_factory=dict)
    suspensions: dict[str, Within] = field(default_factory=dict)
    retention: dict[Kept, Within] = field(default_factory=dict)
    tellings: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    unsaid: dict[str, tuple[str, ...]] = field(default_factory=dict)
    origins: dict[tuple[str, Steps], Origin] = field(default_factory=dict)

    def origin(self, file: str, path: Steps) -> Origin | None:
        """The page that says it: of the nearest entry around the place, with the rest of the way down."""
        for length in range(len(path), -1, -1):
            found = self.origins.get((file, path[:length]))
            if found is not None:
                return Origin(found.layer, found.file, (*found.path, *path[length:]))
        return None


def merge(layers: Sequence[Layer]) -> tuple[Merged, list[tuple[Layer, str, Slip]]]:
    """The whole, and what is wrong with it: an entry twice on one page, or a cell that no page says."""
    own = layers[-1]
    merged = Merged(cast(PackPage, own.shapes["pack.yaml"]))
    wrong = [slip for file, prefix, key in _LISTS for slip in _list(merged, layers, file, prefix, key)]
    for file, prefix in _TABLES:
        _table(merged, layers, file, prefix)
    for file, name in _CELLS:
        _cell(merged, layers, file, name)
    for layer in layers:
        _clocks(merged, layer)
        _words(merged, layer)
    wrong += [(own, "pack.yaml", slip) for slip in _unsaid(merged)]
    return merged, wrong


def _shape(layer: Layer, file: str, prefix: Steps) -> Any:
    page = layer.shapes.get(file)
    if page is None:
        return None
    return getattr(page, str(prefix[0]) if prefix else "root")


def _list(
    merged: Merged, layers: Sequence[Layer], file: str, prefix: Steps, key: str
) -> Iterator[tuple[Layer, str, Slip]]:
    """An entry takes the place of the one it replaces. New rules come before inherited ones: the own word counts."""
    entries: dict[object, tuple[Any, Origin]] = {}
    for layer in layers:
        _from_here_on(merged, layer, file, prefix)
        new: dict[object, tuple[Any, Origin]] = {}
        seen: set[object] = set()
        for index, item in enumerate(_shape(layer, file, prefix) or ()):
            name = getattr(item, key)
            path = (*prefix, index)
            if name in seen:
                code, cell = ("row_twice", "row") if file == "rules.yaml" else ("id_twice", key)
                told = {"key": str(name), "about": str(name)}
                yield layer, file, Slip(code, layer.pages[file].spot((*path, cell)), (*path, cell), told)
            seen.add(name)
            (entries if name in entries else new)[name] = item, Origin(layer, file, path)
        entries = {**new, **_without_old_lines(entries, layer, seen)} if file == "rules.yaml" else {**entries, **new}
    merged.lists[file, prefix] = [item for item, _ in entries.values()]
    merged.origins.update({(file, (*prefix, n)): origin for n, (_, origin) in enumerate(entries.values())})


def _without_old_lines(
    entries: dict[object, tuple[Any, Origin]], layer: Layer, said: set[object]
) -> dict[object, tuple[Any, Origin]]:
    """A page that says one line of a row says the whole row: inherited lines that it does not repeat are gone."""
    rows = {item.row for item, origin in entries.values() if origin.layer is layer}
    rows |= {item.row for item in _shape(layer, "rules.yaml", ()) or ()}
    return {
        line: (item, origin) for line, (item, origin) in entries.items() if line in said or item.row not in rows
    }  # fmt: skip


def _table(merged: Merged, layers: Sequence[Layer], file: str, prefix: Steps) -> None:
    table = merged.tables.setdefault((file, prefix), {})
    for layer in layers:
        _from_here_on(merged, layer, file, prefix)
        for name, item in (_shape(layer, file, prefix) or {}).items():
            table[name] = item
            merged.origins[file, (*prefix, name)] = Origin(layer, file, (*prefix, name))


def _from_here_on(merged: Merged, layer: Layer, file: str, prefix: Steps) -> None:
    """What lacks an entry as a whole is shown on the last page that could have said it."""
    if file in layer.pages:
        merged.origins[file, prefix] = Origin(layer, file, prefix)


def _cell(merged: Merged, layers: Sequence[Layer], file: str, name: str) -> None:
    for layer in layers:
        page = cast(PackPage | CalendarPage | None, layer.shapes.get(file))
        if page is not None and (name in page.model_fields_set or name not in merged.cells):
            merged.cells[name] = getattr(page, name)
            merged.origins[file, (name,)] = Origin(layer, file, (name,))


def _clocks(merged: Merged, layer: Layer) -> None:
    page = cast(PackPage, layer.shapes["pack.yaml"])
    for clock, limits in page.clocks.items():
        merged.limits.setdefault(clock, {}).update(limits)
        for urgency in limits:
            _own(merged, layer, ("clocks", clock, urgency))
    merged.default_result.update(page.default_result)
    for urgency in page.default_result:
        _own(merged, layer, ("default_result", urgency))
    merged.suspensions.update({str(reason): within for reason, within in page.suspensions.items()})
    merged.retention.update(page.retention)
    for section, said in (("suspensions", page.suspensions), ("retention", page.retention)):
        for name in said:
            _own(merged, layer, (section, name))


def _words(merged: Merged, layer: Layer) -> None:
    """Words are added to those that were there: a dialect does not replace what everybody says."""
    page = cast(SuggestPage | None, layer.shapes.get("suggest.yaml"))
    if page is None:
        return
    _add(merged.unsaid, page.unsaid)
    for code, row in page.categories.items():
        _add(merged.tellings.setdefault(code, {}), row)
        merged.origins["suggest.yaml", ("categories", code)] = Origin(layer, "suggest.yaml", ("categories", code))


def _add(words: dict[str, tuple[str, ...]], row: BaseModel) -> None:
    for name, said in row:
        more = said if isinstance(said, tuple) else tuple(filter(None, (said,)))
        words[name] = tuple(dict.fromkeys((*words.get(name, ()), *more)))


def _own(merged: Merged, layer: Layer, path: Steps) -> None:
    merged.origins["pack.yaml", path] = Origin(layer, "pack.yaml", path)


def _unsaid(merged: Merged) -> Iterator[Slip]:
    said = {**merged.cells, "years": merged.lists["calendar.yaml", ("years",)]}
    missing = [name for name in sorted(_NEEDED) if not said.get(name)]
    missing += [
        f"clocks.{clock}.{urgency}"
        for clock in LIMITED
        for urgency in URGENCIES
        if urgency not in merged.limits.get(clock, {})
    ]
    missing += [f"default_result.{urgency}" for urgency in URGENCIES if urgency not in merged.default_result]
    missing += [f"suspensions.{reason}" for reason in get_args(SuspensionReason) if reason not in merged.suspensions]
    missing += [f"retention.{kept}" for kept in get_args(Kept) if kept not in merged.retention]
    for name in missing:
        yield Slip("said_nowhere", TOP, (), {"field": name})
