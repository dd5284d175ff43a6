"""When an alert rings, by which way next, and when nobody is troubled."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.domain.recipients import Level
from shaoyin.domain.ringing import (
    ASKS_AT_MOST,
    BUNDLED_WITHIN,
    FIRST_ASK,
    LONGEST_PAUSE,
    QUIET,
    TRIES_AT_MOST,
    Leg,
    SoFar,
    Turn,
    again_at,
    ask_again_at,
    quiet_until,
    rings_at,
    steps,
    turn,
    useful_until,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=2)
LATER = NOW + timedelta(seconds=7)
PHONE, LAPTOP, CHAT, GROUP = Leg("web_push", "a"), Leg("web_push", "b"), Leg("wecom_app"), Leg("wecom_robot", "south")
ROUTE = ((PHONE, LAPTOP), (CHAT,), (GROUP,))
FAILED = SoFar("never", 1)


def local(hour: int, minute: int = 0, day: int = 30) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE)


def test_all_devices_of_the_first_channel_ring_together() -> None:
    assert turn(ROUTE, {}, NOW, UNTIL) == Turn(legs=(PHONE, LAPTOP))


def test_what_one_device_took_goes_to_no_other_channel() -> None:
    assert turn(ROUTE, {PHONE: SoFar("good", 1), LAPTOP: FAILED}, NOW, UNTIL) == Turn(ended="rung")


def test_a_device_that_failed_is_tried_again_though_another_took_it() -> None:
    so_far = {PHONE: SoFar("good", 1), LAPTOP: SoFar("later", 1, LATER)}

    assert turn(ROUTE, so_far, NOW, UNTIL) == Turn(at=LATER)
    assert turn(ROUTE, so_far, LATER, UNTIL) == Turn(legs=(LAPTOP,))


def test_the_next_channel_has_its_turn_when_every_leg_failed() -> None:
    assert turn(ROUTE, {PHONE: FAILED, LAPTOP: FAILED}, NOW, UNTIL) == Turn(legs=(CHAT,))
    assert turn(ROUTE, {PHONE: FAILED, LAPTOP: FAILED, CHAT: FAILED}, NOW, UNTIL) == Turn(legs=(GROUP,))


def test_when_nothing_is_left_it_is_dead_and_never_called_sent() -> None:
    assert turn(ROUTE, dict.fromkeys((PHONE, LAPTOP, CHAT, GROUP), FAILED), NOW, UNTIL) == Turn(ended="dead")


def test_whoever_has_no_way_outside_the_inbox_is_not_a_failure() -> None:
    assert turn((), {}, NOW, UNTIL) == Turn(ended="silent")


def test_nothing_is_tried_after_its_useful_life() -> None:
    assert turn(ROUTE, {PHONE: SoFar("later", 2, NOW)}, UNTIL, UNTIL) == Turn(ended="dead")
    assert turn(ROUTE, {PHONE: SoFar("good", 1)}, UNTIL, UNTIL) == Turn(ended="rung")
    assert useful_until(NOW, "critical") == UNTIL


def test_what_was_taken_and_has_a_receipt_is_asked_about_and_goes_to_nobody_meanwhile() -> None:
    so_far = {PHONE: FAILED, LAPTOP: FAILED, CHAT: SoFar("good", 1, ask_at=LATER)}

    waiting, due = turn(ROUTE, so_far, NOW, UNTIL), turn(ROUTE, so_far, LATER, UNTIL)

    assert (waiting, waiting.is_due) == (Turn(asks=(CHAT,), at=LATER), False)
    assert (due, due.is_due) == (Turn(asks=(CHAT,)), True)


def test_when_the_receipt_says_that_it_failed_the_next_way_has_its_turn_while_it_is_useful() -> None:
    so_far = {PHONE: FAILED, LAPTOP: FAILED, CHAT: SoFar("never", 2)}

    assert turn(ROUTE, so_far, NOW, UNTIL) == Turn(legs=(GROUP,))
    assert turn(ROUTE, so_far, UNTIL, UNTIL) == Turn(ended="dead")


def test_a_receipt_is_asked_for_after_the_useful_life_too_so_that_the_log_is_true() -> None:
    assert turn(ROUTE, {CHAT: SoFar("good", 1, ask_at=NOW)}, UNTIL, UNTIL) == Turn(asks=(CHAT,))


def test_a_message_without_a_receipt_is_taken_as_it_was() -> None:
    assert turn(ROUTE, {CHAT: SoFar("good", 1)}, NOW, UNTIL) == Turn(ended="rung")


def test_what_was_taken_stays_so_whatever_ways_the_person_has_by_now() -> None:
    """A new phone does not ring for what the chat took, and an address that was taken away leaves nothing to try."""
    taken = {CHAT: SoFar("good", 1, ask_at=LATER)}

    assert turn(ROUTE, taken, LATER, UNTIL) == Turn(asks=(CHAT,))
    assert turn(((PHONE, LAPTOP), (GROUP,)), taken, LATER, UNTIL) == Turn(ended="rung")


def test_receipts_are_asked_for_ever_more_seldom_and_for_an_hour() -> None:
    at, asked = [NOW], 0
    while (again := ask_again_at(asked, at[-1], 0.0)) is not None:
        at.append(again)
        asked += 1

    assert [(each - NOW) / timedelta(minutes=1) for each in at[1:]] == [1, 3, 7, 15, 31, 63]
    assert asked == ASKS_AT_MOST


@given(st.integers(0, ASKS_AT_MOST - 1), st.floats(0, 1, exclude_max=True))
def test_what_was_sent_together_is_not_asked_for_together(asked: int, roll: float) -> None:
    again = ask_again_at(asked, NOW, roll)

    assert again is not None
    assert FIRST_ASK * 2**asked <= again - NOW <= FIRST_ASK * 2**asked * 1.2


@pytest.mark.parametrize("level", ["act", "urgent", "critical"])
def test_a_leg_is_given_up_after_its_tries(level: Level) -> None:
    most = TRIES_AT_MOST[level == "critical"]

    assert again_at(level, most - 1, NOW, 0.5) is not None
    assert again_at(level, most, NOW, 0.5) is None


@given(st.integers(1, 3), st.floats(0, 1, exclude_max=True), st.integers(0, 3600))
def test_a_provider_is_never_asked_sooner_than_it_said(tries: int, roll: float, seconds: int) -> None:
    said = timedelta(seconds=seconds)
    again = again_at("critical", tries, NOW, roll, said)

    assert again is not None
    assert NOW + said <= again <= NOW + said + LONGEST_PAUSE[True]


def test_pauses_double_and_the_jitter_takes_any_instant_before() -> None:
    ends = [again_at("act", tries, NOW, 1.0) for tries in range(1, 6)]

    assert [each - NOW for each in ends if each] == [timedelta(seconds=each) for each in (5, 10, 20, 40, 80)]
    assert again_at("act", 5, NOW, 0.0) == NOW


@pytest.mark.parametrize(
    ("at", "end"),
    [
        (local(21, 59), None), (local(22), local(7, day=30) + timedelta(days=1)), (local(23, 30, 29), local(7)),
        (local(0), local(7)), (local(6, 59), local(7)), (local(7), None), (local(12), None),
    ],
)  # fmt: skip
def test_quiet_hours_end_in_the_morning(at: datetime, end: datetime | None) -> None:
    assert quiet_until(at, QUIET) == end


def test_quiet_hours_may_lie_within_a_day_or_be_none() -> None:
    assert quiet_until(local(13), (time(12), time(14))) == local(14)
    assert quiet_until(local(15), (time(12), time(14))) is None
    assert quiet_until(local(3), (time(0), time(0))) is None


def test_a_critical_alert_rings_at_night_and_waits_for_no_bundle() -> None:
    assert rings_at("critical", local(2, 13), QUIET, local(2, 12)) == local(2, 13)


def test_whoever_was_rung_a_moment_ago_hears_of_the_rest_after_a_minute() -> None:
    assert rings_at("act", local(9, 0), QUIET, None) == local(9, 0)
    assert rings_at("urgent", local(9, 0), QUIET, local(8, 59)) == local(8, 59) + BUNDLED_WITHIN
    assert rings_at("act", local(23, 0, 29), QUIET, local(22, 59, 29)) == local(7)


@given(st.integers(0, 60 * 24 * 365), st.times(), st.times())
def test_the_end_of_quiet_hours_is_itself_not_quiet(minutes: int, begin: time, end: time) -> None:
    at = (NOW + timedelta(minutes=minutes)).astimezone(ZONE)
    held = quiet_until(at, (begin, end))

    assert held is None or (held > at and quiet_until(held, (begin, end)) is None)


def test_a_channel_without_an_address_is_passed_over() -> None:
    ways: dict[str, list[str | None]] = {"web_push": ["a", "b"], "mail": [None], "sms_aliyun": []}

    assert list(steps(["sms_aliyun", "mail", "wecom_app", "web_push"], ways)) == [(Leg("mail"),), (PHONE, LAPTOP)]
