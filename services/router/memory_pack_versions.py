"""The store of versions in memory, for tests without an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.router.pack_versions import Draft, InForce, Officer, Publication, Version, numbered
from shaoyin.adapters.pack_cells import packed_pages


class MemoryPackVersions:
    def __init__(self) -> None:
        self._versions: dict[tuple[str, int], tuple[Version, str, str]] = {}
        self._lines: dict[str, InForce] = {}
        self._publications: dict[str, list[Publication]] = {}

    async def prepare(self) -> None:
        return None

    async def keep(self, draft: Draft) -> Version:
        mine = [version for version, _, _ in self._versions.values() if version.pack == draft.pack]
        there = next((version for version in mine if version.version == draft.version), None)
        if there is not None:
            return there
        version = numbered(draft, max([each.number for each in mine], default=0) + 1)
        packed = packed_pages(draft.pages), draft.cells
        self._versions[version.pack, version.number] = version, *packed
        return version

    async def find(self, pack: str, number: int) -> Version | None:
        found = self._versions.get((pack, number))
        return None if found is None else found[0]

    async def history(self, pack: str) -> list[Version]:
        return [version for version, _, _ in reversed(self._versions.values()) if version.pack == pack]

    async def numbers(self) -> Mapping[tuple[str, str], int]:
        return {(each.pack, each.version): each.number for each, _, _ in self._versions.values()}

    async def cells(self, pack: str, version: str) -> str | None:
        found = (each for each in self._versions.values() if (each[0].pack, each[0].version) == (pack, version))
        return next((cells for _, _, cells in found), None)

    async def pages(self, pack: str, number: int) -> str | None:
        found = self._versions.get((pack, number))
        return None if found is None else found[1]

    async def in_force(self) -> list[InForce]:
        return list(self._lines.values())

    async def publications(self, pack: str) -> Sequence[Publication]:
        return list(self._publications.get(pack, ()))

    async def put_in_force(self, version: Version, approved: Officer, after: int, folder: str | None) -> bool:
        before = self._lines.get(version.pack)
        if (0 if before is None else before.publication) != after:
            return False
        line = before or InForce(version.pack, 0, 0, "", approved)
        self._lines[version.pack] = replace(
            line, publication=after + 1, number=version.number, version=version.version, approved=approved,
            folder=folder or line.folder,
        )  # fmt: skip
        self._publications.setdefault(version.pack, []).append(Publication(after + 1, version.number, approved))
        return True

    async def see_folder(self, pack: str, folder: str) -> None:
        self._lines[pack] = replace(self._lines[pack], folder=folder)

    async def mark_sent(self, pack: str, publication: int, cluster: str) -> None:
        line = self._lines[pack]
        if line.publication == publication:
            self._lines[pack] = replace(line, sent=publication, cluster=cluster)
