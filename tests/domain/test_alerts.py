"""Who is told what: whoever must act and whoever must know, once each, and never more than a lock screen may show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.alert import KINDS, Alert, alerts_for
from shaoyin.domain.flow import may, may_on_whistle
from shaoyin.domain.header import Header, header
from tests.domain.affairs import (
    MEMBERS,
    UNIT,
    claimed,
    emergency_blown,
    given_to_unit,
    posted,
    result,
    signed,
    unclear,
    whistles_answered,
    whistles_blown,
    whistles_closed,
    work_done,
)
from tests.domain.town import (
    CENTRE,
    DUTY,
    GRID_LEAD,
    MUNICIPAL,
    REPORTER,
    SECRETARY,
    Story,
    a_blocked_drain,
    enrolled,
    members,
    wulibao,
)

SECRET = "井盖旁边的秘密"
WORDS = "只有街坊才知道的话"


def told_by(story: Story, events: list[ev.Event]) -> list[Alert]:
    facts = header(story.open_case, events)
    return [alert for event in events for alert in alerts_for(event, facts, story.pack)]


def closed() -> Story:
    story = whistles_closed()
    story.give(DUTY, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    story.give(CENTRE, cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note="", satisfaction="satisfied")
    return story


def reworked() -> Story:
    story = whistles_closed()
    story.give(DUTY, cmd.SubmitResult, **result())
    story.give(GRID_LEAD, cmd.PassCheck)
    story.rate("unsolved")
    return story


def silent() -> Story:
    """Nobody ever does anything."""
    story = Story()
    story.report()
    story.wait(days=8)
    return story


def silent_whistle() -> Story:
    story = whistles_blown()
    story.wait(days=4)
    return story


def called_off() -> Story:
    story = whistles_answered()
    story.give((members(story.pack)[10], None), cmd.Acknowledge, whistle_id=MEMBERS)
    story.give(DUTY, cmd.CancelWhistle, whistle_id=MEMBERS, reason="下雨")
    return story


def declined() -> Story:
    story = signed()
    story.give(SECRETARY, cmd.DeclineWhistle, whistle_id=UNIT, reason="人手够", instead="自己疏通")
    return story


def handled_by_two() -> Story:
    """A person chose the handlers, and the main one has signed."""
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.SignFor)
    return story


def given_back() -> Story:
    """An order that two took on, and that came back to the community."""
    story = claimed()
    first, second = story.only(ev.OrderPosted).eligible[:2]
    story.give((second, None), cmd.Claim)
    story.give((second, None), cmd.GiveBack)
    story.give((first, None), cmd.GiveBack)
    story.wait(days=2)
    return story


def waited_for() -> Story:
    """Asked, answered, asked again and never answered."""
    story = unclear()
    story.give(DUTY, cmd.AskInfo, question="是哪一栋?")
    story.ask(cmd.SupplyInfo, text="东边那栋")
    story.give(DUTY, cmd.AskInfo, question="几楼?")
    story.wait(days=6)
    return story


STORIES = (
    closed, reworked, silent, silent_whistle, called_off, declined, unclear, handled_by_two, posted, given_back,
    waited_for, emergency_blown,
)  # fmt: skip


@pytest.fixture(params=STORIES, ids=lambda story: story.__name__)
def story(request: pytest.FixtureRequest) -> Story:
    found: Story = request.param()
    return found


def test_every_alert_is_of_a_kind_that_has_words(story: Story) -> None:
    assert {alert.kind for alert in story.alerts} <= set(KINDS)


def test_the_pack_has_words_for_every_kind_and_for_no_other() -> None:
    titled = {key.split(".")[1] for key in wulibao().texts if key.startswith("alert.")}

    assert titled == set(KINDS)
    assert len(KINDS) == len(set(KINDS))


def test_every_alert_has_words_in_both_languages() -> None:
    for kind in KINDS:
        for part in ("title", "body"):
            words = wulibao().texts[f"alert.{kind}.{part}"]
            assert words["zh-CN"]
            assert words["en"]


def test_nobody_is_told_twice_of_one_event(story: Story) -> None:
    for _, alerts in of_each_event(story):
        recipients = [alert.recipient for alert in alerts]
        assert len(recipients) == len(set(recipients)), alerts


def test_an_alert_goes_to_a_post_or_to_a_person_and_never_to_both(story: Story) -> None:
    assert story.alerts
    for alert in story.alerts:
        assert (alert.post is None) != (alert.person is None), alert


def test_every_post_that_is_told_exists_and_is_held(story: Story) -> None:
    for alert in story.alerts:
        if alert.post is not None:
            assert story.pack.directory.posts[alert.post].filled, alert


def test_every_rung_of_the_ladder_tells_somebody_and_the_one_who_is_late() -> None:
    story = silent()
    rungs = [
        (event, alerts)
        for event, alerts in of_each_event(story)
        if isinstance(event, ev.CaseOverdue | ev.CaseSupervised | ev.CaseMarkedHard | ev.CaseReviewDue)
    ]

    assert len(rungs) >= 8
    for event, alerts in rungs:
        assert len({alert.recipient for alert in alerts}) >= 2, event
        assert "duty" in {alert.post for alert in alerts}, event


def test_every_hop_tells_somebody_the_one_before_it_did_not() -> None:
    story = silent()
    hops = [
        {alert.post for alert in alerts}
        for event, alerts in of_each_event(story)
        if isinstance(event, ev.CaseOverdue) and event.clock == "result"
    ]

    assert len(hops) == 3
    for before, after in pairwise(hops):
        assert after - before, hops


def test_a_late_whistle_tells_the_slow_units_head_and_never_a_member() -> None:
    late = [alert for alert in silent_whistle().alerts if alert.kind == "whistle_overdue"]

    assert "municipal-head" in {alert.post for alert in late}
    assert {alert.person for alert in late} == {None}


def test_a_blown_whistle_calls_every_responder_and_asks_each_to_acknowledge() -> None:
    story = whistles_blown()
    calls = [alert for alert in story.alerts if alert.kind in ("whistle_called", "member_called")]

    assert [alert.post for alert in calls if alert.post] == ["municipal-duty"]
    assert {alert.person for alert in calls if alert.person} == set(members(story.pack))
    assert {(alert.offer.command, alert.offer.whistle_id) for alert in calls if alert.offer} == {
        ("acknowledge", UNIT), ("acknowledge", MEMBERS),
    }  # fmt: skip


def reported() -> Story:
    story = Story()
    story.report()
    return story


@pytest.mark.parametrize("make", [reported, signed, whistles_blown, work_done, unclear, posted])
def test_what_an_alert_offers_its_recipient_may_give_until_it_is_done(make: Callable[[], Story]) -> None:
    story = make()
    case = story.open_case
    open_offers = [alert for alert in story.alerts if alert.offer and not done(alert, story)]

    assert open_offers
    for alert in open_offers:
        assert alert.offer is not None
        person = alert.person or story.pack.directory.posts[alert.post or ""].holders[0]
        whistle_id = alert.offer.whistle_id
        member = next((each for each in enrolled(story.pack) if each.person == person), None)
        of_whistle = [] if whistle_id is None else may_on_whistle(case, whistle_id, person, story.pack, member)
        assert alert.offer.command in (*may(case, person, story.pack, member), *of_whistle), alert


def done(alert: Alert, story: Story) -> bool:
    """Whether somebody has done since what it asks for."""
    assert alert.offer is not None
    if alert.offer.whistle_id is not None:
        whistle = story.open_case.whistles[alert.offer.whistle_id]
        states = {"approve_whistle": "requested", "acknowledge": "blown", "rate_whistle": "result_in"}
        return whistle.state != states[alert.offer.command]
    states = {
        "sign_for": "dispatched", "accept": "reported", "dispatch": "accepted", "post_for_claim": "accepted",
        "claim": "open_for_claim",
    }  # fmt: skip
    return story.open_case.state != states[alert.offer.command]


def test_no_alert_carries_what_was_reported_who_reported_or_a_name() -> None:
    story = Story()
    story.report(a_blocked_drain(description=SECRET, reporter="reporter-secret"))
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.Start)
    story.give(DUTY, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note=WORDS)
    story.give(SECRETARY, cmd.DeclineWhistle, whistle_id=UNIT, reason=WORDS, instead=WORDS)
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=MEMBERS, starts_at=story.now.replace(hour=8))
    story.wait(days=6)

    said = str(story.alerts)
    names = [person.name for person in story.pack.directory.people.values()]
    for secret in (SECRET, WORDS, "reporter-secret", *names):
        assert secret not in said


def test_the_one_who_signs_is_not_told_that_he_signed() -> None:
    story = Story()
    story.report()

    assert told_by(story, story.give(DUTY, cmd.SignFor)) == []


def test_triage_is_told_when_another_post_signs() -> None:
    told = [(alert.post, alert.level) for alert in handled_by_two().alerts if alert.kind == "signed"]

    assert told == [("duty", "info")]


def test_co_handlers_are_asked_and_who_is_informed_is_only_told() -> None:
    told = {alert.kind: (alert.post, alert.level, alert.offer) for alert in handled_by_two().alerts}

    assert told["co_handler"] == ("mediator", "act", None)
    assert told["informed"] == ("grid-1-lead", "info", None)


def test_a_result_is_checked_and_called_back_by_others_than_those_who_worked() -> None:
    story = closed()
    asked = {alert.kind: alert.post for alert in story.alerts if alert.kind in ("check_wanted", "call_back_wanted")}

    assert asked == {"check_wanted": "grid-1-lead", "call_back_wanted": "centre"}


def test_a_rework_and_the_end_are_told_to_the_one_who_handles_it() -> None:
    assert [alert.post for alert in reworked().alerts if alert.kind == "rework"] == ["duty"]
    assert [alert.post for alert in closed().alerts if alert.kind == "closed"] == ["duty"]


def test_the_blower_learns_how_many_answered_and_not_who() -> None:
    story = whistles_blown()
    story.give(MUNICIPAL, cmd.Acknowledge, whistle_id=UNIT)
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.Acknowledge, whistle_id=MEMBERS)
    answers = [alert for alert in story.alerts if alert.kind == "whistle_answer"]

    assert {alert.post for alert in answers} == {"duty"}
    assert ("count", "1") in answers[0].facts
    assert {name for alert in answers for name, _ in alert.facts} == {"count", "places"}


def test_who_is_wait_listed_learns_his_own_place_in_the_line() -> None:
    waiting = [alert for alert in called_off().alerts if alert.kind == "wait_listed"]

    assert [alert.facts for alert in waiting] == [(("position", "1"),)]


def test_a_cancelled_whistle_frees_those_who_promised_and_troubles_nobody_else() -> None:
    story = called_off()
    freed = {alert.person for alert in story.alerts if alert.kind == "whistle_cancelled" and alert.person}

    assert freed == set(members(story.pack)[:10])


@pytest.mark.parametrize(
    ("urgency", "level"), [("normal", "act"), ("elevated", "act"), ("urgent", "urgent"), ("critical", "critical")]
)
def test_the_level_follows_the_urgency_of_the_case(urgency: str, level: str) -> None:
    story = Story()
    opened = story.report()
    facts = replace(header(story.open_case, opened), urgency=urgency)  # type: ignore[arg-type]  # one of its values

    (to_sign,) = [alert for alert in alerts_for(story.only(ev.CaseDispatched), facts, story.pack) if alert.offer]

    assert to_sign.level == level


def of_each_event(story: Story) -> Iterator[tuple[ev.Event, list[Alert]]]:
    for event in story.history:
        yield event, alerts_for(event, facts_after(story), story.pack)


def facts_after(story: Story) -> Header:
    """The facts at the end of the story, with every whistle of it."""
    return header(story.open_case, story.history)
