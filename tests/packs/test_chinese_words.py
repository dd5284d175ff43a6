"""Rules in the words of a Chinese reader are the rules in codes."""

from __future__ import annotations

import pytest

from shaoyin.__main__ import main
from shaoyin.adapters.rule_codes import in_codes
from tests.packs.conftest import Copy

IN_WORDS = """\
- row: 990
  group: 类别
  effect: 决定
  when: {类别: WAT.sewer_blocked, 管理方式: [无主管, 自管], inside_flat: {不是: 是}, 紧急程度: {不是: 特急}}
  then:
    main: community
    mode: 社区吹哨
    urgency: 紧急
    first_step: {within: 2 h, met_by: 答复}
    whistles: [{type: member_service_whistle, tier: 社区层, places: 4, task: 到场}]
  basis: 试点
"""
IN_CODES = """\
- row: 990
  group: category
  effect: decides
  when:
    category: WAT.sewer_blocked
    management: [none, self_managed]
    inside_flat: {is_not: true}
    urgency: {is_not: critical}
  then:
    main: community
    mode: WM
    urgency: urgent
    first_step: {within: 2 h, met_by: reply}
    whistles: [{type: member_service_whistle, tier: member, places: 4, task: 到场}]
  basis: 试点
"""
PAGE = "wulibao/rules.yaml"


def test_a_row_in_words_is_the_row_in_codes(packs: Copy) -> None:
    said = packs.add(PAGE, IN_WORDS).pack().rules.by_number[990]
    (packs.folder / PAGE).write_text(IN_CODES, encoding="utf-8")

    assert packs.pack().rules.by_number[990] == said


def test_that_something_is_not_known_is_asked_in_words_or_by_its_code(packs: Copy) -> None:
    words = IN_WORDS.replace("inside_flat: {不是: 是}", "inside_flat: 不知道, public_main: {不是: 不清楚}")
    codes = IN_CODES.replace(
        "inside_flat: {is_not: true}", "inside_flat: not_known\n    public_main: {is_not: not_known}"
    )
    said = packs.add(PAGE, words).pack().rules.by_number[990]
    (packs.folder / PAGE).write_text(codes, encoding="utf-8")

    assert packs.pack().rules.by_number[990] == said
    assert {each.fact: (each.op, each.wanted) for each in said.when if each.fact in ("inside_flat", "public_main")} == {
        "inside_flat": ("is", None), "public_main": ("is_not", None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("是", True),
        ("否", False),
        ("无主管", "none"),
        ("物业公司", "property_company"),
        (["物业公司", "托管"], ["property_company", "community_trustee"]),
        ({"不是": "是"}, {"is_not": True}),
        ({"不是": ["小区", "楼院"]}, {"is_not": ["estate", "courtyard"]}),
        ({"之一": ["紧急", "特急"]}, ["urgent", "critical"]),
        ({"至少": 3}, {"at_least": 3}),
        ({"至多": 3}, {"at_most": 3}),
        ({"含有": ["自管", "是"]}, {"contains_any": ["自管", "是"]}),
        ("不知道", "not_known"),
        ("不清楚", "not_known"),
        (["现在", "不知道"], ["现在", "not_known"]),
        ({"不是": "不知道"}, {"is_not": "not_known"}),
        ({"含有": ["不知道"]}, {"contains_any": ["不知道"]}),
        ("不认识的词", "不认识的词"),
        ("smell of gas", "smell of gas"),
        (3, 3),
    ],
)
def test_each_word_of_a_condition_has_its_code(said: object, meant: object) -> None:
    assert in_codes({"when": {"fact": said}})["when"] == {"fact": meant}


def test_a_word_that_means_nothing_here_is_refused_in_its_cell(packs: Copy) -> None:
    found = packs.add(PAGE, IN_WORDS.replace("mode: 社区吹哨", "mode: 吹一声")).problem()

    assert (found.code, found.row, found.column) == ("not_one_of", 7, 11)
    assert "“吹一声”不在可选之列" in found.zh


def test_the_management_of_a_courtyard_may_be_said_in_words(packs: Copy) -> None:
    before = packs.pack().areas
    packs.change(
        "wulibao/areas.yaml", "[{mode: self_managed, by: xinghua-owners}]", "[{mode: 业主自管, by: xinghua-owners}]"
    )

    assert packs.pack().areas == before


def test_a_page_in_words_goes_through_a_workbook_as_it_is(packs: Copy) -> None:
    packs.add(PAGE, IN_WORDS)
    book = packs.folder.parent / "rules.xlsx"

    assert main(["rules", "export", str(packs.own), str(book)]) == 0
    assert main(["rules", "import", str(book), str(packs.own)]) == 0
    assert (packs.folder / PAGE).read_text(encoding="utf-8") == IN_WORDS
