"""A problem of a pack: what keeps it from being published, and the cell it is in."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from shaoyin.domain.frozen import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a pack from being published; `path` leads to the cell, the adapter knows its row and column.

    `about` is the name that the sentence needs and the cell does not show, such as the row that shadows this one.
    `known` are the names that would have led somewhere: the nearest of them is what the clerk may have meant.
    """

    file: str
    path: Path
    code: str
    detail: str
    about: str = ""
    known: Collection[str] = ()


def unknown(kind: str, file: str, path: Path, name: str | None, known: Collection[str]) -> Iterator[Problem]:
    """A name that leads nowhere; no name at all leads nowhere on purpose."""
    if name is not None and name not in known:
        yield Problem(file, path, f"unknown_{kind}", f"there is no {kind} {name!r}", name, known)
