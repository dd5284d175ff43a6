"""What the router's jobs share: its store, its bus, its packs, the time, and who is still to be published."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.router.cases import CaseStore, Change
from services.router.crowds import Crowds
from services.router.documents import Stored
from services.router.in_hand import InHand
from services.router.loads import Loads
from services.router.memory_registrations import MemoryRegistrations
from services.router.numbers import Numbers
from services.router.on_the_way import OnTheWay
from services.router.past_cases import PastReader
from services.router.registrations import RegistrationStore
from services.router.versions import Versions
from shaoyin.adapters.bus import Bus, Message
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.together import Together
from shaoyin.contracts.envelope import Written
from shaoyin.domain.case import Case
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Report

WAITING_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A case that another case's event opens: what it reports, and whether triage has accepted it (mechanics 4)."""

    report: Report
    accepted: bool
    number: str | None = None


@dataclass(frozen=True, slots=True)
class ToPublish:
    """The news of a case, and the numbers of its first and last event, to mark once it is out."""

    case_id: str
    since: int
    upto: int
    messages: tuple[Written, ...]
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(frozen=True)
class Desk:
    """One router process. `opening` holds cases that are stored and whose opening is not yet published."""

    store: CaseStore
    bus: Bus
    numbers: Numbers
    clock: Clock
    packs: Mapping[str, Pack]
    run: str = field(default_factory=lambda: secrets.token_hex(6))
    opening: set[str] = field(default_factory=set)
    opened_here: set[str] = field(default_factory=set)
    waiting: asyncio.Queue[ToPublish] = field(default_factory=lambda: asyncio.Queue(WAITING_AT_MOST))
    noticed: Callable[[str, int], None] = field(default=lambda _what, _how_many: None)
    buried: Callable[[Sequence[Message]], None] = field(default=lambda _dead: None)
    registrations: RegistrationStore = field(default_factory=MemoryRegistrations)
    in_hand: InHand = field(default_factory=InHand)
    loads: Loads = field(default_factory=Loads)
    crowds: Crowds = field(default_factory=Crowds)
    on_the_way: OnTheWay = field(default_factory=OnTheWay)
    versions: Versions | None = None
    past: PastReader | None = None

    @cached_property
    def _reads(self) -> Together[None, Stored]:
        return Together(self.store.load)

    @cached_property
    def _writes(self) -> Together[Change, bool]:
        async def append(changes: Mapping[str, Change]) -> Mapping[str, bool]:
            return dict.fromkeys(await self.store.append(list(changes.values())), True)

        return Together(append)

    async def one(self, case_id: str) -> Stored | None:
        """A case as it is stored; read together with those that others ask for at the same time."""
        return await self._reads.ask(case_id, None)

    async def keep(self, change: Change) -> bool:
        """False when the case had moved on; written together with what others decide at the same time."""
        return await self._writes.ask(change.after.case.case_id, change) is True

    def pack_of(self, name: str) -> Pack | None:
        return self.packs.get(name)

    def pack_for(self, case: Case) -> Pack:
        """What decides this case: where an earlier version dispatched it, that one's rules in today's town."""
        return self.packs[case.pack] if self.versions is None else self.versions.of_case(case)

    async def versions_for(self, cases: Iterable[Case]) -> None:
        """Once it has returned, and until something else is awaited, `pack_for` has what these cases need."""
        if self.versions is not None:
            await self.versions.have(cases)

    async def versions_of(self, reports: Iterable[Report]) -> None:
        """Waits, a little, for the versions that the reports were checked against."""
        if self.versions is not None:
            await self.versions.wait_for(reports)
