"""What is wrong with the rows of a pack: roles nobody fills, conditions that cannot hold, rows that never match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from shaoyin.domain.pack import TEAM_ROLES, URGENCIES, Pack
from shaoyin.domain.place import AreaKind, Management
from shaoyin.domain.problem import Path, Problem
from shaoyin.domain.rules import Condition, Then, shadowed


def problems_of_rules(pack: Pack) -> Iterator[Problem]:
    seen: set[int] = set()
    for index, row in enumerate(pack.rules.rows):
        if row.row in seen:
            yield Problem("rules.yaml", (index, "row"), "row_twice", f"row {row.row} stands twice")
        seen.add(row.row)
        for where, role in _roles_named(row.then):
            if not _role_known(pack, role):
                detail = f"no post fills the role {role!r}"
                yield Problem("rules.yaml", (index, "then", *where), "unknown_role", detail, role)
        if row.effect == "decides" and row.then.main is None:
            yield Problem(
                "rules.yaml", (index, "then"), "main_missing", f"row {row.row} decides but names no main handler"
            )
        yield from _problems_of_conditions(pack, index)
        yield from _problems_of_whistles(pack, index)
    for row, earlier in shadowed(pack.rules):
        index = pack.rules.rows.index(row)
        detail = f"row {row.row} can never match: row {earlier.row} matches first"
        yield Problem("rules.yaml", (index, "when"), "row_shadowed", detail, str(earlier.row))
    if not any(row.group == "fallback" and not row.when for row in pack.rules.rows):
        yield Problem("rules.yaml", (), "no_fallback", "a row of the group `fallback` without conditions is needed")


def _problems_of_conditions(pack: Pack, index: int) -> Iterator[Problem]:
    for condition in pack.rules.rows[index].when:
        where = (index, "when", condition.fact)
        if condition.fact == "category":
            wanted = condition.wanted if isinstance(condition.wanted, tuple) else (condition.wanted,)
            for code in wanted:
                if code not in pack.categories:
                    yield Problem("rules.yaml", where, "unknown_category", f"there is no category {code!r}", str(code))
        elif condition.fact not in FACTS and condition.fact not in pack.questions:
            detail = f"neither a fact nor a question: {condition.fact!r}"
            yield Problem("rules.yaml", where, "unknown_fact", detail, condition.fact)
        elif not _can_be(condition, pack):
            detail = f"{condition.fact} can never be {condition.op} {condition.wanted!r}"
            yield Problem("rules.yaml", where, "impossible_value", detail, condition.fact)


def _can_be(condition: Condition, pack: Pack) -> bool:
    """Whether the fact has such values at all: a cell that can never hold is a broken cell (pitfalls)."""
    wanted = condition.wanted if isinstance(condition.wanted, tuple) else (condition.wanted,)
    question = pack.questions.get(condition.fact)
    if condition.fact == "text":
        return condition.op == "contains_any" and all(isinstance(word, str) and word for word in wanted)
    if question is not None and question.kind == "number":
        numbers = all(isinstance(each, int) and not isinstance(each, bool) for each in wanted)
        return numbers and condition.op != "contains_any"
    if condition.op == "at_least":
        return False
    if condition.fact in YES_NO or (question is not None and question.kind == "yes_no"):
        return condition.op != "contains_any" and all(isinstance(each, bool) for each in wanted)
    named = {name for name, _ in question.choices} if question is not None else _VALUES[condition.fact]
    return all(isinstance(each, str) and each in named for each in wanted)


_VALUES: Mapping[str, frozenset[str]] = {
    "management": frozenset(get_args(Management)),
    "area_kind": frozenset(get_args(AreaKind)),
    "urgency": frozenset(URGENCIES),
}
YES_NO = frozenset({"sensitive", "masked", "dedicated_grid", "on_border", "equally_near", "place_known"})
FACTS = frozenset({"category", "text", *YES_NO, *_VALUES})
"""What a condition may ask beside the questions of the form."""


def _problems_of_whistles(pack: Pack, index: int) -> Iterator[Problem]:
    for number, asked in enumerate(pack.rules.rows[index].then.whistles):
        where = (index, "then", "whistles", number)
        kind = pack.whistle_types.get(asked.type)
        if kind is None:
            detail = f"no whistle type {asked.type!r}"
            yield Problem("rules.yaml", (*where, "type"), "unknown_whistle_type", detail, asked.type)
        elif asked.tier not in kind.tiers:
            yield Problem(
                "rules.yaml", (*where, "tier"), "tier_mismatch", f"{asked.type} is not of the {asked.tier} tier"
            )
        if asked.org_kind is not None and not pack.partner(asked.org_kind, asked.resource):
            detail = f"no {asked.org_kind} has {asked.resource!r}"
            yield Problem(
                "rules.yaml", (*where, "org_kind"), "nobody_to_call", detail, asked.resource or asked.org_kind
            )


def _roles_named(then: Then) -> Iterator[tuple[Path, str]]:
    for name, role in (("main", then.main), ("late", then.late)):
        if role is not None:
            yield (name,), role
    for name, roles in (("co", then.co), ("informed", then.informed)):
        for number, role in enumerate(roles):
            yield (name, number), role


def _role_known(pack: Pack, role: str) -> bool:
    kind = TEAM_ROLES.get(role, role)
    return kind in pack.directory.kinds and any(
        post.kind == kind and post.filled for post in pack.directory.posts.values()
    )
