"""Events become alerts: each person who must act is told once, whatever is repeated, killed or unreadable."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.notify.who_is_told import tellings
from shaoyin.adapters.bus import MemoryBus, Message, Placed, Received
from shaoyin.adapters.bus_terms import LARGEST
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import read_delivery
from shaoyin.contracts.envelope import read_news, read_replay
from shaoyin.contracts.topics import CASES, DELIVERIES, REPLAYS
from shaoyin.domain import commands as cmd
from shaoyin.domain.pack import Pack
from tests.domain.town import DUTY, MORNING, SECRETARY, a_blocked_drain, members, wulibao
from tests.services.notify_setup import Office, Sending, a_story, eventually, office, on_topic

OF_A_REPORT = 6
"""The duty post and the grid lead of the dispatch; secretary and deputy of each of the two whistles."""
RAISED = ("shaoyin_events_total", {"service": "notify", "what": "alerts_raised"})


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def stored(found: Office) -> list[Document]:
    return await found.notify.deliveries.collection.find().sort("_id").to_list(None)


async def test_a_dispatched_case_lies_in_the_inboxes_of_those_who_must_act(here: Office) -> None:
    await a_story().send(here.bus)
    await here.all_raised()

    case = await here.alert("p-jia-1", "new_case")
    assert (case["case_id"], case["number"], case["level"]) == ("c1", "N1", "urgent")
    assert case["act"] == {"command": "sign_for", "fields": {}}
    assert await here.kinds("p-jia-3") == ["whistle_approval", "whistle_approval"]
    assert await here.inbox("p-jia-2") == [], "a stand-in is told when nobody holds the post"


async def test_the_same_messages_again_double_nothing(here: Office) -> None:
    sent = await a_story().send(here.bus)
    await here.all_raised()
    before = await stored(here)

    await here.bus.send([*sent, *sent])
    await here.all_raised()

    assert [each["_id"] for each in await stored(here)] == [each["_id"] for each in before]
    assert raised(here) == len(before)


async def test_a_reader_killed_between_the_write_and_the_commit_doubles_nothing(here: Office) -> None:
    await here.notify.jobs.stop()
    await a_story().send(here.bus)
    async with here.bus.reader("notify", [CASES.name]) as reader:
        await here.notify.raising.take(await reader.batch(500, timedelta(seconds=1)))
        before = await stored(here)
        await reader.rewind()
        again = await reader.batch(500, timedelta(seconds=1))
        await here.notify.raising.take(again)
        await reader.commit(again)

    assert await stored(here) == before
    assert before


async def test_messages_nobody_can_read_become_dead_letters_and_the_batch_goes_on(here: Office) -> None:
    good = a_story(2).fresh
    whole = next(each for each in a_story(1).fresh if b"whistle.requested" in dict(each.headers).values())
    broken = {
        "not_json": replace(whole, value=b"no json"),
        "not_an_object": replace(whole, value=b"[]"),
        "header_missing": replace(whole, headers=()),
        "unknown_type": with_header(whole, "ce_type", b"case.unheard_of"),
        "wrong_field": with_value(whole, urgency="soon"),
        "unknown_pack": with_value(whole, pack="elsewhere"),
        "does_not_fit": with_value(whole, whistles=[]),
    }

    await here.bus.send([*broken.values(), *good])
    await here.all_raised()

    dead = await on_topic(here.bus, CASES.dead_letters)
    assert {dict(each.headers)["reason"].decode(): each.value for each in dead} == {
        reason: each.value for reason, each in broken.items()
    }
    assert {dict(each.headers)["reader"] for each in dead} == {b"notify"}
    assert (await here.alert("p-jia-1", "new_case"))["case_id"] == "c2"


async def test_a_message_too_large_to_carry_its_reason_still_gets_away(here: Office) -> None:
    good = a_story().fresh[0]
    room = LARGEST - replace(good, value=b"").size
    await here.bus.send([replace(good, value=b"x" * room)])
    await here.all_raised()

    (dead,) = await on_topic(here.bus, CASES.dead_letters)

    assert (dead.key, dead.value, dict(dead.headers)["reason"]) == (b"c1", b"", b"not_json")


def with_header(message: Message, name: str, value: bytes) -> Message:
    return replace(message, headers=tuple((each, value if each == name else old) for each, old in message.headers))


def with_value(message: Message, **changed: object) -> Message:
    body = json.loads(message.value)
    body["header"] |= changed
    return replace(message, value=json.dumps(body).encode())


async def test_a_newer_version_of_the_pack_is_no_obstacle(here: Office) -> None:
    await here.bus.send([with_value(each, pack_version="older", area="gone-1") for each in a_story().fresh])
    await here.all_raised()

    assert (await here.alert("p-jia-1", "new_case"))["case_id"] == "c1"


async def test_two_replicas_share_the_work_and_nobody_is_told_twice(
    here: Office, mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with office(mongo_url, mongo_name, tmp_path, bus=here.bus, clock=here.clock) as other:
        numbers = itertools.count(1)

        async def both_have_worked() -> bool:
            await a_story(next(numbers)).send(here.bus)
            return all(raised(each) for each in (here, other))

        await eventually(both_have_worked)
        await here.all_raised()
        sent = next(numbers) - 1

        assert len(await other.inbox("p-jia-1")) == sent
        assert raised(here) + raised(other) == sent * OF_A_REPORT


def raised(found: Office) -> float:
    return found.notify.metrics.registry.get_sample_value(*RAISED) or 0.0


def emptied(pack: Pack, *posts: str) -> Pack:
    """The same community after people left."""
    left = {name: replace(pack.directory.posts[name], holders=(), stand_ins=()) for name in posts}
    return replace(pack, directory=replace(pack.directory, posts={**pack.directory.posts, **left}))


async def test_a_post_with_nobody_in_it_is_recorded_and_its_head_is_told(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    packs = {"wulibao": emptied(wulibao(), "duty")}
    async with office(mongo_url, mongo_name, tmp_path, packs=packs) as here:
        await a_story().send(here.bus)
        await here.all_raised()

        instead = await here.alert("p-jia-3", "new_case")
        assert instead["act"] is None, "the command stays with the post it belongs to"
        assert "社区值班岗" in str(instead["body"])
        log = (await here.get("p-jia-3", "/api/deliveries?case=c1")).json()["items"]

    failed = [each for each in log if each["state"] == "failed"]
    assert [(each["post"], each["recipient"], each["kind"]) for each in failed] == [("duty", None, "new_case")]
    assert failed[0]["attempts"][0]["code"] == "nobody_in_post"


async def test_where_the_head_is_gone_too_the_next_one_up_is_told(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    packs = {"wulibao": emptied(wulibao(), "duty", "secretary")}
    async with office(mongo_url, mongo_name, tmp_path, packs=packs) as here:
        await a_story().send(here.bus)
        await here.all_raised()

        assert await here.kinds("p-bing-4") == ["new_case", "whistle_approval", "whistle_approval"]


async def test_a_post_that_is_no_longer_in_the_pack_is_recorded_and_triage_is_told(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    pack = wulibao()
    posts = {name: post for name, post in pack.directory.posts.items() if name != "secretary"}
    packs = {"wulibao": replace(pack, directory=replace(pack.directory, posts=posts))}
    async with office(mongo_url, mongo_name, tmp_path, packs=packs) as here:
        await a_story().send(here.bus)
        await here.all_raised()

        assert await here.kinds("p-jia-1") == ["new_case", "whistle_approval", "whistle_approval"]
        found = await stored(here)

    assert {each["deliveries"][0]["attempts"][0]["code"] for each in found if each["person"] is None} == {
        "no_such_post"
    }


async def test_the_first_of_several_to_sign_frees_the_others(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    pack = wulibao()
    duty = replace(pack.directory.posts["duty"], holders=("p-jia-1", "p-jia-2"))
    posts = {**pack.directory.posts, "duty": duty}
    packs = {"wulibao": replace(pack, directory=replace(pack.directory, posts=posts))}
    async with office(mongo_url, mongo_name, tmp_path, packs=packs) as here:
        story = a_story()
        await story.send(here.bus)
        await here.all_raised()
        assert (await here.alert("p-jia-2", "new_case"))["act"] is not None

        story.give(DUTY, cmd.SignFor)
        await story.send(here.bus)
        await here.all_raised()

        freed = await here.alert("p-jia-2", "new_case")
        assert freed["act"] is None
        assert freed["answered_at"] == "2026-09-14T01:30:00Z"
        assert (await here.get("p-jia-2", "/api/inbox")).json()["unread"] == 0


async def test_one_who_answers_a_whistle_frees_nobody_else(here: Office) -> None:
    story = a_story()
    for name in ("c1-w1", "c1-w2"):
        story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=name, starts_at=MORNING + timedelta(hours=5))
    first, second = members(story.pack)[:2]
    story.give((first, None), cmd.Acknowledge, whistle_id="c1-w2")
    await story.send(here.bus)
    await here.all_raised()

    assert (await here.alert(first, "member_called"))["act"] is None
    assert (await here.alert(second, "member_called"))["act"] == {
        "command": "acknowledge", "fields": {"whistle_id": "c1-w2"},
    }  # fmt: skip
    assert {item["act"] for item in await here.inbox("p-jia-3")} == {None}, "what was approved asks nobody any more"


async def test_every_delivery_is_published_without_a_person_in_it(here: Office) -> None:
    story = a_story()
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="c1-w2", starts_at=MORNING + timedelta(hours=5))
    await story.send(here.bus)
    await here.all_raised()

    await eventually(lambda: nothing_unpublished(here))

    said = await on_topic(here.bus, DELIVERIES.name)
    found = await stored(here)
    told = [read_delivery(each) for each in said]
    assert {each.alert_id for each in told} == {each["_id"] for each in found}
    assert {(each.case_id, each.channel, each.outcome, each.code) for each in told} == {
        ("c1", "in_app", "delivered", "in_inbox")
    }
    assert {each.post for each in told if each.kind == "member_called"} == {None}
    assert not [each for each in said if b"p-jia" in each.value or b"p-gui" in each.value]


async def nothing_unpublished(found: Office) -> bool:
    return not await found.notify.deliveries.collection.count_documents({"unpublished_at": {"$exists": True}})


async def test_what_the_broker_does_not_take_is_told_all_the_same_and_swept(here: Office) -> None:
    await here.notify.jobs.stop()
    await a_story().send(here.bus)
    batch = await whole(here.bus)
    here.bus.down = True

    await here.notify.raising.take(batch)

    assert await here.kinds("p-jia-1") == ["new_case"]
    here.bus.down = False
    assert not await on_topic(here.bus, DELIVERIES.name)
    assert await here.notify.raising.publisher.sweep() == 0, "it may be said again with its batch"
    here.clock.forward(timedelta(seconds=6))
    assert await here.notify.raising.publisher.sweep() == OF_A_REPORT
    assert len(await on_topic(here.bus, DELIVERIES.name)) == len(await stored(here)) == OF_A_REPORT
    assert await nothing_unpublished(here)


async def test_what_was_cut_off_before_it_was_published_is_published_with_its_batch(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await here.notify.jobs.stop()
    await a_story().send(here.bus)
    batch = await whole(here.bus)

    async def killed(_messages: Sequence[Message]) -> Sequence[Placed]:
        raise asyncio.CancelledError

    with monkeypatch.context() as before:
        before.setattr(here.bus, "send", killed)
        with pytest.raises(asyncio.CancelledError):
            await here.notify.raising.take(batch)
    assert len(await stored(here)) == OF_A_REPORT
    await here.notify.raising.take(batch)

    told = {read_delivery(each).alert_id for each in await on_topic(here.bus, DELIVERIES.name)}
    assert told == {each["_id"] for each in await stored(here)}


async def test_while_the_broker_is_away_inboxes_are_read_and_nothing_is_lost(here: Office) -> None:
    await a_story().send(here.bus)
    here.bus.down = True
    await asyncio.sleep(0.3)
    assert (await here.get("p-jia-1", "/api/inbox")).status_code == 200

    here.bus.down = False

    await here.all_raised()

    assert await here.kinds("p-jia-1") == ["new_case"]


async def test_a_replaced_broker_is_read_from_its_start_and_asked_for_what_was_missed(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with office(mongo_url, mongo_name, tmp_path) as before:
        sent = await a_story(1).send(before.bus)
        await before.all_raised()
        await before.notify.raising.done_before.up_to(MORNING)

    bus = MemoryBus()
    async with office(mongo_url, mongo_name, tmp_path, bus=bus) as after:
        await eventually(lambda: on_topic(bus, REPLAYS.name))
        (asked,) = [read_replay(each) for each in await on_topic(bus, REPLAYS.name)]
        await bus.send([*sent, *a_story(2).fresh])
        await after.all_raised()

        assert (asked.reader, asked.since) == ("notify", MORNING - timedelta(minutes=10))
        assert {item["case_id"] for item in await after.inbox("p-jia-1")} == {"c1", "c2"}


async def test_a_broker_wiped_under_a_running_reader_is_noticed(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.done_before.ASK_EVERY", 0.05)
    here.notify.raising.done_before._ask_at = 0.0
    await a_story(1).send(here.bus)
    await here.all_raised()

    here.bus.wiped()

    await eventually(lambda: on_topic(here.bus, REPLAYS.name))


async def test_a_batch_costs_one_write_however_many_it_tells(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await here.notify.jobs.stop()
    writes: list[int] = []
    keep = here.notify.deliveries._insert

    async def counted(documents: Sequence[Document]) -> set[str]:
        writes.append(len(documents))
        return await keep(documents)

    monkeypatch.setattr(here.notify.deliveries, "_insert", counted)
    for number in range(1, 31):
        await a_story(number).send(here.bus)
    await here.notify.raising.take(await whole(here.bus))

    assert writes == [30 * OF_A_REPORT, 0]


async def whole(bus: MemoryBus) -> Sequence[Received]:
    return await on_topic(bus, CASES.name)


async def test_nothing_that_was_reported_is_in_what_is_stored(here: Office) -> None:
    story = Sending()
    story.report(replace(a_blocked_drain(), description="井盖旁边的秘密", reporter_ref="reporter-secret"))
    await story.send(here.bus)
    await here.all_raised()

    found = str(await stored(here))
    assert "秘密" not in found
    assert "reporter-secret" not in found


def test_the_ids_of_alerts_do_not_say_who_is_behind_them() -> None:
    news = [read_news(as_received(each)) for each in a_story().fresh]
    one, other = ([each.alert_id for one in news for each in tellings(one, wulibao(), key)] for key in (b"1", b"2"))

    assert len(one) == len(set(one)) == OF_A_REPORT
    assert not set(one) & set(other)


def test_the_grid_s_lead_is_told_of_a_key_person_without_the_category() -> None:
    """Rule 72: it goes to no channel and into no text."""
    story = Sending()
    story.report(replace(a_blocked_drain(), category="CAR.key_person", description="有件事"))
    who = ("p-bing-1", "centre")
    story.give(who, cmd.Accept, category="CAR.key_person", area="courtyard-51-b1", urgency="elevated", number="N1")
    story.give(who, cmd.Dispatch)
    news = [read_news(as_received(each)) for each in story.fresh]
    told = [each for one in news for each in tellings(one, wulibao(), b"1") if each.post == "grid-1-lead"]

    assert [(each.kind, each.category, each.facts) for each in told] == [("unlabelled", None, {})]


def as_received(message: Message) -> Received:
    return Received(message.topic, message.key, message.value, message.headers, 0, 0, MORNING)
