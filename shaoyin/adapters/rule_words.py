"""The words of a rule, as a code and as a Chinese reader writes it: for cells of a page and of a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from shaoyin.adapters.text_pages import text_page


@dataclass(frozen=True)
class Words:
    """One kind of word. A cell may hold the code, any of its words, or both with a space between."""

    by_code: Mapping[str, tuple[str, ...]]

    def shown(self, code: str) -> str:
        """The code with its usual word behind it: `WM 社区吹哨`."""
        said = self.by_code.get(code)
        return f"{code} {said[0]}" if said else code

    def code(self, cell: str) -> str:
        """What the cell means; a word that is none of these stays as it is, and whoever knows the codes refuses it."""
        cell = cell.strip()
        for code, said in self.by_code.items():
            if cell in said:
                return code
        first = cell.partition(" ")[0]
        return first if first in self.by_code else cell


def _resource() -> Mapping[str, Any]:
    return text_page("shaoyin.adapters", "rule_words")


@cache
def words(kind: str) -> Words:
    return Words({code: tuple(said) for code, said in _resource()[kind].items()})


def columns() -> Mapping[str, Mapping[str, str]]:
    """The columns of the workbook in their order, each with its heading in two languages."""
    found: Mapping[str, Mapping[str, str]] = _resource()["columns"]
    return found


def sheet(name: str) -> str:
    return str(_resource()["sheets"][name])
