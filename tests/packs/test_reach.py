"""Rows among themselves: whether one is ever reached, and whether two name different handlers with equal right."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.adapters.packs import Located, load
from shaoyin.domain.conditions import Condition, Fact, Op, Wanted
from shaoyin.domain.pack import Pack
from shaoyin.domain.reach import examined
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import RuleRow, Then
from tests.packs.conftest import SHIPPED, Copy

PAGE = "wulibao/rules.yaml"
ROW = (
    "- row: {row}\n  group: {group}\n  effect: decides\n  when: {when}\n"
    "  then: {{main: {main}, late: street}}\n  basis: 试点\n"
)


def ours(row: int, when: str, main: str = "grid_lead", group: str = "category") -> str:
    return ROW.format(row=row, when=when, main=main, group=group)


def stands(packs: Copy, found: Located) -> str:
    return (packs.folder / PAGE).read_text(encoding="utf-8").splitlines()[found.row - 1][found.column - 1 :]


# What the clerk is told


def test_two_rows_that_may_both_match_and_disagree_are_shown_at_the_first(packs: Copy) -> None:
    packs.add(PAGE, ours(801, "{category: WAT.ponding, urgency: urgent}"))
    packs.add(PAGE, ours(802, "{category: WAT.ponding, management: none}", "community"))
    found = next(each for each in packs.problems() if "802" in each.en)

    assert (*packs.where(found), found.code) == (PAGE, 4, 3, "rows_disagree")
    assert "这一行和后面的第 802 行条件有交叉,碰上了派给不同的人" in found.zh
    assert "write before: [802] to say that this one comes first" in found.en


def test_rows_that_cross_are_fine_where_the_first_says_that_it_is_meant_to_come_first(packs: Copy) -> None:
    meant = "  effect: decides\n  before: [802]\n"
    packs.add(PAGE, ours(801, "{category: LIG.lamp_out, urgency: urgent}").replace("  effect: decides\n", meant))
    packs.add(PAGE, ours(802, "{category: LIG.lamp_out, management: none}", "community"))
    packs.pack()


def test_a_row_of_the_communitys_own_may_cross_an_inherited_one_and_comes_first(packs: Copy) -> None:
    pack = packs.add(PAGE, ours(801, "{category: LIG.lamp_out, urgency: urgent}")).pack()

    assert pack.rules.walk({"category": "LIG.lamp_out", "urgency": "urgent", "land": "public"}).decided.row == 801


def test_an_inherited_row_to_which_an_own_one_leaves_nothing_is_no_problem(packs: Copy) -> None:
    packs.add(PAGE, ours(801, "{category: [PAR.fire_lane_blocked]}")).pack()


def test_rows_that_cross_and_name_the_same_handler_do_not_disagree(packs: Copy) -> None:
    packs.add(PAGE, ours(801, "{category: LIG.lamp_out, urgency: urgent}"))
    packs.add(PAGE, ours(802, "{category: LIG.lamp_out, management: none}"))
    packs.pack()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{category: LIG.lamp_out, management: none}", "{category: LIG.lamp_out, management: self_managed}"),
        ("{category: LIG.lamp_out, management: none, urgency: urgent}", "{category: LIG.lamp_out, management: none}"),
        ("{category: LIG.lamp_out, land: public}", "{category: LIG.lamp_out, management: none}"),
        ("{category: LIG.lamp_out, firm: true}", "{category: LIG.lamp_out, management: self_managed}"),
        ("{category: LIG.*, urgency: urgent}", "{category: WAT.ponding, management: none}"),
        ("{category: LIG.lamp_out, text: {contains_any: [甲]}}",
         "{category: LIG.lamp_out, text: {contains_any: [乙]}}"),
        ("{category: LIG.lamp_out, returns: {at_least: 3}}",
         "{category: LIG.lamp_out, returns: {at_most: 2}, urgency: urgent}"),
    ],
)  # fmt: skip
def test_rows_that_never_meet_or_of_which_one_is_more_exact_do_not_disagree(packs: Copy, one: str, other: str) -> None:
    packs.add(PAGE, ours(801, one)).add(PAGE, ours(802, other, "community"))
    packs.pack()


def test_a_row_that_several_rows_together_leave_nothing_to_names_them_all(packs: Copy) -> None:
    packs.add(PAGE, ours(801, "{category: LIG.lamp_out, management: [none, self_managed, unit_managed]}"))
    packs.add(PAGE, ours(802, "{category: LIG.lamp_out, management: {is_not: [none, self_managed, unit_managed]}}"))
    packs.add(PAGE, ours(803, "{category: LIG.lamp_out, urgency: normal}"))
    found = next(each for each in packs.problems() if Path(each.file) == packs.folder / PAGE)

    assert (*packs.where(found), found.code) == (PAGE, 16, 3, "row_shadowed")
    assert "前面的第 801, 802 行" in found.zh


def test_a_row_that_asks_of_no_category_and_is_left_nothing_by_rows_for_each_names_them_all(packs: Copy) -> None:
    packs.add(PAGE, ours(801, "{category: LIG.*}"))
    packs.add(PAGE, ours(802, "{category: {is_not: LIG.*}}"))
    packs.add(PAGE, ours(803, "{urgency: normal}"))
    found = next(each for each in packs.problems() if "801" in each.zh and Path(each.file) == packs.folder / PAGE)

    assert (*packs.where(found), found.code) == (PAGE, 16, 3, "row_shadowed")
    assert "前面的第 801, 802 行" in found.zh


def test_a_row_behind_one_that_stops_is_never_reached(packs: Copy) -> None:
    found = packs.add(PAGE, ours(801, "{category: PRO.service_quality, urgency: urgent}")).problem()

    assert (found.code, stands(packs, found)[:5]) == ("row_shadowed", "when:")
    assert "第 15 行" in found.zh


@pytest.mark.parametrize(
    ("when", "code", "at", "zh", "en"),
    [
        ("{category: [WAT.ponding, LIG.lamp_out], somebody_inside: true}", "question_nobody_asks", "true}",
         "没有哪个类别的表单问“somebody_inside”", "no category asks somebody_inside"),
        ("{category: [PRO.lift_fault, LIG.lamp_out], somebody_inside: true}", "question_not_asked", "LIG.lamp_out]",
         "类别 LIG.lamp_out 的表单不问“somebody_inside”,这一行对它永远不会中:在 categories.yaml 里给它加上这个问题",
         "LIG.lamp_out does not ask somebody_inside, so this row never matches it"),
        ("{category: [LIG.lamp_out, CAR.minor], sensitive: true}", "never_of_category", "LIG.lamp_out, CAR",
         "类别 LIG.lamp_out 的“sensitive”不会是这样", "LIG.lamp_out never has such a sensitive"),
        ("{category: LIG.lamp_out, sensitive: true}", "row_impossible", "true}",
         "没有哪个类别的“sensitive”会是这样", "no category has such a sensitive"),
        ("{category: LIG.lamp_out, firm: true, management: none}", "row_impossible", "none}",
         "没有哪个类别的“management”会是这样", "no category has such a management"),
        ("{category: [LIG.lamp_out, PRO.service_quality]}", "category_shadowed", "PRO.service_quality]",
         "类别 PRO.service_quality 永远轮不到这一行:前面的第 15 行总是先中",
         "PRO.service_quality never comes as far as this row: row 15 always matches first"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_met_is_shown_with_what_to_do(
    packs: Copy, when: str, code: str, at: str, zh: str, en: str
) -> None:
    found = next(each for each in packs.add(PAGE, ours(801, when)).problems() if each.file == str(packs.folder / PAGE))

    assert (found.code, stands(packs, found)[: len(at)]) == (code, at)
    assert zh in found.zh
    assert en in found.en


def test_a_flag_that_no_category_has_is_a_problem_of_a_row_of_the_communitys_own_alone(packs: Copy) -> None:
    row = ours(801, "{duty_list: taken_back}", group="scope").replace("decides\n", "decides\n  before: [scope]\n")
    own = packs.folder / "daxin" / "rules.yaml"
    assert load(own.parent).pack is not None
    own.write_text(own.read_text("utf-8") + row, encoding="utf-8")
    (found,) = load(own.parent).problems

    assert (found.file, found.code) == (str(own), "row_impossible")


def test_a_condition_that_only_an_unanswered_question_meets_is_none_that_cannot_be_met(packs: Copy) -> None:
    packs.add(PAGE, ours(801, "{category: LIG.lamp_out, somebody_inside: {is_not: true}}")).pack()


def test_a_category_that_would_fall_to_the_last_row_by_accident_is_shown_at_its_entry(packs: Copy) -> None:
    packs.add(
        "wulibao/categories.yaml",
        "CON.lost_property:\n  name: {zh-CN: 失物招领, en: Lost property}\n  urgency: normal\n  result: 3 wd\n"
        "  check_required: false\n  evidence: text\n",
    )
    found = packs.problem()

    assert (*packs.where(found), found.code) == ("wulibao/categories.yaml", 1, 1, "category_without_row")
    assert found.zh == "类别 CON.lost_property 没有自己的一行,只能落到兜底:在 rules.yaml 给它写一行,或并入已有的一行"
    assert "would fall to the last one: write one in rules.yaml" in found.en


def test_a_way_of_managing_that_no_place_has_is_shown_in_a_row_of_the_communitys_own(packs: Copy) -> None:
    page = packs.own / "areas.yaml"
    page.write_text(page.read_text("utf-8").replace("mode: community_trustee", "mode: none"), encoding="utf-8")
    (packs.own / "rules.yaml").write_text(ours(801, "{category: LIG.lamp_out, management: community_trustee}"), "utf-8")
    found = next(each for each in packs.problems() if each.code == "managed_nowhere")

    assert packs.where(found) == (PAGE, 4, 46)
    assert "没有哪个小区、楼院是这样管理的" in found.zh
    assert "no estate or courtyard of this pack is managed so" in found.en


def test_a_handler_whom_some_place_does_not_have_is_shown_with_the_place(packs: Copy) -> None:
    page = packs.own / "orgs.yaml"
    lines = page.read_text("utf-8").splitlines(keepends=True)
    page.write_text("".join(line for line in lines if "id: chief-63," not in line), encoding="utf-8")
    found = packs.add(PAGE, ours(801, "{category: LIG.lamp_out, management: none}", "building_chief")).problem()

    assert (*packs.where(found), found.code) == (PAGE, 5, 16, "nobody_in_area")
    assert "“courtyard-63-b1”没有人担任这一行的主办" in found.zh
    packs.own.joinpath("rules.yaml").write_text(
        ours(801, "{category: LIG.lamp_out, management: none}", "building_chief|community"), encoding="utf-8"
    )
    packs.pack()


def test_an_order_meant_before_a_row_that_is_not_there_is_shown(packs: Copy) -> None:
    row = ours(801, "{category: LIG.lamp_out}").replace(
        "  effect: decides\n", "  effect: decides\n  before: [99, 999]\n"
    )
    found = packs.add(PAGE, row).problem()

    assert (*packs.where(found), found.code) == (PAGE, 4, 16, "unknown_row")


# Whatever the facts are like


@pytest.mark.parametrize(
    ("whens", "shadowed"),
    [
        (["{urgency: [normal, elevated]}", "{urgency: {is_not: [normal, elevated]}}"], True),
        (["{urgency: [normal, elevated]}", "{urgency: [urgent, critical]}"], True),
        (["{lift_faults_30d: {at_least: 3}}", "{lift_faults_30d: {at_most: 2}}", "{lift_faults_30d: not_known}"], True),
        (["{lift_faults_30d: {at_least: 3}}", "{lift_faults_30d: {at_most: 2}}"], False),
        (["{lift_faults_30d: not_known}"], False),
        (["{lift_faults_30d: not_known}", "{lift_faults_30d: {is_not: not_known}}"], True),
        (["{inside: {is_not: estate}}", "{inside: estate}"], True),
        (["{inside: {is_not: estate}}", "{inside: {is_not: building}}", "{inside: courtyard}"], False),
        (["{at: on_duty}", "{at: off_duty}"], True),
        (["{at: [night, holiday]}", "{at: on_duty}"], False),
    ],
)
def test_rows_leave_nothing_to_the_next_where_there_is_no_matter_of_another_kind(
    packs: Copy, whens: list[str], shadowed: bool
) -> None:
    for number, when in enumerate([*whens, "{management: none}"], start=801):
        packs.add(PAGE, ours(number, when, group="scope").replace("decides\n", "decides\n  before: [scope]\n"))
    found = [each for each in load(packs.own).problems if each.file == str(packs.folder / PAGE)]

    assert [each.code for each in found] == (["row_shadowed"] if shadowed else [])


def test_a_row_that_contradicts_itself_for_every_category_is_shown_where_it_does(packs: Copy) -> None:
    found = packs.add(PAGE, ours(801, "{firm: true, management: none}")).problem()

    assert (found.code, stands(packs, found)[:5]) == ("row_impossible", "none}")


def test_a_row_that_lays_a_matter_aside_leaves_it_to_the_next_once_it_is_accepted(packs: Copy) -> None:
    aside = ours(801, "{category: LIG.lamp_out}").replace("main: grid_lead", "mode: held")
    packs.add(PAGE, aside.replace("decides\n", "decides\n  before: [802]\n"))
    pack = packs.add(PAGE, ours(802, "{category: LIG.lamp_out}")).pack()

    facts = {"category": "LIG.lamp_out", "land": "public"}
    assert pack.rules.walk(facts).decided.row == 801
    assert pack.rules.admitted.walk(facts).decided.row == 802


def test_a_row_stops_the_walk_where_none_of_its_group_decides_before_it() -> None:
    rows = (
        RuleRow(1, "scope", "decides", (wants("management", "is", "none"),), Then(main="community"), "a test"),
        RuleRow(2, "scope", "stops", (wants("urgency", "is", "normal"),), Then(main="community"), "a test"),
        RuleRow(3, "category", "decides", (wants("urgency", "is", "normal"),), Then(main="community"), "a test"),
        RuleRow(
            4, "category", "decides", (wants("urgency", "is", "normal"), wants("management", "is_not", "none")),
            Then(main="community"), "a test",
        ),
    )  # fmt: skip
    reached, _ = examined(with_rules(RuleTable(rows)))

    assert [each.row.row for each in reached if not each.open] == [4]
    assert [row.row for row in reached[3].covered["LIG.lamp_out"]] == [2]


def test_a_row_stops_the_walk_in_no_text_that_may_hold_the_words_of_a_row_before_it_as_well() -> None:
    rows = (
        RuleRow(1, "scope", "decides", (wants("text", "contains_any", ("堵",)),), Then(main="community"), "a test"),
        RuleRow(2, "scope", "stops", (wants("text", "contains_any", ("灯",)),), Then(main="community"), "a test"),
        RuleRow(3, "category", "decides", (wants("text", "contains_any", ("灯",)),), Then(main="community"), "a test"),
    )
    table = RuleTable((*rows, RuleRow(78, "fallback", "decides", (), Then(main="community"), "a test")))

    assert 3 in {each.row for each in table.gone({"text": "堵了,灯也坏了"}).asked if each.matched}
    assert all(each.open for each in examined(with_rules(table))[0])


# A long table


@pytest.mark.parametrize("kind", ["apart", "words"])
def test_a_table_of_three_thousand_rows_is_looked_through_in_seconds(kind: str) -> None:
    rows = tuple(long_table(with_rules(RuleTable(())), kind))
    start = time.process_time()
    reached, crossings = examined(with_rules(RuleTable(rows)))

    assert time.process_time() - start < 15
    assert len(reached) == 3000
    assert all(each.open for each in reached)
    assert crossings == []


@cache
def shipped() -> Pack:
    loaded = load(SHIPPED / "wulibao")
    assert loaded.pack is not None
    return loaded.pack


def with_rules(table: RuleTable) -> Pack:
    return replace(shipped(), rules=table)


def long_table(pack: Pack, kind: str) -> Iterator[RuleRow]:
    modes, categories = ("none", "property_company", "self_managed", "unit_managed", None), tuple(pack.categories)
    for number in range(3000):
        main = ("community", "grid_lead")[number % 2]
        if kind == "words":
            when: tuple[Condition, ...] = (Condition("text", "contains_any", (f"词{number:04}",)),)
        else:
            which, rest = number % len(categories), number // len(categories)
            when = (
                Condition("category", "is", categories[which]),
                Condition("management", "is", modes[rest % 4] or ""),
                Condition("returns", "is", rest // 4),
            )
        yield RuleRow(number + 1, "category", "decides", when, Then(main=main), "a test")


# Against every matter there is


def wants(fact: str, op: Op, wanted: Wanted) -> Condition:
    return Condition(fact, op, wanted)


VALUES: Mapping[str, tuple[Fact, ...]] = {
    "category": ("LIG.lamp_out", "WAT.ponding", "PRO.lift_fault"),
    "somebody_inside": (True, False, None),
    "management": ("none", "property_company", "self_managed", None),
    "returns": (0, 1, 2, 3, 4, None),
    "text": ("堵了", "堵", "灯", None),
}
CONDITIONS = st.one_of(
    st.builds(wants, st.just("category"), st.sampled_from(["is", "is_not"]), st.sampled_from(["LIG.*", "WAT.ponding"])),
    st.builds(
        wants, st.just("somebody_inside"), st.sampled_from(["is", "is_not"]), st.sampled_from([True, False, None])
    ),
    st.builds(wants, st.just("management"), st.sampled_from(["is", "is_not"]), st.sampled_from(["none", None])),
    st.just(wants("management", "one_of", ("none", "property_company"))),
    st.just(wants("management", "one_of", ("none", None))),
    st.builds(wants, st.just("returns"), st.sampled_from(["at_least", "at_most", "is"]), st.integers(1, 3)),
    st.builds(wants, st.just("text"), st.just("contains_any"), st.sampled_from([("堵",), ("堵了",), ("灯",)])),
)
WHENS = st.lists(CONDITIONS, max_size=3, unique_by=lambda each: each.fact).map(tuple)
ROWS = st.lists(WHENS, min_size=1, max_size=6)


def matters() -> Iterator[dict[str, Fact]]:
    for values in product(*VALUES.values()):
        facts = dict(zip(VALUES, values, strict=True))
        if facts["category"] == "PRO.lift_fault" or facts["somebody_inside"] is None:
            yield {fact: value for fact, value in facts.items() if value is not None}


@given(ROWS)
def test_of_rows_of_one_group_each_that_no_matter_reaches_is_said(
    drawn: list[tuple[Condition, ...]],
) -> None:
    rows = [
        RuleRow(number, "category", "decides", when, Then(main="community"), "a test")
        for number, when in enumerate(drawn, start=1)
    ]
    last = RuleRow(78, "fallback", "decides", (), Then(main="community"), "a test")
    table = RuleTable((*rows, last))
    said = {each.row.row for each in examined(with_rules(table))[0] if not each.open}
    elsewhere = [{**facts, "category": "GRE.tree_danger"} for facts in matters() if "somebody_inside" not in facts]
    met = {seen.row for facts in (*matters(), *elsewhere) for seen in table.gone(facts).asked if seen.matched}

    assert said - {78} == {row.row for row in rows} - met
