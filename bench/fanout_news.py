"""News of cases that tell so many people at once, on a pack whose staff is so large."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bench.decide import command, with_buildings, wulibao
from bench.ground import building
from shaoyin.adapters.bus import Message
from shaoyin.contracts.envelope import header_json, write_news
from shaoyin.contracts.topics import CASES
from shaoyin.domain.events import CaseDispatched, Party
from shaoyin.domain.flow import decision
from shaoyin.domain.header import Header, header
from shaoyin.domain.pack import Urgency

STAFF = 1300
TOGETHER = 3
THREES = STAFF // TOGETHER
EVERYBODY = "bench-everybody"
ORG, KIND = "south-committee", "social_worker"


def person(number: int) -> str:
    return f"p-bench-{number}"


def three(number: int) -> str:
    """A post that three hold; everybody is in one of them, and no two have anybody in common."""
    return f"bench-three-{number % THREES}"


def with_staff(packs: Path) -> None:
    """Writes into the town's pack, which has its buildings, 1,300 people, a post that all of them hold and posts of
    three: each in a building of its own, where nobody else does what it does.
    """
    people = (f"  - {{id: {person(each)}, name: 示例·{each}}}\n" for each in range(STAFF))
    _add(packs / "wulibao" / "people.yaml", "people:\n", people)
    threes = ((three(each), range(each * TOGETHER, (each + 1) * TOGETHER)) for each in range(THREES))
    posts = enumerate([(EVERYBODY, range(STAFF)), *threes])
    _add(packs / "wulibao" / "orgs.yaml", "posts:\n", (_post(*post, building(number)) for number, post in posts))


def _add(page: Path, behind: str, lines: Iterable[str]) -> None:
    before, head, after = page.read_text("utf-8").partition(behind)
    page.write_text("".join((before, head, *lines, after)), "utf-8")


def _post(name: str, holders: Iterable[int], area: str) -> str:
    held = ", ".join(map(person, holders))
    return f"  - {{id: {name}, kind: {KIND}, org: {ORG}, area: {area}, holders: [{held}]}}\n"


@dataclass(frozen=True)
class Dispatched:
    """A real dispatch, told again and again of another case and to another post."""

    event: CaseDispatched
    header: Header
    seq: int

    @classmethod
    def at(cls, now: datetime) -> Dispatched:
        decided = decision(None, command(0, now), with_buildings(wulibao(), 1))
        found = next((seq, each) for seq, each in enumerate(decided.events, 1) if isinstance(each, CaseDispatched))
        return cls(found[1], header(decided.case, decided.events), found[0])

    def to(self, post: str, case_id: str, urgency: Urgency, at: datetime) -> Message:
        """Whoever holds the post gets one alert: `act` of a normal case, `critical` of a critical one."""
        main = Party(post, None, ORG, building(0))
        facts = replace(self.header, case_id=case_id, report_id=case_id, number=case_id, urgency=urgency, main=main)
        event = replace(self.event, at=at, main=main, co=(), informed=(), scheduled=(), urgency=urgency)
        written = write_news(case_id, self.seq, event, header_json(facts))
        return Message(CASES.name, written.key, written.value, written.headers)
