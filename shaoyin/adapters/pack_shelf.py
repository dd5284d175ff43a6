"""Where the pages of packs lie: in folders side by side, or as bytes that somebody handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shaoyin.adapters.pack_files import AT_MOST

Handed = Mapping[str, Mapping[str, bytes]]
"""Packs by name, each with its pages by file name: the one that is asked about and those it extends."""
_SCENARIOS = re.compile(r"scenarios(-[a-z0-9-]+)?\.yaml")


def has_scenarios(name: str) -> bool:
    """`scenarios.yaml`, or several pages such as `scenarios-parking.yaml` where one would grow long."""
    return _SCENARIOS.fullmatch(name) is not None


class Shelf(Protocol):
    def has(self, folder: Path) -> bool: ...

    def files(self, folder: Path) -> Iterable[str]: ...

    def content(self, folder: Path, file: str) -> bytes:
        """As much of a page as may be looked at, and one byte more to know that there is more. May raise OSError."""
        ...


class OnDisk:
    """Folders as they are."""

    def has(self, folder: Path) -> bool:
        return folder.is_dir()

    def files(self, folder: Path) -> Iterable[str]:
        return [path.name for path in folder.iterdir()]

    def content(self, folder: Path, file: str) -> bytes:
        with (folder / file).open("rb") as page:
            return page.read(AT_MOST + 1)


@dataclass(frozen=True, slots=True)
class InMemory:
    """Packs that somebody handed in or that a store keeps; nothing is read from a disk."""

    packs: Handed

    def has(self, folder: Path) -> bool:
        return folder.name in self.packs

    def files(self, folder: Path) -> Iterable[str]:
        return self.packs[folder.name]

    def content(self, folder: Path, file: str) -> bytes:
        found = self.packs[folder.name].get(file)
        if found is None:
            raise FileNotFoundError(f"{folder.name} has no {file}")
        return found[: AT_MOST + 1]
