"""Of each event before somebody handles a case, or that ends it without a result: who is told, and what is offered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.domain.affairs import AREA, GRID_WORKER, accepted, given_to_unit, of, told, unclear
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, SECRETARY, Story, a_blocked_drain


def test_a_doubtful_report_is_shown_to_triage() -> None:
    story = Story()

    assert told(story, story.report(a_blocked_drain(category=None))) == {"duty": ("triage", "act", "accept")}


@pytest.mark.parametrize(("category", "words"), [("CAR.elder", "老人需要人陪"), (None, "屋里着火了")])
def test_a_sensitive_matter_or_a_word_of_danger_is_shown_at_once(category: str | None, words: str) -> None:
    story = Story()

    assert told(story, story.report(a_blocked_drain(category=category, description=words)))["duty"][1] == "urgent"


def test_what_triage_accepted_waits_for_its_dispatch() -> None:
    story = unclear()

    events = story.give(DUTY, cmd.Accept, category="WAT.sewer_blocked", area=AREA, urgency="critical", number="N1")

    assert told(story, events) == {"duty": ("to_dispatch", "critical", "dispatch")}


def test_a_question_to_the_reporter_alerts_nobody_and_its_answer_triage() -> None:
    story = unclear()
    asked = story.give(CENTRE, cmd.AskInfo, question="是哪一栋?")
    answered = story.ask(cmd.SupplyInfo, text="东边那栋")

    assert told(story, asked) == {}
    assert told(story, answered) == {"duty": ("info_supplied", "act", "accept")}


def test_a_wait_for_information_that_is_over_goes_back_to_triage() -> None:
    story = unclear()
    story.give(DUTY, cmd.AskInfo, question="是哪一栋?")

    assert told(story, story.wait(days=6))["duty"][::2] == ("info_wait_over", "accept")


def test_the_grid_post_is_asked_to_look_and_its_finding_goes_to_triage() -> None:
    story = unclear()
    asked = story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker")
    found = story.give(GRID_WORKER, cmd.Verified, finding="confirmed", text="确实堵了")

    assert told(story, asked) == {"grid-1-worker": ("verify_wanted", "act", "verified")}
    assert told(story, found) == {"duty": ("verified", "act", "accept")}


def test_who_refused_is_not_told_and_a_dispute_goes_one_level_up() -> None:
    story = unclear()

    refused = story.give(DUTY, cmd.Refuse, ground="not_ours", public_reply="不归我们", where_instead="找燃气公司")
    assert told(story, refused) == {}

    disputed = story.ask(cmd.DisputeRefusal, text="就是归你们")
    assert told(story, disputed) == {"street-deputy": ("refusal_disputed", "act", None)}


def test_of_a_refusal_after_a_return_the_one_who_returned_it_hears() -> None:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="三定方案", suggested="duty")

    events = story.give(
        CENTRE, cmd.Refuse, ground="not_ours", public_reply="不归我们", where_instead="找燃气公司", proposed_by="duty"
    )

    assert told(story, events) == {
        "municipal-duty": ("not_accepted", "info", None),
    }


def test_a_handed_over_area_goes_to_its_own_triage() -> None:
    story = accepted()
    elsewhere = ev.Party("centre", None, "wulibao-office", "wulibao")

    events = [ev.AreaChanged(at=story.now, area="wulibao", owner=elsewhere, deadlines=())]

    assert told(story, events) == {"centre": ("area_changed", "act", "accept")}


def test_a_danger_is_told_to_triage_and_to_the_grid_without_details() -> None:
    story = unclear()

    events = story.give(DUTY, cmd.DivertEmergency, numbers=("119",), danger="fire")

    assert of(story, replace(events[0], by=ev.SYSTEM)) == {
        "duty": ("diverted", "critical", None),
        "grid-1-lead": ("diverted", "critical", None),
    }
    words = story.pack.texts["alert.diverted.body"]
    assert "{category}" not in words["zh-CN"] + words["en"]


def test_a_danger_in_a_case_under_way_is_told_to_its_handler_triage_and_the_street() -> None:
    story = given_to_unit()

    events = story.give(SECRETARY, cmd.DivertEmergency, numbers=("119",), danger="fire")

    for who in ("municipal-duty", "duty", "centre"):
        assert of(story, events[0])[who] == ("emergency_called", "critical", None)
    assert of(story, events[1])["municipal-duty"] == ("urgency_changed", "critical", None)


def test_a_merged_case_is_told_to_the_leads_owner_by_the_lead_itself() -> None:
    story = given_to_unit()

    joined = story._keep(
        cmd.AttachReporter(
            at=story.now, reporter_ref="reporter-2", from_case="c2", secrecy="open", urgency_of_newcomer="urgent"
        )
    )

    assert of(story, joined[0]) == {"municipal-duty": ("joined", "info", None)}
    assert of(story, joined[1])["municipal-duty"] == ("urgency_changed", "urgent", None)


def test_who_takes_back_a_matter_is_told_to_its_owner() -> None:
    story = given_to_unit()

    assert told(story, story.ask(cmd.Withdraw)) == {"municipal-duty": ("withdrawn", "info", None)}


def test_who_leaves_a_hazard_is_told_to_its_owner_too() -> None:
    story = accepted("ROA.manhole", urgency="critical")

    assert told(story, story.ask(cmd.Withdraw)) == {"duty": ("reporter_left", "info", None)}


def test_a_matter_that_goes_to_another_body_is_told_to_its_handler() -> None:
    story = given_to_unit()

    events = story.give(
        DUTY, cmd.TransferOut, public_reply="已转", receiver="燃气公司", receipt_number="R1", how_to_follow="打96777"
    )

    assert told(story, events) == {"municipal-duty": ("transferred_out", "info", None)}


def test_a_matter_split_off_is_told_to_triage() -> None:
    story = given_to_unit()

    events = story.give(MUNICIPAL, cmd.SplitOff, description="还有一盏灯", category="LIG.corridor_light")

    assert told(story, events) == {"duty": ("split_off", "info", None)}
