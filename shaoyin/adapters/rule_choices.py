"""What each cell of a rule may hold in a pack, with what it is called in two languages: for a form to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from shaoyin.adapters.category_groups import group_name
from shaoyin.adapters.rule_reading import Reading
from shaoyin.domain.conditions import ALL_OF, CATEGORY, NOT_KNOWN
from shaoyin.domain.facts import ALWAYS_KNOWN, FACTS, NUMBERS, VALUES, YES_NO
from shaoyin.domain.pack import URGENCIES, Pack
from shaoyin.domain.roles import NOBODY, SPECIAL, STANDS_FOR, TEAM_ROLES, known_role
from shaoyin.domain.rules import GROUPS, ONE_STEP_UP, OR, Effect, MetBy, Mode, Then

Kind = Literal["yes_no", "number", "text", "named"]
SCHEDULES = ("campaign_proposal", "council_topic", "side_order", "side_topic", "next_start")
UNITS = ("wd", "wh", "d", "h", "min")
TIERS = ("member", "department")


class Choice(NamedTuple):
    code: str
    zh: str
    en: str


class Choices(NamedTuple):
    """Choices under a heading; an empty heading is none."""

    zh: str
    en: str
    of: tuple[Choice, ...]


class RuleChoices:
    """The choices of one pack; names that nobody gave are codes."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._zh, self._en = Reading(pack, "zh-CN"), Reading(pack, "en")

    def words(self, kind: str, codes: Iterable[str]) -> tuple[Choice, ...]:
        return tuple(Choice(code, self._zh.word(kind, code), self._en.word(kind, code)) for code in codes)

    @cached_property
    def cells(self) -> Mapping[str, Sequence[Choices]]:
        """By cell of a row; the cells of `then` and of a whistle among them."""
        plain = {
            "group": self.words("groups", GROUPS),
            "effect": self.words("effects", get_args(Effect)),
            "mode": self.words("modes", get_args(Mode)),
            "urgency": self.words("urgency", (*URGENCIES, ONE_STEP_UP)),
            "schedules": self.words("schedules", SCHEDULES),
            "met_by": self.words("met_by", get_args(MetBy)),
            "tier": self.words("tiers", TIERS),
            "unit": tuple(Choice(unit, self._zh.unit(unit), self._en.unit(unit)) for unit in UNITS),
            "type": self._whistle_types(),
            "org_kind": self._codes({org.kind for org in self._pack.directory.orgs.values()}),
            "resource": self._codes({each for org in self._pack.directory.orgs.values() for each in org.resources}),
        }
        roles = dict.fromkeys(("main", "co", "informed", "late", "desk", "role"), self.roles)
        return {**{cell: (Choices("", "", of),) for cell, of in plain.items()}, **roles}

    @cached_property
    def roles(self) -> Sequence[Choices]:
        """Whoever could be named: those that are called or stand for others, kinds of posts, specialities of posts."""
        known = self._pack.directory
        named = sorted(NOBODY | TEAM_ROLES.keys() | STANDS_FOR.keys() | known.kinds.keys())
        special = {f"{role}:{each}" for role, kind in SPECIAL.items() for each in self._specialities(kind)}
        special |= {role for row in self._pack.rules.rows for role in _roles_of(row.then) if ":" in role}
        plain = tuple(self._role(role) for role in named if known_role(role, known))
        return (
            Choices("岗位和组织", "posts and bodies", plain),
            Choices("有专业的", "with a speciality", tuple(self._role(role) for role in sorted(special))),
        )

    @cached_property
    def categories(self) -> Sequence[Choices]:
        """Under the first level of their codes, which may be meant as a whole."""
        levels: dict[str, list[Choice]] = {}
        for category in self._pack.categories.values():
            level = category.code.partition(".")[0]
            levels.setdefault(level, [Choice(f"{level}{ALL_OF}", f"{level} 整类", f"all of {level}")]).append(
                Choice(category.code, category.name["zh-CN"], category.name["en"])
            )
        return [Choices(group_name(level, "zh-CN"), group_name(level, "en"), tuple(of)) for level, of in levels.items()]

    @cached_property
    def facts(self) -> Sequence[Choices]:
        """What a row may ask: of the matter and its place, the questions of the form, and what is counted."""
        return (
            Choices("事情和地点", "the matter and its place", self._facts(sorted(FACTS))),
            Choices("表单上的问题", "questions of the form", self._facts(self._pack.questions)),
            Choices("计数", "counts", self._facts(self._pack.counts)),
        )

    def kind(self, fact: str) -> Kind:
        question = self._pack.questions.get(fact)
        if fact == "text":
            return "text"
        if fact in YES_NO or (question is not None and question.kind == "yes_no"):
            return "yes_no"
        numbers = fact in {*NUMBERS, *self._pack.counts} or (question is not None and question.kind == "number")
        return "number" if numbers else "named"

    def fact(self, fact: str) -> Choice:
        return Choice(fact, self._zh.fact(fact), self._en.fact(fact))

    def values(self, fact: str) -> Sequence[Choices]:
        """Of a fact whose values have names; that it is not known is one more, but where it always is."""
        unknown = () if fact in ALWAYS_KNOWN else (Choices("不知道的", "not known", (self._value(fact, NOT_KNOWN),)),)
        if fact == CATEGORY:
            return (*self.categories, *unknown)
        question = self._pack.questions.get(fact)
        codes = [code for code, _ in question.choices] if question else sorted(VALUES.get(fact, ()))
        return (Choices("", "", tuple(self._value(fact, code) for code in codes)), *unknown)

    def _value(self, fact: str, code: str) -> Choice:
        return Choice(code, self._zh.value(fact, code), self._en.value(fact, code))

    def before(self, rows: Iterable[int]) -> Sequence[Choices]:
        """Before which rows or groups a row steps back, or is asked."""
        numbers = tuple(Choice(str(row), f"第 {row} 行", f"row {row}") for row in sorted(set(rows)))
        return (Choices("整组", "a whole group", self.words("groups", GROUPS)), Choices("行", "rows", numbers))

    def _facts(self, names: Iterable[str]) -> tuple[Choice, ...]:
        return tuple(self.fact(name) for name in names)

    def _role(self, role: str) -> Choice:
        """Its word; that of the kind of post; else the code."""
        kind = self._pack.directory.kinds.get(role)
        zh, en = self._zh.role(role), self._en.role(role)
        if kind is not None and zh == role:
            return Choice(role, kind.name["zh-CN"], kind.name["en"])
        return Choice(role, zh, en)

    def _specialities(self, kind: str) -> Iterator[str]:
        posts = self._pack.directory.posts.values()
        return (post.speciality for post in posts if post.kind == kind and post.speciality)

    def _whistle_types(self) -> tuple[Choice, ...]:
        types = self._pack.whistle_types
        return tuple(Choice(code, each.name["zh-CN"], each.name["en"]) for code, each in types.items())

    def _codes(self, codes: Iterable[str]) -> tuple[Choice, ...]:
        return tuple(self._role(code) for code in sorted(codes))


def _roles_of(then: Then) -> Iterator[str]:
    asked = (each.role for each in then.whistles)
    for said in (then.main, then.late, then.desk, *then.co, *then.informed, *asked):
        yield from (said or "").split(OR)


def codes_of(choices: Iterable[Choices]) -> Iterator[str]:
    for group in choices:
        yield from (choice.code for choice in group.of)
