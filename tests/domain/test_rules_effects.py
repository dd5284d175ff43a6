"""What the table decides happens: stops, diversions, merging, the pool, the council, schedules, load and calendar."""

from __future__ import annotations

import pytest

from shaoyin.adapters.words import LANGUAGES
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.hits import Hit
from shaoyin.domain.org import Post
from shaoyin.domain.report import PlaceGiven, Report
from tests.domain.affairs import ADJUDICATOR, accepted
from tests.domain.lamp import with_posts
from tests.domain.routed import (
    FIRM,
    NIGHT,
    ROAD,
    UNMANAGED,
    WEEKEND,
    beside,
    dispatched,
    others,
    sent,
    told,
    went,
    with_departments,
)
from tests.domain.town import CENTRE, DUTY, MORNING, MUNICIPAL, REPORTER, Story, at, enrolled, types, wulibao

CHIEF = {"party_is": "building_chief"}


# Stops


@pytest.mark.parametrize(
    ("category", "answers", "row", "mode", "desk"),
    [
        ("LIG.lamp_out", {"procedure_pending": "court"}, 9, "not_accepted", "duty"),
        ("LIG.lamp_out", {"task_for_grid_workers": True}, 13, "held", "grid-centre"),
        ("LIG.lamp_out", {"text": "涉密文件丢在楼下"}, 14, "not_accepted", "triage-lead"),
        ("MIS.out_of_scope", {}, 98, "not_accepted", "duty"),
    ],
)
def test_nobody_is_turned_away_by_a_table_a_desk_looks_with_the_reason_said(
    category: str, answers: dict[str, object], row: int, mode: str, desk: str
) -> None:
    case = told(category, **answers).open_case

    assert (case.state, case.row, case.mode, case.owner.post) == ("reported", row, mode, desk)
    assert case.triage_because == (mode,)


def test_a_place_of_another_area_is_passed_on_by_the_desk() -> None:
    story = told("LIG.lamp_out", "erqi")

    assert (story.open_case.row, story.open_case.mode) == (10, "transfer")
    assert set(story.open_case.triage_because) == {"place_unresolved", "transfer"}
    handed = story.give(
        DUTY, cmd.TransferOut, receiver="邻近街道", receipt_number="17", how_to_follow="电话", public_reply="已转"
    )  # fmt: skip
    assert types(handed) == ["case.transferred_out"]


def test_once_a_person_has_accepted_it_such_a_row_is_out() -> None:
    assert went(sent("LIG.lamp_out", procedure_pending="court")) == (25, "duty")
    assert went(sent("MIS.out_of_scope")) == (25, "duty")


def test_the_explanation_of_what_stopped_it_stays_with_the_case() -> None:
    reported = told("LIG.lamp_out", procedure_pending="court").only(ev.CaseReported)

    assert [each.row for each in reported.explanation if each.matched] == [9]


@pytest.mark.parametrize("category", ["CAR.key_person", "MIS.clue", "CON.conduct"])
def test_72_and_97_and_complaints_about_the_community_are_looked_at_by_the_street_alone(category: str) -> None:
    case = told(category).open_case

    assert (case.state, case.owner.post) == ("reported", "centre")


def test_of_a_key_person_the_grid_s_lead_hears_that_there_is_something_and_not_of_what_kind() -> None:
    """Rule 72."""
    story = sent("CAR.key_person")
    lead = story.pack.post_for("grid_lead", UNMANAGED)
    assert lead is not None
    case = story.open_case

    assert ([each.post for each in dispatched(story).unlabelled], case.informed) == ([lead.post_id], ())
    assert [each.kind for each in story.alerts if each.post == lead.post_id] == ["unlabelled"]
    for part in ("title", "body"):
        for language in LANGUAGES:
            assert "{category}" not in story.pack.text(f"alert.unlabelled.{part}", language)


def test_of_other_matters_the_grid_s_lead_is_told_the_category() -> None:
    """Rule 35; near miss of 72."""
    story = sent("WAT.sewer_blocked", FIRM)
    lead = story.pack.post_for("grid_lead", FIRM)
    assert lead is not None

    assert (dispatched(story).unlabelled, [each.post for each in story.open_case.informed]) == ((), [lead.post_id])


def test_of_a_child_in_need_an_order_beside_is_proposed_to_the_community_once_a_case() -> None:
    """Rule 93: vetted volunteers by an order of its own; the social worker handles the matter."""
    story = sent("CAR.minor", FIRM)
    proposed = story.only(ev.CaseAccepted).scheduled

    assert went(story) == (93, "social-worker")
    assert [(each.what, each.told, each.due_at) for each in proposed] == [
        ("side_order", ("duty",), at("2026-09-15 09:30"))
    ]
    assert proposed[0].proposal.endswith(f":{story.open_case.case_id}")
    assert [each.kind for each in story.alerts if each.post == "duty"] == ["triage", "to_dispatch", "side_order"]


def test_of_a_disabled_person_no_order_beside_is_proposed_for_it_is_an_order_itself() -> None:
    """Rule 70; near miss of 93."""
    story = told("CAR.disabled")
    assert story.open_case.scheduled == frozenset()


# Merging


def again(**facts: str) -> Story:
    return told("LIG.lamp_out", facts=facts)


def test_the_same_matter_of_the_same_reporter_joins_the_earlier_case_by_itself() -> None:
    story = again(same_reporter_case="c0", same_reporter_number="N0")
    merged = story.only(ev.CaseMerged)

    assert (merged.lead, merged.lead_number) == ("c0", "N0")
    assert (story.open_case.state, story.open_case.row) == ("merged", 19)
    assert [each.key for each in merged.replies] == ["reply.merged"]


def test_danger_goes_before_merging() -> None:
    story = told("LIG.lamp_out", facts={"same_reporter_case": "c0"}, danger="fire")

    assert story.open_case.state == "transferred_out"


# The pool


def test_an_order_waits_for_the_community_which_alone_may_ask_what_may_be_shown() -> None:
    story = told("SAN.exposed_waste")
    case = story.open_case

    assert (case.state, case.row, case.mode, case.main) == ("accepted", 28, "O", None)
    assert [(each.kind, each.post, each.offer and each.offer.command) for each in story.alerts] == [
        ("to_post", "duty", "post_for_claim")
    ]


def posted(category: str, **answers: object) -> Story:
    story = told(category, **answers)
    story.give(DUTY, cmd.PostForClaim, task="清一下", publication="category_only", members=enrolled(story.pack))
    return story


@pytest.mark.parametrize(
    ("category", "within"), [("SAN.exposed_waste", "24 h"), ("SAN.small_ads", "1 wd"), ("ORD.uncivil", "24 h")]
)
def test_the_window_is_the_rows_own_figure_from_the_posting_or_24_hours(category: str, within: str) -> None:
    assert posted(category).only(ev.OrderPosted).deadlines[0].within == within


def test_an_order_nobody_claimed_is_the_communitys_to_assign() -> None:
    story = posted("SAN.exposed_waste")
    story.wait(hours=25)
    story.give(DUTY, cmd.Dispatch)

    assert went(story) == (76, "duty")
    assert dispatched(story).mode == "D"


def test_the_community_may_also_give_it_to_somebody_at_once() -> None:
    story = sent("SAN.corridor_clutter")

    assert (went(story), dispatched(story).mode) == ((32, "chief-51-east"), "D")


# The council


def test_a_council_item_is_the_chairs_and_without_one_the_communitys_with_the_rows_first_step() -> None:
    item = dispatched(sent("PAR.shortage", FIRM))
    steps = {each.clock: each.within for each in item.deadlines}

    assert (item.row, item.mode, item.main.post) == (50, "C", "council-chair")
    assert steps["first_step"] == "30 d"
    left = Post("council-chair", "council_chair", "south-council", "wulibao-south")
    assert went(sent("PAR.shortage", FIRM, pack=with_posts(left))) == (50, "duty")


# Schedules


def third(count: int = 3, where: str = UNMANAGED, on: str = "2026-09-14 09:30") -> Story:
    return told("WAT.sewer_blocked", where, on=on, facts={"same_drain_90d": count})


def test_the_third_blockage_proposes_a_council_topic_beside_the_handling() -> None:
    story = third()
    (proposal,) = dispatched(story).scheduled

    assert went(story) == (36, "duty")
    assert 38 in beside(story)
    assert (proposal.row, proposal.what, proposal.place) == (38, "council_topic", UNMANAGED)
    assert set(proposal.told) == {"council-chair", "centre"}
    assert dispatched(third(2)).scheduled == ()


def test_a_proposal_is_told_once_whichever_case_it_came_with() -> None:
    first, second, other = third(), third(4, on="2026-09-15 09:30"), third(where="courtyard-63-b1")
    ids = [each.once for story in (first, second, other) for each in story.alerts if each.kind == "proposal"]

    assert len(set(ids)) == 2
    assert {each.once for each in first.alerts if each.kind == "proposal"} == {
        each.once for each in second.alerts if each.kind == "proposal"
    }


def test_three_dirty_spots_in_a_courtyard_propose_a_campaign_also_where_the_matter_waits_for_the_pool() -> None:
    story = told("SAN.exposed_waste", facts={"san_in_compound_30d": 3})
    (proposal,) = story.only(ev.CaseAccepted).scheduled

    assert (proposal.row, proposal.what, proposal.place) == (31, "campaign_proposal", "courtyard-51")
    story.give(DUTY, cmd.Dispatch)
    assert dispatched(story).scheduled == ()


def test_the_third_lift_fault_tells_the_regulator_and_makes_a_topic() -> None:
    """Worked example X7."""
    story = told("PRO.lift_fault", FIRM, facts={"lift_faults_30d": 3})

    assert went(story) == (55, "kangning-property-duty")
    assert "centre" in others(story)[1]
    assert [each.what for each in dispatched(story).scheduled] == ["council_topic"]


def test_a_second_fall_from_the_same_building_brings_the_police_in() -> None:
    assert "police" in others(told("HAZ.falling_object", facts={"falling_90d": 2}))[0]
    assert "police" not in others(told("HAZ.falling_object", facts={"falling_90d": 1}))[0]


# Step 8


def test_whoever_is_party_is_passed_over_upward_along_the_chain() -> None:
    chief = sent("DIS.neighbour", **CHIEF)

    assert (went(chief), 16 in beside(chief)) == ((64, "grid-1-lead"), True)
    assert dispatched(chief).late == "community"
    assert went(sent("DIS.family", party_is="community_mediator"))[1] == "secretary"


def test_whoever_is_no_party_stays() -> None:
    story = sent("DIS.family", **CHIEF)

    assert (went(story), 16 in beside(story)) == ((91, "mediator"), False)


def test_residents_and_the_one_complained_of_are_passed_over_too() -> None:
    story = sent("ORD.dog", dog="quarrel", target="grid_worker")

    assert went(story) == (62, "branch-secretary")
    assert dispatched(story).mode == "on_spot"


def test_step_8_acts_also_after_row_15() -> None:
    assert went(sent("PRO.service_quality", FIRM, target="community")) == (15, "centre")


def test_one_with_too_much_open_is_relieved_by_the_deputy_of_the_same_body() -> None:
    story = told("LIG.lamp_out", facts={"overloaded": "duty,grid-1-lead"})

    assert (went(story), 73 in beside(story)) == ((25, "deputy"), True)
    assert "grid-1-lead" in others(story)[1]
    full = told("LIG.lamp_out", facts={"overloaded": "duty,deputy"})
    assert (went(full), 73 in beside(full)) == ((25, "duty"), False)


def test_what_can_wait_is_begun_at_the_next_start_of_duty_and_the_reporter_is_told() -> None:
    story = told("LIG.lamp_out", on=NIGHT)

    assert (went(story), 74 in beside(story)) == ((25, "duty"), True)
    assert [each.key for each in dispatched(story).replies] == ["reply.queued"]
    lunch = told("LIG.lamp_out", on="2026-09-14 13:00")
    assert (74 in beside(lunch), [each.key for each in dispatched(lunch).replies]) == (False, ["reply.dispatched"])


def test_a_noise_that_goes_on_is_not_queued() -> None:
    assert 74 not in beside(sent("ORD.noise_life", on=NIGHT, noise_now=True))
    assert 74 in beside(sent("ORD.noise_life", on=NIGHT, noise_now=False))
    assert 74 not in beside(sent("ORD.noise_business", ROAD, on=NIGHT, noise_now=True))


@pytest.mark.parametrize("on", [NIGHT, WEEKEND])
def test_what_is_urgent_off_duty_stays_with_the_unit_whose_rota_is_alerted(on: str) -> None:
    rota = Post("kangning-rota", "duty_roster", "kangning-property", "estate-kangning", ("p-geng-2",))
    story = told("WAT.sewer_blocked", FIRM, on=on, pack=with_posts(rota))

    assert (went(story), 75 in beside(story)) == ((35, "kangning-property-duty"), True)
    assert {"kangning-rota", "centre"} <= set(others(story)[1])
    assert 75 not in beside(told("WAT.sewer_blocked", FIRM, on="2026-09-14 13:00"))


def test_after_two_returns_the_adjudicator_decides() -> None:
    """Routing row 77."""
    story = accepted()
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    for who, suggested in ((MUNICIPAL, "centre"), (CENTRE, "municipal-duty")):
        story.give(who, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested=suggested)
        if story.open_case.returns == 1:
            story.give(DUTY, cmd.Reassign, main="centre", reason="改派")

    assert story.open_case.owner.post == ADJUDICATOR[1]


# Departments


def test_with_the_department_tier_on_a_row_goes_to_the_department_and_files_its_whistle() -> None:
    drain = Post("drain", "utility_duty", "wulibao-office", "wulibao", ("p-ding-1",), speciality="drain")
    lake = Post("water", "dept_duty", "wulibao-office", "wulibao", ("p-ding-1",), speciality="water")
    pack = with_departments(with_posts(drain, lake))

    assert (went(sent("WAT.sewer_blocked", public_main=True, pack=pack))) == (37, "drain")
    story = sent("WAT.lake_pollution", ROAD, pack=pack)
    assert (went(story), dispatched(story).mode) == ((40, "water"), "WD")
    assert [each.tier for each in story.open_case.whistles.values()] == ["department"]
    assert story.only(ev.WhistleRequested).why_not_below


def test_an_emergency_calls_the_utility_at_once_where_that_tier_is_on() -> None:
    power = Post("power", "utility_duty", "wulibao-office", "wulibao", ("p-ding-1",), speciality="power")
    story = sent("HAZ.wire", pack=with_departments(with_posts(power)))

    assert story.only(ev.WhistleBlown).emergency
    assert others(story)[0] == ["power"]
    assert "centre" in others(sent("HAZ.wire"))[1]


def test_the_department_of_the_catalogue_has_a_clue_and_nobody_in_the_community() -> None:
    story = sent("MIS.clue")

    assert went(story) == (97, "centre")
    assert others(story) == ([], [])


# The follow-up


def test_what_follows_a_call_keeps_only_the_danger_that_nobody_was_called_for() -> None:
    story = told("PRO.lift_fault", FIRM, danger=("injury", "trapped_in_lift"))
    behind = story.only(ev.EmergencyDiverted).follow_up

    assert behind is not None
    assert (behind.answers or {})["danger"] == ("trapped_in_lift",)


def test_whoever_lives_near_is_told_by_the_rows_that_call() -> None:
    story = told("LIG.lamp_out", FIRM, danger="fire")
    told_of = {each.post for each in story.alerts if each.kind == "diverted"}

    assert told_of == {"duty", "grid-2-lead", "kangning-property-duty"}


def test_at_the_border_the_other_grid_is_told() -> None:
    report = Report(
        report_id="r1", community="wulibao", pack_version="test", description="有件事", place=PlaceGiven(text="路口"),
        received_at=MORNING, reporter_ref=REPORTER, category="LIG.lamp_out",
    )  # fmt: skip
    story = Story(pack=wulibao(), now=MORNING)
    hits = (Hit("wls-micro-51-2", 3, "courtyard-51-b3", 12), Hit("wls-micro-kn-1", 0, "kangning-b1", 31))
    story._keep(cmd.OpenCase(at=MORNING, report=report, case_id="c1", number_if_accepted="N1", hits=hits))

    assert (story.open_case.area, story.open_case.facts["other_grid"]) == ("wls-micro-51-2", "wls-micro-kn-1")
    assert 21 in beside(story)
    assert "grid-2-lead" in others(story)[1]


def test_two_entrances_equally_near_are_the_communitys_to_decide() -> None:
    hits = (Hit("wls-micro-51-2", 3, "courtyard-51-b3", 12), Hit("wls-micro-kn-1", 0, "kangning-b1", 12))
    report = Report(
        report_id="r1", community="wulibao", pack_version="test", description="有件事", place=PlaceGiven(text="路口"),
        received_at=MORNING, reporter_ref=REPORTER, category="LIG.lamp_out",
    )  # fmt: skip
    story = Story(pack=wulibao(), now=MORNING)
    story._keep(cmd.OpenCase(at=MORNING, report=report, case_id="c1", number_if_accepted="N1", hits=hits))

    assert went(story) == (21, "duty")
    assert {each.clock: each.within for each in dispatched(story).deadlines}["first_step"] == "4 wh"
