"""Reads a page of polygons and entrances as a map program writes it: GeoJSON, read as such because it may be long.

Where its cells stand on the page is looked up only when somebody asks, which is when something is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property

from shaoyin.adapters.pack_files import Page, Slip, Spot, Steps, Unreadable, decoded, read, whole


def read_page(file: str, raw: bytes) -> Page:
    """A page of a pack by the name of its file."""
    return read_geojson(raw) if file.endswith(".geojson") else read(raw)


def read_geojson(raw: bytes) -> Page:
    """The page, or Unreadable with the row and column where it broke."""
    text = decoded(raw)
    names: list[object] = []

    def each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            names.append(entries)
        return entries

    try:
        data = json.loads(text, object_pairs_hook=each_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Unreadable(Slip("not_json", Spot(error.lineno, error.colno), told={"reason": error.msg})) from error
    except RecursionError as error:
        raise Unreadable(Slip("too_deep", Spot(1, 1))) from error
    page = Page(data, _Spots(text, "values"), _Spots(text, "keys"), ())
    return whole(_without_tabs(text)) if names else page


def _no_number(said: str) -> object:
    """NaN and the infinities are no JSON; the cell then holds a word, and is refused as no position."""
    return said


def _without_tabs(text: str) -> str:
    return text.replace("\t", " ")


class _Spots(Mapping[Steps, Spot]):
    """JSON is YAML too, so that reader says where everything stands."""

    def __init__(self, text: str, kind: str) -> None:
        self._text, self._kind = text, kind

    @cached_property
    def _found(self) -> Mapping[Steps, Spot]:
        page = whole(_without_tabs(self._text))
        return page.values if self._kind == "values" else page.keys

    def __getitem__(self, path: Steps) -> Spot:
        return self._found[path]

    def __iter__(self) -> Iterator[Steps]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
