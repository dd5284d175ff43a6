"""A row of the rules as people read it aloud: what it asks and what comes of it, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_words import words
from shaoyin.adapters.text_pages import text_page
from shaoyin.adapters.words import Language
from shaoyin.domain.conditions import ALL_OF, NOT_KNOWN
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import OR

Said = dict[str, list[str]]
"""Lines by column; a column about which the row says nothing is not there."""
_CODED = {"management": "management", "urgency": "urgency", "area_kind": "area_kinds", "inside": "area_kinds"}
"""Facts whose values have words that a clerk may write, and the kind of those words."""


def _resource() -> Mapping[str, Any]:
    return text_page("shaoyin.adapters", "rule_reading")


def columns() -> Mapping[str, Mapping[str, str]]:
    """The columns of the table in their order, each with its heading in two languages."""
    found: Mapping[str, Mapping[str, str]] = _resource()["columns"]
    return found


class Reading:
    """The words of one pack in one language. What has no word is called by its code."""

    def __init__(self, pack: Pack, language: Language) -> None:
        self._pack = pack
        self._language = language

    @property
    def language(self) -> Language:
        return self._language

    @property
    def none_of_these(self) -> str:
        return self._phrase("none_of_these")

    def asked(self, fact: str, cell: object) -> str:
        """One condition: what is asked, and what it wants."""
        return self._phrase("is", fact=self.fact(fact), value=self._condition(fact, cell))

    def listed(self, words: Iterable[str]) -> str:
        return ("、" if self._language == "zh-CN" else ", ").join(words)

    def row(self, row: Mapping[str, Any]) -> Said:
        row = in_codes(row)
        then = row.get("then") or {}
        said: dict[str, Iterable[str]] = {
            "asked": self._asked(row.get("when") or {}),
            "handler": [self.role(then["main"])] if then.get("main") else [],
            "mode": [self.word("modes", then.get("mode", "D"))] if _has_mode(row, then) else [],
            "with": map(self.role, then.get("co", ())),
            "informed": map(self.role, then.get("informed", ())),
            "first": self._deadlines(then),
            "late": [self.role(then["late"])] if then.get("late") else [],
            "more": self._more(row, then),
            "basis": [str(row["basis"])] if row.get("basis") else [],
        }
        return {column: found for column, lines in said.items() if (found := list(lines))}

    def group(self, row: Mapping[str, Any]) -> str:
        row = in_codes(row)
        return " · ".join(self.word(f"{name}s", str(row[name])) for name in ("group", "effect") if name in row)

    def role(self, role: str) -> str:
        """`property|dept:sanitation`: the one, and failing that the other."""
        return self._phrase("else").join(map(self._one_role, role.split(OR)))

    def _one_role(self, role: str) -> str:
        kind, _, of = role.partition(":")
        if not of or kind not in _resource()["special"]:
            said, known = self.word("roles", role), self._pack.directory.kinds.get(role)
            return known.name[self._language] if said == role and known is not None else said
        return str(_resource()["special"][kind][self._language]).format(of=self.word("specialities", of))

    def _asked(self, when: Mapping[str, Any]) -> Iterator[str]:
        for fact, cell in when.items():
            yield self.asked(fact, cell)
        if not when:
            yield self._phrase("always")

    def fact(self, fact: str) -> str:
        if question := self._pack.questions.get(fact):
            return question.asks[self._language].replace("？", "?").partition("?")[0]
        if count := self._pack.counts.get(fact):
            around = _resource()["around"][count.within][self._language]
            categories = self._values("category", list(count.categories))
            return self._phrase("counted", days=count.days, around=around, categories=categories)
        return self.word("facts", fact)

    def _condition(self, fact: str, cell: object) -> str:
        match cell:
            case dict() if len(cell) == 1:
                (op, inner), = cell.items()  # fmt: skip
                if isinstance(inner, bool):
                    return self._phrase("or_unknown", value=self.value(fact, not inner))
                if op == "is_not" and NOT_KNOWN in (inner if isinstance(inner, list) else [inner]):
                    return self._known(fact, inner)
                return self._phrase(op, value=self._values(fact, inner))
            case _:
                return self._values(fact, cell)

    def _known(self, fact: str, inner: object) -> str:
        """What is not unknown is known, and not one of the others."""
        others = [each for each in inner if each != NOT_KNOWN] if isinstance(inner, list) else []
        return self._phrase("known_but", value=self._values(fact, others)) if others else self._phrase("known")

    def _values(self, fact: str, cell: object) -> str:
        return self._phrase("or").join(self.value(fact, each) for each in (cell if isinstance(cell, list) else [cell]))

    def value(self, fact: str, value: object) -> str:
        if isinstance(value, bool):
            return self._phrase("yes" if value else "no")
        code, pack = str(value), self._pack
        if code == NOT_KNOWN:
            return self._phrase("unknown")
        if fact == "category":
            return self._category(code)
        if question := pack.questions.get(fact):
            return dict(question.choices).get(code, {}).get(self._language, code)
        if fact in _CODED:
            return self.word(_CODED[fact], code)
        return str(_resource()["values"].get(fact, {}).get(code, {}).get(self._language, code))

    def _category(self, code: str) -> str:
        if code.endswith(ALL_OF):
            return self._phrase("group_of", group=code.removesuffix(ALL_OF))
        known = self._pack.categories.get(code)
        return known.name[self._language] if known else code

    def _deadlines(self, then: Mapping[str, Any]) -> Iterator[str]:
        if step := then.get("first_step"):
            yield self._phrase(
                "steps", within=self._length(step["within"]), step=self.word("met_by", step["met_by"])
            )  # fmt: skip
        if "result_within" in then:
            yield self._phrase("result", within=self._length(then["result_within"]))

    def _more(self, row: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[str]:
        if urgency := then.get("urgency"):
            up = urgency == "one_step_up"
            yield self._phrase("one_step_up" if up else "urgency", value=self.word("urgency", urgency))
        yield from map(self._whistle, then.get("whistles", ()))
        if "schedules" in then:
            yield self.word("schedules", then["schedules"])
        if "claim" in then:
            yield self._phrase("claim", within=self._length(then["claim"]))
        if then.get("desk"):
            yield self._phrase("desk", role=self.role(then["desk"]))
        for name, rows in (("yields_to", then.get("yields_to")), ("before", row.get("before"))):
            if rows:
                yield self._phrase(name, rows=self._rows(rows))

    def _rows(self, rows: Iterable[object]) -> str:
        named = (
            self._phrase("row", row=each) if isinstance(each, int) else self.word("groups", str(each)) for each in rows
        )  # fmt: skip
        return self.listed(named)

    def _whistle(self, whistle: Mapping[str, Any]) -> str:
        kind = self._pack.whistle_types.get(whistle["type"])
        who = self.role(whistle.get("role") or whistle.get("org_kind") or "") or self.word("tiers", whistle["tier"])
        type_ = kind.name[self._language] if kind else whistle["type"]
        return self._phrase("whistle", type=type_, who=who, task=whistle.get("task", ""))

    def _length(self, within: str) -> str:
        amount, _, unit = within.partition(" ")
        if amount == "0":
            return self._phrase("same_day")
        known = _resource()["units"].get(unit)
        said = within if known is None else str(known[self._language]).format(n=amount)
        return said.removesuffix("s") if amount == "1" and self._language == "en" else said

    def unit(self, unit: str) -> str:
        """Of a length of time, without its figure."""
        return str(_resource()["units"][unit][self._language]).format(n="").strip()

    def word(self, kind: str, code: str) -> str:
        both = _resource().get(kind, {}).get(code)
        if both is not None:
            return str(both[self._language])
        if self._language == "en":
            return str(_resource()["english"].get(kind, {}).get(code, code))
        said = words(kind).by_code.get(code) if kind in CLERKS else None
        return said[0] if said else code

    def _phrase(self, name: str, **told: object) -> str:
        return str(_resource()["phrases"][name][self._language]).format(**told)


def _has_mode(row: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    """A row that decides dispatches where it says nothing else; one that adds changes no mode that it does not say."""
    return "mode" in then or (row.get("effect") == "decides" and bool(then.get("main")))


CLERKS = frozenset(
    {"facts", "area_kinds", "groups", "effects", "modes", "management", "urgency", "met_by", "tiers", "roles"}
)
"""Kinds of words that a clerk may write; their English is under `english`."""
