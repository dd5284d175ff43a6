"""The table is asked in order, says what each earlier row lacked, and never keeps a row that cannot match."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.domain.conditions import Condition, Fact, Op, Wanted, in_words
from shaoyin.domain.rule_table import KNOWN_AT_MOST, RuleTable
from shaoyin.domain.rules import GROUPS, Effect, Group, RowSeen, RuleRow, Then


def row(number: int, group: Group, *when: Condition, effect: Effect = "decides") -> RuleRow:
    return RuleRow(number, group, effect, when, Then(main="community"), "a test")


def table(*rows: RuleRow) -> RuleTable:
    return RuleTable(rows)


def wants(fact: str, op: Op, wanted: Wanted) -> Condition:
    return Condition(fact, op, wanted)


def asks(fact: str, wanted: Wanted) -> Condition:
    return wants(fact, "is", wanted)


LAST = row(78, "fallback")


def decided(rules: RuleTable, **facts: Fact) -> int:
    return rules.walk(facts).decided.row


def matches(condition: Condition, seen: Fact) -> bool:
    return decided(table(row(1, "category", condition), LAST), fact=seen) == 1


# One condition


@pytest.mark.parametrize(
    ("op", "wanted", "yes", "no"),
    [
        ("is", "none", ["none"], ["property_company", None, ""]),
        ("is", True, [True], [False, None, "true"]),
        ("one_of", ("a", "b"), ["a", "b"], ["c", None, "ab"]),
        ("at_least", 3, [3, 4], [2, None, "3"]),
        ("contains_any", ("堵", "溢"), ["下水道堵了", "外溢"], ["路灯", None, 3, ""]),
        ("is_not", True, [False, None, "x"], [True]),
        ("is", None, [None], [True, False, "none", "", 0, ("fire",)]),
        ("one_of", ("a", None), ["a", None, ("a", "b")], ["b", "None", ("b",)]),
        ("is_not", None, [True, False, "none", "", 0, ("fire",)], [None]),
        ("is_not", ("a", None), ["b", False], ["a", None]),
    ],
)
def test_a_condition_holds_for_these_and_not_for_those(op: Op, wanted: Wanted, yes: list[Fact], no: list[Fact]) -> None:
    condition = wants("fact", op, wanted)

    assert [matches(condition, seen) for seen in yes] == [True] * len(yes)
    assert [matches(condition, seen) for seen in no] == [False] * len(no)


def test_a_question_that_was_not_answered_is_neither_yes_nor_no() -> None:
    answers = table(row(1, "category", asks("flooding", True)), row(2, "category", asks("flooding", False)), LAST)

    assert decided(answers) == 78


def test_a_row_may_ask_that_a_question_was_not_answered_and_says_what_was_answered_where_it_lacks_that() -> None:
    answers = table(row(1, "category", asks("heavy", None)), row(2, "category", asks("heavy", True)), LAST)

    assert decided(answers) == 1
    assert decided(answers, heavy=True) == 2
    assert answers.walk({"heavy": False}).asked[:2] == (
        RowSeen(1, "heavy is not_known", False), RowSeen(2, "heavy is True", False),
    )  # fmt: skip
    assert answers.walk({"heavy": True}).asked[0] == RowSeen(1, "heavy is not_known", True)


def test_a_question_that_was_not_answered_excludes_no_row() -> None:
    assert decided(table(row(36, "category", wants("public_main", "is_not", True)), LAST)) == 36


def test_all_conditions_of_a_row_must_hold() -> None:
    rules = table(row(36, "category", asks("category", "WAT"), asks("management", "none")), LAST)

    assert decided(rules, category="WAT", management="none") == 36
    assert decided(rules, category="WAT") == 78
    assert decided(rules, management="none") == 78


# The walk


def test_the_first_row_of_a_group_that_matches_wins() -> None:
    rules = table(row(1, "category", asks("a", 2)), row(2, "category"), row(3, "category"), LAST)

    assert decided(rules, a=1) == 2
    assert decided(rules, a=2) == 1


def test_the_category_is_more_exact_than_the_place_and_the_place_than_the_last_row() -> None:
    whose, category = row(25, "whose", asks("place", 1)), row(36, "category", asks("what", 1))
    rules = table(LAST, category, whose)

    assert decided(rules, place=1, what=1) == 36
    assert decided(rules, place=1) == 25
    assert decided(rules, what=1) == 36
    assert decided(rules) == 78


def test_the_last_row_is_not_asked_when_another_decides() -> None:
    walk = table(row(25, "whose"), LAST).walk({})

    assert walk.asked == (RowSeen(25),)


def test_every_row_that_was_asked_says_what_it_lacked_and_what_it_saw() -> None:
    rules = table(
        row(35, "category", asks("category", "WAT"), asks("management", "property_company")),
        row(34, "category", wants("people", "at_least", 5)),
        row(36, "category", asks("category", "WAT"), asks("management", "none")),
        row(37, "category"),
        LAST,
    )
    walk = rules.walk({"category": "WAT", "management": "none"})

    assert walk.asked == (
        RowSeen(35, "management is property_company", "none"),
        RowSeen(34, "people at_least 5", None),
        RowSeen(36),
    )
    assert [each.matched for each in walk.asked] == [False, False, True]


def test_only_the_first_condition_that_failed_is_named() -> None:
    walk = table(row(1, "category", asks("a", 1), asks("b", 1)), LAST).walk({"a": 2, "b": 2})

    assert walk.asked[0] == RowSeen(1, "a is 1", 2)


def test_of_a_text_it_says_what_was_looked_for_and_does_not_repeat_the_text() -> None:
    rules = table(row(1, "emergency", wants("text", "contains_any", ("着火", "冒烟")), effect="adds"), LAST)

    assert rules.walk({"text": "路灯不亮,隔壁的事"}).asked[0] == RowSeen(1, "text contains_any 着火|冒烟")


@pytest.mark.parametrize("group", ["mask", "emergency"])
def test_masks_and_emergencies_all_add_up(group: Group) -> None:
    rows = [row(number, group, effect="adds") for number in (1, 2)]
    unmet = row(3, group, asks("danger", "fire"), effect="adds")
    walk = table(*rows, unmet, LAST).walk({})

    assert walk.added == tuple(rows)
    assert walk.decided == LAST


@pytest.mark.parametrize("group", ["scope", "identity", "grid", "whose", "category"])
def test_in_every_other_group_one_row_that_decides_is_enough_and_those_that_add_go_before(group: Group) -> None:
    before, beside = row(1, group, effect="adds"), row(2, group, effect="schedules")
    first, second = row(3, group), row(4, group)
    walk = table(before, beside, first, second, LAST).walk({})

    assert (walk.decided, walk.added) == (first, (before, beside))
    assert [each.row for each in walk.asked] == [1, 2, 3]


def test_what_adds_comes_beside_what_decides() -> None:
    mask, place = row(17, "mask", effect="adds"), row(25, "whose")
    walk = table(place, mask, LAST).walk({})

    assert (walk.decided, walk.added) == (place, (mask,))


@given(st.permutations(GROUPS))
def test_the_groups_are_asked_in_their_order_however_the_rows_lie(order: Sequence[Group]) -> None:
    rows = [row(GROUPS.index(group), group, asks("never", True)) for group in order if group != "fallback"]
    rules = table(*rows, LAST)
    walk = rules.after(rules.walk({}), {})

    assert [each.row for each in walk.asked] == [*range(GROUPS.index("load")), 78, GROUPS.index("load")]


def test_a_table_that_decides_nothing_says_so_loudly() -> None:
    with pytest.raises(LookupError):
        table(row(1, "category", asks("a", 1))).walk({})


# Ways that are remembered


NAMES = st.sampled_from(["a", "b"])
WORDS = st.sampled_from(["x", "y", "xy"])
SCALARS = st.one_of(st.booleans(), st.integers(0, 3), WORDS)
CONDITIONS = st.one_of(
    st.builds(wants, NAMES, st.sampled_from(["is", "is_not"]), SCALARS),
    st.builds(wants, NAMES, st.just("one_of"), st.lists(WORDS, min_size=1, max_size=3).map(tuple)),
    st.builds(wants, NAMES, st.just("at_least"), st.integers(0, 3)),
    st.builds(wants, NAMES, st.just("contains_any"), st.lists(WORDS, min_size=1, max_size=2).map(tuple)),
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["category", "whose"]), st.lists(CONDITIONS, max_size=2)), min_size=2, max_size=6
)
FACTS = st.fixed_dictionaries({}, optional={"a": SCALARS | st.none(), "b": SCALARS | st.none()})


@given(ROWS, FACTS)
def test_what_was_asked_ends_with_the_row_that_matched(
    drawn: list[tuple[Group, list[Condition]]], facts: dict[str, Fact]
) -> None:
    rules = table(*(row(number, group, *when) for number, (group, when) in enumerate(drawn)), LAST)
    walk = rules.walk(facts)
    matched = [each.row for each in walk.asked if each.matched]

    assert walk.decided.row in matched
    assert len(matched) <= 2
    wanted = {number: {in_words(each): each for each in when} for number, (_, when) in enumerate(drawn)}
    for each in walk.asked:
        if each.lacking is not None:
            failed = wanted[each.row][each.lacking]
            assert each.seen == (None if failed.op == "contains_any" else facts.get(failed.fact))


KINDS = st.sampled_from(["WAT", "LIG", None])
OF_CATEGORY = st.builds(wants, st.just("category"), st.sampled_from(["is", "is_not"]), st.sampled_from(["WAT", "LIG"]))
EXACT_ROWS = st.lists(
    st.tuples(st.sampled_from(GROUPS[:-1]), st.lists(OF_CATEGORY | CONDITIONS, max_size=4)), min_size=1, max_size=8
)
WORLDS = st.lists(st.tuples(KINDS, FACTS), min_size=1, max_size=12)


@given(EXACT_ROWS, WORLDS)
def test_a_way_that_is_remembered_is_the_way_that_would_be_gone_anew(
    drawn: list[tuple[Group, list[Condition]]], worlds: list[tuple[str | None, dict[str, Fact]]]
) -> None:
    rows = [
        row(number, group, *when, effect="decides" if group in ("category", "whose") else "adds")
        for number, (group, when) in enumerate(drawn)
    ]
    remembering = table(*rows, LAST)

    for category, others in worlds:
        facts: dict[str, Fact] = {"category": category, **others}
        assert remembering.walk(facts) == table(*rows, LAST).walk(facts) == remembering.gone(facts)


def test_more_ways_than_are_remembered_are_forgotten() -> None:
    rules = table(row(1, "category", asks("a", "0")), LAST)

    walks = [rules.walk({"category": "WAT", "a": str(number)}) for number in range(KNOWN_AT_MOST + 10)]

    assert [each.asked[0].seen for each in walks[1:]] == [str(number) for number in range(1, KNOWN_AT_MOST + 10)]
    assert decided(rules, category="WAT", a="0") == 1


def test_what_was_forgotten_is_asked_anew_and_comes_to_the_same() -> None:
    rules = table(row(1, "category", asks("a", "0")), LAST)
    facts: dict[str, Fact] = {"category": "WAT", "a": "0"}
    walk = rules.walk(facts)
    assert rules.walk(facts) is walk

    rules.forget()

    assert rules.walk(facts) == walk
    assert rules.walk(facts) is not walk


# Lines of a row, patterns, values of several kinds


def line(number: int, part: str, group: Group, *when: Condition, **then: object) -> RuleRow:
    return RuleRow(number, group, "decides", when, Then(**{"main": "community", **then}), "a test", part)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("op", "wanted", "yes", "no"),
    [
        ("is", "SAN.*", ["SAN.dead_corner"], ["SANX.a", "WAT.ponding", None]),
        ("one_of", ("SAN.*", "WAT.ponding"), ["SAN.a", "WAT.ponding"], ["WAT.burst", None]),
        ("is_not", ("SAN.*", "WAT.ponding"), ["WAT.burst", None], ["SAN.a", "WAT.ponding"]),
        ("at_most", 3, [3, 0], [4, None, "3"]),
        ("is", "fire", [("smoke", "fire")], [("smoke",), ()]),
        ("one_of", ("fire", "gas"), [("smoke", "gas")], [("smoke",)]),
        ("is_not", "fire", [("smoke",)], [("smoke", "fire")]),
    ],
)
def test_a_pattern_and_a_fact_of_several_values_meet_a_test(
    op: Op, wanted: Wanted, yes: list[Fact], no: list[Fact]
) -> None:
    condition = wants("fact", op, wanted)

    assert [matches(condition, seen) for seen in yes] == [True] * len(yes)
    assert [matches(condition, seen) for seen in no] == [False] * len(no)


def test_of_a_row_with_several_lines_the_first_that_holds_decides_and_one_answer_is_kept() -> None:
    rules = table(line(6, "a", "category", asks("a", 1)), line(6, "b", "category", asks("b", 1)), LAST)

    assert rules.walk({"b": 1}).decided.line == "6b"
    assert rules.walk({"b": 1}).asked == (RowSeen(6),)
    assert rules.walk({"b": 2}).asked == (RowSeen(6, "a is 1", None), RowSeen(78))


def test_of_lines_that_do_not_hold_the_one_that_came_furthest_answers() -> None:
    rules = table(
        line(6, "a", "category", asks("a", 1)), line(6, "b", "category", asks("b", 1), asks("c", 1)),
        line(6, "c", "category", asks("c", 1)), LAST,
    )  # fmt: skip

    assert rules.walk({"b": 1, "c": 2}).asked[0] == RowSeen(6, "c is 1", 2)


def test_a_row_steps_back_before_the_rows_and_the_groups_that_it_names() -> None:
    twenty = RuleRow(20, "grid", "decides", (), Then(main="grid_lead", yields_to=("48",)), "a test")
    eleven = RuleRow(11, "scope", "stops", (), Then(main="dept", yields_to=("category",)), "a test")
    rules = table(twenty, row(48, "category", asks("a", 1)), row(49, "category", asks("b", 1)), LAST)

    assert [decided(rules, a=1), decided(rules, b=1), decided(rules)] == [48, 20, 20]
    assert rules.walk({"a": 1}).asked[0] == RowSeen(20, "yields_to 48", "48")
    other = table(eleven, row(48, "category", asks("a", 1)), LAST)
    assert [decided(other, a=1), decided(other)] == [48, 11]


def test_what_stops_ends_the_walk() -> None:
    stop = row(9, "scope", asks("court", True), effect="stops")
    walk = table(stop, row(18, "identity", effect="adds"), row(48, "category"), LAST).walk({"court": True})

    assert (walk.decided.row, walk.added, [each.row for each in walk.asked]) == (9, (), [9])


def test_a_row_for_the_firm_is_carried_out_by_the_place_where_there_is_none() -> None:
    place, firm = row(25, "whose", asks("management", "none")), line(53, "", "category", main="property")
    rules = table(place, firm, LAST)

    assert rules.walk({"firm": True}).rows == (firm,)
    assert rules.walk({"firm": False, "management": "none"}).rows == (place, firm)
    assert rules.walk({"management": "none"}).rows == (place, firm)
    assert rules.walk({}).rows == (LAST, firm)


def test_a_second_handler_of_its_own_goes_before_the_place() -> None:
    firm = line(43, "", "category", main="property|volunteer_pool")

    assert table(row(25, "whose"), firm, LAST).walk({"firm": False}).rows == (firm,)


def test_by_place_asks_for_the_place_even_inside_a_flat() -> None:
    place = row(25, "whose", asks("management", "none"), wants("inside_flat", "is_not", True))
    flat, other = row(24, "whose", asks("inside_flat", True)), line(99, "", "category", main="by_place|community")
    rules = table(place, flat, other, LAST)

    assert rules.walk({"management": "none", "inside_flat": True}).rows == (place, other)
    assert rules.walk({"inside_flat": True}).rows == (other,)


def test_a_danger_goes_before_every_other_row_and_the_lowest_number_is_the_row() -> None:
    five, six = row(5, "emergency"), row(6, "emergency")
    walk = table(five, six, row(9, "scope", effect="stops"), row(48, "category"), LAST).walk({})

    assert (walk.decided, walk.added) == (five, (six,))


def test_a_row_that_nobody_is_to_handle_is_out_once_a_person_accepted_it() -> None:
    nine = RuleRow(9, "scope", "stops", (), Then(mode="not_accepted"), "a test")
    rules = table(nine, row(48, "category"), LAST)

    assert (decided(rules), rules.admitted.walk({}).decided.row) == (9, 48)


def test_the_load_is_asked_after_the_walk_and_may_name_another_handler() -> None:
    late, none = row(75, "load", asks("at", "off_duty"), effect="adds"), row(76, "load", asks("unclaimed", True))
    rules = table(row(48, "category"), late, none, LAST)
    walk = rules.walk({})

    assert rules.after(walk, {"at": ("off_duty", "night")}).added == (late,)
    assert rules.after(walk, {"unclaimed": True}).decided == none
    assert rules.after(walk, {"unclaimed": True}).added == (row(48, "category"),)
    assert [each.row for each in rules.after(walk, {}).asked] == [48, 75, 76]
