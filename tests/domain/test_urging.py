"""Pressure: a reporter or a superior urges, and a superior supervises. Rows 41 and 42."""

from __future__ import annotations

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.domain.affairs import DEPUTY, HEAD, posted, told, unclear
from tests.domain.lamp import (
    OTHER_REPORTER,
    SERVICE_DESK,
    due,
    lamp_called,
    lamp_checked,
    lamp_closed,
    lamp_given,
    lamp_in_work,
    lamp_of_two,
    owner,
    running,
    said,
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
    at,
    types,
)
from tests.domain.whistling import URBAN_HEAD, with_departments

AFTER_CONTACT = at("2026-09-16 10:00")
"""T2 of a lamp given on Monday ends on Tuesday 18:00; this is Wednesday."""


def refused(events: list[ev.Event]) -> list[str]:
    return [each.code for each in events if isinstance(each, ev.RequestRefused)]


def quiet(events: list[ev.Event]) -> list[bool]:
    return [each.quiet for each in events if isinstance(each, ev.CaseUrged)]


def test_a_reporter_urges_and_the_owner_hears_it() -> None:
    """Row 41."""
    story = lamp_in_work()
    before = dict(story.open_case.clocks)

    happened = story.ask(cmd.Urge, text="还没人来")

    assert types(happened) == ["case.urged", "case.request_accepted"]
    assert (story.open_case.state, owner(story)) == ("in_progress", "municipal-duty")
    assert story.open_case.clocks == before
    assert [(each.key, each.to) for event in happened for each in event.replies] == [
        ("reply.urged", REPORTER), ("reply.request_accepted", REPORTER),
    ]  # fmt: skip
    assert told(story, happened) == {"municipal-duty": ("urged", "act", None)}


@pytest.mark.parametrize("begun", [unclear, posted, lamp_given, lamp_checked, lamp_called])
def test_whoever_owns_it_is_urged_in_any_open_state(begun: object) -> None:
    """Row 41."""
    assert callable(begun)
    story = begun()

    happened = story.ask(cmd.Urge)

    assert told(story, happened)[str(owner(story))][0] == "urged"


def test_a_reporter_urges_once_a_local_calendar_day() -> None:
    """Row 41. Decision 1.27. Shortly before and after midnight are two days; a refused one does not count."""
    story = lamp_in_work()
    story.wait_until(at("2026-09-14 23:50"))
    story.ask(cmd.Urge, request_id="q1")
    assert refused(story.ask(cmd.Urge, request_id="q2")) == ["urged_today"]
    story.wait(minutes=20)

    assert types(story.ask(cmd.Urge, request_id="q3"))[0] == "case.urged"
    assert len(story.open_case.urges) == 2


def test_each_reporter_and_each_superior_urges_for_himself() -> None:
    """Row 41. Decision 1.27."""
    story = lamp_of_two()
    story.ask(cmd.Urge, REPORTER, "q1")
    assert types(story.ask(cmd.Urge, OTHER_REPORTER, "q2"))[0] == "case.urged"

    happened = story.give(SECRETARY, cmd.Urge, text="请抓紧")

    assert types(happened) == ["case.urged"]
    assert happened[0].replies == ()
    assert story.refused(SECRETARY, cmd.Urge) == "urged_today"
    assert story.refused(HEAD, cmd.Urge) == "allowed"
    assert said(story) == ["reply.request_accepted"]


def test_an_intake_post_urges_on_behalf_and_in_its_own_name_not() -> None:
    """Row 41."""
    story = lamp_in_work()
    assert story.refused(SERVICE_DESK, cmd.Urge) == "not_a_reporter"
    assert story.refused(GRID_LEAD, cmd.Urge) == "not_a_reporter"
    assert story.refused(SERVICE_DESK, cmd.Urge, on_behalf=True, reporter_ref="reporter-9") == "not_a_reporter"
    assert story.refused(SECRETARY, cmd.Urge, on_behalf=True, reporter_ref="reporter-9") == "not_a_reporter"

    happened = story.give(SERVICE_DESK, cmd.Urge, on_behalf=True)

    assert types(happened) == ["case.urged"]
    assert [(each.key, each.to) for each in happened[0].replies] == [("reply.urged", REPORTER)]
    assert refused(story.ask(cmd.Urge)) == ["urged_today"]


def test_strangers_and_handlers_do_not_urge_and_nobody_a_closed_case() -> None:
    """Row 41."""
    assert refused(lamp_in_work().ask(cmd.Urge, "reporter-9")) == ["not_a_reporter"]
    assert lamp_in_work().refused(MUNICIPAL, cmd.Urge) == "not_permitted"
    assert refused(lamp_closed().ask(cmd.Urge)) == ["not_now"]


def test_a_departments_head_urges_his_own_department() -> None:
    """Row 41."""
    story = Story(pack=with_departments())
    story.report(a_blocked_drain(category=None))
    story.give(DUTY, cmd.Accept, category="LIG.lamp_out", area="courtyard-51-b1", urgency="normal", number="N1")
    assert story.refused(URBAN_HEAD, cmd.Urge) == "not_permitted"
    story.give(DUTY, cmd.Dispatch, main="urban-duty")

    assert types(story.give(URBAN_HEAD, cmd.Urge)) == ["case.urged"]


def test_two_open_urges_with_one_after_the_first_contact_was_due_give_a_yellow_card() -> None:
    """Row 41. Decision 1.27. Step 3 of the ladder, and the street deputy hears it."""
    story = lamp_in_work()
    story.ask(cmd.Urge, request_id="q1")
    story.wait_until(AFTER_CONTACT)

    happened = story.ask(cmd.Urge, request_id="q2")

    assert types(happened) == ["case.urged", "case.supervised", "case.request_accepted"]
    card = story.only(ev.CaseSupervised)
    assert (card.grade, card.reason, card.by, card.told) == ("yellow_card", "urged", ev.By(), ("street-deputy",))
    assert told(story, happened)["street-deputy"] == ("supervised", "urgent", None)
    assert due(story, "supervision_review") == at("2026-09-20 18:00")


def test_impatient_mornings_or_an_answered_urge_buy_no_card() -> None:
    """Row 41. Decision 1.27."""
    story = lamp_in_work()
    story.ask(cmd.Urge, request_id="q1")
    assert types(story.give(SECRETARY, cmd.Urge)) == ["case.urged"]

    story = lamp_in_work()
    story.ask(cmd.Urge, request_id="q1")
    story.wait_until(AFTER_CONTACT)
    story.give(MUNICIPAL, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="解释了")
    assert types(story.ask(cmd.Urge, request_id="q2")) == ["case.urged", "case.request_accepted"]

    story = lamp_in_work()
    story.wait_until(AFTER_CONTACT)
    story.ask(cmd.Urge, request_id="q1")
    assert types(story.ask(cmd.Urge, request_id="q2")) == ["case.request_refused"]


def test_a_card_already_given_is_not_given_again() -> None:
    """Row 41. Decision 1.28."""
    story = lamp_in_work()
    story.give(DEPUTY, cmd.Supervise, grade="red_card", reason="影响大")
    story.wait_until(AFTER_CONTACT)
    story.ask(cmd.Urge, request_id="q1")

    assert types(story.give(SECRETARY, cmd.Urge)) == ["case.urged"]
    assert story.open_case.supervision == "red_card"


def test_nobody_is_urged_at_night_or_more_than_twice_a_day_unless_it_is_critical() -> None:
    """Row 41. The urge is kept; it only does not ring."""

    def urged(when: str, urgency: str = "normal") -> list[bool]:
        story = lamp_in_work(urgency)
        story.wait_until(at(when))
        return quiet(story.ask(cmd.Urge))

    assert [urged(f"2026-09-14 {time}") for time in ("21:59", "22:00")] == [[False], [True]]
    assert [urged(f"2026-09-15 {time}") for time in ("06:59", "07:00")] == [[True], [False]]
    assert urged("2026-09-14 23:00", "critical") == [False]

    story = lamp_in_work()
    marks = [quiet(story.ask(cmd.Urge)), quiet(story.give(SECRETARY, cmd.Urge)), quiet(story.give(HEAD, cmd.Urge))]
    assert marks == [[False], [False], [True]]
    assert told(story, story.history[-1:]) == {"municipal-duty": ("urged", "info", None)}


def test_a_superior_supervises_and_owner_and_head_hear_it() -> None:
    """Row 42. Decision 1.28. Without a date the review is three working days later, Thursday 18:00."""
    story = lamp_in_work()

    happened = story.give(SECRETARY, cmd.Supervise, grade="ordinary", reason="群众多次反映")

    assert types(happened) == ["case.supervised"]
    assert (story.open_case.state, owner(story), story.open_case.supervision) == (
        "in_progress", "municipal-duty", "ordinary",
    )  # fmt: skip
    assert running(story) == {"contact", "result", "supervision_review"}
    assert due(story, "supervision_review") == at("2026-09-17 18:00")
    assert due(story, "result") == at("2026-09-17 18:00")
    assert happened[0].replies == ()
    assert told(story, happened) == {
        "municipal-duty": ("supervised", "urgent", None), "municipal-head": ("supervised", "urgent", None),
    }  # fmt: skip


def test_a_review_date_may_be_named_and_one_of_the_past_reviews_nothing() -> None:
    """Row 42. Decision 1.28."""
    story = lamp_in_work()
    story.give(DEPUTY, cmd.Supervise, grade="ordinary", reason="关注", review_at=at("2026-09-15 09:00"))
    assert due(story, "supervision_review") == at("2026-09-15 09:00")

    story.give(DEPUTY, cmd.Supervise, grade="yellow_card", reason="关注", review_at=story.now)
    assert due(story, "supervision_review") == at("2026-09-17 18:00")


def test_grades_only_go_up_and_may_be_skipped() -> None:
    """Row 42. Decision 1.28."""
    story = lamp_in_work()
    assert types(story.give(HEAD, cmd.Supervise, grade="yellow_card", reason="影响大")) == ["case.supervised"]

    for grade in ("ordinary", "yellow_card"):
        assert story.refused(DEPUTY, cmd.Supervise, grade=grade, reason="再看") == "grade_not_higher"
    assert story.refused(DEPUTY, cmd.Supervise, grade="red_card", reason="再看") == "allowed"


def test_cards_are_the_streets_to_give_and_a_reason_goes_with_them() -> None:
    """Row 42. Decision 1.28."""
    for grade in ("yellow_card", "red_card"):
        assert lamp_in_work().refused(SECRETARY, cmd.Supervise, grade=grade, reason="慢") == "grade_above_you"
    assert lamp_in_work().refused(DEPUTY, cmd.Supervise, grade="red_card", reason=" ") == "reason_missing"


def test_only_a_superior_supervises_and_only_what_is_open() -> None:
    """Row 42."""
    for who in (DUTY, CENTRE, MUNICIPAL, GRID_LEAD):
        assert lamp_in_work().refused(who, cmd.Supervise, grade="ordinary", reason="慢") == "not_permitted"
    assert lamp_closed().refused(DEPUTY, cmd.Supervise, grade="ordinary", reason="慢") == "not_now"
    assert unclear().refused(DEPUTY, cmd.Supervise, grade="ordinary", reason="慢") == "allowed"


def test_supervision_stays_until_the_case_is_closed_and_no_step_lowers_it() -> None:
    """Decision 1.28. With a red card, being late adds none of the lower ones."""
    story = lamp_in_work()
    story.give(DEPUTY, cmd.Supervise, grade="red_card", reason="影响大")

    happened = story.wait(days=9)

    assert "case.supervised" not in types(happened)
    assert story.open_case.supervision == "red_card"


def test_the_timer_supervises_in_the_systems_name() -> None:
    """Decision 1.28."""
    story = lamp_in_work()
    story.wait(days=9)

    assert {each.by for each in story.all(ev.CaseSupervised)} == {ev.By()}
    assert [each.grade for each in story.all(ev.CaseSupervised)] == ["ordinary", "yellow_card", "red_card"]
