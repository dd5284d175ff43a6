"""What is wrong with the rows of a pack: roles nobody fills, conditions that cannot hold, rows that never match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shaoyin.domain.conditions import ALL_OF, CATEGORY, Condition, named, said, tested
from shaoyin.domain.facts import ALWAYS_ASKED, can_be, known_fact
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import ManagedFrom
from shaoyin.domain.problem import Path, Problem
from shaoyin.domain.roles import NOBODY, known_role
from shaoyin.domain.rules import LAID_ASIDE, OR, Then


def problems_of_rules(pack: Pack) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, row in enumerate(pack.rules.rows):
        if row.line in seen:
            yield Problem("rules.yaml", (index, "row"), "row_twice", f"row {row.line} stands twice")
        seen.add(row.line)
        for where, role in _roles_named(row.then):
            if not _role_known(pack, role):
                detail = f"no post fills the role {role!r}"
                yield Problem("rules.yaml", (index, "then", *where), "unknown_role", detail, role)
        if row.effect == "decides" and row.then.main is None and row.then.mode not in LAID_ASIDE:
            yield Problem(
                "rules.yaml", (index, "then"), "main_missing", f"row {row.row} decides but names no main handler"
            )
        yield from _problems_of_conditions(pack, index)
        yield from _problems_of_whistles(pack, index)
    if not any(row.group == "fallback" and not row.when for row in pack.rules.rows):
        yield Problem("rules.yaml", (), "no_fallback", "a row of the group `fallback` without conditions is needed")


def problems_of_handlers(pack: Pack) -> Iterator[Problem]:
    """Where a row of the community's own would find nobody; an inherited one has its stand-ins (domain 4.4)."""
    own = [index for index, row in enumerate(pack.rules.rows) if row.said_by == pack.name]
    places = list(_places(pack)) if own else []
    for index in own:
        yield from _problems_of_handlers(pack, index, places)


def _places(pack: Pack) -> Iterator[tuple[str, ManagedFrom]]:
    """The smallest areas, each with whoever manages the compound around it, now or later."""
    around = {area.parent for area in pack.areas.areas.values()}
    for area in pack.areas.areas.values():
        if area.area_id not in around and pack.areas.covers(pack.root, area.area_id):
            compound = next((each for each in pack.areas.upward(area.area_id) if each.management), area)
            yield from ((area.area_id, managed) for managed in compound.management)


def _problems_of_handlers(pack: Pack, index: int, places: Sequence[tuple[str, ManagedFrom]]) -> Iterator[Problem]:
    row = pack.rules.rows[index]
    asked = [tested(each) for each in row.when if each.fact == "management"]
    meant = [(area, managed) for area, managed in places if all(meets(managed.mode) for meets in asked)]
    if asked and not meant and not all(meets(None) for meets in asked):
        yield Problem("rules.yaml", (index, "when", "management"), "managed_nowhere", "no area is managed so")
    if row.effect != "decides" or not row.then.handlers or not NOBODY.isdisjoint(row.then.handlers):
        return
    for area, managed in meant:
        if all(pack.roles.at(each, area, managed) is None for each in row.then.handlers):
            detail = f"nobody is {row.then.main} for {area}"
            yield Problem("rules.yaml", (index, "then", "main"), "nobody_in_area", detail, area)
            return


def _problems_of_conditions(pack: Pack, index: int) -> Iterator[Problem]:
    for condition in pack.rules.rows[index].when:
        where = (index, "when", condition.fact)
        if condition.fact == "category":
            for code in named(condition):
                meets = tested(Condition(CATEGORY, "is", code))
                if not any(map(meets, pack.categories)):
                    detail = f"there is no category {said(code)!r}"
                    yield Problem("rules.yaml", where, "unknown_category", detail, said(code))
        elif not known_fact(condition.fact, pack):
            detail = f"neither a fact nor a question: {condition.fact!r}"
            yield Problem("rules.yaml", where, "unknown_fact", detail, condition.fact)
        elif not can_be(condition, pack):
            detail = f"{condition.fact} can never be {condition.op} {'|'.join(map(said, named(condition)))}"
            yield Problem("rules.yaml", where, "impossible_value", detail, condition.fact)
        elif condition.op in ("is", "one_of") and None in named(condition) and condition.fact in pack.questions:
            for code in _never_asked(pack, index, condition.fact):
                yield Problem("rules.yaml", where, "never_asked", condition.fact, code)
                break


def _never_asked(pack: Pack, index: int, question: str) -> Iterator[str]:
    """Categories of which the answer is never known, because nobody asks: that a row wants that is a slip."""
    asked = [each for each in pack.rules.rows[index].when if each.fact == CATEGORY]
    codes = [code for code in pack.categories if all(tested(each)(code) for each in asked)]
    silent = [code for code in codes if question not in pack.categories[code].questions]
    whole = any(str(value).endswith(ALL_OF) for each in asked for value in named(each)) or not asked
    if question not in ALWAYS_ASKED and (not whole or len(silent) == len(codes)):
        yield from silent


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
    for name, role in (("main", then.main), ("late", then.late), ("desk", then.desk)):
        if role is not None:
            yield (name,), role
    for number, whistle in enumerate(then.whistles):
        if whistle.role is not None:
            yield ("whistles", number, "role"), whistle.role
    for name, roles in (("co", then.co), ("informed", then.informed)):
        for number, role in enumerate(roles):
            yield (name, number), role


def _role_known(pack: Pack, role: str) -> bool:
    return all(known_role(each, pack.directory) for each in role.split(OR))
