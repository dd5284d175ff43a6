"""The versions of packs as one router knows them: the one in force, which others there are, and which decides a case.

A case that an earlier version dispatched is led by that version's rows, categories and limits (mechanics 18). Few
earlier versions are needed at a time; they are fetched when the first such case comes, and the longest unused ones go.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta

from services.router.pack_versions import InForce, PackVersions
from shaoyin.adapters.jobs import resting
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.pack_cells import Torn, Unusable
from shaoyin.adapters.packs_in_force import Packs, made
from shaoyin.contracts.packs import PackPublished
from shaoyin.domain.case import Case
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Report
from shaoyin.domain.versions import as_dispatched, at_triage, with_triage

EARLIER_AT_MOST = 8
"""Earlier versions in memory, all packs together; a batch that needs more of them has them for as long as it lasts."""
WAITS = timedelta(seconds=5)
"""How long a report waits for a version that this router does not know."""
SETTLES_WITHIN = timedelta(seconds=3)
LOOK_AGAIN = timedelta(milliseconds=250)
UNKNOWN_AT_MOST = 100
Key = tuple[str, str]
"""A pack and a version of it."""
log = logging.getLogger(__name__)


class Earlier:
    """An earlier version, and what it makes of the newest for its cases; made once for each newest."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._newest: Pack | None = None
        self._made: dict[bool, Pack] = {}

    def under(self, newest: Pack, case: Case) -> Pack:
        if newest is not self._newest:
            self._newest, self._made = newest, {}
        triage = with_triage(case)
        if triage not in self._made:
            self._made[triage] = (at_triage if triage else as_dispatched)(self._pack, newest)
        return self._made[triage]


class Versions:
    """One router's view. `settled` is set once the store has said what is in force."""

    def __init__(
        self, packs: Packs, store: PackVersions, noticed: Callable[[str, int], None] = lambda _what, _how_many: None
    ) -> None:
        self.packs = packs
        self.store = store
        self.settled = asyncio.Event()
        self.changed = asyncio.Event()
        self.lines: Mapping[str, InForce] = {}
        self._numbers: Mapping[Key, int] = {}
        self._earlier: OrderedDict[Key, Earlier] = OrderedDict()
        self._unknown: OrderedDict[Key, None] = OrderedDict()
        self._noticed = noticed
        packs.tell(self._replaced)

    def number(self, pack: str, version: str) -> int | None:
        """The number people know a version by; None for one that this installation never stored."""
        return self._numbers.get((pack, version))

    def of_case(self, case: Case) -> Pack:
        """What decides the case, as far as it is in memory; after `have` it is."""
        newest = self.packs[case.pack]
        if case.pack_version == newest.version:
            return newest
        earlier = self._earlier.get((case.pack, case.pack_version))
        return newest if earlier is None else earlier.under(newest, case)

    async def have(self, cases: Iterable[Case]) -> None:
        """Fetches the earlier versions that these cases need; what it returns to finds them. Raises StoreDown."""
        await self.settle_first()
        packs = self.packs
        needed = {
            (case.pack, case.pack_version) for case in cases if case.pack_version != packs[case.pack].version
        } & self._numbers.keys()  # fmt: skip
        if not needed:
            return
        fetched = {key: found for key in needed - self._earlier.keys() if (found := await self._fetch(key))}
        self._earlier |= {key: Earlier(found) for key, found in fetched.items()}
        for key in needed & self._earlier.keys():
            self._earlier.move_to_end(key)
        self._forget(max(EARLIER_AT_MOST, len(needed)))

    async def settle_first(self) -> None:
        """Nothing is decided before the store has said what is in force. Raises StoreDown."""
        if self.settled.is_set():
            return
        try:
            async with asyncio.timeout(SETTLES_WITHIN.total_seconds()):
                await self.settled.wait()
        except TimeoutError:
            raise StoreDown("it is not known yet which packs are in force") from None

    async def before(self, work: Callable[[], Awaitable[None]]) -> None:
        """A background job that begins once it is known what is in force."""
        while not self.settled.is_set():
            resting()
            await self.settled.wait()
        await work()

    async def _fetch(self, key: Key) -> Pack | None:
        """One that this software can no longer read leads nobody: the newest does, and it is said."""
        cells = await self.store.cells(*key)
        try:
            return None if cells is None else await made(key[1], cells)
        except (Torn, Unusable):
            log.exception("version %s of %s cannot be used any more; its cases go by the newest", key[1], key[0])
            self._numbers = {each: number for each, number in self._numbers.items() if each != key}
            return None

    def _replaced(self, before: Pack | None, _after: Pack) -> None:
        """What was in force a moment ago has open cases; the folder's that nobody published has none."""
        if before is not None and (before.name, before.version) in self._numbers:
            self._earlier[before.name, before.version] = Earlier(before)
            self._forget(EARLIER_AT_MOST)
        self.changed.set()

    def _forget(self, most: int) -> None:
        while len(self._earlier) > most:
            self._earlier.popitem(last=False)

    async def look(self) -> None:
        """Asks the store what is in force, and puts it in force here. Raises StoreDown."""
        lines = {each.pack: each for each in await self.store.in_force()}
        if any((each.pack, each.version) not in self._numbers for each in lines.values()):
            self._numbers = await self.store.numbers()
        for line in lines.values():
            seen = self.lines.get(line.pack)
            if line.publication > max(self.packs.publication(line.pack), 0 if seen is None else seen.publication):
                await self.packs.put(await self.published(line))
        self.lines = lines

    async def published(self, line: InForce) -> PackPublished:
        """What the topic carries of it. The pages of a version in force are there as long as the store is."""
        cells = await self.store.cells(line.pack, line.version)
        assert cells is not None, f"version {line.number} of {line.pack} is in force and has no pages"
        return PackPublished(line.pack, line.publication, line.number, line.version, line.approved.at, cells)

    async def wait_for(self, reports: Iterable[Report]) -> None:
        """Until the versions that these reports were checked against are known here, or for a few seconds.

        Then they are decided by the newest, and it is counted: that version was never published here, or its record
        was lost. Nobody waits for it a second time. Raises StoreDown.
        """
        await self.settle_first()
        if not (unknown := self._lacking(reports)):
            return
        ends_at = asyncio.get_running_loop().time() + WAITS.total_seconds()
        while True:
            await self.look()
            self._numbers = await self.store.numbers()
            unknown = {key for key in unknown if not self._knows(*key)}
            if not unknown or asyncio.get_running_loop().time() >= ends_at:
                break
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
        for pack, version in unknown:
            log.warning("version %s of %s is not known here; reports checked by it go by the newest", version, pack)
            self._unknown[pack, version] = None
        while len(self._unknown) > UNKNOWN_AT_MOST:
            self._unknown.popitem(last=False)
        self._noticed("versions_unknown", len(unknown))

    def _lacking(self, reports: Iterable[Report]) -> set[Key]:
        named = {(each.community, each.pack_version) for each in reports}
        return {key for key in named if not self._knows(*key) and key not in self._unknown}

    def _knows(self, pack: str, version: str) -> bool:
        return self.packs[pack].version == version or (pack, version) in self._numbers
