"""A version of a pack as it is stored and sent: its pages as they were written, and their cells as plain data.

Who puts a version in force that somebody else has checked reads the cells: that takes a fiftieth of the time of YAML.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shaoyin.adapters.pack_build import build
from shaoyin.adapters.pack_files import Page
from shaoyin.adapters.pack_geojson import read_page
from shaoyin.adapters.pack_merge import Layer, merge
from shaoyin.adapters.pack_shapes import PAGES
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.domain.pack import Pack

Cells = Mapping[str, Mapping[str, object]]
"""Packs by name, the one that everything rests on first; each with what its pages say, by file name."""
LARGEST = 32 * 1024 * 1024
"""Bytes of a version once unpacked."""
_DATE = "$date"
_GZIP = 16 + zlib.MAX_WBITS


class Torn(Exception):  # noqa: N818 - said of what is stored or was sent
    """What was packed cannot be unpacked: it is cut off, too large, or something else."""


class Unusable(Exception):  # noqa: N818 - said of a version
    """This software cannot use a version that was right for the one that checked it; says where and why."""


def cells_of(pages: Handed) -> Cells:
    """Of pages that were checked; scenarios, which try the others out and decide nothing, are not among them."""
    return {
        pack: {file: read_page(file, content).data for file, content in files.items() if file in PAGES}
        for pack, files in pages.items()
    }


def pack_from(version: str, cells: Cells) -> Pack:
    """The pack of pages that were checked when they were handed in; they are not judged again. Raises Unusable."""
    merged, wrong = merge([_layer(name, files) for name, files in cells.items()])
    if wrong:
        layer, file, slip = wrong[0]
        raise Unusable(f"{layer.folder / file}: {slip.code} {slip.path}")
    pack, problems = build(merged, version)
    if pack is None:
        raise Unusable(", ".join(f"{each.file}: {each.code}" for each in problems))
    return pack


def _layer(name: str, files: Mapping[str, object]) -> Layer:
    if "pack.yaml" not in files:
        raise Unusable(f"{name} has no pack.yaml")
    try:
        shapes = {file: PAGES[file].model_validate(said) for file, said in files.items()}
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        raise Unusable(f"{name}: {wrong.title} {'.'.join(map(str, first['loc']))}: {first['msg']}") from wrong
    except KeyError as unknown:
        raise Unusable(f"{name} has a page that is not known here: {unknown}") from unknown
    return Layer(Path(name), {file: Page(said, {}, {}, ()) for file, said in files.items()}, shapes)


def packed_cells(cells: Cells) -> str:
    return _packed(json.dumps(cells, ensure_ascii=False, separators=(",", ":"), default=_written))


def unpacked_cells(packed: str) -> Cells:
    """Raises Torn."""
    found: Cells = _object(_unpacked(packed))
    return found


def packed_cells_of(pages: Handed) -> str:
    """As `packed_cells`, of pages that were checked."""
    return packed_cells(cells_of(pages))


def packed_pages(pages: Handed) -> str:
    texts = {pack: {file: content.decode() for file, content in files.items()} for pack, files in pages.items()}
    return _packed(json.dumps(texts, ensure_ascii=False))


def unpacked_pages(packed: str) -> Handed:
    """Raises Torn."""
    found: Mapping[str, Mapping[str, str]] = _object(_unpacked(packed))
    return {pack: {file: text.encode() for file, text in texts.items()} for pack, texts in found.items()}


def _packed(text: str) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def _unpacked(packed: str) -> bytes:
    opener = zlib.decompressobj(_GZIP)
    try:
        found = opener.decompress(base64.b64decode(packed, validate=True), LARGEST)
    except (ValueError, zlib.error) as wrong:
        raise Torn(str(wrong)) from wrong
    if not opener.eof:
        raise Torn("cut off or too large")
    return found


def _object(text: bytes) -> Any:
    try:
        return json.loads(text, object_hook=_read)
    except ValueError as wrong:
        raise Torn(str(wrong)) from wrong


def _written(value: object) -> dict[str, str]:
    assert isinstance(value, date), "YAML knows no other value that JSON does not know"
    return {_DATE: value.isoformat()}


def _read(cells: dict[str, Any]) -> object:
    return date.fromisoformat(cells[_DATE]) if cells.keys() == {_DATE} else cells
