"""Domain 4.4, sentence by sentence: how the rows of the table combine, on the pack of Wulibao."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shaoyin.domain import events as ev
from shaoyin.domain.catalogue import EmergencyMode, Matter
from shaoyin.domain.conditions import Fact
from shaoyin.domain.place import ManagedFrom
from shaoyin.domain.unrouted import categories_without_row
from tests.domain.routed import (
    FIRM,
    NIGHT,
    OWNERS,
    ROAD,
    UNMANAGED,
    beside,
    dispatched,
    explanation,
    lacking,
    others,
    sent,
    told,
    went,
    with_sanitation,
)
from tests.domain.town import wulibao

MALL = "mall-grid"


# 1. The mask is always asked


@pytest.mark.parametrize(
    ("category", "given", "masked"),
    [
        ("LIG.lamp_out", {}, False),
        ("LIG.lamp_out", {"secrecy": "confidential"}, True),
        ("LIG.lamp_out", {"target": "neighbour"}, True),
        ("DIS.neighbour", {}, True),
    ],
)
def test_row_17_adds_wherever_the_matter_goes(category: str, given: dict[str, object], masked: bool) -> None:
    story = sent(category, **given)

    assert (17 in beside(story)) is masked
    assert (story.open_case.reporters[0].secrecy == "confidential") is masked


def test_the_mask_holds_also_where_a_later_row_stops() -> None:
    story = told("DIS.neighbour", procedure_pending="court")

    assert (story.open_case.row, story.open_case.reporters[0].secrecy) == (9, "confidential")
    assert "17c" in story.open_case.lines


# 2. Emergencies add up


def test_all_dangers_that_match_add_up_every_number_and_every_crew() -> None:
    story = told("ORD.dog", danger=("fire", "injury", "suicide_risk"), dog="bite")
    diverted = story.only(ev.EmergencyDiverted)

    assert diverted.numbers == ("119", "120", "110")
    assert (story.open_case.row, story.open_case.mode, story.open_case.state) == (1, "X", "transferred_out")
    assert story.open_case.lines[:3] == ("1", "2a", "2b")


@pytest.mark.parametrize(
    ("hurt", "state", "urgency"),
    [("now", "transferred_out", "critical"), ("past", "dispatched", "urgent"), ("nobody", "dispatched", "elevated")],
)
def test_an_injury_is_one_that_is_there_now_and_a_past_one_raises_the_urgency_one_step(
    hurt: str, state: str, urgency: str
) -> None:
    case = told("LIG.no_lamp", somebody_hurt=hurt).open_case

    assert (case.state, case.urgency) == (state, urgency)


def test_behind_the_emergency_call_rows_60_and_63_open_the_ordinary_case() -> None:
    for category, answers, row in (("HAZ.falling_object", {}, 60), ("ORD.dog", {"dog": "bite"}, 63)):
        first = told(category, somebody_hurt="now", **answers)
        behind = first.only(ev.EmergencyDiverted).follow_up
        assert behind is not None
        second = sent(category, opened_from="c1", somebody_hurt="now", **answers)

        assert went(second) == (row, "police")
        assert others(second)[0] == ["duty"]


def test_a_category_that_says_danger_diverts_unless_there_is_none_now() -> None:
    assert told("HAZ.gas").open_case.state == "transferred_out"
    assert told("HAZ.gas", danger="none").open_case.state == "dispatched"
    assert went(sent("HAZ.gas", danger="none")) == (25, "duty")
    assert told("DIS.domestic_violence").only(ev.EmergencyDiverted).numbers == ("110",)
    assert went(sent("DIS.domestic_violence", danger="none")) == (3, "police")


def test_a_word_of_danger_diverts_nothing() -> None:
    case = told("LIG.lamp_out", text="楼道里着火了").open_case

    assert (case.state, case.triage_because) == ("reported", ("danger",))


def test_people_in_a_lift_are_the_firms_at_once_and_no_diverted_matter() -> None:
    for category, answers in (
        ("PRO.lift_trapped", {}),
        ("PRO.lift_fault", {"somebody_inside": True}),
        ("PRO.common_facility", {"danger": "trapped_in_lift"}),
    ):
        story = told(category, FIRM, text="有人困在电梯里", **answers)

        assert went(story) == (5, "kangning-property-duty")
        assert (dispatched(story).urgency, dispatched(story).mode) == ("critical", "D")


def test_people_in_a_lift_without_a_firm_are_the_communitys_where_no_maintainer_is_named() -> None:
    assert went(told("PRO.lift_trapped")) == (5, "duty")


@pytest.mark.parametrize(
    ("category", "answers", "row"),
    [
        ("ROA.manhole", {"cover_missing": True}, 6),
        ("ROA.manhole", {}, 6),
        ("ROA.manhole", {"cover_missing": False}, 45),
        ("HAZ.wire", {"live_wire": False}, 99),
        ("HAZ.facade_loose", {"falling_now": False}, 99),
        ("WAT.burst_pipe", {}, 6),
    ],
)
def test_what_is_not_known_counts_as_dangerous_and_what_is_denied_does_not(
    category: str, answers: dict[str, object], row: int
) -> None:
    assert went(sent(category, ROAD, **answers))[0] == row


def test_a_calm_group_is_row_65_and_an_angry_one_row_7() -> None:
    assert went(sent("DIS.group")) == (7, "centre")
    assert went(sent("DIS.group", angry=False)) == (65, "mediator")
    assert went(sent("DIS.property", people=5, angry=True)) == (7, "centre")
    assert went(sent("DIS.property", people=4, angry=True)) == (65, "mediator")


def test_row_8_holds_for_public_emergencies_and_what_the_campaign_lists() -> None:
    mode = EmergencyMode("epidemic", "wulibao-south", date(2026, 9, 1), None, ("SAN.exposed_waste",))
    pack = replace(wulibao(), emergency_modes=(mode,))

    assert went(sent("PUB.epidemic", pack=pack)) == (8, "command-post")
    assert dispatched(sent("SAN.exposed_waste", pack=pack)).mode == "campaign"
    assert went(sent("LIG.lamp_out", pack=pack)) == (25, "duty")
    assert went(sent("PUB.epidemic")) == (100, "duty")
    over = replace(pack, emergency_modes=(replace(mode, until=date(2026, 9, 13)),))
    assert went(sent("PUB.epidemic", pack=over)) == (100, "duty")


# 3. Scope: 9, 10, 12, 11, 13, 14, the first stops


def test_the_first_of_the_scope_rows_stops_in_the_order_9_10_12_11_13_14() -> None:
    catalogue = {"LIG.lamp_out": Matter("LIG.lamp_out", "none", "taken_back", "licence")}
    pack = replace(wulibao(), catalogue=catalogue)
    secret = {"text": "绝密文件", "task_for_grid_workers": True}

    assert told("LIG.lamp_out", pack=pack, procedure_pending="court", **secret).open_case.row == 9
    assert told("LIG.lamp_out", "erqi", pack=pack, **secret).open_case.row == 10
    assert went(sent("LIG.lamp_out", pack=pack, **secret)) == (12, "centre")
    only_power = replace(pack, catalogue={"LIG.lamp_out": Matter("LIG.lamp_out", "none", "basic", "licence")})
    assert went(sent("LIG.lamp_out", pack=only_power, **secret)) == (11, "centre")
    assert told("LIG.lamp_out", **secret).open_case.row == 13
    assert told("LIG.lamp_out", text="绝密文件").open_case.row == 14


def test_row_11_only_where_the_catalogue_names_the_matter_and_no_row_of_its_own_exists() -> None:
    assert went(sent("ORD.illegal_structure")) == (11, "centre")
    assert went(sent("ORD.illegal_structure", being_built=True)) == (61, "centre")
    named = replace(wulibao(), catalogue={"LIG.corridor_light": Matter("LIG.corridor_light", "none", None, "licence")})
    assert went(sent("LIG.corridor_light", FIRM, pack=named))[0] == 43


# 4. Identity


def test_row_15_decides_the_superior_and_stops() -> None:
    assert went(sent("PRO.service_quality", FIRM)) == (15, "duty")
    assert went(sent("CON.conduct", target="property")) == (15, "duty")
    assert went(sent("CON.conduct", target="community_worker")) == (15, "centre")
    assert went(sent("CON.conduct")) == (15, "centre")
    assert 18 not in beside(sent("CON.conduct", reporter_is_minor=True))


@pytest.mark.parametrize("answers", [{"reporter_is_minor": True}, {"reachable_by_phone": False}])
def test_row_18_decides_what_can_wait_and_only_adds_to_what_cannot(answers: dict[str, object]) -> None:
    waits, urgent = sent("LIG.lamp_out", FIRM, **answers), sent("WAT.sewer_blocked", FIRM, **answers)

    assert went(waits) == (18, "duty")
    assert went(urgent) == (35, "kangning-property-duty")
    assert (beside(urgent), others(urgent)[0]) == ((18,), ["duty"])


def test_a_missing_telephone_alone_is_no_mark() -> None:
    assert went(sent("LIG.lamp_out", FIRM))[0] == 23
    assert lacking(sent("LIG.lamp_out", FIRM), 18) is not None


def test_of_a_minor_in_need_row_93_decides_and_18_only_adds() -> None:
    story = sent("CAR.minor", reporter_is_minor=True)

    assert (went(story), beside(story), others(story)[0]) == ((93, "social-worker"), (18, 93), ["duty"])


# 5. Which grid


@pytest.mark.parametrize("category", ["SAN.public_toilet", "LIG.lamp_out", "HAZ.fire_door", "GRE.missing_plants"])
def test_row_20_wins_over_the_category_row(category: str) -> None:
    assert went(sent(category, MALL)) == (20, "mall-grid-lead")


@pytest.mark.parametrize(
    ("category", "answers", "row"),
    [
        ("DIS.neighbour", {}, 64), ("LAB.job_help", {}, 92), ("WEL.min_living", {}, 69), ("CAR.minor", {}, 93),
        ("CON.consult", {}, 96), ("MIS.clue", {}, 97), ("DEL.topic", {}, 95), ("VOL.activity", {}, 94),
        ("PUB.crowd", {}, 100), ("ORD.illegal_structure", {"being_built": True}, 61), ("ORD.illegal_structure", {}, 11),
        ("ORD.dog", {}, 63), ("ORD.street_vending", {}, 88), ("ORD.security", {}, 89), ("PAR.illegal_parking", {}, 48),
    ],
)  # fmt: skip
def test_row_20_yields_to_what_is_bound_to_no_thing_and_to_what_needs_enforcement(
    category: str, answers: dict[str, object], row: int
) -> None:
    assert went(sent(category, MALL, **answers))[0] == row


def test_no_place_and_it_cannot_wait_is_the_communitys_and_what_can_wait_is_asked() -> None:
    assert went(sent("WAT.supply_fault", "")) == (22, "duty")
    assert told("LIG.lamp_out", "").open_case.triage_because == ("place_unresolved",)


# 6. Whose thing


@pytest.mark.parametrize(
    ("where", "row", "main"),
    [(FIRM, 23, "kangning-property-duty"), (UNMANAGED, 25, "duty"), (OWNERS, 79, "xinghua-owners-duty")],
)
def test_without_a_row_of_its_own_the_place_row_decides(where: str, row: int, main: str) -> None:
    assert went(sent("PRO.access_control", where)) == (row, main)


def test_inside_the_flat_the_owner_is_answered_and_the_frail_are_helped() -> None:
    story = sent("PRO.roof_leak", FIRM, inside_flat=True)

    assert (went(story), dispatched(story).mode) == ((24, "duty"), "reply")
    assert went(sent("PRO.roof_leak", FIRM, inside_flat=True, frail=True)) == (24, "duty")


@pytest.mark.parametrize("where", [OWNERS, UNMANAGED])
def test_a_row_for_the_firm_leaves_the_place_row_its_co_handlers_informed_and_urgency(where: str) -> None:
    story = sent("CHG.flying_wire", where)
    with_firm = sent("CHG.flying_wire", FIRM)

    assert went(with_firm) == (53, "kangning-property-duty")
    assert (went(story)[0] in (25, 79), 53 in beside(story)) == (True, True)
    assert "centre" in others(story)[1]
    assert dispatched(story).urgency == "urgent"


def test_where_a_row_names_its_own_second_handler_that_holds_before_the_place_row() -> None:
    assert went(sent("PAR.abandoned_car", OWNERS)) == (51, "duty")
    assert told("LIG.corridor_light", OWNERS).open_case.row == 43


def test_the_firm_of_a_trustee_agreement_is_the_firm_while_it_is_valid() -> None:
    tree = wulibao().areas
    court = tree.areas["courtyard-51"]
    since = ManagedFrom("community_trustee", date(2026, 9, 14), "kangning-property")
    held = replace(tree, areas={**tree.areas, "courtyard-51": replace(court, management=(*court.management, since))})
    pack = replace(wulibao(), areas=held)

    assert went(sent("CHG.flying_wire", pack=pack)) == (53, "kangning-property-duty")
    assert went(sent("PRO.access_control", pack=pack)) == (26, "kangning-property-duty")
    assert went(sent("CHG.flying_wire", pack=pack, on="2026-09-11 10:00"))[0] == 25


# 7. The category


def test_27_to_30_leave_corridor_clutter_and_small_ads_to_32_and_33() -> None:
    assert [told("SAN.corridor_clutter", where).open_case.row for where in (FIRM, UNMANAGED, ROAD)] == [32, 32, 32]
    assert [told("SAN.small_ads", where).open_case.row for where in (FIRM, UNMANAGED, ROAD)] == [33, 33, 33]
    assert went(sent("SAN.exposed_waste", FIRM))[0] == 27
    assert told("SAN.exposed_waste").open_case.row == 28
    assert went(sent("SAN.exposed_waste", heavy=True)) == (29, "duty")
    assert went(sent("SAN.exposed_waste", ROAD)) == (30, "centre")


def test_57_needs_a_firm_58_is_for_mode_none_and_under_79_the_place_row_with_the_fire_told() -> None:
    owners = sent("HAZ.fire_door", OWNERS)

    assert went(sent("HAZ.fire_door", FIRM)) == (57, "kangning-property-duty")
    assert went(sent("HAZ.fire_door", UNMANAGED)) == (58, "duty")
    assert (went(owners), 57 in beside(owners)) == ((79, "xinghua-owners-duty"), True)
    assert "centre" in others(owners)[1]


@pytest.mark.parametrize(
    "category", ["DIS.neighbour", "DIS.property", "DIS.family", "DIS.rent_consumer", "ORD.noise_life"]
)
def test_67_is_asked_before_62_to_65_and_91(category: str) -> None:
    assert went(sent(category, mediation_failed=True)) == (67, "mediators")
    assert went(sent(category))[0] in (64, 65, 91)


def test_a_bite_is_no_matter_for_mediators() -> None:
    assert went(sent("ORD.dog", dog="quarrel", mediation_failed=True))[0] == 67
    assert went(sent("ORD.dog", dog="bite", mediation_failed=True))[0] == 63


def test_86_against_the_committee_itself_is_66() -> None:
    assert went(sent("PRO.fee_dispute", FIRM)) == (86, "kangning-owners-duty")
    assert went(sent("PRO.fee_dispute", ROAD)) == (86, "mediator")
    assert went(sent("PRO.fee_dispute", FIRM, target="owners_committee")) == (66, "section-housing")


def test_99_leaves_24_out_and_is_the_communitys_on_public_land() -> None:
    inside = sent("HAZ.site_safety", FIRM, inside_flat=True)

    assert (went(inside), 99 in beside(inside)) == ((23, "kangning-property-duty"), True)
    assert went(sent("HAZ.site_safety", ROAD)) == (99, "duty")
    assert dispatched(inside).urgency == "urgent"


def test_what_is_still_without_a_row_on_public_land_goes_to_78() -> None:
    assert went(sent("PRO.common_facility", ROAD)) == (78, "duty")


def test_no_category_falls_to_78_by_accident() -> None:
    assert categories_without_row(wulibao()) == []


def test_a_category_that_lost_its_row_is_found() -> None:
    pack = wulibao()
    without = tuple(row for row in pack.rules.rows if row.row not in (69, 70))

    assert "WEL.min_living" in categories_without_row(replace(pack, rules=replace(pack.rules, rows=without)))


def test_the_thousands_of_matters_of_that_look_are_not_remembered() -> None:
    pack = wulibao()
    facts: dict[str, Fact] = {"category": "WEL.min_living"}
    walk = pack.rules.walk(facts)

    categories_without_row(pack)

    assert pack.rules.walk(facts) is not walk


def test_every_row_from_1_to_100_is_there_or_says_where() -> None:
    pack = wulibao()

    assert {row.row for row in pack.rules.rows} | set(pack.elsewhere) == set(range(1, 101))


# And


def test_a_row_and_the_category_that_name_the_same_step_hold_the_shorter() -> None:
    noise = dispatched(sent("ORD.noise_life"))
    lamp = dispatched(sent("LIG.lamp_out", ROAD))

    assert {each.clock: each.within for each in noise.deadlines}["first_step"] == "4 h"
    assert {each.clock: each.within for each in lamp.deadlines}["result"] == "3 wd"


def test_what_is_not_suited_to_orders_is_a_duty_of_the_community() -> None:
    toilet = sent("SAN.public_toilet")

    assert (went(toilet), dispatched(toilet).mode) == ((28, "duty"), "D")


def test_a_department_that_is_not_switched_on_is_the_street_centres_unless_the_pack_has_its_post() -> None:
    assert went(sent("SAN.exposed_waste", ROAD)) == (30, "centre")
    assert went(sent("SAN.exposed_waste", ROAD, pack=with_sanitation())) == (30, "sanitation")
    assert dispatched(sent("WAT.sewer_blocked", public_main=True)).mode == "D"


def test_an_answer_that_is_missing_is_said_to_be_unknown() -> None:
    seen = next(each for each in explanation(sent("WAT.sewer_blocked")) if each.row == 37)

    assert (seen.lacking, seen.seen) == ("public_main is True", None)


def test_at_night_the_police_are_beside_a_noise() -> None:
    assert "police" in others(sent("ORD.noise_life", on=NIGHT))[0]
    assert "police" not in others(sent("ORD.noise_life"))[0]


def test_the_explanation_has_one_line_for_each_row_however_many_cases_it_has() -> None:
    numbers = [each.row for each in explanation(sent("LIG.lamp_out"))]

    assert len(numbers) == len(set(numbers))
