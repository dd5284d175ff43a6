"""Loads a community's pack: the whole pack, or every problem with its file, row and column.

Nothing is half loaded and nothing is skipped (promise 7). The version is the hash of the pages it was made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationError

from shaoyin.adapters.pack_borders import problems_of_borders
from shaoyin.adapters.pack_build import build
from shaoyin.adapters.pack_files import TOP, Page, Slip, Spot, Steps, Unreadable, read
from shaoyin.adapters.pack_geojson import read_page
from shaoyin.adapters.pack_merge import Layer, Merged, merge
from shaoyin.adapters.pack_names import NAME
from shaoyin.adapters.pack_shapes import PAGES, PackPage
from shaoyin.adapters.pack_shelf import Handed, InMemory, OnDisk, Shelf, has_scenarios
from shaoyin.adapters.pack_slips import slips
from shaoyin.adapters.pack_texts import problems_of_texts
from shaoyin.adapters.pack_times import problems_of_calendar, problems_of_times
from shaoyin.adapters.pack_wording import said
from shaoyin.domain.pack import Pack
from shaoyin.domain.problems import Problem, problems

OWN = ("pack.yaml", "areas.yaml", "orgs.yaml", "people.yaml")
"""The pages every community writes itself; the others it may take from the pack it extends."""
SUGGESTED = 200
"""For so many problems the nearest known name is looked for: more of them have one cause, and looking takes time."""
OPTIONAL = ("standing.yaml", "suggest.yaml", "profile.yaml", "areas.geojson")
"""Pages that nobody need write: no standing whistles, suggestions, figures or polygons are no fault."""


@dataclass(frozen=True, slots=True, order=True)
class Located:
    """A problem where an editor finds it, said in Chinese and English; rows and columns count from 1."""

    file: str
    row: int
    column: int
    path: str
    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.row}:{self.column}: {self.code}: {self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pack that may be published and no problem, or no pack and its problems."""

    pack: Pack | None
    problems: tuple[Located, ...]


def load(folder: Path, published_on: date | None = None) -> Loaded:
    """Reads the folder and those it extends. Every page is read before anything is judged.

    Without `published_on` the reach of the calendar is not judged: what was published goes on being in force.
    """
    if folder.name in ("", ".."):
        folder = folder.resolve()
    return _load(folder, OnDisk(), published_on)


def is_example(folder: Path) -> bool:
    """Whether a pack only shows how one is written; asked before it is loaded, so a broken page is none."""
    try:
        cells = read((folder / "pack.yaml").read_bytes()).data
    except (OSError, Unreadable):
        return False
    return isinstance(cells, dict) and cells.get("example") is True


def load_handed(name: str, packs: Handed, published_on: date | None = None) -> Loaded:
    return _load(Path(name), InMemory(packs), published_on)


def pages_of(folder: Path) -> Handed:
    """The bytes of a pack and of those it extends, as `load_handed` takes them. Raises OSError where one is missing."""
    shelf = OnDisk()
    chain = list(_folders(folder, shelf, []))
    return {each.name: {file: shelf.content(each, file) for file in sorted(_pages(each, shelf))} for each in chain}


def shapes_of(folder: Path, names: Collection[str], wrong: list[Located]) -> Mapping[str, BaseModel]:
    """Some pages of a folder, each by itself; what is wrong with them is added to `wrong`."""
    shelf = OnDisk()
    there = [name for name in names if name in shelf.files(folder)]
    return _layer(folder, {name: shelf.content(folder, name) for name in there}, wrong).shapes


def version_of(pages: Handed) -> str:
    """What a version of these pages is called, whether they are right or wrong."""
    raw = {Path(pack): {name: page for name, page in files.items() if name in PAGES} for pack, files in pages.items()}
    return _version(raw)


def _load(folder: Path, shelf: Shelf, published_on: date | None) -> Loaded:
    wrong: list[Located] = []
    found = list(_folders(folder, shelf, wrong))
    raw = {each: dict(_bytes(each, shelf, wrong)) for each in found}
    layers = [_layer(each, raw[each], wrong) for each in found]
    wrong += _missing(found, raw)
    if wrong:
        return refused(wrong)
    merged, slipped = merge(layers)
    if slipped:
        return refused([located(layer.folder / file, slip) for layer, file, slip in slipped])
    pack, problems_found = build(merged, _version(raw))
    if pack is not None:
        problems_found += [*problems(pack), *problems_of_texts(pack), *problems_of_times(pack)]
        if published_on is not None:
            problems_found += problems_of_calendar(pack, published_on)
            if not any(each.file == "areas.yaml" for each in problems_found):
                problems_found += problems_of_borders(pack, published_on)
    if problems_found:
        return refused([_placed(merged, layers[-1], each, n < SUGGESTED) for n, each in enumerate(problems_found)])
    return Loaded(pack, ())


def refused(wrong: Sequence[Located]) -> Loaded:
    return Loaded(None, tuple(sorted(set(wrong))))


def located(file: Path, slip: Slip) -> Located:
    zh, en = said(slip.code, slip.told)
    return Located(str(file), slip.spot.row, slip.spot.column, _dotted(slip.path), slip.code, zh, en)


def _dotted(path: Steps) -> str:
    return ".".join(str(step) for step in path)


def _folders(folder: Path, shelf: Shelf, wrong: list[Located]) -> Iterator[Path]:
    """The pack that everything rests on first, the community's own last."""
    chain: list[Path] = []
    above: str | None = folder.name
    while above:
        here = folder.parent / above if chain else folder
        if not shelf.has(here) or here in chain:
            code = "extends_loop" if here in chain else "no_pack"
            at = chain[-1] / "pack.yaml" if chain else here
            wrong.append(located(at, Slip(code, TOP, (), {"folder": str(here)})))
            break
        chain.append(here)
        above = _extends(here, shelf)
    yield from reversed(chain)


def _extends(folder: Path, shelf: Shelf) -> str | None:
    """What the folder builds on, as far as its page can be read; what is wrong with the page is told elsewhere."""
    try:
        data = read(shelf.content(folder, "pack.yaml")).data
    except (OSError, Unreadable):
        return None
    extends = data.get("extends") if isinstance(data, dict) else None
    return extends if isinstance(extends, str) and NAME.fullmatch(extends) else None


def _pages(folder: Path, shelf: Shelf) -> Iterator[str]:
    return (name for name in shelf.files(folder) if name.lower().endswith((".yaml", ".yml", ".geojson")))


def _bytes(folder: Path, shelf: Shelf, wrong: list[Located]) -> Iterator[tuple[str, bytes]]:
    """Every YAML and GeoJSON file of a folder; one that no pack knows is a problem, not something to pass over.

    Scenarios say what the pack should do and change nothing of it; they are read where they are judged.
    """
    for name in sorted(_pages(folder, shelf)):
        if has_scenarios(name):
            continue
        if name not in PAGES:
            wrong.append(located(folder / name, Slip("unknown_file", TOP, (), {"allowed": ", ".join(PAGES)})))
            continue
        try:
            yield name, shelf.content(folder, name)
        except OSError as error:
            wrong.append(located(folder / name, Slip("unreadable", TOP, (), {"reason": error.strerror or str(error)})))


def _layer(folder: Path, raw: dict[str, bytes], wrong: list[Located]) -> Layer:
    pages: dict[str, Page] = {}
    shapes: dict[str, BaseModel] = {}
    for name, content in raw.items():
        try:
            page = pages[name] = read_page(name, content)
        except Unreadable as error:
            wrong.append(located(folder / name, error.slip))
            continue
        found = list(page.slips)
        try:
            shapes[name] = PAGES[name].model_validate(page.data)
        except ValidationError as error:
            found += slips(error, page, PAGES[name])
        wrong += [located(folder / name, slip) for slip in found]
    said_name = shapes.get("pack.yaml")
    if isinstance(said_name, PackPage) and said_name.name != folder.name:
        spot = pages["pack.yaml"].spot(("name",))
        wrong.append(located(folder / "pack.yaml", Slip("name_differs", spot, ("name",), {"folder": folder.name})))
    return Layer(folder, pages, shapes)


def _missing(folders: Sequence[Path], raw: dict[Path, dict[str, bytes]]) -> Iterator[Located]:
    if not folders:
        return
    own = folders[-1]
    anywhere = {name for files in raw.values() for name in files}
    for name in PAGES:
        if name not in OPTIONAL and name not in (raw[own] if name in OWN else anywhere):
            yield located(own / name, Slip("missing_file", TOP))
    for folder in folders[:-1]:
        if "pack.yaml" not in raw[folder]:
            yield located(folder / "pack.yaml", Slip("missing_file", TOP))


def _version(raw: dict[Path, dict[str, bytes]]) -> str:
    """The first 12 hex digits of SHA-256 over the sorted file names and their bytes."""
    digest = hashlib.sha256()
    for name, content in sorted(
        (f"{folder.name}/{name}", data) for folder, files in raw.items() for name, data in files.items()
    ):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _placed(merged: Merged, own: Layer, problem: Problem, suggest: bool) -> Located:
    """A problem of the whole, brought back to the page that says it."""
    told = {"about": problem.about, "detail": problem.detail}
    zh, en = said(problem.code, told, problem.known if suggest else ())
    origin = merged.origin(problem.file, problem.path)
    layer, file, path = (origin.layer, origin.file, origin.path) if origin else (own, problem.file, problem.path)
    page = layer.pages.get(file)
    spot: Spot = page.spot(path) if page is not None else TOP
    return Located(str(layer.folder / file), spot.row, spot.column, _dotted(path), problem.code, zh, en)
