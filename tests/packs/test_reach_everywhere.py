"""What is said of rows among themselves, held against every matter that they can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from shaoyin.domain.conditions import CATEGORY, Condition, Fact, Op, Wanted
from shaoyin.domain.conditions import tested as met_by
from shaoyin.domain.pack import Pack
from shaoyin.domain.reach import examined
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import Effect, Group, Mode, RuleRow, Then
from tests.packs.conftest import shipped

COUNT, QUESTION, FLAT = "lift_faults_30d", "somebody_inside", "inside_flat"
KINDS: tuple[tuple[Op, Wanted], ...] = (
    ("is", "LIG.*"), ("is_not", "LIG.*"), ("is", "WAT.ponding"), ("is_not", "WAT.ponding"), ("is", None),
    ("one_of", ("LIG.*", "PRO.lift_fault")), ("is_not", ("WAT.ponding", "PRO.*")),
)  # fmt: skip
YES_NO: tuple[tuple[Op, Wanted], ...] = tuple((op, one) for op in ("is", "is_not") for one in (True, False, None))
ASKED: Mapping[str, tuple[tuple[Op, Wanted], ...]] = {
    CATEGORY: KINDS,
    QUESTION: YES_NO,
    "sensitive": YES_NO,
    "urgency": (
        ("is", "normal"), ("is_not", "normal"), ("one_of", ("normal", "elevated")), ("one_of", ("urgent", "critical")),
        ("is_not", ("urgent", "critical")),
    ),
    "management": (
        ("is", "none"), ("is_not", "none"), ("is", None), ("is_not", None), ("one_of", ("none", "property_company")),
        ("one_of", ("none", None)),
    ),
    "inside": (
        ("is", "estate"), ("is_not", "estate"), ("is", "building"), ("is_not", "building"), ("is", "courtyard"),
        ("one_of", ("estate", "building")), ("is_not", ("estate", "courtyard")), ("is", None),
    ),
    COUNT: (
        ("at_least", 1), ("at_least", 3), ("at_most", 2), ("is", 1), ("is_not", 1), ("is", None),
        ("is_not", None),
    ),
    "text": tuple(("contains_any", words) for words in (("堵",), ("堵了",), ("灯",), ("堵了", "灯"))),
    "at": (
        ("is", "on_duty"), ("is_not", "on_duty"), ("is", "night"), ("is_not", "holiday"),
        ("one_of", ("night", "holiday")), ("is_not", ("off_duty", "on_duty")),
    ),
}  # fmt: skip
PLACES: Mapping[str, tuple[tuple[Op, Wanted], ...]] = {
    "firm": YES_NO, "land": (("is", "public"), ("is_not", "public"), ("is", None)), FLAT: YES_NO,
}  # fmt: skip
INSIDE = ("estate", "building", "courtyard")
VALUES: Mapping[str, tuple[Fact, ...]] = {
    "urgency": ("normal", "elevated", "urgent", "critical"),
    "management": ("none", "property_company", "self_managed", None),
    "inside": (*(("street", *some) for size in range(4) for some in combinations(INSIDE, size)), None),
    COUNT: (0, 1, 2, 3, 4, None),
    "text": ("堵了", "堵", "灯", "堵了灯", "一切都好"),
    "at": (
        ("on_duty",), ("off_duty",), ("off_duty", "night"), ("off_duty", "holiday"), ("off_duty", "holiday", "night"),
    ),
    "firm": (True, False, None),
    "land": ("compound", "public", None),
}  # fmt: skip
LAST = RuleRow(78, "fallback", "decides", (), Then(main="community"), "a test")
Matter = Mapping[str, Fact]


@cache
def pack() -> Pack:
    return shipped("wulibao")


@dataclass(frozen=True)
class Drawn:
    """A few facts, and rows that ask nothing else: whether a row is reached can be tried on every matter."""

    facts: tuple[str, ...]
    rows: tuple[RuleRow, ...]

    @property
    def table(self) -> RuleTable:
        return RuleTable((*self.rows, LAST))

    @property
    def matters(self) -> Iterator[Matter]:
        others = [fact for fact in self.facts if fact in VALUES]
        for known in _of_kinds(self.facts):
            for values in product(*(VALUES[fact] for fact in others)):
                matter = {**known, **dict(zip(others, values, strict=True))}
                if _there_is(matter):
                    yield {fact: value for fact, value in matter.items() if value is not None}


def _there_is(matter: Matter) -> bool:
    """Whose a place is: a public one is nobody's, and of an unknown one nothing is known."""
    mode, firm, land = (matter.get(fact, "unasked") for fact in ("management", "firm", "land"))
    if "unasked" not in (mode, firm) and firm != (None if mode is None else mode == "property_company"):
        return False
    return land in ("compound", "unasked") or (mode in (None, "unasked") and firm in (None, "unasked"))


@cache
def _of_kinds(facts: tuple[str, ...]) -> tuple[Matter, ...]:
    """One category of all that these facts do not tell apart, and none."""
    asked = [question for question in (QUESTION, FLAT) if question in facts]
    tests = [met_by(Condition(CATEGORY, op, wanted)) for op, wanted in KINDS]
    found: dict[tuple[object, ...], list[Matter]] = {}
    for code in (None, *pack().categories) if {CATEGORY, "sensitive", *asked} & set(facts) else (None,):
        category = pack().categories[code] if code else None
        known: dict[str, Fact] = {CATEGORY: code, "sensitive": category.sensitive if category else None}
        open_to = [category is None or question in category.questions for question in asked]
        answers = product(*((True, False, None) if each else (None,) for each in open_to))
        like = (*(test(code) for test in tests), known["sensitive"], *open_to)
        found.setdefault(like, [known | dict(zip(asked, each, strict=True)) for each in answers])
    return tuple(each for matters in found.values() for each in matters)


def whens(facts: Sequence[str], asked: Mapping[str, Sequence[tuple[Op, Wanted]]]) -> st.SearchStrategy[Any]:
    conditions = [Condition(fact, op, wanted) for fact in facts for op, wanted in asked[fact]]
    return st.lists(st.sampled_from(conditions), max_size=3, unique_by=lambda each: each.fact).map(tuple)


@st.composite
def drawn(draw: st.DrawFn, groups: Sequence[Group], asked: Mapping[str, Sequence[tuple[Op, Wanted]]] = ASKED) -> Drawn:
    facts = draw(st.lists(st.sampled_from(sorted(asked)), min_size=1, max_size=3, unique=True).map(tuple))
    effects: Sequence[Effect] = ["decides", "stops", "adds"]
    row = st.builds(
        RuleRow, st.just(0), st.sampled_from(groups), st.sampled_from(effects), whens(facts, asked),
        st.builds(Then, main=st.sampled_from(["community", "grid_lead"])), st.just("a test"),
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=2, max_size=7))
    return Drawn(facts, tuple(replace(each, row=number) for number, each in enumerate(rows, start=1)))


def said_out_of_reach(table: RuleTable) -> set[int]:
    said = {each.row.row for each in examined(replace(pack(), rules=table))[0] if not each.open}
    event(f"rows out of reach: {len(said)}")
    return said - {78}


def met(table: RuleTable, matter: Matter) -> set[int]:
    walk = table.gone(matter)
    return {seen.row for seen in walk.asked if seen.matched} | {row.row for row in (walk.decided, *walk.added)}


# Rows that are never reached


@given(drawn(["emergency", "scope", "grid", "whose", "category"]))
def test_rows_are_said_to_be_out_of_reach_exactly_where_no_matter_reaches_them(case: Drawn) -> None:
    reached = {row for matter in case.matters for row in met(case.table, matter)}

    assert said_out_of_reach(case.table) == {row.row for row in case.rows} - reached


@given(drawn(["category"]))
def test_rows_of_one_group_are_said_to_be_out_of_reach_exactly_where_no_matter_reaches_them(case: Drawn) -> None:
    reached = {row for matter in case.matters for row in met(case.table, matter)}

    assert said_out_of_reach(case.table) == {row.row for row in case.rows} - reached


@st.composite
def stepping_back(draw: st.DrawFn) -> Drawn:
    """Rows that leave it to the place or to others, or lay aside what a person may accept all the same."""
    case = draw(drawn(["emergency", "scope", "whose", "category"], {**ASKED, **PLACES}))
    handlers = st.sampled_from(["community", "property", "by_place", "property|grid_lead", "by_place|grid_lead"])
    modes: st.SearchStrategy[Mode] = st.sampled_from(["D", "D", "D", "not_accepted", "merge"])
    others = st.sampled_from([(), (), (), ("1",), ("2",), ("3",), ("whose",)])
    then = st.builds(Then, main=handlers, mode=modes, yields_to=others)
    return Drawn(case.facts, tuple(replace(row, then=draw(then)) for row in case.rows))


@given(stepping_back())
def test_nothing_is_said_to_be_out_of_reach_that_any_matter_comes_to_before_or_after_it_is_accepted(
    case: Drawn,
) -> None:
    tables = (case.table, case.table.admitted)
    reached = {row for matter in case.matters for table in tables for row in met(table, matter)}

    assert said_out_of_reach(case.table).isdisjoint(reached)


# Rows that disagree


@given(drawn(["scope", "category"]))
def test_rows_are_said_to_disagree_exactly_where_both_are_met_in_a_category_and_each_without_the_other(
    case: Drawn,
) -> None:
    found = examined(replace(pack(), rules=case.table))[1]
    said = {(each.row.row, later.row) for each in found for later in each.later}
    event(f"rows that disagree: {len(said)}")
    matters = [matter for matter in case.matters if matter.get("text") != "堵了灯"]

    assert said == set(_disagreeing(case.rows, matters))


def _disagreeing(rows: Sequence[RuleRow], matters: Sequence[Matter]) -> Iterator[tuple[int, int]]:
    naming = [row for row in rows if row.effect != "adds"]
    kinds = {matter.get(CATEGORY) for matter in matters}
    for one, other in product(naming, naming):
        apart = one.row < other.row and one.group == other.group and one.then.main != other.then.main
        if apart and any(
            _cross(one, other, [each for each in matters if each.get(CATEGORY) == kind]) for kind in kinds
        ):
            yield one.row, other.row


def _cross(one: RuleRow, other: RuleRow, matters: Sequence[Matter]) -> bool:
    both = {(_meets(one, each), _meets(other, each)) for each in matters}
    return {(True, True), (True, False), (False, True)} <= both


def _meets(row: RuleRow, matter: Matter) -> bool:
    return all(met_by(each)(matter.get(each.fact)) for each in row.when)
