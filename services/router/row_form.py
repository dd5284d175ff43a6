"""A row of the rules in a form: of each cell what it may hold, what it holds, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.router.rule_changes import row_numbers
from shaoyin.adapters.html_form import Values
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.packs import Located
from shaoyin.adapters.rule_choices import Choice, Choices, Kind, RuleChoices
from shaoyin.adapters.rule_form import FACT, WHISTLE, first
from shaoyin.adapters.rule_form_conditions import KEPT
from shaoyin.adapters.rule_problems import InRow
from shaoyin.domain.conditions import CATEGORY
from shaoyin.domain.facts import ALWAYS_KNOWN
from shaoyin.domain.pack import Pack

OPS: Mapping[Kind, tuple[Choice, ...]] = {
    "named": (
        Choice("one_of", "是其中之一", "one of these"),
        Choice("is_not", "都不是；没勾“不知道”的，不知道也算", "none of these; not known counts unless it is ticked"),
    ),
    "yes_no": (
        Choice("yes", "是", "yes"), Choice("no", "否", "no"),
        Choice("yes_or_unknown", "是，不知道也算", "yes, or not known"),
        Choice("no_or_unknown", "否，不知道也算", "no, or not known"),
    ),
    "number": (
        Choice("is", "正好是", "exactly"), Choice("at_least", "至少", "at least"), Choice("at_most", "至多", "at most"),
        Choice("is_not", "不是", "not"),
    ),
    "text": (Choice("contains_any", "含有其中一个词", "contains one of these words"),),
}  # fmt: skip
KNOWING = (Choice("unknown", "不知道", "not known"), Choice("known", "知道，不管是什么", "known, whatever it is"))
"""What can be asked of anything that may be unknown."""
AS_IT_IS = Choice(KEPT, "照原样", "as it stands")
SPARE = 2
"""Empty places behind what a list holds."""


@dataclass(frozen=True, slots=True)
class ConditionShown:
    fact: Choice
    kind: Kind
    ops: tuple[Choice, ...]
    op: str
    choices: Sequence[Choices]
    values: Sequence[str]


@dataclass(frozen=True)
class RowForm:
    """What the template reads. `problems` are by the name of their cell."""

    fields: Values
    choices: RuleChoices
    conditions: list[ConditionShown]
    rows: Sequence[Choices]
    whistles: list[int]
    problems: Mapping[str, list[Located]]

    @property
    def cells(self) -> Mapping[str, Sequence[Choices]]:
        return self.choices.cells

    @property
    def left(self) -> list[Choices]:
        """Facts that the row does not ask yet."""
        asked = set(self.fields.get(FACT, ()))
        return [
            Choices(group.zh, group.en, tuple(each for each in group.of if each.code not in asked))
            for group in self.choices.facts
        ]

    def one(self, name: str) -> str:
        return first(name, self.fields)

    def several(self, name: str, spare: int = SPARE) -> list[str]:
        return [*filter(None, self.fields.get(name, ())), *[""] * spare]


def row_form(fields: Values, pack: Pack, pages: Handed, problems: Iterable[InRow] = ()) -> RowForm:
    choices = RuleChoices(pack)
    conditions = [_condition(fact, fields, choices) for fact in dict.fromkeys(fields.get(FACT, ()))]
    by_cell: dict[str, list[Located]] = {}
    for each in problems:
        by_cell.setdefault(cell_of(each.steps), []).append(each.problem)
    return RowForm(fields, choices, conditions, choices.before(row_numbers(pages)), whistles_in(fields), by_cell)


def _condition(fact: str, fields: Values, choices: RuleChoices) -> ConditionShown:
    kind, op = choices.kind(fact), first(f"when.{fact}.op", fields)
    ops = OPS[kind] if fact in ALWAYS_KNOWN else (*OPS[kind], *KNOWING)
    if op and op not in {each.code for each in ops}:
        ops = (*ops, AS_IT_IS)
    values = fields.get(f"when.{fact}.value", [])
    return ConditionShown(
        choices.fact(fact), kind, ops, op, choices.values(fact) if kind == "named" else (), values
    )  # fmt: skip


def whistles_in(fields: Values) -> list[int]:
    """The numbers of the whistles that are there, those that were just added among them."""
    names = {f"whistles.{number}.{part}": number for number in range(100) for part in WHISTLE}
    return sorted({names[name] for name in fields if name in names})


def cell_of(steps: Sequence[str]) -> str:
    """The cell of the form that a problem is about."""
    match steps:
        case ["when", fact, *_]:
            return f"when.{fact}"
        case ["when"]:
            return f"when.{CATEGORY}"
        case ["then", name, *_]:
            return name
        case ["then"]:
            return "main"
        case [("group" | "effect" | "before" | "basis") as name, *_]:
            return name
        case _:
            return "row"
