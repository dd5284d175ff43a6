"""The rules of a pack in force, row by row in the order of asking, in words to be read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from services.router.hand_in import in_force
from services.router.versions import Versions
from services.router.views import View
from shaoyin.adapters.pack_cells import unpacked_pages
from shaoyin.adapters.rule_reading import Reading, columns
from shaoyin.adapters.rule_table import Row, rows_of
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack


async def show_rules(versions: Versions, name: str, language: Language) -> View:
    """Everybody who is signed in may read them; the pages behind them are the officers'."""
    pack, line = in_force(versions, name)
    packed = await versions.store.pages(name, line.number)
    assert packed is not None, f"version {line.number} of {name} is in force and has no pages"
    items = await asyncio.to_thread(_items, packed, pack, language)
    titles = [{"column": column, "title": title[language]} for column, title in columns().items()]
    return {
        "pack": name, "name": pack.names[language], "number": line.number, "version": line.version,
        "columns": titles, "items": items, "next": None,
    }  # fmt: skip


def _items(packed: str, pack: Pack, language: Language) -> list[View]:
    return list(rows_in_words(rows_of(unpacked_pages(packed)).values(), Reading(pack, language)))


def rows_in_words(rows: Iterable[Row], reading: Reading) -> Iterator[View]:
    """`row` is what people call it; `number` is how explanations and simulations name it, with its other lines."""
    for row in rows:
        data = row.entry.data
        yield {
            "row": row.entry.line, "number": data.get("row"), "from": row.pack, "group": reading.group(data),
            "cells": reading.row(data), "comment": row.entry.comment,
        }  # fmt: skip
