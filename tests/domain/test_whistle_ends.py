"""A whistle is rated, closed, passed on up or cancelled: rows W12 to W14, W16."""

from __future__ import annotations

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.evolve import replay
from shaoyin.domain.flow import may_on_whistle
from tests.domain.town import DUTY, MUNICIPAL, SECRETARY, Story, a_blocked_drain, at, types
from tests.domain.whistling import (
    AFTERNOON,
    HOSPITAL,
    ONE,
    STREET_DEPUTY,
    STREET_HEAD,
    SYSTEM,
    TWO,
    URBAN,
    URBAN_HEAD,
    a_case,
    answer,
    ask,
    clock,
    come,
    department_called,
    done,
    emergency,
    holding,
    members_called,
    plan,
    responder,
    the_whistle,
    units_called,
    with_departments,
)

GRID_2_LEAD = ("p-yi-2", "grid-2-lead")


def all_in() -> Story:
    """The municipal centre handed in, the hospital never came."""
    story = units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    come(story, MUNICIPAL)
    plan(story, due="2026-09-14 17:00")
    done(story, MUNICIPAL)
    story.wait_until(at("2026-09-14 18:01"))
    story.give(DUTY, cmd.MarkAbsent, whistle_id="w1", responder="hospital-duty", reason="没有来")
    return story


def score(name: str = "municipal-duty", **marks: int | None) -> cmd.Score:
    return cmd.Score(**{"responder": name, "promptness": 5, "attendance": 4, "quality": 3, **marks})  # type: ignore[arg-type]


ABSENT = cmd.Score(responder="hospital-duty")


def test_the_blower_rates_all_units_in_one_command_and_an_absence_has_its_marks() -> None:
    """Row W12. Decision 2.29."""
    story = all_in()

    happened = story.give(
        DUTY, cmd.RateWhistle, whistle_id="w1", ratings=(score(resident_view=5), ABSENT)
    )  # fmt: skip

    assert types(happened) == ["whistle.rated"]
    assert story.only(ev.WhistleRated).marks == (
        ev.Mark("municipal-duty", 5, 4, 3, 5), ev.Mark("hospital-duty", 1, 1, None, None),
    )  # fmt: skip
    assert responder(story, "municipal-duty").mark == ev.Mark("municipal-duty", 5, 4, 3, 5)
    assert clock(story, "closing").deadline.due_at == at("2026-09-17 18:00")
    assert clock(story, "rating").met_at == story.now


@pytest.mark.parametrize(
    ("ratings", "code"),
    [
        ((score(),), "rating_incomplete"),
        ((score(quality=None), ABSENT), "rating_incomplete"),
        ((score(quality=6), ABSENT), "rating_incomplete"),
        ((score(quality=0), ABSENT), "rating_incomplete"),
        ((score(), ABSENT, score("school-duty")), "not_rateable"),
        ((score(), score(), ABSENT), "not_rateable"),
        ((score(), score("hospital-duty")), "not_rateable"),
        ((score(), cmd.Score(responder="hospital-duty", promptness=1, attendance=1)), "allowed"),
        ((score(), cmd.Score(responder="hospital-duty", attendance=1)), "allowed"),
    ],
)
def test_a_rating_is_whole_and_of_those_who_can_be_rated(ratings: tuple[cmd.Score, ...], code: str) -> None:
    """Row W12. Decision 2.29."""
    assert all_in().refused(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=ratings) == code


def test_members_are_rated_as_one_group_and_never_a_person() -> None:
    """Row W12. Decision 2.29."""
    story = members_called(places=2)
    come(story, ONE, TWO)
    done(story, ONE)
    story.wait_until(AFTERNOON)
    done(story, TWO)

    assert story.refused(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=(score("p-gui-1"),)) == "not_rateable"
    story.give(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=(score("members"),))

    assert the_whistle(story).state == "rated"
    assert all(each.mark is None for each in the_whistle(story).responders.values())


def test_without_a_resident_nobody_speaks_for_one() -> None:
    """Row W12. Decision 2.29."""
    story = units_called(case={"reporter": None})
    assert story.open_case.reporters == ()
    come(story, MUNICIPAL)
    plan(story)
    done(story, MUNICIPAL)

    rate = {"whistle_id": "w1", "ratings": (score(resident_view=5),)}
    assert story.refused(DUTY, cmd.RateWhistle, **rate) == "not_rateable"
    story.give(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=(score(),))


def test_only_the_blower_rates() -> None:
    """Row W12. Decision 2.9."""
    story = all_in()

    assert story.refused(SECRETARY, cmd.RateWhistle, whistle_id="w1", ratings=()) == "not_permitted"


def rated() -> Story:
    story = all_in()
    story.give(DUTY, cmd.RateWhistle, whistle_id="w1", ratings=(score(), ABSENT))
    return story


def test_a_whistle_closes_when_its_tasks_are_done_or_moved_and_then_holds_the_case_no_longer() -> None:
    """Row W13. Decision 2.8."""
    story = rated()
    assert story.refused(DUTY, cmd.CloseWhistle, whistle_id="w1") == "tasks_open"
    assert holding(story) == ("w1",)

    happened = story.give(DUTY, cmd.CloseWhistle, whistle_id="w1", moved_tasks=(0,))

    assert types(happened) == ["whistle.closed"]
    assert holding(story) == ()
    assert clock(story, "closing").met_at == story.now
    assert replay(story.history) == story.case


def test_the_blowers_head_closes_only_what_the_blower_was_too_late_for() -> None:
    """Row W13. Decision 2.2."""
    story = rated()
    close = {"whistle_id": "w1", "moved_tasks": (0,)}
    assert story.refused(SECRETARY, cmd.CloseWhistle, **close) == "not_permitted"
    assert "close_whistle" not in may_on_whistle(story.open_case, "w1", SECRETARY[0], story.pack)
    story.wait_until(at("2026-09-17 18:00"))
    assert story.refused(SECRETARY, cmd.CloseWhistle, **close) == "not_permitted"

    story.wait(minutes=1)

    assert "close_whistle" in may_on_whistle(story.open_case, "w1", SECRETARY[0], story.pack)
    assert types(story.give(SECRETARY, cmd.CloseWhistle, **close)) == ["whistle.closed"]


def test_who_is_neither_blower_nor_above_it_does_not_close() -> None:
    """Row W13."""
    story = a_case()
    ask(story, GRID_2_LEAD, starts_at=AFTERNOON)
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    come(story, MUNICIPAL)
    plan(story)
    story.give(MUNICIPAL, cmd.SubmitResponse, whistle_id="w1", text="做完了", tasks_done=(0,))
    story.give(GRID_2_LEAD, cmd.RateWhistle, whistle_id="w1", ratings=(score(),))

    assert story.refused(DUTY, cmd.CloseWhistle, whistle_id="w1") == "not_permitted"
    story.give(GRID_2_LEAD, cmd.CloseWhistle, whistle_id="w1")


def test_a_secretarys_own_whistle_is_not_closed_by_herself_as_its_head() -> None:
    """Row W13."""
    story = a_case()
    ask(story, SECRETARY, starts_at=AFTERNOON)
    come(story, MUNICIPAL)
    plan(story)
    story.give(MUNICIPAL, cmd.SubmitResponse, whistle_id="w1", text="做完了", tasks_done=(0,))
    story.give(SECRETARY, cmd.RateWhistle, whistle_id="w1", ratings=(score(),))
    story.wait(days=7)

    assert "close_whistle" in may_on_whistle(story.open_case, "w1", STREET_DEPUTY[0], story.pack)
    story.give(SECRETARY, cmd.CloseWhistle, whistle_id="w1")


def working_below() -> Story:
    """A member tier whistle at work, in a town with departments."""
    story = units_called(pack=with_departments())
    come(story, MUNICIPAL)
    plan(story)
    return story


UP: dict[str, object] = {
    "whistle_id": "w1", "reason": "beyond_power", "type": "enforcement_whistle", "why_not_below": "没有执法权",
}  # fmt: skip


def test_an_upgrade_ends_the_old_whistle_and_asks_for_a_new_one_a_tier_up_in_one_command() -> None:
    """Row W14. Decision 2.18."""
    story = working_below()

    happened = story.give(SECRETARY, cmd.UpgradeWhistle, **UP)

    assert types(happened) == ["whistle.upgraded", "whistle.requested"]
    old, new = the_whistle(story), the_whistle(story, "w1-up")
    assert (old.state, new.state, new.tier, new.upgraded_from) == ("upgraded", "requested", "department", "w1")
    assert new.blower == "duty"
    assert holding(story) == ("w1-up",)
    assert all(each.watch_at is None for each in responder(story, "municipal-duty").clocks.values())
    assert clock(story, "finish", "municipal-duty").stopped_at == story.now
    assert the_whistle(story, "w1-up").clocks["approval"].watch_at is not None
    story.give(STREET_DEPUTY, cmd.ApproveWhistle, whistle_id="w1-up", responders=("urban-duty",))
    assert new.task == old.task


def test_a_lifted_block_is_not_passed_on() -> None:
    """Row W14. Decision 2.18."""
    story = working_below()
    story.give(SECRETARY, cmd.LiftBlocking, whistle_id="w1", reason="先答复居民")

    story.give(SECRETARY, cmd.UpgradeWhistle, **UP)

    assert holding(story) == ()


def test_from_a_department_it_goes_to_the_hard_problem_and_no_further() -> None:
    """Row W14. Decision 2.18."""
    story = department_called()
    come(story, URBAN)
    plan(story, URBAN)
    assert story.refused(STREET_DEPUTY, cmd.UpgradeWhistle, **UP) == "no_upper_tier"

    story.give(STREET_DEPUTY, cmd.UpgradeWhistle, **{**UP, "type": "hard_problem_whistle"})

    assert the_whistle(story, "w1-up").approvers == ("street-head",)
    story.give(STREET_HEAD, cmd.ApproveWhistle, whistle_id="w1-up", responders=("urban-duty",))
    story.give(URBAN, cmd.Arrive, whistle_id="w1-up", arrived_at=story.now, where="site")
    task = cmd.Task(text="拆除", due=at("2026-09-18 12:00"), owner="执法队")
    story.give(URBAN, cmd.AgreePlan, whistle_id="w1-up", tasks=(task,))
    again = {**UP, "whistle_id": "w1-up", "type": "hard_problem_whistle"}
    assert story.refused(STREET_HEAD, cmd.UpgradeWhistle, **again) == "no_upper_tier"


def test_only_the_head_of_the_blowing_post_passes_it_on_and_only_to_departments() -> None:
    """Row W14."""
    story = working_below()

    assert story.refused(DUTY, cmd.UpgradeWhistle, **UP) == "not_permitted"
    assert story.refused(URBAN_HEAD, cmd.UpgradeWhistle, **UP) == "not_permitted"
    assert story.refused(SECRETARY, cmd.UpgradeWhistle, **{**UP, "type": "quick"}) == "no_upper_tier"
    assert story.refused(SECRETARY, cmd.UpgradeWhistle, **{**UP, "type": "partner_unit_whistle"}) == "no_upper_tier"
    assert story.refused(SECRETARY, cmd.UpgradeWhistle, **{**UP, "why_not_below": ""}) == "why_not_below_missing"


def test_while_departments_are_switched_off_nothing_is_passed_on() -> None:
    """Row W14. Decision 2.37."""
    story = units_called()
    come(story, MUNICIPAL)
    plan(story)

    assert story.refused(SECRETARY, cmd.UpgradeWhistle, **UP) == "tier_off"
    assert "upgrade_whistle" not in may_on_whistle(story.open_case, "w1", SECRETARY[0], story.pack)


@pytest.mark.parametrize("stage", ["requested", "blown", "working", "result_in"])
def test_the_blower_cancels_with_a_reason_until_it_is_rated(stage: str) -> None:
    """Row W16."""
    story = a_case()
    ask(story, starts_at=AFTERNOON)
    if stage != "requested":
        story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    if stage in ("working", "result_in"):
        come(story, MUNICIPAL)
        plan(story)
    if stage == "result_in":
        done(story, MUNICIPAL)
    assert the_whistle(story).state == stage
    assert story.refused(SECRETARY, cmd.CancelWhistle, whistle_id="w1", reason="x") == "not_permitted"
    assert story.refused(DUTY, cmd.CancelWhistle, whistle_id="w1", reason=" ") == "reason_missing"

    happened = story.give(DUTY, cmd.CancelWhistle, whistle_id="w1", reason="自己解决了")

    assert types(happened) == ["whistle.cancelled"]
    assert holding(story) == ()
    assert [each for each in the_whistle(story).clocks.values() if each.watch_at] == []
    assert [
        each for unit in the_whistle(story).responders.values() for each in unit.clocks.values() if each.watch_at
    ] == []


def test_once_rated_it_is_not_cancelled_any_more() -> None:
    """Row W16."""
    assert rated().refused(DUTY, cmd.CancelWhistle, whistle_id="w1", reason="x") == "not_now"


def test_those_on_site_keep_their_service_record_when_it_is_cancelled() -> None:
    """Row W16. Decision 2.19."""
    story = members_called(places=12)
    answer(story, TWO)
    come(story, ONE)
    story.wait(minutes=45)

    story.give(DUTY, cmd.CancelWhistle, whistle_id="w1", reason="下雨")

    assert story.only(ev.WhistleCancelled).served == (ev.Served("p-gui-1", 45),)


def test_the_system_cancels_no_whistle_of_a_case_that_goes_on() -> None:
    """Row W16. Decision 2.19."""
    story = units_called()

    assert story.refused(SYSTEM, cmd.CancelWhistle, whistle_id="w1", reason="case_ended") == "not_the_blower"


def test_when_a_case_ends_otherwise_what_was_still_called_for_it_is_cancelled_in_the_same_command() -> None:
    """Row W16. Decision 2.19."""
    story = Story()
    story.report(a_blocked_drain(category=None))
    story.give(
        DUTY, cmd.BlowEmergencyWhistle, whistle_id="w1", type="emergency_whistle", tier="member", task="关阀门",
        responders=("municipal-duty",),
    )  # fmt: skip

    ended = story.ask(cmd.Withdraw, reason="自己修好了")

    assert "whistle.cancelled" in types(ended)
    assert the_whistle(story).state == "cancelled"


def test_an_emergency_that_holds_the_case_is_closed_by_the_post_that_blew() -> None:
    """Row W13."""
    story = emergency()
    worker = ("p-yi-5", "grid-2-worker")
    come(story, MUNICIPAL)
    done(story, MUNICIPAL)

    story.give(worker, cmd.RateWhistle, whistle_id="w1", ratings=(score(),))
    story.give(worker, cmd.CloseWhistle, whistle_id="w1")

    assert holding(story) == ()
    assert story.refused(HOSPITAL, cmd.CloseWhistle, whistle_id="w1") == "not_permitted"
