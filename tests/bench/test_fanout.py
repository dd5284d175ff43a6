"""What the bench of telling many counts, and that its news tells as many as it says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import orjson
import pytest

from bench.fanout_figures import busiest
from bench.fanout_news import EVERYBODY, STAFF, THREES, Dispatched, person, three, with_staff
from bench.fanout_robots import Came, overtaken
from bench.ground import packs_with_buildings
from bench.loop_lag import delays
from bench.phones import a_subscription
from bench.provider import Seen
from services.notify.channels.push_encryption import PLAIN_AT_MOST, encrypted
from services.notify.channels.web_push import Subscription, subscription
from services.notify.read_news import read_batch
from shaoyin.adapters.bus import Message, Received
from shaoyin.adapters.packs import load
from shaoyin.domain.pack import Pack

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = packs_with_buildings(tmp_path_factory.mktemp("town") / "packs", THREES + 1)
    with_staff(folder)
    loaded = load(folder / "wulibao")
    assert loaded.problems == ()
    assert loaded.pack is not None
    return loaded.pack


def received(message: Message) -> Received:
    return Received(message.topic, message.key, message.value, message.headers, 0, 0, NOW)


def test_one_event_tells_everybody_once_and_another_tells_three(pack: Pack) -> None:
    news = Dispatched.at(NOW)
    sent = [news.to(EVERYBODY, "c-all", "critical", NOW), *(news.to(three(n), f"c-{n}", "normal", NOW) for n in (0, 1))]

    told = list(read_batch([received(each) for each in sent], {pack.name: pack}, b"k" * 32).told.values())

    assert Counter(each.case_id for each in told) == {"c-all": STAFF, "c-0": 3, "c-1": 3}
    assert {each.person for each in told if each.case_id == "c-all"} == {person(number) for number in range(STAFF)}
    assert {(each.case_id, each.level) for each in told} == {("c-all", "critical"), ("c-0", "act"), ("c-1", "act")}
    assert not {each.person for each in told if each.case_id == "c-0"} & {
        each.person for each in told if each.case_id == "c-1"
    }


def test_a_loop_that_stood_still_was_wanted_all_the_while() -> None:
    assert delays([0.0, 0.001], every=0.005) == [0.0, 0.001]
    assert delays([0.020], every=0.005) == pytest.approx([0.020, 0.015, 0.010, 0.005])


@pytest.mark.parametrize(
    ("instants", "most"),
    [([], 0), ([5.0], 1), ([0.0, 59.9, 60.0], 2), ([0.0, 30.0, 59.99], 3), ([100.0, 0.0, 101.0], 2)],
)
def test_the_busiest_minute_is_found_wherever_it_lies(instants: list[float], most: int) -> None:
    assert busiest(instants, 60.0) == most


def test_what_came_before_the_last_critical_one_has_overtaken_it() -> None:
    critical, other = Came(0, "新派单 critical-1", 0), Came(0, "3 件事等您处理 other-1", 0)

    assert overtaken([critical, critical, other, other]) == 0
    assert overtaken([critical, other, other, critical, other]) == 2
    assert overtaken([]) == 0


def test_the_robot_takes_twenty_a_minute_and_notes_every_one() -> None:
    now = [0.0]
    seen, body = Seen(lambda: now[0]), orjson.dumps({"text": {"content": "x"}})
    for at in (*range(25), 60, 61):
        now[0] = float(at)
        seen.takes("POST", "/cgi-bin/webhook/send?key=k", body)

    codes = [code for _, _, code in seen.robot]
    assert codes == [0] * 20 + [45009] * 5 + [0, 0]
    assert orjson.loads(seen.takes("GET", "/seen", b"").partition(b"\r\n\r\n")[2])["robot"][0] == [0.0, "x", 0]
    assert seen.robot == []


def test_a_phone_is_one_that_can_be_sent_to() -> None:
    found = subscription(a_subscription("http://127.0.0.1:1/push/1"), inside=True)

    assert isinstance(found, Subscription)
    assert len(encrypted(b"x" * PLAIN_AT_MOST, found.p256dh, found.auth)) <= 4096
