"""Whatever is cut between sending a message and writing it down: nobody is left untold, and doubled only where cut."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.notify.channels.sender import Said
from services.notify.residents.answers import CLAIMED_FOR, Answers
from services.notify.residents.to_tell import ToTell
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.mongo import Database, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.domain.answer import Answer
from tests.domain.town import MORNING
from tests.services.notify_setup import office
from tests.services.residents_setup import PHONE, Provider, Rememberer, Street, a_street

MANY, KILLED_AT = 300, (1, 17, 40, 5, 90)


@pytest.fixture
async def database(mongo_url: str, mongo_name: str) -> AsyncIterator[Database]:
    client = connect(Settings(mongo_url=mongo_url))
    yield client[mongo_name]
    await close(client)


def to_tell(number: int) -> ToTell:
    answer = Answer("accepted", f"r{number}", f"reporter-{number}", f"N{number}")
    return ToTell(f"w{number}", f"c{number}:2", 2, MORNING, f"c{number}", "wulibao", None, None, answer)


async def run(mongo_url: str, name: str, file: Path, kill_at: int) -> int:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services.residents_killed", mongo_url, name, str(file), str(kill_at)
    )
    return await child.wait()


async def test_after_any_kill_each_message_has_gone_and_only_those_that_were_under_way_twice(
    mongo_url: str, mongo_name: str, database: Database, tmp_path: Path
) -> None:
    file, answers = tmp_path / "sent", Answers(database, FakeClock(MORNING))
    await answers.prepare()
    assert await answers.keep([to_tell(number) for number in range(MANY)], MORNING) == MANY

    for kill_at in KILLED_AT:
        assert await run(mongo_url, mongo_name, file, kill_at) == -signal.SIGKILL
        # the claims of the killed run out, as they do by the clock
        await answers.collection.update_many({}, {"$set": {"claimed_until": None}})
    assert await run(mongo_url, mongo_name, file, 0) == 0

    sent = Counter(file.read_text("utf-8").split())
    kept = {each["_id"]: each for each in await answers.collection.find().to_list()}
    assert sent.keys() == kept.keys(), "none is lost"
    assert {each["state"] for each in kept.values()} == {"told"}
    cut = {
        name: sum(each["code"] == "cut" for each in found["deliveries"][0]["attempts"]) for name, found in kept.items()
    }
    assert all(times <= 1 + cut[name] for name, times in sent.items()), "doubled only where cut"
    assert 0 < sum(times - 1 for times in sent.values()) <= 16 * len(KILLED_AT)


async def test_what_is_claimed_is_left_alone_until_the_claim_has_run_out(database: Database) -> None:
    real = FakeClock(MORNING)
    first, second = Answers(database, real), Answers(database, real)
    await first.prepare()
    await first.keep([to_tell(number) for number in range(30)], MORNING)

    mine, others = await asyncio.gather(first.claim(MORNING, 16, "first"), second.claim(MORNING, 16, "second"))

    taken = [*mine, *others]
    assert len({each["_id"] for each in taken}) == len(taken) == 16
    assert await first.claim(MORNING, 30, "third") != []
    assert await second.claim(MORNING, 30, "fourth") == []
    real.forward(CLAIMED_FOR + timedelta(seconds=1))
    assert len(await second.claim(MORNING, 40, "fifth")) == 30
    assert not await first.write(taken[0], {"held": "too late to say so"}), "it is the other's now"
    assert not first.is_fresh(taken[0])


@pytest.fixture
async def street(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Street]:
    async with a_street(mongo_url, mongo_name, tmp_path, monkeypatch, Rememberer("sms_aliyun")) as found:
        yield found


def provider(street: Street) -> Rememberer:
    found = street.providers["sms_aliyun"]
    assert isinstance(found, Rememberer)
    return found


async def told_after_a_timeout(street: Street) -> list[str]:
    provider(street).says = [Said("retry", "timeout")]
    _, story = await street.reported({"phone": PHONE})
    await street.news(story)
    await street.later(timedelta(hours=1))
    [sms] = (await street.answer("accepted"))["deliveries"]
    return [each["code"] for each in sms["attempts"]]


async def test_a_provider_that_remembers_the_message_is_asked_before_it_goes_again(street: Street) -> None:
    provider(street).remembers = lambda _: Said("delivered", "DELIVERED")

    assert await told_after_a_timeout(street) == ["timeout", "DELIVERED"]
    assert len(provider(street).sent) == 1
    assert provider(street).asked == [provider(street).sent[0][0].message_id]


async def test_one_that_knows_of_no_such_message_is_sent_it(street: Street) -> None:
    assert await told_after_a_timeout(street) == ["timeout", "0"]
    assert len(provider(street).sent) == 2


async def test_one_that_cannot_say_is_asked_again_and_nothing_is_sent_meanwhile(street: Street) -> None:
    provider(street).remembers = lambda _: Said("retry", "http_500")

    assert await told_after_a_timeout(street) == ["timeout", "http_500"]
    assert len(provider(street).sent) == 1
    provider(street).remembers = lambda _: Said("accepted", "1")
    await street.later(timedelta(hours=1))

    assert (await street.answer("accepted"))["state"] == "told"
    assert len(provider(street).sent) == 1


async def test_a_try_whose_end_nobody_wrote_is_in_the_log_as_cut(street: Street) -> None:
    """A process that was killed left `begun` behind."""
    _, story = await street.reported({"phone": PHONE})
    street.wire.cut = True
    await street.news(story)
    now = street.town.clock.now()
    begun = {"channel": "sms_aliyun", "at": now, "real_at": now}
    await street.residents.answers.collection.update_many({}, {"$set": {"begun": begun}})
    street.wire.cut = False
    provider(street).remembers = lambda _: Said("delivered", "3")
    await street.later(timedelta(hours=1))

    [line] = await street.log("p-jia-1", story)
    attempts = line["attempts"]
    assert isinstance(attempts, list)
    assert [(each["code"], "unsure_at" in each) for each in attempts] == [("cut", True), ("3", False)]
    assert provider(street).sent == []


async def test_two_replicas_tell_each_reporter_once(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_street(mongo_url, mongo_name, tmp_path, monkeypatch) as street, another(street, mongo_url) as second:
        stories = [(await street.reported({"phone": f"139{number:08d}"}))[1] for number in range(30)]
        await street.news(*stories)

        addresses = [*street.sms.addresses, *second.addresses]
        assert sorted(addresses) == [f"139{number:08d}" for number in range(30)]
        assert second.sent, "both had their share"
        assert street.sms.sent


@asynccontextmanager
async def another(street: Street, mongo_url: str) -> AsyncIterator[Provider]:
    """A second notify over the same store and bus, with a provider of its own."""
    sms, settings = Provider("sms_aliyun"), street.town.settings
    to_intake = httpx.AsyncClient(transport=street.wire, base_url="http://intake.test")
    async with office(
        mongo_url, settings.database_prefix, settings.local, bus=street.office.bus, clock=street.town.clock,
        senders={sms.name: sms}, intake=to_intake,
    ):  # fmt: skip
        yield sms
