"""A draft of a pack is handed in: checked as a whole, kept under a number, or refused with every problem it has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.router.checked_pages import check_pages
from services.router.desk import Desk
from services.router.pack_versions import Draft, InForce, Officer, Version
from services.router.rules_officers import HANDS_IN, post_with
from services.router.versions import Versions
from shaoyin.adapters.pack_cells import packed_cells_of, unpacked_pages
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.packs import pages_of, version_of
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid, not_now
from shaoyin.domain.pack import Pack

PAGE = r"^[a-z][a-z0-9_-]{0,40}\.(ya?ml|geojson)$"
FILES_AT_MOST = 20
BODY_AT_MOST = 4 * 1024 * 1024
"""A street with a thousand grids fills a quarter of a megabyte."""


Files = Annotated[
    dict[Annotated[str, Field(pattern=PAGE)], Annotated[str, Field(max_length=BODY_AT_MOST)] | None],
    Field(max_length=FILES_AT_MOST),
]
"""Pages by name; null for one that goes."""


class HandedIn(BaseModel):
    """The community's own pages that changed: a text, or null for one that goes. The others stay as they are in force.

    `based_on` is the version that was changed; where another one is in force by now the draft is refused. `folder`
    takes the pages that lie in the pack's folder at the server, those it extends included: a new release brings them.
    """

    model_config = ConfigDict(extra="forbid")

    files: Files = Field(default_factory=dict)
    folder: bool = False
    based_on: Annotated[int | None, Field(ge=1, le=10**6)] = None
    note: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The version, and whether it is new: the same pages once more are no second version."""

    version: Version
    new: bool


async def hand_in(
    desk: Desk, versions: Versions, folder: Path, person: str, name: str, raw: Mapping[str, object]
) -> Kept:  # fmt: skip
    """404 → 403 → 409 → 422 (mechanics 27). A refused draft changes nothing."""
    pack, line = in_force(versions, name)
    officer = Officer(person, post_with(HANDS_IN, person, pack).post_id, desk.clock.now())
    body = _checked(raw)
    if body.based_on is not None and body.based_on != line.number:
        raise not_now("moved_on", {"number": line.number, "based_on": body.based_on}, ())
    pages = await (_of_folder(folder, name) if body.folder else changed_pages(versions, line, body.files))
    await check_pages(name, pages, pack.calendar.local_day(desk.clock.now()))
    before = await versions.store.numbers()
    cells = await asyncio.to_thread(packed_cells_of, pages)
    draft = Draft(name, version_of(pages), pages, cells, officer, body.note, None if body.folder else line.number)
    kept = await versions.store.keep(draft)
    desk.noticed("pack_versions_handed_in", 1)
    return Kept(kept, (name, kept.version) not in before)


def in_force(versions: Versions, name: str) -> tuple[Pack, InForce]:
    """Raises Problem 404, and 503 before the store has said what is in force."""
    pack, line = versions.packs.get(name), versions.lines.get(name)
    if pack is None:
        raise Problem(404, "unknown_community", {"community": name})
    if line is None:
        raise Problem(503, "engine_away", headers={"Retry-After": "1"})
    return pack, line


def _checked(raw: Mapping[str, object]) -> HandedIn:
    try:
        body = HandedIn.model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    if body.folder == bool(body.files):
        raise invalid([FieldError("files", "nothing_handed_in")])
    return body


async def _of_folder(folder: Path, name: str) -> Handed:
    try:
        return await asyncio.to_thread(pages_of, folder / name)
    except OSError as gone:
        raise invalid([FieldError("folder", "no_folder", {"pack": name})]) from gone


async def changed_pages(versions: Versions, line: InForce, files: Mapping[str, str | None]) -> Handed:
    """The version in force with the pages that were handed in instead of its own."""
    packed = await versions.store.pages(line.pack, line.number)
    assert packed is not None, f"version {line.number} of {line.pack} is in force and has no pages"
    pages = dict(await asyncio.to_thread(unpacked_pages, packed))
    own = {name: page for name, page in pages[line.pack].items() if name not in files}
    pages[line.pack] = own | {name: text.encode() for name, text in files.items() if text is not None}
    return pages
