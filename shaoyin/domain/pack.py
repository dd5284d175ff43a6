"""A community's own data: areas, organisations, categories, rules, calendar, texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import cached_property
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from shaoyin.domain.calendar import Calendar, Due, Within
from shaoyin.domain.catalogue import EmergencyMode, Matter, of_category
from shaoyin.domain.danger import DangerWords, EmergencySign
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.hits import Polygons
from shaoyin.domain.org import Directory, Org, Post
from shaoyin.domain.place import AreaTree
from shaoyin.domain.profile import Profile
from shaoyin.domain.report import Answer, Crs
from shaoyin.domain.roles import Roles
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import ONE_STEP_UP, MetBy, RuleRow, Walk
from shaoyin.domain.standing import Standing
from shaoyin.domain.suggesting import Suggesting, Telling
from shaoyin.domain.unsaid import NOTHING_UNSAID, Unsaid
from shaoyin.domain.writing import AS_WRITTEN, Writing

Urgency = Literal["normal", "elevated", "urgent", "critical"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
Tier = Literal["member", "department"]
Evidence = Literal["none", "text", "photo_optional", "photo_before_after"]

Limited = Literal[
    "reply", "sign", "contact", "call_back", "dispatch", "info", "verify", "return", "reassign", "adjudicate", "claim",
    "assign", "check", "archive", "dispute", "hazard", "supervision_review", "approval", "approval_afterwards",
    "objection", "rating", "closing", "staffing", "situation", "extension", "message",
]  # fmt: skip
LIMITED: tuple[Limited, ...] = get_args(Limited)
"""What every pack limits by urgency alone: the clocks but the result's, the windows (`return`, `claim`, `dispute`,
`message`) and the longest single `extension`. The result's limit hangs on the category."""

MAY_WAIT: Mapping[Limited, str] = {
    "archive": "the matter is over; only the reporter's time to reopen runs",
    "dispute": "the matter is over; only the reporter's time to disagree runs",
    "rating": "the work is done, the whistle is being judged",
    "closing": "the work is done, the whistle is being judged",
    "message": "the work is done, an anonymous reporter has time to look under the query code",
    "extension": "a critical matter is never extended (decisions 1.8)",
}
"""Limits that may count in days even where the urgency is critical, and why; every other is wall clock (domain 3.4)."""

Vetting = Literal["none", "basic", "minors"]


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step before the result, and what meets its clock: a measure recorded, a plan agreed, a reply (mechanics 22)."""

    within: Within
    met_by: MetBy


@dataclass(frozen=True, slots=True)
class Category:
    """What can be reported, with its columns of domain 3.4.

    `orders`: may be posted for claim, to people of `vetting` or better (decisions 2.27). `home_grid_allowed`: may
    the grid where it happened handle it, false where its own people may be meant (mechanics 33).
    """

    code: str
    name: Mapping[str, str]
    urgency: Urgency
    result: Within
    result_if: tuple[tuple[str, Within], ...] = ()
    result_if_not: tuple[tuple[str, Within], ...] = ()
    check_required: bool = True
    evidence: Evidence = "photo_optional"
    sensitive: bool = False
    masked: bool = False
    hazard: bool = False
    orders: bool = False
    vetting: Vetting = "none"
    home_grid_allowed: bool = True
    first_step: FirstStep | None = None
    questions: tuple[str, ...] = ()

    @property
    def restricted(self) -> bool:
        """Nothing for the grid it comes from: a complaint about a worker, a clue, a key person (mechanics 26, 33)."""
        return self.sensitive and not self.home_grid_allowed


@dataclass(frozen=True, slots=True)
class Question:
    """Of a choice with `several` one answer may name more than one."""

    question: str
    kind: Literal["yes_no", "choice", "number"]
    asks: Mapping[str, str]
    choices: tuple[tuple[str, Mapping[str, str]], ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class WhistleType:
    """The clocks of a whistle type (domain 3.3); None where the type has no such clock of its own."""

    type: str
    tiers: tuple[Tier, ...]
    acknowledge: Within
    contact: Within | None
    arrive: Within | None
    finish: Within | None
    plan: bool
    stated_time: bool
    name: Mapping[str, str]


Around = Literal["courtyard", "estate", "compound", "place", "building", "reporter"]


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted for a condition: cases of these categories in the days before, in or around the same place.

    `compound` is the courtyard or estate; `place` is what the case itself names. The case itself counts too.
    """

    count: str
    categories: tuple[str, ...]
    within: Around
    days: int

    def counts(self, category: str | None) -> bool:
        """Whether a case of this category is one of those."""
        return category is not None and of_category(self.categories, category)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long data about people stay, in days (domain 6.3). Of anonymous reporters nothing is ever kept.

    `identity_open` and `identity_confidential` count from the close of the case; `reads` is the record of who
    looked at an identity. Drafts are not here: they never leave the phone.
    """

    identity_open: Within
    identity_confidential: Within
    reads: Within


TOLERANCE = 15
"""Metres by which a point may miss: what a phone, a conversion and a hand-drawn border are wrong by together."""


@dataclass(frozen=True)
class Pack:
    """One version of a pack, complete. Everything the core knows about a place comes from here.

    `coordinates` is the system of its polygons and entrances; `polygons` answers for whoever gathers facts, and is None
    where the pack has none.
    """

    name: str
    version: str
    names: Mapping[str, str]
    areas: AreaTree
    directory: Directory
    categories: Mapping[str, Category]
    questions: Mapping[str, Question]
    rules: RuleTable
    calendar: Calendar
    limits: Mapping[str, Mapping[Urgency, Within]]
    default_result: Mapping[Urgency, Within]
    suspensions: Mapping[str, Within]
    retention: Retention
    standing: tuple[Standing, ...]
    profile: Profile
    whistle_types: Mapping[str, WhistleType]
    chain: tuple[str, ...]
    emergencies: tuple[EmergencySign, ...]
    texts: Mapping[str, Mapping[str, str]]
    root: str
    department_tier: bool = False
    own_work_by: Literal["organisation", "person"] = "organisation"
    tellings: tuple[Telling, ...] = ()
    unsaid: Unsaid = NOTHING_UNSAID
    writing: Writing = AS_WRITTEN
    coordinates: Crs | None = None
    tolerance: int = TOLERANCE
    polygons: Polygons | None = field(default=None, repr=False, compare=False)
    counts: Mapping[str, Counted] = field(default_factory=dict)
    catalogue: Mapping[str, Matter] = field(default_factory=dict)
    emergency_modes: tuple[EmergencyMode, ...] = ()
    elsewhere: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    roles: Roles = field(init=False, repr=False, compare=False)
    _partners: dict[tuple[str, str | None], tuple[Org, ...]] = field(init=False, repr=False, compare=False)
    counted: dict[object, object] = field(init=False, repr=False, compare=False)
    placed: dict[object, object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What was looked up belongs to this pack alone; a changed copy looks it up anew."""
        object.__setattr__(self, "roles", Roles(self.directory, self.areas))
        object.__setattr__(self, "_partners", {})
        object.__setattr__(self, "counted", {})
        object.__setattr__(self, "placed", {})

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.calendar.zone)

    def due(self, start: datetime, within: Within, urgency: Urgency | None = None) -> Due:
        """Counts a limit; hours of matters that can wait begin at the next start of duty (decisions 1.38)."""
        if within.unit == "h" and urgency in ("normal", "elevated"):
            start = self.calendar.next_start(start)
        return self.calendar.due(start, within)

    def limit(self, clock: str, urgency: Urgency) -> Within:
        return self.limits[clock][urgency]

    def post_for(self, role: str, area: str) -> Post | None:
        """The post that fills a role for a place: the nearest area upward that has it, somebody holding it."""
        return self.roles.post_for(role, area)

    def takes_in(self, area: str | None) -> bool:
        """Whether it is an area for which a desk answers; above the street, and outside the pack, there is none."""
        known = area is not None and area in self.areas.areas
        return known and any(self.post_for(role, str(area)) is not None for role in ("community", "street_centre"))

    def triage_post(self, area: str) -> Post:
        """The desk that answers for a place: the community's duty post, for the street the street centre."""
        post = self.post_for("community", area) or self.post_for("street_centre", area)
        assert post is not None, "problems() refuses a pack without a triage post"
        return post

    def head_above(self, post: Post) -> Post | None:
        """Who answers for a post: its body's head, else the head of the next body of the chain that has one."""
        above = self.bodies_above(post.org, post.area)
        return self.directory.head_of(post) or next(
            (self.directory.posts[org.head] for org in above if org.head is not None), None
        )

    def bodies_above(self, org_id: str, area: str) -> Iterator[Org]:
        """The linkage chain of a place upward from a body; a body outside the chain starts at its lowest step.

        A step names a body, or the kind of body that each place has of its own: the nearest one upward.
        """
        step = self.step(org_id)
        bodies = (self._body(each, area) for each in self.chain[0 if step is None else step + 1 :])
        return (body for body in bodies if body is not None)

    def step(self, org_id: str) -> int | None:
        """Where a body stands in the chain, by its own name or by its kind."""
        names = (org_id, self.directory.orgs[org_id].kind)
        return next((self.chain.index(each) for each in names if each in self.chain), None)

    def _body(self, step: str, area: str) -> Org | None:
        own = self.directory.orgs.get(step)
        found = (self.directory.body(step, each.area_id) for each in self.areas.upward(area))
        return own or next((body for body in found if body is not None), None)

    def partner(self, kind: str, resource: str | None) -> tuple[Org, ...]:
        key = (kind, resource)
        if key not in self._partners:
            self._partners[key] = tuple(
                org
                for org in self.directory.orgs.values()
                if org.kind == kind and (resource is None or resource in org.resources)
            )
        return self._partners[key]

    def dangers(
        self, text: str, answers: Mapping[str, Answer], category: str | None = None
    ) -> tuple[EmergencySign, ...]:
        """The signs of danger in a report, by answer, by category or by word; a word never decides alone (34)."""
        told = self.told_dangers(answers, category)
        seen = {each.danger for each in self.danger_words.seen(text)} if text else frozenset()
        if not seen:
            return told
        return tuple(sign for sign in self.emergencies if sign in told or sign.danger in seen)

    @cached_property
    def dangerous(self) -> frozenset[str | None]:
        """Categories that say a danger themselves."""
        return frozenset(code for sign in self.emergencies for code in sign.categories)

    @cached_property
    def danger_words(self) -> DangerWords:
        """The one place where danger is read from a text."""
        return DangerWords(self.emergencies, self.unsaid, self.writing)

    @cached_property
    def suggesting(self) -> Suggesting:
        return Suggesting(self.tellings, self.danger_words, self.unsaid, self.writing)

    def told_dangers(self, answers: Mapping[str, Answer], category: str | None) -> tuple[EmergencySign, ...]:
        """Those that an answer or the chosen category itself says; an injury is one that is there now (4.4)."""
        said = answers.get("danger", ())
        told = {said} if isinstance(said, str) else set(said) if isinstance(said, tuple) else set()
        if answers.get("somebody_hurt") == "now":
            told.add("injury")
        if answers.get("somebody_inside") is True:
            told.add("trapped_in_lift")
        if not told and category not in self.dangerous:
            return ()
        return tuple(
            sign for sign in self.emergencies if not told.isdisjoint(sign.answers) or category in sign.categories
        )

    def first_steps(self, category: str, rows: Sequence[RuleRow]) -> tuple[FirstStep, ...]:
        """The figure of the first row that has one, and the category's (domain 4.4)."""
        said = (
            FirstStep(Within.parse(row.then.first_step), row.then.first_step_met_by)
            for row in rows
            if row.then.first_step is not None
        )
        steps = next(said, None), self.categories[category].first_step
        return tuple(each for each in steps if each is not None)

    def text(self, key: str, language: str) -> str:
        return self.texts[key][language]


def raised(urgency: Urgency, walk: Walk) -> Urgency:
    """The urgency once the rows have spoken, those that add and the one that decides; no row ever lowers it."""
    said = walk.urgencies
    if not said:
        return urgency
    up = URGENCIES[min(URGENCIES.index(urgency) + (ONE_STEP_UP in said), len(URGENCIES) - 1)]
    return max((up, *(each for each in URGENCIES if each in said)), key=URGENCIES.index)
