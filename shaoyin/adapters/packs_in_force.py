"""The packs that are in force in this process. A new version takes the place of the old one for whatever comes next.

All that is in the process shares the one object; whoever reads twice in one piece of work keeps the pack he has read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from shaoyin.adapters.pack_cells import Cells, Torn, Unusable, pack_from, unpacked_cells
from shaoyin.contracts.packs import PackPublished
from shaoyin.domain.pack import Pack

log = logging.getLogger(__name__)
Told = Callable[[Pack | None, Pack], None]
"""What was in force before, and what is now."""


class Packs(Mapping[str, Pack]):
    """Begins with what the folder says; from the first publication on that is what counts, and the latest wins."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self._packs = dict(packs)
        self.begun_with = {name: pack.version for name, pack in packs.items()}
        self._publications: dict[str, int] = {}
        self._unusable: dict[str, int] = {}
        self._told: list[Told] = []
        self._one_at_a_time = asyncio.Lock()

    def __getitem__(self, name: str) -> Pack:
        return self._packs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._packs)

    def __len__(self) -> int:
        return len(self._packs)

    def publication(self, name: str) -> int:
        """Of the version in force here; 0 is the folder's, which nobody has published yet."""
        return self._publications.get(name, 0)

    @property
    def unusable(self) -> Sequence[str]:
        """Packs whose last publication this software cannot read; what was in force before stays so."""
        return [name for name, publication in self._unusable.items() if publication > self.publication(name)]

    def tell(self, told: Told) -> None:
        """Calls it whenever another version has come into force."""
        self._told.append(told)

    async def put(self, published: PackPublished) -> bool:
        """In force from now on, unless a later publication is already. False where nothing changed.

        One that cannot be read is said, and `unusable` from then on; it is no reason to stop the service.
        """
        async with self._one_at_a_time:
            if published.publication <= max(self.publication(published.pack), self._unusable.get(published.pack, 0)):
                return False
            before = self._packs.get(published.pack)
            pack = before
            if before is None or before.version != published.version:
                try:
                    pack = await made(published.version, published.cells)
                except (Torn, Unusable):
                    log.exception("publication %d of %s cannot be used here", published.publication, published.pack)
                    self._unusable[published.pack] = published.publication
                    return False
            assert pack is not None
            self._packs = {**self._packs, published.pack: pack}
            self._publications[published.pack] = published.publication
        for told in self._told if pack is not before else ():
            told(before, pack)
        return pack is not before


async def made(version: str, cells: str) -> Pack:
    """The pack of packed cells, made beside the work of the process. Raises Torn and Unusable."""
    return await asyncio.to_thread(lambda: pack_from(version, _checked(unpacked_cells(cells))))


def _checked(cells: Cells) -> Cells:
    if not isinstance(cells, dict) or not all(isinstance(each, dict) for each in cells.values()):
        raise Torn("no pages by pack and file")
    return cells


def shared(packs: Mapping[str, Pack]) -> Packs:
    """The same object where it is one already."""
    return packs if isinstance(packs, Packs) else Packs(packs)
