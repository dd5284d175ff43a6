"""The packs that come with the product hold, and say what the specification says."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from shaoyin.adapters.folder_packs import load_packs
from shaoyin.adapters.pack_wording import SENTENCES
from shaoyin.adapters.packs import is_example, load
from shaoyin.domain.conditions import Fact
from shaoyin.domain.facts import Matter, facts_about
from shaoyin.domain.flow import FLOW
from shaoyin.domain.happened import SuspensionReason
from shaoyin.domain.pack import LIMITED, URGENCIES, Pack, raised
from shaoyin.domain.place import SMALLEST
from shaoyin.domain.report import Answer, PlaceGiven
from shaoyin.domain.roles import NOBODY
from tests.packs.conftest import SHIPPED, Copy

HOUSE = Path(__file__).parents[2] / "shaoyin"


def test_the_shipped_packs_have_no_problem() -> None:
    loaded = load(SHIPPED / "wulibao")

    assert loaded.problems == ()
    assert loaded.pack is not None


def test_only_the_demonstration_is_served_unless_examples_are_asked_for(packs: Copy) -> None:
    for folder in packs.folder.iterdir():
        if folder.name not in ("base", "wulibao", "daxin"):
            shutil.rmtree(folder)

    assert all(is_example(each) for each in SHIPPED.iterdir() if each.name not in ("base", "wulibao"))
    assert set(load_packs(packs.folder)) == {"wulibao"}
    assert set(load_packs(packs.folder, True)) == {"daxin", "wulibao"}


def test_the_ground_alone_is_no_community() -> None:
    missing = {Path(each.file).name for each in load(SHIPPED / "base").problems}

    assert missing == {"areas.yaml", "people.yaml"}


def test_the_version_is_the_hash_of_the_pages_and_of_nothing_else(packs: Copy, wulibao: Pack) -> None:
    assert len(wulibao.version) == 12
    assert packs.pack().version == wulibao.version
    assert packs.add("wulibao/README.md", "words").pack().version == wulibao.version
    assert packs.add("base/rules.yaml", "# a word\n").pack().version != wulibao.version


def test_the_clocks_by_urgency_are_those_of_the_specification(wulibao: Pack) -> None:
    written = {clock: [str(limits[each]) for each in URGENCIES] for clock, limits in wulibao.limits.items()}

    assert written == {
        "reply": ["1 wd", "4 wh", "1 h", "10 min"],
        "dispatch": ["4 wh", "4 wh", "1 h", "10 min"],
        "sign": ["1 wd", "4 wh", "1 h", "10 min"],
        "contact": ["1 wd", "4 wh", "2 h", "30 min"],
        "call_back": ["3 wd", "2 wd", "1 wd", "24 h"],
        "info": ["3 wd", "3 wd", "3 wd", "30 min"],
        "verify": ["1 wd", "1 wd", "2 h", "30 min"],
        "return": ["2 wd", "2 wd", "4 h", "30 min"],
        "reassign": ["4 wh", "4 wh", "4 wh", "10 min"],
        "adjudicate": ["1 wd", "1 wd", "1 wd", "1 h"],
        "claim": ["24 h"] * 4,
        "assign": ["1 wd", "1 wd", "1 wd", "1 h"],
        "check": ["1 wd", "1 wd", "1 wd", "2 h"],
        "archive": ["15 d"] * 4,
        "dispute": ["15 d"] * 4,
        "hazard": ["24 h"] * 4,
        "supervision_review": ["3 wd", "3 wd", "3 wd", "24 h"],
        "approval": ["4 wh", "4 wh", "4 wh", "10 min"],
        "approval_afterwards": ["24 h"] * 4,
        "objection": ["1 wd", "1 wd", "1 wd", "1 h"],
        "rating": ["3 wd"] * 4,
        "closing": ["3 wd"] * 4,
        "staffing": ["4 wh", "4 wh", "4 wh", "10 min"],
        "situation": ["2 h"] * 4,
        "extension": ["10 wd"] * 4,
        "message": ["3 d"] * 4,
    }
    assert set(written) == set(LIMITED)
    assert [str(wulibao.default_result[each]) for each in URGENCIES] == ["5 wd", "3 wd", "24 h", "2 h"]


def test_a_case_may_rest_for_seven_reasons_each_with_its_own_limit(wulibao: Pack) -> None:
    """Decisions 1.29, in the order of the list."""
    assert tuple(wulibao.suspensions) == get_args(SuspensionReason)
    limits = ["30 d", "30 d", "180 d", "180 d", "365 d", "5 wd", "10 wd"]
    assert [str(each) for each in wulibao.suspensions.values()] == limits


def test_who_reported_is_forgotten_after_half_a_year_and_sooner_where_it_was_confidential(wulibao: Pack) -> None:
    kept = wulibao.retention

    assert [str(each) for each in (kept.identity_open, kept.identity_confidential, kept.reads)] == [
        "180 d",
        "90 d",
        "1095 d",
    ]


def test_the_whistle_types_have_the_clocks_of_the_specification(wulibao: Pack) -> None:
    clocks = {
        name: [str(each) if each else "-" for each in (kind.acknowledge, kind.contact, kind.arrive, kind.finish)]
        for name, kind in wulibao.whistle_types.items()
    }

    assert clocks == {
        "emergency_whistle": ["10 min", "-", "30 min", "-"],
        "enforcement_whistle": ["1 wh", "24 h", "3 wd", "-"],
        "key_work_whistle": ["1 wh", "24 h", "3 wd", "10 wd"],
        "hard_problem_whistle": ["1 wh", "24 h", "5 wd", "-"],
        "quick_whistle": ["1 wh", "-", "1 wd", "3 d"],
        "member_service_whistle": ["12 h", "-", "-", "-"],
        "partner_unit_whistle": ["1 wd", "2 wd", "-", "-"],
    }
    without_plan = {name for name, kind in wulibao.whistle_types.items() if not kind.plan}
    assert without_plan == {"emergency_whistle", "quick_whistle", "member_service_whistle"}


# Where a matter goes


def handler(pack: Pack, area: str, category: str, **answers: Answer) -> tuple[int, str | None]:
    """The row that decides for a place on 14 September 2026, and the post it names there."""
    at = datetime(2026, 9, 14, 2, tzinfo=UTC)
    known = pack.categories[category]
    matter = Matter(category, area, "building", known.urgency, "open", "", answers, {})
    row = pack.rules.walk(facts_about(matter, at, pack)).decided
    managed = pack.areas.management(area, date(2026, 9, 14))
    posts = (pack.roles.at(role, area, managed) for role in row.then.handlers if role not in NOBODY)
    post = next((each for each in posts if each is not None), None)
    return row.row, post.post_id if post else None


@pytest.mark.parametrize(
    ("area", "category", "answers", "expected"),
    [
        ("courtyard-51", "WAT.sewer_blocked", {}, (36, "duty")),
        ("courtyard-51-b2", "WAT.sewer_blocked", {"inside_flat": False, "public_main": False}, (36, "duty")),
        ("courtyard-51", "WAT.sewage_overflow", {}, (36, "duty")),
        ("courtyard-63-b1", "WAT.sewer_blocked", {}, (36, "duty")),
        ("kangning-b3", "WAT.sewer_blocked", {}, (35, "kangning-property-duty")),
        ("xinghua-b1", "WAT.sewer_blocked", {}, (79, "xinghua-owners-duty")),
        ("courtyard-51", "WAT.sewer_blocked", {"public_main": True}, (37, "centre")),
        ("road-45", "WAT.sewer_blocked", {"public_main": True}, (37, "centre")),
        ("courtyard-51-b2", "WAT.sewer_blocked", {"inside_flat": True}, (24, None)),
        ("road-45", "WAT.sewer_blocked", {}, (78, "duty")),
        ("kangning-b1", "LIG.lamp_out", {}, (23, "kangning-property-duty")),
        ("courtyard-51-b1", "LIG.lamp_out", {}, (25, "duty")),
        ("road-45", "LIG.lamp_out", {}, (41, "centre")),
        ("kangning-b1", "PRO.service_quality", {}, (15, "duty")),
        ("kangning-b1", "CAR.elder", {}, (70, None)),
        ("kangning-b1", "PRO.lift_fault", {}, (55, "kangning-property-duty")),
        ("courtyard-51-b1", "HAZ.falling_object", {}, (59, "grid-1-lead")),
        ("courtyard-51-b1", "HAZ.falling_object", {"somebody_hurt": "now"}, (60, "police")),
        ("courtyard-51-b3", "DIS.neighbour", {}, (64, "chief-51-west")),
        ("courtyard-51-b3", "DIS.neighbour", {"mediation_failed": True}, (67, "mediators")),
        ("kangning-b1", "CON.consult", {}, (96, "duty")),
        ("courtyard-63-b1", "HAZ.fire_facility", {}, (58, "duty")),
        ("kangning-b1", "HAZ.fire_facility", {}, (57, "kangning-property-duty")),
        ("road-45", "LIG.no_lamp", {"somebody_hurt": "past"}, (42, "branch-secretary")),
        ("courtyard-51-b1", "LIG.no_lamp", {}, (42, "branch-secretary")),
        ("kangning-b1", "LIG.no_lamp", {}, (23, "kangning-property-duty")),
        ("kangning-b5", "CHG.flying_wire", {}, (53, "kangning-property-duty")),
        ("courtyard-51-b1", "CHG.flying_wire", {}, (25, "duty")),
        ("courtyard-51-b3", "ORD.dog", {"dog": "quarrel"}, (62, "micro-51-2-lead")),
        ("courtyard-51-b3", "ORD.dog", {"dog": "quarrel", "large_fierce_dog": True}, (63, "police")),
        ("courtyard-51-b3", "ORD.dog", {"dog": "quarrel", "mediation_failed": True}, (67, "mediators")),
        ("kangning-b1", "ORD.dog", {"dog": "bite", "mediation_failed": True}, (63, "police")),
        ("kangning-b1", "ORD.dog", {}, (63, "police")),
        ("kangning-b1", "WAT.burst_pipe", {}, (6, "duty")),
        ("road-45", "ROA.manhole", {}, (6, "duty")),
        ("kangning-b1", "HAZ.gas", {}, (4, "duty")),
        ("kangning-b1", "CAR.minor", {}, (93, "social-worker")),
        ("kangning-b1", "CON.conduct", {}, (15, "centre")),
        ("kangning-b1", "CON.conduct", {"target": "community_worker"}, (15, "centre")),
        ("kangning-b1", "CON.conduct", {"target": "property"}, (15, "duty")),
    ],
)
def test_a_matter_goes_where_the_specification_says(
    wulibao: Pack, area: str, category: str, answers: dict[str, Answer], expected: tuple[int, str | None]
) -> None:
    assert handler(wulibao, area, category, **answers) == expected


def urgency(pack: Pack, category: str, **answers: Fact) -> str:
    """What is left of a category's urgency once the rows have spoken, at a place nobody manages."""
    return raised(pack.categories[category].urgency, pack.rules.walk({"category": category, **answers}))


def test_whoever_fell_before_makes_a_dark_lane_one_step_more_urgent(wulibao: Pack) -> None:
    """Worked example X2: row 2 adds, row 42 decides."""
    assert urgency(wulibao, "LIG.no_lamp") == "elevated"
    assert urgency(wulibao, "LIG.no_lamp", somebody_hurt="nobody") == "elevated"
    assert urgency(wulibao, "LIG.no_lamp", somebody_hurt="past") == "urgent"
    walk = wulibao.rules.walk({"category": "LIG.no_lamp", "somebody_hurt": "past"})
    assert ([row.row for row in walk.added], walk.decided.row) == ([2, 42], 42)


def test_no_row_lowers_an_urgency_and_none_raises_above_critical(wulibao: Pack) -> None:
    walk = wulibao.rules.walk({"category": "ORD.dog", "somebody_hurt": "past"})

    assert [raised(each, walk) for each in URGENCIES] == ["urgent", "urgent", "critical", "critical"]


def test_a_row_with_a_first_step_of_its_own_stands_before_the_category(wulibao: Pack) -> None:
    def step(category: str) -> str | None:
        found = wulibao.first_steps(category, wulibao.rules.walk({"category": category}).rows)
        return "; ".join(f"{each.within}, {each.met_by}" for each in found) or None

    assert step("HAZ.wire") == "30 min, measure; 1 h, measure"
    assert step("LIG.no_lamp") == "2 wd, reply; 5 wd, plan"
    assert step("ORD.dog") == "2 h, reply"
    assert step("LIG.lamp_out") is None


def test_the_desks_that_the_specification_names_are_held(wulibao: Pack) -> None:
    directory = wulibao.directory
    lead, desk = directory.posts["triage-lead"], directory.posts["service-desk"]

    assert (lead.kind, lead.org, lead.filled) == ("triage_lead", "wulibao-office", True)
    assert (desk.kind, desk.org, desk.filled) == ("service_post", "south-committee", True)
    assert directory.has_right(lead, "triage")
    assert directory.has_right(desk, "intake")
    assert not directory.has_right(desk, "read")


def test_every_kind_of_post_of_the_specification_is_there(wulibao: Pack) -> None:
    """Mechanics 25, and the posts that the tables of the flow name beside it."""
    named = """community_duty community_secretary community_deputy grid_lead grid_worker micro_grid_lead building_chief
        community_mediator social_worker property_duty owners_committee_duty unit_duty estate_branch_secretary
        street_centre street_deputy street_head street_section street_adjudicator dept_duty dept_head utility_duty
        area_police council_chair data_officer rules_officer rules_approver triage_lead service_post duty_roster"""

    assert set(named.split()) <= set(wulibao.directory.kinds)


def test_no_category_falls_on_nobody_anywhere(wulibao: Pack) -> None:
    for area in wulibao.areas.areas:
        if wulibao.areas.covers(wulibao.root, area):
            for category in wulibao.categories:
                _, post = handler(wulibao, area, category)
                assert post or wulibao.triage_post(area), (area, category)


def test_courtyard_51_calls_the_crew_and_ten_members(wulibao: Pack) -> None:
    row = next(row for row in wulibao.rules.rows if row.row == 36)
    crew, members = row.then.whistles
    units = wulibao.partner(crew.org_kind or "", crew.resource)

    assert [unit.org_id for unit in units] == ["municipal-facilities"]
    assert [post.post_id for post in wulibao.directory.of_org("municipal-facilities")] == [
        "municipal-duty",
        "municipal-head",
    ]
    assert (members.type, members.tier, members.places, members.dangerous) == (
        "member_service_whistle",
        "member",
        10,
        False,
    )
    assert row.then.mode == "WM"


def test_fourteen_members_may_be_called_one_is_paused_and_one_has_left(wulibao: Pack) -> None:
    states = [each.state for each in wulibao.directory.registrations]

    assert (states.count("active"), states.count("paused"), states.count("ended")) == (14, 1, 1)


def test_three_members_may_work_with_minors_two_are_one_household_and_one_is_not_vetted(wulibao: Pack) -> None:
    active = [each for each in wulibao.directory.registrations if each.state == "active"]
    households = [each.household for each in active if each.household]

    assert [each.person for each in active if each.vetting == "minors"] == ["p-gui-3", "p-gui-4", "p-gui-5"]
    assert [each.person for each in active if each.vetting == "none"] == ["p-ren-1"]
    assert all(each.vetted_until is not None for each in active if each.vetting != "none")
    assert households == ["hh-51-2", "hh-51-2"]


def test_every_building_lies_in_exactly_one_micro_grid_and_the_mall_in_a_dedicated_one(wulibao: Pack) -> None:
    areas = wulibao.areas
    buildings = [area.area_id for area in areas.areas.values() if area.kind == "building"]
    inside = [[each.kind for each in areas.upward(name) if each.kind in SMALLEST] for name in buildings]

    assert sorted(map(tuple, inside)) == [("dedicated_grid",), *[("micro_grid",)] * 28]


def test_the_grid_may_check_what_the_community_did_and_the_centre_calls_back(wulibao: Pack) -> None:
    directory = wulibao.directory
    duty, lead, centre = (directory.posts[name] for name in ("duty", "grid-1-lead", "centre"))

    assert len({duty.org, lead.org, centre.org}) == 3
    assert directory.has_right(lead, "check")
    assert directory.has_right(centre, "call_back")
    assert not set(lead.holders + lead.stand_ins) & set(duty.holders + duty.stand_ins)


def test_whoever_misses_a_result_is_followed_up_the_chain_to_the_district(wulibao: Pack) -> None:
    above = [
        [org.org_id for org in wulibao.bodies_above(name, "courtyard-51")]
        for name in ("south-committee", "kangning-property")
    ]

    assert above == [
        ["wulibao-office", "erqi-joint-office"],
        ["south-branch", "south-committee", "wulibao-office", "erqi-joint-office"],
    ]


def test_duty_posts_have_a_stand_in(wulibao: Pack) -> None:
    for name in ("duty", "centre", "municipal-duty", "kangning-property-duty", "grid-1-lead"):
        assert wulibao.directory.posts[name].stand_ins, name


def test_every_name_is_plainly_invented(wulibao: Pack) -> None:
    assert all(person.name.startswith("示例·") for person in wulibao.directory.people.values())


# How a place is found


@pytest.mark.parametrize(
    ("said", "area", "how"),
    [
        (PlaceGiven(building="courtyard-51-b2"), "courtyard-51-b2", "building"),
        (PlaceGiven(area="courtyard-51"), "courtyard-51", "area"),
        (PlaceGiven(text="大学北路51号院的下水道堵了"), "courtyard-51", "alias"),
        (PlaceGiven(text="五里堡南社区51号院"), "courtyard-51", "alias"),
        (PlaceGiven(text="五里堡南社区５１号院，２号楼门口"), "courtyard-51", "alias"),
        (PlaceGiven(text="大学北路 51 号院 2 号楼"), "courtyard-51-b2", "alias"),
        (PlaceGiven(text="５１号院２号楼一单元"), "courtyard-51-b2", "alias"),
        (PlaceGiven(text="五里堡南社区门口的路灯"), "wulibao-south", "alias"),
        (PlaceGiven(text="大学北路151号院"), None, "unresolved"),
        (PlaceGiven(text="51号院1号楼和51号院2号楼之间"), None, "unresolved"),
        (PlaceGiven(text="1号楼"), None, "unresolved"),
        (PlaceGiven(building="courtyard-51-b9"), None, "unresolved"),
    ],
)
def test_courtyard_51_is_found_however_it_is_said(wulibao: Pack, said: PlaceGiven, area: str | None, how: str) -> None:
    found = wulibao.areas.find(said)

    assert (found.area, found.how) == (area, how)


# What shows danger


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("3号楼着火了", "fire"),
        ("楼道里一直冒烟", "fire"),
        ("厨房起火", "fire"),
        ("楼道里有很重的煤气味", "gas"),
        ("怀疑燃气泄漏", "gas"),
        ("邻居拿刀砍人", "crime"),
        ("院里有人打架", "crime"),
        ("物业的人动手打人", "crime"),
        ("老人昏迷了", "medical"),
        ("有人要跳楼", "suicide"),
        ("隔壁经常家暴", "violence_at_home"),
        ("孩子走失两个小时", "missing_child"),
        ("有人困在电梯里", "trapped_in_lift"),
    ],
)
def test_a_word_of_danger_shows_the_number_at_once(
    say: Callable[[str], tuple[str, ...]], text: str, danger: str
) -> None:
    assert say(text) == (danger,)


@pytest.mark.parametrize(
    "text",
    [
        "水管漏气还漏水",
        "下水道堵了,没法用水",
        "飞线充电容易起火,请来看看",
        "楼道堆物有起火隐患,万一着火跑不出去",
        "楼上半夜打架子鼓",
        "拨打人工服务一直没人接",
        "门口商铺大喇叭喊跳楼价",
        "空调外机支架松了,怕砸到人",
        "电线裸露,怕触电",
        "充电桩接触不良",
        "燃气灶点不着",
        "夏天会不会一起火锅聚会",
    ],
)
def test_a_harmless_sentence_shows_no_number(say: Callable[[str], tuple[str, ...]], text: str) -> None:
    assert say(text) == ()


def test_a_fire_beside_a_harmless_phrase_is_still_a_fire(say: Callable[[str], tuple[str, ...]]) -> None:
    assert say("飞线充电容易起火,现在真的着火了") == ("fire",)


def test_every_answer_to_the_question_of_danger_but_none_has_a_number(wulibao: Pack) -> None:
    for choice, _ in wulibao.questions["danger"].choices:
        signs = wulibao.dangers("", {"danger": (choice,)})
        assert bool(signs) == (choice != "none"), choice


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        *((each, "119") for each in ("fire", "smoke", "explosion", "gas_smell", "trapped_in_lift")),
        *((each, "120") for each in ("injury", "illness", "suicide_risk")),
        *((each, "110") for each in ("crime", "fight", "violence_at_home", "missing_child")),
    ],
)
def test_danger_has_the_right_number(wulibao: Pack, answer: str, number: str) -> None:
    (sign,) = wulibao.dangers("", {"danger": answer})

    assert sign.number == number


# What is said


def _names(called: ast.expr) -> tuple[str, str]:
    """Of a function by its name, and of a method by its own."""
    return getattr(called, "id", ""), getattr(called, "attr", "")


def words_of(folder: str, function: str, argument: int) -> set[str]:
    """The texts given as the n-th argument of a call, in every module of a folder of the house."""
    found: set[str] = set()
    for module in (HOUSE / folder).glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and function in _names(node.func):
                given = node.args[argument : argument + 1]
                found.update(
                    each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
    return found


def test_every_refusal_of_the_domain_has_its_sentence(wulibao: Pack) -> None:
    codes = words_of("domain", "Refused", 0) | {guard.code for row in FLOW for guard in row.guards}

    assert len(codes) > 100
    assert {f"refused.{code}" for code in codes} <= set(wulibao.texts)


def test_every_reply_of_the_domain_has_its_words(wulibao: Pack) -> None:
    keys = words_of("domain", "Reply", 0) | words_of("domain", "told", 0)

    assert len(keys) > 30
    assert keys <= set(wulibao.texts)


def test_every_problem_of_a_pack_has_its_sentence() -> None:
    codes = words_of("domain", "Problem", 2) | words_of("adapters", "Problem", 2) | words_of("adapters", "Slip", 0)

    assert len(codes) > 40
    assert codes <= set(SENTENCES)


def test_every_text_is_there_in_both_languages_and_reads_the_same_facts(wulibao: Pack) -> None:
    for key, languages in wulibao.texts.items():
        assert set(languages) == {"zh-CN", "en"}, key
        named = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in languages.values()]
        assert named[0] == named[1], key


def test_an_alert_shows_no_name_no_telephone_and_no_words_of_the_reporter(wulibao: Pack) -> None:
    for key, languages in wulibao.texts.items():
        if key.startswith("alert."):
            for text in languages.values():
                assert "{message}" not in text
                assert "{responder}" not in text


def test_every_building_lies_in_exactly_one_micro_grid_and_every_grid_has_a_lead(wulibao: Pack) -> None:
    """Invariant I10. A grid that nobody leads would be listed as vacant; here there is none."""
    areas, posts = wulibao.areas, wulibao.directory.posts.values()
    buildings = [each for each in areas.areas.values() if each.kind == "building"]
    grids = [each for each in areas.areas.values() if each.kind == "grid"]

    assert buildings
    assert grids
    for building in buildings:
        around = [each for each in areas.upward(building.area_id) if each.kind in ("micro_grid", "dedicated_grid")]
        assert len(around) == 1, building.area_id
    for grid in grids:
        assert [each for each in posts if each.kind == "grid_lead" and each.area == grid.area_id and each.filled]
