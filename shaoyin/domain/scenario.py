"""Given, when, then: one matter as a community writes it down beside its rules, and what has to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from shaoyin.domain.calendar import Within
from shaoyin.domain.conditions import Fact
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.report import Answer, Origin, PlaceGiven, Secrecy

Kind = Literal["positive", "near_miss"]
Path = tuple[str | int, ...]
Wanted = str | int | tuple[str, ...] | tuple[int, ...] | Mapping[str, str]
"""What a cell of `then` may say: a word, a number, a list of either, or one word for each clock or row."""
NOTHING = "none"
"""What `then` says of a cell in which nothing may come: no clock, no handler."""
BEATEN = "beaten"
"""What `lacking` says of a row that lacked nothing: another stopped the walk, or came before it."""


@dataclass(frozen=True, slots=True)
class ReportTold:
    """The report of a scenario: what a resident says, or somebody on his behalf.

    `point` is longitude and latitude in the system in which the pack draws its own polygons.
    """

    category: str | None
    place: PlaceGiven
    text: str = ""
    answers: Mapping[str, Answer] | None = None
    secrecy: Secrecy = "open"
    origin: Origin = "reported"
    channel: str = "form"
    point: tuple[float, float] | None = None
    by: str | None = None
    nobody: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Time goes by, whatever falls due in it being looked at in its turn."""

    within: Within | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Triaged:
    """Whoever looks first takes the matter as it was reported and lets the rules find the handler."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The ordinary case that an emergency call opens behind itself; from here on the scenario is about that one."""


@dataclass(frozen=True, slots=True)
class Act:
    """A command by its name. `by` is a post, a person, `reporter`, or `owner` for whoever has the matter now."""

    by: str
    does: str
    fields: Mapping[str, object]


Step = Wait | Triaged | Followed | Act


@dataclass(frozen=True, slots=True)
class Scenario:
    """`rows` are the rows of the table that it shows at work, or that it nearly meets (`kind`).

    `on` is local time. `facts` are what a caller gathers besides the report: counts, an earlier case, loads.
    `resource` stands instead of a report for a thing that somebody looks for in the list of resources.
    """

    scenario_id: str
    says: Mapping[str, str]
    kind: Kind
    rows: tuple[int, ...]
    on: datetime
    then: Mapping[str, Wanted]
    report: ReportTold | None = None
    resource: str | None = None
    steps: tuple[Step, ...] = ()
    facts: Mapping[str, Fact] | None = None
    department_tier: bool | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell of a scenario that did not come true, and why the table went another way."""

    path: Path
    wanted: str
    came: str
    why: str = ""
