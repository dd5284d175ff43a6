"""Who is told of an enrolment: whoever decides, the one it belongs to, and what one side did the other side hears."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from shaoyin.domain import registration_commands as cmd
from shaoyin.domain import registration_events as ev
from shaoyin.domain.alert import KINDS
from shaoyin.domain.alert_enrolment import alerts_for_enrolment
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert, Offer
from shaoyin.domain.registration import EnrolmentSeen
from shaoyin.domain.shifts import Shift
from tests.domain.enrolling import LATER, MEMBER, SYSTEM, UNIT, Enrolling, active, applied, unit
from tests.domain.town import DUTY, MORNING, SECRETARY, at, wulibao

WORDS = "只有本人该知道的原因"
SPEC = Path(__file__).resolve().parent.parent / "spec" / "registration_flow.csv"


def told(alerts: Sequence[Alert]) -> list[tuple[str, str]]:
    return [(alert.kind, alert.post or f"{alert.person}") for alert in alerts]


def held_by(changed: Mapping[str, tuple[str, ...]]) -> Pack:
    """Wulibao with other people in some posts, and nobody to stand in."""
    pack = wulibao()
    posts: dict[str, Post] = dict(pack.directory.posts)
    for name, holders in changed.items():
        posts[name] = replace(posts[name], holders=holders, stand_ins=())
    return replace(pack, directory=replace(pack.directory, posts=posts))


# An application


def test_an_application_asks_the_community_duty_post_to_confirm() -> None:
    (asked,) = Enrolling().apply()

    assert (asked.kind, asked.post, asked.person, asked.level) == ("registration_to_confirm", "duty", None, "act")
    assert asked.offer == Offer("confirm")


def test_a_unit_or_somebody_on_its_behalf_asks_just_the_same() -> None:
    for giver in (UNIT, DUTY):
        alerts = Enrolling().apply(giver, kind="unit", who="hospital-duty", on_behalf=giver == DUTY)

        assert told(alerts) == [("registration_to_confirm", "duty")], giver


def test_where_the_applicant_alone_is_on_duty_another_of_the_community_is_asked() -> None:
    alerts = Enrolling().apply(("p-jia-1", None))

    assert told(alerts) == [("registration_to_confirm", "deputy")]
    assert alerts[0].offer == Offer("confirm")


def test_a_colleague_on_duty_confirms_what_the_applicant_may_not() -> None:
    pack = held_by({"duty": ("p-jia-1", "p-jia-2")})

    assert told(Enrolling(pack=pack).apply(("p-jia-1", None))) == [("registration_to_confirm", "duty")]


def test_by_the_roster_too_nobody_is_asked_to_confirm_his_own() -> None:
    pack = held_by({"duty": ("p-jia-1", "p-jia-2")})
    shifts = (Shift(("p-jia-1",), time(8), time(20)), Shift(("p-jia-2",), time(20), time(8)))
    duty = replace(pack.directory.posts["duty"], shifts=shifts)
    pack = replace(pack, directory=replace(pack.directory, posts={**pack.directory.posts, "duty": duty}))

    assert told(Enrolling(pack=pack).apply(("p-jia-1", None))) == [("registration_to_confirm", "deputy")]
    assert told(Enrolling(pack=pack).apply(("p-jia-2", None))) == [("registration_to_confirm", "duty")]


def test_where_nobody_else_of_the_community_is_there_the_desk_is_told_but_offered_nothing() -> None:
    pack = held_by({"deputy": (), "secretary": ()})

    (told_only,) = Enrolling(pack=pack).apply(("p-jia-1", None))

    assert (told_only.post, told_only.offer) == ("duty", None)


def test_an_area_that_the_pack_no_longer_has_is_answered_for_by_the_whole() -> None:
    story = applied()
    event, facts = story.decided[0]

    assert told(alerts_for_enrolment(event, replace(facts, area="gone"), wulibao())) == [
        ("registration_to_confirm", "duty")
    ]


# What the community decides


def test_a_confirmation_that_holds_at_once_is_one_welcome() -> None:
    assert told(applied().give(SECRETARY, cmd.Confirm)) == [("your_registration_active", "p-gui-9")]


def test_with_a_later_start_one_hears_first_that_it_is_confirmed_and_then_that_it_holds() -> None:
    story = applied(start=LATER)

    confirmed = story.give(SECRETARY, cmd.Confirm)
    story.now = at("2026-09-20 00:00")
    begun = story.give(SYSTEM, cmd.TimePassed)

    assert told(confirmed) == [("your_registration_confirmed", "p-gui-9")]
    assert told(begun) == [("your_registration_active", "p-gui-9")]


def test_who_pauses_on_the_first_day_is_not_welcomed_to_what_he_paused() -> None:
    story = applied(start=LATER)
    story.give(SECRETARY, cmd.Confirm)
    story.now = at("2026-09-20 08:00")

    assert told(story.give(MEMBER, cmd.Pause)) == [("registration_paused", "duty")]


def test_a_refusal_is_told_to_the_one_who_applied_without_its_reason() -> None:
    (alert,) = applied().give(SECRETARY, cmd.RefuseRegistration, reason=WORDS)

    assert told([alert]) == [("your_registration_refused", "p-gui-9")]
    assert WORDS not in str(alert)


def test_a_unit_hears_by_its_duty_post() -> None:
    story = applied(UNIT, kind="unit", who="hospital-duty")

    (alert,) = story.give(SECRETARY, cmd.Confirm)

    assert (alert.post, alert.person, alert.level) == ("hospital-duty", None, "info")


# What either side may do


@pytest.mark.parametrize(
    ("before", "command", "kind"),
    [
        ((), cmd.Pause, "registration_paused"),
        ((cmd.Pause,), cmd.ResumeRegistration, "registration_resumed"),
        ((), cmd.End, "registration_ended"),
    ],
)
def test_what_one_side_does_the_other_side_hears(
    before: Sequence[type[cmd.RegistrationCommand]], command: type[cmd.RegistrationCommand], kind: str
) -> None:
    def by(who: tuple[str | None, str | None], make: Callable[[], Enrolling]) -> list[tuple[str, str]]:
        story = make()
        for earlier in before:
            story.give(SECRETARY, earlier)
        said = {} if command is cmd.ResumeRegistration else {"reason": WORDS}
        alerts = story.give(who, command, **said)
        assert {(alert.level, alert.offer) for alert in alerts} == {("info", None)}
        assert WORDS not in str(alerts)
        return told(alerts)

    assert by(MEMBER, active) == [(kind, "duty")]
    assert by(SECRETARY, active) == [(f"your_{kind}", "p-gui-9")]
    assert by(UNIT, unit) == [(kind, "duty")]
    assert by(DUTY, unit) == [(f"your_{kind}", "hospital-duty")]


def test_a_secretary_who_pauses_his_own_in_office_is_a_member_all_the_same() -> None:
    story = applied(("p-jia-3", None))
    story.give(DUTY, cmd.Confirm)

    assert told(story.give(SECRETARY, cmd.Pause)) == [("registration_paused", "duty")]


def test_an_application_that_is_taken_back_is_told_to_the_community() -> None:
    assert told(applied().give(MEMBER, cmd.End)) == [("registration_ended", "duty")]


# What was taken over from earlier records


def taken_over(*events: ev.RegistrationEvent, state: ev.RegistrationState) -> list[tuple[str, str]]:
    """All of it by the system, in one decision."""
    began = ev.RegistrationApplied(
        at=MORNING, registration_id="reg-9", community="wulibao", kind="member", who="p-gui-9", area="wulibao-south",
        on_behalf=True,
    )  # fmt: skip
    facts = EnrolmentSeen("reg-9", 1 + len(events), "wulibao", "member", "p-gui-9", "wulibao-south", state, None)
    return told([alert for event in (began, *events) for alert in alerts_for_enrolment(event, facts, wulibao())])


def test_who_was_enrolled_before_learns_it_and_nobody_is_asked_to_confirm_it() -> None:
    confirmed, begun = ev.RegistrationConfirmed(at=MORNING), ev.RegistrationActivated(at=MORNING)

    assert taken_over(confirmed, begun, state="active") == [("your_registration_active", "p-gui-9")]
    assert taken_over(state="applied") == [("registration_to_confirm", "duty")]


def test_what_ended_or_was_paused_long_ago_is_no_news() -> None:
    confirmed, begun = ev.RegistrationConfirmed(at=MORNING), ev.RegistrationActivated(at=MORNING)

    assert taken_over(confirmed, begun, ev.RegistrationPaused(at=MORNING), state="paused") == []
    assert taken_over(confirmed, begun, ev.RegistrationEnded(at=MORNING), state="ended") == []


# Words and the table


def every_alert() -> list[Alert]:
    alerts: list[Alert] = []
    for community in (DUTY, SECRETARY):
        story = Enrolling()
        alerts += story.apply(start=LATER)
        alerts += story.give(community, cmd.Confirm)
        story.now = at("2026-09-20 08:00")
        alerts += story.give(SYSTEM, cmd.TimePassed)
        for who in (MEMBER, community):
            alerts += story.give(who, cmd.Pause, reason=WORDS)
            alerts += story.give(who, cmd.ResumeRegistration)
        alerts += story.give(community, cmd.End, reason=WORDS)
    alerts += active().give(MEMBER, cmd.End)
    return alerts + applied().give(SECRETARY, cmd.RefuseRegistration, reason=WORDS)


def test_every_kind_of_alert_of_an_enrolment_is_raised_by_something() -> None:
    assert {alert.kind for alert in every_alert()} == {kind for kind in KINDS if "registration" in kind}


def test_what_the_community_is_told_does_not_say_who_it_is() -> None:
    of_community = [alert for alert in every_alert() if alert.post is not None]

    assert of_community
    assert "p-gui-9" not in str(of_community)


def test_who_is_refused_or_ended_is_told_where_to_ask() -> None:
    for kind in ("refused", "paused", "ended"):
        words = wulibao().texts[f"alert.your_registration_{kind}.body"]
        assert "社区值班人员" in words["zh-CN"]
        assert "duty desk" in words["en"]


Told = Callable[[], Sequence[Alert]]


def _resumed() -> list[Alert]:
    story = active()
    story.give(MEMBER, cmd.Pause)
    return story.give(MEMBER, cmd.ResumeRegistration)


def _begun() -> list[Alert]:
    story = applied(start=LATER)
    story.give(SECRETARY, cmd.Confirm)
    story.now = at("2026-09-20 00:00")
    return story.give(SYSTEM, cmd.TimePassed)


BY_ROW: Sequence[tuple[str, Told]] = (
    ("a33", lambda: Enrolling().apply()),
    ("a34", lambda: applied().give(SECRETARY, cmd.Confirm)),
    ("a34", lambda: applied(start=LATER).give(SECRETARY, cmd.Confirm)),
    ("a35", _begun),
    ("a36", lambda: applied().give(SECRETARY, cmd.RefuseRegistration, reason=WORDS)),
    ("a37", lambda: active().give(MEMBER, cmd.Pause)),
    ("a38", _resumed),
    ("a39", lambda: active().give(MEMBER, cmd.End)),
)
"""A member does what either side may do, so the other side is the community."""
MEANS = {"community_duty": "duty", "member or unit": "p-gui-9", "the other side": "duty"}


def test_every_row_tells_whom_the_specification_names_and_nobody_twice() -> None:
    """Those who called a member that leaves hear it from their own case."""
    lines = list(csv.DictReader(SPEC.read_text("utf-8").splitlines()))

    assert [line["row"] for line in lines] == [row for row, _ in BY_ROW]
    for line, (_, alerts) in zip(lines, BY_ROW, strict=True):
        named = line["alerts"].removesuffix("; blowers concerned")
        assert [name for _, name in told(alerts())] == [MEANS[named]], line["row"]
