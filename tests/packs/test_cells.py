"""A version that was checked once is put in force from its cells: the same pack, without reading YAML again."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date

import pytest

from shaoyin.adapters import pack_cells
from shaoyin.adapters.pack_cells import (
    Torn,
    Unusable,
    cells_of,
    pack_from,
    packed_cells,
    packed_pages,
    unpacked_cells,
    unpacked_pages,
)
from shaoyin.adapters.packs import pages_of, version_of
from shaoyin.domain.pack import Pack
from tests.packs.conftest import SHIPPED

PAGES = pages_of(SHIPPED / "wulibao")


def test_the_pack_of_the_cells_is_the_pack_of_the_pages(wulibao: Pack) -> None:
    again = pack_from(wulibao.version, unpacked_cells(packed_cells(cells_of(PAGES))))

    for each in fields(Pack):
        if each.compare:
            assert getattr(again, each.name) == getattr(wulibao, each.name), each.name


def test_polygons_and_entrances_on_a_page_of_their_own_come_along(wulibao: Pack) -> None:
    again = pack_from("v", unpacked_cells(packed_cells(cells_of(PAGES))))

    assert "areas.geojson" in PAGES["wulibao"]
    assert again.areas == wulibao.areas
    assert again.polygons is not None


def test_pages_come_back_letter_by_letter_and_have_the_same_version(wulibao: Pack) -> None:
    again = unpacked_pages(packed_pages(PAGES))

    assert again == PAGES
    assert version_of(again) == wulibao.version


def test_a_version_is_small_enough_for_one_message_many_times_over() -> None:
    assert len(packed_cells(cells_of(PAGES))) < 200_000


def test_the_same_pages_are_packed_alike() -> None:
    assert packed_cells(cells_of(PAGES)) == packed_cells(cells_of(dict(PAGES)))


def test_a_date_is_a_date_again_and_a_text_a_text() -> None:
    cells: pack_cells.Cells = {"town": {"page.yaml": [{"since": date(2026, 11, 6), "text": "2026-11-06"}]}}

    assert unpacked_cells(packed_cells(cells)) == cells


@pytest.mark.parametrize(
    "packed",
    [
        "no base64!",
        base64.b64encode(b"no gzip").decode(),
        packed_pages(PAGES)[:1000],
        base64.b64encode(zlib.compress(b"{", wbits=31)).decode(),
        base64.b64encode(zlib.compress(b"[" * (pack_cells.LARGEST + 1), wbits=31)).decode(),
    ],
    ids=["not base64", "not gzip", "cut off", "not JSON", "a bomb"],
)
def test_what_is_torn_is_said_to_be(packed: str) -> None:
    with pytest.raises(Torn):
        unpacked_cells(packed)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("rules.yaml", [{"row": "four"}]),
        ("invented.yaml", {}),
        ("areas.yaml", [{"id": "a"}]),
    ],
)
def test_a_version_that_this_software_cannot_read_is_unusable(file: str, said: object) -> None:
    cells = {name: dict(files) for name, files in cells_of(PAGES).items()}
    cells["wulibao"][file] = said

    with pytest.raises(Unusable, match="wulibao"):
        pack_from("v", cells)


def test_a_version_whose_pages_lack_something_needed_now_is_unusable() -> None:
    cells = {name: dict(files) for name, files in cells_of(PAGES).items()}
    page = cells["base"]["pack.yaml"]
    assert isinstance(page, Mapping)
    cells["base"]["pack.yaml"] = {name: said for name, said in page.items() if name != "clocks"}

    with pytest.raises(Unusable, match="said_nowhere"):
        pack_from("v", cells)
