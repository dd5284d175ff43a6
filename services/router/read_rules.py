"""The rules in force as pages: every row in words, looked for by words, group and category; and a row by itself."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.router.hand_in import in_force
from services.router.pack_versions import InForce
from services.router.rule_pages import in_html, pack_at, page, versions_of, visiting
from services.router.rule_rows import LookedFor, RowTold, Telling, told
from services.router.versions import Versions
from shaoyin.adapters.category_groups import group_name
from shaoyin.adapters.pack_cells import unpacked_pages
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.rule_reading import columns
from shaoyin.adapters.rule_table import rows_of
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import GROUPS

AT_A_TIME = 200
"""Rows on one page."""
TABLES_AT_MOST = 8
_tables: OrderedDict[tuple[str, str], Table] = OrderedDict()
"""Tables in words by pack and version, the one read last at the end: a version says the same for ever."""


@dataclass(frozen=True)
class Table:
    """The pages of a version and its rows in words."""

    pages: Handed
    rows: tuple[RowTold, ...]


async def table_of(versions: Versions, pack: Pack, line: InForce) -> Table:
    """Of the version in force. While another one is just coming in, its words may be told by the pack before: such a
    table is not remembered.
    """
    key = (pack.name, line.version)
    if key not in _tables:
        packed = await versions.store.pages(pack.name, line.number)
        assert packed is not None, f"version {line.number} of {pack.name} is in force and has no pages"
        made = await asyncio.to_thread(_table, packed, pack)
        if pack.version != line.version:
            return made
        _tables[key] = made
    _tables.move_to_end(key)
    while len(_tables) > TABLES_AT_MOST:
        _tables.popitem(last=False)
    return _tables[key]


def _table(packed: str, pack: Pack) -> Table:
    pages = unpacked_pages(packed)
    return Table(pages, told(rows_of(pages).values(), pack))


@in_html
async def communities(request: Request) -> Response:
    who = await visiting(request)
    packs = sorted(versions_of(request).packs.values(), key=lambda pack: pack.name)
    if len(packs) == 1:
        return RedirectResponse(f"/rules/{packs[0].name}", 303)
    return page(request, "communities.html", {"communities": packs}, who)


@in_html
async def table(request: Request) -> Response:
    return await _shown(request, "table.html")


@in_html
async def found(request: Request) -> Response:
    """The part of the page with the rows, for the script that asks for it while words are typed."""
    return await _shown(request, "found.html")


async def _shown(request: Request, name: str) -> Response:
    who, versions, pack = await visiting(request), versions_of(request), pack_at(request)
    await versions.settle_first()
    pack, line = in_force(versions, pack.name)
    rows = (await table_of(versions, pack, line)).rows
    asked = request.query_params
    wanted = LookedFor(asked.get("words", "")[:200], asked.get("group", ""), asked.get("category", ""))
    matching = wanted.among(rows)
    first = _whole(asked.get("from", ""), len(matching))
    context = {
        "pack": pack, "number": line.number, "wanted": wanted, "count": len(matching), "of": len(rows),
        "groups": _by_group(matching[first : first + AT_A_TIME], pack), "first": first,
        "more": first + AT_A_TIME if first + AT_A_TIME < len(matching) else None,
        "group_choices": [(group, Telling(pack).word("groups", group)) for group in GROUPS],
        "categories": list(categories_by_level(pack)), "columns": columns(), "changes": who.hands_in(pack),
    }  # fmt: skip
    return page(request, name, context, who)


@in_html
async def row(request: Request) -> Response:
    who, versions, pack = await visiting(request), versions_of(request), pack_at(request)
    await versions.settle_first()
    pack, line = in_force(versions, pack.name)
    name = request.path_params["row"]
    found = next((each for each in (await table_of(versions, pack, line)).rows if each.line == name), None)
    if found is None:
        raise Problem(404, "unknown_row", {"row": name, "pack": pack.name})
    context = {
        "pack": pack, "number": line.number, "row": found, "columns": columns(),
        "group": Telling(pack).word("groups", found.group),
    }  # fmt: skip
    return page(request, "row.html", context, who)


def _whole(said: str, most: int) -> int:
    return min(int(said), most) if said.isascii() and said.isdigit() and len(said) < 7 else 0


def _by_group(rows: list[RowTold], pack: Pack) -> list[tuple[object, list[RowTold]]]:
    telling, groups = Telling(pack), dict.fromkeys(row.group for row in rows)
    return [(telling.word("groups", group), [row for row in rows if row.group == group]) for group in groups]


def categories_by_level(pack: Pack) -> Iterator[Mapping[str, object]]:
    """Every category under what the first level of its code is called."""
    levels: dict[str, list[object]] = {}
    for category in pack.categories.values():
        levels.setdefault(category.code.partition(".")[0], []).append(category)
    for level, of in levels.items():
        yield {"level": level, "zh": group_name(level, "zh-CN"), "en": group_name(level, "en"), "categories": of}
