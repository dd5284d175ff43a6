"""Alerts ring outside the application: by the person's own ways, within his rest, and truthfully to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.notify.channels.sender import Quota, Said
from shaoyin.contracts.deliveries import read_delivery
from shaoyin.contracts.topics import DELIVERIES
from tests.services.notify_setup import eventually, on_topic
from tests.services.ringing_setup import A_MINUTE, AT_NIGHT, BY_DAY, OTHER, PERSON, Ringing, a_telling, likes, ringing

REFUSED, GONE, BAD_KEY = Said("refused", "40008"), Said("unknown_address", "40003"), Said("bad_key", "40001")
SLOW = Said("retry", "timeout")


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Ringing]:
    async with ringing(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def test_an_alert_rings_by_the_first_way_and_the_log_says_what_the_provider_said(here: Ringing) -> None:
    telling = a_telling()
    await here.raised(telling)
    await here.ended(telling.alert_id, "rung")

    ((address, message),) = here.app.sent
    assert address == "p-jia-1-id"
    assert (message.level, message.act_text, message.message_id) == ("urgent", "签收", telling.alert_id)
    links, said = here.office.notify.tapping.links, message.link.rpartition("/")[2]
    assert links.opened(said, here.office.clock.now()) == (telling.alert_id, True)
    assert message.act_link == message.link
    assert await here.tries(telling.alert_id) == [("wecom_app", "accepted", "0")]
    assert (here.mail.sent, here.robot.sent) == ([], [])


async def test_the_topic_and_the_log_over_http_say_every_try(here: Ringing) -> None:
    here.app.says.append(REFUSED)
    telling = a_telling()
    await here.raised(telling)
    await here.ended(telling.alert_id, "rung")

    said = [read_delivery(each) for each in await on_topic(here.office.bus, DELIVERIES.name)]
    assert [(each.channel, each.outcome, each.code) for each in said] == [
        ("wecom_app", "failed", "40008"), ("mail", "accepted", "0"),
    ]  # fmt: skip
    answer = await here.office.get(PERSON, f"/api/deliveries?case={telling.case_id}")
    assert [(each["channel"], each["state"]) for each in answer.json()["items"]] == [
        ("in_app", "delivered"), ("wecom_app", "failed"), ("mail", "accepted"),
    ]  # fmt: skip


async def test_what_is_only_for_knowing_rings_nobody(here: Ringing) -> None:
    quiet, loud = a_telling(level="info"), a_telling()
    await here.raised(quiet, loud)
    await here.ended(loud.alert_id, "rung")

    assert "ring" not in await here.document(quiet.alert_id)
    assert len(here.app.sent) == 1


@pytest.mark.parametrize("said", [REFUSED, GONE, BAD_KEY])
async def test_a_refusal_is_no_success_and_the_next_way_has_its_turn_at_once(here: Ringing, said: Said) -> None:
    here.app.says.append(said)
    telling = a_telling()
    await here.raised(telling)
    await here.ended(telling.alert_id, "rung")

    assert await here.tries(telling.alert_id) == [("wecom_app", "failed", said.code), ("mail", "accepted", "0")]


async def test_after_the_own_ways_the_chat_of_the_unit_and_then_the_desk_hears_that_nobody_was_reached(
    here: Ringing,
) -> None:
    for channel in (here.app, here.mail, here.robot):
        channel.says.append(REFUSED)
    telling = a_telling(OTHER)
    await here.raised(telling)
    await here.ended(telling.alert_id, "dead")

    assert [each[:2] for each in await here.tries(telling.alert_id)] == [
        ("wecom_app", "failed"), ("mail", "failed"), ("wecom_robot", "failed"),
    ]  # fmt: skip
    assert here.robot.sent[0][0] == "south-committee"
    to_the_group = here.robot.sent[0][1]
    shared = here.office.notify.tapping.links.opened(to_the_group.link.rpartition("/")[2], here.office.clock.now())
    assert (shared, to_the_group.act_link) == ((telling.alert_id, False), None)
    unreached = await here.office.alert("p-jia-1", "unreached")
    assert unreached["number"] == telling.number
    assert "40008" in str(unreached["body"])
    assert OTHER not in str(unreached), "by post, and never a name"


async def test_what_may_work_later_is_tried_again_and_given_up_after_its_tries(here: Ringing) -> None:
    here.app.says.extend([SLOW] * 9)
    telling = a_telling()
    await here.raised(telling)

    async def over() -> bool:
        here.clock.forward(A_MINUTE)
        return (await here.document(telling.alert_id)).get("rang") == "rung"

    await eventually(over, within=30)
    tries = await here.tries(telling.alert_id)
    assert tries == [
        *[("wecom_app", "retry", "timeout")] * 5,
        ("wecom_app", "failed", "timeout"),
        ("mail", "accepted", "0"),
    ]


async def test_a_provider_that_said_how_long_is_asked_no_sooner(here: Ringing) -> None:
    here.app.says.append(Said("quota", "45009", timedelta(minutes=1)))
    telling = a_telling(level="critical")
    await here.raised(telling)

    async def tried() -> bool:
        return bool(here.app.sent) and len(await here.tries(telling.alert_id)) == 1

    await eventually(tried)
    next_at = (await here.document(telling.alert_id))["deliveries"][1]["attempts"][0]["next_at"]
    assert BY_DAY + A_MINUTE <= next_at <= BY_DAY + 2 * A_MINUTE


async def test_whoever_has_read_it_or_need_not_act_any_more_is_left_alone(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with ringing(mongo_url, mongo_name, tmp_path, AT_NIGHT) as here:
        read, answered = a_telling(), a_telling()
        await here.raised(read, answered)
        await here.held(read.alert_id, "quiet_hours")
        await here.office.post(PERSON, f"/api/inbox/{read.alert_id}/read")
        await here.office.notify.deliveries.collection.update_one(
            {"_id": answered.alert_id}, {"$set": {"answered_at": AT_NIGHT}}
        )
        await here.held(answered.alert_id, "quiet_hours")

        here.clock.forward(timedelta(hours=9))

        await here.ended(read.alert_id, "read")
        await here.ended(answered.alert_id, "answered")
        assert here.app.sent == []


async def test_at_night_only_the_critical_rings_and_the_morning_brings_one_digest(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with ringing(mongo_url, mongo_name, tmp_path, AT_NIGHT) as here:
        first, second, third = (a_telling(level=level) for level in ("act", "urgent", "act"))
        await here.raised(first, second, third)
        assert await here.held(third.alert_id, "quiet_hours") == datetime.fromisoformat("2026-09-30T07:00:00+08:00")
        here.clock.forward(timedelta(hours=3, minutes=43))
        critical = a_telling(level="critical")
        await here.raised(critical)
        await here.ended(critical.alert_id, "rung")
        assert [message.message_id for _, message in here.app.sent] == [critical.alert_id]

        here.clock.forward(timedelta(hours=4, minutes=47))
        await here.ended(first.alert_id, "rung")

        _, digest = here.app.sent[1]
        assert digest.title == "3 件事等您处理"
        assert digest.body.split("\n")[0].startswith(str(second.number)), "the most urgent first"
        assert all(str(each.number) in digest.body for each in (first, second, third))
        assert len(here.app.sent) == 2


async def test_own_quiet_hours_count_for_that_person_alone(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    at_noon = datetime.fromisoformat("2026-09-30T12:30:00+08:00")
    hours = (datetime.fromisoformat("2026-09-30T12:00:00").time(), datetime.fromisoformat("2026-09-30T14:00:00").time())
    wishes = [likes(PERSON, quiet=hours), likes(OTHER)]
    async with ringing(mongo_url, mongo_name, tmp_path, at_noon, preferences=wishes) as here:
        mine, others = a_telling(), a_telling(OTHER)
        await here.raised(mine, others)

        assert await here.held(mine.alert_id, "quiet_hours") == datetime.fromisoformat("2026-09-30T14:00:00+08:00")
        await here.ended(others.alert_id, "rung")


async def test_several_alerts_within_a_minute_become_two_messages_and_not_five(here: Ringing) -> None:
    first, *more = [a_telling() for _ in range(5)]
    await here.raised(first)
    await here.ended(first.alert_id, "rung")
    here.clock.forward(timedelta(seconds=20))
    await here.raised(*more)
    assert await here.held(more[0].alert_id, "bundled") == BY_DAY + A_MINUTE

    here.clock.forward(timedelta(seconds=40))
    for each in more:
        await here.ended(each.alert_id, "rung")

    assert len(here.app.sent) == 2
    assert here.app.sent[1][1].title == "4 件事等您处理"
    for each in more:
        assert await here.tries(each.alert_id) == [("wecom_app", "accepted", "0")]


async def test_critical_alerts_come_each_alone_and_at_once(here: Ringing) -> None:
    alerts = [a_telling(level="critical") for _ in range(3)]
    await here.raised(*alerts)
    for each in alerts:
        await here.ended(each.alert_id, "rung")

    assert sorted(message.message_id for _, message in here.app.sent) == sorted(each.alert_id for each in alerts)


async def test_the_third_urge_of_a_day_lies_in_the_inbox_and_rings_nobody(here: Ringing) -> None:
    urges = [a_telling(kind="urged")._replace(case_id="c-urged") for _ in range(3)]
    for each in urges:
        here.clock.forward(timedelta(minutes=2))
        await here.raised(each)
        await here.ended(each.alert_id, "rung" if each is not urges[2] else "urged_enough")

    assert len(here.app.sent) == 2
    assert len(await here.office.inbox(PERSON)) == 3


async def test_what_exceeds_a_quota_waits_and_goes_as_one_digest_with_the_critical_ones_first(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    """People without ways of their own are rung through their unit's robot, which has room for two."""
    limits = {"wecom_robot": [Quota("robot", 2, timedelta(seconds=2))]}
    nobody = likes("p-nobody", addresses={})
    async with ringing(mongo_url, mongo_name, tmp_path, limits=limits, preferences=[nobody]) as here:
        critical = [a_telling("p-nobody", "critical") for _ in range(2)]
        others = [a_telling("p-nobody") for _ in range(4)]
        await here.raised(*others, *critical)

        async def gone() -> bool:
            """The clock goes on once all of them wait: quotas go by the store's own, so they may wait again."""
            found = [await here.document(each.alert_id) for each in others]
            waiting = [each["held"] for each in found if each.get("held")]
            if len(waiting) == len(others) and all(each["until"] > here.clock.now() for each in waiting):
                assert {each["code"] for each in waiting} <= {"own_quota", "bundled"}
                here.clock.forward(max(each["until"] for each in waiting) - here.clock.now())
            return all(each.get("rang") == "rung" for each in found)

        await eventually(gone)
        for each in critical:
            await here.ended(each.alert_id, "rung")

        assert {message.message_id for _, message in here.robot.sent[:2]} == {each.alert_id for each in critical}
        assert here.robot.titles[2:] == ["4 件事等您处理"]


async def test_two_replicas_ring_each_alert_once(
    here: Ringing, mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with ringing(mongo_url, mongo_name, tmp_path, bus=here.office.bus, clock=here.clock) as other:
        alerts = [a_telling(f"p-{number}", "critical", post=None) for number in range(120)]
        kept = [likes(each.person or "") for each in alerts]
        for each in kept:
            await here.office.notify.ringing.ring.preferences.keep(each)
        await here.raised(*alerts)
        for telling in alerts:
            await here.ended(telling.alert_id, "rung")

        sent = [message.message_id for _, message in (*here.app.sent, *other.app.sent)]
        assert sorted(sent) == sorted(each.alert_id for each in alerts)


async def test_a_critical_alert_that_is_not_read_in_time_goes_to_the_deputy_who_may_act(here: Ringing) -> None:
    critical = a_telling(level="critical")
    await here.raised(critical)
    await here.ended(critical.alert_id, "rung")
    here.clock.forward(timedelta(minutes=5))

    async def told() -> bool:
        return await here.office.kinds("p-jia-2") == ["new_case"]

    await eventually(told)
    deputys = await here.office.alert("p-jia-2", "new_case")
    assert deputys["act"] == {"command": "sign_for", "fields": {}}
    assert "没有及时查看" in str(deputys["body"])


async def test_a_critical_alert_that_was_read_is_passed_on_to_nobody(here: Ringing) -> None:
    critical = a_telling(level="critical")
    await here.raised(critical)
    await here.office.post(PERSON, f"/api/inbox/{critical.alert_id}/read")
    here.clock.forward(timedelta(minutes=6))

    assert await here.office.notify.ringing.pass_on.pass_unread_on() == 0
    assert await here.office.inbox("p-jia-2") == []


async def test_while_somebody_is_away_his_stand_in_is_told(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    away = likes(PERSON, away_until=BY_DAY + timedelta(days=2), stand_in="p-jia-2")
    async with ringing(mongo_url, mongo_name, tmp_path, preferences=[away, likes("p-jia-2")]) as here:
        telling = a_telling()
        await here.raised(telling)
        await here.ended(telling.alert_id, "away")

        async def rung() -> bool:
            return [address for address, _ in here.app.sent] == ["p-jia-2-id"]

        await eventually(rung)
        assert "由您代理" in str((await here.office.alert("p-jia-2", "new_case"))["body"])


async def test_who_was_not_rung_for_want_of_room_is_rung_as_soon_as_there_is_some(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    limits = {"wecom_app": [Quota("app", 1, timedelta(seconds=2))]}
    async with ringing(mongo_url, mongo_name, tmp_path, limits=limits) as here:
        first, second = a_telling(PERSON), a_telling(OTHER)
        await here.raised(first)
        await here.ended(first.alert_id, "rung")
        await here.raised(second)
        until = await here.held(second.alert_id, "own_quota")
        assert until < here.clock.now() + A_MINUTE

        async def forgotten() -> bool:
            rung = await here.office.notify.database["rung"].find_one({"_id": OTHER})
            return rung is not None and rung["rung_at"].year == 1970

        await eventually(forgotten)


async def test_a_critical_alert_does_not_wait_an_hour_for_room(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    limits = {"wecom_app": [Quota("app", 1, timedelta(hours=1))]}
    async with ringing(mongo_url, mongo_name, tmp_path, limits=limits) as here:
        first, second = (a_telling(level="critical") for _ in range(2))
        await here.raised(first)
        await here.ended(first.alert_id, "rung")
        await here.raised(second)
        await here.ended(second.alert_id, "rung")

        assert await here.tries(second.alert_id) == [("wecom_app", "failed", "own_quota"), ("mail", "accepted", "0")]


async def test_what_was_begun_is_finished_before_notify_stops(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    async with ringing(mongo_url, mongo_name, tmp_path) as here:
        here.app.takes = 0.5
        telling = a_telling(level="critical")
        await here.raised(telling)
        await eventually(here.app.begun.wait)
        alerts, alert_id = here.office.notify.deliveries.collection, telling.alert_id
        await here.office.notify.jobs.stop()

        found = await alerts.find_one({"_id": alert_id})
        assert found is not None
        assert found["deliveries"][1]["state"] == "accepted"
