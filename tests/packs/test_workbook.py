"""The rules as a workbook: out and back without loss, and what is wrong comes back on the cell it is in."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from shaoyin.__main__ import main
from shaoyin.adapters.packs import pages_of
from shaoyin.adapters.rule_cells import cells_of, row_of
from shaoyin.adapters.rule_conditions import condition_cell, condition_text
from shaoyin.adapters.rule_page import Entry, page_of
from shaoyin.adapters.rule_table import Written, categories_of, page_anew, rows_of, same
from shaoyin.adapters.rule_words import columns, sheet
from tests.packs.conftest import SHIPPED, Copy

BASE = "base/rules.yaml"
NAMES = list(columns())


class Book:
    """A workbook made of a copy of the packs, changed as a clerk would, and taken back."""

    def __init__(self, packs: Copy, pack: str) -> None:
        self.packs = packs
        self.folder = packs.folder / pack
        self.path = packs.folder.parent / "rules.xlsx"
        self.path.write_bytes(_exported(_said(packs, pack), self.folder, self.path))
        self.book = load_workbook(self.path)

    @property
    def page(self) -> Worksheet:
        return page_in(self.book)

    def row(self, line: str | int) -> int:
        found = [row for row in range(2, self.page.max_row + 1) if self.page.cell(row, 1).value == line]
        assert len(found) == 1, (line, found)
        return found[0]

    def cell(self, line: str | int, name: str) -> Any:
        return self.page.cell(self.row(line), NAMES.index(name) + 1)

    def write(self, line: str | int, name: str, value: object) -> Book:
        self.cell(line, name).value = value
        return self

    def add(self, cells: Mapping[str, object], at: int | None = None) -> Book:
        row = at or self.page.max_row + 1
        if at is not None:
            self.page.insert_rows(at)
        for name, value in cells.items():
            self.page.cell(row, NAMES.index(name) + 1).value = value  # type: ignore[assignment]
        return self

    def back(self) -> int:
        self.book.save(self.path)
        return main(["rules", "import", str(self.path), str(self.folder)])

    def remarks(self) -> dict[str, str]:
        """What is said on which cell of the copy."""
        page = page_in(load_workbook(self.path.with_name("rules.problems.xlsx")))
        return {cell.coordinate: cell.comment.text for row in page.iter_rows() for cell in row if cell.comment}


EXPORTED: dict[tuple[bytes, ...], bytes] = {}


def _said(packs: Copy, pack: str) -> tuple[bytes, ...]:
    return tuple(each.read_bytes() for name in ("base", pack) for each in sorted((packs.folder / name).glob("*.*")))


def _exported(said: tuple[bytes, ...], folder: Path, path: Path) -> bytes:
    """The same pages make the same workbook: it is written once."""
    if said not in EXPORTED:
        assert main(["rules", "export", str(folder), str(path)]) == 0
        EXPORTED[said] = path.read_bytes()
    return EXPORTED[said]


def page_in(book: Workbook) -> Worksheet:
    page = book[sheet("rules")]
    assert isinstance(page, Worksheet)
    return page


@pytest.fixture
def packs(tmp_path: Path) -> Copy:
    """The common rules and two that rest on them: a workbook of base is taken back where it suits each of them."""
    for name in ("base", "wulibao", "nanmen"):
        shutil.copytree(SHIPPED / name, tmp_path / "packs" / name)
    return Copy(tmp_path / "packs")


@pytest.fixture
def base(packs: Copy) -> Book:
    return Book(packs, "base")


@pytest.fixture
def own(packs: Copy) -> Book:
    return Book(packs, "wulibao")


def text(packs: Copy, file: str = BASE) -> str:
    return (packs.folder / file).read_text(encoding="utf-8")


# Without loss


def test_out_and_back_is_the_same_page_to_the_last_sign(base: Book) -> None:
    before = (base.folder / "rules.yaml").read_bytes()

    assert base.back() == 0
    assert (base.folder / "rules.yaml").read_bytes() == before == (SHIPPED / BASE).read_bytes()


def test_a_pack_that_only_inherits_still_has_no_page_of_its_own(own: Book) -> None:
    assert own.back() == 0
    assert not (own.folder / "rules.yaml").exists()


def test_a_page_written_anew_from_the_cells_says_the_same_and_stays_as_it_is() -> None:
    packs = {"base": pages_of(SHIPPED / "wulibao")["base"]}
    categories = categories_of(packs)
    rows = [row.entry for row in rows_of(packs).values()]
    wanted = [Written(row_of(cells_of(each.data, categories), categories)[0], each.comment) for each in rows]
    nothing = {"base": {name: page for name, page in packs["base"].items() if name != "rules.yaml"}}
    first, lines = page_anew(nothing, wanted)
    assert first is not None
    again = page_of(first).entries

    assert lines == tuple(each.line for each in rows)
    assert all(same(one.data, other.data) for one, other in zip(rows, again, strict=True))
    assert [each.comment for each in again] == [each.comment for each in rows]
    assert page_anew({"base": {**packs["base"], "rules.yaml": first}}, wanted)[0] == first


def test_every_cell_of_the_table_is_text_and_the_heading_stands_in_two_languages(base: Book) -> None:
    assert [str(base.page.cell(1, column + 1).value) for column in range(3)] == ["行号\nrow", "来自\nfrom", "组\ngroup"]
    assert base.page.freeze_panes == "B2"
    assert base.cell(36, "category").value == "WAT.sewer_blocked 下水道堵塞\nWAT.sewage_overflow 污水外溢"
    assert base.cell(36, "management").value == "none 无主管"
    assert "inside_flat: 不是 是" in base.cell(36, "other").value
    assert base.cell(36, "mode").value == "WM 社区吹哨"
    assert "资源=flushing_truck" in base.cell(36, "whistles").value
    assert base.cell(36, "basis").data_type == "s"


def test_groups_modes_roles_and_categories_are_chosen_from_lists(base: Book) -> None:
    words = base.book[sheet("words")]
    for name in ("group", "mode", "main", "category", "management", "urgency", "late", "effect"):
        letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[NAMES.index(name)]
        (chosen,) = [each for each in base.page.data_validations.dataValidation if f"{letter}2:" in str(each.sqref)]
        start, end = str(chosen.formula1).split("!")[1].replace("$", "").split(":")
        shown = [cell[0].value for cell in words[f"{start}:{end}"]]
        value = base.cell(36, name).value
        assert value is None or str(value).split("\n")[0] in shown


def test_a_comment_above_a_row_and_one_within_it_stand_in_the_last_column(packs: Copy) -> None:
    packs.change(BASE, "        places: 10\n", "        places: 10  # 人手不够时再加\n")
    book = Book(packs, "base")

    assert "人手不够时再加" in book.cell(36, "comment").value
    assert book.back() == 0
    assert "        places: 10  # 人手不够时再加\n" in text(packs)


# What a clerk changes


def test_a_cell_that_is_changed_changes_its_row_and_no_other(base: Book) -> None:
    before = text(base.packs).splitlines()

    assert base.write(83, "result_within", "6 h").back() == 0
    after = text(base.packs).splitlines()
    changed = [line for line in after if line not in before]
    assert len(after) == len(before)
    assert len(changed) == 1
    assert "result_within: 6 h" in changed[0]


def test_a_comment_that_is_changed_is_written_above_its_row(base: Book) -> None:
    assert base.write(83, "comment", "先看是不是市政道路\n再派单").back() == 0
    assert "# 先看是不是市政道路\n# 再派单\n- row: 83\n" in text(base.packs)


def test_words_of_a_clerk_are_as_good_as_codes(own: Book) -> None:
    own.add({
        "row": 990, "group": "类别", "effect": "决定", "category": "下水道堵塞", "management": "无主管、业主自管",
        "other": "inside_flat\uff1a不是 是\npublic_main: 否", "main": "社区值班岗", "co": "网格长\uff0c楼栋长",
        "mode": "派单", "late": "街道", "first_step": "2 h 答复", "result_within": "6 h", "urgency": "紧急",
        "basis": "试点", "comment": "先试三个月",
    }, at=2)  # fmt: skip

    assert own.back() == 0
    row = own.packs.pack().rules.by_number[990]
    assert text(own.packs, "wulibao/rules.yaml") == (
        "# 谁来办:本包自己的规则行。与所继承的包行号相同的代替那一行;新的行先问。写法见 docs/packs.md。\n"
        "\n# 先试三个月\n"
        "- row: 990\n  group: category\n  effect: decides\n"
        "  when: {category: WAT.sewer_blocked, management: [none, self_managed], inside_flat: {is_not: true},"
        " public_main: false}\n"
        "  then:\n    main: community\n    co: [grid_lead, building_chief]\n    mode: D\n    late: street\n"
        "    result_within: 6 h\n    first_step: {within: 2 h, met_by: reply}\n    urgency: urgent\n  basis: 试点\n"
    )
    assert (row.then.main, row.then.first_step) == ("community", "2 h")


def test_that_something_is_not_known_goes_out_in_words_and_comes_back_as_it_was(packs: Copy) -> None:
    page = (
        "- row: 990\n  group: category\n  effect: decides\n"
        "  when:\n    category: WAT.sewer_blocked\n    public_main: not_known\n"
        "    management: {is_not: [self_managed, not_known]}\n    inside_flat: 不清楚\n"
        "  then: {main: community}\n  basis: 试点\n"
    )
    packs.add("wulibao/rules.yaml", page)
    book = Book(packs, "wulibao")

    assert book.cell(990, "management").value == "不是 self_managed 业主自管\n不知道"
    assert book.cell(990, "other").value == "public_main: 不知道\ninside_flat: 不知道"
    assert book.back() == 0
    assert text(packs, "wulibao/rules.yaml") == page

    assert book.write(990, "other", "public_main: 不是 不知道\ninside_flat: not_known").back() == 0
    assert "public_main: {is_not: not_known}\n    inside_flat: not_known\n" in text(packs, "wulibao/rules.yaml")
    assert {each.fact: each.wanted for each in packs.pack().rules.by_number[990].when}["inside_flat"] is None


def test_an_inherited_row_that_is_changed_becomes_the_packs_own(own: Book) -> None:
    assert own.write(83, "main", "community 社区值班岗").write(83, "co", None).back() == 0

    assert [entry.line for entry in page_of((own.folder / "rules.yaml").read_bytes()).entries] == ["83"]
    assert own.packs.pack().rules.by_number[83].then.main == "community"
    assert text(own.packs) == (SHIPPED / BASE).read_text("utf-8")
    assert Book(own.packs, "wulibao").cell(83, "from").value == "wulibao"


def test_an_own_row_that_is_deleted_is_gone(own: Book) -> None:
    own.add({"row": 990, "group": "category", "effect": "decides", "category": "WAT.ponding",
             "other": "urgency: critical", "main": "community", "basis": "试点"}, at=2)  # fmt: skip
    assert own.back() == 0
    own.page.delete_rows(own.row(990))

    assert own.back() == 0
    assert page_of((own.folder / "rules.yaml").read_bytes()).entries == ()
    assert 990 not in own.packs.pack().rules.by_number


# What is wrong


WRONG: list[tuple[int, str, object, str, str]] = [
    (36, "mode", "WN", "“WN”不在可选之列", "WN is none of"),
    (35, "group", "类", "“类”不在可选之列", "类 is none of"),
    (83, "category", "WAT.pondign", "没有这个类别:WAT.pondign", "there is no category WAT.pondign"),
    (84, "other", "inside_flat", "每行一个,写成“名称: 内容”", "one a line, as “name: what”"),
    (85, "other", "inside_flatt: 是", "“inside_flatt”既不是可查的事实,也不是问题", "neither a fact nor a question"),
    (61, "other", "at: 不知道", "“at”永远不会是这个值", "at can never have this value"),
    (79, "result_within", "4", "这里写时限:数字加单位", "a length of time is needed"),
    (80, "result_within", 4, "这里写时限:数字加单位", "a length of time is needed"),
    (68, "first_step", "2h", "写时限和由什么算做到", "a length of time and what meets it"),
    (69, "first_step", "2 h 看看", "“看看”不在可选之列", "看看 is none of"),
    (39, "whistles", "请来帮忙", "每行一声哨", "one whistle a line"),
    (40, "whistles", '哨=partner_unit_whistle 层级=member 名额="4" 任务=来', "这里写整数,不加引号:4",
     "a whole number without quotes: 4"),
    (31, "basis", None, "缺少“basis”", "basis is missing"),
    (32, "main", None, "却没有写 main", "names no main handler"),
    (33, "basis", "=1+1", "这里是公式", "this is a formula"),
    (28, "result_within", datetime.date(2026, 9, 1), "日期或出错的值", "a date or a broken value"),
    (29, "more", "then.colour: red", "没有“colour”这一项", "there is no colour here"),
    (27, "more", "then.x: [", "不成格式", "not YAML here"),
    (30, "row", "三十六", "行号写数字,例如 36", "a row number such as 36"),
]  # fmt: skip
"""Line, column, what is written there, and what is said of it in both languages."""


STAGES = ((84, 68, 39, 33, 28, 27, 30), (31, 29), (36, 35, 79, 80, 69, 40), (32,), (83, 85, 61))
"""Cells by themselves, the shape of rows, their words, rows as wholes, what they name: looked at one after another."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What is said on the cell, or elsewhere in its row: of all that are wrong in one workbook none hides another."""
    told: dict[int, str] = {}
    for lines in STAGES:
        packs = Copy(Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("wrong") / "packs")))
        told |= _remarks(Book(packs, "base"), [each for each in WRONG if each[0] in lines])
        assert text(packs) == (SHIPPED / BASE).read_text("utf-8"), "nothing is written"
    return told


def _remarks(book: Book, wrong: list[tuple[int, str, object, str, str]]) -> dict[int, str]:
    cells = {line: book.cell(line, name) for line, name, *_ in wrong}
    for line, _, value, *_ in wrong:
        cells[line].value = value
    assert book.back() == 1
    remarks, told = book.remarks(), {}
    for line, cell in cells.items():
        in_row = [each for each in remarks if re.fullmatch(rf"[A-Z]+{cell.row}", each)]
        told[line] = remarks[cell.coordinate if cell.coordinate in remarks else in_row[0]] if in_row else "nothing"
    return told


@pytest.mark.parametrize(("line", "name", "value", "zh", "en"), WRONG)
def test_a_wrong_cell_says_so_itself_and_nothing_is_written(
    said: Mapping[int, str], line: int, name: str, value: object, zh: str, en: str
) -> None:
    assert zh in said[line], (name, value)
    assert en in said[line]


def test_the_copy_with_the_remarks_can_be_mended_and_taken_back(base: Book) -> None:
    assert base.write(36, "mode", "WN").back() == 1
    copy = base.path.with_name("rules.problems.xlsx")
    mended = load_workbook(copy)
    page_in(mended).cell(base.row(36), NAMES.index("mode") + 1).value = "WM"
    page_in(mended).cell(base.row(83), NAMES.index("mode") + 1).value = "WN"
    mended.save(copy)

    assert main(["rules", "import", str(copy), str(base.folder)]) == 1
    assert list(base.remarks()) == [base.cell(83, "mode").coordinate]
    page = page_in(load_workbook(copy))
    assert page.cell(base.row(36), NAMES.index("mode") + 1).fill.fgColor.rgb != "00FFC7CE"


def test_an_inherited_row_can_be_neither_deleted_nor_moved(own: Book) -> None:
    own.page.delete_rows(own.row(83))
    assert own.back() == 1
    assert "第 83 行来自所继承的包,不能在这里删去" in own.remarks()["A1"]

    again = Book(own.packs, "wulibao")
    last = again.page.max_row + 1
    again.page.move_range(f"A{again.row(23)}:S{again.row(23)}", rows=last - again.row(23))
    assert again.back() == 1
    assert "row 23 is inherited and keeps its place" in again.remarks()[f"A{last}"]


def test_a_row_that_stands_twice_is_told_at_its_second_place(base: Book) -> None:
    base.add({"row": 36, "group": "category", "effect": "decides", "category": "WAT.ponding", "main": "community",
              "basis": "x"})  # fmt: skip

    assert base.back() == 1
    assert "第 36 行在本文件里出现了两次" in base.remarks()[f"A{base.page.max_row}"]


def test_a_heading_that_is_missing_or_unknown_is_told(base: Book) -> None:
    base.page.cell(1, NAMES.index("mode") + 1).value = "办法"

    assert base.back() == 1
    assert "缺少“方式”这一列" in base.remarks()["A1"]
    assert "没有“办法”这一列" in base.remarks()["K1"]


def test_columns_may_stand_in_any_order(base: Book) -> None:
    at = NAMES.index("basis") + 1
    for row in range(1, base.page.max_row + 1):
        one, other = base.page.cell(row, 1), base.page.cell(row, at)
        one.value, other.value = other.value, one.value

    assert base.back() == 0
    assert text(base.packs) == (SHIPPED / BASE).read_text("utf-8")


@pytest.mark.parametrize(("name", "content"), [("rules.xlsx", b"no workbook"), ("nowhere.xlsx", None)])
def test_a_file_that_is_no_workbook_changes_nothing(
    packs: Copy, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None
) -> None:
    path = packs.folder.parent / name
    if content is not None:
        path.write_bytes(content)

    assert main(["rules", "import", str(path), str(packs.own)]) == 1
    assert "请另存为 .xlsx 再试" in capsys.readouterr().out


def test_a_pack_that_has_problems_is_mended_before_its_rules_go_out(packs: Copy, tmp_path: Path) -> None:
    packs.change(BASE, "    mode: on_spot\n", "    mode: WN\n")

    assert main(["rules", "export", str(packs.own), str(tmp_path / "out.xlsx")]) == 1
    assert not (tmp_path / "out.xlsx").exists()


def test_the_services_never_load_the_writer_of_workbooks() -> None:
    loads = "import sys, services.together, shaoyin.__main__; print('openpyxl' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"


# Whatever a row may say


WORDS = st.text(min_size=1, max_size=8).filter(str.isprintable)
VALUES = st.one_of(st.booleans(), st.integers(-999, 999), WORDS)
LISTS = st.lists(WORDS, min_size=1, max_size=4)
CONDITIONS = st.one_of(
    VALUES, LISTS,
    st.builds(lambda each: {"is_not": each}, VALUES | LISTS),
    st.builds(lambda each: {"at_least": each}, st.integers(0, 99)),
    st.builds(lambda each: {"at_most": each}, st.integers(0, 99)),
    st.builds(lambda each: {"contains_any": each}, LISTS),
)  # fmt: skip


@given(CONDITIONS)
@settings(max_examples=300, deadline=None)
def test_a_condition_survives_its_words(cell: object) -> None:
    assert repr(condition_cell(condition_text(cell))) == repr(cell)


def test_a_page_that_is_cut_into_rows_is_put_together_again() -> None:
    raw = (SHIPPED / BASE).read_bytes()
    page = page_of(raw)

    assert page.text.encode() == raw
    assert all(isinstance(each, Entry) and each.text.startswith("- row: ") for each in page.entries)
