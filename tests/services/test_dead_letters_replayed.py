"""Dead letters of the real readers, on the real engines: the cause is mended, they go back, and nothing is doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.notify import app as notify
from services.notify.notify import Notify
from services.router import app as router
from services.router.read_at_last import UNREADABLE
from shaoyin.__main__ import main
from shaoyin.adapters.bus import Bus, Message
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.topics import CASES, MEMBERS, REPLAYS, REPORTS, Topic
from shaoyin.dead_letters_command import Asked, done
from shaoyin.domain.pack import Pack
from tests.domain.town import wulibao
from tests.services.intake_setup import Town, until
from tests.services.intake_setup import town as a_town

pytestmark = pytest.mark.engines
OTHER = {"kangning": replace(wulibao(), name="kangning")}
BOTH = OTHER | {"wulibao": wulibao()}


@pytest.fixture
async def town(kafka_address: str, mongo_url: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Town]:
    bus = KafkaBus(kafka_address, prefix=topic_prefix, copies=1)
    await bus.start()
    try:
        async with a_town(mongo_url, tmp_path, bus=bus) as found:
            yield found
    finally:
        await bus.stop()


@dataclass
class Others:
    """The router and notify beside intake, as they were started last."""

    town: Town
    router: router.Router
    notify: Notify

    async def cases(self) -> list[Document]:
        cases = self.town.client[self.town.settings.database("router")]["cases"]
        return await cases.find({}).sort("_id").to_list(100)

    async def alerts(self) -> int:
        count: int = await self.notify.deliveries.collection.count_documents({"kind": "new_case"})
        return count

    async def all_read(self) -> bool:
        """Nothing is left of any topic that somebody reads."""
        read = [("router", REPORTS), ("intake", CASES), ("notify", CASES), ("notify", MEMBERS)]
        return all([await behind(self.town.bus, group, topic) == 0 for group, topic in read])


@asynccontextmanager
async def others(town: Town, packs: Mapping[str, Pack]) -> AsyncIterator[Others]:
    settings, clock, bus, client, keys = town.settings, town.clock, town.bus, town.client, town.issuer
    async with (
        router.running(settings, clock, bus, client, packs, keys, keys) as routing,
        notify.running(settings, clock, bus, client, packs, keys) as telling,
    ):
        yield Others(town, routing, telling)


async def behind(bus: Bus, group: str, topic: Topic) -> int:
    committed = await bus.committed(group, topic.name)
    ends = await bus.stretches(topic.name)
    return sum(each.end - committed.get(number, 0) for number, each in ends.items())


async def told(town: Town, what: str, **asked: object) -> str:
    said: list[str] = []
    await done(town.bus, Asked(what, **asked), said.append)  # type: ignore[arg-type]
    return "".join(said)


async def test_a_report_of_an_unknown_community_is_routed_once_it_is_known(town: Town) -> None:
    async with others(town, OTHER) as before:
        receipt = await town.taken()
        await until(lambda: so(before, cases=1), within=30)
        await until(before.all_read, within=30)
        assert (await before.cases())[0]["pack"] == "kangning", "the matter has an owner meanwhile (row 78)"
        assert (await town.progress(receipt["query_code"]))["state"] == "reported"
        assert "unknown_community" in await told(town, "list")

    async with others(town, BOTH) as after:
        assert "1 sent again" in await told(town, "replay")
        await until(lambda: so(after, cases=2), within=30)
        await until(lambda: follows(town, receipt["query_code"], "dispatched"), within=20)
        await until(after.all_read, within=30)
        bare, whole = await after.cases()
        assert [each["channel"] for each in (bare["history"][0], whole["history"][0])] == [UNREADABLE, "form"]
        known = (bare["version"], whole["version"], await after.alerts())
        assert known[2] > 0

        assert await told(town, "list") == await told(town, "replay") == "没有 / none\n"
        assert "1 sent again" in await told(town, "replay", again=True)
        await until(after.all_read, within=30)
        assert [each["version"] for each in await after.cases()] == [*known[:2]]
        assert await after.alerts() == known[2]


async def test_news_that_notify_could_not_use_raises_its_alerts_once(town: Town) -> None:
    packs = BOTH
    async with others(town, packs) as both:
        both.notify.raising.packs = OTHER
        receipt = await town.taken()
        await until(lambda: so(both, cases=1), within=30)
        await until(lambda: follows(town, receipt["query_code"], "dispatched"), within=20)
        await until(both.all_read, within=30)
        assert await both.alerts() == 0
        assert "unknown_pack" in await told(town, "list", topics=(CASES,))

        both.notify.raising.packs = packs
        for again in (False, True):
            await told(town, "replay", topics=(CASES,), again=again)
            await until(both.all_read, within=30)
            assert await both.alerts() == 1
        version = (await both.cases())[0]["version"]
        assert (await town.progress(receipt["query_code"]))["state"] == "dispatched"
        assert version == len((await both.cases())[0]["history"])
        assert "none" in await told(town, "list")


async def test_what_nobody_can_ever_read_dies_again_and_is_dismissed(town: Town) -> None:
    headers = (("ce_id", b"x"), ("ce_type", b"nothing.known"), ("ce_specversion", b"1.0"))
    async with others(town, BOTH) as both:
        await town.bus.send([Message(topic.name, b"x", b"{", headers) for topic in (REPORTS, CASES, REPLAYS, MEMBERS)])
        await until(lambda: says(town, 5), within=30)
        assert "replays" in await told(town, "list", topics=(REPLAYS,))

        assert "1 sent again" in await told(town, "replay", topics=(REPLAYS,))
        await until(lambda: says(town, 5), within=30)
        await told(town, "dismiss")

        assert await told(town, "list") == "没有 / none\n"
        assert both.router.jobs.crashed == []


async def so(others: Others, cases: int) -> bool:
    return len(await others.cases()) >= cases


async def follows(town: Town, code: str, state: str) -> bool:
    return (await town.progress(code))["state"] == state


async def says(town: Town, letters: int) -> bool:
    return (await told(town, "list")).count("open") == letters


def test_the_command_line_reaches_the_broker_of_the_settings(
    kafka_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"ENV": "test", "LOCAL": str(tmp_path), "KAFKA": kafka_address}.items():
        monkeypatch.setenv(f"SHAOYIN_{name}", value)

    assert main(["dead-letters", "list", "--json"]) == 0
    assert main(["dead-letters", "replay", "members", "--id", "nobody:1"]) == 1
    assert main(["dead-letters", "replay"]) == 2, "of everything at once only when that is said"
    with pytest.raises(SystemExit):
        main(["dead-letters", "list", "nothing"])

    monkeypatch.setenv("SHAOYIN_KAFKA", "127.0.0.1:9")
    assert main(["dead-letters", "list"]) == 1
    assert "Kafka cannot be reached" in capsys.readouterr().out
    monkeypatch.setenv("SHAOYIN_BUS", "memory")
    assert main(["dead-letters", "list"]) == 2
