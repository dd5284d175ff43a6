"""What was counted before a report is decided, which no form asks (rows 19, 31, 38, 55, 73): one look a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.router.cases import Counted
from services.router.desk import Desk
from services.router.documents import Stored
from shaoyin.domain.conditions import Fact
from shaoyin.domain.counting import SAME, Told, names_of, within
from shaoyin.domain.facts import COUNTED_AT_MOST
from shaoyin.domain.hits import Hits
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Report, case_id_of


@dataclass(slots=True)
class CountsBefore:
    """By name what the store has, what an earlier batch has in hand, and what this batch decided meanwhile; of the
    `crowded` ones nothing is asked.
    """

    desk: Desk
    names: Mapping[str, Mapping[str, str]]
    stored: Mapping[str, Counted]
    overloaded: Mapping[str, str]
    crowded: frozenset[str] = frozenset()
    here: dict[str, dict[str, str | None]] = field(default_factory=dict)

    @classmethod
    async def of(cls, desk: Desk, reports: Sequence[Report], hits: Mapping[str, Hits], now: datetime) -> CountsBefore:
        names: dict[str, Mapping[str, str]] = {}
        since: dict[str, datetime] = {}
        packs = {report.community: desk.packs[report.community] for report in reports}
        for report in reports:
            pack = packs[report.community]
            names[report.report_id] = under = names_of(_told(report, pack, hits.get(report.report_id, ())), pack)
            since.update((name, now - within(count, pack)) for count, name in under.items())
        crowded = desk.crowds.among((name for under in names.values() for name in _by_count(under)), now)
        stored = await desk.store.counted({name: at for name, at in since.items() if name not in crowded})
        desk.crowds.note(stored, now)
        overloaded = {name: await desk.loads.overloaded(desk.store, pack) for name, pack in packs.items()}
        return cls(desk, names, stored, overloaded, crowded)

    def facts(self, report: Report) -> Mapping[str, Fact]:
        """The report itself counts too; what is read again does not count twice."""
        own, facts = case_id_of(report.report_id), dict[str, Fact]()
        for count, name in self.names[report.report_id].items():
            if count == SAME:
                facts.update(self._same(name, own))
            else:
                facts[count] = self._many(name, own)
        if over := self.overloaded[report.community]:
            facts["overloaded"] = over
        return facts

    def add(self, report: Report, decided: Stored) -> None:
        for name in self.names[report.report_id].values():
            self.here.setdefault(name, {})[decided.case.case_id] = decided.case.number

    def _same(self, name: str, own: str) -> Mapping[str, Fact]:
        stored = self.stored.get(name, Counted()).open
        earlier = {**stored, **self.desk.in_hand.counted(name), **self.here.get(name, {})}
        first = next((each for each in earlier if each != own), None)
        return {} if first is None else {"same_reporter_case": first, "same_reporter_number": earlier[first]}

    def _many(self, name: str, own: str) -> int:
        many = COUNTED_AT_MOST if name in self.crowded else len(self._cases(name) - {own}) + 1
        return min(many, COUNTED_AT_MOST)

    def _cases(self, name: str) -> set[str]:
        return {*self.stored.get(name, Counted()).cases, *self.desk.in_hand.counted(name), *self.here.get(name, {})}


def _by_count(under: Mapping[str, str]) -> list[str]:
    """Without a reporter's own cases, of which each is asked for by itself."""
    return [name for count, name in under.items() if count != SAME]


def _told(report: Report, pack: Pack, hits: Hits) -> Told:
    reporter = None if report.opened_from is not None else report.reporter_ref
    day = pack.calendar.local_day(report.received_at)
    return Told(report.category, pack.areas.find(report.place, day, hits).area, reporter)
