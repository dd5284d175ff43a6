"""A problem of a pack: what keeps it from being published, and the cell it is in."""

from __future__ import annotations

from shaoyin.domain.frozen import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a pack from being published; `path` leads to the cell, the adapter knows its row and column.

    `about` is the name that the sentence needs and the cell does not show, such as the row that shadows this one.
    """

    file: str
    path: Path
    code: str
    detail: str
    about: str = ""
