"""Whatever is wrong with a pack is found before it is published, with file, row and column; nothing is half loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shaoyin.__main__ import main
from shaoyin.adapters.pack_files import AT_MOST, CELLS_AT_MOST
from shaoyin.adapters.packs import Located, load
from tests.packs.conftest import SHIPPED, Copy

RULES = "base/rules.yaml"
ROW_36 = "- row: 36\n  group: category"
LAST = (
    "- row: {row}\n  group: category\n  effect: decides\n  when: {when}\n"
    "  then: {{main: community, late: street}}\n  basis: a test\n"
)


def column(packs: Copy, located: Located) -> str:
    """What stands on the page at the row and column that were named."""
    page = Path(located.file).read_text(encoding="utf-8").splitlines()
    return page[located.row - 1][located.column - 1 :]


# One page, one cell: what the clerk wrote, and what is said about it


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "at"),
    [
        ("base/whistles.yaml", "  arrive: 30 min\n", "  arrive: 30\n", "not_within", "30"),
        ("base/whistles.yaml", "  finish: 3 d\n", "  finish: three days\n", "not_within", "three days"),
        ("base/whistles.yaml", "  finish: 3 d\n", '  finish: "3"\n', "not_within", '"3"'),
        ("base/whistles.yaml", "  finish: 3 d\n", "  finish: 0 d\n", "not_within", "0 d"),
        (RULES, "places: 10", 'places: "10"', "not_a_number", '"10"'),
        (RULES, "places: 10", "places: ten", "not_a_number", "ten"),
        (RULES, "places: 10", "places: 10.5", "not_a_number", "10.5"),
        (RULES, "places: 10", "places: 0", "too_small", "0"),
        (RULES, "places: 10", "places:", "empty_cell", "places:"),
        (RULES, "places: 10", "place: 10", "unknown_field", "place: 10"),
        (RULES, "- row: 36\n", "- row: '36'\n", "not_a_number", "'36'"),
        (RULES, "    mode: X\n    late: street_c", "    mode: WN\n    late: street_c", "not_one_of", "WN"),
        (RULES, "{category: PAR.shortage}", "{category: {is: PAR.shortage}}", "not_a_condition", "category: {is"),
        (RULES, "{category: PAR.shortage}", "{category: []}", "not_a_condition", "category: []"),
        (RULES, "{category: PAR.shortage}", "[PAR.shortage]", "not_a_mapping", "when: [PAR"),
        (RULES, "{main: property, co: [community], late: street}", "{main: property, co: community}",
         "not_a_list", "community}"),
        (RULES, "late: police_area", "later: police_area", "unknown_field", "later: "),
        ("base/categories.yaml", "LIG.lamp_out:", "lamp:", "bad_form", "lamp:"),
        ("base/categories.yaml", "  home_grid_allowed: false\n  questions: [target]",
         "  home_grid_allowed: no\n  questions: [target]", "not_yes_or_no", "no"),
        ("base/categories.yaml", "  home_grid_allowed: false\n  questions: [target]",
         '  home_grid_allowed: "false"\n  questions: [target]', "not_yes_or_no", '"false"'),
        ("base/questions.yaml", "  kind: yes_no\n  asks: {zh-CN: 水进到", "  kind: choice\n  asks: {zh-CN: 水进到",
         "choices_do_not_fit", "flooding_homes:"),
        ("base/questions.yaml", "heavy:\n  kind: yes_no\n", "heavy:\n  kind: yes_no\n  several: true\n",
         "several_of_no_choice", "heavy:"),
        ("base/pack.yaml", "department_tier: false ", "department_tier: 0 ", "not_yes_or_no", "0"),
        ("base/pack.yaml", 'number: "119"\n    say:\n      zh-CN: 请立即', "number: 119\n    say:\n      zh-CN: 请立即",
         "not_text", "119"),
        ("base/calendar.yaml", "元旦: 2025-01-01", "元旦: 2025-13-01", "not_days", "2025-13-01"),
        ("base/calendar.yaml", "2026-10-01..2026-10-07", "2026-10-07..2026-10-01", "not_days", "2026-10-07"),
        ("base/calendar.yaml", "  - 09:00-12:00", "  - 9-12", "not_a_span", "9-12"),
        ("base/calendar.yaml", "- 2025-01-26", "- 26 January", "not_a_date", "26 January"),
        ("base/messages.yaml", "state.signed:", "Signed:", "bad_form", "Signed:"),
        ("wulibao/areas.yaml", 'name: {zh-CN: 二七区, en: Erqi district}, code: "410103"',
         "name: {zh-CN: 二七区, en: Erqi district}, code: 410103", "not_text", "410103"),
        ("wulibao/areas.yaml", "name: {zh-CN: 二七区, en: Erqi district}", "name: 二七区", "not_a_mapping", "二七区"),
        ("wulibao/areas.yaml", "{mode: property_company, by", "{mode: firm, by", "not_one_of", "firm"),
        ("wulibao/orgs.yaml", "[flushing_truck, crew]", "[crew, crew]", "said_twice", "resources: "),
        ("wulibao/people.yaml", "{id: p-jia-1,", "{id: jia,", "bad_form", "jia"),
        ("wulibao/pack.yaml", "chain: [south-branch,", "chain: [erqi-joint-office,", "said_twice", "chain:"),
        ("wulibao/pack.yaml", "root: wulibao-south ", "root: Wulibao ", "bad_form", "Wulibao"),
    ],
)  # fmt: skip
def test_a_broken_cell_is_shown_where_it_stands(packs: Copy, file: str, old: str, new: str, code: str, at: str) -> None:
    found = packs.change(file, old, new).problem()

    assert found.code == code
    assert Path(found.file) == packs.folder / file
    assert column(packs, found).startswith(at)


def test_four_in_quotes_is_not_four_and_the_clerk_is_told_so(packs: Copy) -> None:
    found = packs.change(RULES, "places: 10", 'places: "4"').problem()

    assert packs.where(found) == (RULES, packs.row_of(RULES, 'places: "4"'), 17)
    assert found.zh == '这里写整数,不加引号:4,不是 "4"'
    assert found.en == 'a whole number without quotes: 4, not "4"'


def test_an_unknown_field_comes_with_those_that_may_stand_there(packs: Copy) -> None:
    found = packs.change(RULES, "places: 10", "plases: 10").problem()

    assert "type, tier, task, org_kind, resource, role, places, dangerous" in found.en


def test_a_missing_field_is_named_at_the_entry_that_lacks_it(packs: Copy) -> None:
    found = packs.change(RULES, "  basis: 首接负责;没有一行符合时由社区先接下\n", "").problem()

    assert packs.where(found) == (RULES, packs.row_of(RULES, "- row: 78"), 3)
    assert (found.code, found.en) == ("field_missing", "basis is missing")


def test_a_text_missing_in_a_language_is_shown_at_its_key(packs: Copy) -> None:
    found = packs.change("base/messages.yaml", "  en: The unit has signed for it\n", "").problem()

    assert packs.where(found) == ("base/messages.yaml", packs.row_of("base/messages.yaml", "state.signed:"), 1)
    assert (found.code, found.en) == ("field_missing", "en is missing")


def test_a_text_left_empty_in_a_language_is_no_text(packs: Copy) -> None:
    found = packs.change("base/messages.yaml", "en: The unit has signed for it", 'en: ""').problem()

    assert (found.code, column(packs, found)) == ("empty_text", '""')


# A page that is no page


@pytest.mark.parametrize(
    ("text", "code", "row", "col"),
    [
        ("a: &x [1]\n", "anchor", 1, 4),
        ("a: 1\nb: *x\n", "anchor", 2, 4),
        ("a: 1\na: 2\n", "key_twice", 2, 1),
        ("a:\n\tb: 1\n", "tab", 2, 1),
        ("a: !!python/object:os.system x\n", "tag", 1, 4),
        ("a: [1, 2\nb: 3\n", "not_yaml", 2, 2),
        ("a: 1\n---\nb: 2\n", "one_plain_document", 2, 1),
        ("%YAML 1.1\n---\na: yes\n", "one_plain_document", 2, 1),
        ("[" * 40 + "]" * 40, "too_deep", 1, 14),
        ("1: a\n", "strange_key", 1, 1),
        ("<<: {a: 1}\n", "strange_key", 1, 1),
        ("? [a]\n: b\n", "strange_key", 1, 3),
        ("", "empty_page", 1, 1),
        ("# nothing\n", "empty_page", 1, 1),
        ("a: 1\nb: \x07\n", "strange_sign", 2, 4),
    ],
)
def test_a_page_that_is_not_plain_yaml_is_refused(packs: Copy, text: str, code: str, row: int, col: int) -> None:
    (packs.folder / RULES).write_text(text, encoding="utf-8")
    found = [each for each in packs.problems() if each.code == code]

    assert [packs.where(each) for each in found] == [(RULES, row, col)]


def test_a_page_that_grows_when_read_is_refused_at_its_first_anchor(packs: Copy) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (packs.folder / RULES).write_text(bomb, encoding="utf-8")

    assert packs.where(packs.problem()) == (RULES, 1, 4)


def test_a_page_in_another_encoding_is_shown_where_it_breaks(packs: Copy) -> None:
    page = packs.folder / RULES
    page.write_bytes(page.read_bytes().replace("首接负责".encode(), "首接负责".encode("gb18030")))
    found = packs.problem()

    assert found.code == "not_utf8"
    assert packs.where(found)[0] == RULES
    assert (found.row, found.column) == (packs_row(page, b"- row: 78") + 5, 10)


def packs_row(page: Path, words: bytes) -> int:
    return page.read_bytes().split(words)[0].count(b"\n") + 1


def test_a_page_as_windows_saves_it_is_read(packs: Copy) -> None:
    page = packs.folder / RULES
    page.write_bytes(b"\xef\xbb\xbf" + page.read_bytes().replace(b"\n", b"\r\n"))

    assert packs.pack().rules.rows[0].row == 17


def test_a_page_of_more_than_a_mebibyte_is_not_looked_into(packs: Copy) -> None:
    packs.add(RULES, "#" * AT_MOST)

    assert packs.problem().code == "too_large"


def test_a_page_of_more_cells_than_any_pack_has_is_not_read_to_its_end(packs: Copy) -> None:
    (packs.folder / RULES).write_text("[" + "a," * (CELLS_AT_MOST + 1) + "]\n", encoding="utf-8")
    found = packs.problem()

    assert (found.code, found.row) == ("too_many_cells", 1)
    assert "至多 100000 格" in found.zh
    assert found.en == "too much for one file: at most 100000 cells"


# A folder that is no pack


@pytest.mark.parametrize("file", ["areas.yaml", "orgs.yaml", "people.yaml", "pack.yaml"])
def test_a_page_that_every_community_writes_itself_is_missed(packs: Copy, file: str) -> None:
    (packs.own / file).unlink()
    missing = [packs.where(each) for each in packs.problems() if each.code == "missing_file"]

    assert (f"wulibao/{file}", 1, 1) in missing


@pytest.mark.parametrize("file", ["rules.yaml", "messages.yaml", "calendar.yaml", "whistles.yaml", "categories.yaml"])
def test_a_page_that_nobody_wrote_is_missed(packs: Copy, file: str) -> None:
    (packs.folder / "base" / file).unlink()

    assert packs.where(packs.problem()) == (f"wulibao/{file}", 1, 1)


@pytest.mark.parametrize("name", ["rule.yaml", "rules.yml", "Rules.yaml"])
def test_a_page_that_no_pack_knows_is_not_passed_over(packs: Copy, name: str) -> None:
    found = packs.add(f"wulibao/{name}", "[]\n").problem()

    assert (found.code, packs.where(found)[0]) == ("unknown_file", f"wulibao/{name}")
    assert "rules.yaml" in found.en


def test_there_is_no_pack_where_there_is_no_folder(tmp_path: Path) -> None:
    (found,) = load(tmp_path / "nowhere").problems

    assert found.code == "no_pack"


def test_a_pack_that_extends_nothing_real_or_itself_is_refused(packs: Copy) -> None:
    assert "no_pack" in {
        each.code for each in packs.change("wulibao/pack.yaml", "extends: base", "extends: ground").problems()
    }
    assert "extends_loop" in {
        each.code for each in packs.change("wulibao/pack.yaml", "extends: ground", "extends: wulibao").problems()
    }


def test_a_pack_bears_the_name_of_its_folder(packs: Copy) -> None:
    shutil.move(packs.own, packs.folder / "other")
    (found,) = load(packs.folder / "other").problems

    assert (found.code, packs.where(found)[0]) == ("name_differs", "other/pack.yaml")


# The whole: names that lead nowhere, rows that cannot match, nobody who answers


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "at"),
    [
        (RULES, "{category: PAR.shortage}", "{category: PAR.short}", "unknown_category", "PAR.short"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.shortage, depth: 3}", "unknown_fact", "3}"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.shortage, land: sea}", "impossible_value", "sea"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.shortage, san_in_compound_30d: {at_least: 101}}",
         "impossible_value", "san_in_compound_30d"),
        (RULES, "public_main: true}", "public_main: ja}", "impossible_value", "ja"),
        (RULES, "public_main: true}", "public_main: 1}", "impossible_value", "1"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.shortage, urgency: not_known}", "impossible_value",
         "not_known}"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.shortage, returns: {is_not: 不知道}}",
         "impossible_value", "returns"),
        (RULES, "{category: PAR.shortage}", "{category: [PAR.shortage, not_known]}", "unknown_category", "category"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.shortage, heavy: not_known}", "never_asked", "not_known"),
        (RULES, "{category: PAR.shortage}", "{category: PAR.*, heavy: 不清楚}", "never_asked", "不清楚"),
        ("base/questions.yaml", "    renewal: {zh-CN", "    not_known: {zh-CN", "choice_reserved", "not_known"),
        (RULES, "{is_not: now}", "{is_not: today}", "impossible_value", "somebody_hurt"),
        (RULES, "{is_not: now}", "{at_least: 2}", "impossible_value", "somebody_hurt"),
        (RULES, "{main: community_mediator, late", "{main: mediator, late", "unknown_role", "mediator"),
        (RULES, "informed: [building_chief]", "informed: [chief]", "unknown_role", "chief"),
        (RULES, "    main: street_centre\n", "", "main_missing", "then:"),
        (RULES, "resource: flushing_truck", "resource: crane", "nobody_to_call", "partner_unit"),
        (RULES, "type: member_service_whistle", "type: member_whistle", "unknown_whistle_type", "member_whistle"),
        (RULES, "        tier: member\n        places", "        tier: department\n        places",
         "tier_mismatch", "department"),
        ("base/categories.yaml", "somebody_hurt, frail]", "somebody_hurt, weak]", "unknown_question", "weak"),
        ("base/categories.yaml", "  result: 15 d\n  first_step: {within: 2 wd",
         "  result: 15 d\n  result_if: {supply: 2 d}\n  first_step: {within: 2 wd",
         "not_yes_no", "2 d"),
        ("base/categories.yaml", "  urgency: urgent\n  result: 4 wh", "  urgency: critical\n  result: 4 wh",
         "critical_waits", "4 wh"),
        ("base/pack.yaml", "call_back: {normal: 3 wd, elevated: 2 wd, urgent: 1 wd, critical: 24 h}",
         "call_back: {normal: 3 wd, elevated: 2 wd, urgent: 1 wd, critical: 1 wd}", "critical_waits", "1 wd}"),
        ("base/pack.yaml", "answers: [injury, illness]", "answers: [injury, ill]", "unknown_answer", "ill"),
        ("base/messages.yaml", "{unit}已签收", "{unit已签收", "broken_placeholder", '"{unit已'),
        ("base/messages.yaml", "{unit}已签收", "{name}已签收", "unknown_placeholder", '"{name}'),
        ("base/messages.yaml", "{unit}已签收", "{unit.x}已签收", "unknown_placeholder", '"{unit.x}'),
        ("base/messages.yaml", "签收期限是{due}", "签收期限是{due}{message}", "unknown_placeholder",
         '"{number} {place},'),
        ("base/calendar.yaml", "- 2025-01-26", "- 2026-01-26", "bad_calendar", "year: 2025"),
        ("base/calendar.yaml", "zone: Asia/Shanghai", "zone: Asia/Wulibao", "bad_calendar", "Asia/Wulibao"),
        ("base/calendar.yaml", "  - 14:00-18:00", "  - 11:00-18:00", "bad_calendar", "duty:"),
        ("wulibao/pack.yaml", "chain: [south-branch,", "chain: [north-branch,", "unknown_org", "north-branch"),
        ("wulibao/pack.yaml", "root: wulibao-south ", "root: wulibao-west ", "unknown_area", "wulibao-west"),
        ("wulibao/areas.yaml", "parent: wls-grid-3, name: {zh-CN: 第三网格第二",
         "parent: wls-grid-9, name: {zh-CN: 第三网格第二", "unknown_area", "wls-grid-9"),
        ("wulibao/areas.yaml", "by: kangning-property}", "by: kangning}", "unknown_org", "kangning}"),
        ("wulibao/areas.yaml", "aliases: [兴华小院]", "aliases: [51号院]", "alias_twice", "51号院]"),
        ("wulibao/areas.yaml", "[{mode: self_managed, by", "[{mode: community_trustee, by",
         "nobody_for_place", "community_trustee"),
        ("wulibao/orgs.yaml", "head: district-joint\n", "head: district\n", "unknown_post", "district"),
        ("wulibao/orgs.yaml", "head: district-joint\n", "head: secretary\n", "head_of_another", "secretary"),
        ("wulibao/orgs.yaml", "kind: social_worker,", "kind: worker,", "unknown_post_kind", "worker"),
        ("wulibao/orgs.yaml", "holders: [p-ding-1]", "holders: [p-ding-9]", "unknown_person", "p-ding-9"),
        ("wulibao/orgs.yaml", "org: erqi-joint-office,", "org: erqi,", "unknown_org", "erqi"),
        ("wulibao/people.yaml", "person: p-gui-14", "person: p-gui-99", "unknown_person", "p-gui-99"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_shown_where_it_stands(
    packs: Copy, file: str, old: str, new: str, code: str, at: str
) -> None:
    found = [each for each in packs.change(file, old, new).problems() if each.code == code]

    assert [Path(each.file) for each in found] == [packs.folder / file]
    assert column(packs, found[0]).lstrip().startswith(at)


def test_what_a_row_asks_for_that_can_never_be_known_or_unknown_is_told_in_two_languages(packs: Copy) -> None:
    packs.change(RULES, "{category: PAR.shortage}", "{category: PAR.shortage, heavy: not_known, at: not_known}")
    told = {each.code: (each.zh, each.en) for each in packs.problems()}

    assert told["impossible_value"] == ("“at”永远不会是这个值", "at can never have this value")
    assert told["never_asked"][0].startswith("类别 PAR.shortage 的表单不问“heavy”,所以总是不知道")
    assert told["never_asked"][1].startswith("PAR.shortage does not ask heavy, so it is never known")


@pytest.mark.parametrize("when", ["{category: SAN.*, heavy: not_known}", "{category: PAR.shortage, danger: not_known}",
                                  "{category: SAN.dead_corner, heavy: not_known}", "{firm: not_known}"])  # fmt: skip
def test_what_somebody_asks_may_be_wanted_as_not_known(packs: Copy, when: str) -> None:
    packs.add("wulibao/rules.yaml", LAST.format(row=990, when=when)).pack()


def test_a_row_that_stands_twice_is_shown_at_its_second_place(packs: Copy) -> None:
    found = packs.add(RULES, LAST.format(row=36, when="{category: LIG.lamp_out}")).problem()

    assert (found.code, column(packs, found)) == ("row_twice", "36")
    assert found.row > packs_row(packs.folder / RULES, b"- row: 78")


def test_a_row_that_can_never_match_names_the_row_before_it(packs: Copy) -> None:
    found = packs.add(RULES, LAST.format(row=990, when="{category: PAR.shortage, urgency: urgent}")).problem()

    assert (found.code, column(packs, found)[:5]) == ("row_shadowed", "when:")
    assert "第 50 行" in found.zh
    assert "row 50" in found.en


def test_the_last_row_must_be_there(packs: Copy) -> None:
    found = packs.change(RULES, "  group: fallback\n", "  group: category\n").problems()

    assert "no_fallback" in {each.code for each in found}


def test_a_building_in_no_grid_is_shown(packs: Copy) -> None:
    line = "- {id: school-block, kind: building, parent: wls-micro-3-2"
    found = packs.change("wulibao/areas.yaml", line, line.replace("wls-micro-3-2", "wls-grid-3")).problem()

    assert found.code == "building_in_no_grid"
    assert packs.where(found)[:2] == ("wulibao/areas.yaml", packs.row_of("wulibao/areas.yaml", "id: school-block"))
    assert found.zh == "“school-block”不在任何微网格里"


def test_a_building_in_two_grids_is_shown(packs: Copy) -> None:
    line = "- {id: wls-micro-51-2, kind: micro_grid, parent: courtyard-51"
    found = packs.change("wulibao/areas.yaml", line, line.replace("courtyard-51", "wls-micro-51-1")).problems()

    assert {each.code for each in found} == {"building_in_two_grids"}
    assert len(found) == 2


def test_areas_that_lie_in_one_another_are_shown_and_do_not_hang(packs: Copy) -> None:
    line = "- {id: erqi, kind: district, "
    found = packs.change("wulibao/areas.yaml", line, line + "parent: courtyard-51, ").problems()

    assert {each.code for each in found} == {"area_loops"}


def test_a_desk_that_nobody_holds_is_no_desk(packs: Copy) -> None:
    packs.change("wulibao/orgs.yaml", "    holders: [p-jia-1]\n    stand_ins: [p-jia-2]\n", "")
    packs.change("wulibao/orgs.yaml", ", holders: [p-bing-1], stand_ins: [p-bing-2]", "")

    assert "no_triage_post" in {each.code for each in packs.problems()}


def test_a_text_that_the_product_will_ask_for_must_be_there(packs: Copy) -> None:
    page = packs.folder / "base/messages.yaml"
    text = page.read_text(encoding="utf-8").replace("timeline.case.signed:", "timeline.case.was_signed:")
    page.write_text(text, encoding="utf-8")

    assert packs.problem().en == "the text timeline.case.signed is missing"


def test_a_limit_that_no_page_says_is_missed(packs: Copy) -> None:
    found = packs.change("base/pack.yaml", "  sign: {normal: 1 wd, elevated", "  sign: {elevated").problem()

    assert (found.code, found.en) == ("said_nowhere", "neither this pack nor what it extends says clocks.sign.normal")


def test_every_problem_is_told_at_once_and_in_order(packs: Copy) -> None:
    packs.change(RULES, "places: 10", 'places: "10"').change("base/whistles.yaml", "  finish: 3 d\n", "  finish: 3\n")
    found = packs.change("wulibao/people.yaml", "state: ended", "state: over").problems()

    assert [each.code for each in found] == ["not_a_number", "not_within", "not_one_of"]
    assert list(found) == sorted(found)


# What a community says itself


def test_a_community_replaces_an_entry_by_its_key_and_keeps_the_rest(packs: Copy) -> None:
    packs.add(
        "wulibao/categories.yaml",
        "LIG.lamp_out:\n  name: {zh-CN: 路灯, en: Lamp}\n  urgency: elevated\n  result: 1 wd\n"
        "  check_required: true\n  evidence: text\n",
    )
    packs.add("wulibao/messages.yaml", "state.signed: {zh-CN: 有人接了, en: Taken on}\n")
    packs.add("wulibao/pack.yaml", "clocks: {sign: {urgent: 30 min}}\n")
    pack = packs.pack()

    assert str(pack.categories["LIG.lamp_out"].result) == "1 wd"
    assert str(pack.categories["WAT.ponding"].result) == "4 wh"
    assert pack.text("state.signed", "zh-CN") == "有人接了"
    assert [str(each) for each in pack.limits["sign"].values()] == ["1 wd", "4 wh", "30 min", "10 min"]


def test_a_community_row_replaces_the_inherited_one_in_its_place(packs: Copy) -> None:
    packs.add("wulibao/rules.yaml", LAST.format(row=83, when="{category: WAT.ponding}"))
    pack = packs.pack()
    numbers = [row.row for row in pack.rules.rows]

    assert numbers.index(40) + 1 == numbers.index(83)
    assert pack.rules.walk({"category": "WAT.ponding"}).decided.then.main == "community"


def test_a_community_row_of_its_own_is_asked_before_the_inherited_ones(packs: Copy) -> None:
    packs.add("wulibao/rules.yaml", LAST.format(row=990, when="{category: WAT.ponding, urgency: critical}"))

    assert packs.pack().rules.walk({"category": "WAT.ponding", "urgency": "critical"}).decided.row == 990


def test_a_problem_in_an_entry_of_the_community_is_shown_on_its_own_page(packs: Copy) -> None:
    found = packs.add("wulibao/rules.yaml", LAST.format(row=83, when="{category: WAT.pond}")).problem()

    assert packs.where(found) == ("wulibao/rules.yaml", 4, 20)


# The command


def test_check_says_one_line_for_a_pack_that_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SHIPPED / "wulibao")]) == 0

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "没有问题" in out
    assert "no problems" in out


def test_check_prints_file_row_column_code_and_both_languages(packs: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    packs.change(RULES, "places: 10", 'places: "4"')
    row = packs.row_of(RULES, 'places: "4"')

    assert main(["check", str(packs.own)]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        f"{packs.folder / RULES}:{row}:17: not_a_number: "
        '这里写整数,不加引号:4,不是 "4" / a whole number without quotes: 4, not "4"'
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "about"),
    [
        ("{categories: [SAN.*], within", "{categories: [SUN.*], within", "unknown_category", "SUN.*"),
        ("  MIS.clue: {dept", "  MIS.clues: {dept", "unknown_category", "MIS.clues"),
        ("categories: [HAZ.gas]", "categories: [HAZ.gass]", "unknown_category", "HAZ.gass"),
        ("within: compound, days: 30", "within: compound, days: 0", "too_small", "0"),
        ("within: compound, days", "within: village, days", "not_one_of", "village"),
    ],
)  # fmt: skip
def test_what_the_lists_of_the_pack_name_must_be_there(packs: Copy, old: str, new: str, code: str, about: str) -> None:
    found = packs.change("base/pack.yaml", old, new).problem()

    assert found.code == code
    assert about in column(packs, found)


def test_an_emergency_mode_must_be_somewhere(packs: Copy) -> None:
    found = packs.change("wulibao/pack.yaml", "area: wls-grid-4, since", "area: nowhere, since").problem()

    assert (found.code, "nowhere" in column(packs, found)) == ("unknown_area", True)


@pytest.mark.parametrize(
    ("old", "new", "code", "about"),
    [
        ("yields_to: [48, 61", "yields_to: [480, 61", "unknown_row", "480"),
        ("desk: triage_lead}", "desk: triage_boss}", "unknown_role", "triage_boss"),
        ('role: "utility:gas"', 'role: "utilities:gas"', "unknown_role", "utilities:gas"),
        ("then: {main: property|volunteer_pool,", "then: {main: property|volunteers,", "unknown_role", "volunteers"),
        ("category: SAN.*, firm: true", "category: SUN.*, firm: true", "unknown_category", "SUN.*"),
        ("part: c\n  group: identity\n  effect: st", "part: b\n  group: identity\n  effect: st", "row_twice", "15"),
    ],
)  # fmt: skip
def test_what_a_line_of_a_row_names_must_be_there(packs: Copy, old: str, new: str, code: str, about: str) -> None:
    found = packs.change(RULES, old, new).problem()

    assert found.code == code
    assert about in column(packs, found)


def test_a_community_that_says_one_line_of_a_row_says_the_whole_row(packs: Copy) -> None:
    packs.add("wulibao/rules.yaml", LAST.format(row=66, when="{category: PRO.owners_committee}"))
    rules = packs.pack().rules

    assert [row.line for row in rules.rows if row.row == 66] == ["66"]
