"""A community's own data: areas, organisations, categories, rules, calendar, texts; and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from shaoyin.domain.calendar import Calendar, Due, Within
from shaoyin.domain.org import Directory, Org, Post
from shaoyin.domain.place import AreaTree
from shaoyin.domain.report import Answer
from shaoyin.domain.rules import RuleTable, shadowed

Urgency = Literal["normal", "elevated", "urgent", "critical"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
Tier = Literal["member", "department"]
Evidence = Literal["none", "text", "photo_optional", "photo_before_after"]

TEAM_ROLES: Mapping[str, str] = {
    "community": "community_duty",
    "grid_lead": "grid_lead",
    "street": "street_centre",
    "street_centre": "street_centre",
    "estate_branch": "estate_branch_secretary",
    "community_mediator": "community_mediator",
    "building_chief": "building_chief",
    "micro_grid_lead": "micro_grid_lead",
    "property": "property_duty",
    "owners_committee": "owners_committee_duty",
}
"""The roles of the routing table (domain 4.1) and the kind of post that fills each; `joint_office` is the district's."""


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    name: Mapping[str, str]
    urgency: Urgency
    result: Within
    result_if: tuple[tuple[str, Within], ...] = ()
    check_required: bool = True
    evidence: Evidence = "photo_optional"
    sensitive: bool = False
    masked: bool = False
    hazard: bool = False
    orders: bool = False
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    kind: Literal["yes_no", "choice", "number"]
    asks: Mapping[str, str]
    choices: tuple[tuple[str, Mapping[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencySign:
    """Words or answers that show danger, the number to call now and what to say beside it (domain 4.2 rows 1-4)."""

    danger: str
    number: str
    say: Mapping[str, str]
    words: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Pack:
    """One version of a pack, complete. Everything the core knows about a place comes from here."""

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
    whistle_types: Mapping[str, WhistleType]
    chain: tuple[str, ...]
    emergencies: tuple[EmergencySign, ...]
    texts: Mapping[str, Mapping[str, str]]
    root: str
    department_tier: bool = False
    own_work_by: Literal["organisation", "person"] = "organisation"
    _roles: dict[tuple[str, str], str | None] = field(default_factory=dict, repr=False, compare=False)

    def due(self, start: datetime, within: Within, urgency: Urgency | None = None) -> Due:
        """Counts a limit; hours of matters that can wait begin at the next start of duty (decisions 1.38)."""
        if within.unit == "h" and urgency in ("normal", "elevated"):
            start = self.calendar.next_start(start)
        return self.calendar.due(start, within)

    def limit(self, clock: str, urgency: Urgency) -> Within:
        return self.limits[clock][urgency]

    def post_for(self, role: str, area: str) -> Post | None:
        """The post that fills a role for a place: the nearest area upward that has it, somebody holding it."""
        key = (role, area)
        if key not in self._roles:
            self._roles[key] = self._look_for(TEAM_ROLES.get(role, role), area)
        found = self._roles[key]
        return None if found is None else self.directory.posts[found]

    def _look_for(self, kind: str, area: str) -> str | None:
        for each in self.areas.upward(area):
            post = self.directory.in_area(kind, each.area_id)
            if post is not None and post.filled:
                return post.post_id
        return None

    def head_above(self, post: Post) -> Post | None:
        """Who answers for a post: its body's head, else the head of the next body of the chain that has one."""
        return self.directory.head_of(post) or next(
            (self.directory.posts[org.head] for org in self.bodies_above(post.org) if org.head is not None), None
        )

    def bodies_above(self, org_id: str) -> Iterator[Org]:
        """The linkage chain upward from a body; a body outside the chain starts at its lowest step."""
        start = self.chain.index(org_id) + 1 if org_id in self.chain else 0
        return (self.directory.orgs[each] for each in self.chain[start:])

    def partner(self, kind: str, resource: str | None) -> tuple[Org, ...]:
        return tuple(
            org
            for org in self.directory.orgs.values()
            if org.kind == kind and (resource is None or resource in org.resources)
        )

    def dangers(self, text: str, answers: Mapping[str, Answer]) -> tuple[EmergencySign, ...]:
        """The signs of danger in a report, by answer or by word; a word never decides alone (mechanics 34)."""
        said = answers.get("danger", ())
        told = frozenset((said,) if isinstance(said, str) else said if isinstance(said, tuple) else ())
        return tuple(
            sign
            for sign in self.emergencies
            if told & frozenset(sign.answers) or any(word in text for word in sign.words)
        )

    def text(self, key: str, language: str) -> str:
        return self.texts[key][language]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a pack from being published; `path` leads to the cell, the adapter knows its row and column."""

    file: str
    path: tuple[str | int, ...]
    code: str
    detail: str


def problems(pack: Pack) -> Iterator[Problem]:
    """Everything that is wrong with a pack; nothing means that it may be published (promise 7)."""
    yield from _problems_of_areas(pack)
    yield from _problems_of_posts(pack)
    yield from _problems_of_rules(pack)
    yield from _problems_of_questions(pack)
    yield from _problems_of_texts(pack)


def _problems_of_areas(pack: Pack) -> Iterator[Problem]:
    areas = pack.areas.areas
    for index, area in enumerate(areas.values()):
        if area.parent is not None and area.parent not in areas:
            yield Problem("areas.yaml", (index, "parent"), "unknown_area", f"there is no area {area.parent!r}")
        if area.kind == "building" and pack.areas.nearest(area.area_id, {"micro_grid", "dedicated_grid"}) is None:
            yield Problem("areas.yaml", (index, "kind"), "building_in_no_grid", f"{area.area_id} lies in no micro-grid")
    yield from (
        Problem("pack.yaml", ("chain", index), "unknown_org", f"there is no organisation {org!r}")
        for index, org in enumerate(pack.chain)
        if org not in pack.directory.orgs
    )
    if len(set(pack.chain)) != len(pack.chain):
        yield Problem("pack.yaml", ("chain",), "chain_loops", "a body stands twice in the linkage chain")


def _problems_of_posts(pack: Pack) -> Iterator[Problem]:
    directory = pack.directory
    posts = list(directory.posts.values())
    for index, post in enumerate(posts):
        if post.kind not in directory.kinds:
            yield Problem("orgs.yaml", ("posts", index, "kind"), "unknown_post_kind", f"no kind of post {post.kind!r}")
        if post.area not in pack.areas.areas:
            yield Problem("orgs.yaml", ("posts", index, "area"), "unknown_area", f"there is no area {post.area!r}")
        if post.org not in directory.orgs:
            yield Problem("orgs.yaml", ("posts", index, "org"), "unknown_org", f"no organisation {post.org!r}")
        for person in (*post.holders, *post.stand_ins):
            if person not in directory.people:
                yield Problem("orgs.yaml", ("posts", index, "holders"), "unknown_person", f"no person {person!r}")
    for index, org in enumerate(directory.orgs.values()):
        if org.head is not None and org.head not in directory.posts:
            yield Problem("orgs.yaml", ("orgs", index, "head"), "unknown_post", f"there is no post {org.head!r}")


def _problems_of_rules(pack: Pack) -> Iterator[Problem]:
    seen: set[int] = set()
    for index, row in enumerate(pack.rules.rows):
        if row.row in seen:
            yield Problem("rules.yaml", (index, "row"), "row_twice", f"row {row.row} stands twice")
        seen.add(row.row)
        for role in (row.then.main, *row.then.co, *row.then.informed, row.then.late):
            if role is not None and not _role_known(pack, role):
                yield Problem("rules.yaml", (index, "then"), "unknown_role", f"no post fills the role {role!r}")
        if row.effect == "decides" and row.then.main is None:
            yield Problem(
                "rules.yaml", (index, "then"), "main_missing", f"row {row.row} decides but names no main handler"
            )
        yield from _problems_of_conditions(pack, index)
        yield from _problems_of_whistles(pack, index)
    for row, earlier in shadowed(pack.rules):
        index = pack.rules.rows.index(row)
        detail = f"row {row.row} can never match: row {earlier.row} matches first"
        yield Problem("rules.yaml", (index, "when"), "row_shadowed", detail)
    if not any(row.group == "fallback" and not row.when for row in pack.rules.rows):
        yield Problem("rules.yaml", (), "no_fallback", "a row of the group `fallback` without conditions is needed")


def _problems_of_conditions(pack: Pack, index: int) -> Iterator[Problem]:
    for condition in pack.rules.rows[index].when:
        where = (index, "when", condition.fact)
        if condition.fact == "category":
            wanted = condition.wanted if isinstance(condition.wanted, tuple) else (condition.wanted,)
            for code in wanted:
                if code not in pack.categories:
                    yield Problem("rules.yaml", where, "unknown_category", f"there is no category {code!r}")
        elif condition.fact not in FACTS and condition.fact not in pack.questions:
            yield Problem("rules.yaml", where, "unknown_fact", f"neither a fact nor a question: {condition.fact!r}")


FACTS = frozenset({"category", "management", "area_kind", "urgency", "text", "sensitive", "masked"})
"""What a condition may ask beside the questions of the form."""


def _problems_of_whistles(pack: Pack, index: int) -> Iterator[Problem]:
    for number, asked in enumerate(pack.rules.rows[index].then.whistles):
        where = (index, "then", "whistles", number)
        kind = pack.whistle_types.get(asked.type)
        if kind is None:
            yield Problem("rules.yaml", (*where, "type"), "unknown_whistle_type", f"no whistle type {asked.type!r}")
        elif asked.tier not in kind.tiers:
            yield Problem(
                "rules.yaml", (*where, "tier"), "tier_mismatch", f"{asked.type} is not of the {asked.tier} tier"
            )
        if asked.org_kind is not None and not pack.partner(asked.org_kind, asked.resource):
            detail = f"no {asked.org_kind} has {asked.resource!r}"
            yield Problem("rules.yaml", (*where, "call"), "nobody_to_call", detail)


def _problems_of_questions(pack: Pack) -> Iterator[Problem]:
    for category in pack.categories.values():
        for question in (*category.questions, *(name for name, _ in category.result_if)):
            if question not in pack.questions:
                detail = f"{category.code} asks {question!r}, which has no wording"
                yield Problem("categories.yaml", (category.code, "questions"), "unknown_question", detail)


def _problems_of_texts(pack: Pack) -> Iterator[Problem]:
    for key, languages in pack.texts.items():
        for language in ("zh-CN", "en"):
            if not languages.get(language):
                yield Problem("messages.yaml", (key, language), "text_missing", f"{key} has no text in {language}")


def _role_known(pack: Pack, role: str) -> bool:
    kind = TEAM_ROLES.get(role, role)
    return kind in pack.directory.kinds and any(
        post.kind == kind and post.filled for post in pack.directory.posts.values()
    )
