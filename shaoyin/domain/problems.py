"""Everything that keeps a pack from being published: found in the whole, led back to the cell (promise 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from shaoyin.domain.calendar import Within
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import MAY_WAIT, TEAM_ROLES, URGENCIES, Pack
from shaoyin.domain.place import Area, AreaKind, Management, folded
from shaoyin.domain.rules import Condition, Then, shadowed

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a pack from being published; `path` leads to the cell, the adapter knows its row and column.

    `about` is the name that the sentence needs and the cell does not show, such as the row that shadows this one.
    """

    file: str
    path: Path
    code: str
    detail: str
    about: str = ""


def problems(pack: Pack) -> Iterator[Problem]:
    """Everything that is wrong with a pack; nothing means that it may be published (promise 7)."""
    broken_tree = list(_problems_of_the_tree(pack))
    yield from broken_tree
    if not broken_tree:
        yield from _problems_of_places(pack)
    yield from _problems_of_chain(pack)
    yield from _problems_of_posts(pack)
    yield from _problems_of_registrations(pack)
    yield from _problems_of_rules(pack)
    yield from _problems_of_questions(pack)
    yield from _problems_of_critical_limits(pack)
    yield from _problems_of_texts(pack)


def _problems_of_the_tree(pack: Pack) -> Iterator[Problem]:
    """What keeps the areas from being a tree at all; nothing may walk it before this is mended."""
    areas = pack.areas.areas
    if pack.root not in areas:
        yield Problem("pack.yaml", ("root",), "unknown_area", f"there is no area {pack.root!r}", pack.root)
    for index, area in enumerate(areas.values()):
        if area.parent is not None and area.parent not in areas:
            yield Problem("areas.yaml", (index, "parent"), "unknown_area", f"no area {area.parent!r}", area.parent)
        elif _lies_in_itself(area, areas):
            yield Problem("areas.yaml", (index, "parent"), "area_loops", f"{area.area_id} lies in itself", area.area_id)


def _lies_in_itself(area: Area, areas: Mapping[str, Area]) -> bool:
    seen = {area.area_id}
    above = area.parent
    while above is not None and above in areas:
        if above in seen:
            return True
        seen.add(above)
        above = areas[above].parent
    return False


def _problems_of_places(pack: Pack) -> Iterator[Problem]:
    known: dict[str, str] = {}
    for index, area in enumerate(pack.areas.areas.values()):
        inside = [
            each.area_id for each in pack.areas.upward(area.area_id) if each.kind in ("micro_grid", "dedicated_grid")
        ]
        if area.kind == "building" and not inside:
            yield Problem(
                "areas.yaml",
                (index, "kind"),
                "building_in_no_grid",
                f"{area.area_id} lies in no micro-grid",
                area.area_id,
            )
        if area.kind == "building" and len(inside) > 1:
            detail = f"{area.area_id} lies in {' and '.join(inside)}"
            yield Problem("areas.yaml", (index, "parent"), "building_in_two_grids", detail, area.area_id)
        for said in {folded(each) for each in (*area.name.values(), *area.aliases)}:
            if known.setdefault(said, area.area_id) != area.area_id:
                detail = f"{said!r} also names {known[said]}"
                yield Problem("areas.yaml", (index,), "alias_twice", detail, said)
    if not any(pack.post_for(role, pack.root) for role in ("community", "street_centre")):
        yield Problem("orgs.yaml", ("posts",), "no_triage_post", "somebody must hold a triage post for the whole pack")
    yield from _problems_of_management(pack)


def _problems_of_management(pack: Pack) -> Iterator[Problem]:
    """A place row names who answers under a mode; where the mode holds, somebody must hold that post."""
    place_rows = [row for row in pack.rules.rows if row.group == "whose" and row.then.main is not None]
    for index, area in enumerate(pack.areas.areas.values()):
        for number, managed in enumerate(area.management):
            if managed.by is not None and managed.by not in pack.directory.orgs:
                detail = f"there is no organisation {managed.by!r}"
                yield Problem("areas.yaml", (index, "management", number, "by"), "unknown_org", detail, managed.by)
            for row in place_rows:
                role = row.then.main
                wanted = next((each.wanted for each in row.when if each.fact == "management"), None)
                if role is not None and managed.mode == wanted and pack.post_for(role, area.area_id) is None:
                    detail = f"row {row.row} needs {role!r} for {area.area_id}, and no post there is held"
                    where = (index, "management", number, "mode")
                    yield Problem("areas.yaml", where, "nobody_for_place", detail, role)


def _problems_of_chain(pack: Pack) -> Iterator[Problem]:
    yield from (
        Problem("pack.yaml", ("chain", index), "unknown_org", f"there is no organisation {org!r}", org)
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
            yield Problem(
                "orgs.yaml", ("posts", index, "kind"), "unknown_post_kind", f"no kind {post.kind!r}", post.kind
            )
        if post.area not in pack.areas.areas:
            yield Problem("orgs.yaml", ("posts", index, "area"), "unknown_area", f"no area {post.area!r}", post.area)
        if post.org not in directory.orgs:
            yield Problem(
                "orgs.yaml", ("posts", index, "org"), "unknown_org", f"no organisation {post.org!r}", post.org
            )
        for list_of, people in (("holders", post.holders), ("stand_ins", post.stand_ins)):
            for number, person in enumerate(people):
                if person not in directory.people:
                    where = ("posts", index, list_of, number)
                    yield Problem("orgs.yaml", where, "unknown_person", f"no person {person!r}", person)
    for index, org in enumerate(directory.orgs.values()):
        if org.area not in pack.areas.areas:
            yield Problem("orgs.yaml", ("orgs", index, "area"), "unknown_area", f"no area {org.area!r}", org.area)
        if org.head is not None and org.head not in directory.posts:
            yield Problem("orgs.yaml", ("orgs", index, "head"), "unknown_post", f"no post {org.head!r}", org.head)
        elif org.head is not None and directory.posts[org.head].org != org.org_id:
            detail = f"{org.head} belongs to {directory.posts[org.head].org}"
            yield Problem("orgs.yaml", ("orgs", index, "head"), "head_of_another", detail, org.head)


def _problems_of_registrations(pack: Pack) -> Iterator[Problem]:
    for index, each in enumerate(pack.directory.registrations):
        where = ("registrations", index)
        if each.kind == "unit" and each.person not in pack.directory.posts:
            yield Problem("people.yaml", (*where, "person"), "unknown_post", f"no post {each.person!r}", each.person)
        if each.kind != "unit" and each.person not in pack.directory.people:
            yield Problem(
                "people.yaml", (*where, "person"), "unknown_person", f"no person {each.person!r}", each.person
            )
        areas = ((("area",), each.area), *((("area_limits", n), limit) for n, limit in enumerate(each.area_limits)))
        for cell, area in areas:
            if area not in pack.areas.areas:
                yield Problem("people.yaml", (*where, *cell), "unknown_area", f"no area {area!r}", area)


def _problems_of_rules(pack: Pack) -> Iterator[Problem]:
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
    if condition.fact in ("sensitive", "masked") or (question is not None and question.kind == "yes_no"):
        return condition.op != "contains_any" and all(isinstance(each, bool) for each in wanted)
    named = {name for name, _ in question.choices} if question is not None else _VALUES[condition.fact]
    return all(isinstance(each, str) and each in named for each in wanted)


_VALUES: Mapping[str, frozenset[str]] = {
    "management": frozenset(get_args(Management)),
    "area_kind": frozenset(get_args(AreaKind)),
    "urgency": frozenset(URGENCIES),
}
FACTS = frozenset({"category", "text", "sensitive", "masked", *_VALUES})
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


def _problems_of_questions(pack: Pack) -> Iterator[Problem]:
    for category in pack.categories.values():
        for number, question in enumerate(category.questions):
            if question not in pack.questions:
                where: Path = (category.code, "questions", number)
                detail = f"{category.code} asks {question!r}, which has no wording"
                yield Problem("categories.yaml", where, "unknown_question", detail, question)
        for question, _ in category.result_if:
            where = (category.code, "result_if", question)
            if question not in pack.questions:
                detail = f"a deadline hangs on {question!r}, which has no wording"
                yield Problem("categories.yaml", where, "unknown_question", detail, question)
            elif pack.questions[question].kind != "yes_no":
                detail = f"a deadline hangs on {question!r}, which is no yes-or-no question"
                yield Problem("categories.yaml", where, "not_yes_no", detail, question)
    danger = pack.questions.get("danger")
    named = {name for name, _ in danger.choices} if danger is not None else set()
    for index, sign in enumerate(pack.emergencies):
        for number, answer in enumerate(sign.answers):
            if answer not in named:
                detail = f"the question `danger` has no answer {answer!r}"
                yield Problem("pack.yaml", ("emergencies", index, "answers", number), "unknown_answer", detail, answer)


def _problems_of_critical_limits(pack: Pack) -> Iterator[Problem]:
    """Critical matters use wall-clock units only (domain 3.4); MAY_WAIT says which limits need not, and why."""
    for index, row in enumerate(pack.rules.rows):
        for cell, length in (("result_within", row.then.result_within), ("first_step", row.then.first_step)):
            if row.then.urgency == "critical" and length and Within.parse(length).unit not in ("h", "min"):
                detail = f"a critical matter cannot wait {length}"
                yield Problem("rules.yaml", (index, "then", cell), "critical_waits", detail, length)
    limits: dict[Path, Within] = {
        ("clocks", name, "critical"): each["critical"] for name, each in pack.limits.items() if name not in MAY_WAIT
    }
    limits["default_result", "critical"] = pack.default_result["critical"]
    for where, within in limits.items():
        if within.unit not in ("h", "min"):
            yield Problem("pack.yaml", where, "critical_waits", f"a critical matter cannot wait {within}", str(within))
    for category in pack.categories.values():
        if category.urgency == "critical":
            limits = {("result",): category.result}
            if category.first_step is not None:
                limits["first_step", "within"] = category.first_step.within
            for where, within in limits.items():
                if within.unit not in ("h", "min"):
                    detail = f"a critical matter cannot wait {within}"
                    yield Problem("categories.yaml", (category.code, *where), "critical_waits", detail, str(within))


def _problems_of_texts(pack: Pack) -> Iterator[Problem]:
    for key, languages in pack.texts.items():
        for language in ("zh-CN", "en"):
            if not languages.get(language):
                yield Problem("messages.yaml", (key, language), "text_missing", f"{key} has no text in {language}")


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
