"""The blocked drain of courtyard 51, with both endings, in the pure core (worked example X1)."""

from __future__ import annotations

from datetime import timedelta

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.evolve import replay
from shaoyin.domain.flow import may, may_on_whistle
from tests.domain.town import (
    CENTRE,
    DUTY,
    GRID_LEAD,
    MUNICIPAL,
    REPORTER,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    members,
    types,
)

UNIT, MEMBERS = "c1-w1", "c1-w2"


def signed() -> Story:
    story = Story()
    story.report()
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.Start)
    story.give(DUTY, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="说了安排")
    return story


def whistles_blown() -> Story:
    story = signed()
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=UNIT, starts_at=at("2026-09-14 14:00"))
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=MEMBERS, starts_at=at("2026-09-14 14:00"))
    return story


def whistles_answered() -> Story:
    story = whistles_blown()
    story.give(MUNICIPAL, cmd.Acknowledge, whistle_id=UNIT)
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.Acknowledge, whistle_id=MEMBERS)
    return story


def work_done() -> Story:
    story = whistles_answered()
    story.wait_until(at("2026-09-14 13:55"))
    story.give(MUNICIPAL, cmd.Arrive, whistle_id=UNIT, arrived_at=story.now, where="site", headcount=4)
    task = cmd.Task(text="冲洗末端井", due=at("2026-09-14 18:00"), owner="冲洗班组")
    story.give(MUNICIPAL, cmd.AgreePlan, whistle_id=UNIT, tasks=(task,))
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.Arrive, whistle_id=MEMBERS, arrived_at=story.now, where="site")
    story.wait_until(at("2026-09-14 18:05"))
    story.give(MUNICIPAL, cmd.SubmitResponse, whistle_id=UNIT, text="全部疏通", tasks_done=(0,))
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.SubmitResponse, whistle_id=MEMBERS, text="清运完")
    return story


def whistles_closed() -> Story:
    story = work_done()
    for whistle_id, responder in ((UNIT, "municipal-duty"), (MEMBERS, "members")):
        mark = cmd.Score(responder=responder, promptness=5, attendance=5, quality=4)
        story.give(DUTY, cmd.RateWhistle, whistle_id=whistle_id, ratings=(mark,))
        story.give(DUTY, cmd.CloseWhistle, whistle_id=whistle_id)
    return story


def result() -> dict[str, object]:
    return {
        "demand_true": True, "solved": "solved", "work_done": "主管和入户支管全部疏通", "public_reply": "已疏通",
        "why_no_photo": "井下无法拍摄",
    }  # fmt: skip


def test_a_blocked_drain_is_accepted_and_dispatched_to_the_community_in_one_decision() -> None:
    story = Story()

    opened = story.report()

    assert types(opened) == [
        "case.reported", "case.accepted", "case.dispatched", "whistle.requested", "whistle.requested",
    ]  # fmt: skip
    case = story.open_case
    assert case.main is not None
    assert (case.main.post, case.row, case.state, case.urgency) == ("duty", 36, "dispatched", "urgent")
    assert case.clocks["result"].deadline.due_at == at("2026-09-15 09:30")
    assert case.clocks["sign"].deadline.due_at == at("2026-09-14 10:30")


def test_the_decision_says_what_each_earlier_row_lacked() -> None:
    story = Story()
    story.report()

    asked = {each.row: each for each in story.only(ev.CaseDispatched).explanation}

    assert asked[36].lacking is None
    assert asked[35].lacking == "firm is True"
    assert asked[35].seen is False


def test_the_reporter_is_told_at_once_so_the_first_reply_is_in_time() -> None:
    story = Story()
    story.report()

    assert story.open_case.clocks["reply"].met_at is not None
    assert [reply.key for event in story.history for reply in event.replies] == ["reply.accepted", "reply.dispatched"]
    assert story.open_case.reporters[0].replies == 2


def test_the_duty_post_is_alerted_to_sign_and_the_secretary_to_approve() -> None:
    story = Story()
    story.report()

    told = {(alert.kind, alert.post, alert.offer.command if alert.offer else None) for alert in story.alerts}

    assert ("new_case", "duty", "sign_for") in told
    assert ("whistle_approval", "secretary", "approve_whistle") in told


def test_the_partner_unit_and_the_enrolled_members_are_called() -> None:
    story = whistles_blown()
    unit, group = story.open_case.whistles[UNIT], story.open_case.whistles[MEMBERS]

    assert list(unit.responders) == ["municipal-duty"]
    assert group.places == 10
    assert len(group.responders) == len(members(story.pack)) >= 10
    assert {alert.kind for alert in story.alerts if alert.post == "municipal-duty"} == {"whistle_called"}
    assert sum(alert.kind == "member_called" for alert in story.alerts) == len(group.responders)


def test_the_eleventh_member_is_wait_listed_without_clock_or_duty() -> None:
    story = whistles_answered()
    eleventh = members(story.pack)[10]

    happened = story.give((eleventh, None), cmd.Acknowledge, whistle_id=MEMBERS)

    assert types(happened) == ["whistle.wait_listed"]
    assert all(
        clock.look_at is None for clock in story.open_case.whistles[MEMBERS].responders[eleventh].clocks.values()
    )


def test_while_a_whistle_blocks_no_result_can_be_submitted() -> None:
    story = work_done()

    assert story.refused(DUTY, cmd.SubmitResult, **result()) == "whistle_open"


def test_the_members_whistle_ends_when_those_who_came_are_done() -> None:
    story = work_done()

    assert story.open_case.whistles[MEMBERS].state == "result_in"
    assert story.open_case.whistles[UNIT].state == "result_in"
    minutes = {event.minutes for event in story.all(ev.ResponseSubmitted) if event.whistle_id == MEMBERS}
    assert minutes == {250}


def test_the_story_ends_with_check_call_back_and_close_by_others() -> None:
    story = whistles_closed()
    story.give(DUTY, cmd.SubmitResult, **result())
    assert story.refused(DUTY, cmd.PassCheck) == "own_work"
    assert story.refused(SECRETARY, cmd.PassCheck) == "not_permitted"
    story.give(GRID_LEAD, cmd.PassCheck)
    assert story.refused(DUTY, cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note="") == "own_work"

    ended = story.give(
        CENTRE, cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note="", satisfaction="satisfied"
    )

    assert types(ended) == ["case.called_back", "case.closed"]
    assert story.open_case.outcome == "solved"
    assert story.only(ev.CaseClosed).replies[0].words == "已疏通"


def test_a_rating_in_calling_back_is_the_call_back_itself() -> None:
    story = whistles_closed()
    story.give(DUTY, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)

    ended = story.rate("solved")

    assert types(ended) == ["case.rated", "case.closed", "case.request_accepted"]
    assert story.rate("solved") == []


def test_an_unsolved_rating_orders_a_rework_with_half_the_first_deadline() -> None:
    story = whistles_closed()
    story.give(DUTY, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)

    story.rate("unsolved")

    assert story.open_case.state == "in_progress"
    assert story.open_case.clocks["result"].deadline.due_at == story.now + timedelta(hours=12)


def test_the_stored_events_replay_to_the_same_case() -> None:
    story = whistles_closed()

    assert replay(story.history) == story.case


def test_nobody_signs_so_the_head_of_the_duty_post_is_alerted_exactly_once() -> None:
    story = Story()
    story.report()

    late = [event for event in story.wait(hours=3) if isinstance(event, ev.CaseOverdue) and event.clock == "sign"]

    assert len(late) == 1
    assert "secretary" in late[0].told
    assert "duty" in late[0].told


def test_a_unit_that_does_not_acknowledge_climbs_to_its_head_and_then_to_the_street_centre() -> None:
    story = whistles_blown()

    late = [event for event in story.wait(hours=3) if isinstance(event, ev.WhistleOverdue) and event.responder]

    first, second = [event for event in late if event.clock == "acknowledge"]
    assert (first.step, second.step) == (1, 2)
    assert "municipal-head" in first.told
    assert "centre" in second.told
    assert second.at - first.at == timedelta(hours=1)


def test_members_are_never_late_only_the_blower_is_told_how_many_answered() -> None:
    story = whistles_blown()

    late = [event for event in story.wait(days=3) if isinstance(event, ev.WhistleOverdue)]

    of_members = [event for event in late if event.whistle_id == MEMBERS]
    assert [(event.clock, event.responder, event.told) for event in of_members] == [
        ("staffing", None, ("duty", "secretary"))
    ]


def test_a_late_result_climbs_the_linkage_chain_hop_by_hop() -> None:
    story = signed()

    late = [event for event in story.wait(days=6) if isinstance(event, ev.CaseOverdue) and event.clock == "result"]

    assert [event.hop for event in late] == [1, 2, 3]
    assert [event.at - timedelta(seconds=1) for event in late] == [
        at("2026-09-15 09:30"), at("2026-09-15 21:30"), at("2026-09-16 09:30"),
    ]  # fmt: skip
    assert late[0].body == "wulibao-office"
    assert late[1].body == "erqi-joint-office"
    assert "street-deputy" in late[1].told
    assert {"street-head", "centre"} <= set(late[2].told)
    assert [event.grade for event in story.all(ev.CaseSupervised)] == ["ordinary", "yellow_card", "red_card"]
    assert story.open_case.hard


def test_after_an_outage_one_hop_is_made_and_the_next_is_counted_from_now() -> None:
    story = signed()
    story.now = at("2026-09-20 12:00")

    first = [event for event in story.look() if isinstance(event, ev.CaseOverdue) and event.clock == "result"]

    assert [event.hop for event in first] == [1]
    assert first[0].look_at == story.now + timedelta(hours=12)


def test_at_the_due_instant_itself_nothing_is_late() -> None:
    story = Story()
    story.report()
    story.now = story.open_case.clocks["sign"].deadline.due_at

    assert [event for event in story.look() if isinstance(event, ev.CaseOverdue)] == []


def test_every_rung_of_every_ladder_alerts_somebody() -> None:
    story = Story()
    story.report()
    story.wait(days=8)

    for event in story.history:
        if isinstance(event, ev.CaseOverdue | ev.WhistleOverdue | ev.CaseSupervised | ev.CaseReviewDue):
            assert event.told, event


def test_without_a_category_a_person_at_triage_decides() -> None:
    story = Story()
    opened = story.report(a_blocked_drain(category=None))
    assert types(opened) == ["case.reported"]

    story.give(DUTY, cmd.Accept, category="WAT.sewer_blocked", area="courtyard-51-b1", urgency="urgent", number="N2")
    story.give(DUTY, cmd.Dispatch)

    assert story.open_case.row == 36
    assert story.open_case.number == "N2"


def test_a_likely_duplicate_is_shown_to_triage_first() -> None:
    story = Story()

    opened = story.report(duplicates=("c0",))

    assert types(opened) == ["case.reported"]
    assert story.open_case.triage_because == ("duplicate_open",)


def test_a_managed_estate_sends_the_same_matter_to_the_property_firm() -> None:
    story = Story()

    story.report(a_blocked_drain(building="kangning-b1"))

    assert story.open_case.row == 35
    assert story.open_case.main is not None
    assert story.open_case.main.post == "kangning-property-duty"
    assert story.open_case.whistles == {}


def test_water_running_into_homes_shortens_the_deadline_to_four_hours() -> None:
    story = Story()

    story.report(a_blocked_drain(answers={"flooding_homes": True}))

    assert story.open_case.clocks["result"].deadline.due_at == at("2026-09-14 13:30")


def test_may_offers_each_person_what_the_same_rows_would_allow() -> None:
    story = signed()
    pack, case = story.pack, story.open_case

    offered = set(may(case, DUTY[0], pack))
    assert {"contact_reporter", "submit_result", "request_extension", "add_handler", "cancel_whistle"} - offered == {
        "submit_result"
    }
    assert not {"accept", "dispatch", "claim", "give_back", "pass_check", "sign_for", "suspend"} & offered
    assert "approve_whistle" in may_on_whistle(case, UNIT, SECRETARY[0], pack)
    assert may(case, "p-geng-1", pack) == []

    story = whistles_blown()
    assert may_on_whistle(story.open_case, UNIT, MUNICIPAL[0], pack) == ["acknowledge", "object", "arrive"]
    assert {"acknowledge", "arrive"} <= set(may_on_whistle(story.open_case, MEMBERS, members(pack)[0], pack))
    assert "submit_result" not in may(story.open_case, DUTY[0], pack)


def test_where_community_and_street_both_work_on_it_the_district_is_asked_to_call_back() -> None:
    story = Story()
    story.report(a_blocked_drain(building="courtyard-51-b1", answers={"public_main": True}))
    assert story.open_case.main is not None
    assert [story.open_case.main.post, *(each.post for each in story.open_case.co)] == ["centre", "duty"]
    for kind in (cmd.SignFor, cmd.Start):
        story.give(CENTRE, kind)
    story.give(CENTRE, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)

    wanted = [alert.post for alert in story.alerts if alert.kind == "call_back_wanted"]

    assert wanted == ["district-joint"]
    ended = story.give(
        ("p-ding-1", "district-joint"), cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note=""
    )
    assert types(ended)[-1] == "case.closed"
