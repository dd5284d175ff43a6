"""Writes a row of the rules as YAML the way the pages of the house look: one line where it fits, else one a cell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from shaoyin.adapters.pack_files import Unreadable, read

WIDTH = 120
ORDER = ("row", "part", "group", "effect", "before", "when", "then", "basis")


def row_text(row: Mapping[str, Any]) -> str:
    """The row as an entry of the list; whatever has no place of its own comes before the ground."""
    names = [*(name for name in ORDER[:-1] if name in row), *(name for name in row if name not in ORDER)]
    lines = [line for name in (*names, *(("basis",) if "basis" in row else ())) for line in _entry(name, row[name], 2)]
    return "- " + "\n".join(lines)[2:] + "\n"


def _entry(name: str, value: Any, indent: int) -> list[str]:
    start = f"{' ' * indent}{name}:"
    if not isinstance(value, (dict, list)):
        return [f"{start} {_scalar(value, flow=False)}"]
    line = f"{start} {flow(value)}"
    if len(line) <= WIDTH or not value or (isinstance(value, list) and not any(isinstance(e, dict) for e in value)):
        return [line]
    return [start, *_block(value, indent + 2)]


def _block(value: Any, indent: int) -> list[str]:
    if isinstance(value, dict):
        return [line for name, each in value.items() for line in _entry(str(name), each, indent)]
    entries = [_block(each, indent + 2) if isinstance(each, dict) else [_scalar(each, flow=False)] for each in value]
    return [f"{' ' * indent}- {entry[0].lstrip()}\n" + "\n".join(entry[1:]) if len(entry) > 1
            else f"{' ' * indent}- {entry[0].lstrip()}" for entry in entries]  # fmt: skip


def flow(value: Any) -> str:
    """A cell on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return _scalar(value, flow=True)


@lru_cache(maxsize=4096)
def _scalar(value: Any, *, flow: bool) -> str:
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    page = f"[{value}]\n" if flow else f"x: {value}\n"
    return value if value and "\n" not in value and _read(page) in ([value], {"x": value}) else _quoted(value)


def _quoted(value: str) -> str:
    """As JSON, which YAML reads; tabs are no part of a page."""
    return json.dumps(value, ensure_ascii=False)


def _read(page: str) -> object:
    try:
        return read.__wrapped__(page.encode()).data
    except Unreadable:
        return None
