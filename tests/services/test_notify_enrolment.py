"""Enrolments become alerts: once each, acted on at the enrolment itself, and none lost with the broker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from shaoyin.adapters.bus import MemoryBus, Message
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import read_delivery
from shaoyin.contracts.envelope import read_replay
from shaoyin.contracts.members import write_member_news
from shaoyin.contracts.topics import DELIVERIES, MEMBERS, REPLAYS
from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.pack import Pack
from tests.domain.enrolling import LATER, MEMBER, UNIT, Enrolling
from tests.domain.town import DUTY, MORNING, SECRETARY, wulibao
from tests.services.notify_setup import PARTITIONS, Office, a_story, eventually, office, on_topic

DUTY_PERSON, SECRETARY_PERSON, PERSON, UNIT_PERSON = "p-jia-1", "p-jia-3", "p-gui-9", "p-ji-2"
WORDS = "只有本人该知道的原因"
RAISED = ("shaoyin_events_total", {"service": "notify", "what": "alerts_raised"})


@dataclass
class Router:
    """Notes what it was asked."""

    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json={"registration_id": "reg-1", "version": 3}, headers={"etag": '"3"'})


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
async def here(router: Router, mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path, router=httpx.MockTransport(router)) as found:
        yield found


def applied(number: int = 1) -> Enrolling:
    story = Enrolling(f"reg-{number}")
    story.apply()
    return story


def of_unit() -> Enrolling:
    story = Enrolling()
    story.apply(UNIT, kind="unit", who="hospital-duty")
    story.give(SECRETARY, cmd.Confirm)
    return story


def news(story: Enrolling) -> list[Message]:
    """Its history as the router writes it."""
    written = [write_member_news(seq, event, facts) for seq, (event, facts) in enumerate(story.decided, start=1)]
    return [Message(MEMBERS.name, each.key, each.value, each.headers) for each in written]


async def raised(here: Office, messages: Sequence[Message]) -> None:
    await here.bus.send(messages)
    await all_raised(here)


async def all_raised(here: Office) -> None:
    async def caught_up() -> bool:
        committed = await here.bus.committed("notify", MEMBERS.name)
        return all(committed.get(number, 0) == here.bus.log((MEMBERS.name, number)).end for number in range(PARTITIONS))

    await eventually(caught_up)


async def stored(here: Office) -> list[Document]:
    return await here.notify.deliveries.collection.find().sort("_id").to_list(None)


def counted(here: Office) -> float:
    return here.notify.metrics.registry.get_sample_value(*RAISED) or 0.0


# Who is told, and how


async def test_an_application_lies_with_the_community_and_is_confirmed_from_the_alert(
    here: Office, router: Router
) -> None:
    await raised(here, news(applied()))
    alert = await here.alert(DUTY_PERSON, "registration_to_confirm")
    headers = await here.as_person(DUTY_PERSON)

    answer = await here.http.post(f"/api/inbox/{alert['alert_id']}/act", headers=headers, json={"vetting": "basic"})

    (asked,) = router.asked
    assert (alert["case_id"], alert["registration_id"], alert["level"]) == (None, "reg-1", "act")
    assert alert["act"] == {"command": "confirm", "fields": {}}
    assert (asked.method, asked.url.path) == ("POST", "/api/registrations/reg-1/commands/confirm")
    assert asked.headers["authorization"] == headers["authorization"]
    assert json.loads(asked.content) == {"vetting": "basic"}
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
    assert (await here.alert(DUTY_PERSON, "registration_to_confirm"))["read_at"] is not None


async def test_an_alert_is_said_in_the_words_of_the_pack_and_in_the_readers_language(here: Office) -> None:
    story = Enrolling()
    story.apply(start=LATER)
    story.give(SECRETARY, cmd.Confirm)
    await raised(here, news(story))

    (chinese,) = await here.inbox(PERSON)
    (english,) = await here.inbox(PERSON, "en")

    assert chinese["title"] == "报到已确认"
    assert "自2026年9月20日 00:00起生效" in str(chinese["body"])
    assert "20 Sep 2026, 00:00" in str(english["body"])
    assert (chinese["due_at"], chinese["act"]) == ("2026-09-19T16:00:00Z", None)


async def test_an_alert_of_an_enrolment_the_pack_has_no_words_for_still_says_what_it_is_about(here: Office) -> None:
    await raised(here, news(applied()))
    await here.notify.deliveries.collection.update_many({}, {"$set": {"kind": "kind_of_tomorrow"}})

    assert [item["title"] for item in await here.inbox(DUTY_PERSON, "en")] == ["News of a registration"]


async def test_once_it_is_decided_or_taken_back_the_community_is_asked_no_more(here: Office) -> None:
    confirmed, refused, taken_back, waiting = (applied(number) for number in (1, 2, 3, 4))
    confirmed.give(SECRETARY, cmd.Confirm)
    refused.give(SECRETARY, cmd.RefuseRegistration, reason=WORDS)
    taken_back.give(MEMBER, cmd.End)
    await raised(here, [each for story in (confirmed, refused, taken_back, waiting) for each in news(story)])

    asked = [item for item in await here.inbox(DUTY_PERSON) if item["kind"] == "registration_to_confirm"]

    assert {item["registration_id"]: item["act"] is not None for item in asked} == {
        "reg-1": False, "reg-2": False, "reg-3": False, "reg-4": True,
    }  # fmt: skip


async def test_a_unit_is_told_in_the_inbox_of_whoever_holds_its_duty_post(here: Office) -> None:
    story = of_unit()
    story.give(DUTY, cmd.Pause)
    await raised(here, news(story))

    assert await here.kinds(UNIT_PERSON) == ["your_registration_active", "your_registration_paused"]


async def test_an_enrolment_and_a_case_that_share_an_id_answer_only_for_themselves(here: Office) -> None:
    await a_story(1).send(here.bus)
    await here.all_raised()
    story = applied()
    story.give(SECRETARY, cmd.Confirm)
    same_id = [(event, replace(facts, registration_id="c1")) for event, facts in story.decided]
    await raised(here, news(replace(story, registration_id="c1", decided=same_id)))

    assert (await here.alert(DUTY_PERSON, "new_case"))["act"] is not None
    assert (await here.alert(DUTY_PERSON, "registration_to_confirm"))["act"] is None


async def test_an_alert_that_only_tells_cannot_be_acted_on(here: Office, router: Router) -> None:
    story = applied()
    story.give(SECRETARY, cmd.Confirm)
    await raised(here, news(story))
    alert = await here.alert(PERSON, "your_registration_active")

    answer = await here.post(PERSON, f"/api/inbox/{alert['alert_id']}/act")

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_act_on")
    assert answer.json()["detail"] == "这条提醒只是告知，没有要办的事。"
    assert router.asked == []


async def test_reasons_and_what_was_said_at_the_door_are_in_nothing_that_is_stored(here: Office) -> None:
    story = Enrolling()
    story.apply(skills=(WORDS,), household="hh-secret")
    story.give(SECRETARY, cmd.RefuseRegistration, reason=WORDS)
    await raised(here, news(story))

    found = str(await stored(here))
    assert len(await stored(here)) == 2
    assert WORDS not in found
    assert "hh-secret" not in found


# Once each, and none lost


async def test_the_same_news_again_doubles_nothing(here: Office) -> None:
    story = applied()
    story.give(SECRETARY, cmd.Confirm)
    await raised(here, news(story))
    before = await stored(here)

    await raised(here, [*news(story), *news(story)])

    assert [each["_id"] for each in await stored(here)] == [each["_id"] for each in before]
    assert counted(here) == len(before) == 2


async def test_a_reader_killed_between_the_write_and_the_commit_doubles_nothing(here: Office) -> None:
    await here.notify.jobs.stop()
    await here.bus.send([*news(applied()), *a_story().fresh])
    async with here.bus.reader("notify", [MEMBERS.name]) as reader:
        await here.notify.raising.take(await reader.batch(500, timedelta(seconds=1)))
        before = await stored(here)
        await reader.rewind()
        await here.notify.raising.take(again := await reader.batch(500, timedelta(seconds=1)))
        await reader.commit(again)

    assert await stored(here) == before
    assert [each["registration_id"] for each in before] == ["reg-1"]


async def test_news_nobody_can_read_becomes_a_dead_letter_of_its_own_topic_and_the_rest_goes_on(here: Office) -> None:
    (whole,) = news(applied(2))
    broken = {
        "not_json": replace(whole, value=b"no json"),
        "unknown_type": with_header(whole, "ce_type", b"case.signed"),
        "wrong_field": with_facts(whole, state="perhaps"),
        "unknown_pack": with_facts(whole, community="elsewhere"),
    }

    await raised(here, [*broken.values(), *news(applied(1))])

    dead = await on_topic(here.bus, MEMBERS.dead_letters)
    assert {dict(each.headers)["reason"].decode(): each.value for each in dead} == {
        reason: each.value for reason, each in broken.items()
    }
    assert [item["registration_id"] for item in await here.inbox(DUTY_PERSON)] == ["reg-1"]


def with_header(message: Message, name: str, value: bytes) -> Message:
    return replace(message, headers=tuple((each, value if each == name else old) for each, old in message.headers))


def with_facts(message: Message, **changed: object) -> Message:
    body = json.loads(message.value)
    body["header"] |= changed
    return replace(message, value=json.dumps(body).encode())


async def test_a_replaced_broker_is_asked_once_for_cases_and_enrolments_and_nothing_is_told_twice(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    story = applied(1)
    async with office(mongo_url, mongo_name, tmp_path) as before:
        await raised(before, news(story))
        await before.notify.raising.done_before.up_to(MORNING)

    bus = MemoryBus()
    story.give(SECRETARY, cmd.Confirm)
    async with office(mongo_url, mongo_name, tmp_path, bus=bus) as after:
        await eventually(lambda: on_topic(bus, REPLAYS.name))
        asked = [read_replay(each) for each in await on_topic(bus, REPLAYS.name)]
        await raised(after, news(story))

        assert [(each.reader, each.since) for each in asked] == [("notify", MORNING - timedelta(minutes=10))]
        assert await after.kinds(PERSON) == ["your_registration_active"]
        assert (await after.alert(DUTY_PERSON, "registration_to_confirm"))["act"] is None


# The log


async def test_every_delivery_is_published_under_the_enrolment_without_a_person_in_it(here: Office) -> None:
    story = applied()
    story.give(SECRETARY, cmd.Confirm)
    await raised(here, news(story))

    async def published() -> bool:
        return not await here.notify.deliveries.collection.count_documents({"unpublished_at": {"$exists": True}})

    await eventually(published)
    said = await on_topic(here.bus, DELIVERIES.name)
    told = [read_delivery(each) for each in said]

    assert {each.key for each in said} == {b"reg-1"}
    assert sorted((each.kind, each.post, each.case_id, each.registration_id) for each in told) == [
        ("registration_to_confirm", "duty", None, "reg-1"), ("your_registration_active", None, None, "reg-1"),
    ]  # fmt: skip
    assert not [each for each in said if PERSON.encode() in each.value]


async def test_what_stayed_unpublished_is_swept_under_the_enrolment(here: Office) -> None:
    await here.notify.jobs.stop()
    await here.bus.send(news(applied()))
    batch = await on_topic(here.bus, MEMBERS.name)
    here.bus.down = True
    await here.notify.raising.take(batch)
    here.bus.down = False
    here.clock.forward(timedelta(seconds=6))

    await here.notify.raising.publisher.sweep()

    (said,) = [read_delivery(each) for each in await on_topic(here.bus, DELIVERIES.name)]
    assert (said.case_id, said.registration_id) == (None, "reg-1")


async def test_the_log_of_an_enrolment_is_the_communitys_and_his_own_and_nobody_elses(here: Office) -> None:
    story = applied()
    story.give(SECRETARY, cmd.Confirm)
    await raised(here, news(story))
    path = "/api/deliveries?registration=reg-1"

    own = (await here.get(PERSON, path)).json()["items"]
    community = (await here.get(SECRETARY_PERSON, path)).json()["items"]

    assert {(each["kind"], each["recipient"]) for each in own} == {
        ("registration_to_confirm", DUTY_PERSON), ("your_registration_active", PERSON),
    }  # fmt: skip
    assert {each["recipient"] for each in community} == {DUTY_PERSON, "member"}
    for person in ("p-bing-1", "p-yi-1", "p-gui-8"):
        assert (await here.get(person, path)).status_code == 404, person


async def test_the_log_is_asked_for_a_case_or_for_an_enrolment_and_read_from_an_index(here: Office) -> None:
    await raised(here, news(applied()))

    for query, field_ in (("", "case"), ("?case=c1&registration=reg-1", "registration")):
        answer = await here.get(DUTY_PERSON, f"/api/deliveries{query}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field_)

    where = {"registration_id": "reg-1", "stream_id": {"$gt": ""}}
    asked = {"explain": {"find": "alerts", "filter": where, "sort": {"stream_id": 1}}}
    chosen = str((await here.notify.database.command(asked))["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in chosen
    assert "'SORT'" not in chosen


async def test_a_unit_whose_duty_post_is_empty_is_recorded_and_its_head_is_told(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    story = of_unit()
    async with office(mongo_url, mongo_name, tmp_path, packs={"wulibao": emptied(wulibao(), "hospital-duty")}) as here:
        await raised(here, news(story))
        found = await stored(here)

    failed = [each for each in found if each["person"] is None]
    instead = [each for each in found if "instead_of" in each["facts"]]
    assert [(each["post"], each["deliveries"][0]["attempts"][0]["code"]) for each in failed] == [
        ("hospital-duty", "nobody_in_post")
    ]
    assert [each["kind"] for each in instead] == ["your_registration_active"]


def emptied(pack: Pack, post: str) -> Pack:
    left = replace(pack.directory.posts[post], holders=(), stand_ins=())
    return replace(pack, directory=replace(pack.directory, posts={**pack.directory.posts, post: left}))
