"""Whistles are asked for and approved, declined or blown in an emergency: rows W1 to W4, a20 to a22."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.evolve import evolve
from shaoyin.domain.flow import decide, may, may_on_whistle
from tests.domain.town import (
    DUTY,
    GRID_LEAD,
    MUNICIPAL,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    members,
    types,
)
from tests.domain.whistling import (
    AFTERNOON,
    ASKED,
    DEPUTY,
    FRIDAY,
    GRID_WORKER,
    ONE,
    STREET_DEPUTY,
    STREET_HEAD,
    SYSTEM,
    URBAN,
    URBAN_HEAD,
    a_case,
    ask,
    clock,
    department_called,
    emergency,
    holding,
    members_called,
    standing,
    the_whistle,
    units_called,
    with_departments,
)


def test_a_whistle_that_is_asked_for_waits_for_its_approver_and_nobody_is_called() -> None:
    """Row W1. Decision 2.9."""
    story = a_case()

    happened = story.give(DUTY, cmd.RequestWhistle, **ASKED)

    assert types(happened) == ["whistle.requested"]
    asked = the_whistle(story)
    assert (asked.state, asked.blower, asked.approvers) == ("requested", "duty", ("secretary", "deputy"))
    assert asked.responders == {}


def test_the_blower_is_the_post_so_whoever_stands_in_for_it_may_cancel() -> None:
    """Decision 2.9."""
    story = a_case()
    ask(story)

    assert types(story.give(("p-jia-2", "duty"), cmd.CancelWhistle, whistle_id="w1", reason="自己解决了")) == [
        "whistle.cancelled"
    ]


def test_a_secretary_approves_her_own_request_in_the_same_command_with_two_events() -> None:
    """Row W1. Decision 2.9."""
    story = a_case()

    happened = story.give(SECRETARY, cmd.RequestWhistle, **{**ASKED, "starts_at": AFTERNOON})

    assert types(happened) == ["whistle.requested", "whistle.blown"]
    assert {event.by.post for event in happened} == {"secretary"}
    assert the_whistle(story).state == "blown"


def test_her_own_request_to_nobody_is_refused_whole_since_she_would_blow_it() -> None:
    """Row W1."""
    story = a_case()

    assert story.refused(SECRETARY, cmd.RequestWhistle, **{**ASKED, "responders": ()}) == "nobody_to_call"


def test_in_the_department_tier_the_secretary_only_asks_and_the_street_approves() -> None:
    """Row W1. Decision 2.9."""
    story = a_case(with_departments())

    ask(story, SECRETARY, type="enforcement_whistle", tier="department", why_not_below="没有执法权", responders=())

    assert the_whistle(story).state == "requested"
    assert the_whistle(story).approvers == ("street-deputy", "street-head")


def test_whoever_asks_in_the_department_tier_does_not_approve_it() -> None:
    """Row W2. Decision 2.9."""
    story = a_case(with_departments())
    wanted = cmd.RequestWhistle(
        at=story.now, whistle_id="w1", type="enforcement_whistle", tier="department", task="一起来",
        why_not_below="没有执法权", responders=("urban-duty",), blower="street-deputy",
    )  # fmt: skip
    story.case = replay_with(story.open_case, decide(story.case, wanted, story.pack))

    assert story.refused(STREET_DEPUTY, cmd.ApproveWhistle, whistle_id="w1") == "own_request"
    assert types(story.give(STREET_HEAD, cmd.ApproveWhistle, whistle_id="w1")) == ["whistle.blown"]


def replay_with(case: Case, events: list[ev.Event]) -> Case:
    for event in events:
        case = evolve(case, event)
    return case


def test_nobody_names_another_post_as_the_blower() -> None:
    """Decision 2.9."""
    story = a_case()

    ask(story, blower="secretary", upgraded_from="w0")

    assert the_whistle(story).blower == "duty"
    assert the_whistle(story).upgraded_from is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": ""}, "source_missing"),
        ({"type": "enforcement_whistle"}, "tier_mismatch"),
        ({"type": "unheard_of"}, "tier_mismatch"),
        ({"type": "enforcement_whistle", "tier": "department", "why_not_below": " "}, "why_not_below_missing"),
    ],
)
def test_a_request_that_says_too_little_is_refused(changes: dict[str, object], code: str) -> None:
    """Row W1."""
    story = a_case(with_departments())

    assert story.refused(DUTY, cmd.RequestWhistle, **{**ASKED, **changes}) == code


def test_while_departments_are_switched_off_the_way_is_the_street_centre() -> None:
    """Row W1. Decision 2.37."""
    story = a_case()
    fields = {**ASKED, "type": "enforcement_whistle", "tier": "department", "why_not_below": "没有执法权"}

    with pytest.raises(Refused) as refused:
        story.give(DUTY, cmd.RequestWhistle, **fields)

    assert (refused.value.code, refused.value.params) == ("tier_off", {"way": "street_centre"})


def test_the_same_unit_is_not_called_twice_by_the_same_type_whichever_of_its_posts_is_named() -> None:
    """Row W1. Decision 2.36."""
    story = units_called()

    assert story.refused(DUTY, cmd.RequestWhistle, **{**ASKED, "whistle_id": "w2"}) == "whistle_duplicate"
    assert (
        story.refused(DUTY, cmd.RequestWhistle, **{**ASKED, "whistle_id": "w2", "responders": ("municipal-head",)})
        == "whistle_duplicate"
    )
    ask(story, whistle_id="w2", responders=("hospital-duty",))
    story.give(DUTY, cmd.CancelWhistle, whistle_id="w1", reason="不用了")
    ask(story, whistle_id="w3")


def test_the_members_are_not_called_twice_while_their_whistle_is_open() -> None:
    """Decision 2.36."""
    story = members_called()
    again = {**ASKED, "whistle_id": "w2", "type": "member_service_whistle", "responders": ()}

    assert story.refused(DUTY, cmd.RequestWhistle, **again, responder_type="members") == "whistle_duplicate"


def test_a_rule_that_calls_unit_and_members_files_two_linked_whistles() -> None:
    """Decision 2.36."""
    story = Story()
    story.report()

    first, second = story.all(ev.WhistleRequested)

    assert (first.linked_to, second.linked_to) == (None, first.whistle_id)
    assert (first.by.post, first.blower) == (None, "duty")


def test_a_whistle_needs_a_case_that_somebody_has_accepted() -> None:
    """Rows W1, 25. Decision 2.5."""
    story = Story()
    story.report(a_blocked_drain(category=None))

    assert story.open_case.state == "reported"
    assert story.refused(DUTY, cmd.RequestWhistle, **ASKED) == "wrong_state"
    assert "request_whistle" not in may(story.open_case, DUTY[0], story.pack)

    story.give(DUTY, cmd.Accept, category="PRO.service_quality", area="kangning-b1", urgency="normal", number="N2")

    assert "request_whistle" in may(story.open_case, DUTY[0], story.pack)
    ask(story)


def test_for_another_source_the_whistle_lies_in_a_case_too() -> None:
    """Decision 2.6."""
    story = a_case()

    ask(story, source="patrol")

    assert the_whistle(story).source == "patrol"


@pytest.mark.parametrize(
    ("source", "blocks"),
    [("case", True), ("patrol", True), ("standing", False), ("council", False), ("campaign", False)],
)
def test_what_blocks_is_decided_by_the_source_unless_the_request_says_so(source: str, blocks: bool) -> None:
    """Decision 2.8."""
    story = a_case()

    ask(story, source=source)
    ask(story, whistle_id="w2", source=source, blocking=not blocks, responders=("hospital-duty",))

    assert the_whistle(story).holds_the_case is blocks
    assert the_whistle(story, "w2").holds_the_case is not blocks


def test_approval_is_due_in_four_hours_of_duty() -> None:
    """Decision 2.23."""
    story = a_case()
    ask(story)

    assert clock(story, "approval").deadline.due_at == at("2026-09-14 15:30")


def test_for_an_urgent_matter_approval_is_due_with_the_cases_own_t1() -> None:
    """Decision 2.23."""
    story = a_case(category="PRO.lift_fault")
    ask(story)

    assert clock(story, "approval").deadline.due_at == at("2026-09-14 10:30")


def test_an_approved_whistle_calls_the_unit_and_all_its_clocks_start_at_the_blow() -> None:
    """Row W2. Decision 2.21."""
    story = a_case()
    ask(story, starts_at=at("2026-09-16 10:00"))
    story.wait(minutes=20)

    happened = story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")

    assert types(happened) == ["whistle.blown"]
    assert clock(story, "approval").met_at == story.now
    due = {name: each.deadline.due_at for name, each in the_whistle(story).responders["municipal-duty"].clocks.items()}
    assert due == {
        "acknowledge": at("2026-09-15 18:00"), "contact": at("2026-09-16 18:00"), "arrive": at("2026-09-16 10:00")
    }  # fmt: skip
    assert the_whistle(story).lead == "municipal-duty"


def test_the_answer_is_never_due_later_than_the_cases_t1() -> None:
    """Row W2. Decision 2.21."""
    story = units_called(case={"category": "PRO.lift_fault"})

    assert clock(story, "acknowledge", "municipal-duty").deadline.due_at == at("2026-09-14 10:30")


def test_the_answer_is_due_by_the_stated_start_where_that_is_earlier() -> None:
    """Decision 2.24."""
    story = units_called(starts_at=at("2026-09-14 11:00"))

    assert clock(story, "acknowledge", "municipal-duty").deadline.due_at == at("2026-09-14 11:00")
    assert clock(story, "arrive", "municipal-duty").deadline.due_at == at("2026-09-14 11:00")


def test_members_have_twelve_hours_of_the_wall_clock_and_never_longer_than_to_the_start() -> None:
    """Decision 2.11."""
    story = members_called()

    assert clock(story, "acknowledge", "p-gui-1").deadline.due_at == AFTERNOON

    story = a_case()
    story.now = at("2026-09-18 16:00")
    ask(
        story, type="member_service_whistle", responders=(), responder_type="members", places=12,
        starts_at=at("2026-09-19 09:00"),
    )  # fmt: skip
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    assert clock(story, "acknowledge", "p-gui-1").deadline.due_at == at("2026-09-19 04:00")


def test_an_enforcement_whistle_gives_an_hour_of_duty_to_answer_and_a_day_by_the_clock_to_get_in_touch() -> None:
    """Decision 2.11."""
    story = department_called()

    assert clock(story, "acknowledge", "urban-duty").deadline.due_at == at("2026-09-14 10:30")
    assert clock(story, "contact", "urban-duty").deadline.due_at == at("2026-09-15 09:30")
    assert clock(story, "arrive", "urban-duty").deadline.due_at == at("2026-09-17 18:00")


def test_a_quick_whistle_has_three_days_and_the_members_the_day_itself() -> None:
    """Decision 2.22."""
    quick = department_called(kind="quick_whistle")
    assert clock(quick, "arrive", "urban-duty").deadline.due_at == at("2026-09-15 18:00")
    assert clock(quick, "finish", "urban-duty").deadline.due_at == at("2026-09-18 00:00")
    assert "contact" not in the_whistle(quick).responders["urban-duty"].clocks

    group = members_called()
    assert clock(group, "finish", "p-gui-1").deadline.due_at == at("2026-09-15 00:00")


def test_only_the_approver_of_the_tier_approves() -> None:
    """Row W2."""
    story = a_case(with_departments())
    ask(story, starts_at=AFTERNOON)
    ask(
        story, whistle_id="w2", type="hard_problem_whistle", tier="department", why_not_below="跨部门",
        responders=("urban-duty",),
    )  # fmt: skip

    assert story.refused(GRID_LEAD, cmd.ApproveWhistle, whistle_id="w1") == "not_permitted"
    assert story.refused(STREET_DEPUTY, cmd.ApproveWhistle, whistle_id="w1") == "not_permitted"
    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w2") == "not_permitted"
    assert story.refused(STREET_DEPUTY, cmd.ApproveWhistle, whistle_id="w2") == "not_permitted"
    assert "approve_whistle" not in may_on_whistle(story.open_case, "w2", STREET_DEPUTY[0], story.pack)
    assert types(story.give(STREET_HEAD, cmd.ApproveWhistle, whistle_id="w2")) == ["whistle.blown"]
    assert types(story.give(DEPUTY, cmd.ApproveWhistle, whistle_id="w1")) == ["whistle.blown"]


@pytest.mark.parametrize(
    ("asked", "approved", "code"),
    [
        ({"responders": ()}, {}, "nobody_to_call"),
        ({"responders": ("nobody-there",)}, {}, "nobody_to_call"),
        ({"type": "member_service_whistle", "responders": (), "responder_type": "members"}, {}, "time_missing"),
        ({}, {"starts_at": at("2026-09-14 09:00")}, "time_missing"),
        ({"responders": ("municipal-duty", "hospital-duty")}, {}, "lead_missing"),
        ({}, {"lead": "hospital-duty"}, "lead_missing"),
    ],
)
def test_what_is_blown_says_who_is_called_when_and_who_leads(
    asked: dict[str, object], approved: dict[str, object], code: str
) -> None:
    """Row W2."""
    story = a_case()
    ask(story, **asked)

    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w1", **approved) == code


def test_a_type_that_resolves_to_nobody_is_refused_and_one_that_resolves_calls_its_units() -> None:
    """Decision 2.31."""
    story = a_case()
    ask(story, responders=(), responder_type="fire_brigade")
    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w1") == "nobody_to_call"

    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1", responder_type="partner_unit", lead="municipal-duty")

    assert list(the_whistle(story).responders) == ["municipal-duty", "school-duty", "hospital-duty"]


def test_a_kind_of_post_calls_the_nearest_that_somebody_holds() -> None:
    """Row W2."""
    story = a_case()
    ask(story, responders=(), responder_type="area_police")

    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")

    assert list(the_whistle(story).responders) == ["police"]


def test_a_whistle_without_a_word_about_the_place_is_for_the_cases_own() -> None:
    """Row W2."""
    story = a_case()
    ask(story)
    story.case = replace(story.open_case, whistles={"w1": replace(the_whistle(story), place=None)})

    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w1") == "time_missing"
    assert a_place_given() == "kangning-b1"


def a_place_given() -> str | None:
    story = a_case()
    ask(story)
    return the_whistle(story).place


def test_the_approver_may_change_responders_lead_places_place_and_time() -> None:
    """Row W2."""
    story = a_case()
    ask(story)

    story.give(
        SECRETARY, cmd.ApproveWhistle, whistle_id="w1", responders=("municipal-duty", "hospital-duty"),
        lead="hospital-duty", place="康宁苑东门", starts_at=AFTERNOON,
    )  # fmt: skip

    blown = story.only(ev.WhistleBlown)
    assert [each.responder for each in blown.called] == ["municipal-duty", "hospital-duty"]
    assert (blown.lead, blown.place, blown.starts_at) == ("hospital-duty", "康宁苑东门", AFTERNOON)


def test_a_type_without_plan_needs_no_lead() -> None:
    """Decision 2.4."""
    story = department_called("urban-duty", "water-duty", kind="quick_whistle")

    assert the_whistle(story).lead is None


def test_a_stated_time_later_than_the_types_limit_is_refused() -> None:
    """Row W2. Decision 2.24."""
    story = a_case(with_departments())
    ask(
        story, type="enforcement_whistle", tier="department", why_not_below="没有执法权", responders=("urban-duty",),
        starts_at=at("2026-09-18 09:00"),
    )  # fmt: skip

    assert story.refused(STREET_DEPUTY, cmd.ApproveWhistle, whistle_id="w1") == "time_too_late"
    story.give(STREET_DEPUTY, cmd.ApproveWhistle, whistle_id="w1", starts_at=at("2026-09-17 18:00"))


def test_dangerous_work_calls_units_only() -> None:
    """Decision 2.40."""
    story = a_case()
    call = {"responders": (), "responder_type": "members", "starts_at": AFTERNOON, "dangerous": True}
    ask(story, type="member_service_whistle", **call)

    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w1") == "unsafe_whistle"
    assert types(units_called(dangerous=True).history[-1:]) == ["whistle.blown"]
    ask(story, whistle_id="w2", responders=("p-gui-1",), starts_at=AFTERNOON, dangerous=True)
    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w2") == "unsafe_whistle"


@pytest.mark.parametrize(
    ("start", "places", "code"),
    [
        ("2026-09-14 22:00", 1, "unsafe_whistle"),
        ("2026-09-15 06:59", 1, "unsafe_whistle"),
        ("2026-09-15 06:59", 2, "allowed"),
        ("2026-09-15 07:00", 1, "allowed"),
        ("2026-09-14 21:59", 1, "allowed"),
    ],
)
def test_at_night_nobody_goes_alone(start: str, places: int, code: str) -> None:
    """Decision 2.40."""
    story = a_case()
    ask(
        story, type="member_service_whistle", responders=(), responder_type="members", places=places,
        starts_at=at(start),
    )  # fmt: skip

    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w1") == code


def test_who_opted_out_is_not_called_but_may_answer() -> None:
    """Decision 2.32."""
    story = a_case()
    ask(story, type="member_service_whistle", responders=(), responder_type="members", places=3, starts_at=AFTERNOON)
    called = (cmd.Enrolled("p-gui-1"), cmd.Enrolled("p-gui-2", alert=False))
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1", members=called)
    assert list(the_whistle(story).responders) == ["p-gui-1"]

    story.give(("p-gui-2", None), cmd.Acknowledge, whistle_id="w1")

    assert the_whistle(story).responders["p-gui-2"].state == "acknowledged"


def test_where_minors_are_concerned_only_who_was_vetted_for_them_is_called() -> None:
    """Decision 2.27."""
    story = Story()
    story.report(a_blocked_drain(building="kangning-b1", category="CAR.minor"))
    story.give(DUTY, cmd.Accept, category="CAR.minor", area="kangning-b1", urgency="elevated", number="N2")
    ask(story, type="member_service_whistle", responders=(), responder_type="members", places=3, starts_at=AFTERNOON)
    people = (cmd.Enrolled("p-gui-1", "basic"), cmd.Enrolled("p-gui-2", "minors"))
    assert story.refused(SECRETARY, cmd.ApproveWhistle, whistle_id="w1", members=people[:1]) == "nobody_to_call"

    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1", members=people)

    assert list(the_whistle(story).responders) == ["p-gui-2"]
    assert story.refused(("p-gui-1", None), cmd.Acknowledge, whistle_id="w1", enrolled=people[0]) == "not_active"


def test_the_whole_list_of_members_is_called_and_it_is_frozen_at_the_blow() -> None:
    """Decision 2.31."""
    story = members_called()

    assert list(the_whistle(story).responders) == list(members(story.pack))


def test_blowing_in_the_quiet_hours_warns_the_approver_and_moves_no_clock() -> None:
    """Decision 2.26."""
    story = a_case()
    ask(story)
    story.wait_until(at("2026-09-14 23:00"))

    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")

    assert story.only(ev.WhistleBlown).warned == ("secretary",)
    assert clock(story, "acknowledge", "municipal-duty").deadline.from_at == story.now
    assert units_called().only(ev.WhistleBlown).warned == ()


def test_a_declined_whistle_says_what_to_do_instead_and_holds_the_case_no_longer() -> None:
    """Row W3. Decision 2.8."""
    story = a_case()
    ask(story)
    assert holding(story) == ("w1",)
    assert (
        story.refused(SECRETARY, cmd.DeclineWhistle, whistle_id="w1", reason="不需要", instead="") == "reason_missing"
    )
    assert story.refused(STREET_HEAD, cmd.DeclineWhistle, whistle_id="w1", reason="不", instead="x") == "not_permitted"

    happened = story.give(SECRETARY, cmd.DeclineWhistle, whistle_id="w1", reason="不需要", instead="找物业")

    assert types(happened) == ["whistle.declined"]
    assert holding(story) == ()
    assert clock(story, "approval").watch_at is None


def test_an_emergency_is_blown_at_once_by_whoever_is_there_and_approved_afterwards() -> None:
    """Row W4. Decision 2.12."""
    story = emergency()

    blown = story.only(ev.WhistleBlown)
    assert blown.emergency
    assert blown.opened is not None
    assert blown.opened.approvers == ("secretary", "deputy")
    assert the_whistle(story).holds_the_case
    assert clock(story, "acknowledge", "municipal-duty").deadline.due_at == at("2026-09-14 09:40")
    assert clock(story, "arrive", "municipal-duty").deadline.due_at == at("2026-09-14 10:00")
    assert clock(story, "approval").deadline.due_at == at("2026-09-15 09:30")
    assert clock(story, "situation").deadline.due_at == at("2026-09-14 11:30")


def test_an_emergency_whistle_is_blown_from_reported_on_but_not_over_a_case_that_has_ended() -> None:
    """Row W4. Decision 2.5."""
    story = Story()
    story.report(a_blocked_drain(category=None))
    call: dict[str, object] = {
        "whistle_id": "w1", "type": "emergency_whistle", "tier": "member", "task": "爆管",
        "responders": ("municipal-duty",),
    }  # fmt: skip
    assert story.open_case.state == "reported"
    assert story.refused(GRID_LEAD, cmd.BlowEmergencyWhistle, **call) == "allowed"

    ended = replace(story.open_case, state="transferred_out", whistles={})
    command = cmd.BlowEmergencyWhistle(at=story.now, person=GRID_LEAD[0], post=GRID_LEAD[1], **call)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        decide(ended, command, story.pack)
    assert refused.value.code == "wrong_state"


def test_only_emergencies_are_blown_without_approval_and_somebody_must_hear_them() -> None:
    """Row W4."""
    story = a_case()
    call = {"whistle_id": "w1", "tier": "member", "task": "爆管", "responders": ("municipal-duty",)}

    assert (
        story.refused(GRID_WORKER, cmd.BlowEmergencyWhistle, **call, type="partner_unit_whistle") == "not_an_emergency"
    )
    assert (
        story.refused(GRID_WORKER, cmd.BlowEmergencyWhistle, **{**call, "responders": ()}, type="emergency_whistle")
        == "nobody_to_call"
    )
    assert story.refused(MUNICIPAL, cmd.BlowEmergencyWhistle, **call, type="emergency_whistle") == "not_permitted"


def test_approval_after_the_fact_changes_no_responder_and_a_no_needs_a_reason() -> None:
    """Row a21. Decision 2.12."""
    story = emergency()
    before = the_whistle(story).responders
    no = {"whistle_id": "w1", "approved": False}
    assert story.refused(SECRETARY, cmd.ApproveAfterwards, **no) == "reason_missing"
    assert story.refused(STREET_HEAD, cmd.ApproveAfterwards, **no, reason="小事") == "not_permitted"

    happened = story.give(SECRETARY, cmd.ApproveAfterwards, **no, reason="小事,不该惊动单位")

    assert types(happened) == ["whistle.approved_afterwards"]
    assert the_whistle(story).responders == before
    assert the_whistle(story).state == "blown"
    assert clock(story, "approval").met_at == story.now
    assert story.refused(SECRETARY, cmd.ApproveAfterwards, whistle_id="w1", approved=True) == "nothing_to_approve"


def test_what_was_approved_before_it_was_blown_needs_no_approval_afterwards() -> None:
    """Row a21."""
    story = units_called()

    assert story.refused(SECRETARY, cmd.ApproveAfterwards, whistle_id="w1", approved=True) == "nothing_to_approve"


def test_the_head_of_the_blowing_post_lifts_the_block_with_a_reason() -> None:
    """Row a22. Decision 2.8."""
    story = units_called()
    assert story.refused(DUTY, cmd.LiftBlocking, whistle_id="w1", reason="急") == "not_permitted"
    assert story.refused(SECRETARY, cmd.LiftBlocking, whistle_id="w1", reason="") == "reason_missing"

    happened = story.give(SECRETARY, cmd.LiftBlocking, whistle_id="w1", reason="先答复居民")

    assert types(happened) == ["whistle.blocking_lifted"]
    assert holding(story) == ()
    assert story.refused(SECRETARY, cmd.LiftBlocking, whistle_id="w1", reason="再") == "not_blocking"


def test_nobody_lifts_the_block_of_her_own_whistle() -> None:
    """Row a22."""
    story = a_case()
    ask(story, SECRETARY, starts_at=AFTERNOON)

    assert story.refused(SECRETARY, cmd.LiftBlocking, whistle_id="w1", reason="急") == "not_permitted"
    story.give(STREET_DEPUTY, cmd.LiftBlocking, whistle_id="w1", reason="先答复居民")


def test_a_departments_own_whistle_has_the_departments_head_above_it() -> None:
    """Row a22."""
    story = a_case(with_departments())
    main = replace(story.open_case, main=ev.Party("urban-duty", None, "urban", "wulibao"))
    story.case = main
    ask(story, URBAN, type="enforcement_whistle", tier="department", why_not_below="要几家一起")

    assert the_whistle(story).blower == "urban-duty"
    assert story.refused(SECRETARY, cmd.LiftBlocking, whistle_id="w1", reason="急") == "not_permitted"
    story.give(URBAN_HEAD, cmd.LiftBlocking, whistle_id="w1", reason="先答复居民")


def test_a_claimants_whistle_is_blown_for_the_desk_behind_him() -> None:
    """Row W1. Decision 2.9."""
    story = a_case()
    claimant = ev.Party(None, "p-gui-1", None, "wulibao-south")
    story.case = replace(story.open_case, main=claimant, owner=claimant)

    ask(story, ONE)

    assert the_whistle(story).blower == "duty"


def test_a_standing_rule_blows_itself_a_working_day_before_and_holds_no_case() -> None:
    """Row a20. Decision 2.30."""
    story = standing()

    happened = story.give(SYSTEM, cmd.BlowStanding, **FRIDAY)

    assert types(happened) == ["whistle.blown"]
    blown = story.only(ev.WhistleBlown)
    assert [each.responder for each in blown.called] == ["municipal-duty"]
    assert [(each.clock, each.due_at) for each in blown.called[0].deadlines] == [("arrive", FRIDAY["starts_at"])]
    assert (the_whistle(story).holds_the_case, the_whistle(story).blower) == (False, "duty")


@pytest.mark.parametrize(
    ("now", "changes"),
    [
        ("2026-11-05 08:59", {}),
        ("2026-11-06 15:00", {}),
        ("2026-11-05 09:00", {"rule": "no-such-rule"}),
        ("2026-11-05 09:00", {"starts_at": at("2026-11-06 14:00")}),
        ("2026-11-05 09:00", {"starts_at": at("2026-11-05 15:00")}),
    ],
)
def test_only_a_date_of_the_rule_is_blown_and_only_in_its_time(now: str, changes: dict[str, object]) -> None:
    """Row a20. Decision 2.30."""
    story = standing(now)

    assert story.refused(SYSTEM, cmd.BlowStanding, **{**FRIDAY, **changes}) == "not_due"


def test_one_date_is_blown_once_in_a_case_of_its_own() -> None:
    """Row a20. Decision 2.30."""
    story = standing()
    story.give(SYSTEM, cmd.BlowStanding, **FRIDAY)

    assert story.refused(SYSTEM, cmd.BlowStanding, **{**FRIDAY, "whistle_id": "w2"}) == "not_due"
    other = a_case()
    other.now = at("2026-11-05 09:00")
    assert other.refused(SYSTEM, cmd.BlowStanding, **FRIDAY) == "not_due"


def test_publishing_the_pack_approved_a_standing_whistle_so_nothing_is_left_to_approve() -> None:
    """Row a21. Decision 2.30."""
    story = standing()
    story.give(SYSTEM, cmd.BlowStanding, **FRIDAY)

    assert story.refused(SECRETARY, cmd.ApproveAfterwards, whistle_id="w1", approved=True) == "nothing_to_approve"


def test_nobody_blows_a_standing_whistle_by_hand() -> None:
    """Row a20."""
    story = standing()

    assert story.refused(SECRETARY, cmd.BlowStanding, **FRIDAY) == "not_permitted"
